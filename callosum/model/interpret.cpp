#include "callosum/model/interpret.h"

#include <algorithm>
#include <array>
#include <stdexcept>
#include <vector>

#include "callosum/core/precision.h"
#include "callosum/core/scalar_arithmetic.h"
#include "callosum/model/matrix_exponential.h"

namespace callosum::model {
namespace {

constexpr std::int64_t chunk = 64;

// Runs a program on 64 lanes at a time, instruction by instruction: the loop over lanes is inside,
// so the cost of dispatch is shared.
template <class T>
class Interpreter {
  using A = elementary::ScalarArithmetic<T>;
  using Lanes = std::array<T, chunk>;  // booleans are 0 and 1

 public:
  Interpreter(const Program& program, const Arguments& arguments)
      : program_(program), arguments_(arguments), values_(program.code.size()) {}

  void run(std::int64_t begin, std::int64_t end) {
    for (std::int64_t at = begin; at < end; at += chunk) {
      for (std::size_t i = 0; i < program_.code.size(); ++i) evaluate(i, at);
      write(at);
    }
  }

 private:
  T* column(std::uint32_t slot) const { return static_cast<T*>(arguments_.columns[slot]); }

  template <class F>
  void each(Lanes& out, F f) {
    for (std::int64_t k = 0; k < chunk; ++k) out[k] = f(k);
  }

  void evaluate(std::size_t i, std::int64_t at) {
    const Instruction& x = program_.code[i];
    Lanes& out = values_[i];
    const auto in = [&](std::size_t k) -> const Lanes& { return values_[x.operands[k]]; };
    const auto unary = [&](auto f) {
      each(out, [&, &a = in(0)](std::int64_t k) { return f(a[k]); });
    };
    const auto binary = [&](auto f) {
      each(out, [&, &a = in(0), &b = in(1)](std::int64_t k) { return f(a[k], b[k]); });
    };
    const auto truth = [](bool b) { return b ? T{1} : T{0}; };
    switch (x.op) {
      case Op::constant:
        out.fill(static_cast<T>(x.constant));
        break;
      case Op::load:
        if (program_.slots[x.variable].lane)
          std::copy_n(column(x.variable) + at, chunk, out.begin());
        else
          out.fill(static_cast<const T*>(arguments_.uniforms)[x.variable]);
        break;
      case Op::add:
        binary(A::add);
        break;
      case Op::sub:
        binary(A::sub);
        break;
      case Op::mul:
        binary(A::mul);
        break;
      case Op::div:
        binary(A::div);
        break;
      case Op::neg:
        unary(A::neg);
        break;
      case Op::abs:
        unary(A::abs);
        break;
      case Op::sqrt:
        unary(A::sqrt);
        break;
      case Op::fma:
        each(out, [&, &a = in(0), &b = in(1), &c = in(2)](std::int64_t k) {
          return A::fma(a[k], b[k], c[k]);
        });
        break;
      case Op::minimum:
        binary(A::minimum);
        break;
      case Op::maximum:
        binary(A::maximum);
        break;
      case Op::floor:
        unary(A::floor);
        break;
      case Op::round:
        unary(A::round);
        break;
      case Op::exponent:
        unary(A::exponent);
        break;
      case Op::mantissa:
        unary(A::mantissa);
        break;
      case Op::power_of_two:
        unary(A::power_of_two);
        break;
      case Op::less:
        binary([&](T a, T b) { return truth(a < b); });
        break;
      case Op::less_equal:
        binary([&](T a, T b) { return truth(a <= b); });
        break;
      case Op::equal:
        binary([&](T a, T b) { return truth(a == b); });
        break;
      case Op::not_equal:
        binary([&](T a, T b) { return truth(a != b); });
        break;
      case Op::logical_and:
        binary([&](T a, T b) { return truth(a != 0 && b != 0); });
        break;
      case Op::logical_or:
        binary([&](T a, T b) { return truth(a != 0 || b != 0); });
        break;
      case Op::logical_not:
        unary([&](T a) { return truth(a == 0); });
        break;
      case Op::select:
        each(out, [&, &c = in(0), &a = in(1), &b = in(2)](std::int64_t k) {
          return c[k] != 0 ? a[k] : b[k];
        });
        break;
      case Op::expm:
        break;  // computed where an element is asked for
      case Op::element:
        element(x, out);
        break;
      default:
        throw std::logic_error("interpret: " + std::string(name(x.op)) + " is no primitive");
    }
  }

  void element(const Instruction& x, Lanes& out) {
    const Instruction& matrix = program_.code[x.operands[0]];
    const std::size_t n = matrix.variable;
    std::vector<double> a(n * n);
    for (std::int64_t k = 0; k < chunk; ++k) {
      for (std::size_t j = 0; j < n * n; ++j) a[j] = values_[matrix.operands[j]][k];
      out[k] = static_cast<T>(matrix_exponential(a, n)[x.variable]);
    }
  }

  void write(std::int64_t at) {
    for (std::uint32_t s = 0; s < program_.slots.size(); ++s)
      if (program_.slots[s].kind == SlotKind::input && program_.slots[s].lane)
        std::fill_n(column(s) + at, chunk, T{0});
    for (const Store& s : program_.stores) {
      if (program_.slots[s.slot].lane)
        std::copy_n(values_[s.value].begin(), chunk, column(s.slot) + at);
      else
        static_cast<T*>(arguments_.uniforms)[s.slot] = values_[s.value][0];
    }
    for (std::size_t m = 0; m < program_.masks.size(); ++m) {
      std::uint64_t word = 0;
      for (std::int64_t k = 0; k < chunk; ++k)
        word |= static_cast<std::uint64_t>(values_[program_.masks[m].value][k] != 0) << k;
      arguments_.masks[m][at / chunk] = word;
    }
  }

  const Program& program_;
  const Arguments& arguments_;
  std::vector<Lanes> values_;
};

}  // namespace

void interpret(const Program& program, const Arguments& arguments, std::int64_t begin,
               std::int64_t end) {
  if (!program.lowered)
    throw std::logic_error("interpret: program " + program.name + " is not lowered");
  const FlushSubnormals flush;
  if (program.precision == Precision::single)
    Interpreter<float>(program, arguments).run(begin, end);
  else
    Interpreter<double>(program, arguments).run(begin, end);
}

}  // namespace callosum::model
