#include "callosum/report/nullcline.h"

#include <cmath>
#include <functional>

#include "callosum/core/error.h"
#include "callosum/model/evaluate.h"
#include "callosum/model/flat_model.h"
#include "callosum/model/symbolic.h"

namespace callosum::report {
namespace {

constexpr int points = 400;

double at(const StateRange& axis, int k) {
  return axis.low + (axis.high - axis.low) * k / (points - 1);
}

/// Zeros of f(along, across) by `along`; false where one value of `along` has several.
bool trace(const std::function<double(double, double)>& f, const StateRange& along,
           const StateRange& across, std::vector<double>& where, std::vector<double>& zero) {
  for (int k = 0; k < points; ++k) {
    const double a = at(along, k);
    int found = 0;
    double before = f(a, across.low);
    for (int j = 1; j < points; ++j) {
      const double after = f(a, at(across, j));
      if ((before < 0) != (after < 0)) {
        if (++found > 1) return false;
        double low = at(across, j - 1), high = at(across, j);
        for (int step = 0; step < 40; ++step) {
          const double middle = 0.5 * (low + high);
          ((f(a, middle) < 0) == (before < 0) ? low : high) = middle;
        }
        where.push_back(a);
        zero.push_back(0.5 * (low + high));
      }
      before = after;
    }
  }
  return where.size() > 1;
}

}  // namespace

std::optional<Line> nullcline(const model::Model& model, const std::string& state,
                              const StateRange& x, const StateRange& y, const std::string& input,
                              double amplitude) {
  const model::FlatModel flat = model::flatten(model);
  const model::ExpressionPtr rhs = flat.find(state)->rhs;
  if (model::symbolic::mentions(*rhs, model::is_moving)) return std::nullopt;
  const auto derivative = [&](double at_x, double at_y) {
    return model::evaluate(*rhs, [&](const std::string& n) {
      if (n == x.state) return at_x;
      if (n == y.state) return at_y;
      return model.at(n).value.value_or(0) + (n == input ? amplitude : 0);
    });
  };
  Line line{"d" + state + "/dt = 0", {}, {}};
  line.dashed = true;
  if (trace(derivative, x, y, line.x, line.y)) return line;
  line.x.clear();
  line.y.clear();
  const auto swapped = [&](double at_y, double at_x) { return derivative(at_x, at_y); };
  if (trace(swapped, y, x, line.y, line.x)) return line;
  return std::nullopt;
}

}  // namespace callosum::report
