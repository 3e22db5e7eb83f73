#include "callosum/sim/observer.h"

#include <algorithm>

#include "callosum/core/error.h"
#include "callosum/model/lower.h"
#include "callosum/sim/population_state.h"

namespace callosum::sim {
namespace {

// Every parameter takes a value per neuron, so that `set` never asks for another program.
template <class T>
model::Program observing(const PopulationState<T>& population, const std::string& name) {
  model::StepOptions options = population.step_options();
  for (const model::Variable& v : population.description().model.variables())
    if (v.kind == model::VariableKind::parameter) options.per_neuron.insert(v.name);
  return model::lower_functions(
      model::compile_observables(population.description().model, options, {name}),
      sizeof(T) == 4 ? Precision::single : Precision::twofold);
}

}  // namespace

template <class T>
Observer<T>::Observer(PopulationState<T>& population, std::string name,
                      const jit::KernelOptions& kernel)
    : population_(population), program_(observing(population, name)), kernel_(program_, kernel) {
  slots_.assign(program_.slots.size(), nullptr);
  uniforms_.assign(program_.slots.size(), T{0});
  memory_.resize(program_.slots.size());
  for (std::size_t s = 0; s < program_.slots.size(); ++s) {
    const model::Slot& slot = program_.slots[s];
    if (slot.kind == model::SlotKind::normal || slot.kind == model::SlotKind::uniform)
      throw UnsupportedError({.where = "population '" + population.description().name + "'",
                              .what = "a value that is drawn anew each time cannot be observed",
                              .got = name,
                              .expected = "a state, or a subexpression without noise"});
    if (slot.kind == model::SlotKind::time) time_slot_ = static_cast<int>(s);
    if (!slot.lane) continue;
    if (slot.kind == model::SlotKind::driven) reads_driven_ = true;
    if (slot.kind == model::SlotKind::driven || slot.kind == model::SlotKind::state)
      slots_[s] = population.present(slot.name);
    if (slots_[s] != nullptr) continue;
    memory_[s] = Aligned<T>(static_cast<std::size_t>(population.padded()));
    slots_[s] = memory_[s].data();
    if (slot.name == "out(" + name + ")") out_ = memory_[s].data();
  }
  refresh();
}

template <class T>
void Observer<T>::refresh() {
  for (std::size_t s = 0; s < program_.slots.size(); ++s) {
    const model::Slot& slot = program_.slots[s];
    // A driven parameter that the step does not read has no column: its own value stands.
    const bool own = slot.kind == model::SlotKind::driven && memory_[s].size() > 0;
    if (slot.kind != model::SlotKind::parameter && !own) continue;
    const std::vector<double>& values = population_.parameter(slot.name);
    uniforms_[s] = static_cast<T>(values.front());
    for (std::size_t i = 0; i < memory_[s].size(); ++i)
      memory_[s][i] = static_cast<T>(values[std::min(i, values.size() - 1)]);
  }
}

template <class T>
void Observer<T>::compute(std::int64_t begin, std::int64_t end, double t_ms) {
  // The kernel may be run by several threads at once: each has its own copy of what it writes to.
  if (time_slot_ < 0) {
    kernel_.run({slots_.data(), uniforms_.data(), nullptr}, begin, end);
    return;
  }
  std::vector<T> uniforms = uniforms_;
  uniforms[static_cast<std::size_t>(time_slot_)] = static_cast<T>(t_ms);
  kernel_.run({slots_.data(), uniforms.data(), nullptr}, begin, end);
}

template class Observer<float>;
template class Observer<double>;

}  // namespace callosum::sim
