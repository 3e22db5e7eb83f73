#include "callosum/learn/torch/fit.h"

#include <ATen/ATen.h>
#include <gtest/gtest.h>

#include <cmath>
#include <filesystem>

#include "callosum/core/error.h"
#include "callosum/learn/torch/spike_losses.h"
#include "callosum/library/library.h"
#include "callosum/nets/draws.h"

namespace callosum::learn {
namespace {

using namespace callosum::literals;
using model::Surrogate;

/// Two classes told apart by which half of the inputs fires more.
SpikeSamples halves(std::int64_t count, std::uint64_t seed, double dt_ms = 1) {
  nets::Draws draws(seed, "halves");
  std::vector<std::int64_t> labels;
  for (std::int64_t k = 0; k < count; ++k) labels.push_back(k % 2);
  SpikeSamples samples(labels, 2, 12, 20, dt_ms);
  const at::Tensor u = draws.uniform({count, 12, 20});
  for (std::int64_t k = 0; k < count; ++k)
    for (std::int64_t t = 0; t < 12; ++t)
      for (std::uint32_t i = 0; i < 20; ++i)
        if (u[k][t][i].item<double>() < ((i < 10) == (k % 2 == 0) ? 0.25 : 0.15))
          samples.set(k, t, i);
  return samples;
}

Module net(double weight = 3, std::vector<std::string> outputs = {"out.count", "hidden.count"}) {
  Network n(1_ms);
  const std::map<std::string, Values> lif{
      {"V_th", 1_mV}, {"E_L", 0_mV}, {"V_reset", 0_mV}, {"tau_m", 10_ms}, {"t_ref", 0_ms}};
  const View in = n.add_spike_list("in", 20, {}, {});
  const View hidden = n.add("hidden", 16, library::neuron("lif_psc_delta"), {.parameters = lif});
  const View out = n.add("out", 2, library::neuron("lif_psc_delta"), {.parameters = lif});
  const auto drawn = [&](double sd) {
    return Values::normal(0_mV, Quantity::from_internal(sd, dimension::voltage));
  };
  n.connect(in, hidden, all_to_all(),
            {.target = "V_m", .weight = drawn(0.1 * weight), .name = "in"});
  n.connect(hidden, out, all_to_all(),
            {.target = "V_m", .weight = drawn(0.1 * weight), .name = "out"});
  return Module(n, {.seed = 3,
                    .surrogate = {Surrogate::fast_sigmoid, 0.3},
                    .trained = {{"in", "out", "hidden.tau_m"}},
                    .outputs = std::move(outputs)});
}

FitOptions options(std::int64_t epochs) {
  return {.readout = {.output = "out.count", .scale = 0.5},
          .rate = 0.02,
          .rate_factors = {{"hidden.tau_m", 5}},
          .schedule = {RateSchedule::Kind::cosine},
          .clip = 5,
          .epochs = epochs,
          .batch = 32,
          .seed = 7};
}

TEST(Fit, LearnsToTellTwoClassesApart) {
  Module m = net();
  const SpikeSamples training = halves(256, 1), validation = halves(128, 2), test = halves(256, 3);
  const double before = score(m, test, options(1).readout).accuracy;
  int calls = 0;
  FitOptions o = options(12);
  o.progress = [&](const Progress& p) {
    EXPECT_NE(p.detail.find("accuracy"), std::string::npos);
    ++calls;
    return true;
  };
  const FitResult r = fit(m, training, &validation, o);
  const Score after = score(m, test, o.readout);
  EXPECT_LT(before, 0.75);
  EXPECT_GT(after.accuracy, 0.9);
  EXPECT_GT(after.spikes, 1);
  EXPECT_GT(after.synaptic_operations, after.spikes);
  EXPECT_EQ(r.curves.epochs(), 12);
  EXPECT_EQ(calls, 12 * 8);
  EXPECT_LT(r.curves.last("loss"), r.curves.values.at("loss")[0]);
  EXPECT_GT(r.curves.last("gradient.in"), 0);
  EXPECT_GT(r.curves.last("firing.hidden"), 0);
  EXPECT_NE(m.parameter("hidden.tau_m").item<float>(), 10);
  // The parameters are those of the best epoch by validation.
  EXPECT_EQ(score(m, validation, o.readout).accuracy, r.best_accuracy);
  EXPECT_EQ(r.best_accuracy,
            r.curves.values.at("validation_accuracy")[static_cast<std::size_t>(r.best_epoch)]);
}

TEST(Fit, ResumesToTheBit) {
  const SpikeSamples training = halves(96, 1), validation = halves(32, 2);
  const std::string file =
      (std::filesystem::path(testing::TempDir()) / "fit_resume.training").string();
  std::filesystem::remove(file);
  Module whole = net();
  const FitResult all = fit(whole, training, &validation, options(6));
  FitOptions o = options(6);
  o.checkpoint = file;
  Module first = net();
  int batches = 0;
  o.progress = [&](const Progress&) { return ++batches < 10; };  // in the fourth epoch
  EXPECT_THROW(fit(first, training, &validation, o), Interrupted);
  o.progress = {};
  Module second = net();
  const FitResult rest = fit(second, training, &validation, o);
  EXPECT_TRUE(rest.resumed);
  EXPECT_EQ(rest.curves.values, all.curves.values);
  EXPECT_EQ(rest.best_epoch, all.best_epoch);
  for (const std::string& name : whole.trained())
    EXPECT_TRUE(at::equal(whole.parameter(name), second.parameter(name))) << name;
  o.seed = 8;
  EXPECT_THROW(fit(second, training, &validation, o), FileError);
}

TEST(Fit, StopsEarly) {
  Module m = net();
  FitOptions o = options(50);
  o.rate = 1e-9;  // nothing is learned, so nothing gets better
  o.rate_factors = {};
  o.patience = 2;
  const SpikeSamples training = halves(64, 1), validation = halves(32, 2);
  const FitResult r = fit(m, training, &validation, o);
  EXPECT_TRUE(r.stopped_early);
  EXPECT_EQ(r.best_epoch, 0);
  EXPECT_EQ(r.curves.epochs(), 3);
}

std::string message(const std::function<void()>& call) {
  try {
    call();
  } catch (const Error& e) {
    return std::string(e.kind()) + ": " + e.what();
  }
  return "";
}

TEST(Fit, NamesTheFirstTensorThatIsNotFinite) {
  const SpikeSamples training = halves(64, 1);
  Module m = net();
  m.parameter("out").detach()[3][1] = NAN;
  std::string text = message([&] { fit(m, training, nullptr, options(1)); });
  EXPECT_NE(text.find("numerical: "), std::string::npos) << text;
  EXPECT_NE(text.find("parameter 'out'"), std::string::npos) << text;
  EXPECT_NE(text.find("epoch 0, batch 0"), std::string::npos) << text;
  // A gradient that is not finite, made by the user's own transform.
  Module n = net();
  FitOptions o = options(1);
  int batch = 0;
  o.on_gradients = [&](Trainable& mod) {
    if (batch++ == 0) mod.parameter("in").grad()[0][0] = INFINITY;
  };
  text = message([&] { fit(n, training, nullptr, o); });
  EXPECT_NE(text.find("numerical: "), std::string::npos) << text;
  EXPECT_NE(text.find("the gradient of 'in'"), std::string::npos) << text;
}

TEST(Fit, RefusesWhatDoesNotFit) {
  Module m = net();
  const FitOptions o = options(1);
  EXPECT_THROW(SpikeSamples({0, 1, 2}, 2, 5, 3, 1), ValueError);
  EXPECT_THROW(SpikeSamples({}, 2, 5, 3, 1), ShapeError);
  const std::string step = message([&] { fit(m, halves(8, 1, 0.5), nullptr, o); });
  EXPECT_NE(step.find("value: "), std::string::npos) << step;
  EXPECT_NE(step.find("0.5 ms"), std::string::npos) << step;
  EXPECT_NE(step.find("1 ms"), std::string::npos) << step;
  EXPECT_THROW(fit(m, SpikeSamples({0, 1}, 2, 5, 3, 1), nullptr, o), ShapeError);
  FitOptions other = o;
  other.readout.output = "out.counts";
  EXPECT_THROW(fit(m, halves(8, 1), nullptr, other), NameError);
  other = o;
  other.rate_factors = {{"hidden", 2}};
  EXPECT_THROW(fit(m, halves(8, 1), nullptr, other), NameError);
  const std::vector<std::int64_t> none;
  EXPECT_THROW(halves(4, 1).batch(none), ShapeError);
}

TEST(Fit, SaysWhatTheFiringIsLike) {
  Module quiet = net(0.1), loud = net();
  loud.parameter("in").detach().fill_(2);
  const SpikeSamples samples = halves(32, 1);
  for (Module* m : {&quiet, &loud}) score(*m, samples, options(1).readout);
  EXPECT_GT(activity(quiet)[0].silent, 0.5);
  EXPECT_NE(advice(activity(quiet)[0]).find("never fire"), std::string::npos);
  EXPECT_NE(advice(activity(loud)[0]).find("tell little"), std::string::npos);
}

TEST(InitialiseRates, ReachesTheRateLayerByLayer) {
  for (const double weight : {0.1, 60.0}) {
    Module m = net(weight);
    const SpikeSamples samples = halves(64, 1);
    initialise_rates(m, samples, 0.1);
    score(m, samples, options(1).readout);
    for (const Activity& a : activity(m)) EXPECT_NEAR(a.rate, 0.1, 0.01) << a.population;
  }
  Module m = net();
  m.parameter("in").detach().fill_(-1);
  const at::Tensor before = m.parameter("in").detach().clone();
  EXPECT_THROW(initialise_rates(m, halves(64, 1), 0.1), NumericalError);
  EXPECT_TRUE(at::equal(before, m.parameter("in").detach()));
}

TEST(SpikeLosses, AreTheirClosedForms) {
  const at::Tensor labels = at::tensor({1, 0}, at::kLong);
  const at::Tensor counts = at::tensor({2.0, 4.0, 1.0, 0.0}, at::kDouble).reshape({2, 2});
  EXPECT_NEAR(count_cross_entropy(counts, labels, 0.5).item<double>(),
              0.5 * (std::log(1 + std::exp(-1.0)) + std::log(1 + std::exp(-0.5))), 1e-14);
  EXPECT_NEAR(rate_error(counts, labels, 10, 0.8, 0.1).item<double>(),
              (0.01 + 0.16 + 0.49 + 0.01) / 4, 1e-14);
  at::Tensor spikes = at::zeros({5, 1, 3}, at::kDouble);
  spikes[3][0][0] = 1;
  spikes[4][0][0] = 1;
  spikes[0][0][1] = 1;
  EXPECT_TRUE(at::equal(first_spike_steps(spikes)[0], at::tensor({3.0, 0.0, 5.0}, at::kDouble)));
  // A spike one step earlier would move the first spike by what comes after it.
  spikes.requires_grad_();
  first_spike_steps(spikes).sum().backward();
  EXPECT_EQ(spikes.grad()[2][0][0].item<double>(), -1);
  EXPECT_EQ(spikes.grad()[4][0][0].item<double>(), 0);
  EXPECT_EQ(spikes.grad()[2][0][2].item<double>(), -3);
  const at::Tensor states = at::tensor({0.0, 1.0, 3.0, 0.0}, at::kDouble).reshape({2, 1, 2});
  const at::Tensor zero = at::zeros({1}, at::kLong);
  EXPECT_NEAR(mean_cross_entropy(states, zero).item<double>(), std::log(1 + std::exp(-1.0)), 1e-14);
  EXPECT_NEAR(maximum_cross_entropy(states, zero).item<double>(), std::log(1 + std::exp(-2.0)),
              1e-14);
  EXPECT_NEAR(rate_penalty(counts, 10, 0.15, 0.3).item<double>(), (0.01 + 0.0025 + 0.0225) / 4,
              1e-14);
  EXPECT_THROW(count_cross_entropy(counts, at::tensor({1, 2}, at::kLong)), ValueError);
  EXPECT_THROW(count_cross_entropy(at::zeros({0, 2}), at::zeros({0}, at::kLong)), ShapeError);
  EXPECT_THROW(count_cross_entropy(counts, zero), ShapeError);
}

}  // namespace
}  // namespace callosum::learn
