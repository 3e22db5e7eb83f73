#pragma once

#include <algorithm>
#include <cmath>
#include <string>
#include <vector>

#include "callosum/core/random.h"
#include "callosum/model/builder.h"

namespace callosum::model {

/// Programs of random expressions over all functions. Inputs "x0".. "x4" are meant to lie in
/// [-1, 1]; every function gets arguments well inside its domain, so values stay within +-100.
class RandomProgram {
 public:
  static constexpr int inputs = 5, outputs = 3;

  RandomProgram(std::uint64_t seed, int length)
      : draw_(StreamKey(seed, name_hash("program"), Purpose::user), 0), b_("random") {
    for (int i = 0; i < inputs; ++i)
      keep(b_.load(b_.slot({"x" + std::to_string(i), SlotKind::state, true, {}})), 1);
    for (int i = 0; i < length; ++i) grow();
  }

  Program finish() {
    for (int i = 0; i < outputs; ++i)
      b_.store(b_.slot({"y" + std::to_string(i), SlotKind::state, true, {}}),
               values_[values_.size() - 1 - static_cast<std::size_t>(i)].value);
    return b_.finish();
  }

 private:
  struct Bounded {
    Value value;
    double most;  // of |value|
  };

  Value c(double x) { return b_.constant(x); }
  Value call(Op op, Value a) { return b_.emit(op, {a}); }
  void keep(Value v, double most) { values_.push_back({v, most}); }
  Bounded any() {
    // Late values more often, so that expressions nest.
    const std::size_t n = values_.size();
    return values_[n - 1 - std::min(n - 1, draw_.below(draw_.below(n) + 1))];
  }
  /// Some value, scaled into [-limit, limit].
  Value within(double limit) {
    const Bounded a = any();
    return b_.mul(a.value, c(limit / std::max(a.most, 1.0)));
  }
  /// Some value in [middle - width, middle + width].
  Value around(double middle, double width) { return b_.add(within(width), c(middle)); }
  Value condition() {
    const Value a = within(1), b = within(1);
    const Value first = b_.emit(draw_.below(2) ? Op::less : Op::less_equal, {a, b});
    const Value second = b_.emit(Op::less, {within(1), c(draw_.uniform() - 0.5)});
    switch (draw_.below(4)) {
      case 0:
        return b_.emit(Op::logical_and, {first, second});
      case 1:
        return b_.emit(Op::logical_or, {first, call(Op::logical_not, second)});
      default:
        return first;
    }
  }

  void grow() {
    const Value a = within(4), b = within(4);
    switch (draw_.below(32)) {
      case 0:
        return keep(b_.add(a, b), 8);
      case 1:
        return keep(b_.sub(a, b), 8);
      case 2:
        return keep(b_.mul(a, b), 16);
      case 3:
        return keep(b_.div(a, around(2, 1)), 4);
      case 4:
        return keep(b_.neg(a), 4);
      case 5:
        return keep(call(Op::abs, a), 4);
      case 6:
        return keep(call(Op::sqrt, around(1, 0.8)), 2);
      case 7:
        return keep(b_.fma(a, b, within(1)), 17);
      case 8:
        return keep(b_.emit(Op::minimum, {a, b}), 4);
      case 9:
        return keep(b_.emit(Op::maximum, {a, b}), 4);
      case 10:
        return keep(call(Op::exp, within(1.5)), 5);
      case 11:
        return keep(call(Op::expm1, within(1.5)), 4);
      case 12:
        return keep(call(Op::exprel, within(3)), 7);
      case 13:
        return keep(call(Op::log, around(1, 0.8)), 2);
      case 14:
        return keep(call(Op::log1p, within(0.8)), 2);
      case 15:
        return keep(call(Op::log10, around(2, 1.5)), 1);
      case 16:
        return keep(call(Op::sin, within(3)), 1);
      case 17:
        return keep(call(Op::cos, within(3)), 1);
      case 18:
        return keep(call(Op::tan, within(1)), 2);
      case 19:
        return keep(call(Op::tanh, within(2)), 1);
      case 20:
        return keep(call(Op::sinh, within(1.5)), 3);
      case 21:
        return keep(call(Op::cosh, within(1.5)), 3);
      case 22:
        return keep(call(Op::arcsin, within(0.8)), 1);
      case 23:
        return keep(call(Op::arccos, within(0.8)), 3);
      case 24:
        return keep(call(Op::arctan, a), 2);
      case 25: {
        static constexpr double exponents[] = {-3, -1, 0, 0.5, 1, 2, 3, 2.5, -0.5, 7};
        return keep(b_.emit(Op::power, {around(1, 0.4), c(exponents[draw_.below(10)])}), 11);
      }
      case 26:
        return keep(b_.emit(Op::power, {around(1, 0.5), within(2)}), 4);
      case 27:
        return keep(b_.emit(Op::mod, {a, around(draw_.below(2) ? 1.5 : -1.5, 0.3)}), 2);
      case 28:
        return keep(b_.add(a, b_.emit(Op::floor_div, {b, c(0.7)})), 11);
      case 29: {
        static constexpr Op flat[] = {Op::floor, Op::round, Op::ceil, Op::sign};
        return keep(b_.mul(call(flat[draw_.below(4)], a), b), 20);
      }
      default:
        return keep(b_.select(condition(), a, b), 4);
    }
  }

  Stream draw_;
  Builder b_;
  std::vector<Bounded> values_;
};

}  // namespace callosum::model
