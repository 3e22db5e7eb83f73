#include "callosum/analysis/spike_traces.h"

#include <string>

#include "callosum/core/error.h"

namespace callosum::analysis {
namespace {

[[noreturn]] void refuse(std::string what, std::string got, std::string expected) {
  throw ValueError({.where = "spike traces",
                    .what = std::move(what),
                    .got = std::move(got),
                    .expected = std::move(expected)});
}

}  // namespace

std::vector<double> spike_traces(std::span<const std::int64_t> steps,
                                 std::span<const std::uint32_t> neurons,
                                 std::span<const double> decay, std::int64_t length,
                                 std::int64_t every) {
  if (steps.size() != neurons.size())
    throw ShapeError(
        {.where = "spike traces",
         .what = "not as many steps as neurons",
         .got = std::to_string(steps.size()) + " and " + std::to_string(neurons.size()),
         .expected = "one of each a spike"});
  if (every < 1) refuse("samples are at least a step apart", std::to_string(every), "1 or more");
  for (const double d : decay)
    if (!(d >= 0 && d <= 1)) refuse("not a decay", std::to_string(d), "0 to 1");
  for (std::size_t k = 0; k < steps.size(); ++k) {
    if (!(steps[k] >= (k == 0 ? 1 : steps[k - 1])))
      refuse("steps do not ascend from 1", std::to_string(steps[k]), "spikes in order of time");
    if (neurons[k] >= decay.size())
      refuse("no such neuron", std::to_string(neurons[k]), "below " + std::to_string(decay.size()));
  }
  std::vector<double> trace(decay.size(), 0), samples;
  samples.reserve(static_cast<std::size_t>(length / every) * decay.size());
  std::size_t next = 0;
  for (std::int64_t step = 1; step <= length; ++step) {
    for (std::size_t i = 0; i < trace.size(); ++i) trace[i] *= decay[i];
    for (; next < steps.size() && steps[next] == step; ++next) trace[neurons[next]] += 1;
    if (step % every == 0) samples.insert(samples.end(), trace.begin(), trace.end());
  }
  return samples;
}

}  // namespace callosum::analysis
