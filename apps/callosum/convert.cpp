#include "convert.h"

#include <array>
#include <filesystem>
#include <iostream>

#include "apps/common/exit_codes.h"
#include "callosum/core/error.h"
#include "callosum/core/whole_file.h"
#include "callosum/data/hdf5_file.h"
#include "callosum/data/hdf5_writer.h"
#include "callosum/format/write_network.h"
#include "callosum/nir/graph_of.h"
#include "callosum/nir/network_of.h"
#include "callosum/sonata/circuit_of.h"
#include "load.h"

namespace callosum::app {

namespace fs = std::filesystem;

namespace {

constexpr std::array discretisations = {
    std::pair{"exact", nir::NirSteps::exact}, std::pair{"euler", nir::NirSteps::euler},
    std::pair{"norse", nir::NirSteps::norse}, std::pair{"snntorch", nir::NirSteps::snntorch}};

nir::NirSteps steps(const std::string& name) {
  for (const auto& [known, value] : discretisations)
    if (name == known) return value;
  throw NameError({.where = "option --steps", .what = "no such discretisation", .got = name});
}

void tell(const std::string& what, const std::vector<std::string>& sentences) {
  for (const std::string& sentence : sentences) std::cerr << what << ": " << sentence << '\n';
}

Loaded load_nir(const ConvertCommand& command) {
  nir::NirOptions options;
  options.dt = parse_quantity(command.dt);
  options.steps = steps(command.steps);
  options.milliseconds = command.milliseconds;
  nir::NirNetwork read = nir::network_of(nir::read_nir(command.from), options);
  Loaded loaded;
  loaded.file.network = std::move(read.network);
  loaded.file.title = fs::path(command.from).stem().string();
  loaded.assumptions = std::move(read.assumptions);
  return loaded;
}

/// Long lists of numbers go into an HDF5 file beside the network file.
void write_network_file(const ConvertCommand& command, const format::NetworkFile& file) {
  const fs::path arrays = fs::path(command.to).replace_extension(".h5");
  std::optional<data::Hdf5Writer> out;
  int lists = 0;
  const format::ArrayStore store{
      .put = [&](const std::string&, std::span<const double> numbers, const std::string& unit) {
        if (!out) out.emplace(arrays);
        const std::string list = "list_" + std::to_string(lists++);
        out->numbers("/" + list, {numbers.size()}, {numbers.begin(), numbers.end()}, false, true);
        return format::array_reference(arrays.filename().string(), list, unit);
      }};
  const std::string text = format::write_network(file, store);
  if (out) out->commit();
  write_whole_file(command.to, text, "convert");
}

}  // namespace

int convert(const ConvertCommand& command) {
  const bool from_nir = command.from.ends_with(".nir");
  format::NetworkOverrides overrides;
  overrides.arrays = data::read_hdf5_numbers;
  Loaded loaded = from_nir ? load_nir(command) : load(command.from, overrides);
  tell("assumed", loaded.assumptions);
  if (!command.time.empty()) loaded.file.duration = command.time;
  if (loaded.file.duration.empty()) loaded.file.duration = "1 s";
  const Network& network = loaded.file.network;
  if (command.to.ends_with(".toml")) {
    write_network_file(command, loaded.file);
    std::cout << command.to << '\n';
  } else if (command.to.ends_with(".nir")) {
    nir::NirExport graph =
        nir::graph_of(network, {.steps = steps(command.steps), .seed = command.seed});
    tell("not kept", graph.losses);
    nir::write_nir(command.to, graph.graph);
    std::cout << command.to << '\n';
  } else if (const fs::path to = command.to; to.extension().empty()) {
    std::cout << sonata::write_circuit(
                     to, network,
                     {.seed = command.seed, .duration = parse_quantity(loaded.file.duration)})
                     .string()
              << '\n';
  } else {
    throw UnsupportedError({.where = "convert",
                            .what = "the name of the result says no format that is known",
                            .got = command.to,
                            .expected = "FILE.toml, FILE.nir, or a folder for a SONATA circuit"});
  }
  return success;
}

}  // namespace callosum::app
