#include <gtest/gtest.h>

#include <cmath>

#include "callosum/library/library.h"
#include "tests/sim/accumulators.h"

// on_pre programs against an oracle that stores every spike and works synapse by synapse.
namespace callosum {
namespace {

using namespace callosum::literals;
using namespace callosum::accumulators;

constexpr std::uint32_t sources = 30, targets = 1300;
constexpr std::int64_t steps = 50;

struct Net {
  Net() : net(0.1_ms) {
    list = add_spikes(net, "list", sources, spikes);
    to = net.add("to", targets, adder());
  }
  std::uint32_t connect(const Synapses& s, std::string target, model::Model model,
                        std::map<std::string, Values> parameters = {}) {
    return net.connect(list, to, s.rule(),
                       {.target = std::move(target),
                        .weight = s.weight(),
                        .delay = s.delay(),
                        .model = std::move(model),
                        .parameters = std::move(parameters)});
  }
  std::vector<double> trace(SimulationOptions options) const {
    Simulation sim(net, options);
    sim.run_steps(steps);
    return Recording(sim.recording()).traces.at(0).values;
  }
  const Spikes spikes = random_spikes(11, sources, steps, 0.2);
  Network net;
  View list, to;
};

// What on_pre does to one accumulator, told synapse by synapse.
template <class T, class F>
std::vector<double> oracle(std::vector<Arrival> all, F term) {
  in_order(all);
  std::vector<T> a(targets, 0);
  std::vector<double> result(a.begin(), a.end());
  auto next = all.begin();
  for (std::int64_t n = 0; n < steps; ++n) {
    std::vector<T> slot(targets, 0);
    for (; next != all.end() && next->slot == n; ++next)
      slot[next->target] += term(*next, a[next->target]);
    for (std::uint32_t i = 0; i < targets; ++i) a[i] += slot[i];
    result.insert(result.end(), a.begin(), a.end());
  }
  return result;
}

TEST(GeneralSynapses, ReadTheTargetAsItIsAtTheStartOfTheStep) {
  Net n;
  const Synapses s = random_synapses(12, 20000, sources, targets, 1, 20);
  n.connect(s, "a", synapse("", "target += weight*(2 - a_post)*1e-3"));
  n.net.record(n.to, "a");
  std::vector<Arrival> all;
  arrivals(n.spikes, s, 0, all);
  const auto expected =
      oracle<double>(all, [](const Arrival& x, double a) { return x.weight * (2 - a) * 1e-3; });
  const auto got = n.trace({.threads = 2, .precision = Precision::twofold});
  ASSERT_EQ(got.size(), expected.size());
  double largest = 0;
  for (std::size_t k = 0; k < got.size(); ++k)
    largest = std::max(largest, std::abs(got[k] - expected[k]) / (1 + std::abs(expected[k])));
  EXPECT_LT(largest, 1e-11);
  EXPECT_GT(*std::max_element(got.begin(), got.end()), 1);
}

TEST(GeneralSynapses, HoldAValueUnderANewNameForLaterStatements) {
  const Synapses s = random_synapses(12, 2000, sources, targets, 1, 20);
  std::vector<std::vector<double>> traces;
  for (const char* statements :
       {"target += weight*(2 - a_post)*1e-3", "left = 2 - a_post\ntarget += weight*left*1e-3"}) {
    Net n;
    n.connect(s, "a", synapse("", statements));
    n.net.record(n.to, "a");
    traces.push_back(n.trace({}));
  }
  EXPECT_EQ(traces[0], traces[1]);
  Net n;  // read by nothing: a typing error
  n.connect(s, "a", synapse("", "letf = 2 - a_post\ntarget += weight*1e-3"));
  EXPECT_THROW(Simulation{n.net}, Error);
}

TEST(GeneralSynapses, HoldTheirPlaceInTheOrderOfSumsBesidePlainOnes) {
  Net n;
  const Synapses first = random_synapses(13, 15000, sources, targets, 1, 20);
  const Synapses second = random_synapses(14, 15000, sources, targets, 1, 20);
  const Synapses third = random_synapses(15, 15000, sources, targets, 2, 7);
  n.net.connect(n.list, n.to, first.rule(),
                {.target = "a", .weight = first.weight(), .delay = first.delay()});
  n.connect(second, "a", synapse("", "target += 2*weight"));
  n.net.connect(n.list, n.to, third.rule(),
                {.target = "a", .weight = third.weight(), .delay = third.delay()});
  n.net.record(n.to, "a");
  std::vector<Arrival> all;
  arrivals(n.spikes, first, 0, all);
  arrivals(n.spikes, second, 1, all);
  arrivals(n.spikes, third, 2, all);
  for (Arrival& a : all)
    if (a.projection == 1) a.weight *= 2;
  const auto expected = sums<float>(all, targets, steps);
  for (int threads : {1, 2, 3, 7})
    EXPECT_TRUE(n.trace({.threads = threads}) == expected) << threads << " threads";
}

TEST(GeneralSynapses, ThatSayTargetPlusWeightAreTheStaticSynapse) {
  const Synapses s = random_synapses(16, 15000, sources, targets, 1, 20);
  Net n, plain;
  n.connect(s, "a", synapse("", "a_post += weight"));
  plain.net.connect(plain.list, plain.to, s.rule(),
                    {.target = "a", .weight = s.weight(), .delay = s.delay()});
  n.net.record(n.to, "a");
  plain.net.record(plain.to, "a");
  EXPECT_TRUE(n.trace({}) == plain.trace({}));
}

// Named "static", yet not what the library's static does.
TEST(GeneralSynapses, AreKnownByWhatTheyDoNotByTheirName) {
  model::ModelText t;
  t.kind = model::ModelKind::synapse;
  t.name = "static";
  t.on_pre = text("target += 3*weight");
  Network net(0.1_ms);
  const View list = add_spikes(net, "list", 1, {{1, 0}});
  const View to = net.add("to", 1, adder());
  net.connect(list, to, all_to_all(), {.target = "a", .weight = 2.0, .model = model::Model(t)});
  Simulation sim(net);
  sim.run_steps(5);
  EXPECT_EQ(sim.get(to, "a"), std::vector<double>{6});
}

TEST(GeneralSynapses, KeepVariablesOfTheirOwn) {
  const Synapses s = random_synapses(17, 9000, sources, targets, 1, 20);
  Net n;
  n.connect(s, "a", synapse("x : 1", "x += 1\ntarget += weight*x\nb_post += x"),
            {{"x", Values(1.0)}});
  n.net.record(n.to, "a");
  n.net.record(n.to, "b");
  std::vector<Arrival> all;
  arrivals(n.spikes, s, 0, all);
  std::map<std::size_t, double> x;
  const auto a = oracle<double>(all, [&](const Arrival& arrival, double) {
    return arrival.weight * (1 + ++x[arrival.ordinal]);
  });
  x.clear();
  const auto b =
      oracle<double>(all, [&](const Arrival& arrival, double) { return 1 + ++x[arrival.ordinal]; });
  Simulation sim(n.net, {.threads = 3, .precision = Precision::twofold});
  sim.run_steps(steps);
  EXPECT_TRUE(Recording(sim.recording()).traces.at(0).values == a);
  EXPECT_TRUE(Recording(sim.recording()).traces.at(1).values == b);
  // Reset::weights puts the variables back, so the same spikes do the same again.
  sim.reset(Reset::all);
  sim.run_steps(steps);
  EXPECT_TRUE(Recording(sim.recording()).traces.at(0).values == a);
}

TEST(GeneralSynapses, ChangeTheWeightsThatAreRecordedInTheOrderOfSourcesAndDraws) {
  const Synapses s = random_synapses(18, 5000, sources, targets, 1, 20);
  Net n;
  const std::uint32_t projection =
      n.connect(s, "a", synapse("", "weight *= 0.5\ntarget += weight"));
  n.net.record_weights(projection, 2.5_ms);
  std::vector<Arrival> all;
  arrivals(n.spikes, s, 0, all);
  // Order of the record: source, block of targets, draw order.
  std::vector<std::size_t> order(s.sources.size());
  for (std::size_t k = 0; k < order.size(); ++k) order[k] = k;
  std::stable_sort(order.begin(), order.end(), [&](std::size_t x, std::size_t y) {
    return std::pair(s.sources[x], s.targets[x] / block_size) <
           std::pair(s.sources[y], s.targets[y] / block_size);
  });
  for (int threads : {1, 3}) {
    Simulation sim(n.net, {.threads = threads, .precision = Precision::twofold});
    sim.run_steps(20);
    sim.run_steps(steps - 20);
    const WeightRecord r = Recording(sim.recording()).weights.at(0);
    ASSERT_EQ(r.synapses, s.sources.size());
    ASSERT_EQ(r.interval, 25);
    ASSERT_EQ(r.values.size(), 3 * r.synapses);
    for (std::size_t sample = 0; sample < 3; ++sample) {
      std::map<std::size_t, int> halved;
      for (const Arrival& a : all)
        halved[a.ordinal] += a.slot < static_cast<std::int64_t>(25 * sample);
      for (std::size_t k = 0; k < order.size(); ++k)
        ASSERT_EQ(r.values[sample * r.synapses + k],
                  std::ldexp(s.weights[order[k]], -halved[order[k]]))
            << sample << " " << k;
    }
  }
}

TEST(GeneralSynapses, DrawTheirVariablesAlikeForAnyNumberOfThreads) {
  Network net(0.1_ms);
  const View list = add_spikes(net, "list", 1, {{1, 0}});
  const View to = net.add("to", 5000, adder());
  net.connect(list, to, all_to_all(),
              {.target = "a",
               .delay = Values::uniform(0.1_ms, 2_ms),
               .model = synapse("x : 1", "target += x"),
               .parameters = {{"x", Values::normal(2, 0.5)}}});
  std::vector<double> first;
  for (int threads : {1, 2, 5}) {
    Simulation sim(net, {.threads = threads});
    sim.run_steps(30);
    const std::vector<double> a = sim.get(to, "a");
    if (first.empty()) first = a;
    EXPECT_EQ(a, first);
  }
  double mean = 0, square = 0;
  for (double x : first) mean += x / 5000, square += x * x / 5000;
  EXPECT_NEAR(mean, 2, 4 * 0.5 / std::sqrt(5000));
  EXPECT_NEAR(std::sqrt(square - mean * mean), 0.5, 0.02);
}

// Conductances kept once per target are what conductances kept per synapse add up to.
TEST(SynapticStates, KeptInTheTargetAreTheSumOfThoseKeptPerSynapse) {
  const Synapses s = random_synapses(19, 200, 10, 20, 1, 15);
  const Spikes spikes = random_spikes(20, 10, 200, 0.05);
  Network net(0.1_ms);
  const View list = add_spikes(net, "list", 10, spikes);
  const View to = net.add("to", 20, library::neuron("lif_psc_exp"));
  std::vector<double> weights;
  for (double w : s.weights) weights.push_back(std::abs(w));
  net.connect(
      list, to, s.rule(),
      {.target = "I_ex", .weight = Values::array(weights, dimension::current), .delay = s.delay()});
  Simulation sim(net, {.precision = Precision::twofold});
  sim.run_steps(200);
  const double tau = sim.get(to, "tau_syn_ex").front();
  std::vector<double> expected(20, 0);
  std::vector<double> per_synapse(s.sources.size(), 0);
  for (std::size_t k = 0; k < per_synapse.size(); ++k)
    for (const auto& [step, neuron] : spikes)
      if (neuron == s.sources[k] && step + s.delays[k] <= 200)
        expected[s.targets[k]] +=
            weights[k] * std::exp(-0.1 * static_cast<double>(200 - step - s.delays[k]) / tau);
  const std::vector<double> got = sim.get(to, "I_ex");
  for (int i = 0; i < 20; ++i) EXPECT_NEAR(got[i], expected[i], 1e-10 * (1 + expected[i])) << i;
}

template <class Error = UnsupportedError>
void refused(const model::Model& synapse, const std::string& word,
             SynapseState state = SynapseState::automatic) {
  Network net(0.1_ms);
  const View list = add_spikes(net, "list", 1, {{1, 0}});
  const View to = net.add("to", 1, adder());
  net.connect(list, to, all_to_all(), {.target = "a", .model = synapse, .state = state});
  try {
    Simulation sim(net);
    ADD_FAILURE() << "accepted, though it " << word;
  } catch (const Error& error) {
    EXPECT_NE(std::string(error.what()).find(word), std::string::npos) << error.what();
  }
}

TEST(GeneralSynapses, RefuseByNameWhatTheEngineCannotDo) {
  refused(synapse("dx/dt = -x/(10*ms) : 1", "target += x\nx += weight"), "receives nothing");
  refused(synapse("x : 1\ny = 2*x : 1", "target += y"), "y");
  refused(synapse("", "target += weight*rand()"), "draw");
  refused(synapse("", "target += weight"), "per_synapse", SynapseState::per_synapse);
  refused(synapse("", "target += weight"), "per_source", SynapseState::per_source);
}

TEST(GeneralSynapses, MayNameTheirTargetsThemselves) {
  Network net(0.1_ms);
  const View list = add_spikes(net, "list", 1, {{1, 0}});
  const View to = net.add("to", 1, adder());
  net.connect(list, to, all_to_all(),
              {.model = synapse("x : 1", "b_post += 2*x\na_post -= x"),
               .parameters = {{"x", Values(4.0)}}});
  Simulation sim(net);
  sim.run_steps(5);
  EXPECT_EQ(sim.get(to, "a"), std::vector<double>{-4});
  EXPECT_EQ(sim.get(to, "b"), std::vector<double>{8});
}

}  // namespace
}  // namespace callosum
