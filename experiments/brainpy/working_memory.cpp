#include <ATen/ATen.h>

#include <numeric>

#include "callosum/learn/match_to_sample.h"
#include "callosum/learn/torch/index_tensor.h"
#include "callosum/learn/torch/module.h"
#include "callosum/learn/torch/spike_losses.h"
#include "callosum/nets/draws.h"
#include "callosum/nets/optimiser.h"
#include "callosum/nets/scores.h"
#include "callosum/sim/simulation.h"
#include "studies.h"

namespace callosum::experiment {
namespace {

using namespace callosum::literals;
using learn::MatchToSample;
using learn::Module;

constexpr std::uint32_t excitatory = 80, inhibitory = 20;

/// Generalised integrate-and-fire neuron with two currents that its own spikes set off (authors'
/// code, class GIF). `bias` and what arrives go through the slow input filter I_ext.
model::Model neuron() {
  model::ModelText text;
  text.name = "gif_memory";
  text.method = "exact";
  text.equations.text =
      "dV_m/dt = (I_ext + I_1 + I_2 - V_m)/(20*ms) : 1\n"
      "dI_ext/dt = (bias - I_ext)/(100*ms) : 1\n"
      "dI_1/dt = -I_1/(10*ms) : 1\n"
      "dI_2/dt = -I_2/tau_2 : 1\n";
  text.threshold.text = "V_m >= 1";
  text.reset.text = "V_m -= 1; I_1 = A_1; I_2 -= 0.6";
  text.parameters = {{.name = "bias", .value = "0"},
                     {.name = "A_1", .value = "0"},
                     {.name = "tau_2", .value = "1000 ms"}};
  return model::Model(text);
}

/// Reads spikes out with a leak of 10 ms.
model::Model readout() {
  model::ModelText text;
  text.name = "leaky_readout";
  text.method = "exact";
  text.equations.text = "dV_m/dt = (bias - V_m)/(10*ms) : 1";
  text.parameters = {{.name = "bias", .value = "0"}};
  return model::Model(text);
}

/// Magnitudes of normal weights with the variance of the authors' initialiser (0.4 over fan-in).
Values magnitudes(Stream& stream, std::uint32_t from, std::uint32_t to, double factor) {
  std::vector<double> w(from * to);
  const double sd = std::sqrt(0.4 / (excitatory + inhibitory));
  for (double& x : w) x = factor * std::abs(sd * stream.normal());
  return Values::array(std::move(w), dimension::one);
}

Network network(const Trial& t, const MatchToSample& task) {
  constexpr std::uint32_t units = excitatory + inhibitory;
  Network net(Quantity(1e-3 * task.dt_ms, dimension::time), "working memory");
  Stream stream = t.stream("network");
  std::vector<double> tau(units), after(units, 0.0);
  // Without the slow currents all time constants are those of I_1.
  for (double& x : tau) x = 100 + 2900 * stream.uniform();
  if (t.arm == "fast-currents") tau.assign(units, 10);
  std::fill(after.begin() + excitatory, after.end(), 1.0);
  const View in = net.add_spike_list("in", task.units, {}, {});
  const View hidden =
      net.add("hidden", units, neuron(),
              {.parameters = {{"tau_2", Values::array(tau, dimension::time)},
                              {"A_1", Values::array(after, dimension::one)},
                              {"bias", Values::array(std::vector<double>(units, 0.0), {})}}});
  const View out =
      net.add("out", 2, readout(),
              {.parameters = {{"bias", Values::array(std::vector<double>(2, 0.0), {})}}});
  const auto normal = [](double variance) { return Values::normal(0.0, std::sqrt(variance)); };
  net.connect(in, hidden, all_to_all(),
              {.target = "I_ext", .weight = normal(0.4 / task.units), .delay = 0_ms, .name = "in"});
  const double share = static_cast<double>(inhibitory) / excitatory;
  net.connect(net.slice(hidden, 0, excitatory), hidden, all_to_all(),
              {.target = "I_ext",
               .weight = magnitudes(stream, excitatory, units, share),
               .name = "excitation"});
  net.connect(net.slice(hidden, excitatory, units), hidden, all_to_all(),
              {.target = "I_ext",
               .weight = magnitudes(stream, inhibitory, units, -1),
               .name = "inhibition"});
  net.connect(hidden, out, all_to_all(),
              {.target = "V_m", .weight = normal(0.4 / units), .delay = 0_ms, .name = "out"});
  return net;
}

learn::ModuleOptions options(const Trial& t) {
  learn::ModuleOptions o;
  o.seed = t.seed;
  o.surrogate = {model::Surrogate::triangle, 1.0};
  o.trained = {{"in", "excitation", "inhibition", "out", "hidden.bias", "out.bias"}};
  for (const char* name : {"excitation", "inhibition"}) o.constraints[name].keep_signs = true;
  o.outputs = {"out.V_m", "hidden.V_m", "hidden.count"};
  return o;
}

/// Output over the test period, [step, trial, answer].
at::Tensor answers(const at::Tensor& output, const MatchToSample& task) {
  return output.slice(0, task.steps() - task.test_steps());
}

struct Batch {
  learn::SpikeBits spikes;
  at::Tensor labels;
};
Batch batch_of(const learn::SpikeSamples& samples) {
  std::vector<std::int64_t> all(static_cast<std::size_t>(samples.size())), labels;
  std::iota(all.begin(), all.end(), 0);
  for (std::int64_t k : all) labels.push_back(samples.label(k));
  return {samples.batch(all), learn::index_tensor(labels)};
}

/// Cross-entropy at each step of the test, and a penalty on potentials outside (-2, 0.4)
/// relative to threshold (authors' loss).
at::Tensor loss_of(const std::map<std::string, at::Tensor>& run, const at::Tensor& labels,
                   const MatchToSample& task) {
  const at::Tensor over_time = answers(run.at("out.V_m"), task);
  const at::Tensor logits = over_time.flatten(0, 1);
  const at::Tensor wanted = labels.repeat({over_time.size(0)});
  const at::Tensor v = run.at("hidden.V_m") - 1;
  const at::Tensor outside = at::relu(v - 0.4).square() + at::relu(-2 - v).square();
  return at::cross_entropy_loss(logits, wanted) + outside.mean().square();
}

double accuracy(Module& module, const MatchToSample& task, const Trial& t, std::int64_t trials) {
  at::NoGradGuard guard;
  // Other trials than those of training: another seed.
  const Batch batch = batch_of(learn::match_trials(task, trials, mix64(t.seed)));
  const auto run = module.run({.spikes = {{"in", batch.spikes}}});
  return nets::accuracy(answers(run.at("out.V_m"), task).mean(0), batch.labels);
}

void train(Module& module, const MatchToSample& task, const Trial& t, Outcome& out) {
  nets::Parameters parameters;
  for (const std::string& name : module.trained()) parameters.push_back(module.parameter(name));
  nets::Optimiser optimiser = nets::Optimiser::adam(parameters, {.rate = t["rate"]});
  const std::int64_t batches = t.whole("batches"), size = t.whole("batch");
  Curve& curve = out.curves["accuracy"];
  double right = 0;
  for (std::int64_t k = 0; k < batches; ++k) {
    const Batch batch =
        batch_of(learn::match_trials(task, size, t.seed, static_cast<std::uint64_t>(k * size)));
    const auto run = module.run({.spikes = {{"in", batch.spikes}}});
    optimiser.clear_gradients();
    loss_of(run, batch.labels, task).backward();
    if (t.arm == "no-gradient")
      for (at::Tensor& p : parameters) p.mutable_grad().zero_();
    module.constrain_gradients();
    nets::clip_gradients(parameters, 1);
    optimiser.step();
    module.constrain();
    right += nets::accuracy(answers(run.at("out.V_m").detach(), task).mean(0), batch.labels);
    if ((k + 1) % 10 == 0) {
      curve.x.push_back(static_cast<double>(k + 1));
      curve.y.push_back(right / 10);
      right = 0;
    }
    t.progress(0.9 * static_cast<double>(k + 1) / static_cast<double>(batches));
  }
}

/// One trial event by event and in the module: spikes that differ, and the largest difference of
/// the readout.
void compare_paths(Module& module, const MatchToSample& task, const Trial& t, Outcome& out) {
  learn::SpikeSamples one = learn::match_trials(task, 1, mix64(t.seed));
  const Batch batch = batch_of(one);
  at::NoGradGuard guard;
  const auto run = module.run({.spikes = {{"in", batch.spikes}}});
  Network net = module.network();
  std::vector<std::uint32_t> neurons;
  std::vector<std::int64_t> steps;
  for (std::int64_t s = 0; s < one.steps(); ++s)
    for (std::uint32_t i = 0; i < one.units(); ++i)
      if (batch.spikes.test(s, 0, i)) neurons.push_back(i), steps.push_back(s + 1);
  net.set_spikes(net.population("in"), neurons, steps);
  net.record_spikes(net.population("hidden"));
  net.record(net.population("out"), "V_m");
  Simulation simulation(net, {.seed = t.seed});
  simulation.run_steps(one.steps());
  const Recording recording = simulation.recording();
  learn::SpikeBits fired(one.steps(), 1, excitatory + inhibitory);
  for (std::size_t k = 0; k < recording.spikes[0].steps.size(); ++k)
    fired.set(recording.spikes[0].steps[k] - 1, 0, recording.spikes[0].neurons[k]);
  double differ = 0, gap = 0;
  for (std::int64_t s = 0; s < one.steps(); ++s) {
    for (std::uint32_t i = 0; i < fired.units(); ++i)
      differ += fired.test(s, 0, i) != module.spikes("hidden").test(s, 0, i);
    for (std::int64_t i = 0; i < 2; ++i) {
      const double event = recording.traces[0].values[static_cast<std::size_t>(2 * (s + 1) + i)];
      gap = std::max(gap, std::abs(event - run.at("out.V_m")[s][0][i].item<double>()));
    }
  }
  out.values["spikes that differ"] = differ;
  out.values["readout difference"] = gap;
  out.values["spikes of a trial"] = static_cast<double>(fired.count());
}

}  // namespace

void memory_study(const Trial& t, Outcome& out) {
  MatchToSample task;
  task.delay_ms = t["delay"];
  Module module(network(t, task), options(t));
  train(module, task, t, out);
  out.values["match accuracy"] = accuracy(module, task, t, t.whole("test_trials"));
  compare_paths(module, task, t, out);
}

}  // namespace callosum::experiment
