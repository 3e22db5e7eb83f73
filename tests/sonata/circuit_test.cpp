#include "callosum/core/error.h"
#include "callosum/data/hdf5_writer.h"
#include "callosum/library/library.h"
#include "callosum/sonata/network_of.h"
#include "example.h"

namespace callosum::sonata {
namespace {

using data::Hdf5Number;

/// A circuit of three nodes and their edges, in the forms that the guide allows.
class Small {
 public:
  Small() {
    folder.write("circuit_config.json", R"({"manifest": {"$NET": "${BASE}/net", "$BASE": "."},
      "components": {"point_neuron_models_dir": "models"},
      "networks": {"nodes": [{"nodes_file": "$NET/nodes.h5", "node_types_file": "$NET/types.csv"}],
                   "edges": [{"edges_file": "$NET/edges.h5", "edge_types_file": null}]}})");
    folder.write("simulation_config.json", R"({"network": "circuit_config.json",
      "run": {"tstop": 10, "dt": 0.1}, "conditions": {"v_init": -60}, "node_sets_file": "sets.json",
      "inputs": {"step": {"input_type": "current_clamp", "module": "IClamp", "amp": 0.5,
                 "delay": 1, "duration": 2, "node_set": "second"}},
      "reports": {"v": {"cells": "both", "variable_name": "v"}}})");
    folder.write("sets.json",
                 R"({"second": {"node_id": [7], "kind": "odd"}, "first": {"node_id": 3},
                                  "both": ["first", "second"]})");
    folder.write("models/cell.json", R"({"cm": 0.2, "tau_m": 10, "v_rest": -65})");
    types("pynn:IF_cond_exp");
    nodes();
    edges();
  }
  void types(const std::string& model) {
    folder.write("net/types.csv",
                 "node_type_id population model_type model_template dynamics_params\n"
                 "5 other virtual NULL NULL\n"
                 "5 cells point_neuron " +
                     model + " cell.json\n");
  }
  void nodes() {
    std::filesystem::create_directories(folder.path() / "net");
    data::Hdf5Writer out(folder.path() / "net/nodes.h5");
    out.numbers("/nodes/cells/node_type_id", {3}, {5, 5, 5}, Hdf5Number::int64);
    out.numbers("/nodes/cells/node_id", {3}, {3, 7, 9}, Hdf5Number::uint64);
    out.numbers("/nodes/cells/node_group_id", {3}, {1, 0, 1}, Hdf5Number::int64);
    out.numbers("/nodes/cells/node_group_index", {3}, {1, 0, 0}, Hdf5Number::int64);
    // An enumeration, and a parameter of one node over that of its type.
    out.numbers("/nodes/cells/0/kind", {1}, {1}, Hdf5Number::uint32);
    out.texts("/nodes/cells/0/@library/kind", {2}, {"even", "odd"});
    out.numbers("/nodes/cells/1/dynamics_params/v_rest", {2}, {-70, -71});
    out.commit();
  }
  void edges(std::vector<double> targets = {7, 9, 3}) {
    data::Hdf5Writer out(folder.path() / "net/edges.h5");
    out.numbers("/edges/all/edge_type_id", {3}, {0, 0, 0}, Hdf5Number::int64);
    out.numbers("/edges/all/source_node_id", {3}, {3, 3, 7}, Hdf5Number::uint64);
    out.numbers("/edges/all/target_node_id", {3}, targets, Hdf5Number::uint64);
    out.attribute("/edges/all/source_node_id", "node_population", "cells");
    out.attribute("/edges/all/target_node_id", "node_population", "cells");
    out.numbers("/edges/all/0/syn_weight", {3}, {0.004, 0.006, -0.05});
    out.numbers("/edges/all/0/delay", {3}, {0.26, 1.5, 1.5});
    out.commit();
  }
  SonataNetwork read() const { return read_sonata(folder.path() / "simulation_config.json"); }

  TemporaryFolder folder;
};

const Values& parameter(const SonataNetwork& sonata, const std::string& name) {
  return sonata.network.populations()[0].parameters.at(name);
}

TEST(SonataCircuit, ValuesOfNodesStandBeforeThoseOfTheirTypes) {
  const SonataNetwork sonata = Small().read();
  const auto rest = parameter(sonata, "E_L").elements();
  EXPECT_EQ(std::vector(rest.begin(), rest.end()), (std::vector<double>{-71, -65, -70}));
}

TEST(SonataCircuit, PyNNCountsInNanofaradMicrosiemensAndTimeConstants) {
  const SonataNetwork sonata = Small().read();
  EXPECT_EQ(parameter(sonata, "C_m").first(), 200);  // 0.2 nF
  EXPECT_EQ(parameter(sonata, "g_L").first(), 20);   // 200 pF in 10 ms
  ASSERT_EQ(sonata.network.projections().size(), 2u);
  const Projection& excites = sonata.network.projections()[0];
  EXPECT_EQ(excites.synapse.target, "g_ex");
  EXPECT_EQ(excites.synapse.weight, Values::array({4, 6}, dimension::conductance));
  const Projection& inhibits = sonata.network.projections()[1];
  EXPECT_EQ(inhibits.synapse.target, "g_in");  // conductances have no sign
  EXPECT_EQ(inhibits.synapse.weight.first(), 50);
}

TEST(SonataCircuit, IdsOfNodesNeedNotBePlaces) {
  const SonataNetwork sonata = Small().read();
  const Rule& rule = sonata.network.projections()[0].rule;
  EXPECT_EQ(rule.sources, (std::vector<std::uint32_t>{0, 0}));
  EXPECT_EQ(rule.targets, (std::vector<std::uint32_t>{1, 2}));
  EXPECT_EQ(sonata.origins.at("cells").ids, (std::vector<std::uint64_t>{3, 7, 9}));
}

TEST(SonataCircuit, DelaysGoToTheNearestStepAndItIsTold) {
  const SonataNetwork sonata = Small().read();
  const auto delays = sonata.network.projections()[0].synapse.delay->elements();
  EXPECT_NEAR(delays[0], 0.3, 1e-12);
  EXPECT_NEAR(delays[1], 1.5, 1e-12);
  EXPECT_NE(std::find(sonata.assumptions.begin(), sonata.assumptions.end(),
                      "delays of edges 'all' go to the nearest step, at least one"),
            sonata.assumptions.end());
}

TEST(SonataCircuit, NodeSetsChooseByAttributeAndByUnion) {
  const SonataNetwork sonata = Small().read();
  ASSERT_EQ(sonata.network.stimuli().size(), 1u);
  const Stimulus& step = sonata.network.stimuli()[0];
  EXPECT_EQ(step.to.list, (std::vector<std::uint32_t>{1}));
  EXPECT_EQ(step.value.first(), 500);  // nA where no simulator says otherwise
  EXPECT_EQ(step.start, 10);
  EXPECT_EQ(step.stop, 30);
  for (const Recorder& r : sonata.network.recorders())
    if (r.kind == Recorder::Kind::variable) {
      EXPECT_EQ(r.variable, "V_m");
      EXPECT_EQ(r.view.list, (std::vector<std::uint32_t>{0, 1}));
    }
}

TEST(SonataCircuit, WhatCannotBeSimulatedIsNamed) {
  Small small;
  small.types("pynn:IF_cond_exq");
  EXPECT_TRUE(contains(error_of<NameError>([&] { small.read(); }), "did you mean 'IF_cond_exp'?"));
  small.types("nrn:IntFire1");
  EXPECT_TRUE(contains(error_of<UnsupportedError>([&] { small.read(); }), "nrn:IntFire1"));
}

TEST(SonataCircuit, AnEdgeToANodeThatIsNotThereIsNamed) {
  Small small;
  small.edges({7, 8, 3});
  const std::string message = error_of<ValueError>([&] { small.read(); });
  EXPECT_TRUE(contains(message, "SONATA edges 'all', target_node_id")) << message;
  EXPECT_TRUE(contains(message, "got 8")) << message;
}

TEST(SonataCircuit, AManifestThatRefersToItselfIsAnError) {
  Small small;
  small.folder.write("circuit_config.json", R"({"manifest": {"$A": "$B", "$B": "$A"},
    "networks": {"nodes": [{"nodes_file": "$A/nodes.h5"}], "edges": []}})");
  EXPECT_TRUE(contains(error_of<NameError>([&] { small.read(); }), "refers to itself"));
}

TEST(SonataCircuit, SpikesOfTheOldFormAndOfTheGuideAreRead) {
  const TemporaryFolder folder;
  {
    data::Hdf5Writer out(folder.path() / "old.h5");
    out.numbers("/spikes/gids", {2}, {4, 1}, Hdf5Number::uint64);
    out.numbers("/spikes/timestamps", {2}, {0.5, 1.5});
    out.commit();
  }
  const auto old = read_spikes(folder.path() / "old.h5");
  ASSERT_EQ(old.size(), 1u);
  EXPECT_EQ(old[0].nodes, "");
  EXPECT_EQ(old[0].ids, (std::vector<std::uint64_t>{4, 1}));
  Recording recording;
  recording.dt_ms = 0.1;
  recording.spikes = {{"b", 3, {2, 0}, {3, 7}}, {"a", 2, {}, {}}, {"b", 3, {2}, {3}}};
  write_spikes(folder.path() / "new.h5", recording, {{"b", {"cells", {10, 20, 30}}}});
  const auto written = read_spikes(folder.path() / "new.h5");
  ASSERT_EQ(written.size(), 2u);
  EXPECT_EQ(written[0].nodes, "a");
  EXPECT_EQ(written[1].nodes, "cells");
  EXPECT_EQ(written[1].ids, (std::vector<std::uint64_t>{30, 10}));  // once, though recorded twice
  EXPECT_EQ(written[1].times_ms, (std::vector<double>{0.3, 0.7}));
}

}  // namespace
}  // namespace callosum::sonata
