#include <gtest/gtest.h>

#include <cmath>
#include <fstream>
#include <nlohmann/json.hpp>

#include "callosum/library/library.h"
#include "callosum/sim/simulation.h"

// Pair STDP against Brian2: 500 neurons replay the same spikes for 10 s
// (tests/references/README.md).
namespace callosum {
namespace {

using namespace callosum::literals;

constexpr std::uint32_t neurons = 500, out = 4;
constexpr std::int64_t steps = 100000;

// The spikes of brian2_plasticity.py, `shift` steps earlier.
View replay(Network& net, const std::string& name, std::int64_t shift, std::size_t& number) {
  std::vector<std::uint32_t> who;
  std::vector<Quantity> when;
  for (std::uint32_t i = 0; i < neurons; ++i) {
    std::uint64_t state = i + 1;
    for (std::int64_t step = 0;;) {
      state = state * 6364136223846793005u + 1442695040888963407u;
      step += 20 + static_cast<std::int64_t>((state >> 33) % 1960);
      if (step > steps - 100) break;
      who.push_back(i);
      when.push_back(Quantity::from_internal(net.grid().ms(step - shift), dimension::time));
    }
  }
  number = who.size();
  return net.add_spike_list(name, neurons, who, when);
}

TEST(PlasticityAgainstBrian2, PairStdpHasItsWeightsAfterTenSeconds) {
  const nlohmann::json reference = nlohmann::json::parse(
      std::ifstream(CALLOSUM_SOURCE_DIR "/tests/references/data/brian2_plasticity.json"));
  Network net(0.1_ms);
  std::size_t number = 0;
  const View list = replay(net, "pre", 0, number), teacher = replay(net, "teacher", 1, number);
  ASSERT_EQ(number, reference["spikes"].get<std::size_t>());
  // Targets fire when told, a step after their teacher.
  model::ModelText text;
  text.name = "relay";
  text.equations = {"relay", "da/dt = 0*a/ms : 1\ndb/dt = 0*b/ms : 1", 1};
  text.threshold = {"relay", "a > 0.5", 1};
  text.reset = {"relay", "a = 0", 1};
  const View to = net.add("post", neurons, model::Model(text));
  net.connect(teacher, to, one_to_one(), {.target = "a", .weight = 1.0, .delay = 0.1_ms});
  std::vector<std::uint32_t> sources, targets;
  std::vector<double> weights, delays;
  for (std::uint32_t i = 0; i < neurons; ++i)
    for (std::uint32_t k = 0; k < out; ++k) {
      sources.push_back(i);
      targets.push_back((7 * i + 131 * k + 1) % neurons);
      weights.push_back(0.2 + 0.6 * ((out * i + k) % 97) / 97);
      delays.push_back(net.grid().ms(1 + (13 * i + 7 * k) % 40));
    }
  const auto learning = net.connect(list, to, pairs(sources, targets),
                                    {.target = "b",
                                     .weight = Values::array(weights, {}),
                                     .delay = Values::array(delays, dimension::time),
                                     .model = library::synapse("stdp_additive"),
                                     .parameters = {{"tau_plus", 17.3_ms},
                                                    {"tau_minus", 33.77_ms},
                                                    {"A_plus", 0.01},
                                                    {"A_minus", 0.0105},
                                                    {"w_max", 1.0}}});
  Simulation sim(net, {.precision = Precision::twofold});
  sim.run_steps(steps);
  const auto ours = sim.get_synapses(learning, "weight");
  const auto theirs = reference["weights"].get<std::vector<double>>();
  ASSERT_EQ(ours.size(), theirs.size());
  double largest = 0, moved = 0;
  for (std::size_t k = 0; k < ours.size(); ++k) {
    largest = std::max(largest, std::abs(ours[k] - theirs[k]));
    moved = std::max(moved, std::abs(ours[k] - weights[k]));
  }
  RecordProperty("largest_difference", std::to_string(largest * 1e12) + "e-12");
  EXPECT_LT(largest, 1e-9);
  EXPECT_GT(moved, 0.3);
}

}  // namespace
}  // namespace callosum
