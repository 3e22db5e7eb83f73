#include "callosum/model/lower.h"

#include <cmath>
#include <cstdlib>
#include <limits>
#include <vector>

#include "callosum/core/elementary.h"
#include "callosum/core/elementary_circular.h"
#include "callosum/core/elementary_power.h"
#include "callosum/model/builder.h"

namespace callosum::model {
namespace {

// The arithmetic that writes instructions instead of computing numbers.
class Writer {
 public:
  using Real = Value;
  using Bool = Value;
  Writer(Builder& builder, Precision precision) : builder_(builder), precision_(precision) {}

  Precision precision() const { return precision_; }
  Value constant(double x) {
    const bool single = precision_ == Precision::single;
    const double smallest =
        single ? std::numeric_limits<float>::min() : std::numeric_limits<double>::min();
    const double rounded = single ? static_cast<float>(x) : x;
    return builder_.constant(std::abs(rounded) < smallest ? std::copysign(0.0, x) : rounded);
  }
  Value add(Value a, Value b) { return builder_.add(a, b); }
  Value sub(Value a, Value b) { return builder_.sub(a, b); }
  Value mul(Value a, Value b) { return builder_.mul(a, b); }
  Value div(Value a, Value b) { return builder_.div(a, b); }
  Value neg(Value a) { return builder_.neg(a); }
  Value abs(Value a) { return builder_.emit(Op::abs, {a}); }
  Value sqrt(Value a) { return builder_.emit(Op::sqrt, {a}); }
  Value fma(Value a, Value b, Value c) { return builder_.fma(a, b, c); }
  Value minimum(Value a, Value b) { return builder_.emit(Op::minimum, {a, b}); }
  Value maximum(Value a, Value b) { return builder_.emit(Op::maximum, {a, b}); }
  Value floor(Value a) { return builder_.emit(Op::floor, {a}); }
  Value round(Value a) { return builder_.emit(Op::round, {a}); }
  Value exponent(Value a) { return builder_.emit(Op::exponent, {a}); }
  Value mantissa(Value a) { return builder_.emit(Op::mantissa, {a}); }
  Value power_of_two(Value a) { return builder_.emit(Op::power_of_two, {a}); }
  Value less(Value a, Value b) { return builder_.emit(Op::less, {a, b}); }
  Value less_equal(Value a, Value b) { return builder_.emit(Op::less_equal, {a, b}); }
  Value equal(Value a, Value b) { return builder_.emit(Op::equal, {a, b}); }
  Value not_equal(Value a, Value b) { return builder_.emit(Op::not_equal, {a, b}); }
  Value logical_and(Value a, Value b) { return builder_.emit(Op::logical_and, {a, b}); }
  Value logical_or(Value a, Value b) { return builder_.emit(Op::logical_or, {a, b}); }
  Value logical_not(Value a) { return builder_.emit(Op::logical_not, {a}); }
  Value select(Value c, Value a, Value b) { return builder_.select(c, a, b); }

 private:
  Builder& builder_;
  Precision precision_;
};

// x to a whole power by repeated squaring.
Value whole_power(Writer& w, Value x, int n) {
  if (n < 0) return w.div(w.constant(1), whole_power(w, x, -n));
  if (n == 0) return w.constant(1);
  if (n % 2 == 1) return n == 1 ? x : w.mul(whole_power(w, x, n - 1), x);
  const Value half = whole_power(w, x, n / 2);
  return w.mul(half, half);
}

struct Division {
  Value quotient, remainder;
};

// Python's: the quotient rounded down, the remainder between 0 and b. Where a/b rounds up to a
// whole number the remainder first comes out with the wrong sign.
Division divide_down(Writer& w, Value a, Value b) {
  const Value zero = w.constant(0);
  const Value down = w.floor(w.div(a, b));
  const Value back = w.neg(down);
  const Value rest = w.fma(back, b, a);
  const Value upwards = w.less(zero, b);
  const Value below = w.less(rest, zero);
  const Value above = w.less(zero, rest);
  const Value downwards = w.less(b, zero);
  const Value too_low = w.logical_and(upwards, below);
  const Value too_high = w.logical_and(downwards, above);
  const Value wrong = w.logical_or(too_low, too_high);
  const Value less = w.sub(down, w.constant(1));
  const Value moved = w.add(rest, b);
  return {w.select(wrong, less, down), w.select(wrong, moved, rest)};
}

}  // namespace

Program lower_functions(const Program& program, Precision precision) {
  namespace el = elementary;
  Builder builder(program.name);
  builder.fold_at(precision);
  Writer w(builder, precision);
  for (const Slot& s : program.slots) builder.add_slot(s);
  std::vector<Value> moved;
  for (const Instruction& x : program.code) {
    std::vector<Value> in;
    for (Value v : x.operands) in.push_back(moved[v]);
    Value out = 0;
    switch (x.op) {
      case Op::constant:
        out = w.constant(x.constant);
        break;
      case Op::exp:
        out = el::exp(w, in[0]);
        break;
      case Op::expm1:
        out = el::expm1(w, in[0]);
        break;
      case Op::exprel:
        out = el::exprel(w, in[0]);
        break;
      case Op::log:
        out = el::log(w, in[0]);
        break;
      case Op::log1p:
        out = el::log1p(w, in[0]);
        break;
      case Op::log10:
        out = el::log10(w, in[0]);
        break;
      case Op::sin:
        out = el::sin(w, in[0]);
        break;
      case Op::cos:
        out = el::cos(w, in[0]);
        break;
      case Op::tan:
        out = el::tan(w, in[0]);
        break;
      case Op::tanh:
        out = el::tanh(w, in[0]);
        break;
      case Op::sinh:
        out = el::sinh(w, in[0]);
        break;
      case Op::cosh:
        out = el::cosh(w, in[0]);
        break;
      case Op::arcsin:
        out = el::arcsin(w, in[0]);
        break;
      case Op::arccos:
        out = el::arccos(w, in[0]);
        break;
      case Op::arctan:
        out = el::arctan(w, in[0]);
        break;
      case Op::power: {
        const Instruction& exponent = program.code[x.operands[1]];
        const double n = exponent.constant;
        if (exponent.op == Op::constant && n == std::floor(n) && std::abs(n) <= 64)
          out = whole_power(w, in[0], static_cast<int>(n));
        else if (exponent.op == Op::constant && n == 0.5)
          out = w.sqrt(in[0]);
        else
          out = el::power(w, in[0], in[1]);
        break;
      }
      case Op::floor_div:
        out = divide_down(w, in[0], in[1]).quotient;
        break;
      case Op::mod:
        out = divide_down(w, in[0], in[1]).remainder;
        break;
      case Op::sign: {
        const Value zero = w.constant(0);
        const Value negative = w.select(w.less(in[0], zero), w.constant(-1), in[0]);
        out = w.select(w.less(zero, in[0]), w.constant(1), negative);
        break;
      }
      case Op::ceil:
        out = w.neg(w.floor(w.neg(in[0])));
        break;
      default:
        out = builder.emit(x.op, in, x.variable);
        break;
    }
    moved.push_back(out);
  }
  for (const Store& s : program.stores) builder.store(s.slot, moved[s.value]);
  for (const Mask& m : program.masks) builder.mask(m.name, moved[m.value]);
  Program result = builder.finish();
  result.lowered = true;
  result.precision = precision;
  return simplify(result);
}

}  // namespace callosum::model
