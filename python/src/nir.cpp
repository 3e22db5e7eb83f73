#include <nanobind/operators.h>
#include <nanobind/stl/pair.h>

#include "callosum/nir/graph.h"
#include "callosum/nir/graph_of.h"
#include "callosum/nir/network_of.h"
#include "convert.h"

namespace callosum::python {
namespace {

using nir::NirArray;
using nir::NirGraph;
using nir::NirNode;

nb::object to_python(const NirArray& a) {
  nb::object array = new_array(std::vector<double>(a.values), a.shape);
  if (a.whole) array = array.attr("astype")("int64");
  return array;
}

nb::dict to_python(const NirGraph& graph);

nb::dict to_python(const NirNode& node) {
  if (!node.graph.empty()) return to_python(node.graph.front());
  nb::dict result;
  result["type"] = node.type;
  for (const auto& [name, array] : node.numbers) result[name.c_str()] = to_python(array);
  for (const auto& [name, text] : node.texts) result[name.c_str()] = text;
  return result;
}

nb::dict to_python(const NirGraph& graph) {
  nb::dict nodes, result;
  for (const auto& [name, node] : graph.nodes) nodes[name.c_str()] = to_python(node);
  nb::list edges;
  for (const auto& [from, to] : graph.edges) edges.append(nb::make_tuple(from, to));
  result["type"] = "NIRGraph";
  result["nodes"] = nodes;
  result["edges"] = edges;
  return result;
}

NirGraph graph_from(nb::handle given, const std::string& where);

NirNode node_from(nb::handle given, const std::string& where) {
  NirNode node;
  const auto fields = nb::cast<nb::dict>(given);
  if (!fields.contains("type"))
    throw NameError({.where = where, .what = "the node has no type", .expected = "\"type\""});
  node.type = nb::cast<std::string>(fields["type"]);
  if (node.type == "NIRGraph") {
    node.graph.push_back(graph_from(given, where + ", "));
    return node;
  }
  const nb::module_ numpy = nb::module_::import_("numpy");
  for (const auto& [key, value] : fields) {
    const auto name = nb::cast<std::string>(key);
    // As nir.write does: None and empty metadata are left out; types are inferred.
    if (name == "type" || name == "metadata" || value.is_none()) continue;
    if (nb::isinstance<nb::dict>(value)) continue;
    if (nb::isinstance<nb::str>(value)) {
      node.texts[name] = nb::cast<std::string>(value);
      continue;
    }
    nb::object array = numpy.attr("asarray")(value);
    const auto kind = nb::cast<std::string>(array.attr("dtype").attr("kind"));
    NirArray numbers;
    numbers.whole = kind == "i" || kind == "u";
    for (nb::handle n : nb::cast<nb::tuple>(array.attr("shape")))
      numbers.shape.push_back(nb::cast<std::size_t>(n));
    numbers.values = to_numbers(array.attr("ravel")(), where + ", " + name);
    node.numbers[name] = std::move(numbers);
  }
  return node;
}

NirGraph graph_from(nb::handle given, const std::string& where) {
  NirGraph graph;
  const auto fields = nb::cast<nb::dict>(given);
  for (const auto& [key, value] : nb::cast<nb::dict>(fields["nodes"])) {
    const auto name = nb::cast<std::string>(key);
    graph.nodes[name] = node_from(value, where + "node '" + name + "'");
  }
  for (nb::handle edge : fields["edges"])
    graph.edges.emplace_back(nb::cast<std::string>(edge[nb::int_(0)]),
                             nb::cast<std::string>(edge[nb::int_(1)]));
  nir::check_nir(graph, where);
  return graph;
}

constexpr std::array steps = {
    std::pair{"exact", nir::NirSteps::exact}, std::pair{"euler", nir::NirSteps::euler},
    std::pair{"norse", nir::NirSteps::norse}, std::pair{"snntorch", nir::NirSteps::snntorch}};

nir::NirSteps steps_of(const std::string& discretisation, const char* where) {
  const auto at = std::find_if(steps.begin(), steps.end(),
                               [&](const auto& s) { return discretisation == s.first; });
  if (at != steps.end()) return at->second;
  const std::vector<std::string> known = {"exact", "euler", "snntorch", "norse"};
  throw NameError({.where = std::string(where) + ", discretisation",
                   .what = "there is no such discretisation",
                   .got = discretisation,
                   .expected = "exact, euler, norse or snntorch",
                   .nearest = nearest_name(discretisation, known)});
}

nir::NirNetwork network(const NirGraph& graph, nb::handle dt, const std::string& discretisation,
                        bool milliseconds, const nb::dict& inputs) {
  nir::NirOptions options;
  options.dt = to_quantity(dt, "nir.network, dt");
  options.milliseconds = milliseconds;
  options.steps = steps_of(discretisation, "nir.network");
  const nb::module_ numpy = nb::module_::import_("numpy");
  for (const auto& [key, value] : inputs) {
    const auto name = nb::cast<std::string>(key);
    const nb::object array = numpy.attr("asarray")(value);
    const bool spikes = nb::cast<std::string>(array.attr("dtype").attr("kind")) == "b";
    const auto found = graph.nodes.find(name);
    if (found == graph.nodes.end() || found->second.type != "Input")
      throw NameError(
          {.where = "nir.network, inputs", .what = "the graph has no such Input", .got = name});
    (spikes ? options.spikes : options.values)[name] = to_numbers(
        array.attr("ravel")().attr("astype")("float64"), "nir.network, input '" + name + "'");
  }
  return nir::network_of(graph, options);
}

}  // namespace

void bind_nir(nb::module_& m) {
  nb::module_ part = m.def_submodule(
      "nir", "The Neuromorphic Intermediate Representation: graphs read, written, and run.");
  nb::class_<NirGraph>(part, "Graph", "A NIR graph: nodes by name, and edges.")
      .def_static(
          "from_dict", [](const nb::dict& given) { return graph_from(given, ""); }, "graph"_a,
          "From {\"nodes\": {name: {\"type\": ..., ...}}, \"edges\": [(from, to)]}: what to_dict() "
          "of the package nir gives.")
      .def(
          "to_dict", [](const NirGraph& g) { return to_python(g); },
          "What nir.dict2NIRNode of the package nir takes.")
      .def_prop_ro("nodes",
                   [](const NirGraph& g) {
                     const nb::dict all = to_python(g);
                     return nb::dict(all["nodes"]);
                   })
      .def_ro("edges", &NirGraph::edges)
      .def(
          "write", [](const NirGraph& g, const std::string& path) { nir::write_nir(path, g); },
          "path"_a)
      .def(nb::self == nb::self)
      .def("__repr__", [](const NirGraph& g) {
        return "<NIR graph: " + std::to_string(g.nodes.size()) + " nodes, " +
               std::to_string(g.edges.size()) + " edges>";
      });
  nb::class_<nir::NirNetwork>(part, "Imported", "A NIR graph as a network.")
      .def_prop_ro(
          "network", [](const nir::NirNetwork& n) { return Network(n.network); },
          "A copy: add recorders and stimuli to it before it is simulated.")
      .def_ro("populations", &nir::NirNetwork::populations,
              "Population of each input, node with a state, and output.")
      .def_ro("shapes", &nir::NirNetwork::shapes)
      .def_ro("inputs", &nir::NirNetwork::inputs)
      .def_ro("outputs", &nir::NirNetwork::outputs)
      .def_ro("assumptions", &nir::NirNetwork::assumptions,
              "What was assumed because the graph does not say it.")
      .def("__repr__", [](const nir::NirNetwork& n) {
        return "<imported NIR graph: " + std::to_string(n.network.neurons()) + " neurons, " +
               std::to_string(n.network.projections().size()) + " projections>";
      });
  nb::class_<nir::NirExport>(part, "Exported", "A network as a NIR graph.")
      .def_ro("graph", &nir::NirExport::graph)
      .def_ro("losses", &nir::NirExport::losses, "What the graph does not hold.")
      .def("__repr__", [](const nir::NirExport& e) {
        return "<exported NIR graph: " + std::to_string(e.graph.nodes.size()) + " nodes, " +
               std::to_string(e.graph.edges.size()) + " edges>";
      });
  part.def(
      "export",
      [](const Network& network, const std::string& discretisation, std::uint64_t seed) {
        return nir::graph_of(network,
                             {.steps = steps_of(discretisation, "nir.export"), .seed = seed});
      },
      "network"_a, nb::kw_only(), "discretisation"_a = "exact", "seed"_a = 1,
      "A network as a graph, for readers that make steps of the network's dt in this way.");
  part.def("read", &nir::read_nir, "path"_a, "Reads and checks a NIR file.");
  part.def("network", &network, "graph"_a, nb::kw_only(), "dt"_a = "0.1 ms",
           "discretisation"_a = "euler", "milliseconds"_a = false, "inputs"_a = nb::dict(),
           "A graph as a network (docs/guide/nir.md). discretisation: exact, euler, snntorch, "
           "norse. inputs: {name: array [time, ...]}, spikes where it is boolean, values that are "
           "held during a step where it is not.");
}

}  // namespace callosum::python
