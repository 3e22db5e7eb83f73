#include "callosum/analysis/spike_traces.h"

#include <gtest/gtest.h>

#include <cmath>

#include "callosum/core/error.h"

namespace callosum::analysis {
namespace {

using Steps = std::vector<std::int64_t>;
using Neurons = std::vector<std::uint32_t>;

TEST(SpikeTraces, AreSumsOfExponentialsOverAllSpikes) {
  const Steps steps{1, 3, 3, 7, 12, 40};
  const Neurons neurons{0, 1, 0, 1, 0, 0};
  const std::vector<double> decay{0.9, 0.5};
  const auto traces = spike_traces(steps, neurons, decay, 20, 4);
  ASSERT_EQ(traces.size(), 5u * 2);
  for (int sample = 0; sample < 5; ++sample)
    for (std::uint32_t n = 0; n < 2; ++n) {
      const std::int64_t now = 4 * (sample + 1);
      double expected = 0;
      for (std::size_t k = 0; k < steps.size(); ++k)
        if (neurons[k] == n && steps[k] <= now)
          expected += std::pow(decay[n], static_cast<double>(now - steps[k]));
      EXPECT_NEAR(traces[static_cast<std::size_t>(sample) * 2 + n], expected, 1e-14);
    }
}

TEST(SpikeTraces, OfWhatCannotBeAreRefused) {
  const std::vector<double> one{0.9};
  EXPECT_THROW(spike_traces(Steps{1, 2}, Neurons{0}, one, 5, 1), ShapeError);
  EXPECT_THROW(spike_traces(Steps{1}, Neurons{1}, one, 5, 1), ValueError);
  EXPECT_THROW(spike_traces(Steps{0}, Neurons{0}, one, 5, 1), ValueError);
  EXPECT_THROW(spike_traces(Steps{3, 2}, Neurons{0, 0}, one, 5, 1), ValueError);
  EXPECT_THROW(spike_traces(Steps{1}, Neurons{0}, std::vector<double>{1.1}, 5, 1), ValueError);
  EXPECT_THROW(spike_traces(Steps{1}, Neurons{0}, one, 5, 0), ValueError);
}

}  // namespace
}  // namespace callosum::analysis
