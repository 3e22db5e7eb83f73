#include <gtest/gtest.h>

#include <cmath>
#include <functional>
#include <limits>

#include "callosum/core/error.h"
#include "tests/network/example_network.h"

namespace callosum {
namespace {

using namespace literals;

struct Fixture {
  Network net{0.1_ms};
  View exc, inh, quiet, flat;
  Fixture()
      : exc(net.add("exc", 100, example::neuron())),
        inh(net.add("inh", 20, example::neuron(),
                    {.space = Space{2, {100, 100, 0}, false, false, {}}})),
        quiet(net.add("quiet", 10, example::silent_neuron(), {.parameters = {{"tau", 5_ms}}})),
        flat(net.add("flat", 10, example::neuron(),
                     {.space = Space{1, {100, 0, 0}, false, false, {}}})) {
    net.connect(exc, inh, all_to_all(), {.target = "I_syn", .weight = 1_pA, .name = "ei"});
    net.stimulate({.name = "drive", .to = exc, .target = "I_e", .value = 1_pA});
  }
  std::uint32_t connect(const Rule& rule, SynapseOptions synapse) {
    return net.connect(exc, inh, rule, std::move(synapse));
  }
  SynapseOptions good() const { return {.target = "I_syn", .weight = 1_pA}; }
};

struct Case {
  std::string name;
  std::function<void(Fixture&)> call;
  std::string kind;
  std::vector<std::string> parts;  ///< of the message
};

const double nan = std::numeric_limits<double>::quiet_NaN();
const double infinity = std::numeric_limits<double>::infinity();

void check(const std::vector<Case>& cases) {
  for (const Case& c : cases) {
    Fixture f;
    const std::uint64_t before = f.net.hash();
    try {
      c.call(f);
      ADD_FAILURE() << c.name << ": accepted";
    } catch (const Error& e) {
      EXPECT_EQ(e.kind(), c.kind) << c.name << ": " << e.what();
      for (const std::string& part : c.parts)
        EXPECT_NE(std::string(e.what()).find(part), std::string::npos)
            << c.name << ": '" << part << "' is not in: " << e.what();
      EXPECT_FALSE(e.detail().where.empty()) << c.name;
    }
    EXPECT_EQ(f.net.hash(), before) << c.name;
  }
}

PopulationOptions with(std::string name, Values values) {
  return {.parameters = {{std::move(name), std::move(values)}}};
}

PopulationOptions in(Space space) { return {.space = std::move(space)}; }

TEST(NetworkErrors, Populations) {
  const auto add = [](PopulationOptions options) {
    return [options](Fixture& f) { f.net.add("new", 10, example::neuron(), options); };
  };
  const Quantity length(nan, dimension::length);
  check({
      {"name taken",
       [](Fixture& f) { f.net.add("exc", 1, example::neuron()); },
       "name",
       {"population 'exc'", "taken"}},
      {"empty name", [](Fixture& f) { f.net.add("", 1, example::neuron()); }, "name", {"empty"}},
      {"line break",
       [](Fixture& f) { f.net.add("a\nb", 1, example::neuron()); },
       "name",
       {"control character"}},
      {"no neurons",
       [](Fixture& f) { f.net.add("new", 0, example::neuron()); },
       "value",
       {"population 'new'", "1 or more"}},
      {"synapse model",
       [](Fixture& f) { f.net.add("new", 1, example::synapse()); },
       "value",
       {"synapse model"}},
      {"needed parameter",
       [](Fixture& f) { f.net.add("new", 1, example::silent_neuron()); },
       "value",
       {"'tau'", "must be given"}},
      {"misspelt parameter",
       add(with("tau_n", 1_ms)),
       "name",
       {"'tau_n'", "one of its parameters", "did you mean 'tau_m'"}},
      {"state as parameter", add(with("V_m", 1_mV)), "value", {"'V_m' is a state"}},
      {"parameter as state",
       add({.initial = {{"tau_m", 1_ms}}}),
       "value",
       {"'tau_m' is a parameter", "V_m, I_syn, g_ex"}},
      {"twice by alias",
       add({.parameters = {{"tau_m", 1_ms}, {"taum", 2_ms}}}),
       "name",
       {"'tau_m' is given twice"}},
      {"wrong unit", add(with("tau_m", 1_mV)), "unit", {"'tau_m'", "volt", "second"}},
      {"no unit", add(with("tau_m", 1.0)), "unit", {"'tau_m'"}},
      {"out of range", add(with("tau_m", 0_ms)), "value", {"'tau_m'", "got 0", "> 0"}},
      {"element out of range",
       add(with("tau_m", Values::array(std::vector<double>{1, 1, 1, -2, 1, 1, 1, 1, 1, 1},
                                       dimension::time))),
       "value",
       {"element 3", "-2 ms"}},
      {"mean out of range", add(with("tau_m", Values::normal(-1_ms, 1_ms))), "value", {"mean"}},
      {"uniform out of range",
       add(with("tau_m", Values::uniform(-1_ms, 1_ms))),
       "value",
       {"lower bound"}},
      {"array size",
       add(with("tau_m", Values::array({1_ms, 2_ms}))),
       "shape",
       {"2 values", "expected 10"}},
      {"method", add({.method = "eulr"}), "name", {"'eulr'", "'euler'"}},
      {"substeps", add({.substeps = {{"V_m", 0}}}), "value", {"substeps", "1 or more"}},
      {"substeps name", add({.substeps = {{"V_n", 2}}}), "name", {"'V_m'"}},
      {"space dimensions", add(in({4, {1, 1, 1}, false, false, {}})), "value", {"1, 2 or 3"}},
      {"space extent", add(in({2, {1, 0, 0}, false, false, {}})), "value", {"axis 1"}},
      {"space extent nan", add(in({1, {nan, 0, 0}, false, false, {}})), "value", {"axis 0"}},
      {"positions", add(in({1, {1, 0, 0}, false, false, {1, 2}})), "shape", {"expected 10"}},
      {"position nan",
       add(in({1, {1, 0, 0}, false, false, {0, 1, nan, 0, 0, 0, 0, 0, 0, 0}})),
       "value",
       {"neuron 2"}},
      {"position outside",
       add(in({1, {1, 0, 0}, true, false, {0, 1, 2, 0, 0, 0, 0, 0, 0, 0}})),
       "value",
       {"neuron 2"}},
      {"grid and positions",
       add(in({1, {1, 0, 0}, false, true, {0, 1, 1, 0, 0, 0, 0, 0, 0, 0}})),
       "value",
       {"grid"}},
      {"unknown population",
       [](Fixture& f) { f.net.population("ecx"); },
       "name",
       {"'ecx'", "did you mean 'exc'"}},
      {"dt zero", [](Fixture&) { Network net(0_ms); }, "value", {"dt"}},
      {"dt nan", [](Fixture&) { Network net(Quantity(nan, dimension::time)); }, "value", {"dt"}},
      {"dt unit", [](Fixture&) { Network net(1_mV); }, "unit", {"dt"}},
  });
}

TEST(NetworkErrors, ViewsAndSets) {
  check({
      {"end",
       [](Fixture& f) {
         f.net.record_spikes({0, 0, 101, 1, {}});
       },
       "value",
       {"'exc'", "101", "0 to 99"}},
      {"empty",
       [](Fixture& f) {
         f.net.record_spikes({0, 5, 5, 1, {}});
       },
       "value",
       {"'exc'"}},
      {"step",
       [](Fixture& f) {
         f.net.record_spikes({0, 0, 5, 0, {}});
       },
       "value",
       {"step"}},
      {"list",
       [](Fixture& f) {
         f.net.record_spikes({0, 0, 0, 1, {3, 100}});
       },
       "value",
       {"100"}},
      {"order",
       [](Fixture& f) {
         f.net.record_spikes({0, 0, 0, 1, {3, 3}});
       },
       "value",
       {"3, 3"}},
      {"population",
       [](Fixture& f) {
         f.net.record_spikes({9, 0, 1, 1, {}});
       },
       "value",
       {"9"}},
      {"slice", [](Fixture& f) { f.net.slice(f.exc, 50, 101); }, "value", {"50 to 101", "100"}},
      {"slice order", [](Fixture& f) { f.net.slice(f.exc, 5, 5); }, "value", {"begin < end"}},
      {"set name", [](Fixture& f) { f.net.set(f.exc, "tau_n", 1_ms); }, "name", {"'tau_m'"}},
      {"set subexpression",
       [](Fixture& f) { f.net.set(f.exc, "depth", 1_mV); },
       "value",
       {"subexpression"}},
      {"set unit", [](Fixture& f) { f.net.set(f.exc, "tau_m", 1_mV); }, "unit", {"'tau_m'"}},
      {"set range", [](Fixture& f) { f.net.set(f.exc, "tau_m", -1_ms); }, "value", {"> 0"}},
      {"set size",
       [](Fixture& f) { f.net.set(f.exc, "tau_m", Values::array({1_ms})); },
       "shape",
       {"expected 100"}},
  });
}

TEST(NetworkErrors, Rules) {
  const auto connect = [](Rule rule) { return [rule](Fixture& f) { f.connect(rule, f.good()); }; };
  const auto onto_itself = [](Rule rule) {
    return [rule](Fixture& f) { f.net.connect(f.inh, f.inh, rule, f.good()); };
  };
  Rule probability = fixed_probability(0.5), uneven = pairs({1, 2}, {3, 4});
  probability.probability = nan;
  uneven.targets.pop_back();
  Rule flat = distance_probability(0.5, 1_um, Rule::Profile::disc), narrow = flat;
  narrow.sigma_um = -1;
  check({
      {"one to one", connect(one_to_one()), "shape", {"100 and 20", "equal size"}},
      {"nan", connect(probability), "value", {"[0, 1]"}},
      {"in-degree",
       connect(fixed_indegree(101).without_multapses()),
       "value",
       {"in-degree", "101", "at most 100", "multapses"}},
      {"in-degree without autapses",
       onto_itself(fixed_indegree(20).without_multapses().without_autapses()),
       "value",
       {"at most 19"}},
      {"out-degree",
       connect(fixed_outdegree(21).without_multapses()),
       "value",
       {"out-degree", "at most 20"}},
      {"total",
       connect(fixed_total_number(2001).without_multapses()),
       "value",
       {"2001", "at most 2000"}},
      {"total without autapses",
       onto_itself(fixed_total_number(381).without_multapses().without_autapses()),
       "value",
       {"at most 380"}},
      {"no partner but itself",
       [](Fixture& f) {
         const View one = f.net.slice(f.inh, 3, 4);
         f.net.connect(one, one, fixed_indegree(1).without_autapses(), f.good());
       },
       "value",
       {"in-degree", "at most 0"}},
      {"uneven list", connect(uneven), "shape", {"2 and 1"}},
      {"source", connect(pairs({1, 100}, {1, 1})), "value", {"pair 1", "100", "below 100"}},
      {"target", connect(pairs({1, 2}, {20, 1})), "value", {"pair 0", "no such target"}},
      {"listed autapse",
       onto_itself(pairs({1, 2}, {0, 2}).without_autapses()),
       "value",
       {"pair 1", "autapses"}},
      {"listed twice",
       connect(pairs({1, 7, 1}, {4, 4, 4}).without_multapses()),
       "value",
       {"1 -> 4", "multapses"}},
      {"no space", connect(flat), "value", {"'exc'", "space"}},
      {"two spaces",
       [flat](Fixture& f) { f.net.connect(f.inh, f.flat, flat, f.good()); },
       "shape",
       {"'inh'", "'flat'", "dimensions"}},
      {"width", onto_itself(narrow), "value", {"sigma > 0"}},
  });
}

TEST(NetworkErrors, Synapses) {
  const auto connect = [](SynapseOptions synapse) {
    return [synapse](Fixture& f) { f.connect(fixed_probability(0.5), synapse); };
  };
  const auto delay = [&](Values d) {
    return connect({.target = "I_syn", .weight = 1_pA, .delay = d});
  };
  const Quantity speed(1, dimension::length / dimension::time);
  check({
      {"name taken",
       connect({.target = "I_syn", .weight = 1_pA, .name = "ei"}),
       "name",
       {"projection 'ei'", "taken"}},
      {"target",
       connect({.target = "I_sin", .weight = 1_pA}),
       "name",
       {"exc -> inh", "target", "did you mean 'I_syn'"}},
      {"no target", connect({.weight = 1_pA}), "name", {"target"}},
      {"target is a parameter",
       connect({.target = "I_e", .weight = 1_pA}),
       "value",
       {"'I_e' is a parameter", "V_m, I_syn, g_ex"}},
      {"weight unit",
       connect({.target = "I_syn", .weight = 1_nS}),
       "unit",
       {"weight", "siemens", "ampere"}},
      {"weight without unit", connect({.target = "I_syn", .weight = 1.0}), "unit", {"ampere"}},
      {"weight array",
       connect({.target = "I_syn", .weight = Values::array({1_pA, 2_pA})}),
       "shape",
       {"weight", "draws its synapses"}},
      {"weight array size",
       [](Fixture& f) {
         f.connect(all_to_all(), {.target = "I_syn", .weight = Values::array({1_pA, 2_pA})});
       },
       "shape",
       {"2 values", "expected 2000"}},
      {"delay unit", delay(1_mV), "unit", {"delay", "second"}},
      {"delay off the grid", delay(0.15_ms), "value", {"delay", "0.15 ms", "0.1 ms", "0.2 ms"}},
      {"delay negative", delay(-1_ms), "value", {"delay", "-1 ms"}},
      {"delay too long", delay(6553.6_ms), "value", {"65535 steps", "6.5535 s"}},
      {"drawn delay too long", delay(Values::normal(6000_ms, 100_ms)), "value", {"65535 steps"}},
      {"drawn delay too short", delay(Values::uniform(0.01_ms, 0.03_ms)), "value", {"one step"}},
      {"drawn delay negative", delay(Values::normal(-5_ms, 1_ms)), "value", {"delay"}},
      {"delay array off the grid",
       [](Fixture& f) {
         f.connect(pairs({1, 2}, {1, 2}),
                   {.target = "I_syn", .weight = 1_pA, .delay = Values::array({1_ms, 0.25_ms})});
       },
       "value",
       {"delay, element 1", "0.25 ms"}},
      {"velocity without space",
       connect({.target = "I_syn", .weight = 1_pA, .velocity = speed}),
       "value",
       {"velocity", "'exc'"}},
      {"velocity unit",
       connect({.target = "I_syn", .weight = 1_pA, .velocity = 1_ms}),
       "unit",
       {"velocity", "length / time"}},
      {"velocity zero",
       connect({.target = "I_syn",
                .weight = 1_pA,
                .velocity = Quantity(0, dimension::length / dimension::time)}),
       "value",
       {"velocity"}},
      {"velocity too slow",
       [](Fixture& f) {
         f.net.connect(f.inh, f.inh, all_to_all(),
                       {.target = "I_syn",
                        .weight = 1_pA,
                        .velocity = Quantity(1e-9, dimension::length / dimension::time)});
       },
       "value",
       {"65535"}},
      {"silent source",
       [](Fixture& f) { f.net.connect(f.quiet, f.exc, all_to_all(), f.good()); },
       "value",
       {"'quiet' never spikes"}},
      {"parameters without a model",
       connect({.target = "I_syn", .weight = 1_pA, .parameters = {{"gain", 1.0}}}),
       "name",
       {"static", "'gain'"}},
      {"neuron as synapse",
       connect({.target = "I_syn", .weight = 1_pA, .model = example::neuron()}),
       "value",
       {"not a synapse model"}},
      {"synapse parameter",
       connect({.target = "I_syn",
                .weight = 1_pA,
                .model = example::synapse(),
                .parameters = {{"gian", 1.0}}}),
       "name",
       {"'gian'", "'gain'"}},
      {"weight as parameter",
       connect({.target = "I_syn",
                .weight = 1_pA,
                .model = example::synapse(),
                .parameters = {{"weight", 1_pA}}}),
       "name",
       {"weight"}},
      {"source variable",
       connect({.target = "I_e", .weight = 1_nS, .source_variable = "V_n"}),
       "name",
       {"source_variable", "'V_m'"}},
  });
}

TEST(NetworkErrors, Inputs) {
  using Kind = Stimulus::Kind;
  const auto stimulate = [](Stimulus s) {
    return [s](Fixture& f) {
      Stimulus mine = s;
      mine.to = f.exc;
      f.net.stimulate(mine);
    };
  };
  check({
      {"target", stimulate({.target = "I", .value = 1_pA}), "name", {"parameters"}},
      {"state", stimulate({.target = "I_syn", .value = 1_pA}), "value", {"is a state"}},
      {"poisson onto a parameter",
       stimulate({.kind = Kind::poisson, .target = "I_e", .value = 1_pA}),
       "value",
       {"is a parameter"}},
      {"unit", stimulate({.target = "I_e", .value = 1_mV}), "unit", {"value", "ampere"}},
      {"no unit", stimulate({.target = "I_e", .value = 1.0}), "unit", {"ampere"}},
      {"size", stimulate({.target = "I_e", .value = Values::array({1_pA})}), "shape", {"100"}},
      {"name", stimulate({.name = "drive", .target = "I_e", .value = 1_pA}), "name", {"taken"}},
      {"rate",
       stimulate({.kind = Kind::poisson, .target = "I_syn", .value = 1_pA, .rate = -1_Hz}),
       "value",
       {"rate", "-1 Hz"}},
      {"rate drawn below zero",
       stimulate({.kind = Kind::poisson,
                  .target = "I_syn",
                  .value = 1_pA,
                  .rate = Values::normal(5_Hz, 1_Hz)}),
       "value",
       {"rate"}},
      {"rate unit",
       stimulate({.kind = Kind::poisson, .target = "I_syn", .value = 1_pA, .rate = 1_ms}),
       "unit",
       {"rate"}},
      {"sources",
       stimulate(
           {.kind = Kind::poisson, .target = "I_syn", .value = 1_pA, .rate = 1_Hz, .sources = nan}),
       "value",
       {"sources"}},
      {"start", stimulate({.target = "I_e", .value = 1_pA, .start = -2}), "value", {"starts"}},
      {"stop",
       stimulate({.target = "I_e", .value = 1_pA, .start = 5, .stop = 5}),
       "value",
       {"stops"}},
      {"interval",
       stimulate({.target = "I_e", .value = 1_pA, .interval = 0}),
       "value",
       {"interval"}},
      {"times",
       stimulate({.kind = Kind::steps,
                  .target = "I_e",
                  .value = Values::array({1_pA, 2_pA}),
                  .times = {5, 5}}),
       "value",
       {"place 1"}},
      {"times and values",
       stimulate({.kind = Kind::steps,
                  .target = "I_e",
                  .value = Values::array({1_pA, 2_pA}),
                  .times = {5}}),
       "shape",
       {"2 values", "expected 1"}},
      {"amplitude unit",
       stimulate({.kind = Kind::sine, .target = "I_e", .amplitude = 1_mV, .frequency = 1_Hz}),
       "unit",
       {"amplitude"}},
      {"frequency",
       stimulate({.kind = Kind::sine, .target = "I_e", .amplitude = 1_pA, .frequency = -1_Hz}),
       "value",
       {"frequency"}},
      {"noise",
       stimulate({.kind = Kind::noise, .target = "I_e", .amplitude = -1_pA}),
       "value",
       {"standard deviation"}},
      {"samples",
       stimulate({.kind = Kind::array, .target = "I_e", .samples = {1, 2, 3}}),
       "shape",
       {"3 samples", "multiple of 100"}},
      {"sample nan",
       stimulate(
           {.kind = Kind::array, .target = "I_e", .samples = std::vector<double>(100, infinity)}),
       "value",
       {"sample 0"}},
      {"recorded name",
       [](Fixture& f) { f.net.record(f.exc, "V"); },
       "name",
       {"recorder of 'exc'", "'V'"}},
      {"recorded parameter",
       [](Fixture& f) { f.net.record(f.exc, "tau_m"); },
       "value",
       {"is a parameter", "depth"}},
      {"recording interval",
       [](Fixture& f) { f.net.record(f.exc, "V_m", 0.15_ms); },
       "value",
       {"interval", "0.15 ms"}},
      {"recording interval unit",
       [](Fixture& f) { f.net.record(f.exc, "V_m", 1_mV); },
       "unit",
       {"interval"}},
      {"spikes of the silent",
       [](Fixture& f) { f.net.record_spikes(f.quiet); },
       "value",
       {"never spikes"}},
      {"weights of nothing", [](Fixture& f) { f.net.record_weights(7, 1_ms); }, "value", {"7"}},
  });
}

TEST(NetworkErrors, SpikeLists) {
  const auto list = [](std::vector<std::uint32_t> neurons, std::vector<Quantity> times) {
    return [=](Fixture& f) { f.net.add_spike_list("s", 3, neurons, times); };
  };
  check({
      {"lengths", list({1, 2}, {1_ms}), "shape", {"2 neurons, 1 times"}},
      {"neuron", list({3}, {1_ms}), "value", {"spike 0", "below 3"}},
      {"off the grid", list({1, 2}, {1_ms, 0.25_ms}), "value", {"spike 1", "0.25 ms"}},
      {"negative", list({1}, {-1_ms}), "value", {"spike 0"}},
      {"unit", list({1}, {1_mV}), "unit", {"spike 0"}},
      {"twice", list({1, 1}, {1_ms, 1_ms}), "value", {"neuron 1", "1 ms"}},
  });
}

}  // namespace
}  // namespace callosum
