#include "callosum/learn/still_states.h"

#include "callosum/model/builder.h"

namespace callosum::learn {
namespace {

using model::Builder;
using model::Instruction;
using model::Op;
using model::Program;
using model::Slot;
using model::SlotKind;
using model::Value;

using Holds = std::function<Held(const Slot&)>;

bool is_held(const Slot& slot) {
  return slot.kind == SlotKind::parameter || slot.kind == SlotKind::derived;
}

/// A step written anew with these states at zero.
class Writing {
 public:
  Writing(const Program& step, const std::set<std::string>& still, const Holds& held)
      : step_(step), still_(still), held_(held), builder_(step.name) {
    for (const Slot& s : step.slots) builder_.add_slot(s);
    for (const Instruction& x : step.code) moved_.push_back(move(x));
  }

  bool stores_zero(const model::Store& s) const { return is_zero(moved_[s.value]); }

  Program finish() {
    for (const model::Store& s : step_.stores)
      if (!still_.contains(step_.slots[s.slot].name)) builder_.store(s.slot, moved_[s.value]);
    for (const model::Mask& m : step_.masks) builder_.mask(m.name, moved_[m.value]);
    return builder_.finish();
  }

 private:
  bool is_zero(Value v) const {
    double number = 1;
    return builder_.constant_value(v, number) && number == 0;
  }
  /// A factor that leaves zero at zero.
  bool is_finite(Value v) const {
    const Instruction& x = builder_.program().code[v];
    if (x.op == Op::constant) return true;
    if (x.op != Op::load) return false;
    const Slot& slot = builder_.program().slots[x.variable];
    return is_held(slot) && held_(slot) != Held::no;
  }

  Value move(const Instruction& x) {
    if (x.op == Op::constant) return builder_.constant(x.constant);
    if (x.op == Op::load) {
      const Slot& slot = step_.slots[x.variable];
      const bool zero = (slot.kind == SlotKind::state && still_.contains(slot.name)) ||
                        (is_held(slot) && held_(slot) == Held::zero);
      return zero ? builder_.constant(0) : builder_.load(x.variable);
    }
    std::vector<Value> in;
    for (const Value v : x.operands) in.push_back(moved_[v]);
    if (x.op == Op::mul || x.op == Op::fma)
      if ((is_zero(in[0]) && is_finite(in[1])) || (is_zero(in[1]) && is_finite(in[0])))
        return x.op == Op::mul ? builder_.constant(0) : in[2];
    return builder_.emit(x.op, in, x.variable);
  }

  const Program& step_;
  const std::set<std::string>& still_;
  const Holds& held_;
  Builder builder_;
  std::vector<Value> moved_;
};

}  // namespace

std::set<std::string> still_states(const Program& step, const std::set<std::string>& begin_at_zero,
                                   const Holds& held) {
  std::set<std::string> still = begin_at_zero;
  for (bool changed = true; changed;) {
    changed = false;
    const Writing writing(step, still, held);
    for (const model::Store& s : step.stores)
      if (const std::string& name = step.slots[s.slot].name;
          still.contains(name) && !writing.stores_zero(s)) {
        still.erase(name);
        changed = true;
        break;
      }
  }
  return still;
}

Program without_still_states(const Program& step, const std::set<std::string>& still,
                             const Holds& held) {
  return Writing(step, still, held).finish();
}

}  // namespace callosum::learn
