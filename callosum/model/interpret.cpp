#include "callosum/model/interpret.h"

#include <algorithm>
#include <array>
#include <map>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "callosum/core/precision.h"
#include "callosum/core/scalar_arithmetic.h"
#include "callosum/model/matrix_exponential.h"

namespace callosum::model {
namespace {

constexpr std::int64_t chunk = 64;

template <class T>
using Lanes = std::array<T, chunk>;  // booleans are 0 and 1

// No result shares memory with an operand; GCC makes vector code of these loops once it is told.
template <class T, class F>
void each(Lanes<T>& to, F f) {
  T* out = to.data();
#if defined(__GNUC__) && !defined(__clang__)
#pragma GCC ivdep
#endif
  for (std::int64_t k = 0; k < chunk; ++k) out[k] = f(k);
}

// A row of lanes for every value, shared by values that are not alive together, so that the rows
// stay in the nearest cache. What is the same for all lanes and chunks keeps a row for itself.
struct Rows {
  std::vector<std::uint32_t> of;  // by instruction
  std::uint32_t count = 0;

  static bool stays(const Program& program, const Instruction& x) {
    return x.op == Op::constant || (x.op == Op::load && !program.slots[x.variable].lane);
  }

  explicit Rows(const Program& program) : of(program.code.size()) {
    const std::size_t n = program.code.size();
    std::vector<std::size_t> last(n, 0);
    for (std::size_t i = 0; i < n; ++i)
      for (Value v : program.code[i].operands) last[v] = i;
    for (const Store& s : program.stores) last[s.value] = n;
    for (const Mask& m : program.masks) last[m.value] = n;
    std::vector<std::uint32_t> free;
    for (std::size_t i = 0; i < n; ++i) {
      const Instruction& x = program.code[i];
      if (free.empty() || stays(program, x)) {
        of[i] = count++;
      } else {
        of[i] = free.back();
        free.pop_back();
      }
      for (Value v : x.operands) {
        if (last[v] != i || stays(program, program.code[v])) continue;
        free.push_back(of[v]);
        last[v] = n + 1;  // an operand may come twice
      }
    }
  }
};

// Runs a program on 64 lanes at a time, instruction by instruction: the loop over lanes is inside,
// so the cost of dispatch is shared.
template <class T>
class Interpreter {
  using A = elementary::ScalarArithmetic<T>;

 public:
  Interpreter(const Program& program, const Arguments& arguments)
      : program_(program), arguments_(arguments), rows_(program), values_(rows_.count) {}

  void run(std::int64_t begin, std::int64_t end) {
    for (std::size_t i = 0; i < program_.code.size(); ++i) {
      const Instruction& x = program_.code[i];
      if (!Rows::stays(program_, x)) continue;
      row(i).fill(x.op == Op::constant ? static_cast<T>(x.constant)
                                       : static_cast<const T*>(arguments_.uniforms)[x.variable]);
    }
    std::vector<std::pair<std::uint32_t, T>> shared;
    for (std::int64_t at = begin; at < end; at += chunk) {
      for (std::size_t i = 0; i < program_.code.size(); ++i) evaluate(i, at);
      write(at);
      if (at == begin)
        for (const Store& s : program_.stores)
          if (!program_.slots[s.slot].lane) shared.emplace_back(s.slot, row(s.value)[0]);
    }
    for (const auto& [slot, value] : shared) static_cast<T*>(arguments_.uniforms)[slot] = value;
  }

 private:
  T* column(std::uint32_t slot) const { return static_cast<T*>(arguments_.columns[slot]); }
  Lanes<T>& row(std::size_t i) { return values_[rows_.of[i]]; }

  void evaluate(std::size_t i, std::int64_t at) {
    const Instruction& x = program_.code[i];
    Lanes<T>& out = row(i);
    const auto in = [&](std::size_t k) -> const T* { return row(x.operands[k]).data(); };
    const auto unary = [&](auto f) {
      each(out, [a = in(0), f](std::int64_t k) { return f(a[k]); });
    };
    const auto binary = [&](auto f) {
      each(out, [a = in(0), b = in(1), f](std::int64_t k) { return f(a[k], b[k]); });
    };
    const auto ternary = [&](auto f) {
      each(out,
           [a = in(0), b = in(1), c = in(2), f](std::int64_t k) { return f(a[k], b[k], c[k]); });
    };
    const auto truth = [](bool b) { return b ? T{1} : T{0}; };
    switch (x.op) {
      case Op::constant:
        break;
      case Op::load:
        if (program_.slots[x.variable].lane)
          std::copy_n(column(x.variable) + at, chunk, out.begin());
        break;
      case Op::add:
        binary([](T a, T b) { return A::add(a, b); });
        break;
      case Op::sub:
        binary([](T a, T b) { return A::sub(a, b); });
        break;
      case Op::mul:
        binary([](T a, T b) { return A::mul(a, b); });
        break;
      case Op::div:
        binary([](T a, T b) { return A::div(a, b); });
        break;
      case Op::neg:
        unary([](T a) { return A::neg(a); });
        break;
      case Op::abs:
        unary([](T a) { return A::abs(a); });
        break;
      case Op::sqrt:
        unary([](T a) { return A::sqrt(a); });
        break;
      case Op::fma:
        ternary([](T a, T b, T c) { return A::fma(a, b, c); });
        break;
      case Op::minimum:
        binary([](T a, T b) { return A::minimum(a, b); });
        break;
      case Op::maximum:
        binary([](T a, T b) { return A::maximum(a, b); });
        break;
      case Op::floor:
        unary([](T a) { return A::floor(a); });
        break;
      case Op::round:
        unary([](T a) { return A::round(a); });
        break;
      case Op::exponent:
        unary([](T a) { return A::exponent(a); });
        break;
      case Op::mantissa:
        unary([](T a) { return A::mantissa(a); });
        break;
      case Op::power_of_two:
        unary([](T a) { return A::power_of_two(a); });
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
      case Op::logical_and:  // of 0 and 1
        binary([](T a, T b) { return a < b ? a : b; });
        break;
      case Op::logical_or:
        binary([](T a, T b) { return a < b ? b : a; });
        break;
      case Op::logical_not:
        unary([](T a) { return 1 - a; });
        break;
      case Op::select:
        ternary([](T c, T a, T b) { return c != 0 ? a : b; });
        break;
      case Op::expm:
        exponentials(i);
        break;
      case Op::element:
        for (std::int64_t k = 0; k < chunk; ++k)
          out[k] = static_cast<T>(matrices_[x.operands[0]][k][x.variable]);
        break;
      default:
        throw std::logic_error("interpret: " + std::string(name(x.op)) + " is no primitive");
    }
  }

  // One matrix per lane; lanes of equal operands share the work.
  void exponentials(std::size_t i) {
    const Instruction& x = program_.code[i];
    const std::size_t n = x.variable;
    std::vector<double> matrix(n * n), before;
    auto& results = matrices_[static_cast<Value>(i)];
    for (std::int64_t k = 0; k < chunk; ++k) {
      for (std::size_t j = 0; j < n * n; ++j) matrix[j] = row(x.operands[j])[k];
      results[k] = k > 0 && matrix == before ? results[k - 1] : matrix_exponential(matrix, n);
      before = matrix;
    }
  }

  void write(std::int64_t at) {
    for (std::uint32_t s = 0; s < program_.slots.size(); ++s)
      if (program_.slots[s].kind == SlotKind::input && program_.slots[s].lane)
        std::fill_n(column(s) + at, chunk, T{0});
    for (const Store& s : program_.stores)
      if (program_.slots[s.slot].lane)
        std::copy_n(row(s.value).begin(), chunk, column(s.slot) + at);
    for (std::size_t m = 0; m < program_.masks.size(); ++m) {
      const Lanes<T>& set = row(program_.masks[m].value);
      std::uint64_t word = 0;
      for (std::int64_t k = 0; k < chunk; ++k) word |= static_cast<std::uint64_t>(set[k] != 0) << k;
      arguments_.masks[m][at / chunk] = word;
    }
  }

  const Program& program_;
  const Arguments& arguments_;
  const Rows rows_;
  std::vector<Lanes<T>> values_;
  std::map<Value, std::array<std::vector<double>, chunk>> matrices_;  // by instruction
};

}  // namespace

void interpret(const Program& program, const Arguments& arguments, std::int64_t begin,
               std::int64_t end) {
  if (!program.lowered)
    throw std::logic_error("interpret: program " + program.name + " is not lowered");
  if (begin % lane_padding != 0 || end % lane_padding != 0)
    throw std::logic_error("interpret: a range of lanes that is not whole blocks");
  const FlushSubnormals flush;
  if (program.precision == Precision::single)
    Interpreter<float>(program, arguments).run(begin, end);
  else
    Interpreter<double>(program, arguments).run(begin, end);
}

}  // namespace callosum::model
