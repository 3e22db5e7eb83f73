#include "callosum/data/events.h"

#include <algorithm>

namespace callosum::data {

std::vector<Event> read_events(ByteReader& in, std::uint16_t width, std::uint16_t height,
                               std::uint32_t disorder_us) {
  const std::vector<std::uint8_t> bytes = in.rest();
  if (bytes.size() % 5 != 0)
    throw in.error("the recording breaks off within an event",
                   std::to_string(bytes.size()) + " bytes", "a multiple of 5");
  std::vector<Event> events;
  events.reserve(bytes.size() / 5);
  std::uint32_t latest = 0;
  for (std::size_t at = 0; at < bytes.size(); at += 5) {
    const std::uint8_t* b = bytes.data() + at;
    const Event event{
        static_cast<std::uint32_t>(b[2] & 127) << 16 | static_cast<std::uint32_t>(b[3]) << 8 | b[4],
        b[0], b[1], (b[2] & 128) != 0};
    const auto which = [&] { return "event " + std::to_string(at / 5); };
    if (event.x >= width || event.y >= height)
      throw in.error(which() + " lies outside the sensor",
                     std::to_string(event.x) + ", " + std::to_string(event.y),
                     "below " + std::to_string(width) + ", " + std::to_string(height));
    if (event.t_us < latest && latest - event.t_us > disorder_us)
      throw in.error("time runs backwards at " + which(), std::to_string(event.t_us) + " us",
                     std::to_string(latest) + " us or later");
    latest = std::max(latest, event.t_us);
    events.push_back(event);
  }
  return events;
}

}  // namespace callosum::data
