#include "load.h"

#include <filesystem>

#include "apps/common/network_path.h"
#include "callosum/core/error.h"
#include "callosum/format/write_network.h"

namespace callosum::app {

namespace fs = std::filesystem;

std::string sonata_path(const std::string& name) {
  std::error_code ignored;
  if (name.ends_with(".json")) return name;
  if (fs::is_directory(name, ignored))
    for (const char* file : {"simulation_config.json", "config.json", "circuit_config.json"})
      if (fs::is_regular_file(fs::path(name) / file, ignored))
        return (fs::path(name) / file).string();
  return "";
}

namespace {

Loaded load_sonata(const std::string& path, const format::NetworkOverrides& overrides) {
  if (overrides.scale != 1 || !overrides.dt.empty() || !overrides.set.empty())
    throw UnsupportedError({.where = path,
                            .what = "a SONATA circuit is run as it is: --scale, --dt and --set are "
                                    "for network files",
                            .expected = "`callosum convert` makes one of it"});
  Loaded loaded;
  loaded.sonata = sonata::read_sonata(path);
  loaded.assumptions = loaded.sonata->assumptions;
  loaded.file.network = loaded.sonata->network;
  loaded.file.duration =
      to_string(Quantity::from_internal(loaded.sonata->config.tstop_ms, dimension::time));
  loaded.file.title = loaded.file.network.name();
  loaded.file.doc = "SONATA circuit " + path;
  loaded.file.seed = loaded.sonata->config.seed;
  loaded.file.resolved = format::write_network(loaded.file);
  return loaded;
}

}  // namespace

Loaded load(const std::string& name, const format::NetworkOverrides& overrides) {
  if (const std::string path = sonata_path(name); !path.empty())
    return load_sonata(path, overrides);
  return {.file = format::read_network(network_path(name), overrides)};
}

}  // namespace callosum::app
