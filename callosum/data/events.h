#pragma once

#include <cstdint>
#include <limits>
#include <string>
#include <string_view>
#include <vector>

#include "callosum/data/byte_reader.h"
#include "callosum/data/locate.h"

namespace callosum::data {

/// One pixel of an event camera reports that it became brighter (on) or darker.
struct Event {
  std::uint32_t t_us = 0;  ///< since the beginning of the recording
  std::uint16_t x = 0, y = 0;
  bool on = false;

  bool operator==(const Event&) const = default;
};

/// A recording, by time.
struct EventRecording {
  std::vector<Event> events;
  std::int32_t label = 0;  ///< the class
};

/// The 40-bit events of N-MNIST and its kin (Orchard et al. 2015): bytes x, y, then polarity (the
/// highest bit) and 23 bits of microseconds, big-endian.
/// \throws FileError when the length is no multiple of 5, a pixel lies outside width x height, or
/// time runs backwards by more than `disorder_us` (events then keep the order of the file).
std::vector<Event> read_events(ByteReader& in, std::uint16_t width, std::uint16_t height,
                               std::uint32_t disorder_us = 0);

struct EventSet {
  std::uint16_t width = 0, height = 0;  ///< pixels
  std::vector<EventRecording> train, test;
  std::vector<std::string> classes;
  Location source;
};

/// How many recordings of each part are wanted: the first ones of the archive.
struct EventSelection {
  static constexpr std::size_t all = std::numeric_limits<std::size_t>::max();
  std::size_t train = all, test = all;
};

/// "n-mnist" (60,000 + 10,000 recordings, some 12 bytes an event: 3.5 GB when all are taken) or
/// "n-mnist-small". \throws NameError, FileError as `locate`; UnsupportedError for a data set that
/// is not made of events.
EventSet load_events(std::string_view name, EventSelection wanted = {}, Need need = Need::any);

}  // namespace callosum::data
