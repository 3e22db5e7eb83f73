#include "callosum/report/model_page.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "callosum/library/library.h"

// Every model of the library has a picture of what it does, and every picture shows something.
namespace callosum::report {
namespace {

class ModelPicture : public testing::TestWithParam<std::string> {};

bool has_unit(const std::string& title) {
  return title.find('(') != std::string::npos && title.ends_with(')');
}

TEST_P(ModelPicture, ShowsSomethingWithUnitsOnItsAxes) {
  const model::Model m = library::find(GetParam());
  for (const model::Variable& v : m.variables())
    if (v.linked) GTEST_SKIP() << "no picture: it reads a third factor, '" << v.name << "'";
  const std::vector<Chart> charts = model_response(m);
  ASSERT_FALSE(charts.empty());
  bool moves = false;
  for (const Chart& chart : charts) {
    EXPECT_TRUE(chart.caption.ends_with(".")) << chart.caption;
    if (const auto* lines = std::get_if<Lines>(&chart.plot)) {
      EXPECT_TRUE(has_unit(lines->x_title) && has_unit(lines->y_title))
          << chart.id << ": " << lines->x_title << ", " << lines->y_title;
      ASSERT_FALSE(lines->lines.empty()) << chart.id;
      for (const Line& line : lines->lines) {
        ASSERT_GE(line.x.size(), 2u) << chart.id << ", " << line.name;
        ASSERT_EQ(line.x.size(), line.y.size());
        for (const double y : line.y) ASSERT_TRUE(std::isfinite(y)) << chart.id;
        const auto [low, high] = std::minmax_element(line.y.begin(), line.y.end());
        moves = moves || *high > *low;
      }
    } else if (const auto* dots = std::get_if<Dots>(&chart.plot)) {
      EXPECT_TRUE(has_unit(dots->x_title) && has_unit(dots->y_title)) << chart.id;
      EXPECT_GE(dots->x.size(), 10u) << chart.id;
      moves = true;
    }
    EXPECT_FALSE(draw(chart).wide.empty());
  }
  // A constant weight delivers the same each time.
  EXPECT_TRUE(moves || GetParam() == "static");
}

INSTANTIATE_TEST_SUITE_P(Library, ModelPicture, testing::ValuesIn(library::names()),
                         [](const auto& info) { return info.param; });

// Facts that the pictures must show, whatever they look like.
TEST(ModelPictures, ShowWhatTheModelsAreFor) {
  const auto line = [](const char* model, const char* id) {
    for (const Chart& chart : model_response(library::find(model)))
      if (chart.id == id) return std::get<Lines>(chart.plot).lines.at(0);
    ADD_FAILURE() << model << " has no " << id;
    return Line{};
  };
  // STDP: source first strengthens, target first weakens, by A_plus and A_minus of 20 pairs.
  const Line stdp = line("stdp_additive", "pairing");
  for (std::size_t k = 0; k < stdp.x.size(); ++k) {
    const double lag = stdp.x[k];
    const double pair = lag > 0 ? 0.005 * std::exp(-lag / 20) : -0.00525 * std::exp(lag / 20);
    EXPECT_NEAR(stdp.y[k], 100 * 20 * pair / 0.5, 0.6) << lag;
  }
  // Depression: each spike of a row delivers less, and after a pause more again.
  const Line depressing = line("short_term", "delivered");
  EXPECT_LT(depressing.y[9], depressing.y[0]);
  EXPECT_GT(depressing.y[10], depressing.y[9]);
  // The error of 1 is added, a hundredth a spike, up to the bound.
  const Line taught = line("delta", "taught");
  EXPECT_NEAR(taught.y[10], 0.6, 1e-9);
  EXPECT_EQ(taught.y.back(), 1);
  // A gamma train of order 3 is more regular than Poisson: few short intervals.
  const Line poisson = line("poisson", "intervals"), gamma = line("gamma", "intervals");
  EXPECT_LT(gamma.y[0], 0.3 * gamma.y[8]);
  EXPECT_GT(poisson.y[0], poisson.y[8]);
}

}  // namespace
}  // namespace callosum::report
