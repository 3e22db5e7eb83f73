#include <unistd.h>

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>

#include "callosum/core/error.h"
#include "callosum/data/hdf5_writer.h"
#include "callosum/nir/network_of.h"
#include "callosum/sonata/network_of.h"

// Files of other programs, whatever they hold. The first line says which reader: "nir", "nodes",
// "edges", "spikes", "circuit" or "simulation". For the last two the rest is the JSON text. For the
// others it is a recipe of an HDF5 file, a line each: `n PATH ROWS COLUMNS number ...` (0 columns:
// a list, 0 rows as well: a single number), `t PATH text ...`, `a PATH NAME text`. So it is what
// our readers make of a file that is tested, not how the HDF5 library takes damaged bytes, of which
// tests/data/hdf5_test.cpp has its share.
namespace {

namespace fs = std::filesystem;
using namespace callosum;

struct Folder {
  Folder() : path(fs::temp_directory_path() / ("callosum-fuzz-" + std::to_string(getpid()))) {
    fs::create_directories(path);
  }
  ~Folder() {
    std::error_code ignored;
    fs::remove_all(path, ignored);
  }
  fs::path path;
};

void cook_line(data::Hdf5Writer& out, std::istringstream& line) {
  std::string kind, path;
  if (!(line >> kind >> path) || path.size() > 200) return;
  if (kind == "n") {
    std::size_t rows = 0, columns = 0;
    std::vector<double> values;
    line >> rows >> columns;
    for (double x; line >> x;) values.push_back(x);
    std::vector<std::size_t> shape;
    if (rows + columns > 0) shape = columns == 0 ? std::vector{rows} : std::vector{rows, columns};
    std::size_t count = 1;
    for (std::size_t n : shape) count *= n;
    if (count > 4096) return;
    values.resize(count);
    out.numbers(path, shape, values);
  } else if (kind == "t") {
    std::vector<std::string> texts;
    for (std::string text; line >> text;) texts.push_back(text);
    if (texts.size() == 1) return out.texts(path, {}, texts);
    // Edges of a NIR graph are pairs.
    if (path.ends_with("edges")) return out.texts(path, {texts.size() / 2, 2}, texts);
    out.texts(path, {texts.size()}, texts);
  } else if (kind == "a") {
    std::string name, text;
    if (line >> name >> text) out.attribute(path, name, text);
  }
}

void cook(const fs::path& path, std::istream& recipe) {
  data::Hdf5Writer out(path);
  for (std::string text; std::getline(recipe, text);) try {
      std::istringstream line(text);
      cook_line(out, line);
    } catch (const Error&) {  // two data sets of one name and the like: the others stay
    }
  out.commit();
}

/// Small enough to be simulated; larger ones are refused where memory ends.
bool small(const nir::NirGraph& graph) {
  for (const auto& [name, node] : graph.nodes) {
    for (const auto& [key, array] : node.numbers)
      for (double x : array.values)
        if (!(x > -64 && x < 64)) return false;
    for (const auto& inner : node.graph)
      if (!small(inner)) return false;
  }
  return graph.nodes.size() < 16;
}

void read(const std::string& reader, std::istream& rest, const fs::path& folder) {
  const fs::path file = folder / "file";
  if (reader == "circuit" || reader == "simulation") {
    std::ofstream(file) << rest.rdbuf();
    if (reader == "circuit")
      sonata::read_circuit_config(file);
    else
      sonata::read_simulation_config(file);
    return;
  }
  cook(file, rest);
  if (reader == "nir") {
    const nir::NirGraph graph = nir::read_nir(file.string());
    if (small(graph)) nir::network_of(graph);
  } else if (reader == "spikes") {
    sonata::read_spikes(file);
  } else if (reader == "nodes" || reader == "edges") {
    sonata::Circuit circuit;
    if (reader == "nodes") circuit.nodes = sonata::read_nodes({file, ""}, folder);
    if (reader == "edges") circuit.edges = sonata::read_edges({file, ""}, folder);
    sonata::network_of(circuit, {.file = file}, {.file = file});
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const Folder folder;
  std::istringstream text(std::string(reinterpret_cast<const char*>(data), size));
  std::string reader;
  std::getline(text, reader);
  try {
    read(reader, text, folder.path);
  } catch (const callosum::Error&) {
  }
  return 0;
}
