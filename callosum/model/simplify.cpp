#include <vector>

#include "callosum/model/builder.h"
#include "callosum/model/lower.h"

namespace callosum::model {
namespace {

std::vector<int> count_uses(const Program& program) {
  std::vector<int> uses(program.code.size());
  for (const Instruction& x : program.code)
    for (Value v : x.operands) ++uses[v];
  for (const Store& s : program.stores) ++uses[s.value];
  for (const Mask& m : program.masks) ++uses[m.value];
  return uses;
}

}  // namespace

Program simplify(const Program& program) {
  Builder builder(program.name);
  builder.fold_at(program.precision);
  for (const Slot& s : program.slots) builder.add_slot(s);
  const std::vector<int> uses = count_uses(program);
  std::vector<Value> moved;
  // A lowered program is never fused: its functions' roundings are part of their accuracy.
  const auto product = [&](Value v) {
    return !program.lowered && program.code[v].op == Op::mul && uses[v] == 1;
  };
  for (const Instruction& x : program.code) {
    std::vector<Value> in;
    for (Value v : x.operands) in.push_back(moved[v]);
    const auto factors = [&](int i) -> const std::vector<Value>& {
      return program.code[x.operands[i]].operands;
    };
    Value out;
    if (x.op == Op::constant) {
      out = builder.constant(x.constant);
    } else if ((x.op == Op::add || x.op == Op::sub) && product(x.operands[0])) {
      const Value c = x.op == Op::add ? in[1] : builder.neg(in[1]);
      out = builder.fma(moved[factors(0)[0]], moved[factors(0)[1]], c);
    } else if ((x.op == Op::add || x.op == Op::sub) && product(x.operands[1])) {
      const Value a = moved[factors(1)[0]];
      out = builder.fma(x.op == Op::add ? a : builder.neg(a), moved[factors(1)[1]], in[0]);
    } else {
      out = builder.emit(x.op, in, x.variable);
    }
    moved.push_back(out);
  }
  for (const Store& s : program.stores) builder.store(s.slot, moved[s.value]);
  for (const Mask& m : program.masks) builder.mask(m.name, moved[m.value]);
  Program result = builder.finish();
  result.lowered = program.lowered;
  result.precision = program.precision;
  return result;
}

}  // namespace callosum::model
