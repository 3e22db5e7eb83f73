#include "callosum/learn/tape.h"

#include <optional>
#include <vector>

#include "callosum/learn/vertex_cut.h"
#include "callosum/model/builder.h"
#include "callosum/model/lower.h"

namespace callosum::learn {
namespace {

using model::Builder;
using model::Instruction;
using model::Op;
using model::Program;
using model::Slot;
using model::SlotKind;
using model::Store;
using model::Value;

constexpr char counter[] = "refractory_steps";
std::string bar(const std::string& x) { return "bar(" + x + ")"; }
std::string grad(const std::string& x) { return "grad(" + x + ")"; }

Value copy(Builder& b, const Program& from, const Instruction& x, const std::vector<Value>& moved) {
  if (x.op == Op::constant) return b.constant(x.constant);
  if (x.op == Op::load) return b.load(b.slot(from.slots[x.variable]));
  std::vector<Value> in;
  for (const Value v : x.operands) in.push_back(moved[v]);
  return b.emit(x.op, in, x.variable);
}

/// Whether a slot belongs to the reverse pass.
bool is_reverse(const Slot& slot) {
  return slot.kind == SlotKind::cotangent || slot.name.starts_with("bar(") ||
         slot.name.starts_with("sum(");
}
bool is_whole(const std::string& state) { return state == counter; }

/// The adjoint with only the stores that are wanted; "bar(x)" is read and written in place.
Program reverse(const Program& step, const model::AdjointOptions& options,
                const TapeWishes& wishes) {
  const Program all = model::adjoint(step, options);
  Builder b(step.name + ".reverse");
  std::vector<Value> moved;
  const auto bar_slot = [&](const std::string& state) {
    return b.slot({bar(state), SlotKind::state, true, {}});
  };
  for (const Instruction& x : all.code) {
    const Slot* slot = x.op == Op::load ? &all.slots[x.variable] : nullptr;
    if (slot && slot->kind == SlotKind::cotangent && slot->name != bar("spike")) {
      const std::string state = slot->name.substr(4, slot->name.size() - 5);
      moved.push_back(is_whole(state) || step.index(state) < 0 ? b.constant(0)
                                                               : b.load(bar_slot(state)));
    } else {
      moved.push_back(copy(b, all, x, moved));
    }
  }
  // A state that the step writes and does not read had no influence before it.
  for (const Store& s : step.stores)
    if (!is_whole(step.slots[s.slot].name))
      b.store(bar_slot(step.slots[s.slot].name), b.constant(0));
  for (const Store& s : all.stores) {
    const Slot& gradient = all.slots[s.slot];
    if (gradient.kind != SlotKind::gradient) continue;
    const std::string name = gradient.name.substr(5, gradient.name.size() - 6);
    const Slot& of = *step.find(name);
    if (of.kind == SlotKind::state && !is_whole(name))
      b.store(bar_slot(name), moved[s.value]);
    else if (of.kind == SlotKind::input || wishes.driven.contains(name))
      b.store(b.slot({grad(name), SlotKind::gradient, true, {}}), moved[s.value]);
    if (wishes.parameters.contains(name)) {
      const auto sum = b.slot({"sum(" + name + ")", SlotKind::state, true, {}});
      b.store(sum, b.add(b.load(sum), moved[s.value]));
    }
  }
  return b.finish();
}

/// Which values of a reverse program depend on nothing but the forward step, and differ by lane.
struct Parts {
  std::vector<bool> forward, varies, given;  ///< given: there again in the reverse step

  explicit Parts(const Program& p)
      : forward(p.code.size()), varies(p.code.size()), given(p.code.size()) {
    for (std::size_t i = 0; i < p.code.size(); ++i) {
      const Instruction& x = p.code[i];
      forward[i] = x.op != Op::load || !is_reverse(p.slots[x.variable]);
      for (const Value v : x.operands) {
        forward[i] = forward[i] && forward[v];
        varies[i] = varies[i] || varies[v];
      }
      if (x.op != Op::load) continue;
      const Slot& slot = p.slots[x.variable];
      given[i] = !slot.lane || slot.kind == SlotKind::parameter || slot.kind == SlotKind::derived;
      varies[i] = !given[i];
    }
  }
};

/// Writes, into the builder of the reverse program's own values `here`, when "bar(spike)" reaches
/// what the program stores: products with zero and branches not taken let nothing through.
class Reach {
 public:
  Reach(Builder& b, const Program& p, const Parts& parts, const std::vector<bool>& used,
        const std::vector<Value>& here)
      : b_(b), p_(p), parts_(parts), used_(used), here_(here), reached_(p.code.size()) {}

  /// Nothing where it reaches no store at all.
  std::optional<Value> any() {
    std::optional<Value> result;
    for (std::size_t i = 0; i < p_.code.size(); ++i)
      if (used_[i]) reached_[i] = of(p_.code[i]);
    for (const Store& s : p_.stores) result = either(result, reached_[s.value]);
    return result;
  }

 private:
  std::optional<Value> of(const Instruction& x) {
    if (x.op == Op::load)
      return p_.slots[x.variable].name == bar("spike")
                 ? std::optional(b_.emit(Op::equal, {zero(), zero()}))
                 : std::nullopt;
    const auto at = [&](std::size_t k) { return reached_[x.operands[k]]; };
    if (x.op == Op::mul && (at(0).has_value() != at(1).has_value())) {
      const Value other = x.operands[at(0) ? 1 : 0];
      const std::optional<Value> through = at(0) ? at(0) : at(1);
      return parts_.varies[other] ? both(through, b_.emit(Op::not_equal, {here_[other], zero()}))
                                  : through;
    }
    if (x.op == Op::select && !at(0)) {
      const Value yes = here_[x.operands[0]];
      return either(both(at(1), yes), both(at(2), b_.emit(Op::logical_not, {yes})));
    }
    std::optional<Value> result;
    for (std::size_t k = 0; k < x.operands.size(); ++k) result = either(result, at(k));
    return result;
  }
  Value zero() { return b_.constant(0); }
  std::optional<Value> both(std::optional<Value> a, Value b) {
    return a ? std::optional(b_.emit(Op::logical_and, {*a, b})) : a;
  }
  std::optional<Value> either(std::optional<Value> a, std::optional<Value> b) {
    return a && b ? std::optional(b_.emit(Op::logical_or, {*a, *b})) : a ? a : b;
  }

  Builder& b_;
  const Program& p_;
  const Parts& parts_;
  const std::vector<bool>& used_;
  const std::vector<Value>& here_;
  std::vector<std::optional<Value>> reached_;
};

std::vector<Value> choose_kept(const Program& p, const Parts& parts) {
  const auto count = static_cast<std::uint32_t>(p.code.size());
  VertexCut graph(count);
  for (std::uint32_t i = 0; i < count; ++i) {
    const Instruction& x = p.code[i];
    if (parts.forward[i] && parts.varies[i] && x.op == Op::load) graph.source(i);
    for (const Value v : x.operands) {
      if (!parts.forward[v] || !parts.varies[v]) continue;
      if (parts.forward[i])
        graph.edge(v, i);
      else
        graph.sink(v);
    }
  }
  for (const Store& s : p.stores)
    if (parts.forward[s.value] && parts.varies[s.value]) graph.sink(s.value);
  return graph.cut();
}

}  // namespace

TapedStep tape(const Program& step, const model::AdjointOptions& options,
               const TapeWishes& wishes) {
  const Program whole = reverse(step, options, wishes);
  const Parts parts(whole);
  const std::vector<Value> kept = choose_kept(whole, parts);
  const auto slot = [](std::size_t k, SlotKind kind) {
    return Slot{"kept(" + std::to_string(k) + ")", kind, true, {}};
  };

  // The step, then what the kept values need beyond it: most of it is there already.
  Builder f(step.name + ".taped");
  for (const Slot& s : step.slots) f.add_slot(s);
  std::vector<Value> moved;
  for (const Instruction& x : step.code) moved.push_back(copy(f, step, x, moved));
  for (const Store& s : step.stores) f.store(s.slot, moved[s.value]);
  for (const model::Mask& m : step.masks) f.mask(m.name, moved[m.value]);
  std::vector<bool> needed(whole.code.size());
  for (const Value v : kept) needed[v] = true;
  for (std::size_t i = needed.size(); i-- > 0;)
    if (needed[i])
      for (const Value v : whole.code[i].operands) needed[v] = true;
  std::vector<Value> again(whole.code.size());
  for (std::size_t i = 0; i < needed.size(); ++i)
    if (needed[i]) again[i] = copy(f, whole, whole.code[i], again);
  for (std::size_t k = 0; k < kept.size(); ++k) {
    const bool boolean = model::is_boolean(whole.code[kept[k]].op);
    const Value v = again[kept[k]];
    f.store(f.slot(slot(k, SlotKind::state)),
            boolean ? f.select(v, f.constant(1), f.constant(0)) : v);
  }

  // The reverse step from what was kept on.
  std::vector<int> place(whole.code.size(), -1);
  for (std::size_t k = 0; k < kept.size(); ++k) place[kept[k]] = static_cast<int>(k);
  std::vector<bool> used(whole.code.size());
  for (const Store& s : whole.stores) used[s.value] = true;
  for (std::size_t i = used.size(); i-- > 0;)
    if (used[i] && place[i] < 0)
      for (const Value v : whole.code[i].operands) used[v] = true;
  const auto from_kept = [&](Builder& b) {
    std::vector<Value> back(whole.code.size());
    for (std::size_t i = 0; i < used.size(); ++i) {
      if (!used[i]) continue;
      if (place[i] < 0) {
        back[i] = copy(b, whole, whole.code[i], back);
        continue;
      }
      const Value v = b.load(b.slot(slot(static_cast<std::size_t>(place[i]), SlotKind::parameter)));
      back[i] = model::is_boolean(whole.code[i].op) ? b.emit(Op::less, {b.constant(0), v}) : v;
    }
    return back;
  };
  Builder b(step.name + ".reverse");
  const std::vector<Value> back = from_kept(b);
  for (const Store& s : whole.stores) b.store(b.slot(whole.slots[s.slot]), back[s.value]);
  TapedStep result{f.finish(), model::simplify(b.finish()), {}, static_cast<int>(kept.size())};
  if (options.surrogate == model::Surrogate::triangle ||
      options.surrogate == model::Surrogate::rectangle) {
    Builder a(step.name + ".active");
    const std::vector<Value> here = from_kept(a);
    if (const auto reached = Reach(a, whole, parts, used, here).any()) {
      a.mask("active", *reached);
      result.active = model::simplify(a.finish());
    }
  }
  return result;
}

}  // namespace callosum::learn
