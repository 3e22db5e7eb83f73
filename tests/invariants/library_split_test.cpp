#include <gtest/gtest.h>

#include <cstdlib>
#include <map>

#include "callosum/library/library.h"
#include "tests/sim/busy_network.h"

// Every neuron of the library, whatever it holds on the day of the test: the split does not show
// (DESIGN section 1). CALLOSUM_FULL=1 goes over more splits.
namespace callosum {
namespace {

using namespace callosum::literals;

bool full() { return std::getenv("CALLOSUM_FULL") != nullptr; }
constexpr std::int64_t duration = 300;

/// What an arrival adds to a state of this dimension at most, internal units; 0: nothing arrives.
/// States without dimension are the membrane itself, or gates beside one that has.
double kick(const model::Model& neuron, const Dimension& d) {
  if (d == dimension::voltage) return 12;
  if (d == dimension::current) return 400;
  if (d == dimension::conductance) return 8;
  if (d != Dimension{}) return 0;
  for (const auto& v : neuron.variables())
    if (v.kind == model::VariableKind::state && v.dimension == dimension::voltage) return 0.02;
  if (neuron.name() == "nalsm_lif") return 20;  // its threshold
  return 0.2;
}

/// Three blocks of the neuron, every state of it under fire, connected to itself.
Network kicked(const model::Model& neuron) {
  Network net(0.1_ms, "kicked");
  const auto list =
      accumulators::add_spikes(net, "list", 40, accumulators::random_spikes(5, 40, duration, 0.05));
  const auto neurons = net.add("neurons", 2 * block_size + 100, neuron);
  for (const auto& v : neuron.variables()) {
    if (v.kind != model::VariableKind::state || kick(neuron, v.dimension) == 0) continue;
    net.connect(list, neurons, fixed_indegree(4),
                {.target = v.name,
                 .weight = Values::uniform(
                     Quantity::from_internal(
                         v.dimension == Dimension{} ? -kick(neuron, v.dimension) : 0, v.dimension),
                     Quantity::from_internal(kick(neuron, v.dimension), v.dimension)),
                 .delay = Values::uniform(0.2_ms, 1.6_ms)});
    if (!neuron.events().empty())
      net.connect(neurons, neurons, fixed_indegree(3),
                  {.target = v.name,
                   .weight = Quantity::from_internal(-kick(neuron, v.dimension) / 8, v.dimension),
                   .delay = 0.3_ms});
    net.record(net.slice(neurons, block_size - 4, block_size + 4), v.name, 0.5_ms);
  }
  if (!neuron.events().empty()) net.record_spikes(neurons);
  return net;
}

class LibraryInvariant : public testing::TestWithParam<std::string> {};

TEST_P(LibraryInvariant, SplitIntoThreadsAndPiecesDoesNotShow) {
  const model::Model neuron = library::neuron(GetParam());
  const Network net = kicked(neuron);
  Simulation whole(net, {});
  whole.run_steps(duration);
  const Recording r = whole.recording();
  if (!neuron.events().empty()) {
    EXPECT_GT(r.populations[1].spikes, 0u) << "nothing is shown";
  }
  for (const TraceRecord& t : r.traces) {
    const auto [low, high] = std::minmax_element(t.values.begin(), t.values.end());
    EXPECT_LT(*low, *high) << t.variable << " does not move";
  }
  const std::vector<int> threads = full() ? std::vector{1, 2, 3, 4, 5, 7, 8} : std::vector{2, 3, 7};
  for (const int n : threads) {
    SCOPED_TRACE(n);
    Simulation split(net, {.threads = n});
    for (std::int64_t piece = 1; split.step() < duration; piece += 7)
      split.run_steps(std::min(piece, duration - split.step()));
    busy::expect_same(split, whole);
  }
}

TEST_P(LibraryInvariant, RunsAsTheInterpreterOfItsProgram) {
  const Network net = kicked(library::neuron(GetParam()));
  for (const Precision precision : {Precision::single, Precision::twofold}) {
    Simulation code(net, {.precision = precision});
    Simulation oracle(net,
                      {.precision = precision, .kernel = {.engine = jit::Engine::interpreter}});
    code.run_steps(60), oracle.run_steps(60);
    busy::expect_same(code, oracle);
  }
}

INSTANTIATE_TEST_SUITE_P(Shipped, LibraryInvariant,
                         testing::ValuesIn(library::names(model::ModelKind::neuron)),
                         [](const auto& info) { return info.param; });

}  // namespace
}  // namespace callosum
