#include "callosum/sim/ring_checkpoint.h"

#include <algorithm>
#include <cstring>
#include <vector>

namespace callosum::sim {
namespace {

// Calls f(lanes, first, last) for each slice of a slot; lanes[i] is lane i.
template <class T, class F>
void for_each_slice(Ring<T>& ring, std::uint32_t begin, std::uint32_t end, std::int64_t step, F f) {
  for (std::uint32_t last; begin < end; begin = last) {
    last = std::min(end, ring.slice_end(begin));
    f(ring.lanes(step, begin), begin, last);
  }
}

// To the bit, so that -0 is kept.
template <class T>
bool all_zero(const std::vector<T>& values) {
  const T zero = 0;
  return std::all_of(values.begin(), values.end(),
                     [&](const T& x) { return std::memcmp(&x, &zero, sizeof x) == 0; });
}

}  // namespace

template <class T>
void save_arrivals(ArchiveWriter& out, const std::string& name, Ring<T>& ring, std::uint32_t begin,
                   std::uint32_t end, std::int64_t now) {
  std::vector<std::uint32_t> ahead;
  std::vector<T> values, slot(end - begin);
  for (std::uint32_t d = 0; d < ring.slots(); ++d) {
    for_each_slice(ring, begin, end, now + d,
                   [&](const T* lanes, std::uint32_t first, std::uint32_t last) {
                     std::copy(lanes + first, lanes + last, slot.begin() + (first - begin));
                   });
    if (all_zero(slot)) continue;
    ahead.push_back(d);
    values.insert(values.end(), slot.begin(), slot.end());
  }
  if (ahead.empty()) return;
  out.put(name + " slots", ahead);
  out.put(name, values);
}

template <class T>
void load_arrivals(const ArchiveReader& in, const std::string& name, Ring<T>& ring,
                   std::uint32_t begin, std::uint32_t end, std::int64_t now) {
  if (!in.has(name + " slots")) return;
  const auto ahead = in.get<std::uint32_t>(name + " slots");
  const std::size_t lanes_each = end - begin;
  const auto values = in.get<T>(name, ahead.size() * lanes_each);
  for (std::size_t k = 0; k < ahead.size(); ++k) {
    if (ahead[k] >= ring.slots())
      in.refuse(name, "an arrival lies beyond the longest delay", std::to_string(ahead[k]),
                "less than " + std::to_string(ring.slots()) + " steps");
    const T* slot = values.data() + k * lanes_each;
    for_each_slice(ring, begin, end, now + ahead[k],
                   [&](T* lanes, std::uint32_t first, std::uint32_t last) {
                     std::copy(slot + (first - begin), slot + (last - begin), lanes + first);
                   });
  }
}

template void save_arrivals(ArchiveWriter&, const std::string&, Ring<float>&, std::uint32_t,
                            std::uint32_t, std::int64_t);
template void save_arrivals(ArchiveWriter&, const std::string&, Ring<double>&, std::uint32_t,
                            std::uint32_t, std::int64_t);
template void load_arrivals(const ArchiveReader&, const std::string&, Ring<float>&, std::uint32_t,
                            std::uint32_t, std::int64_t);
template void load_arrivals(const ArchiveReader&, const std::string&, Ring<double>&, std::uint32_t,
                            std::uint32_t, std::int64_t);

}  // namespace callosum::sim
