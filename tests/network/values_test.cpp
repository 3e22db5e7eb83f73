#include "callosum/network/values.h"

#include <gtest/gtest.h>

#include <cmath>
#include <functional>
#include <limits>
#include <numbers>

#include "callosum/core/error.h"

namespace callosum {
namespace {

using namespace literals;
constexpr double infinity = std::numeric_limits<double>::infinity();
const double nan = std::numeric_limits<double>::quiet_NaN();

struct Moments {
  double mean = 0, sd = 0, least = infinity, most = -infinity;
};

Moments moments(const Values& values, int n = 100000) {
  Stream stream(StreamKey(3, name_hash("values"), Purpose::weight), 0);
  Moments m;
  double squares = 0;
  for (int i = 0; i < n; ++i) {
    const double x = values.draw(stream, 0);
    m.mean += x / n;
    squares += x * x / n;
    m.least = std::min(m.least, x);
    m.most = std::max(m.most, x);
  }
  m.sd = std::sqrt(squares - m.mean * m.mean);
  return m;
}

TEST(Values, ConstantsAreInInternalUnits) {
  const Values v = -70_mV;
  EXPECT_TRUE(v.is_constant());
  EXPECT_EQ(v.first(), -70);
  EXPECT_EQ(v.mean(), -70);
  EXPECT_EQ(v.dimension(), dimension::voltage);
  EXPECT_TRUE(Values(0.5).dimension().none());
}

TEST(Values, DrawsHaveTheMomentsOfTheirDistributions) {
  const double n = std::sqrt(100000.0);
  auto m = moments(Values::normal(5_pA, 2_pA));
  EXPECT_NEAR(m.mean, 5, 5 * 2 / n);
  EXPECT_NEAR(m.sd, 2, 5 * 2 / n);
  m = moments(Values::uniform(-1_mV, 3_mV));
  EXPECT_NEAR(m.mean, 1, 5 * 1.2 / n);
  EXPECT_NEAR(m.sd, 4 / std::sqrt(12.0), 5 * 1.2 / n);
  EXPECT_GE(m.least, -1);
  EXPECT_LE(m.most, 3);
  m = moments(Values::exponential(4_ms));
  EXPECT_NEAR(m.mean, 4, 5 * 4 / n);
  EXPECT_GT(m.least, 0);
  m = moments(Values::lognormal(2_nS, 0.5));
  EXPECT_NEAR(m.mean, 2 * std::exp(0.125), 5 * 1.5 / n);
  EXPECT_NEAR(Values::lognormal(2_nS, 0.5).mean(), 2 * std::exp(0.125), 1e-12);
  EXPECT_LT(moments(Values::exponential(-4_ms)).most, 0);
}

TEST(Values, RedrawingGivesTheTruncatedNormal) {
  // Mean and variance of a normal cut at a = -0.5, b = 1 standard deviations.
  const double a = -0.5, b = 1;
  const auto density = [](double x) {
    return std::exp(-x * x / 2) / std::sqrt(2 * std::numbers::pi);
  };
  const auto below = [](double x) { return 0.5 * std::erfc(-x / std::sqrt(2.0)); };
  const double mass = below(b) - below(a);
  const double shift = (density(a) - density(b)) / mass;
  const double sd = 2 * std::sqrt(1 + (a * density(a) - b * density(b)) / mass - shift * shift);
  const auto m = moments(Values::normal(10_mV, 2_mV).within(9_mV, 12_mV, OutOfBounds::redraw));
  EXPECT_GE(m.least, 9);
  EXPECT_LE(m.most, 12);
  EXPECT_NEAR(m.mean, 10 + 2 * shift, 5 * sd / std::sqrt(100000.0));
  EXPECT_NEAR(m.sd, sd, 5 * sd / std::sqrt(100000.0));
}

TEST(Values, ClippingGathersAtTheBounds) {
  const Values v = Values::normal(0_mV, 1_mV).within(0_mV, std::nullopt, OutOfBounds::clip);
  Stream stream(StreamKey(3, name_hash("clip"), Purpose::weight), 0);
  int zeros = 0;
  for (int i = 0; i < 10000; ++i) zeros += v.draw(stream, 0) == 0;
  EXPECT_NEAR(zeros, 5000, 250);
  EXPECT_EQ(Values(5_mV).within(0_mV, 3_mV, OutOfBounds::clip).first(), 3);
}

TEST(Values, ArraysAreIndexedByOrdinal) {
  const Values v = Values::array({1_nS, 2_nS, 4_nS});
  Stream stream(StreamKey(1, 1, Purpose::weight), 0);
  EXPECT_EQ(v.draw(stream, 2), 4);
  EXPECT_THROW(v.draw(stream, 3), ShapeError);
  EXPECT_NEAR(v.mean(), 7.0 / 3, 1e-15);
}

TEST(Values, RefusesWhatIsNoDistribution) {
  const Quantity endless(infinity, dimension::voltage), none(nan, dimension::voltage);
  const std::vector<std::pair<std::function<void()>, std::string>> cases{
      {[&] { Values v(none); }, "value"},
      {[&] { Values v(endless); }, "value"},
      {[&] { Values v(nan); }, "value"},
      {[&] { Values::normal(1_mV, 1_pA); }, "unit"},
      {[&] { Values::normal(1_mV, -1_mV); }, "value"},
      {[&] { Values::normal(none, 1_mV); }, "value"},
      {[&] { Values::normal(1_mV, none); }, "value"},
      {[&] { Values::uniform(1_mV, 1_mV); }, "value"},
      {[&] { Values::uniform(2_mV, 1_mV); }, "value"},
      {[&] { Values::uniform(1_mV, 1_ms); }, "unit"},
      {[&] { Values::lognormal(0_mV, 1); }, "value"},
      {[&] { Values::lognormal(1_mV, -1); }, "value"},
      {[&] { Values::lognormal(1_mV, nan); }, "value"},
      {[&] { Values::exponential(0_mV); }, "value"},
      {[&] { Values::exponential(endless); }, "value"},
      {[&] { Values::array(std::vector<Quantity>{}); }, "shape"},
      {[&] {
         Values::array({1_mV, 1_pA});
       },
       "unit"},
      {[&] {
         Values::array({1_mV, none});
       },
       "value"},
      {[&] {
         Values::array(std::vector<double>{1, nan}, dimension::time);
       },
       "value"},
      {[&] { Values(1_mV).within(2_mV, 1_mV, OutOfBounds::clip); }, "value"},
      {[&] { Values(1_mV).within(2_pA, {}, OutOfBounds::clip); }, "unit"},
      {[&] { Values(1_mV).within(none, {}, OutOfBounds::clip); }, "value"},
      {[&] { Values(1_mV).within(2_mV, {}, OutOfBounds::redraw); }, "value"},
      {[&] { Values::normal(0_mV, 1_mV).within(9_mV, {}, OutOfBounds::redraw); }, "value"},
  };
  for (std::size_t i = 0; i < cases.size(); ++i) {
    try {
      cases[i].first();
      ADD_FAILURE() << "case " << i << " was accepted";
    } catch (const Error& e) {
      EXPECT_EQ(e.kind(), cases[i].second) << i << ": " << e.what();
      EXPECT_FALSE(e.detail().where.empty()) << i;
      EXPECT_FALSE(e.detail().what.empty()) << i;
      EXPECT_FALSE(e.detail().expected.empty()) << i << ": " << e.what();
    }
  }
}

}  // namespace
}  // namespace callosum
