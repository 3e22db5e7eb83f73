#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "callosum/core/random.h"
#include "callosum/model/matrix_exponential.h"

namespace callosum::model {
namespace {

using Matrix = std::vector<double>;
using Long = std::vector<long double>;

// The oracle: the Taylor series in long double after many halvings.
Long exponential(const Matrix& matrix, std::size_t n, int halvings = 40) {
  const auto times = [n](const Long& a, const Long& b) {
    Long c(n * n, 0);
    for (std::size_t i = 0; i < n; ++i)
      for (std::size_t k = 0; k < n; ++k)
        for (std::size_t j = 0; j < n; ++j) c[i * n + j] += a[i * n + k] * b[k * n + j];
    return c;
  };
  Long a(n * n), e(n * n, 0);
  for (std::size_t i = 0; i < n * n; ++i)
    a[i] = std::ldexp(static_cast<long double>(matrix[i]), -halvings);
  Long term = a;  // e = exp(a) - 1
  for (int k = 2; k < 30; ++k) {
    for (std::size_t i = 0; i < n * n; ++i) e[i] += term[i];
    term = times(term, a);
    for (auto& x : term) x /= k;
  }
  for (int s = 0; s < halvings; ++s) {
    const Long square = times(e, e);
    for (std::size_t i = 0; i < n * n; ++i) e[i] = 2 * e[i] + square[i];
  }
  for (std::size_t i = 0; i < n; ++i) e[i * n + i] += 1;
  return e;
}

void expect_close(double got, long double expected, double relative) {
  EXPECT_NEAR(got, static_cast<double>(expected),
              relative * std::abs(static_cast<double>(expected)));
}

TEST(MatrixExponential, OfADiagonalMatrixIsTheExponentialOfItsEntries) {
  const std::vector<double> diagonal{-40, -2.5, -1e-9, 0, 3, 12};
  const std::size_t n = diagonal.size();
  Matrix a(n * n, 0);
  for (std::size_t i = 0; i < n; ++i) a[i * n + i] = diagonal[i];
  const Matrix e = matrix_exponential(a, n);
  for (std::size_t i = 0; i < n; ++i)
    for (std::size_t j = 0; j < n; ++j) {
      if (i == j)
        expect_close(e[i * n + j], std::exp(static_cast<long double>(diagonal[i])),
                     1e-15 * std::max(4.0, 4 * std::abs(diagonal[i])));
      else
        EXPECT_EQ(e[i * n + j], 0);
    }
}

TEST(MatrixExponential, OfAJordanBlockIsItsPolynomial) {
  for (double lambda : {-0.01, -1.0, -20.0}) {
    const Matrix e = matrix_exponential({lambda, 1, 0, 0, lambda, 1, 0, 0, lambda}, 3);
    const long double p = std::exp(static_cast<long double>(lambda));
    const long double expected[] = {p, p, p / 2, 0, p, p, 0, 0, p};
    for (int i = 0; i < 9; ++i)
      expect_close(e[i], expected[i], 2e-15 * std::max(2.0, 4 * std::abs(lambda)));
    for (int i : {3, 6, 7}) EXPECT_EQ(e[i], 0);
  }
}

TEST(MatrixExponential, IsExactForARotationAndItsInverse) {
  const double angle = 1;
  const Matrix e = matrix_exponential({0, -angle, angle, 0}, 2);
  EXPECT_NEAR(e[0], std::cos(angle), 4e-16);
  EXPECT_NEAR(e[1], -std::sin(angle), 4e-16);
  EXPECT_NEAR(e[2], std::sin(angle), 4e-16);
  EXPECT_NEAR(e[3], std::cos(angle), 4e-16);
}

// I' = -I/tau_syn, V' = -V/tau_m + I/C: the entry that couples them is
// (exp(-h/tau_m) - exp(-h/tau_syn)) / (C (1/tau_syn - 1/tau_m)), lost to cancellation when the time
// constants are close.
TEST(MatrixExponential, KeepsSynapticCouplingForTimeConstantsNearlyOrExactlyEqual) {
  const double tau_m = 10, C = 250, h = 0.1;
  for (int sign : {-1, 1})
    for (int k = 0; k <= 17; ++k) {
      if (sign == -1 && k == 0) continue;
      const double tau_syn = k == 17 ? tau_m : tau_m * (1 + sign * std::pow(10.0, -k));
      const Matrix a{-h / tau_syn, 0, h / C, -h / tau_m};
      const Matrix e = matrix_exponential(a, 2);
      const Long expected = exponential(a, 2);
      for (int i = 0; i < 4; ++i) expect_close(e[i], expected[i], 6e-16);
      EXPECT_EQ(e[1], 0);
      // The derivative at equal constants, to first order in their difference.
      const long double middle = -0.5L * (static_cast<long double>(h) / tau_syn + h / tau_m);
      if (k >= 4) expect_close(e[2], h / C * std::exp(middle), 1e-8);
    }
}

TEST(MatrixExponential, KeepsEachEntryOfBadlyScaledTriangularMatrices) {
  // Units far apart: a current of picoampere-microseconds next to a voltage of kilovolts.
  for (double far : {1e-8, 1.0, 1e8, 1e12})
    for (double slow : {1e-6, 0.1, 5.0, 30.0}) {
      const Matrix a{-slow, far, 0, 0, -0.02, far / 7, 0, 0, -1.0};
      const Matrix e = matrix_exponential(a, 3);
      const Long expected = exponential(a, 3, 60);
      for (int i : {1, 2, 5}) expect_close(e[i], expected[i], 1e-14 * std::max(1.0, slow));
      for (int i : {0, 4, 8})
        expect_close(e[i], std::exp(static_cast<long double>(a[i])), 4e-15 * std::max(1.0, slow));
      for (int i : {3, 6, 7}) EXPECT_EQ(e[i], 0);
    }
}

TEST(MatrixExponential, AgreesWithTheSeriesOnFullRandomMatrices) {
  Stream draw(StreamKey(1, 2, Purpose::user), 0);
  for (int trial = 0; trial < 200; ++trial) {
    const std::size_t n = 1 + draw.below(6);
    Matrix a(n * n);
    const double size = std::exp(4 * draw.uniform() - 3);
    for (double& x : a) x = size * draw.normal() / static_cast<double>(n);
    const Matrix e = matrix_exponential(a, n);
    const Long expected = exponential(a, n);
    double largest = 0;
    for (long double x : expected) largest = std::max(largest, std::abs(static_cast<double>(x)));
    for (std::size_t i = 0; i < n * n; ++i)
      EXPECT_NEAR(e[i], static_cast<double>(expected[i]), 4e-15 * (1 + size) * largest);
  }
}

TEST(MatrixExponential, OfEntriesThatAreNotFiniteIsNaNAndEnds) {
  for (double bad :
       {std::numeric_limits<double>::quiet_NaN(), std::numeric_limits<double>::infinity(),
        -std::numeric_limits<double>::infinity(), 1e301})
    for (int at = 0; at < 4; ++at) {
      Matrix a{-1, 0.5, 0, -2};
      a[at] = bad;
      for (double x : matrix_exponential(a, 2)) EXPECT_TRUE(std::isnan(x));
    }
}

TEST(MatrixExponential, OverflowsToInfinityAndUnderflowsToZero) {
  const Matrix e = matrix_exponential({800, 0, 0, -800}, 2);
  EXPECT_EQ(e, (Matrix{HUGE_VAL, 0, 0, 0}));
  EXPECT_TRUE(matrix_exponential({}, 0).empty());
  EXPECT_EQ(matrix_exponential(Matrix(9, 0.0), 3), (Matrix{1, 0, 0, 0, 1, 0, 0, 0, 1}));
}

}  // namespace
}  // namespace callosum::model
