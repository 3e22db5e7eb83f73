#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "callosum/model/model.h"
#include "callosum/report/chart.h"
#include "callosum/sim/recording.h"

/// What the parts of model_response() share.
namespace callosum::report {

Quantity ms(double t);
/// "V_m (mV)", "x (no unit)".
std::string titled(const model::Variable& v);
/// Times of the samples, ms.
std::vector<double> sample_times(const TraceRecord& trace, double dt_ms);
/// Samples of the i-th recorded neuron.
std::vector<double> of_neuron(const TraceRecord& trace, std::size_t i);

/// What the target of a synapse receives after three spikes, or of one without a time course what
/// spikes deliver; of one that learns its weight after pairs of spikes; of a coupling two
/// membranes.
void synapse_charts(const model::Model& model, double dt_ms, std::vector<Chart>& charts);

/// What a source emits: spikes of 20 trains, their rate over time and their intervals over many
/// trains, or the current of three of them.
void source_charts(const model::Model& model, double dt_ms, std::vector<Chart>& charts);

}  // namespace callosum::report
