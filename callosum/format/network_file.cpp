#include "callosum/format/network_file.h"

#include <fstream>
#include <sstream>

#include "callosum/format/document.h"
#include "callosum/format/network_reader.h"
#include "callosum/format/write_network.h"

namespace callosum::format {

NetworkFile read_network_text(const std::string& toml, const std::string& file,
                              const NetworkOverrides& overrides) {
  const Document document = parse_document(toml, file);
  NetworkFile result = NetworkReader(document, overrides).read();
  result.resolved = write_network(result);
  return result;
}

NetworkFile read_network(const std::string& path, const NetworkOverrides& overrides) {
  std::ifstream in(path, std::ios::binary);
  std::ostringstream text;
  if (!in || !(text << in.rdbuf()))
    throw FileError(
        {.where = path, .what = "the network file cannot be read", .expected = "a TOML file"});
  return read_network_text(text.str(), path, overrides);
}

}  // namespace callosum::format
