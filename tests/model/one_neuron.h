#pragma once

#include <string>

#include "callosum/model/evaluate.h"
#include "callosum/model/lower.h"
#include "callosum/model/step.h"
#include "tests/jit/lanes.h"
#include "tests/model/model_texts.h"

namespace callosum::model {

/// Steps 64 equal neurons in double, by the interpreter; what is asked is of the first.
class OneNeuron {
 public:
  OneNeuron(const Model& model, const StepOptions& options)
      : written(compile_step(model, options)),
        constants_(lower_functions(written.constants, Precision::twofold)),
        step_(lower_functions(written.step, Precision::twofold)),
        before_(constants_, lane_padding),
        now_(step_, lane_padding),
        dt_(options.dt_ms) {
    set("dt", dt_);
    for (const Variable& v : model.variables())
      if (v.value) set(v.name, *v.value);
    for (const Variable& v : model.variables())
      if (v.initial)
        set(v.name, evaluate(*v.initial, [&](const std::string& n) { return *model.at(n).value; }));
    set("lastspike", never_ms);
    prepare();
  }
  OneNeuron(const OneNeuron&) = delete;

  /// In every program and lane that knows the name.
  void set(const std::string& name, double value) {
    put(constants_, before_, name, value);
    put(step_, now_, name, value);
  }
  /// To be called after a parameter is set.
  void prepare() {
    before_.with([&](const auto& a) { interpret(constants_, a, 0, lane_padding); });
    for (std::size_t s = 0; s < constants_.slots.size(); ++s) {
      const Slot& slot = constants_.slots[s];
      const int there = step_.index(slot.name);
      if (slot.kind != SlotKind::derived || there < 0) continue;
      const auto to = static_cast<std::size_t>(there);
      for (int i = 0; i < lane_padding; ++i)
        now_.column(to)[i] = slot.lane ? before_.column(s)[i] : before_.uniform(s);
      now_.uniform(to) = before_.uniform(s);
    }
  }
  bool step() {
    if (step_.index("t") >= 0) now_.uniform("t") = static_cast<double>(steps_) * dt_;
    now_.with([&](const auto& a) { interpret(step_, a, 0, lane_padding); });
    ++steps_;
    return !step_.masks.empty() && (now_.mask(0)[0] & 1) != 0;
  }
  void arrive(const std::string& name, double value) { set("in(" + name + ")", value); }
  double get(const std::string& name) { return now_.column(name)[0]; }
  const Program& lowered() const { return step_; }
  test::Lanes<double>& lanes() { return now_; }

  const StepProgram written;

 private:
  static void put(const Program& program, test::Lanes<double>& lanes, const std::string& name,
                  double value) {
    const int s = program.index(name);
    if (s < 0) return;
    for (double& x : lanes.column(static_cast<std::size_t>(s))) x = value;
    lanes.uniform(static_cast<std::size_t>(s)) = value;
  }

  const Program constants_, step_;
  test::Lanes<double> before_, now_;
  double dt_;
  long steps_ = 0;
};

}  // namespace callosum::model
