#pragma once

#include <filesystem>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "callosum/data/locate.h"

namespace callosum::data {

/// Signals sampled side by side, such as the fluorescence of neurons.
struct Traces {
  std::vector<std::string> names;  ///< one a signal
  std::vector<double> times_s;     ///< [frame], ascending
  std::vector<float> values;       ///< [signal][frame], in the file's units
  Location source = {};

  std::size_t size() const { return names.size(); }
  std::size_t frames() const { return times_s.size(); }
  /// One signal over time. \throws ShapeError beyond the last.
  std::span<const float> trace(std::size_t i) const;
};

/// A table with times in seconds in the first column and one signal in each other.
/// \throws FileError when time does not ascend, a cell is no number or there is no signal.
Traces read_traces(const std::filesystem::path& path);

/// "celegans-calcium": z-scored fluorescence of 98 named neurons, 0.6 s a frame.
Traces load_traces(std::string_view name, Need need = Need::any);

}  // namespace callosum::data
