#include "callosum/model/evaluate.h"

#include <vector>

#include "callosum/model/emitter.h"
#include "callosum/model/interpret.h"
#include "callosum/model/lower.h"

namespace callosum::model {

double evaluate(const Expression& e, const std::function<double(const std::string&)>& lookup) {
  Emitter emitter("expression", {[](const std::string&) { return false; },
                                 [](const std::string&) { return false; },
                                 [](const std::string&) { return Dimension(); }});
  Builder& b = emitter.step();
  std::vector<double> uniforms;
  const auto shared = std::make_shared<Expression>(e);
  const Value value = emitter.emit(shared, [&](const std::string& name) {
    const std::uint32_t slot = b.slot({name, SlotKind::parameter, false, {}});
    uniforms.resize(slot + 1);
    uniforms[slot] = lookup(name);
    return b.load(slot);
  });
  const bool boolean = is_boolean(b.program().code[value].op);
  const std::uint32_t out = b.slot({"out()", SlotKind::state, false, {}});
  b.store(out, boolean ? b.select(value, b.constant(1), b.constant(0)) : value);
  const Program program = lower_functions(b.finish(), Precision::twofold);
  for (const Slot& slot : program.slots)
    if (slot.lane)
      throw UnsupportedError(
          {.where = "expression",
           .what = "this value cannot be drawn here",
           .got = to_string(e),
           .expected = "an expression of parameters; draw by { normal = [mean, sd] } and its kin"});
  uniforms.resize(program.slots.size());
  const std::vector<void*> columns(program.slots.size(), nullptr);
  interpret(program, {columns.data(), uniforms.data(), nullptr}, 0, lane_padding);
  return uniforms[out];
}

}  // namespace callosum::model
