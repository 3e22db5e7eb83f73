#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "callosum/data/events.h"
#include "callosum/data/spike_raster.h"
#include "callosum/data/spiking_speech.h"

/// From numbers to spikes. Random encoders are keyed: the spikes of a channel depend on seed,
/// sample and channel alone, so batches, threads and the order of samples do not show.
namespace callosum::data {

/// Which random numbers an encoder draws.
struct EncoderKey {
  std::uint64_t seed = 1;
  std::uint64_t sample = 0;  ///< index of the sample in its data set, < 2^48
};

/// Rate code: in every step channel i spikes with probability `values[i] * probability`,
/// independently. values in 0..1; probability = highest rate times dt, in 0..1.
/// \throws ValueError outside these ranges or for NaN.
SpikeRaster encode_rate(std::span<const float> values, std::size_t steps, double probability,
                        EncoderKey key);
/// The same with values that change, [step][channel]: constant ones give the same spikes.
SpikeRaster encode_changing_rate(std::span<const float> values, std::size_t channels,
                                 double probability, EncoderKey key);

/// When the one spike of a latency code comes.
struct LatencyOptions {
  enum class Curve {
    linear,       ///< (1 - x) (steps - 1)
    logarithmic,  ///< tau ln(x / (x - threshold)): a leaky integrator driven by x reaches threshold
  };
  Curve curve = Curve::linear;
  double threshold = 0.01;  ///< values at or below it never spike
  double tau = 5;           ///< steps, of the integrator
};
/// Latency code: a channel spikes once, the larger its value (0..1) the earlier; steps are rounded
/// to the nearest, later ones than the last are left out.
/// \throws ValueError for values outside 0..1, threshold not in [0, 1), tau not > 0.
SpikeRaster encode_latency(std::span<const float> values, std::size_t steps,
                           const LatencyOptions& options = {});

/// Delta code (send on delta): signal [step][channel]. Each channel has two outputs, 2i for up and
/// 2i + 1 for down; whenever the signal has moved by `threshold` from the last level sent, one
/// spike goes out and the level follows by `threshold`, several times a step if need be. So level
/// and signal never differ by `threshold` or more. The first row is the first level. \throws
/// ShapeError, ValueError for a threshold not > 0, or values that are not finite or move by more
/// than 10^6 thresholds.
SpikeRaster encode_delta(std::span<const float> signal, std::size_t channels, double threshold);
/// The levels an encoder's spikes stand for, [step][channel]; `start`: [channel].
std::vector<float> decode_delta(const SpikeRaster& spikes, std::span<const float> start,
                                double threshold);

/// Population code (Bohte, Kok, La Poutre 2002): each value is given to `fields` Gaussian receptive
/// fields, centres low + (2i - 1)/2 (high - low)/(fields - 2) for i = 0 ..., widths
/// (high - low)/(beta (fields - 2)). Returns responses in 0..1, [value][field], for encode_latency
/// or encode_rate. \throws ValueError unless fields >= 3, low < high, beta > 0, values finite.
std::vector<float> population_code(std::span<const float> values, std::size_t fields, double low,
                                   double high, double beta = 1.5);

/// How a camera turns brightness into events (Mueggler et al. 2017; Rebecq et al. 2018).
struct CameraOptions {
  double contrast = 0.15;             ///< change of log brightness an event stands for
  std::uint32_t refractory_us = 100;  ///< a pixel's rest after an event
  double darkest = 0.01;              ///< brightness below this counts as this
};
/// Events of a camera that sees frames [frame][row][column] of brightness 0..1, `interval_us`
/// apart; log brightness is interpolated linearly between frames. By time, then row, then column.
/// \throws ShapeError, ValueError.
std::vector<Event> encode_events(std::span<const float> frames, std::uint16_t width,
                                 std::uint16_t height, std::uint32_t interval_us,
                                 const CameraOptions& options = {});

/// Events on a time grid: channel = (on ? 0 : 1) * width * height + y * width + x; events from
/// steps * step_us on are left out.
SpikeRaster bin_events(std::span<const Event> events, std::uint16_t width, std::uint16_t height,
                       std::uint32_t step_us, std::size_t steps);
/// Spoken spikes on a time grid of `step_s`; later ones are left out.
SpikeRaster bin_spikes(const SpokenSpikes& word, std::size_t channels, double step_s,
                       std::size_t steps);

}  // namespace callosum::data
