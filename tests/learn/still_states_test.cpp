#include "callosum/learn/still_states.h"

#include <gtest/gtest.h>

#include "callosum/core/error.h"
#include "callosum/learn/unroll.h"
#include "callosum/library/library.h"
#include "callosum/model/step.h"
#include "callosum/sim/simulation.h"
#include "tests/learn/gradient_checks.h"
#include "tests/learn/refusal.h"

// States that stay at zero are left out of the kernels, and nobody notices.
namespace callosum::learn {
namespace {

using namespace callosum::literals;
using learn_tests::random_bits;

Held held_at(double steps_of_t_ref, const model::Slot& slot) {
  if (slot.name.starts_with("steps(")) return steps_of_t_ref == 0 ? Held::zero : Held::finite;
  return Held::finite;
}

TEST(StillStates, AreUntargetedCurrentsAndTheCounterOfNoRefractoriness) {
  const model::Program step =
      model::compile_step(library::neuron("lif_psc_exp"), {.dt_ms = 1, .inputs = {"I_ex"}}).step;
  const std::set<std::string> zero{"I_ex", "I_in", "refractory_steps"};
  const auto still = [&](const std::set<std::string>& begin, double t_ref) {
    return still_states(step, begin, [&](const model::Slot& s) { return held_at(t_ref, s); });
  };
  EXPECT_EQ(still(zero, 0), (std::set<std::string>{"I_in", "refractory_steps"}));
  EXPECT_EQ(still(zero, 2), (std::set<std::string>{"I_in"}));
  EXPECT_EQ(still({"I_ex", "refractory_steps"}, 0), (std::set<std::string>{"refractory_steps"}));
  // Nothing is left out where a factor may be infinite.
  EXPECT_EQ(still_states(step, {"I_in"}, [](const model::Slot&) { return Held::no; }),
            std::set<std::string>{});
  const model::Program small = without_still_states(
      step, still(zero, 0), [](const model::Slot& s) { return held_at(0, s); });
  EXPECT_LT(small.code.size(), step.code.size() - 6);
  EXPECT_EQ(small.slots.size(), step.slots.size());
  EXPECT_EQ(small.stores.size(), step.stores.size() - 2);
}

Network network(Quantity t_ref, bool inhibition) {
  Network net(1_ms);
  const View in = net.add_spike_list("in", 12, {}, {});
  const View hidden =
      net.add("hidden", 9, library::neuron("lif_psc_exp"),
              {.parameters = {{"t_ref", t_ref}, {"tau_m", Values::uniform(5_ms, 30_ms)}}});
  net.connect(in, hidden, all_to_all(),
              {.target = "I_ex", .weight = Values::uniform(50_pA, 900_pA), .name = "in"});
  net.connect(hidden, hidden, all_to_all(),
              {.target = inhibition ? "I_in" : "I_ex", .weight = -90_pA, .name = "back"});
  return net;
}

std::uint64_t simulated_spikes(Network net, const SpikeBits& in) {
  std::vector<std::uint32_t> neurons;
  std::vector<std::int64_t> stamps;
  std::vector<std::uint32_t> ids(in.units());
  for (std::int64_t t = 0; t < in.steps(); ++t)
    for (std::size_t k = 0, n = in.list(t, 0, ids.data()); k < n; ++k) {
      neurons.push_back(ids[k]);
      stamps.push_back(t + 1);
    }
  net.set_spikes(net.population("in"), neurons, stamps);
  net.record_spikes(net.population("hidden"));
  Simulation sim(net, {});
  sim.run_steps(in.steps());
  const Recording recording = sim.recording();
  return recording.spikes[0].steps.size();
}

// The counter and I_in are there or not; a refractory time set later brings the counter back.
TEST(StillStates, FollowAParameterThatIsSet) {
  const SpikeBits in = random_bits(4, 200, 1, 12, 0.2);
  Unroll<float> u(network(0_ms, false), {.trained = {{"in", "back"}}, .record = {"hidden.I_in"}});
  const auto fires = [&] {
    u.forward(200, 1, {.spikes = {{"in", in}}});
    return u.spikes("hidden").count();
  };
  const std::uint64_t free = fires();
  EXPECT_EQ(free, simulated_spikes(network(0_ms, false), in));
  for (const float x : u.recorded("hidden.I_in")) ASSERT_EQ(x, 0);
  const float three = 3;
  u.set("hidden.t_ref", {&three, 1});
  EXPECT_THROW(u.backward({}), ValueError) << "the tape was of other kernels";
  const std::uint64_t refractory = fires();
  EXPECT_EQ(refractory, simulated_spikes(network(3_ms, false), in));
  EXPECT_LT(refractory, free);
  EXPECT_GT(refractory, 20u);
  const float none = 0;
  u.set("hidden.t_ref", {&none, 1});
  EXPECT_EQ(fires(), free);
}

// A trained parameter is not taken for a constant: gradients are those of kernels with everything
// in them.
TEST(StillStates, LeaveGradientsAsTheyAre) {
  const SpikeBits in = random_bits(4, 60, 5, 12, 0.2);
  const std::vector<double> bar = learn_tests::noise(1, 60 * 5 * 9);
  const auto gradients = [&](bool everything) {
    // Inhibition of zero weight makes a state of I_in that stays zero, too, unseen.
    Network net = network(0_ms, false);
    if (everything)
      net.connect(net.population("in"), net.population("hidden"), all_to_all(),
                  {.target = "I_in", .weight = 0_pA, .name = "nothing"});
    Unroll<double> u(net, {.surrogate = {model::Surrogate::fast_sigmoid, 3},
                           .trained = {{"in", "back", "hidden.tau_m", "hidden.C_m"}},
                           .record = {"hidden.V_m"}});
    u.forward(60, 5, {.spikes = {{"in", in}}});
    EXPECT_GT(u.spikes("hidden").count(), 50u);
    u.backward({.recorded = {{"hidden.V_m", bar}}});
    std::vector<std::vector<double>> all;
    for (const std::string& name : u.trained()) {
      const auto g = u.gradient(name);
      all.emplace_back(g.begin(), g.end());
    }
    return all;
  };
  const auto less = gradients(false), more = gradients(true);
  for (std::size_t k = 0; k < less.size(); ++k)
    learn_tests::expect_close(less[k], more[k], 1e-14, "gradient " + std::to_string(k));
}

// What is left out has to be zero in a state that a run goes on from, too.
TEST(StillStates, AreZeroWhereARunGoesOn) {
  const SpikeBits in = random_bits(4, 30, 1, 12, 0.2);
  Unroll<float> inhibited(network(0_ms, true), {}), u(network(0_ms, false), {});
  inhibited.forward(30, 1, {.spikes = {{"in", in}}});
  const auto state = inhibited.state();
  EXPECT_NE(refusal<ShapeError>([&] {
              u.forward(30, 1, {.spikes = {{"in", in}}}, true, &state);
            }).find("another network"),
            std::string::npos);
}

}  // namespace
}  // namespace callosum::learn
