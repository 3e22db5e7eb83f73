#pragma once

#include <array>
#include <cstdint>
#include <string_view>

namespace callosum {

/// What a draw is for: part of its key, so that two uses never share numbers.
enum class Purpose : std::uint32_t {
  topology = 1,  ///< which synapses exist
  weight = 2,
  delay = 3,
  initial = 4,  ///< initial values and drawn parameters
  noise = 5,    ///< xi, randn() in a model
  uniform = 6,  ///< rand() in a model
  poisson = 7,  ///< Poisson input
  position = 8,
  user = 64,
};

/// 64-bit FNV-1a of an object's *name*: adding another object redraws nothing here.
constexpr std::uint64_t name_hash(std::string_view name) {
  std::uint64_t h = 0xcbf29ce484222325ull;
  for (char c : name) h = (h ^ static_cast<unsigned char>(c)) * 0x100000001b3ull;
  return h;
}

/// A strong 64-bit mix (the finaliser of splitmix64).
constexpr std::uint64_t mix64(std::uint64_t x) {
  x += 0x9e3779b97f4a7c15ull;
  x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9ull;
  x = (x ^ (x >> 27)) * 0x94d049bb133111ebull;
  return x ^ (x >> 31);
}

/// Philox4x32-10 (Salmon et al. 2011): a keyed bijection of 128-bit counters.
std::array<std::uint32_t, 4> philox(std::array<std::uint32_t, 4> counter, std::uint64_t key);

/// Everything of a draw's key that is fixed for one object, purpose and replica.
class StreamKey {
 public:
  StreamKey(std::uint64_t seed, std::uint64_t object, Purpose purpose, std::uint32_t replica = 0)
      : value_(mix64(mix64(mix64(seed) ^ object) ^
                     (static_cast<std::uint64_t>(purpose) << 32 | replica))) {}
  std::uint64_t value() const { return value_; }

 private:
  std::uint64_t value_;
};

/// The numbers of one (key, local index, step), drawn in order. Cheap to make: no state to warm up.
/// No libm and no std:: distributions, so the same numbers come on every machine.
/// `index` < 2^48, `step` < 2^48.
class Stream {
 public:
  Stream(StreamKey key, std::uint64_t index, std::uint64_t step = 0);

  std::uint32_t bits32();
  std::uint64_t bits64();
  double uniform();                      ///< in (0, 1), 53 bits, never 0 or 1
  std::uint64_t below(std::uint64_t n);  ///< uniform in [0, n), exact; n >= 1
  double normal();                       ///< mean 0, sd 1
  double exponential();                  ///< mean 1
  double gamma(double shape);            ///< scale 1; shape > 0
  std::uint64_t poisson(double mean);    ///< mean >= 0
  std::uint64_t binomial(std::uint64_t n, double p);
  /// Marked among `draws` taken without replacement from `total` of which `marked` are marked.
  std::uint64_t hypergeometric(std::uint64_t total, std::uint64_t marked, std::uint64_t draws);

 private:
  std::uint64_t key_;
  std::array<std::uint32_t, 4> counter_;
  std::array<std::uint32_t, 4> block_{};
  int used_ = 4;
};

}  // namespace callosum
