#include "callosum/learn/tape.h"

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
  Builder b(step.name + ".reverse");
  std::vector<int> place(whole.code.size(), -1);
  for (std::size_t k = 0; k < kept.size(); ++k) place[kept[k]] = static_cast<int>(k);
  std::vector<bool> used(whole.code.size());
  for (const Store& s : whole.stores) used[s.value] = true;
  for (std::size_t i = used.size(); i-- > 0;)
    if (used[i] && place[i] < 0)
      for (const Value v : whole.code[i].operands) used[v] = true;
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
  for (const Store& s : whole.stores) b.store(b.slot(whole.slots[s.slot]), back[s.value]);
  return {f.finish(), model::simplify(b.finish()), static_cast<int>(kept.size())};
}

}  // namespace callosum::learn
