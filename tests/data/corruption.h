#pragma once

#include <gtest/gtest.h>

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "callosum/core/error.h"
#include "callosum/core/random.h"
#include "callosum/data/byte_reader.h"

namespace callosum::data {

using Bytes = std::vector<std::uint8_t>;

inline Bytes bytes_of(const std::string& text) { return {text.begin(), text.end()}; }

/// Reads every beginning of `good` and many copies with changed bytes: each is read or refused with
/// an error of ours. Returns how many were refused.
template <class Read>
int refused_when_damaged(const Bytes& good, Read&& read, int changes = 2000) {
  int refused = 0;
  const auto attempt = [&](const Bytes& bytes, const std::string& how) {
    try {
      read(std::span<const std::uint8_t>(bytes));
    } catch (const Error& error) {
      ++refused;
      EXPECT_FALSE(std::string(error.what()).empty());
    } catch (const std::exception& other) {
      ADD_FAILURE() << how << ": " << other.what();
    }
  };
  const std::size_t step = good.size() / 600 + 1;
  for (std::size_t n = 0; n < good.size(); n += step)
    attempt(Bytes(good.begin(), good.begin() + static_cast<std::ptrdiff_t>(n)),
            "cut at " + std::to_string(n));
  Stream stream(StreamKey(1, name_hash("damage"), Purpose::user), 0);
  for (int i = 0; i < changes; ++i) {
    Bytes bytes = good;
    for (int k = 0, n = 1 + static_cast<int>(stream.below(3)); k < n; ++k) {
      // Headers are hit more often than bodies.
      const std::size_t below =
          stream.below(2) ? std::min<std::size_t>(good.size(), 128) : good.size();
      const std::uint8_t odd[] = {0, 255, 128, 127, static_cast<std::uint8_t>(stream.bits32())};
      bytes[stream.below(below)] = odd[stream.below(5)];
    }
    attempt(bytes, "change " + std::to_string(i));
  }
  return refused;
}

}  // namespace callosum::data
