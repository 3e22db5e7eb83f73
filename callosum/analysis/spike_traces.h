#pragma once

#include <cstdint>
#include <span>
#include <vector>

namespace callosum::analysis {

/// Exponential traces of spike trains, as features of a readout: r_i falls by the factor decay[i]
/// each step and rises by 1 with each spike of neuron i. Sampled after steps every, 2 every, ... up
/// to `length`: [sample][neuron]. `steps` ascend and lie in 1 ... ; later ones than `length` count
/// for nothing. ShapeError where lists differ in length; ValueError for a decay outside [0, 1], a
/// neuron that is not there, steps that do not ascend, every < 1.
std::vector<double> spike_traces(std::span<const std::int64_t> steps,
                                 std::span<const std::uint32_t> neurons,
                                 std::span<const double> decay, std::int64_t length,
                                 std::int64_t every);

}  // namespace callosum::analysis
