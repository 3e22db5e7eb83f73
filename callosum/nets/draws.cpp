#include "callosum/nets/draws.h"

#include <ATen/CPUGeneratorImpl.h>
#include <ATen/ops/empty.h>

#include <algorithm>
#include <numeric>
#include <unordered_map>

#include "callosum/core/error.h"
#include "callosum/nets/check.h"

namespace callosum::nets {
namespace {

constexpr std::string_view where = "random tensors";

}  // namespace

Draws::Draws(std::uint64_t seed, std::string_view name, std::uint64_t index)
    : stream_(StreamKey(seed, name_hash(name), Purpose::user), index) {}

template <class Draw>
at::Tensor Draws::fill(at::IntArrayRef shape, at::ScalarType type, Draw draw) {
  for (std::int64_t size : shape) check::at_least(where, "size", size, 0);
  at::Tensor out = at::empty(shape, at::kDouble);
  double* values = out.data_ptr<double>();
  for (std::int64_t i = 0, n = out.numel(); i < n; ++i) values[i] = draw();
  return out.to(type);
}

at::Tensor Draws::uniform(at::IntArrayRef shape, double low, double high, at::ScalarType type) {
  if (!(low <= high))
    throw ValueError({.where = std::string(where),
                      .what = "the range of uniform numbers is empty",
                      .got = check::number_text(low) + " to " + check::number_text(high),
                      .expected = "low <= high"});
  return fill(shape, type, [&] { return low + (high - low) * stream_.uniform(); });
}

at::Tensor Draws::normal(at::IntArrayRef shape, double mean, double sd, at::ScalarType type) {
  check::not_negative(where, "sd", sd);
  return fill(shape, type, [&] { return mean + sd * stream_.normal(); });
}

at::Tensor Draws::bernoulli(at::IntArrayRef shape, double p, at::ScalarType type) {
  check::within(where, "p", p, 0, 1);
  return fill(shape, type, [&] { return stream_.uniform() < p ? 1.0 : 0.0; });
}

at::Tensor Draws::signs(at::IntArrayRef shape, double p, at::ScalarType type) {
  check::within(where, "p", p, 0, 1);
  return fill(shape, type, [&] { return stream_.uniform() < p ? 1.0 : -1.0; });
}

at::Tensor Draws::beta(at::IntArrayRef shape, double a, double b, at::ScalarType type) {
  check::positive(where, "a", a);
  check::positive(where, "b", b);
  return fill(shape, type, [&] {
    const double x = stream_.gamma(a), y = stream_.gamma(b);
    return x / (x + y);
  });
}

at::Tensor Draws::integers(at::IntArrayRef shape, std::int64_t below) {
  check::at_least(where, "below", below, 1);
  for (std::int64_t size : shape) check::at_least(where, "size", size, 0);
  at::Tensor out = at::empty(shape, at::kLong);
  std::int64_t* values = out.data_ptr<std::int64_t>();
  for (std::int64_t i = 0, n = out.numel(); i < n; ++i)
    values[i] = static_cast<std::int64_t>(stream_.below(static_cast<std::uint64_t>(below)));
  return out;
}

at::Tensor Draws::permutation(std::int64_t n) {
  check::at_least(where, "n", n, 0);
  at::Tensor out = at::empty({n}, at::kLong);
  std::int64_t* order = out.data_ptr<std::int64_t>();
  std::iota(order, order + n, 0);
  for (std::int64_t i = n; i > 1; --i)
    std::swap(order[i - 1], order[stream_.below(static_cast<std::uint64_t>(i))]);
  return out;
}

std::vector<std::int64_t> Draws::choose(std::int64_t n, std::int64_t k) {
  check::at_least(where, "n", n, 0);
  check::within(where, "k", static_cast<double>(k), 0, static_cast<double>(n));
  // The first k swaps of a shuffle, kept sparsely: time and memory of order k, not n.
  std::unordered_map<std::int64_t, std::int64_t> moved;
  const auto at = [&](std::int64_t i) {
    const auto found = moved.find(i);
    return found == moved.end() ? i : found->second;
  };
  std::vector<std::int64_t> chosen(static_cast<std::size_t>(k));
  for (std::int64_t i = 0; i < k; ++i) {
    const auto j = i + static_cast<std::int64_t>(stream_.below(static_cast<std::uint64_t>(n - i)));
    chosen[static_cast<std::size_t>(i)] = at(j);
    moved[j] = at(i);
  }
  std::sort(chosen.begin(), chosen.end());
  return chosen;
}

at::Generator Draws::generator() {
  return at::make_generator<at::CPUGeneratorImpl>(stream_.bits64());
}

}  // namespace callosum::nets
