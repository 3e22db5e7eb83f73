#include <ATen/ATen.h>

#include <cmath>
#include <numeric>

#include "callosum/core/error.h"
#include "callosum/learn/torch/fit.h"
#include "callosum/nets/check.h"

namespace callosum::learn {

void initialise_rates(Module& module, const SpikeSamples& samples, double rate, double tolerance) {
  constexpr const char* where = "initialise_rates";
  nets::check::within(where, "rate", rate, 1e-6, 1);
  nets::check::positive(where, "tolerance", tolerance);
  const Network& net = module.description();
  const at::NoGradGuard none;
  std::vector<std::int64_t> ids(
      static_cast<std::size_t>(std::min<std::int64_t>(samples.size(), 64)));
  std::iota(ids.begin(), ids.end(), 0);
  const ModuleInputs inputs{.spikes = {{module.input(), samples.batch(ids)}}};
  const auto trained = module.trained();
  const auto is_trained = [&](const std::string& name) {
    return std::find(trained.begin(), trained.end(), name) != trained.end();
  };
  // Layers from the input on: a population is ready when all that reach it, itself aside, are.
  std::vector<bool> done;
  for (const Population& p : net.populations()) done.push_back(p.model.events().empty());
  const auto next = [&]() -> std::int64_t {
    std::int64_t any = -1;
    for (std::uint32_t p = 0; p < done.size(); ++p) {
      if (done[p]) continue;
      any = any < 0 ? p : any;
      bool ready = true;
      for (const Projection& x : net.projections())
        if (x.to.population == p && x.from.population != p)
          ready = ready && done[x.from.population];
      if (ready) return p;
    }
    return any;  // within a loop of several populations, the first
  };
  for (std::int64_t p = next(); p >= 0; p = next()) {
    done[static_cast<std::size_t>(p)] = true;
    const std::string& name = net.populations()[static_cast<std::size_t>(p)].name;
    std::vector<std::pair<at::Tensor, at::Tensor>> weights;  // and what they were
    for (const Projection& x : net.projections())
      if (x.to.population == p && is_trained(x.name))
        weights.emplace_back(module.parameter(x.name), module.parameter(x.name).clone());
    if (weights.empty()) continue;
    const auto fires = [&](double factor) {
      for (auto& [now, before] : weights) now.copy_(before * factor);
      module.run(inputs);
      const SpikeBits& bits = module.spikes(name);
      return static_cast<double>(bits.count()) /
             (static_cast<double>(bits.steps() * bits.batch()) * bits.units());
    };
    double low = 0x1p-20, high = 0x1p20, got = -1;
    for (int k = 0; k < 40 && !(std::abs(got - rate) <= tolerance * rate); ++k) {
      const double middle = k == 0 ? 1 : std::sqrt(low * high);
      got = fires(middle);
      (got < rate ? low : high) = middle;
    }
    if (std::abs(got - rate) <= tolerance * rate) continue;
    for (auto& [now, before] : weights) now.copy_(before);
    throw NumericalError({.where = std::string(where) + ", population '" + name + "'",
                          .what = "no factor on the weights into it gives this rate",
                          .got = nets::check::number_text(got) + " spikes a step at best",
                          .expected = nets::check::number_text(rate) +
                                      "; weights whose mean is larger, or another rate"});
  }
}

}  // namespace callosum::learn
