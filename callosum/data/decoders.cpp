#include "callosum/data/decoders.h"

#include <algorithm>

#include "callosum/data/encoder_checks.h"

namespace callosum::data {

std::vector<double> decode_count(const SpikeRaster& spikes) {
  std::vector<double> out(spikes.channels);
  for (const auto& s : spikes.spikes) ++out[s.channel];
  return out;
}

std::vector<double> decode_rate(const SpikeRaster& spikes, double dt_s) {
  const double seconds = dt_s * static_cast<double>(spikes.steps);
  check::positive("rate decoder", "duration", seconds);
  std::vector<double> out = decode_count(spikes);
  for (double& n : out) n /= seconds;
  return out;
}

std::vector<double> decode_first_spike(const SpikeRaster& spikes) {
  std::vector<double> out(spikes.channels, static_cast<double>(spikes.steps));
  for (const auto& s : spikes.spikes)
    out[s.channel] = std::min(out[s.channel], static_cast<double>(s.step));
  return out;
}

std::vector<double> decode_leaky_maximum(const SpikeRaster& spikes, double decay) {
  check::within("leaky maximum", "decay", decay, 0, 1);
  std::vector<double> sum(spikes.channels), out(spikes.channels);
  std::vector<std::int32_t> at(spikes.channels, 0);
  // Between spikes a sum only falls, so its maximum stands at a spike.
  for (const auto& s : spikes.spikes) {
    double& v = sum[s.channel];
    for (; at[s.channel] < s.step; ++at[s.channel]) v *= decay;
    out[s.channel] = std::max(out[s.channel], v += 1);
  }
  return out;
}

std::int32_t winner(const std::vector<double>& values, double silent) {
  const auto best = std::max_element(values.begin(), values.end());
  return best == values.end() || !(*best > silent)
             ? -1
             : static_cast<std::int32_t>(best - values.begin());
}

std::int32_t first_winner(const SpikeRaster& spikes) {
  return spikes.spikes.empty() ? -1 : static_cast<std::int32_t>(spikes.spikes.front().channel);
}

}  // namespace callosum::data
