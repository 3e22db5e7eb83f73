#include "callosum/learn/torch/hebbian_subspace.h"

#include <ATen/ATen.h>
#include <gtest/gtest.h>

#include <cmath>

#include "callosum/core/error.h"
#include "callosum/nets/linear_algebra.h"

namespace callosum::learn {
namespace {

at::Tensor numbers(const std::vector<float>& values, at::IntArrayRef shape) {
  return at::tensor(values).view(shape).clone();
}

/// Samples whose variance is 9, 8, 7 ... in the first directions of a random basis and 0.01 beyond.
struct Data {
  at::Tensor basis, x;
  Data(std::int64_t inputs, std::int64_t strong, std::int64_t samples, std::uint64_t seed = 1) {
    nets::Draws draws(seed, "data");
    basis = nets::orthogonal_matrix(draws, inputs);
    at::Tensor sd = at::full({inputs}, 0.1, at::kDouble);
    for (std::int64_t k = 0; k < strong; ++k) sd[k] = std::sqrt(9.0 - static_cast<double>(k));
    x = at::matmul(draws.normal({samples, inputs}) * sd, basis.t()).to(at::kFloat);
  }
};

double overlap(const HebbianSubspace& s, const at::Tensor& columns) {
  const at::Tensor angles =
      nets::principal_angles(s.matrix().t().to(at::kDouble), columns.to(at::kDouble));
  return angles.cos().square().mean().item<double>();
}

void learn(HebbianSubspace& s, const at::Tensor& x, std::int64_t batches) {
  for (std::int64_t k = 0; k < batches; ++k) {
    const std::int64_t at = 50 * k % (x.size(0) - 50);
    s.learn(x.slice(0, at, at + 50));
  }
}

TEST(HebbianSubspace, FindsThePrincipalSubspaceWithOrthonormalRows) {
  const Data data(30, 4, 2000);
  nets::Draws draws(2, "rows");
  HebbianSubspace s("one", 30);
  s.grow(4, draws);
  EXPECT_LT(overlap(s, data.basis.slice(1, 0, 4)), 0.5);
  learn(s, data.x, 200);
  EXPECT_GT(overlap(s, data.basis.slice(1, 0, 4)), 0.999);
  EXPECT_LT(s.distance_from_orthonormal(), 0.02);
  EXPECT_NEAR(s.largest_norm(), 1, 0.02);
}

TEST(HebbianSubspace, PlainHebbDoesNot) {
  const Data data(30, 4, 2000);
  nets::Draws draws(2, "rows");
  HebbianSubspace s("one", 30, {.anti_hebbian = false});
  s.grow(4, draws);
  learn(s, data.x, 200);
  EXPECT_GT(s.distance_from_orthonormal(), 10);
}

TEST(HebbianSubspace, NewRowsLearnWhatFrozenOnesMissAndTheseStayAsTheyAre) {
  const Data data(30, 6, 4000);
  nets::Draws draws(3, "rows");
  HebbianSubspace s("one", 30);
  s.grow(3, draws);
  learn(s, data.x, 300);
  const at::Tensor before = s.matrix().clone();
  s.grow(3, draws);
  EXPECT_EQ(s.frozen(), 3);
  learn(s, data.x, 300);
  EXPECT_TRUE(at::equal(s.matrix().slice(0, 0, 3), before));
  EXPECT_GT(overlap(s, data.basis.slice(1, 0, 6)), 0.999);
  EXPECT_LT(s.distance_from_orthonormal(), 0.03);
}

TEST(HebbianSubspace, ProjectionTakesOutWhatFrozenRowsHoldAndNothingElse) {
  HebbianSubspace s("one", 4);
  s.grow(numbers({1.0f, 0.0f, 0.0f, 0.0f, 0.0f, 0.6f, 0.8f, 0.0f}, {2, 4}));
  const at::Tensor x = numbers({5.0f, 1.0f, 2.0f, 7.0f}, {1, 4});
  EXPECT_THROW(s.project(x), ValueError) << "nothing is frozen yet";
  s.freeze();
  const at::Tensor left = s.project(x);
  EXPECT_TRUE(at::allclose(left, numbers({0.0f, -0.32f, 0.24f, 7.0f}, {1, 4}), 1e-5, 1e-5)) << left;
  EXPECT_TRUE(at::allclose(s.project(left), left, 1e-5, 1e-5));
  EXPECT_THROW(s.project(at::ones({2, 3})), ShapeError);
}

TEST(HebbianSubspace, LateralNeuronsThatSpikeRoundToTheirLevels) {
  HebbianSubspace s("one", 3, {.levels = 4, .range = 2});
  s.grow(numbers({1.0f, 0.0f, 0.0f}, {1, 3}));
  s.freeze();
  // y = 0.7 becomes 0.5, 0.8 becomes 1, 5 is cut to 2.
  const at::Tensor left =
      s.project(numbers({0.7f, 0.0f, 1.0f, 0.8f, 0.0f, 1.0f, 5.0f, 0.0f, 1.0f}, {3, 3}));
  EXPECT_TRUE(at::allclose(left.select(1, 0), numbers({0.2f, -0.2f, 3.0f}, {3}), 1e-5, 1e-5))
      << left;
}

TEST(HebbianSubspace, RefusesWhatCannotBe) {
  nets::Draws draws(1, "rows");
  EXPECT_THROW(HebbianSubspace("one", 0), ValueError);
  EXPECT_THROW(HebbianSubspace("one", 5, {.rate = std::nan("")}), ValueError);
  EXPECT_THROW(HebbianSubspace("one", 5, {.momentum = 1}), ValueError);
  HebbianSubspace s("hidden", 5);
  s.grow(2, draws);
  try {
    s.grow(3, draws);
    FAIL() << "five rows of five inputs";
  } catch (const ValueError& error) {
    EXPECT_NE(std::string(error.what()).find("hidden"), std::string::npos);
  }
  EXPECT_EQ(s.rows(), 2);
  EXPECT_THROW(s.learn(at::ones({4, 6})), ShapeError);
  EXPECT_THROW(s.learn(at::full({4, 5}, std::nan(""))), NumericalError);
}

}  // namespace
}  // namespace callosum::learn
