#include "callosum/report/nullcline.h"

#include <algorithm>
#include <cmath>
#include <functional>
#include <utility>

#include "callosum/core/error.h"
#include "callosum/model/emitter.h"
#include "callosum/model/flat_model.h"
#include "callosum/model/interpret.h"
#include "callosum/model/lower.h"
#include "callosum/model/symbolic.h"

namespace callosum::report {
namespace {

constexpr int points = 400;

double at(const StateRange& axis, int k) {
  return axis.low + (axis.high - axis.low) * k / (points - 1);
}

/// The derivative of a state as a program whose lanes are points of the plane: written once, run
/// for many.
class Derivative {
 public:
  /// `value(name)` of everything but the states x and y.
  Derivative(const model::ExpressionPtr& rhs, std::string x, std::string y,
             const std::function<double(const std::string&)>& value)
      : x_(std::move(x)), y_(std::move(y)) {
    const auto moves = [this](const std::string& n) { return n == x_ || n == y_; };
    model::Emitter emitter("nullcline", {[](const std::string&) { return false; }, moves,
                                         [](const std::string&) { return Dimension(); }});
    model::Builder& b = emitter.step();
    const model::Value result = emitter.emit(rhs, [&](const std::string& name) {
      const std::uint32_t slot = b.slot({name, model::SlotKind::parameter, moves(name), {}});
      uniforms_.resize(std::max<std::size_t>(uniforms_.size(), slot + 1));
      if (!moves(name)) uniforms_[slot] = value(name);
      return b.load(slot);
    });
    b.store(b.slot({"out()", model::SlotKind::state, true, {}}), result);
    program_ = model::lower_functions(b.finish(), Precision::twofold);
    uniforms_.resize(program_.slots.size());
  }

  std::vector<double> operator()(const std::vector<double>& x, const std::vector<double>& y) {
    const auto lanes = static_cast<std::int64_t>(x.size());
    const std::int64_t padded =
        (lanes + model::lane_padding - 1) / model::lane_padding * model::lane_padding;
    std::vector<std::vector<double>> columns(program_.slots.size());
    std::vector<void*> addresses(columns.size(), nullptr);
    for (std::size_t s = 0; s < columns.size(); ++s) {
      const model::Slot& slot = program_.slots[s];
      if (!slot.lane) continue;
      if (slot.name == x_) columns[s] = x;
      if (slot.name == y_) columns[s] = y;
      columns[s].resize(static_cast<std::size_t>(padded));
      addresses[s] = columns[s].data();
    }
    model::interpret(program_, {addresses.data(), uniforms_.data(), nullptr}, 0, padded);
    std::vector<double> out = std::move(columns[static_cast<std::size_t>(program_.index("out()"))]);
    out.resize(x.size());
    return out;
  }

 private:
  std::string x_, y_;
  model::Program program_;
  std::vector<double> uniforms_;
};

using Field =
    std::function<std::vector<double>(const std::vector<double>&, const std::vector<double>&)>;

/// Zeros of f(along, across) by `along`; false where one value of `along` has several.
bool trace(const Field& f, const StateRange& along, const StateRange& across,
           std::vector<double>& where, std::vector<double>& zero) {
  std::vector<double> grid(points), low, high;
  for (int j = 0; j < points; ++j) grid[static_cast<std::size_t>(j)] = at(across, j);
  std::vector<bool> below;  // the sign at `low`
  for (int k = 0; k < points; ++k) {
    const double a = at(along, k);
    const std::vector<double> values = f(std::vector<double>(grid.size(), a), grid);
    int found = 0;
    for (std::size_t j = 1; j < grid.size(); ++j) {
      if ((values[j - 1] < 0) == (values[j] < 0)) continue;
      if (++found > 1) return false;
      where.push_back(a);
      low.push_back(grid[j - 1]);
      high.push_back(grid[j]);
      below.push_back(values[j - 1] < 0);
    }
  }
  std::vector<double> middle(where.size());
  for (int step = 0; step < 40; ++step) {
    for (std::size_t i = 0; i < middle.size(); ++i) middle[i] = 0.5 * (low[i] + high[i]);
    const std::vector<double> values = f(where, middle);
    for (std::size_t i = 0; i < middle.size(); ++i)
      ((values[i] < 0) == below[i] ? low : high)[i] = middle[i];
  }
  for (std::size_t i = 0; i < middle.size(); ++i) zero.push_back(0.5 * (low[i] + high[i]));
  return where.size() > 1;
}

}  // namespace

std::optional<Line> nullcline(const model::Model& model, const std::string& state,
                              const StateRange& x, const StateRange& y, const std::string& input,
                              double amplitude) {
  const model::FlatModel flat = model::flatten(model);
  const model::ExpressionPtr rhs = flat.find(state)->rhs;
  if (model::symbolic::mentions(*rhs, model::is_moving) || model::symbolic::mentions(*rhs, "dt"))
    return std::nullopt;
  Derivative derivative(rhs, x.state, y.state, [&](const std::string& n) {
    return model.at(n).value.value_or(0) + (n == input ? amplitude : 0);
  });
  Line line{"d" + state + "/dt = 0", {}, {}};
  line.dashed = true;
  const auto upright = [&](const std::vector<double>& at_x, const std::vector<double>& at_y) {
    return derivative(at_x, at_y);
  };
  if (trace(upright, x, y, line.x, line.y)) return line;
  line.x.clear();
  line.y.clear();
  const auto swapped = [&](const std::vector<double>& at_y, const std::vector<double>& at_x) {
    return derivative(at_x, at_y);
  };
  if (trace(swapped, y, x, line.y, line.x)) return line;
  return std::nullopt;
}

}  // namespace callosum::report
