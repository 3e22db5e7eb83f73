#include <ATen/ATen.h>

#include <algorithm>
#include <cmath>
#include <numeric>

#include "callosum/core/error.h"
#include "callosum/learn/torch/fit.h"
#include "callosum/learn/torch/index_tensor.h"
#include "callosum/learn/torch/spike_losses.h"
#include "callosum/nets/check.h"

namespace callosum::learn {

namespace check = nets::check;

namespace {

/// Puts a module into evaluation and back.
class Evaluating {
 public:
  explicit Evaluating(torch::nn::Module& module) : module_(module), was_(module.is_training()) {
    module_.eval();
  }
  Evaluating(const Evaluating&) = delete;
  ~Evaluating() { module_.train(was_); }

 private:
  torch::nn::Module& module_;
  bool was_;
};

}  // namespace

at::Tensor Readout::loss(const at::Tensor& output, const at::Tensor& labels,
                         std::int64_t steps) const {
  switch (kind) {
    case Kind::count:
      return count_cross_entropy(output, labels, scale);
    case Kind::mean:
      return mean_cross_entropy(output, labels);
    case Kind::maximum:
      return maximum_cross_entropy(output, labels);
    case Kind::rate:
      return rate_error(output, labels, steps, right, wrong);
    case Kind::first_spike:
      return first_spike_cross_entropy(output, labels, tau);
  }
  return {};
}

at::Tensor Readout::decide(const at::Tensor& output) const {
  switch (kind) {
    case Kind::count:
    case Kind::rate:
      return output.argmax(1);
    case Kind::mean:
      return output.mean(0).argmax(1);
    case Kind::maximum:
      return std::get<0>(output.max(0)).argmax(1);
    case Kind::first_spike:
      return first_spike_steps(output).argmin(1);
  }
  return {};
}

std::vector<Activity> activity(const Trainable& module) {
  std::vector<Activity> all;
  for (const Population& p : module.description().populations()) {
    if (p.model.events().empty()) continue;
    const SpikeBits& bits = module.spikes(p.name);
    if (bits.units() == 0) continue;
    std::vector<std::int64_t> counts(p.size);
    std::vector<std::uint32_t> ids(p.size);
    for (std::int64_t t = 0; t < bits.steps(); ++t)
      for (std::int64_t b = 0; b < bits.batch(); ++b) {
        const std::size_t fired = bits.list(t, b, ids.data());
        for (std::size_t k = 0; k < fired; ++k) ++counts[ids[k]];
      }
    const double rows = static_cast<double>(bits.steps() * bits.batch()), units = p.size;
    const auto share = [&](auto&& holds) {
      return static_cast<double>(std::count_if(counts.begin(), counts.end(), holds)) / units;
    };
    all.push_back({p.name, static_cast<double>(bits.count()) / (rows * units),
                   share([](std::int64_t c) { return c == 0; }),
                   share([&](std::int64_t c) { return static_cast<double>(c) >= rows / 2; })});
  }
  return all;
}

std::string advice(const Activity& a) {
  const auto percent = [](double x) { return std::to_string(std::lround(100 * x)) + " %"; };
  if (a.silent > 0.5)
    return percent(a.silent) + " of population '" + a.population +
           "' never fire, so no gradient reaches their input weights: raise the weights into it "
           "(initialise_rates) or lower its threshold, or widen the surrogate";
  if (a.saturated > 0.2)
    return percent(a.saturated) + " of population '" + a.population +
           "' fire in at least half of the steps and tell little: lower the weights into it "
           "(initialise_rates), or add a rate band";
  return "";
}

Score score(Trainable& module, const SpikeSamples& samples, const Readout& readout,
            std::int64_t batch) {
  check_samples(module.description(), samples);
  check::at_least("score", "batch", batch, 1);
  const at::NoGradGuard none;
  const Evaluating evaluating(module);
  const Network& net = module.description();
  double right = 0, loss = 0, spikes = 0, operations = 0;
  for (std::int64_t first = 0; first < samples.size(); first += batch) {
    const std::int64_t last = std::min(first + batch, samples.size());
    std::vector<std::int64_t> ids(static_cast<std::size_t>(last - first)), labels;
    std::iota(ids.begin(), ids.end(), first);
    for (const std::int64_t k : ids) labels.push_back(samples.label(k));
    const auto out = module.run_spikes(samples.batch(ids));
    const auto found = out.find(readout.output);
    if (found == out.end())
      throw NameError({.where = "score",
                       .what = "the module has no output of this name",
                       .got = readout.output});
    const at::Tensor wanted = index_tensor(labels);
    right += readout.decide(found->second).eq(wanted).sum().item<double>();
    loss += readout.loss(found->second, wanted, samples.steps()).item<double>() *
            static_cast<double>(last - first);
    for (const Population& p : net.populations())
      if (!p.model.events().empty()) spikes += static_cast<double>(module.spikes(p.name).count());
    operations += module.synaptic_operations();
  }
  const double n = static_cast<double>(samples.size());
  return {right / n, loss / n, samples.size(), spikes / n, operations / n};
}

}  // namespace callosum::learn
