#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "callosum/data/locate.h"

namespace callosum::data {

/// Spikes of units recorded side by side.
struct SpikeTrains {
  std::vector<std::string> units;            ///< their names
  std::vector<std::vector<double>> times_s;  ///< [unit][spike], ascending
  double duration_s = 0;  ///< as recorded; where the file does not say, the last spike
  /// Where each unit was recorded, [unit] micrometres; empty where the file does not say.
  std::vector<double> x_um, y_um;
  std::string species;             ///< "" where the file does not say
  std::optional<double> age_days;  ///< after birth, where the file says

  std::size_t size() const { return times_s.size(); }
  std::size_t spikes() const;  ///< of all units together
};

/// Lines "unit,time" under a first line of names; times in seconds, in any order of lines.
/// Units are those named, in the order of their first spike.
/// \throws FileError for a time that is no finite number >= 0.
SpikeTrains read_spike_table(const std::filesystem::path& path,
                             std::string_view unit_column = "unit",
                             std::string_view time_column = "time_s");
/// HDF5 as in Eglen et al. 2014 (waverepo): /spikes, /sCount, /epos, /names, /summary/duration.
/// \throws FileError when counts and spikes do not add up, times run backwards within a unit, or a
/// data set is missing.
SpikeTrains read_spike_hdf5(const std::filesystem::path& path);

struct SpikeRecording {
  SpikeTrains trains;
  Location source;
};
/// "spikes-rat-hippocampus", or "spikes-retinal-waves" with the name of a recording
/// ("Wong1993_P12a"). \throws NameError, FileError as `locate`; UnsupportedError for a data set
/// that is not made of spike trains.
SpikeRecording load_spike_trains(std::string_view name, std::string_view recording = "",
                                 Need need = Need::any);

}  // namespace callosum::data
