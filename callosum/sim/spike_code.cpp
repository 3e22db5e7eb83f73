#include "callosum/sim/spike_code.h"

namespace callosum::sim {
namespace {

void put(std::uint32_t number, std::vector<char>& out) {
  for (; number >= 0x80; number >>= 7) out.push_back(static_cast<char>(number | 0x80));
  out.push_back(static_cast<char>(number));
}

std::uint32_t take(const char*& in) {
  std::uint32_t number = 0;
  for (int shift = 0;; shift += 7) {
    const auto byte = static_cast<std::uint8_t>(*in++);
    number |= static_cast<std::uint32_t>(byte & 0x7f) << shift;
    if (byte < 0x80) return number;
  }
}

}  // namespace

void encode_spikes(std::span<const FoundSpikes> found, std::size_t populations,
                   std::vector<char>& out) {
  for (std::uint32_t p = 0; p < populations; ++p) {
    std::uint32_t count = 0, last = 0;
    for (const FoundSpikes& f : found) count += static_cast<std::uint32_t>(f.last(p) - f.first(p));
    put(count, out);
    for (const FoundSpikes& f : found)
      for (const std::uint32_t* s = f.first(p); s < f.last(p); ++s) {
        put(*s - last, out);
        last = *s;
      }
  }
}

const char* decode_spikes(const char* in, std::size_t populations, FoundSpikes& found) {
  found.clear(populations);
  for (std::size_t p = 0; p < populations; ++p) {
    found.begin[p] = static_cast<std::uint32_t>(found.neurons.size());
    std::uint32_t neuron = 0;
    for (std::uint32_t left = take(in); left > 0; --left)
      found.neurons.push_back(neuron += take(in));
  }
  found.begin[populations] = static_cast<std::uint32_t>(found.neurons.size());
  return in;
}

}  // namespace callosum::sim
