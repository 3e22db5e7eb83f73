#include "callosum/nets/inhibition.h"

#include <ATen/ATen.h>
#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <numeric>

#include "callosum/core/error.h"
#include "callosum/nets/reservoir.h"
#include "tensors.h"

namespace callosum::nets {
namespace {

constexpr std::int64_t units = 60, excitatory = 48;
constexpr double gain = 10, threshold = 0.05;

SparseMatrix wiring() {
  Draws draws(3, "wiring");
  return dale_matrix(draws, {.units = units,
                             .excitatory = excitatory,
                             .in_excitatory = 20,
                             .in_inhibitory = 8,
                             .mean_excitatory = 0.05,
                             .mean_inhibitory = 0.15});
}

Reservoir reservoir_of(const SparseMatrix& w, const std::vector<double>& drive) {
  return Reservoir(
      w, at::zeros({units, 1}, at::kDouble),
      {.activation = Activation::logistic, .gain = gain, .threshold = threshold, .bias = drive});
}

TEST(Inhibition, BalancedUnitsStayAtTheirTargets) {
  SparseMatrix w = wiring();
  std::vector<double> targets, drive;
  for (std::int64_t i = 0; i < units; ++i) {
    targets.push_back(0.4 + 0.003 * static_cast<double>(i));
    drive.push_back(0.001 * static_cast<double>(i));
  }
  ASSERT_EQ(balance_inhibition(w, excitatory, targets, drive, gain, threshold), 0);
  Reservoir r = reservoir_of(w, drive);
  std::copy(targets.begin(), targets.end(), r.state().begin());
  r.step(std::vector<double>{0});
  for (std::size_t i = 0; i < targets.size(); ++i) EXPECT_NEAR(r.state()[i], targets[i], 1e-13);
}

TEST(Inhibition, WhatWouldNeedLessThanNoInhibitionIsCountedAndSetToZero) {
  SparseMatrix w = wiring();
  std::vector<double> drive(units, 0);
  drive[7] = -100;  // no inhibition is little enough
  EXPECT_EQ(balance_inhibition(w, excitatory, std::vector<double>(units, 0.5), drive, gain, 0), 1);
  const auto columns = w.row_columns(7);
  for (std::size_t k = 0; k < columns.size(); ++k)
    EXPECT_EQ(w.row(7)[k] == 0, columns[k] >= excitatory);
}

TEST(Inhibition, AdaptationChangesInhibitorySynapsesOnlyByTheRule) {
  SparseMatrix w = wiring();
  const SparseMatrix before = w;
  std::vector<double> rates(units, 0.5), targets(units, 0.5);
  rates[3] = 0.9;   // more inhibition
  rates[4] = 0.45;  // less
  EXPECT_EQ(adapt_inhibition(w, excitatory, rates, targets, 0.1), 0);
  for (std::int64_t i = 0; i < units; ++i) {
    const double more = i == 3 ? 0.1 * 0.4 : i == 4 ? -0.1 * 0.05 : 0;
    for (std::size_t k = 0; k < w.row(i).size(); ++k)
      EXPECT_NEAR(w.row(i)[k], before.row(i)[k] - (w.row_columns(i)[k] >= excitatory ? more : 0),
                  1e-15);
  }
}

TEST(Inhibition, AWeightStopsAtZero) {
  SparseMatrix w = wiring();
  std::vector<double> rates(units, 0.0);
  EXPECT_EQ(adapt_inhibition(w, excitatory, rates, std::vector<double>(units, 1), 100), units * 8);
  for (std::int64_t i = 0; i < units; ++i)
    for (std::size_t k = 0; k < w.row(i).size(); ++k)
      EXPECT_EQ(w.row(i)[k] == 0, w.row_columns(i)[k] >= excitatory);
}

TEST(Inhibition, AdaptingWhileRunningReachesTheTargetsAndTheReversedRuleDoesNot) {
  const auto error_after = [](double rate) {
    Reservoir r = reservoir_of(wiring(), std::vector<double>(units, 0));
    const std::vector<double> targets(units, 0.5), u = {0};
    for (int t = 0; t < 4000; ++t) {
      r.step(u);
      adapt_inhibition(r.recurrent(), excitatory, r.state(), targets, rate);
    }
    double worst = 0;
    for (double x : r.state()) worst = std::max(worst, std::abs(x - 0.5));
    return worst;
  };
  EXPECT_LT(error_after(1e-3), 1e-3);
  EXPECT_GT(error_after(-1e-3), 0.4);
}

TEST(Inhibition, WrongInputIsRefused) {
  SparseMatrix w = wiring();
  const std::vector<double> good(units, 0.5), few(units - 1, 0.5);
  std::vector<double> one = good, nan = good;
  one[5] = 1;
  nan[5] = std::numeric_limits<double>::quiet_NaN();
  EXPECT_THROW(adapt_inhibition(w, excitatory, few, good, 1), ShapeError);
  EXPECT_THROW(adapt_inhibition(w, units + 1, good, good, 1), ValueError);
  EXPECT_THROW(balance_inhibition(w, excitatory, good, few, gain, 0), ShapeError);
  EXPECT_THROW(balance_inhibition(w, excitatory, one, good, gain, 0), ValueError);
  EXPECT_THROW(balance_inhibition(w, excitatory, nan, good, gain, 0), ValueError);
}

}  // namespace
}  // namespace callosum::nets
