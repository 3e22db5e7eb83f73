#include "trainers.h"

#include <ATen/ATen.h>

#include "callosum/learn/torch/credit.h"
#include "callosum/learn/torch/module.h"
#include "callosum/learn/torch/spike_rates.h"
#include "callosum/nets/training.h"

namespace callosum::experiment {
namespace {

using namespace callosum::literals;
using learn::Module;

/// A layer of neurons as a module: currents in, spikes out.
std::shared_ptr<Module> neurons(const model::ModelText& text, std::int64_t units, bool gradients) {
  Network net(1_ms, "layer");
  net.add("layer", static_cast<std::uint32_t>(units), model::Model(text));
  learn::ModuleOptions options;
  // s(4 (v - 1)): a sigmoid of slope 4. The reset is detached (authors' code).
  options.surrogate = {model::Surrogate::sigmoid, 0.25, true};
  options.trained = std::vector<std::string>{};
  if (!gradients) options.trained->push_back("layer.V_th");
  options.currents = {"layer.x"};
  options.outputs = {"layer"};
  options.input_gradients = gradients;
  return std::make_shared<Module>(net, options);
}

/// v <- v (1 - 1/tau) + I, a spike from 1 on, which it subtracts; tau = 2.
model::ModelText leaky() {
  model::ModelText text;
  text.name = "leaky";
  text.method = "euler";
  text.equations.text = "dv/dt = (x - v/2)/dt : 1";
  text.threshold.text = "v >= 1";
  text.reset.text = "v -= 1";
  text.parameters = {{.name = "x", .value = "0"}};
  return text;
}

at::Tensor run(Module& module, const at::Tensor& currents,
               const learn::CarriedState& from = nullptr) {
  return module.run({.tensors = {{"layer.x", currents}}}, from).at("layer");
}

at::Tensor in_time(const at::Tensor& currents, std::int64_t steps) {
  return currents.unsqueeze(0).expand({steps, currents.size(0), currents.size(1)});
}

/// Learns from an answer to all steps of a batch at once.
class WholeRun : public Trainer {
 public:
  at::Tensor logits(const at::Tensor& x) override {
    const at::NoGradGuard guard;
    std::vector<at::Tensor> seen;
    return forward(
        x, [](std::size_t, const at::Tensor& a) { return a; }, seen);
  }
  std::vector<at::Tensor> learn(const at::Tensor& x, const at::Tensor& labels,
                                const Projector& project) override {
    std::vector<at::Tensor> seen;
    nets::cross_entropy(forward(x, project, seen), labels).backward();
    return seen;
  }

 private:
  /// What `logits` gives; appends to `seen` what each layer received.
  virtual at::Tensor forward(const at::Tensor& x, const Projector& project,
                             std::vector<at::Tensor>& seen) = 0;
};

/// Through time and space, by the surrogate (T = 4).
class ThroughTime : public WholeRun {
 public:
  ThroughTime(Layers layers, std::int64_t steps) : layers_(std::move(layers)), steps_(steps) {
    for (std::size_t l = 0; l + 1 < layers_.weights.size(); ++l)
      modules_.push_back(neurons(leaky(), layers_.weights[l].size(0), true));
  }

 private:
  at::Tensor forward(const at::Tensor& x, const Projector& project,
                     std::vector<at::Tensor>& seen) override {
    // The image is the same in every step, so its currents are computed once.
    seen = {x};
    at::Tensor currents = in_time(
        learn::credited_linear(x, layers_.weights[0], {.presynaptic = project(0, x)}), steps_);
    for (std::size_t l = 1; l < layers_.weights.size(); ++l) {
      const at::Tensor spikes = run(*modules_[l - 1], currents);
      seen.push_back(spikes.detach().flatten(0, 1));
      currents = learn::credited_linear(
          spikes, layers_.weights[l],
          {.presynaptic = project(l, spikes.detach()), .feedback = layers_.feedback(l)});
    }
    return currents.mean(0);
  }

  Layers layers_;
  std::int64_t steps_;
  std::vector<std::shared_ptr<Module>> modules_;
};

/// Online: each step is learned from at once, with a trace of the sources in the place of their
/// spikes; no gradient goes from step to step.
class Online : public Trainer {
 public:
  Online(Layers layers, std::int64_t steps) : layers_(std::move(layers)), steps_(steps) {
    for (std::size_t l = 0; l + 1 < layers_.weights.size(); ++l)
      modules_.push_back(neurons(leaky(), layers_.weights[l].size(0), true));
  }

  at::Tensor logits(const at::Tensor& x) override {
    const at::NoGradGuard guard;
    at::Tensor sum;
    walk(
        x, [](std::size_t, const at::Tensor& a) { return a; },
        [&](const at::Tensor& answer) { sum = sum.defined() ? sum + answer : answer; });
    return sum / static_cast<double>(steps_);
  }
  std::vector<at::Tensor> learn(const at::Tensor& x, const at::Tensor& labels,
                                const Projector& project) override {
    return walk(x, project, [&](const at::Tensor& answer) {
      (nets::cross_entropy(answer, labels) / static_cast<double>(steps_)).backward();
    });
  }

 private:
  std::vector<at::Tensor> walk(const at::Tensor& x, const Projector& project,
                               const std::function<void(const at::Tensor&)>& each) {
    const std::size_t depth = layers_.weights.size();
    std::vector<learn::PresynapticTrace> traces(depth, learn::PresynapticTrace(0.5));
    std::vector<learn::CarriedState> states(modules_.size());
    std::vector<std::vector<at::Tensor>> spikes(depth);
    for (std::int64_t t = 0; t < steps_; ++t) {
      at::Tensor activity = x;
      for (std::size_t l = 0; l < depth; ++l) {
        if (l > 0 || t == 0) spikes[l].push_back(activity.detach());
        learn::Credit credit{.presynaptic = project(l, traces[l].step(activity))};
        if (l > 0) credit.feedback = layers_.feedback(l);
        const at::Tensor currents = learn::credited_linear(activity, layers_.weights[l], credit);
        if (l + 1 == depth) {
          each(currents);
          break;
        }
        activity = run(*modules_[l], currents.unsqueeze(0), states[l])[0];
        states[l] = modules_[l]->carried();
      }
    }
    std::vector<at::Tensor> seen;
    for (const auto& of_layer : spikes) seen.push_back(at::cat(of_layer));
    return seen;
  }

  Layers layers_;
  std::int64_t steps_;
  std::vector<std::shared_ptr<Module>> modules_;
};

/// Through weighted firing rates: spikes are simulated, gradients are those of a clamp.
class ThroughRates : public WholeRun {
 public:
  ThroughRates(Layers layers, std::int64_t steps) : layers_(std::move(layers)), steps_(steps) {
    for (std::size_t l = 0; l + 1 < layers_.weights.size(); ++l) {
      modules_.push_back(neurons(subtracting(), layers_.weights[l].size(0), false));
      thresholds_.push_back(at::full({}, 0.3, at::kFloat).requires_grad_());
    }
  }

  void stepped() override {
    for (at::Tensor& threshold : thresholds_) {
      if (!frozen_) {
        // The authors' gradient of V_th has dt in the place of 1 / dt.
        const double scaled = rate_ * dt * dt * threshold.grad().item<double>();
        const double next = std::max(5e-4, threshold.item<double>() - scaled);
        threshold.detach().fill_(next);
      }
      threshold.mutable_grad() = at::Tensor();
    }
  }
  void freeze_neurons() override { frozen_ = true; }

 private:
  static constexpr double dt = 0.05, tau = 1, rate_ = 0.1;

  /// u <- beta u + (1 - beta) I, beta = exp(-dt / tau); a spike from 0.3 V_th on, which takes V_th
  /// away.
  static model::ModelText subtracting() {
    model::ModelText text;
    text.name = "subtracting";
    text.method = "euler";
    text.equations.text = "du/dt = (1 - beta)*(x - u)/dt : 1";
    text.threshold.text = "u >= 0.3*V_th";
    text.reset.text = "u -= V_th";
    text.parameters = {{.name = "x", .value = "0"},
                       {.name = "beta", .value = "0.951229424500714"},
                       {.name = "V_th", .value = "0.3"}};
    return text;
  }

  at::Tensor forward(const at::Tensor& x, const Projector& project,
                     std::vector<at::Tensor>& seen) override {
    at::Tensor rates = x, in_steps = in_time(x, steps_);
    for (std::size_t l = 0;; ++l) {
      seen.push_back(rates.detach());
      learn::Credit credit{.presynaptic = project(l, rates.detach())};
      if (l > 0) credit.feedback = layers_.feedback(l);
      const at::Tensor r_in = learn::credited_linear(rates, layers_.weights[l], credit);
      if (l + 1 == layers_.weights.size()) return r_in;
      {
        const at::NoGradGuard guard;
        const at::Tensor currents =
            l == 0 ? in_time(r_in.detach(), steps_) : at::matmul(in_steps, layers_.weights[l].t());
        modules_[l]->parameter("layer.V_th").copy_(thresholds_[l]);
        in_steps = run(*modules_[l], currents) * (thresholds_[l] / dt);
      }
      rates = learn::rate_through_clamp(r_in, learn::weighted_rate(in_steps, dt, tau),
                                        thresholds_[l], dt, tau);
    }
  }

  Layers layers_;
  std::int64_t steps_;
  std::vector<std::shared_ptr<Module>> modules_;
  std::vector<at::Tensor> thresholds_;
  bool frozen_ = false;
};

}  // namespace

std::unique_ptr<Trainer> trainer(const std::string& kind, const Layers& layers, const Trial& t) {
  if (kind == "ottt") return std::make_unique<Online>(layers, t.whole("steps"));
  if (kind == "dsr") return std::make_unique<ThroughRates>(layers, t.whole("rate_steps"));
  return std::make_unique<ThroughTime>(layers, t.whole("steps"));
}

}  // namespace callosum::experiment
