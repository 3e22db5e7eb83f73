#pragma once

#include <optional>
#include <string>

#include "callosum/model/model.h"
#include "callosum/report/chart.h"

namespace callosum::report {

/// The part of a state that one axis of a phase plane shows, internal units.
struct StateRange {
  std::string state;
  double low = 0, high = 1;
};

/// Where the derivative of `state` is zero within the plane, with parameters at their defaults and
/// `input` raised by `amplitude`: a line over x, or over y, whichever crosses it at most once;
/// nullopt where neither does, and where the derivative depends on time, step or chance. Found by
/// bisection between 400 points.
std::optional<Line> nullcline(const model::Model& model, const std::string& state,
                              const StateRange& x, const StateRange& y, const std::string& input,
                              double amplitude);

}  // namespace callosum::report
