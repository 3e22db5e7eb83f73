#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "callosum/data/byte_reader.h"
#include "callosum/data/locate.h"

namespace callosum::data {

/// Sound: samples in -1..1.
struct Audio {
  double rate_Hz = 0;
  std::size_t channels = 1;
  std::vector<float> samples;  ///< [frame][channel]

  std::size_t frames() const { return samples.size() / channels; }
  double seconds() const { return static_cast<double>(frames()) / rate_Hz; }
  /// The mean of the channels.
  Audio mono() const;
};

/// A RIFF WAVE file: PCM of 8, 16, 24 or 32 bits, or float of 32 or 64, any number of channels.
/// Whole numbers are divided by their largest size (2^15 for 16 bits).
/// \throws FileError for a broken file; UnsupportedError for another coding.
Audio read_wav(const std::filesystem::path& path);
Audio read_wav(ByteReader& in);

/// A recording of one spoken word.
struct Utterance {
  Audio audio;
  std::int32_t label = 0;  ///< the class
  std::string speaker;
  int take = 0;
};

/// A data set of spoken words, split into training and test part.
struct AudioSet {
  std::vector<Utterance> train, test;
  std::vector<std::string> classes;
  Location source;
};

/// The free spoken digit data set: takes 0-4 of each digit and speaker are the test part.
/// \throws FileError as `locate`, or for a recording that is not called
/// {digit}_{speaker}_{take}.wav.
AudioSet load_spoken_digits(Need need = Need::any);

}  // namespace callosum::data
