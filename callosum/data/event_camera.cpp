#include <algorithm>
#include <cmath>
#include <limits>
#include <tuple>

#include "callosum/data/encoder_checks.h"
#include "callosum/data/encoders.h"

namespace callosum::data {

namespace {

constexpr const char* where = "event camera";

}  // namespace

std::vector<Event> encode_events(std::span<const float> frames, std::uint16_t width,
                                 std::uint16_t height, std::uint32_t interval_us,
                                 const CameraOptions& options) {
  check::positive(where, "contrast", options.contrast);
  check::positive(where, "darkest", options.darkest);
  check::positive(where, "interval_us", interval_us);
  check::all_within(where, frames, 0, 1);
  const std::size_t pixels = std::size_t{width} * height;
  const std::size_t count = check::rows(where, frames, pixels);
  const double last = static_cast<double>(count) * interval_us;
  check::within(where, "length in us", last, 0, std::numeric_limits<std::uint32_t>::max());
  const auto brightness = [&](std::size_t frame, std::size_t pixel) {
    return std::log(std::max(static_cast<double>(frames[frame * pixels + pixel]), options.darkest));
  };
  std::vector<Event> events;
  for (std::size_t p = 0; p < pixels; ++p) {
    if (count == 0) break;
    double level = brightness(0, p), rest_until = 0, before = level;
    for (std::size_t k = 1; k < count; ++k) {
      const double now = brightness(k, p);
      const double sign = now >= before ? 1 : -1;
      const double begin = static_cast<double>(k - 1) * interval_us;
      // Levels crossed on the straight line from `before` to `now`, the start not included.
      while (sign * (now - level) >= options.contrast) {
        level += sign * options.contrast;
        const double share = (level - before) / (now - before);
        const double t = begin + std::max(share, 0.0) * interval_us;
        if (t < rest_until) continue;
        rest_until = t + options.refractory_us;
        events.push_back({static_cast<std::uint32_t>(t), static_cast<std::uint16_t>(p % width),
                          static_cast<std::uint16_t>(p / width), sign > 0});
      }
      before = now;
    }
  }
  std::sort(events.begin(), events.end(), [](const Event& a, const Event& b) {
    return std::tie(a.t_us, a.y, a.x) < std::tie(b.t_us, b.y, b.x);
  });
  return events;
}

}  // namespace callosum::data
