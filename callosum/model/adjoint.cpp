#include "callosum/model/adjoint.h"

#include <cmath>
#include <optional>
#include <vector>

#include "callosum/model/builder.h"

namespace callosum::model {
namespace {

constexpr double pi = 3.14159265358979323846;

// One backward walk over a forward program that has been copied, instruction by instruction, into
// the builder of the adjoint.
class Reverse {
 public:
  Reverse(const Program& forward, const AdjointOptions& options)
      : forward_(forward),
        options_(options),
        b_(forward.name + ".adjoint"),
        bar_(forward.code.size()),
        event_(forward.code.size(), false) {}

  Program write() {
    for (const Slot& s : forward_.slots) b_.add_slot(s);
    for (const Instruction& x : forward_.code) {
      std::vector<Value> in;
      for (Value v : x.operands) in.push_back(here_[v]);
      here_.push_back(x.op == Op::constant ? b_.constant(x.constant)
                                           : b_.emit(x.op, in, x.variable));
    }
    mark_events();
    for (const Store& s : forward_.stores) {
      const Slot& slot = forward_.slots[s.slot];
      add(s.value,
          b_.load(b_.slot({"bar(" + slot.name + ")", SlotKind::cotangent, slot.lane, {}})));
    }
    for (const Mask& m : forward_.masks)
      if (options_.surrogate != Surrogate::none)
        add(m.value, b_.load(b_.slot({"bar(" + m.name + ")", SlotKind::cotangent, true, {}})));
    for (std::size_t i = forward_.code.size(); i-- > 0;)
      if (forward_.code[i].op == Op::expm ? !matrix_bar(i).empty() : bar_[i].has_value())
        step_back(i);
    for (std::size_t i = 0; i < forward_.code.size(); ++i) {
      const Instruction& x = forward_.code[i];
      if (x.op != Op::load) continue;
      const Slot& slot = forward_.slots[x.variable];
      b_.store(b_.slot({"grad(" + slot.name + ")", SlotKind::gradient, true, {}}),
               bar_[i] ? *bar_[i] : b_.constant(0));
    }
    return b_.finish();
  }

 private:
  // Comparisons that decide a mask carry the surrogate; all other comparisons carry nothing.
  void mark_events() {
    for (const Mask& m : forward_.masks) event_[m.value] = true;
    for (std::size_t i = forward_.code.size(); i-- > 0;)
      if (event_[i])
        for (Value v : forward_.code[i].operands)
          if (is_boolean(forward_.code[v].op)) event_[v] = true;
  }

  void add(Value v, Value contribution) {
    bar_[v] = bar_[v] ? b_.add(*bar_[v], contribution) : contribution;
  }
  Value c(double x) { return b_.constant(x); }
  Value real(Value condition) { return b_.select(condition, c(1), c(0)); }
  Value square(Value x) { return b_.mul(x, x); }
  Value call(Op op, Value x) { return b_.emit(op, {x}); }

  void step_back(std::size_t i) {
    const Instruction& x = forward_.code[i];
    const auto in = [&](std::size_t k) { return x.operands[k]; };
    const auto at = [&](std::size_t k) { return here_[x.operands[k]]; };
    const Value y = here_[i];
    if (x.op == Op::expm) return expm_back(i);
    const Value w = *bar_[i];
    switch (x.op) {
      case Op::constant:
      case Op::load:
      case Op::floor:
      case Op::round:
      case Op::ceil:
      case Op::exponent:
      case Op::power_of_two:
      case Op::sign:
      case Op::floor_div:
      case Op::expm:
        break;  // piecewise constant, or the end of the walk
      case Op::add:
        add(in(0), w);
        add(in(1), w);
        break;
      case Op::sub:
        add(in(0), w);
        add(in(1), b_.neg(w));
        break;
      case Op::mul:
        add(in(0), b_.mul(w, at(1)));
        add(in(1), b_.mul(w, at(0)));
        break;
      case Op::div: {
        const Value q = b_.div(w, at(1));
        add(in(0), q);
        add(in(1), b_.neg(b_.mul(q, y)));
        break;
      }
      case Op::neg:
        add(in(0), b_.neg(w));
        break;
      case Op::abs:
        add(in(0), b_.select(b_.emit(Op::less, {at(0), c(0)}), b_.neg(w), w));
        break;
      case Op::sqrt:
        add(in(0), b_.div(w, b_.mul(c(2), y)));
        break;
      case Op::fma:
        add(in(0), b_.mul(w, at(1)));
        add(in(1), b_.mul(w, at(0)));
        add(in(2), w);
        break;
      case Op::minimum:
      case Op::maximum: {
        const bool least = x.op == Op::minimum;
        const Value first = b_.emit(Op::less, {at(least ? 0 : 1), at(least ? 1 : 0)});
        add(in(0), b_.select(first, w, c(0)));
        add(in(1), b_.select(first, c(0), w));
        break;
      }
      case Op::mantissa:
        add(in(0), b_.div(w, call(Op::power_of_two, call(Op::exponent, at(0)))));
        break;
      case Op::less:
      case Op::less_equal:
        spike_back(i, w);
        break;
      case Op::equal:
      case Op::not_equal:
        break;
      case Op::logical_and:
      case Op::logical_or: {
        // The other side, held, lets the gradient through or not.
        const bool both = x.op == Op::logical_and;
        for (int k : {0, 1}) {
          const Value other = at(1 - k);
          add(in(k), b_.select(other, both ? w : c(0), both ? c(0) : w));
        }
        break;
      }
      case Op::logical_not:
        add(in(0), b_.neg(w));
        break;
      case Op::select:
        add(in(1), b_.select(at(0), w, c(0)));
        add(in(2), b_.select(at(0), c(0), w));
        if (event_[in(0)] && !options_.detach_reset && options_.surrogate != Surrogate::none)
          add(in(0), b_.mul(w, b_.sub(at(1), at(2))));
        break;
      case Op::exp:
        add(in(0), b_.mul(w, y));
        break;
      case Op::expm1:
        add(in(0), b_.mul(w, b_.add(y, c(1))));
        break;
      case Op::exprel:
        add(in(0), b_.mul(w, exprel_slope(at(0), y)));
        break;
      case Op::log:
        add(in(0), b_.div(w, at(0)));
        break;
      case Op::log1p:
        add(in(0), b_.div(w, b_.add(c(1), at(0))));
        break;
      case Op::log10:
        add(in(0), b_.div(w, b_.mul(at(0), c(2.302585092994045684))));
        break;
      case Op::sin:
        add(in(0), b_.mul(w, call(Op::cos, at(0))));
        break;
      case Op::cos:
        add(in(0), b_.neg(b_.mul(w, call(Op::sin, at(0)))));
        break;
      case Op::tan:
        add(in(0), b_.mul(w, b_.add(c(1), square(y))));
        break;
      case Op::tanh:
        add(in(0), b_.mul(w, b_.sub(c(1), square(y))));
        break;
      case Op::sinh:
        add(in(0), b_.mul(w, call(Op::cosh, at(0))));
        break;
      case Op::cosh:
        add(in(0), b_.mul(w, call(Op::sinh, at(0))));
        break;
      case Op::arcsin:
        add(in(0), b_.div(w, call(Op::sqrt, b_.sub(c(1), square(at(0))))));
        break;
      case Op::arccos:
        add(in(0), b_.neg(b_.div(w, call(Op::sqrt, b_.sub(c(1), square(at(0)))))));
        break;
      case Op::arctan:
        add(in(0), b_.div(w, b_.add(c(1), square(at(0)))));
        break;
      case Op::power:
        power_back(x, w, y);
        break;
      case Op::mod: {
        add(in(0), w);
        const Value whole = call(Op::floor, b_.div(at(0), at(1)));
        add(in(1), b_.neg(b_.mul(w, whole)));
        break;
      }
      case Op::element:
        matrix_bar_[in(0)].resize(forward_.code[in(0)].operands.size());
        matrix_bar_[in(0)][x.variable] = w;
        break;
    }
  }

  void power_back(const Instruction& x, Value w, Value y) {
    const Value base = here_[x.operands[0]], exponent = here_[x.operands[1]];
    const Value lower = b_.emit(Op::power, {base, b_.sub(exponent, c(1))});
    add(x.operands[0], b_.mul(w, b_.mul(exponent, lower)));
    if (forward_.code[x.operands[1]].op != Op::constant)
      add(x.operands[1], b_.mul(w, b_.mul(y, call(Op::log, base))));
  }

  // d/dx (e^x - 1)/x = (e^x - exprel(x))/x, by its series where the difference would cancel.
  Value exprel_slope(Value x, Value y) {
    const Value small = b_.emit(Op::less, {call(Op::abs, x), c(0.25)});
    Value series = c(10.0 / 39916800);  // sum over k of (k+1) x^k / (k+2)!
    double factorial = 3628800;
    for (int k = 8; k >= 0; --k) {
      series = b_.fma(series, x, c((k + 1) / factorial));
      factorial /= k + 2;
    }
    const Value safe = b_.select(small, c(1), x);
    return b_.select(small, series, b_.div(b_.sub(call(Op::exp, x), y), safe));
  }

  // a < b as the Heaviside step of (b - a)/width.
  void spike_back(std::size_t i, Value w) {
    if (!event_[i] || options_.surrogate == Surrogate::none) return;
    const Instruction& x = forward_.code[i];
    const double scale = 1 / options_.width;
    const Value distance = b_.mul(b_.sub(here_[x.operands[1]], here_[x.operands[0]]), c(scale));
    const Value slope = b_.mul(b_.mul(w, surrogate(distance)), c(scale));
    add(x.operands[1], slope);
    add(x.operands[0], b_.neg(slope));
  }

  Value surrogate(Value x) {
    const Value size = call(Op::abs, x);
    switch (options_.surrogate) {
      case Surrogate::none:
        return c(0);
      case Surrogate::fast_sigmoid:
        return b_.div(c(1), square(b_.add(c(1), size)));
      case Surrogate::arctan:
        return b_.div(c(1), b_.add(c(1), square(b_.mul(c(pi), x))));
      case Surrogate::triangle:
        return b_.emit(Op::maximum, {b_.sub(c(1), size), c(0)});
      case Surrogate::gaussian:
        return b_.mul(call(Op::exp, b_.mul(c(-0.5), square(x))), c(1 / std::sqrt(2 * pi)));
      case Surrogate::sigmoid: {
        const Value s = b_.div(c(1), b_.add(c(1), call(Op::exp, b_.neg(x))));
        return b_.mul(s, b_.sub(c(1), s));
      }
      case Surrogate::rectangle:
        return real(b_.emit(Op::less, {size, c(0.5)}));
    }
    return c(0);
  }

  std::vector<std::optional<Value>> matrix_bar(std::size_t i) const {
    const auto found = matrix_bar_.find(static_cast<Value>(i));
    return found == matrix_bar_.end() ? std::vector<std::optional<Value>>() : found->second;
  }

  // The adjoint of A -> exp(A) at W is the upper right block of exp([A^T W; 0 A^T]) (Al-Mohy and
  // Higham 2009).
  void expm_back(std::size_t i) {
    const Instruction& x = forward_.code[i];
    const std::size_t n = x.variable;
    const auto bar = matrix_bar(i);
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
  std::vector<Value> here_;
  std::vector<std::optional<Value>> bar_;
  std::vector<bool> event_;
  std::map<Value, std::vector<std::optional<Value>>> matrix_bar_;
};

}  // namespace

Program adjoint(const Program& forward, const AdjointOptions& options) {
  return Reverse(forward, options).write();
}

}  // namespace callosum::model
