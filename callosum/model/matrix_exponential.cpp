#include "callosum/model/matrix_exponential.h"

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

// The largest sum of a row's absolute values; NaN if any is.
double row_norm(const Matrix& matrix, std::size_t n) {
  double norm = 0;
  for (std::size_t i = 0; i < n; ++i) {
    double row = 0;
    for (std::size_t j = 0; j < n; ++j) row += std::abs(matrix[i * n + j]);
    norm = row <= norm ? norm : row;
    if (std::isnan(norm)) return norm;
  }
  return norm;
}

// exp(A) as its difference E from the identity, which keeps what is small against 1 through a long
// chain of squarings, and its diagonal, which keeps what is small against 0.
struct Exponential {
  Matrix e;
  std::vector<double> diagonal;

  // (1 + E)^2 - 1, where e_ij gets e_ij (d_i + d_j) from the diagonal d.
  void square(std::size_t n) {
    Matrix next(n * n, 0.0);
    std::vector<double> d(n);
    for (std::size_t i = 0; i < n; ++i)
      for (std::size_t j = 0; j < n; ++j) {
        double others = 0;
        for (std::size_t k = 0; k < n; ++k)
          if (k != i && k != j && e[i * n + k] != 0 && e[k * n + j] != 0)
            others = std::fma(e[i * n + k], e[k * n + j], others);
        const double own = e[i * n + j];
        double& to = next[i * n + j];
        if (i != j) {
          to = own == 0 ? others : std::fma(own, diagonal[i] + diagonal[j], others);
          continue;
        }
        to = std::fma(own, own + 2, others);
        d[i] = std::fma(diagonal[i], diagonal[i], others);
        if (std::abs(to) < 0.5)
          d[i] = 1 + to;
        else
          to = d[i] - 1;
      }
    e = next;
    diagonal = d;
  }
};

}  // namespace

Matrix matrix_exponential(const Matrix& matrix, std::size_t n) {
  const double norm = row_norm(matrix, n);
  if (!(norm < 1e300)) return Matrix(n * n, std::numeric_limits<double>::quiet_NaN());
  int squarings = 0;
  double scale = 1;
  for (; norm * scale > 0.25; scale *= 0.5) ++squarings;
  Matrix a(n * n);
  for (std::size_t i = 0; i < n * n; ++i) a[i] = matrix[i] * scale;
  Exponential x{a, std::vector<double>(n)};
  // exp(a) - 1 = a (1 + a/2 (1 + a/3 (...))); 0.25^17 / 17! is far below one ulp.
  for (int term = 16; term >= 2; --term) {
    const Matrix next = product(a, x.e, n);
    for (std::size_t i = 0; i < n * n; ++i) x.e[i] = a[i] + next[i] / term;
  }
  for (std::size_t i = 0; i < n; ++i) x.diagonal[i] = 1 + x.e[i * n + i];
  for (int s = 0; s < squarings; ++s) x.square(n);
  for (std::size_t i = 0; i < n; ++i) x.e[i * n + i] = x.diagonal[i];
  return x.e;
}

}  // namespace callosum::model
