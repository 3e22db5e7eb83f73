#include <cmath>
#include <string>
#include <utility>
#include <vector>

#include "callosum/model/builder.h"
#include "callosum/model/lower.h"

namespace callosum::model {
namespace {

// How often each value is used by what reaches a store or a mask.
std::vector<int> count_uses(const Program& program) {
  std::vector<int> uses(program.code.size());
  for (const Store& s : program.stores) ++uses[s.value];
  for (const Mask& m : program.masks) ++uses[m.value];
  for (std::size_t i = uses.size(); i-- > 0;)
    if (uses[i] > 0)
      for (Value v : program.code[i].operands) ++uses[v];
  return uses;
}

// Whether 1/x is exact at both precisions.
bool is_power_of_two(double x) {
  int exponent = 0;
  return std::abs(std::frexp(x, &exponent)) == 0.5 && std::abs(exponent) < 120;
}

class Pass {
 public:
  explicit Pass(const Program& program)
      : program_(program), uses_(count_uses(program)), builder_(program.name) {}

  Program run() {
    builder_.fold_at(program_.precision);
    for (const Slot& s : program_.slots) builder_.add_slot(s);
    for (const Instruction& x : program_.code) moved_.push_back(move(x));
    for (const Store& s : program_.stores) builder_.store(s.slot, moved_[s.value]);
    for (const Mask& m : program_.masks) builder_.mask(m.name, moved_[m.value]);
    Program result = builder_.finish();
    result.lowered = program_.lowered;
    result.precision = program_.precision;
    verify(result);
    return result;
  }

 private:
  // A lowered program is never fused: its functions' roundings are part of their accuracy.
  bool fuses(Value v) const {
    return !program_.lowered && program_.code[v].op == Op::mul && uses_[v] == 1;
  }
  Value factor(Value product, int k) const { return moved_[program_.code[product].operands[k]]; }

  Value move(const Instruction& x) {
    std::vector<Value> in;
    for (Value v : x.operands) in.push_back(moved_[v]);
    if (x.op == Op::constant) return builder_.constant(x.constant);
    double divisor = 0;
    if (x.op == Op::div && builder_.constant_value(in[1], divisor) && is_power_of_two(divisor))
      return builder_.mul(in[0], builder_.constant(1 / divisor));
    if (x.op == Op::add || x.op == Op::sub) {
      const bool minus = x.op == Op::sub;
      if (const Value p = x.operands[0]; fuses(p))
        return builder_.fma(factor(p, 0), factor(p, 1), minus ? builder_.neg(in[1]) : in[1]);
      if (const Value p = x.operands[1]; fuses(p))
        return builder_.fma(minus ? builder_.neg(factor(p, 0)) : factor(p, 0), factor(p, 1), in[0]);
    }
    return builder_.emit(x.op, in, x.variable);
  }

  const Program& program_;
  std::vector<int> uses_;
  Builder builder_;
  std::vector<Value> moved_;
};

}  // namespace

Program simplify(const Program& program) {
  Program result = Pass(program).run();
  std::string text = to_string(result);
  // A fusion may leave another product with a single use; each takes an addition away.
  for (std::size_t round = 0; round < program.code.size(); ++round) {
    Program again = Pass(result).run();
    std::string next = to_string(again);
    if (next == text) break;
    result = std::move(again);
    text = std::move(next);
  }
  return result;
}

}  // namespace callosum::model
