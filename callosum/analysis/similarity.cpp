#include "callosum/analysis/similarity.h"

#include <cmath>
#include <limits>
#include <string>
#include <vector>

#include "callosum/core/error.h"

namespace callosum::analysis {
namespace {

double product(std::span<const double> a, std::span<const double> b) {
  double sum = 0;
  for (std::size_t i = 0; i < a.size(); ++i) sum += a[i] * b[i];
  return sum;
}

/// Products of all pairs of rows after each column has lost its mean: [n, n].
std::vector<double> centred_gram(std::span<const double> x, std::size_t n) {
  const std::size_t width = x.size() / n;
  std::vector<double> rows(x.begin(), x.end());
  for (std::size_t j = 0; j < width; ++j) {
    double sum = 0;
    for (std::size_t i = 0; i < n; ++i) sum += rows[i * width + j];
    for (std::size_t i = 0; i < n; ++i) rows[i * width + j] -= sum / static_cast<double>(n);
  }
  std::vector<double> gram(n * n);
  const std::span<const double> all(rows);
  for (std::size_t i = 0; i < n; ++i)
    for (std::size_t k = 0; k <= i; ++k)
      gram[i * n + k] = gram[k * n + i] =
          product(all.subspan(i * width, width), all.subspan(k * width, width));
  return gram;
}

void check_rows(std::size_t size, std::size_t n) {
  if (n >= 2 && size > 0 && size % n == 0) return;
  throw ShapeError({.where = "linear CKA",
                    .what = "the representation has no whole number of rows",
                    .got = std::to_string(size) + " numbers for " + std::to_string(n) + " samples",
                    .expected = "samples >= 2, as many numbers for each"});
}

}  // namespace

double kernel_alignment(std::span<const double> a, std::span<const double> b) {
  if (a.size() != b.size())
    throw ShapeError({.where = "kernel alignment",
                      .what = "the kernels have different sizes",
                      .got = std::to_string(a.size()) + " and " + std::to_string(b.size())});
  const double norms = std::sqrt(product(a, a)) * std::sqrt(product(b, b));
  if (!(norms > 0)) return std::numeric_limits<double>::quiet_NaN();
  return product(a, b) / norms;
}

double linear_cka(std::span<const double> x, std::span<const double> y, std::size_t n) {
  check_rows(x.size(), n);
  check_rows(y.size(), n);
  return kernel_alignment(centred_gram(x, n), centred_gram(y, n));
}

}  // namespace callosum::analysis
