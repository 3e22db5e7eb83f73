#include "callosum/model/adjoint.h"

#include <cmath>
#include <map>
#include <optional>
#include <vector>

#include "callosum/core/error.h"
#include "callosum/model/adjoint_surrogate.h"
#include "callosum/model/builder.h"

namespace callosum::model {
namespace {

// Operations whose slope may be infinite or NaN at a finite argument.
bool is_singular(Op op) {
  switch (op) {
    case Op::div:
    case Op::sqrt:
    case Op::exp:
    case Op::expm1:
    case Op::exprel:
    case Op::log:
    case Op::log1p:
    case Op::log10:
    case Op::tan:
    case Op::sinh:
    case Op::cosh:
    case Op::arcsin:
    case Op::arccos:
    case Op::power:
    case Op::floor_div:
    case Op::mod:
      return true;
    default:
      return false;
  }
}

// One backward walk over a forward program that has been copied, instruction by instruction, into
// the builder of the adjoint.
class Reverse {
 public:
  Reverse(const Program& forward, const AdjointOptions& options)
      : forward_(forward),
        options_(options),
        b_(forward.name + ".adjoint"),
        bar_(forward.code.size()),
        event_(forward.code.size(), false),
        carries_(forward.code.size(), false),
        guarded_(forward.code.size(), false) {}

  Program write() {
    for (const Slot& s : forward_.slots) b_.add_slot(s);
    for (const Instruction& x : forward_.code) {
      std::vector<Value> in;
      for (Value v : x.operands) in.push_back(here_[v]);
      here_.push_back(x.op == Op::constant ? b_.constant(x.constant)
                                           : b_.emit(x.op, in, x.variable));
    }
    mark_events();
    mark_guarded();
    for (const Store& s : forward_.stores) add(s.value, load_bar(forward_.slots[s.slot].name));
    for (const Mask& m : forward_.masks)
      if (options_.surrogate != Surrogate::none) add(m.value, load_bar(m.name));
    for (std::size_t i = forward_.code.size(); i-- > 0;)
      if (bar_[i].has_value() || matrix_bar_.contains(static_cast<Value>(i))) step_back(i);
    store_gradients();
    return b_.finish();
  }

 private:
  Value load_bar(const std::string& name) {
    return b_.load(b_.slot({"bar(" + name + ")", SlotKind::cotangent, true, {}}));
  }

  void store_gradients() {
    std::map<std::uint32_t, Value> sums;  // a slot may be loaded more than once
    for (std::size_t i = 0; i < forward_.code.size(); ++i) {
      const Instruction& x = forward_.code[i];
      if (x.op != Op::load) continue;
      const Value bar = bar_[i] ? *bar_[i] : c(0);
      const auto [at, first] = sums.emplace(x.variable, bar);
      if (!first) at->second = b_.add(at->second, bar);
    }
    for (const auto& [slot, sum] : sums)
      b_.store(b_.slot({"grad(" + forward_.slots[slot].name + ")", SlotKind::gradient, true, {}}),
               sum);
  }

  bool counts_steps(Value v) const {
    const Instruction& x = forward_.code[v];
    return x.op == Op::load && forward_.slots[x.variable].name == "refractory_steps";
  }

  // The comparisons that decide a mask carry the surrogate, and so does all logic of them.
  void mark_events() {
    if (options_.surrogate == Surrogate::none) return;
    for (const Mask& m : forward_.masks) event_[m.value] = true;
    for (std::size_t i = forward_.code.size(); i-- > 0;)
      if (event_[i])
        for (Value v : forward_.code[i].operands)
          if (is_boolean(forward_.code[v].op)) event_[v] = true;
    for (std::size_t i = 0; i < forward_.code.size(); ++i) {
      const Instruction& x = forward_.code[i];
      if (x.op == Op::less || x.op == Op::less_equal)
        carries_[i] = event_[i] && !counts_steps(x.operands[0]) && !counts_steps(x.operands[1]);
      else if (is_boolean(x.op))
        for (Value v : x.operands) carries_[i] = carries_[i] || carries_[v];
    }
  }

  // A value that a choice may leave out and whose slope may not be finite: 0 * inf must stay 0.
  void mark_guarded() {
    std::vector<bool> chosen(forward_.code.size(), false), fragile = chosen;
    for (std::size_t i = forward_.code.size(); i-- > 0;) {
      const Instruction& x = forward_.code[i];
      const bool choice = x.op == Op::select || x.op == Op::minimum || x.op == Op::maximum;
      for (std::size_t k = x.op == Op::select ? 1 : 0; k < x.operands.size(); ++k)
        chosen[x.operands[k]] = chosen[x.operands[k]] || choice || chosen[i];
    }
    for (std::size_t i = 0; i < forward_.code.size(); ++i) {
      fragile[i] = is_singular(forward_.code[i].op);
      for (Value v : forward_.code[i].operands) fragile[i] = fragile[i] || fragile[v];
      guarded_[i] = fragile[i] && chosen[i];
    }
  }

  Value c(double x) { return b_.constant(x); }
  Value square(Value x) { return b_.mul(x, x); }
  Value call(Op op, Value x) { return b_.emit(op, {x}); }

  void add(Value v, Value contribution) {
    if (is_boolean(forward_.code[v].op) && !carries_[v]) return;
    bar_[v] = bar_[v] ? b_.add(*bar_[v], contribution) : contribution;
  }
  // Gives operand k of i its share of bar(i).
  void give(std::size_t i, std::size_t k, Value share) {
    if (guarded_[i]) {
      const Value none = b_.emit(Op::equal, {*bar_[i], c(0)});
      share = b_.select(none, c(0), share);
    }
    add(forward_.code[i].operands[k], share);
  }

  void step_back(std::size_t i) {
    const Instruction& x = forward_.code[i];
    if (x.op == Op::expm) return expm_back(i);
    const Value w = *bar_[i];
    const Value y = here_[i];
    const Value a = x.operands.empty() ? 0 : here_[x.operands[0]];
    const Value b = x.operands.size() < 2 ? 0 : here_[x.operands[1]];
    switch (x.op) {
      case Op::constant:
      case Op::load:
      case Op::floor:
      case Op::round:
      case Op::ceil:
      case Op::sign:
      case Op::floor_div:
      case Op::equal:
      case Op::not_equal:
      case Op::expm:
        break;  // flat, or the end of the walk
      case Op::exponent:
      case Op::mantissa:
      case Op::power_of_two:
        throw UnsupportedError({.where = "program " + forward_.name,
                                .what = "this operation has no derivative",
                                .got = std::string(name(x.op)),
                                .expected = "a program before its functions are lowered"});
      case Op::add:
        add(x.operands[0], w);
        add(x.operands[1], w);
        break;
      case Op::sub:
        add(x.operands[0], w);
        add(x.operands[1], b_.neg(w));
        break;
      case Op::neg:
        add(x.operands[0], b_.neg(w));
        break;
      case Op::mul:
        give(i, 0, b_.mul(w, b));
        give(i, 1, b_.mul(w, a));
        break;
      case Op::fma:
        give(i, 0, b_.mul(w, b));
        give(i, 1, b_.mul(w, a));
        add(x.operands[2], w);
        break;
      case Op::div: {
        const Value q = b_.div(w, b);
        give(i, 0, q);
        give(i, 1, b_.neg(b_.mul(q, y)));
        break;
      }
      case Op::abs:
        add(x.operands[0], b_.select(b_.emit(Op::less, {a, c(0)}), b_.neg(w), w));
        break;
      case Op::minimum:
      case Op::maximum: {
        const bool least = x.op == Op::minimum;
        const Value first = b_.emit(Op::less, {least ? a : b, least ? b : a});
        add(x.operands[0], b_.select(first, w, c(0)));
        add(x.operands[1], b_.select(first, c(0), w));
        break;
      }
      case Op::less:
      case Op::less_equal:
        spike_back(x, w);
        break;
      case Op::logical_and:
      case Op::logical_or: {
        // The other side, held, lets the gradient through or not.
        const bool both = x.op == Op::logical_and;
        add(x.operands[0], b_.select(b, both ? w : c(0), both ? c(0) : w));
        add(x.operands[1], b_.select(a, both ? w : c(0), both ? c(0) : w));
        break;
      }
      case Op::logical_not:
        add(x.operands[0], b_.neg(w));
        break;
      case Op::select:
        add(x.operands[1], b_.select(a, w, c(0)));
        add(x.operands[2], b_.select(a, c(0), w));
        if (carries_[x.operands[0]] && !options_.detach_reset)
          give(i, 0, b_.mul(w, b_.sub(b, here_[x.operands[2]])));
        break;
      case Op::sqrt:
        give(i, 0, b_.div(w, b_.mul(c(2), y)));
        break;
      case Op::exp:
        give(i, 0, b_.mul(w, y));
        break;
      case Op::expm1:
        give(i, 0, b_.mul(w, call(Op::exp, a)));
        break;
      case Op::exprel:
        give(i, 0, b_.mul(w, exprel_slope(a, y)));
        break;
      case Op::log:
        give(i, 0, b_.div(w, a));
        break;
      case Op::log1p:
        give(i, 0, b_.div(w, b_.add(c(1), a)));
        break;
      case Op::log10:
        give(i, 0, b_.div(w, b_.mul(a, c(2.302585092994045684))));
        break;
      case Op::sin:
        give(i, 0, b_.mul(w, call(Op::cos, a)));
        break;
      case Op::cos:
        give(i, 0, b_.neg(b_.mul(w, call(Op::sin, a))));
        break;
      case Op::tan:
        give(i, 0, b_.mul(w, b_.fma(y, y, c(1))));
        break;
      case Op::tanh:
        give(i, 0, b_.mul(w, b_.sub(c(1), square(y))));
        break;
      case Op::sinh:
        give(i, 0, b_.mul(w, call(Op::cosh, a)));
        break;
      case Op::cosh:
        give(i, 0, b_.mul(w, call(Op::sinh, a)));
        break;
      case Op::arcsin:
        give(i, 0, b_.div(w, circle_height(a)));
        break;
      case Op::arccos:
        give(i, 0, b_.neg(b_.div(w, circle_height(a))));
        break;
      case Op::arctan:
        give(i, 0, b_.div(w, b_.fma(a, a, c(1))));
        break;
      case Op::power:
        power_back(i, w, y);
        break;
      case Op::mod: {
        give(i, 0, w);
        const Value whole = b_.emit(Op::floor_div, {a, b});
        give(i, 1, b_.neg(b_.mul(w, whole)));
        break;
      }
      case Op::element: {
        auto& bar = matrix_bar_[x.operands[0]];
        bar.resize(forward_.code[x.operands[0]].operands.size());
        bar[x.variable] = bar[x.variable] ? b_.add(*bar[x.variable], w) : w;
        break;
      }
    }
  }

  // sqrt(1 - x^2) without cancellation near |x| = 1.
  Value circle_height(Value x) {
    const Value left = b_.sub(c(1), x), right = b_.add(c(1), x);
    return call(Op::sqrt, b_.mul(left, right));
  }

  void power_back(std::size_t i, Value w, Value y) {
    const std::vector<Value>& in = forward_.code[i].operands;
    const Value base = here_[in[0]], exponent = here_[in[1]];
    double n = 0;
    const bool constant = b_.constant_value(exponent, n);
    if (constant && n == 0.5) {
      give(i, 0, b_.div(w, b_.mul(c(2), y)));
    } else if (!constant || n != 0) {
      const Value lower = b_.emit(Op::power, {base, b_.sub(exponent, c(1))});
      give(i, 0, b_.mul(w, b_.mul(exponent, lower)));
    }
    if (constant) return;
    // 0**y is flat in y > 0, where the logarithm is not finite.
    const Value slope = b_.mul(y, call(Op::log, base));
    const Value flat = b_.emit(Op::equal, {base, c(0)});
    give(i, 1, b_.mul(w, b_.select(flat, c(0), slope)));
  }

  // d/dx (e^x - 1)/x = (e^x - exprel(x))/x, by its series where the difference would cancel.
  Value exprel_slope(Value x, Value y) {
    const Value small = b_.emit(Op::less, {call(Op::abs, x), c(0.25)});
    double factorial = 6227020800;  // 13!
    Value series = c(12 / factorial);
    for (int k = 10; k >= 0; --k) {  // sum over k of (k+1) x^k / (k+2)!
      factorial /= k + 3;
      series = b_.fma(series, x, c((k + 1) / factorial));
    }
    const Value safe = b_.select(small, c(1), x);
    const Value difference = b_.sub(call(Op::exp, x), y);
    return b_.select(small, series, b_.div(difference, safe));
  }

  // a < b as the Heaviside step of (b - a)/width.
  void spike_back(const Instruction& x, Value w) {
    const Value scale = c(1 / options_.width);
    const Value distance = b_.mul(b_.sub(here_[x.operands[1]], here_[x.operands[0]]), scale);
    const Value slope = b_.mul(b_.mul(w, surrogate_slope(b_, options_.surrogate, distance)),
                               c(options_.scale / options_.width));
    add(x.operands[1], slope);
    add(x.operands[0], b_.neg(slope));
  }

  // The adjoint of A -> exp(A) at W is the upper right block of exp([A^T W; 0 A^T]) (Al-Mohy and
  // Higham 2009).
  void expm_back(std::size_t i) {
    const Instruction& x = forward_.code[i];
    const std::size_t n = x.variable;
    const auto& bar = matrix_bar_.at(static_cast<Value>(i));
    std::vector<Value> block(4 * n * n, c(0));
    for (std::size_t r = 0; r < n; ++r)
      for (std::size_t k = 0; k < n; ++k) {
        const Value transposed = here_[x.operands[k * n + r]];
        block[r * 2 * n + k] = transposed;
        block[(r + n) * 2 * n + k + n] = transposed;
        if (bar[r * n + k]) block[r * 2 * n + k + n] = *bar[r * n + k];
      }
    const Value e = b_.emit(Op::expm, block, static_cast<std::uint32_t>(2 * n));
    for (std::size_t r = 0; r < n; ++r)
      for (std::size_t k = 0; k < n; ++k)
        if (forward_.code[x.operands[r * n + k]].op != Op::constant)
          add(x.operands[r * n + k],
              b_.emit(Op::element, {e}, static_cast<std::uint32_t>(r * 2 * n + k + n)));
  }

  const Program& forward_;
  const AdjointOptions& options_;
  Builder b_;
  std::vector<Value> here_;                // the forward values in the adjoint
  std::vector<std::optional<Value>> bar_;  // derivative of the loss with respect to a value
  std::vector<bool> event_, carries_, guarded_;
  std::map<Value, std::vector<std::optional<Value>>> matrix_bar_;  // of an expm, by element
};

}  // namespace

Program adjoint(const Program& forward, const AdjointOptions& options) {
  if (!(options.width > 0 && std::isfinite(options.width)))
    throw ValueError({.where = "adjoint of program " + forward.name,
                      .what = "the width of a surrogate must be positive",
                      .got = std::to_string(options.width),
                      .expected = "a positive number"});
  if (!(options.scale > 0 && std::isfinite(options.scale)))
    throw ValueError({.where = "adjoint of program " + forward.name,
                      .what = "the scale of a surrogate must be positive",
                      .got = std::to_string(options.scale),
                      .expected = "a positive number; Surrogate::none for no gradient"});
  return Reverse(forward, options).write();
}

}  // namespace callosum::model
