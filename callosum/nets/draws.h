#pragma once

#include <ATen/core/Generator.h>
#include <ATen/core/Tensor.h>

#include <cstdint>
#include <string_view>
#include <vector>

#include "callosum/core/random.h"

namespace callosum::nets {

/// Random tensors from one stream of the library, drawn in order: the same numbers for a (seed,
/// name, index) on every machine and for any number of threads, and independent of every other
/// name. Numbers are drawn in double and then converted, so a float tensor holds the rounded
/// double one. Shapes may have any number of axes, 0 sizes included.
class Draws {
 public:
  Draws(std::uint64_t seed, std::string_view name, std::uint64_t index = 0);

  at::Tensor uniform(at::IntArrayRef shape, double low = 0, double high = 1,
                     at::ScalarType type = at::kDouble);
  at::Tensor normal(at::IntArrayRef shape, double mean = 0, double sd = 1,
                    at::ScalarType type = at::kDouble);
  /// 1 with probability p, else 0.
  at::Tensor bernoulli(at::IntArrayRef shape, double p, at::ScalarType type = at::kDouble);
  /// +1 with probability p, else -1.
  at::Tensor signs(at::IntArrayRef shape, double p = 0.5, at::ScalarType type = at::kDouble);
  /// Beta(a, b) from two gamma draws; a, b > 0.
  at::Tensor beta(at::IntArrayRef shape, double a, double b, at::ScalarType type = at::kDouble);
  /// Integers in [0, below).
  at::Tensor integers(at::IntArrayRef shape, std::int64_t below);
  /// 0 .. n-1 in random order, int64.
  at::Tensor permutation(std::int64_t n);
  /// k different numbers of 0 .. n-1, ascending.
  std::vector<std::int64_t> choose(std::int64_t n, std::int64_t k);

  /// A libtorch generator seeded with the next 64 bits, for its own random operations (dropout).
  /// Those give equal numbers only on equal versions of libtorch.
  at::Generator generator();

  Stream& stream() { return stream_; }

 private:
  template <class Draw>
  at::Tensor fill(at::IntArrayRef shape, at::ScalarType type, Draw draw);

  Stream stream_;
};

}  // namespace callosum::nets
