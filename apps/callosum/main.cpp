#include <unistd.h>

#include <filesystem>
#include <string>
#include <string_view>

#include "callosum/core/error.h"
#include "callosum/core/ranks.h"
#include "commands.h"

namespace {

int dispatch(const callosum::app::Command& command) {
  using Kind = callosum::app::Command::Kind;
  // From here on all ranks of a launcher know of each other, and one tells of what all run into.
  const auto ranks = callosum::launched_ranks();
  if (ranks && command.kind != Kind::run && command.kind != Kind::finished)
    throw callosum::UnsupportedError({.where = "callosum",
                                      .what = "only `run` shares its work among ranks",
                                      .got = std::to_string(ranks->size()) + " ranks",
                                      .expected = "one process"});
  switch (command.kind) {
    case Kind::run:
      return callosum::app::run(command.run);
    case Kind::model:
      return callosum::app::model(command.model);
    case Kind::data:
      return callosum::app::data(command.data);
    case Kind::convert:
      return callosum::app::convert(command.convert);
    case Kind::reproduce:
      return callosum::app::reproduce(command.reproduce);
    case Kind::runs:
      return callosum::app::runs(command.runs);
    case Kind::finished:
      break;
  }
  return command.exit_code;
}

/// Learning stands on libtorch, which takes half a second to load: a program of its own, beside
/// this one, takes the place of this process.
void become_learning_program(char** argv) {
  std::error_code none;
  const auto program =
      std::filesystem::read_symlink("/proc/self/exe", none).parent_path() / "callosum-train";
  execv(program.c_str(), argv);
  throw callosum::ResourceError({.where = std::string("callosum ") + argv[1],
                                 .what = "its program is not there",
                                 .got = program.string(),
                                 .expected = "a build with libtorch (make test installs it)"});
}

}  // namespace

int main(int argc, char** argv) {
  return callosum::app::exit_code_of([&] {
    if (argc > 1 && (std::string_view(argv[1]) == "train" || std::string_view(argv[1]) == "eval"))
      become_learning_program(argv);
    return dispatch(callosum::app::read_command_line(argc, argv));
  });
}
