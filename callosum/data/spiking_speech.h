#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "callosum/data/locate.h"

namespace callosum::data {

/// One spoken word as the spikes of an artificial cochlea, by time.
struct SpokenSpikes {
  std::vector<float> times_s;           ///< [spike]
  std::vector<std::uint16_t> channels;  ///< [spike], 0 lowest frequency ... 699
  std::int32_t label = 0;               ///< the class
  std::int32_t speaker = -1;            ///< -1: the file does not say
};

/// The HDF5 layout of SHD and SSC (Cramer et al. 2020): /spikes/times and /spikes/units of variable
/// length, /labels, /extra/speaker. Packed (.gz, .zip) files are unpacked in memory.
/// \throws FileError when counts differ, a channel or a label is out of range (`channels`,
/// `classes`), a time is no finite number >= 0, or the file is damaged.
std::vector<SpokenSpikes> read_spoken_spikes(const std::filesystem::path& path,
                                             std::size_t channels = 700, std::size_t classes = 0);

struct SpokenSpikeSet {
  std::size_t channels = 700;
  std::vector<SpokenSpikes> train, valid, test;  ///< valid is empty in SHD
  std::vector<std::string> classes;
  Location source;
};
/// "shd" or "ssc". \throws as `locate` and `read_spoken_spikes`; UnsupportedError for others.
SpokenSpikeSet load_spoken_spikes(std::string_view name, Need need = Need::any);

}  // namespace callosum::data
