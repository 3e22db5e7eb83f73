#include <nanobind/stl/filesystem.h>

#include "callosum/nwb/write_nwb.h"
#include "callosum/sonata/circuit_of.h"
#include "callosum/sonata/network_of.h"
#include "convert.h"

namespace callosum::python {

using sonata::SonataNetwork;
namespace fs = std::filesystem;

void bind_sonata(nb::module_& m) {
  nb::module_ part = m.def_submodule(
      "sonata", "SONATA circuits of point neurons: read, written, and run (docs/guide/sonata.md).");
  nb::class_<SonataNetwork>(part, "Imported", "A SONATA circuit and simulation as a network.")
      .def_prop_ro(
          "network", [](const SonataNetwork& s) { return Network(s.network); },
          "A copy: spikes of all neurons and the reports are recorded.")
      .def_prop_ro(
          "duration",
          [](const SonataNetwork& s) {
            return Quantity::from_internal(s.config.tstop_ms, dimension::time);
          },
          "The simulation's tstop.")
      .def_prop_ro(
          "seed", [](const SonataNetwork& s) { return s.config.seed; }, "None where none is given.")
      .def_ro("assumptions", &SonataNetwork::assumptions,
              "What was assumed because the files do not say it, and what of them is not used.")
      .def(
          "node_ids",
          [](const SonataNetwork& s, const std::string& population) {
            const auto found = s.origins.find(population);
            if (found == s.origins.end())
              throw NameError({.where = "node_ids",
                               .what = "the network has no such population",
                               .got = population});
            std::vector<double> ids(found->second.ids.begin(), found->second.ids.end());
            const std::size_t n = ids.size();
            return nb::make_tuple(found->second.nodes,
                                  new_array(std::move(ids), {n}).attr("astype")("uint64"));
          },
          "population"_a, "The nodes that a population's neurons are: (population of nodes, ids).")
      .def(
          "write_output",
          [](const SonataNetwork& s, const Recording& r) {
            if (r.traces.size() <
                s.network.recorders().size() -
                    static_cast<std::size_t>(std::count_if(
                        s.network.recorders().begin(), s.network.recorders().end(),
                        [](const Recorder& one) { return one.kind != Recorder::Kind::variable; })))
              throw ValueError({.where = "write_output",
                                .what = "the recording is not of this circuit's network",
                                .got = std::to_string(r.traces.size()) + " traces"});
            std::vector<std::string> files;
            for (const fs::path& path : sonata::write_output(s, r)) files.push_back(path.string());
            return files;
          },
          "recording"_a, "Writes spikes and reports where the configuration says; the files.")
      .def("__repr__", [](const SonataNetwork& s) {
        return "<SONATA circuit '" + s.network.name() +
               "': " + std::to_string(s.network.neurons()) + " neurons, " +
               std::to_string(s.network.projections().size()) + " projections, dt " +
               to_string(s.network.grid().dt()) + ">";
      });
  part.def("read", &sonata::read_sonata, "path"_a,
           "Reads simulation_config.json or circuit_config.json and all that they name.");
  part.def(
      "write",
      [](const fs::path& folder, const Network& network, std::uint64_t seed, nb::handle duration) {
        return sonata::write_circuit(
                   folder, network,
                   {.seed = seed, .duration = to_quantity(duration, "sonata.write, duration")})
            .string();
      },
      "folder"_a, "network"_a, nb::kw_only(), "seed"_a = 1, "duration"_a = "1 s",
      "Writes a network as a circuit and a simulation; what rules draw is drawn with the seed. "
      "Returns the path of simulation_config.json.");
  part.def(
      "write_spikes",
      [](const fs::path& path, const Recording& r) { sonata::write_spikes(path, r); }, "path"_a,
      "recording"_a, "All recorded spikes, by time; nodes are the neurons of each population.");
  part.def(
      "write_report",
      [](const fs::path& path, const Recording& r, const std::string& variable) {
        sonata::write_report(path, r, variable);
      },
      "path"_a, "recording"_a, "variable"_a, "All recorded traces of a variable.");

  nb::module_ nwb = m.def_submodule("nwb", "Neurodata Without Borders.");
  nwb.def(
      "write",
      [](const fs::path& path, const Recording& r, const std::string& description,
         const std::string& start) {
        callosum::nwb::write_nwb(path, r, {.description = description, .start = start});
      },
      "path"_a, "recording"_a, nb::kw_only(), "description"_a = "", "start"_a = "",
      "Spikes as /units, in seconds; traces as TimeSeries in /acquisition. start: ISO 8601 with a "
      "zone, now when not given.");
}

}  // namespace callosum::python
