#include <gtest/gtest.h>
#include <unistd.h>

#include <cmath>

#include "callosum/core/error.h"
#include "callosum/library/library.h"
#include "tests/sim/busy_network.h"

// Synapses with equations of their own: kept per target, per source, or per synapse, which is the
// oracle.
namespace callosum {
namespace {

using namespace callosum::literals;

/// A neuron that receives a conductance from outside its own equations.
model::Model receiver() {
  model::ModelText t;
  t.name = "test_receiver";
  t.equations = accumulators::text(
      "dV_m/dt = (10*nS*(-70*mV - V_m) + g*(0*mV - V_m))/(200*pF) : volt (unless refractory)\n"
      "g : siemens");
  t.threshold = accumulators::text("V_m > -50*mV");
  t.reset = accumulators::text("V_m = -60*mV");
  t.refractory = accumulators::text("2*ms");
  t.initial = {{.name = "V_m", .value = "-70 mV"}};
  return model::Model(t);
}

model::Model stateful(const std::string& equations, const std::string& on_pre,
                      bool with_tau = true) {
  model::ModelText t;
  t.kind = model::ModelKind::synapse;
  t.name = "test_stateful";
  t.equations = accumulators::text(equations);
  t.on_pre = accumulators::text(on_pre);
  if (with_tau) t.parameters = {{.name = "tau", .value = "5 ms"}};
  return model::Model(t);
}

// Two exponentials: rises, then decays.
model::Model two_exponentials() {
  return stateful(
      "dx/dt = -x/(2*ms) : siemens (clock-driven)\n"
      "ds/dt = -s/tau + x/ms : siemens (clock-driven)\n"
      "g_post = s : siemens (summed)",
      "x += weight");
}

// Saturates: only the source decides its course, the weight scales what the target gets.
model::Model saturating() {
  return stateful(
      "weight : siemens\n"
      "ds/dt = -s/tau : 1 (clock-driven)\n"
      "g_post = weight*s : siemens (summed)",
      "s += 0.4*(1 - s)");
}

struct Built {
  Network net{0.1_ms, "stateful"};
  View to;
};

Built build(const model::Model& synapse, SynapseState state, std::optional<Values> delay = {}) {
  Built b;
  const View list =
      accumulators::add_spikes(b.net, "list", 60, accumulators::random_spikes(3, 60, 600, 0.02));
  b.to = b.net.add("to", 1100, receiver());
  b.net.connect(list, b.to, fixed_indegree(12),
                {.target = "",
                 .weight = Values::uniform(0.5_nS, 2_nS),
                 .delay = delay ? *delay : Values(1.5_ms),
                 .model = synapse,
                 .state = state,
                 .name = "stateful"});
  b.net.record_spikes(b.to);
  b.net.record(b.net.slice(b.to, 1000, 1050), "V_m");
  return b;
}

Recording run(const Built& b, int threads = 1) {
  Simulation sim(b.net, {.threads = threads, .precision = Precision::twofold});
  sim.run(50_ms);
  EXPECT_EQ(sim.statistics().synapses, 12u * 1100u);
  EXPECT_EQ(sim.statistics().neurons, 1160u);
  return sim.recording();
}

void expect_close(const Recording& a, const Recording& b) {
  ASSERT_EQ(a.populations.size(), 2u);
  EXPECT_GT(a.populations[1].spikes, 500u);
  EXPECT_EQ(a.spikes[0].steps, b.spikes[0].steps);
  EXPECT_EQ(a.spikes[0].neurons, b.spikes[0].neurons);
  ASSERT_EQ(a.traces[0].values.size(), b.traces[0].values.size());
  for (std::size_t k = 0; k < a.traces[0].values.size(); ++k)
    ASSERT_NEAR(a.traces[0].values[k], b.traces[0].values[k], 1e-9) << k;
}

TEST(SynapticStates, PerTargetAreTheSumOfThosePerSynapse) {
  const Values delays = Values::uniform(0.5_ms, 4_ms);
  const auto target = build(two_exponentials(), SynapseState::per_target, delays);
  const auto synapse = build(two_exponentials(), SynapseState::per_synapse, delays);
  expect_close(run(target), run(synapse));
  EXPECT_EQ(run(build(two_exponentials(), SynapseState::automatic, delays)).traces[0].values,
            run(target).traces[0].values)
      << "automatic keeps them per target";
}

TEST(SynapticStates, PerSourceGiveWhatThosePerSynapseGive) {
  const auto source = build(saturating(), SynapseState::per_source);
  expect_close(run(source), run(build(saturating(), SynapseState::per_synapse)));
  EXPECT_EQ(run(build(saturating(), SynapseState::automatic)).traces[0].values,
            run(source).traces[0].values)
      << "automatic keeps them per source";
}

TEST(SynapticStates, SplitDoesNotShow) {
  for (const auto& model : {two_exponentials(), saturating()})
    for (const SynapseState state : {SynapseState::automatic, SynapseState::per_synapse}) {
      const Built b = build(model, state);
      const Recording one = run(b), three = run(b, 3);
      EXPECT_EQ(one.spikes[0].neurons, three.spikes[0].neurons);
      EXPECT_EQ(one.traces[0].values, three.traces[0].values);
    }
}

TEST(SynapticStates, OfOneSynapseFollowTheirClosedForm) {
  Network net(0.1_ms);
  const View list = accumulators::add_spikes(net, "list", 1, {{10, 0}});
  const View to = net.add("to", 1, receiver());
  net.connect(list, to, all_to_all(), {.weight = 3_nS, .delay = 2_ms, .model = two_exponentials()});
  net.record(to, "V_m");
  Simulation sim(net, {.precision = Precision::twofold});
  sim.run(12_ms);
  // The conductance of step n is that at its start: s(t) = 3 nS (e^(-t/5) - e^(-t/2)) / (1/2-1/5).
  double v = -70;
  const auto trace = Recording(sim.recording()).traces[0].values;
  for (std::size_t n = 0; n + 1 < trace.size(); ++n) {
    const double t = 0.1 * (static_cast<double>(n) - 30);
    const double g = t <= 0 ? 0 : 3 * (std::exp(-t / 5) - std::exp(-t / 2)) / (1 / 2.0 - 1 / 5.0);
    const double rate = (10 + g) / 200, rest = -70 * 10 / (10 + g);
    v = rest + (v - rest) * std::exp(-rate * 0.1);
    EXPECT_NEAR(trace[n + 1], v, 1e-9) << n;
  }
  EXPECT_GT(v, -70 + 0.1);
}

TEST(SynapticStates, MayDifferPerSynapse) {
  Network net(0.1_ms);
  const View list = accumulators::add_spikes(net, "list", 20, {{10, 3}, {12, 5}});
  const View to = net.add("to", 30, receiver());
  net.connect(list, to, all_to_all(),
              {.weight = 1_nS,
               .model = two_exponentials(),
               .parameters = {{"tau", Values::uniform(3_ms, 30_ms)}}});
  net.record(to, "V_m");
  Simulation sim(net, {});
  sim.run(20_ms);
  const auto v = Recording(sim.recording()).traces[0].values;
  EXPECT_NE(v[v.size() - 1], v[v.size() - 2]);
}

TEST(SynapticStates, ThatCannotBeSharedAreRefusedWithTheReason) {
  const auto reason = [](const model::Model& m, SynapseState state, Values delay) {
    try {
      Simulation sim(build(m, state, delay).net, {});
    } catch (const UnsupportedError& error) {
      return std::string(error.what());
    }
    return std::string("accepted");
  };
  const auto has = [](const std::string& text, const char* part) {
    EXPECT_NE(text.find(part), std::string::npos) << text;
  };
  has(reason(saturating(), SynapseState::per_target, 1_ms), "weight");
  has(reason(saturating(), SynapseState::per_source, Values::uniform(1_ms, 2_ms)), "delays differ");
  has(reason(two_exponentials(), SynapseState::per_source, 1_ms), "depends on the weight");
  has(reason(stateful("dx/dt = -x*x/(nS*ms) : siemens\ng_post = x : siemens (summed)",
                      "x += weight", false),
             SynapseState::per_target, 1_ms),
      "not a sum of states");
  has(reason(stateful("dx/dt = -x/tau : siemens", "x += weight"), SynapseState::automatic, 1_ms),
      "receives nothing");
  has(reason(
          stateful("dx/dt = -x/tau : siemens\ng_post = x : siemens (summed)", "g_post += weight"),
          SynapseState::automatic, 1_ms),
      "adds to the states");
}

TEST(SynapticStates, SurviveARestartWhereverTheyAreKept) {
  for (const SynapseState state :
       {SynapseState::per_target, SynapseState::per_synapse, SynapseState::automatic}) {
    const Built b = build(two_exponentials(), state, Values::uniform(0.5_ms, 4_ms));
    Simulation whole(b.net, {}), first(b.net, {.threads = 2});
    whole.run(50_ms);
    first.run(21.3_ms);
    const std::string file = testing::TempDir() + "callosum_states_" + std::to_string(getpid());
    first.save(file);
    Simulation second = Simulation::resume(file, b.net, {});
    second.run(28.7_ms);
    busy::expect_same(second, whole);
  }
}

}  // namespace
}  // namespace callosum
