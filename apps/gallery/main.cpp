// gallery ROOT FILE: the gallery of the committed results below ROOT.
#include <iostream>

#include "apps/common/exit_codes.h"
#include "callosum/core/whole_file.h"
#include "callosum/experiment/gallery.h"

int main(int argc, char** argv) {
  using namespace callosum;
  return app::exit_code_of([&]() -> int {
    if (argc != 3) {
      std::cerr << "usage: gallery ROOT FILE, as in: gallery . "
                   "docs/gallery/index.html\n";
      return app::usage_error;
    }
    write_whole_file(argv[2], experiment::gallery_html(experiment::exhibits(argv[1])), "gallery");
    return app::success;
  });
}
