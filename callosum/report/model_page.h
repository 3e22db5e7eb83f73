#pragma once

#include <string>
#include <vector>

#include "callosum/model/model.h"
#include "callosum/report/chart.h"

namespace callosum::report {

/// What a model does, simulated at `dt_ms`. A neuron: its answer to a step of input that makes it
/// fire, the rate (or the final value, where it does not spike) over the input, the plane of its
/// two states where it has two, and what one arriving spike does. A synapse: what its target
/// receives, or what its weight comes to. A source: what it emits.
std::vector<Chart> model_response(const model::Model& model, double dt_ms = 0.05);

/// The page of a model as one HTML text: what it is for, reference, response, parameters with
/// units, defaults and ranges, equations, names in NEST and PyNN.
std::string model_page(const model::Model& model, double dt_ms = 0.05);

}  // namespace callosum::report
