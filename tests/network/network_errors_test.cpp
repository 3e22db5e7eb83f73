#include "tests/network/error_cases.h"

namespace callosum {
namespace {

using namespace literals;
using example::check;
using example::Fixture;
using example::nan;

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
      {"foreign",
       [](Fixture& f) {
         Network other(0.1_ms);
         f.net.record_spikes(other.add("theirs", 10, example::neuron()));
       },
       "value",
       {"another network", "'exc'"}},
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

TEST(NetworkErrors, SpikeLists) {
  const auto list = [](std::vector<std::uint32_t> neurons, std::vector<Quantity> times) {
    return [=](Fixture& f) { f.net.add_spike_list("s", 3, neurons, times); };
  };
  check({
      {"lengths", list({1, 2}, {1_ms}), "shape", {"2 neurons, 1 times"}},
      {"neuron", list({3}, {1_ms}), "value", {"spike 0", "below 3"}},
      {"off the grid", list({1, 2}, {1_ms, 0.25_ms}), "value", {"spike 1", "0.25 ms"}},
      {"negative", list({1}, {-1_ms}), "value", {"spike 0"}},
      {"before the first step", list({1}, {0_ms}), "value", {"spike 0", "step 1 or later"}},
      {"unit", list({1}, {1_mV}), "unit", {"spike 0"}},
      {"twice", list({1, 1}, {1_ms, 1_ms}), "value", {"neuron 1", "1 ms"}},
  });
}

}  // namespace
}  // namespace callosum
