#include "callosum/model/matrix_exponential.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace callosum::model {
namespace {

using Matrix = std::vector<double>;

Matrix product(const Matrix& a, const Matrix& b, std::size_t n) {
  Matrix c(n * n, 0.0);
  for (std::size_t i = 0; i < n; ++i)
    for (std::size_t k = 0; k < n; ++k) {
      if (a[i * n + k] == 0) continue;
      for (std::size_t j = 0; j < n; ++j)
        c[i * n + j] = std::fma(a[i * n + k], b[k * n + j], c[i * n + j]);
    }
  return c;
}

}  // namespace

Matrix matrix_exponential(const Matrix& matrix, std::size_t n) {
  double norm = 0;
  for (std::size_t i = 0; i < n; ++i) {
    double row = 0;
    for (std::size_t j = 0; j < n; ++j) row += std::abs(matrix[i * n + j]);
    norm = row > norm || !(row == row) ? row : norm;
  }
  if (!(norm < 1e300)) return Matrix(n * n, std::numeric_limits<double>::quiet_NaN());
  int squarings = 0;
  double scale = 1;
  while (norm * scale > 0.25) {
    scale *= 0.5;
    ++squarings;
  }
  // Squaring E = exp(A) - 1 instead of exp(A) keeps the small entries of a long chain of squarings:
  // (1 + E)^2 - 1 = 2 E + E^2.
  Matrix a(n * n);
  for (std::size_t i = 0; i < n * n; ++i) a[i] = matrix[i] * scale;
  Matrix e = a;
  for (int term = 16; term >= 2; --term) {  // 0.25^17 / 17! is far below one ulp
    Matrix next = product(a, e, n);
    for (std::size_t i = 0; i < n * n; ++i) next[i] = a[i] + next[i] / term;
    e = next;
    if (term == 2) break;
  }
  for (int s = 0; s < squarings; ++s) {
    const Matrix square = product(e, e, n);
    for (std::size_t i = 0; i < n * n; ++i) e[i] = 2 * e[i] + square[i];
  }
  for (std::size_t i = 0; i < n; ++i) e[i * n + i] += 1;
  return e;
}

}  // namespace callosum::model
