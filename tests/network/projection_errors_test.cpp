#include "tests/network/error_cases.h"

namespace callosum {
namespace {

using namespace literals;
using example::check;
using example::Fixture;
using example::nan;

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

}  // namespace
}  // namespace callosum
