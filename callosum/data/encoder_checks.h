#pragma once

#include <cmath>
#include <span>
#include <string>

#include "callosum/core/error.h"

/// What encoders demand of their arguments; a NaN fails every check.
namespace callosum::data::check {

inline void within(const char* where, const std::string& name, double value, double low,
                   double high) {
  if (value >= low && value <= high) return;
  throw ValueError({.where = where,
                    .what = name + " is out of range",
                    .got = std::to_string(value),
                    .expected = std::to_string(low) + " to " + std::to_string(high)});
}

inline void positive(const char* where, const std::string& name, double value) {
  if (value > 0 && std::isfinite(value)) return;
  throw ValueError({.where = where,
                    .what = name + " is out of range",
                    .got = std::to_string(value),
                    .expected = "a finite number above 0"});
}

inline void all_within(const char* where, std::span<const float> values, double low, double high) {
  for (std::size_t i = 0; i < values.size(); ++i)
    if (!(values[i] >= low && values[i] <= high))
      within(where, "value " + std::to_string(i), values[i], low, high);
}

/// The number of rows of `width`.
inline std::size_t rows(const char* where, std::span<const float> values, std::size_t width) {
  if (width > 0 && values.size() % width == 0) return values.size() / width;
  throw ShapeError({.where = where,
                    .what = "the numbers do not fill whole rows",
                    .got = std::to_string(values.size()),
                    .expected = "a multiple of " + std::to_string(width)});
}

}  // namespace callosum::data::check
