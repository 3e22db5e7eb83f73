#include "callosum/model/builder.h"

#include <bit>
#include <cmath>
#include <limits>
#include <optional>
#include <utility>

#include "callosum/core/scalar_arithmetic.h"

namespace callosum::model {

Builder::Builder(std::string name) { program_.name = std::move(name); }

std::uint32_t Builder::slot(Slot slot) {
  for (std::uint32_t i = 0; i < program_.slots.size(); ++i)
    if (program_.slots[i].name == slot.name && program_.slots[i].kind == slot.kind) return i;
  return add_slot(std::move(slot));
}

std::uint32_t Builder::add_slot(Slot slot) {
  program_.slots.push_back(std::move(slot));
  return static_cast<std::uint32_t>(program_.slots.size() - 1);
}

Value Builder::load(std::uint32_t slot) { return emit(Op::load, {}, slot); }

Value Builder::constant(double value) {
  const auto key =
      std::make_tuple(Op::constant, 0u, std::bit_cast<std::uint64_t>(value), std::vector<Value>{});
  if (const auto it = known_.find(key); it != known_.end()) return it->second;
  program_.code.push_back({Op::constant, 0, value, {}});
  return known_[key] = static_cast<Value>(program_.code.size() - 1);
}

namespace {

// What the arithmetic of programs makes of a subnormal number.
template <class T>
T flushed(T x) {
  return std::abs(x) < std::numeric_limits<T>::min() ? std::copysign(T{0}, x) : x;
}

// A primitive applied to constants, in the arithmetic the program will run in.
template <class T>
std::optional<T> fold(Op op, const std::vector<double>& x) {
  using A = elementary::ScalarArithmetic<T>;
  const auto at = [&](std::size_t i) { return flushed(static_cast<T>(x[i])); };
  switch (op) {
    case Op::add:
      return A::add(at(0), at(1));
    case Op::sub:
      return A::sub(at(0), at(1));
    case Op::mul:
      return A::mul(at(0), at(1));
    case Op::div:
      return A::div(at(0), at(1));
    case Op::neg:
      return A::neg(at(0));
    case Op::abs:
      return A::abs(at(0));
    case Op::sqrt:
      return A::sqrt(at(0));
    case Op::fma:
      return A::fma(at(0), at(1), at(2));
    case Op::minimum:
      return A::minimum(at(0), at(1));
    case Op::maximum:
      return A::maximum(at(0), at(1));
    case Op::floor:
      return A::floor(at(0));
    case Op::round:
      return A::round(at(0));
    case Op::exponent:
      return A::exponent(at(0));
    case Op::mantissa:
      return A::mantissa(at(0));
    case Op::power_of_two:
      // Beyond the normal range it has no meaning to keep.
      if (!(at(0) > -A::bias && at(0) <= A::bias)) return std::nullopt;
      return A::power_of_two(at(0));
    default:
      return std::nullopt;
  }
}

std::optional<double> fold(Op op, const std::vector<double>& x, Precision precision) {
  if (precision == Precision::single) {
    const auto y = fold<float>(op, x);
    return y ? std::optional<double>(flushed(*y)) : std::nullopt;
  }
  const auto y = fold<double>(op, x);
  return y ? std::optional<double>(flushed(*y)) : std::nullopt;
}

bool commutes(Op op) {
  return op == Op::add || op == Op::mul || op == Op::fma || op == Op::equal ||
         op == Op::not_equal || op == Op::logical_and || op == Op::logical_or;
}

}  // namespace

Value Builder::boolean(bool value) {
  return emit(value ? Op::equal : Op::not_equal, {constant(0), constant(0)});
}

bool Builder::constant_value(Value v, double& value) const {
  if (program_.code[v].op != Op::constant) return false;
  value = program_.code[v].constant;
  return true;
}

// True or false when `v` is one of the two values `boolean` makes.
std::optional<bool> Builder::boolean_value(Value v) const {
  const Instruction& x = program_.code[v];
  if (x.op != Op::equal && x.op != Op::not_equal) return std::nullopt;
  double a = 0, b = 0;
  if (!constant_value(x.operands[0], a) || !constant_value(x.operands[1], b)) return std::nullopt;
  return (a == b) == (x.op == Op::equal);
}

std::optional<Value> Builder::shortcut(Op op, const std::vector<Value>& x) {
  double a = 0, b = 0;
  const bool ca = !x.empty() && !is_boolean(program_.code[x[0]].op) && constant_value(x[0], a);
  const bool cb = x.size() > 1 && !is_boolean(program_.code[x[1]].op) && constant_value(x[1], b);
  switch (op) {
    case Op::add:
      if (ca && a == 0) return x[1];
      if (cb && b == 0) return x[0];
      break;
    case Op::sub:
      if (cb && b == 0) return x[0];
      if (ca && a == 0) return neg(x[1]);
      break;
    case Op::mul:
      if (ca && a == 1) return x[1];
      if (cb && b == 1) return x[0];
      if (ca && a == -1) return neg(x[1]);
      if (cb && b == -1) return neg(x[0]);
      break;
    case Op::div:
      if (cb && b == 1) return x[0];
      break;
    case Op::fma: {
      double c = 0;
      if (constant_value(x[2], c) && c == 0) return mul(x[0], x[1]);
      if (ca && a == 1) return add(x[1], x[2]);
      if (cb && b == 1) return add(x[0], x[2]);
      if (ca && a == -1) return sub(x[2], x[1]);
      if (cb && b == -1) return sub(x[2], x[0]);
      break;
    }
    case Op::neg:
      if (program_.code[x[0]].op == Op::neg) return program_.code[x[0]].operands[0];
      break;
    case Op::logical_not:
      if (const auto t = boolean_value(x[0])) return boolean(!*t);
      if (program_.code[x[0]].op == Op::logical_not) return program_.code[x[0]].operands[0];
      break;
    case Op::logical_and:
      if (const auto t = boolean_value(x[0])) return *t ? x[1] : x[0];
      if (const auto t = boolean_value(x[1])) return *t ? x[0] : x[1];
      if (x[0] == x[1]) return x[0];
      break;
    case Op::logical_or:
      if (const auto t = boolean_value(x[0])) return *t ? x[0] : x[1];
      if (const auto t = boolean_value(x[1])) return *t ? x[1] : x[0];
      if (x[0] == x[1]) return x[0];
      break;
    case Op::select:
      if (const auto t = boolean_value(x[0])) return *t ? x[1] : x[2];
      if (x[1] == x[2]) return x[1];
      break;
    default:
      break;
  }
  return std::nullopt;
}

Value Builder::emit(Op op, std::vector<Value> operands, std::uint32_t variable) {
  if (const auto v = shortcut(op, operands)) return *v;
  std::vector<double> numbers;
  for (Value v : operands) {
    double number = 0;
    if (is_boolean(program_.code[v].op) || !constant_value(v, number)) break;
    numbers.push_back(number);
  }
  if (!operands.empty() && numbers.size() == operands.size()) {
    if (is_boolean(op)) {
      const double a = numbers[0], b = numbers[1];
      const bool is = op == Op::less         ? a < b
                      : op == Op::less_equal ? a <= b
                      : op == Op::equal      ? a == b
                                             : a != b;
      const bool written = (op == Op::equal || op == Op::not_equal) && a == 0 && b == 0;
      if (!written) return boolean(is);
    } else if (const auto folded = fold(op, numbers, precision_)) {
      return constant(*folded);
    }
  }
  if (commutes(op) && operands[1] < operands[0]) std::swap(operands[0], operands[1]);
  auto key = std::make_tuple(op, variable, std::uint64_t{0}, operands);
  if (const auto it = known_.find(key); it != known_.end()) return it->second;
  program_.code.push_back({op, variable, 0, std::move(operands)});
  return known_[std::move(key)] = static_cast<Value>(program_.code.size() - 1);
}

void Builder::store(std::uint32_t slot, Value value) {
  for (Store& s : program_.stores)
    if (s.slot == slot) {
      s.value = value;
      return;
    }
  program_.stores.push_back({slot, value});
}

void Builder::mask(std::string name, Value value) {
  program_.masks.push_back({std::move(name), value});
}

Program Builder::finish() {
  std::vector<bool> used(program_.code.size());
  for (const Store& s : program_.stores) used[s.value] = true;
  for (const Mask& m : program_.masks) used[m.value] = true;
  for (std::size_t i = used.size(); i-- > 0;)
    if (used[i])
      for (Value v : program_.code[i].operands) used[v] = true;
  Program result = program_;
  result.code.clear();
  std::vector<Value> moved(used.size());
  for (std::size_t i = 0; i < used.size(); ++i) {
    if (!used[i]) continue;
    Instruction x = program_.code[i];
    for (Value& v : x.operands) v = moved[v];
    moved[i] = static_cast<Value>(result.code.size());
    result.code.push_back(std::move(x));
  }
  for (Store& s : result.stores) s.value = moved[s.value];
  for (Mask& m : result.masks) m.value = moved[m.value];
  verify(result);
  return result;
}

}  // namespace callosum::model
