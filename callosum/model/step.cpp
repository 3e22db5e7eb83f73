#include "callosum/model/step.h"

#include <memory>
#include <optional>
#include <utility>

#include "callosum/model/adjoint.h"
#include "callosum/model/discretise.h"
#include "callosum/model/emitter.h"
#include "callosum/model/flat_model.h"
#include "callosum/model/lower.h"
#include "callosum/model/symbolic.h"

namespace callosum::model {
namespace {

// Every part is written out: more would make a program too long to compile.
constexpr int most_substeps = 100;

// Writes the whole step of one model.
class StepWriter {
 public:
  StepWriter(const Model& model, const StepOptions& options)
      : model_(model),
        options_(options),
        flat_(flatten(model)),
        emitter_(model.name(), {[this](const std::string& n) { return constant(n); },
                                [this](const std::string& n) {
                                  return options_.per_neuron.contains(n) || n == "i";
                                },
                                [this](const std::string& n) { return dimension_of(n); }}) {
    check_options();
    methods_ = choose_methods(model, flat_, options);
    check_substeps();
  }

  const FlatModel& flat() const { return flat_; }
  const std::map<std::string, Method>& methods() const { return methods_; }
  const std::map<std::string, std::string>& updates() const { return updates_; }

  StepProgram write() {
    Builder& step = emitter_.step();
    declare_slots();
    find_refractory();
    Discretiser discretiser(emitter_, flat_, options_, methods_, start(), refractory_);
    now_ = discretiser.integrate();
    updates_ = discretiser.text();
    for (const std::string& name : flat_.assigned) now_[name] = start()(name);
    const bool brian2 = options_.schedule == Schedule::brian2;
    if (!brian2) add_arrivals(no_value);
    std::vector<Value> fired;
    for (const Event& event : flat_.events) {
      Value condition = emitter_.emit_condition(event.condition, current());
      if (event.name == "spike" && refractory_ != no_value)
        condition =
            step.emit(Op::logical_and, {condition, step.emit(Op::logical_not, {refractory_})});
      step.mask(event.name, condition);
      fired.push_back(condition);
    }
    if (brian2) add_arrivals(fired.empty() ? no_value : fired.front());
    for (std::size_t i = 0; i < fired.size(); ++i) {
      for (const Statement& s : flat_.events[i].actions) act(s, fired[i]);
      locals_.clear();
    }
    for (const auto& [name, value] : now_) step.store(state_slot(name), value);
    count_refractoriness(fired);
    if (uses_lastspike_ && !fired.empty()) {
      const Value end = step.add(start()("t"), emitter_.hoist(dt_expression()));
      step.store(last_slot(), step.select(fired.front(), end, step.load(last_slot())));
    }
    StepProgram result;
    result.step = simplify(step.finish());
    result.constants = emitter_.constants().finish();
    for (const auto& [name, method] : methods_)
      result.integrator[name] = std::string(model::name(method));
    return result;
  }

  // Observables: expressions of the start of a step, stored under their names.
  Program observe(const std::vector<std::string>& names) {
    Builder& step = emitter_.step();
    emitter_.keep_together();
    declare_slots();
    for (const std::string& name : names) {
      const Variable& v = model_.at(name);
      const auto found = flat_.subexpressions.find(v.name);
      const Value value = found != flat_.subexpressions.end()
                              ? emitter_.emit(found->second, start())
                              : start()(v.name);
      const bool boolean = is_boolean(step.program().code[value].op);
      step.store(step.slot({"out(" + name + ")", SlotKind::state, true, v.dimension}),
                 boolean ? step.select(value, step.constant(1), step.constant(0)) : value);
    }
    return step.finish();
  }

 private:
  void check_options() const {
    for (const auto* list : {&options_.inputs, &options_.driven, &options_.per_neuron})
      for (const std::string& name : *list) model_.at(name);
    for (const std::string& name : options_.inputs)
      if (flat_.find(name) == nullptr)
        throw UnsupportedError({.where = "'" + name + "' of '" + model_.name() + "'",
                                .what = "arrivals need a state",
                                .got = name,
                                .expected = "a variable with an equation dx/dt = ...",
                                .nearest = {},
                                .location = std::nullopt});
  }

  void check_substeps() const {
    for (const auto& [name, parts] : options_.substeps) {
      const std::string own = model_.at(name).name;
      if (parts < 1 || parts > most_substeps)
        throw ValueError({.where = "substeps of '" + own + "'",
                          .what = "a step cannot be divided so",
                          .got = std::to_string(parts),
                          .expected = "1 to " + std::to_string(most_substeps),
                          .nearest = {},
                          .location = std::nullopt});
      const auto method = methods_.find(own);
      const bool divides = method != methods_.end() && method->second != Method::exact &&
                           method->second != Method::exponential_euler;
      if (parts > 1 && !divides)
        throw UnsupportedError({.where = "substeps of '" + own + "'",
                                .what = method == methods_.end()
                                            ? std::string("only states have substeps")
                                            : "the method '" +
                                                  std::string(model::name(method->second)) +
                                                  "' takes no substeps",
                                .got = std::to_string(parts),
                                .expected = "a state integrated by euler, heun, rk2 or rk4",
                                .nearest = {},
                                .location = std::nullopt});
    }
  }

  bool constant(const std::string& n) const {
    return !is_moving(n) && flat_.find(n) == nullptr && !flat_.assigned.contains(n) &&
           !flat_.locals.contains(n) && !options_.driven.contains(n);
  }

  Dimension dimension_of(const std::string& n) const {
    if (n == "dt" || n == "t") return dimension::time;
    const Variable* v = model_.find(n);
    return v == nullptr ? Dimension() : v->dimension;
  }

  std::uint32_t state_slot(const std::string& name) {
    return emitter_.step().slot({name, SlotKind::state, true, dimension_of(name)});
  }
  std::uint32_t last_slot() {
    uses_lastspike_ = true;
    return emitter_.step().slot({"lastspike", SlotKind::state, true, dimension::time});
  }

  // States first, in the order of the equations, so that every program of a model lists them alike.
  void declare_slots() {
    for (const auto& s : flat_.states) state_slot(s.name);
    for (const std::string& name : flat_.assigned) state_slot(name);
    for (const std::string& name : options_.inputs)
      emitter_.step().slot({"in(" + name + ")", SlotKind::input, true, dimension_of(name)});
  }

  Emitter::Environment start() {
    return [this](const std::string& name) -> Value {
      Builder& step = emitter_.step();
      if (flat_.find(name) != nullptr || flat_.assigned.contains(name))
        return step.load(state_slot(name));
      if (options_.driven.contains(name))
        return step.load(step.slot({name, SlotKind::driven, true, dimension_of(name)}));
      return special(name);
    };
  }
  Emitter::Environment current() {
    return [this](const std::string& name) {
      if (const auto local = locals_.find(name); local != locals_.end()) return local->second;
      const auto found = now_.find(name);
      return found != now_.end() ? found->second : start()(name);
    };
  }

  Value special(const std::string& name) {
    Builder& step = emitter_.step();
    if (name == "t") return step.load(step.slot({"t", SlotKind::time, false, dimension::time}));
    if (name == "t_in_timesteps")
      return step.emit(Op::round, {step.div(special("t"), emitter_.hoist(dt_expression()))});
    if (name == "lastspike") return step.load(last_slot());
    if (name == "not_refractory")
      return refractory_ == no_value ? step.boolean(true)
                                     : step.emit(Op::logical_not, {refractory_});
    if (is_noise(name))
      throw UnsupportedError({.where = "model '" + model_.name() + "'",
                              .what = "noise belongs into a differential equation",
                              .got = name,
                              .expected = "dx/dt = ... + sigma*xi, or randn()",
                              .nearest = {},
                              .location = std::nullopt});
    throw NameError({.where = "model '" + model_.name() + "'",
                     .what = "this name has no value here",
                     .got = name,
                     .expected = {},
                     .nearest = {},
                     .location = std::nullopt});
  }

  std::uint32_t counter_slot() {
    return emitter_.step().slot({"refractory_steps", SlotKind::state, true, {}});
  }

  // Whole steps left, or a flag that stands as long as the condition holds.
  void find_refractory() {
    if (flat_.events.empty() || (!flat_.refractory_time && !flat_.refractory_condition)) return;
    Builder& step = emitter_.step();
    const Value counter = step.load(counter_slot());
    refractory_ = step.emit(Op::less, {step.constant(0), counter});
    if (flat_.refractory_condition)
      refractory_ =
          step.emit(Op::logical_and,
                    {refractory_, emitter_.emit_condition(flat_.refractory_condition, start())});
  }

  void count_refractoriness(const std::vector<Value>& fired) {
    if (refractory_ == no_value) return;
    Builder& step = emitter_.step();
    const Value zero = step.constant(0), one = step.constant(1);
    Value after, left;
    if (flat_.refractory_condition) {
      after = one;
      left = step.select(refractory_, one, zero);
    } else {
      left = step.emit(Op::maximum, {step.sub(step.load(counter_slot()), one), zero});
      const ExpressionPtr time = flat_.refractory_time;
      if (emitter_.is_constant(*time)) {
        Builder& constants = emitter_.constants();
        const Value dt = emitter_.emit_constant(dt_expression());
        const Value steps =
            constants.emit(Op::round, {constants.div(emitter_.emit_constant(time), dt)});
        after =
            emitter_.derive("steps(" + to_string(*time) + ")", steps, emitter_.is_lane(*time), {});
      } else {
        const Value dt = emitter_.hoist(dt_expression());
        after = step.emit(Op::round, {step.div(emitter_.emit(time, current()), dt)});
      }
    }
    step.store(counter_slot(), step.select(fired.front(), after, left));
  }

  // What arrives on a clamped state while the neuron is refractory is lost.
  void add_arrivals(Value spiking) {
    Builder& step = emitter_.step();
    for (const std::string& name : options_.inputs) {
      const Value in =
          step.load(step.slot({"in(" + name + ")", SlotKind::input, true, dimension_of(name)}));
      Value sum = step.add(now_.at(name), in);
      if (flat_.find(name)->unless_refractory && refractory_ != no_value) {
        Value closed = refractory_;
        if (spiking != no_value) closed = step.emit(Op::logical_or, {closed, spiking});
        sum = step.select(closed, now_.at(name), sum);
      }
      now_[name] = sum;
    }
  }

  void act(const Statement& s, Value fired) {
    Builder& step = emitter_.step();
    Value right = emitter_.emit(s.value, current());
    if (s.op == ":=") {
      locals_[s.target] = right;
      return;
    }
    const Value old = now_.at(s.target);
    if (is_boolean(step.program().code[right].op))
      right = step.select(right, step.constant(1), step.constant(0));
    Value value = right;
    if (s.op == "+=") value = step.add(old, right);
    if (s.op == "-=") value = step.sub(old, right);
    if (s.op == "*=") value = step.mul(old, right);
    if (s.op == "/=") value = step.div(old, right);
    now_[s.target] = step.select(fired, value, old);
  }

  const Model& model_;
  const StepOptions options_;
  FlatModel flat_;
  Emitter emitter_;
  std::map<std::string, Method> methods_;
  std::map<std::string, std::string> updates_;
  Value refractory_ = no_value;
  Instant now_;
  Instant locals_;  // of the event at hand
  bool uses_lastspike_ = false;
};

}  // namespace

StepProgram compile_step(const Model& model, const StepOptions& options) {
  return StepWriter(model, options).write();
}

std::string show_stage(const Model& model, const StepOptions& options, Stage stage) {
  if (stage == Stage::parse) return model.text().equations.text;
  if (stage == Stage::units) return model.to_string();
  StepWriter writer(model, options);
  if (stage == Stage::substitute) return to_string(writer.flat());
  std::string text;
  if (stage == Stage::integrator) {
    for (const auto& [state, method] : writer.methods())
      text += state + ": " + std::string(name(method)) + "\n";
    return text;
  }
  const StepProgram program = writer.write();
  switch (stage) {
    case Stage::discretise:
      for (const auto& [state, update] : writer.updates()) text += state + " <- " + update + "\n";
      return text;
    case Stage::program:
      return to_string(program.constants) + to_string(program.step);
    case Stage::simplify:
      return to_string(lower_functions(program.step, Precision::single));
    default:
      break;
  }
  return to_string(adjoint(program.step));
}

Program compile_observables(const Model& model, const StepOptions& options,
                            const std::vector<std::string>& names) {
  StepOptions plain = options;
  plain.inputs.clear();
  return StepWriter(model, plain).observe(names);
}

}  // namespace callosum::model
