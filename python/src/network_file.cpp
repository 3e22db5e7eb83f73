#include "callosum/data/hdf5_file.h"
#include "callosum/format/write_network.h"
#include "convert.h"

namespace callosum::python {
namespace {

format::NetworkFile read(const std::string& path, double scale, nb::handle dt,
                         const std::map<std::string, nb::object>& set) {
  format::NetworkOverrides overrides;
  overrides.scale = scale;
  overrides.arrays = data::read_hdf5_numbers;
  const auto text = [](nb::handle value, const char* where) {
    return nb::isinstance<nb::str>(value) ? nb::cast<std::string>(value)
                                          : to_string(to_quantity(value, where));
  };
  if (!dt.is_none()) overrides.dt = text(dt, "read_network, dt");
  for (const auto& [name, value] : set) overrides.set[name] = text(value, "read_network, set");
  return format::read_network(path, overrides);
}

}  // namespace

void bind_network_file(nb::module_& m) {
  using format::NetworkFile;
  nb::class_<NetworkFile>(m, "NetworkFile", "What a network file says.")
      .def_ro("network", &NetworkFile::network)
      .def_ro("duration", &NetworkFile::duration)
      .def_ro("title", &NetworkFile::title)
      .def_ro("reference", &NetworkFile::reference)
      .def_ro("doc", &NetworkFile::doc)
      .def_ro("seed", &NetworkFile::seed)
      .def_prop_ro(
          "text", [](const NetworkFile& f) { return format::write_network(f); },
          "The file with every default written out; reading it gives an equal network.")
      .def("__repr__", [](const NetworkFile& f) {
        return "<network file: " + std::string(nb::repr(nb::cast(f.network)).c_str()) + ">";
      });
  m.def("read_network", &read, "path"_a, nb::kw_only(), "scale"_a = 1.0, "dt"_a = nb::none(),
        "set"_a = std::map<std::string, nb::object>(),
        "Reads a network file (docs/guide/network-file.md); `set` takes "
        "{\"population.parameter\": value}.");
}

}  // namespace callosum::python
