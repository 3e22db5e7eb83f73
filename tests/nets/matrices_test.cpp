#include <ATen/ops/eye.h>

#include <cmath>
#include <numbers>

#include "callosum/nets/draws.h"
#include "callosum/nets/linear_algebra.h"
#include "callosum/nets/sparse_matrix.h"
#include "tensors.h"

namespace callosum::nets {
namespace {

TEST(Draws, DependOnSeedNameAndIndexAlone) {
  Draws a(1, "x"), b(1, "x"), c(1, "y"), d(2, "x"), e(1, "x", 1);
  const at::Tensor first = a.normal({3, 4});
  EXPECT_EQ(distance(first, b.normal({3, 4})), 0);
  for (Draws* other : {&c, &d, &e}) EXPECT_GT(distance(first, other->normal({3, 4})), 0.1);
}

TEST(Draws, HaveTheirMoments) {
  Draws draws(3, "moments");
  const double n = 40000;
  const at::Tensor z = draws.normal({40000}, 2, 3);
  EXPECT_NEAR(z.mean().item<double>(), 2, 5 * 3 / std::sqrt(n));
  EXPECT_NEAR(z.var().item<double>(), 9, 5 * 9 * std::sqrt(2 / n));
  EXPECT_NEAR(draws.uniform({40000}, -1, 1).var().item<double>(), 1.0 / 3, 0.01);
  EXPECT_NEAR(draws.bernoulli({40000}, 0.3).mean().item<double>(), 0.3, 5 * std::sqrt(0.21 / n));
  EXPECT_NEAR(draws.signs({40000}, 0.3).mean().item<double>(), -0.4, 10 * std::sqrt(0.21 / n));
  EXPECT_NEAR(draws.beta({40000}, 2, 6).mean().item<double>(), 0.25, 0.004);
  EXPECT_EQ(draws.integers({40000}, 7).max().item<std::int64_t>(), 6);
  EXPECT_THROW(draws.bernoulli({1}, NAN), ValueError);
  EXPECT_THROW(draws.normal({1}, 0, -1), ValueError);
  EXPECT_THROW(draws.integers({1}, 0), ValueError);
}

TEST(Draws, AChoiceIsWithoutReplacementAndUniform) {
  Draws draws(4, "choice");
  std::vector<int> hits(10);
  for (int k = 0; k < 6000; ++k) {
    const auto chosen = draws.choose(10, 3);
    for (std::size_t i = 0; i < 3; ++i) {
      ++hits[static_cast<std::size_t>(chosen[i])];
      if (i) {
        ASSERT_LT(chosen[i - 1], chosen[i]);
      }
    }
  }
  for (int h : hits) EXPECT_NEAR(h, 1800, 5 * std::sqrt(6000 * 0.3 * 0.7));
  auto order = list(draws.permutation(50));
  std::sort(order.begin(), order.end());
  for (std::size_t i = 0; i < 50; ++i) EXPECT_EQ(order[i], static_cast<double>(i));
  EXPECT_THROW(draws.choose(3, 4), ValueError);
}

TEST(SparseMatrix, ProductsAreThoseOfTheDenseMatrix) {
  Draws draws(5, "sparse");
  const SparseMatrix a = sparse_gaussian(draws, 60, 7, 0.9);
  const at::Tensor x = draws.normal({60});
  std::vector<double> y(60);
  a.multiply(list(x), y);
  EXPECT_LT(distance(tensor(y), a.dense().mv(x)), 1e-14);
  EXPECT_EQ(a.entries(), 60 * 7);
  const SparseMatrix again(a.dense());
  EXPECT_EQ(distance(again.dense(), a.dense()), 0);
  EXPECT_NEAR(spectral_radius(a), 0.9, 1e-12);
  std::vector<double> short_one(59);
  EXPECT_THROW(a.multiply(short_one, y), ShapeError);
}

TEST(SparseMatrix, AMalformedPatternIsRefused) {
  using M = SparseMatrix;
  EXPECT_THROW(M(2, {0, 1}, {2}, {1}), ShapeError);
  EXPECT_THROW(M(2, {0, 2}, {1, 0}, {1, 1}), ShapeError);
  EXPECT_THROW(M(2, {0, 2}, {1, 1}, {1, 1}), ShapeError);
  EXPECT_THROW(M(2, {0, 2, 1}, {0}, {1}), ShapeError);
  EXPECT_THROW(M(2, {1, 1}, {0}, {1}), ShapeError);
  EXPECT_THROW(M(2, {}, {}, {}), ShapeError);
  EXPECT_THROW(M(2, {0, 1}, {0}, {}), ShapeError);
}

TEST(SparseMatrix, DalesLawHoldsByColumn) {
  Draws draws(6, "dale");
  const SparseMatrix w = dale_matrix(draws, {.units = 100,
                                             .excitatory = 80,
                                             .in_excitatory = 20,
                                             .in_inhibitory = 5,
                                             .mean_excitatory = 0.1,
                                             .mean_inhibitory = 0.4,
                                             .self = false});
  double excitatory = 0;
  for (std::int64_t i = 0; i < 100; ++i) {
    EXPECT_EQ(w.row_columns(i).size(), 25u);
    for (std::size_t k = 0; k < 25; ++k) {
      const auto j = w.row_columns(i)[k];
      EXPECT_NE(j, i);
      EXPECT_TRUE(j < 80 ? w.row(i)[k] >= 0 : w.row(i)[k] <= 0);
      if (j < 80) excitatory += w.row(i)[k];
    }
  }
  EXPECT_NEAR(excitatory / 2000, 0.1, 5 * 0.02 / std::sqrt(2000.0));
  EXPECT_THROW(fixed_in_degree(draws, {.rows = 3, .columns = 3, .degree = 3, .diagonal = false}),
               ValueError);
}

TEST(Eigenvalues, OfARotationAndARealTriangleAreKnown) {
  const double c = std::cos(0.3), s = std::sin(0.3);
  EXPECT_NEAR(spectral_radius(tensor({c, -s, s, c}, {2, 2})), 1, 1e-14);
  EXPECT_NEAR(spectral_radius(tensor({-3, 100, 0, 2}, {2, 2})), 3, 1e-12);
  EXPECT_THROW(spectral_radius(tensor({1, 2, 3}, {1, 3})), ShapeError);
  EXPECT_THROW(spectral_radius(tensor({NAN}, {1, 1})), NumericalError);
  EXPECT_THROW(scaled_to_spectral_radius(tensor({0, 1, 0, 0}, {2, 2}), 1), NumericalError);
  Draws draws(7, "scaled");
  const at::Tensor g = gaussian_matrix(draws, 200, 1.5);
  EXPECT_NEAR(spectral_radius(g), 1.5, 0.2) << "the circular law";
  EXPECT_NEAR(spectral_radius(scaled_to_spectral_radius(g, 0.7)), 0.7, 1e-12);
}

TEST(Ranks, CountEqualSingularValues) {
  const at::Tensor id = at::eye(5, at::kDouble);
  EXPECT_NEAR(effective_rank(id), 5, 1e-12);
  EXPECT_NEAR(participation_ratio(id), 5, 1e-12);
  const at::Tensor diagonal = tensor({3, 0, 0, 1}, {2, 2});
  EXPECT_NEAR(effective_rank(diagonal), std::exp(-0.75 * std::log(0.75) - 0.25 * std::log(0.25)),
              1e-12);
  EXPECT_NEAR(participation_ratio(diagonal), 100.0 / 82, 1e-12);
  EXPECT_THROW(effective_rank(tensor({0}, {1, 1})), NumericalError);
}

TEST(Ranks, TruncationLosesExactlyTheSmallSingularValues) {
  Draws draws(8, "rank");
  const at::Tensor a = draws.normal({12, 7});
  const auto s = list(singular_values(a));
  const at::Tensor low = truncated_to_rank(a, 3, false);
  double lost = 0;
  for (std::size_t i = 3; i < 7; ++i) lost += s[i] * s[i];
  EXPECT_NEAR(a.sub(low).norm().item<double>(), std::sqrt(lost), 1e-12);
  EXPECT_NEAR(truncated_to_rank(a, 3, true).norm().item<double>(), a.norm().item<double>(), 1e-12);
  EXPECT_THROW(truncated_to_rank(a, 8, false), ValueError);
}

TEST(PrincipalAngles, KeepTheirDigitsWhereTheyAreSmall) {
  for (double angle : {1e-9, 1e-3, 0.5, 1.2}) {
    const at::Tensor a = tensor({1, 0, 0, 1, 0, 0}, {3, 2});
    const at::Tensor b = tensor({1, 0, 0, std::cos(angle), 0, std::sin(angle)}, {3, 2});
    const auto found = list(principal_angles(a, b));
    EXPECT_NEAR(found[0], 0, 1e-15);
    EXPECT_NEAR(found[1], angle, 1e-14) << angle;
  }
  EXPECT_NEAR(alignment(tensor({1, 0}), tensor({1, 1})), std::sqrt(0.5), 1e-15);
  EXPECT_THROW(alignment(tensor({1}), tensor({0})), NumericalError);
}

TEST(Polynomials, RootsAreFound) {
  // (x - 1)(x + 2)(x^2 + 1)
  const std::vector<double> c = {-2, 1, -1, 1, 1};
  const auto roots = polynomial_roots(c);
  ASSERT_EQ(roots.size(), 4u);
  EXPECT_NEAR(std::abs(roots[0] + 2.0), 0, 1e-12);
  for (const auto& r : roots) {
    std::complex<double> value = 0;
    for (std::size_t k = c.size(); k-- > 0;) value = value * r + c[k];
    EXPECT_LT(std::abs(value), 1e-11);
  }
  EXPECT_THROW(polynomial_roots(std::vector<double>{1, 0}), ValueError);
}

TEST(Quadrature, IntegratesGaussianMomentsExactly) {
  const Quadrature q = gauss_hermite(12);
  double expected = 1;  // (2k - 1)!!
  for (int k = 0; k < 12; ++k) {
    if (k) expected *= 2 * k - 1;
    double moment = 0, odd = 0;
    for (std::size_t i = 0; i < 12; ++i) {
      moment += q.weights[i] * std::pow(q.nodes[i], 2 * k);
      odd += q.weights[i] * std::pow(q.nodes[i], 2 * k + 1);
    }
    EXPECT_NEAR(moment / expected, 1, 1e-11) << k;
    EXPECT_NEAR(odd / expected, 0, 1e-9) << k;
  }
}

TEST(OrthogonalMatrix, IsOrthogonal) {
  Draws draws(9, "orthogonal");
  const at::Tensor q = orthogonal_matrix(draws, 30);
  EXPECT_LT(distance(q.t().mm(q), at::eye(30, at::kDouble)), 1e-13);
}

}  // namespace
}  // namespace callosum::nets
