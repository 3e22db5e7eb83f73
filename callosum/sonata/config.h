#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <variant>
#include <vector>

namespace callosum::sonata {

/// A table of nodes or edges and the types it refers to.
struct TableFiles {
  std::filesystem::path table, types;  ///< types: "" where there is none
};

/// circuit_config.json (SONATA guide, "Tying it all together"); paths are written out.
struct CircuitConfig {
  std::filesystem::path file;
  std::vector<TableFiles> nodes = {}, edges = {};
  std::filesystem::path neuron_models = {},
                        synapse_models = {};  ///< folders of dynamics_params files
  std::string simulator = {};                 ///< "NEST", "NEURON", ...; often missing
};

/// One value that an attribute of a node may have in a node set.
using Scalar = std::variant<double, std::string>;

/// Nodes chosen by their attributes, all of which must hold, or the union of other sets.
struct NodeSet {
  std::map<std::string, std::vector<Scalar>> rules = {};
  std::vector<std::string> parts = {};
};

/// What drives a circuit: "spikes" of virtual nodes from a file, a "current_clamp", or a stimulus
/// of input_type "callosum"; with what else its entry says.
struct Input {
  std::string name, type, module, node_set;
  std::filesystem::path file = {};
  std::map<std::string, double> numbers = {};
  std::map<std::string, std::string> texts = {};
};

/// A variable of some nodes that is to be written.
struct Report {
  std::string name, cells, variable;
  std::string file_name = {};  ///< "" : <name>.h5
  std::optional<double> dt_ms = {};
};

/// NEURON's name of the potential, "v", is not ours.
inline std::string variable_name(const Report& report) {
  return report.variable == "v" ? "V_m" : report.variable;
}

/// simulation_config.json (SONATA guide, "Representing Simulations"). Times in ms.
struct SimulationConfig {
  std::filesystem::path file, circuit = {};
  double tstop_ms = 1000, dt_ms = 0.1;
  std::optional<double> v_init_mV = {};
  std::optional<std::uint64_t> seed = {};
  std::vector<Input> inputs = {};
  std::vector<Report> reports = {};
  std::map<std::string, NodeSet> node_sets = {};
  std::filesystem::path output_dir = "output";
  std::string spikes_file = "spikes.h5";
  std::string simulator = {};
};

/// Throws FileError, SyntaxError, NameError and ValueError naming the file and the key.
CircuitConfig read_circuit_config(const std::filesystem::path& path);
/// Takes a circuit's file as well, with the default times, and one that names both files
/// ("network" and "simulation"), as BMTK writes.
SimulationConfig read_simulation_config(const std::filesystem::path& path);
/// Numbers by name, of a dynamics_params file. Throws what the above throw.
std::map<std::string, double> read_parameters(const std::filesystem::path& path);

}  // namespace callosum::sonata
