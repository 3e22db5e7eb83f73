#include "callosum/sim/population_state.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <numeric>
#include <span>

#include "callosum/core/eight_draws.h"
#include "callosum/model/evaluate.h"
#include "callosum/model/lower.h"
#include "callosum/sim/constant_program.h"

namespace callosum::sim {
namespace {

constexpr char last_spike[] = "lastspike";

bool in_range(double x, const model::Variable& v) {
  return std::isfinite(x) &&
         (!v.minimum || x > *v.minimum || (!v.minimum_open && x == *v.minimum)) &&
         (!v.maximum || x < *v.maximum || (!v.maximum_open && x == *v.maximum));
}

std::string without_brackets(const std::string& slot) {
  return slot.substr(3, slot.size() - 4);
}  // in(x)

}  // namespace

template <class T>
PopulationState<T>::PopulationState(const Network& network, std::uint32_t id,
                                    const PopulationNeeds& needs, std::uint64_t seed,
                                    const jit::KernelOptions& kernel, std::uint32_t replica)
    : network_(network),
      population_(network.populations()[id]),
      needs_(needs),
      seed_(seed),
      replica_(replica),
      kernel_options_(kernel),
      padded_(padded_lanes(population_.size)) {
  const model::Model& m = population_.model;
  has_model_ = !(m.events().empty() && m.variables().empty());
  if (!has_model_) return;
  for (const model::Variable& v : m.variables()) {
    if (v.kind != model::VariableKind::parameter) continue;
    const auto given = population_.parameters.find(v.name);
    parameters_[v.name] = given == population_.parameters.end()
                              ? std::vector<double>{v.value.value_or(0)}
                              : drawn(given->second, v, 0);
  }
  parameters_["dt"] = {network.grid().dt_ms()};
  parameters_["N"] = {static_cast<double>(population_.size)};
  parameters_["i"].resize(population_.size);
  std::iota(parameters_["i"].begin(), parameters_["i"].end(), 0.0);
  options_.dt_ms = network.grid().dt_ms();
  options_.method = population_.method;
  options_.inputs = needs.inputs;
  options_.driven = needs.driven;
  options_.substeps = population_.substeps;
  options_.schedule = network.schedule();
  compile();
  // States, and parameters that events assign to, which are states of the step.
  for (const model::Variable& v : m.variables()) {
    T* values = column(v.name);
    if (values == nullptr) continue;
    const auto given = population_.initial.find(v.name);
    const std::vector<double> x = v.kind == model::VariableKind::parameter ? parameters_.at(v.name)
                                  : given == population_.initial.end()
                                      ? initial_values(v)
                                      : drawn(given->second, v, replica_);
    for (std::uint32_t i = 0; i < population_.size; ++i)
      values[i] = static_cast<T>(x[x.size() == 1 ? 0 : i]);
  }
  if (T* last = column(last_spike)) std::fill_n(last, padded_, static_cast<T>(model::never_ms));
  for (const auto& [name, values] : states_) initial_[name].assign(values, values + padded_);
}

// One stream a neuron and variable: the variable's name takes the place of the step.
template <class T>
std::vector<double> PopulationState<T>::drawn(const Values& v, const model::Variable& variable,
                                              std::uint32_t replica) const {
  const StreamKey key(seed_, name_hash(population_.name), Purpose::initial, replica);
  std::vector<double> x(v.is_constant() ? 1 : population_.size);
  for (std::size_t i = 0; i < x.size(); ++i) {
    Stream stream(key, i, name_hash(variable.name) >> 16);
    x[i] = v.draw(stream, i);
    // Distributions are checked as they are drawn: only here is it known what they give.
    if (!in_range(x[i], variable))
      population_.model.checked(variable.name, Quantity::from_internal(x[i], variable.dimension));
  }
  return x;
}

template <class T>
std::vector<double> PopulationState<T>::initial_values(const model::Variable& v) const {
  if (!v.initial) return {v.value.value_or(0)};
  std::vector<double> x(population_.size);
  bool same = true;
  for (std::uint32_t i = 0; i < population_.size && (i == 0 || !same); ++i)
    x[i] = model::evaluate(*v.initial, [&](const std::string& name) {
      const auto& values = parameter(name);
      if (values.size() > 1) same = false;
      return values[values.size() == 1 ? 0 : i];
    });
  if (same) x.resize(1);
  return x;
}

template <class T>
const std::vector<double>& PopulationState<T>::parameter(const std::string& name) const {
  const auto found = parameters_.find(name);
  if (found == parameters_.end())
    throw NameError({.where = "population '" + population_.name + "'",
                     .what = "no parameter of this name",
                     .got = name});
  return found->second;
}

template <class T>
void PopulationState<T>::compile() {
  options_.per_neuron.clear();
  for (const auto& [name, values] : parameters_)
    if (values.size() > 1 && population_.model.find(name) != nullptr)
      options_.per_neuron.insert(name);
  compiled_ = model::compile_step(population_.model, options_);
  const Precision precision = sizeof(T) == 4 ? Precision::single : Precision::twofold;
  kernel_ = std::make_shared<jit::Kernel>(model::lower_functions(compiled_.step, precision),
                                          kernel_options_);
  compile_seconds_ += kernel_->compile_seconds();

  const model::Program& step = compiled_.step;
  slots_.assign(step.slots.size(), nullptr);
  uniforms_.assign(step.slots.size(), T{0});
  input_slots_.clear();
  inputs_.clear();
  draws_.clear();
  states_.clear();
  time_slot_ = -1;
  for (std::uint32_t s = 0; s < step.slots.size(); ++s) {
    const model::Slot& slot = step.slots[s];
    if (slot.kind == model::SlotKind::input) {
      input_slots_.push_back(s);
      inputs_.push_back(without_brackets(slot.name));
      continue;
    }
    if (slot.kind == model::SlotKind::time) time_slot_ = static_cast<int>(s);
    if (slot.kind == model::SlotKind::normal || slot.kind == model::SlotKind::uniform) {
      const bool normal = slot.kind == model::SlotKind::normal;
      draws_.push_back({s, normal,
                        StreamKey(seed_, name_hash(population_.name + "." + slot.name),
                                  normal ? Purpose::noise : Purpose::uniform, replica_)});
    }
    if (!slot.lane) continue;
    auto& memory = columns_[slot.name];
    if (memory.size() == 0) memory = Aligned<T>(static_cast<std::size_t>(padded_));
    slots_[s] = memory.data();
    if (slot.kind == model::SlotKind::state) states_.emplace_back(slot.name, memory.data());
  }
  // What is driven has a column though the step may not read it: synapses do.
  for (const std::string& name : options_.driven)
    if (auto& memory = columns_[name]; memory.size() == 0)
      memory = Aligned<T>(static_cast<std::size_t>(padded_));
  masks_.clear();
  mask_pointers_.clear();
  spikes_ = nullptr;
  for (const model::Mask& mask : step.masks) {
    masks_.emplace_back(static_cast<std::size_t>(padded_ / 64));
    mask_pointers_.push_back(masks_.back().data());
    if (mask.name == "spike") spikes_ = masks_.back().data();
  }
  run_constants();
}

// The program of constants, in double, then rounded: to the slots of the step that are derived, and
// the parameters themselves.
template <class T>
void PopulationState<T>::run_constants() {
  ConstantProgram constants(compiled_.constants, population_.size);
  for (const model::Slot& slot : constants.program().slots)
    if (slot.kind == model::SlotKind::parameter) constants.set(slot.name, parameter(slot.name));
  constants.run();
  const model::Program& step = compiled_.step;
  for (std::size_t s = 0; s < step.slots.size(); ++s) {
    const model::Slot& slot = step.slots[s];
    const bool derived = slot.kind == model::SlotKind::derived;
    if (!derived && slot.kind != model::SlotKind::parameter) continue;
    const auto values =
        derived ? constants.values(slot.name) : std::span<const double>(parameter(slot.name));
    if (!slot.lane) {
      uniforms_[s] = static_cast<T>(values[0]);
      continue;
    }
    T* to = static_cast<T*>(slots_[s]);
    for (std::int64_t i = 0; i < padded_; ++i)
      to[i] = static_cast<T>(values[std::min<std::size_t>(i, values.size() - 1)]);
  }
}

template <class T>
void PopulationState<T>::fill_draws(const Context& context, std::int64_t begin, std::int64_t end,
                                    std::uint64_t n) const {
  const std::int64_t last = std::min<std::int64_t>(end, population_.size);
  for (const Draw& draw : draws_) {
    T* to = static_cast<T*>(context.slots[draw.slot]);
    std::array<std::uint32_t, 8> index;
    std::array<double, 8> drawn;
    for (std::int64_t i = begin; i < last; i += 8) {
      std::iota(index.begin(), index.end(), static_cast<std::uint32_t>(i));
      (draw.normal ? eight_normals : eight_uniforms)(draw.key, index, n, drawn);
      const std::int64_t here = std::min<std::int64_t>(8, last - i);
      for (std::int64_t k = 0; k < here; ++k)
        to[i + k] = static_cast<T>(drawn[static_cast<std::size_t>(k)]);
    }
  }
}

template <class T>
void PopulationState<T>::step(Context& context, std::int64_t begin, std::int64_t end, double t_ms,
                              std::uint64_t draw) {
  for (std::size_t i = 0; i < input_slots_.size(); ++i)
    context.slots[input_slots_[i]] = context.arrivals[i];
  if (time_slot_ >= 0)
    context.uniforms[static_cast<std::size_t>(time_slot_)] = static_cast<T>(t_ms);
  if (!draws_.empty()) fill_draws(context, begin, end, draw);
  kernel_->run({context.slots.data(), context.uniforms.data(), mask_pointers_.data()}, begin, end);
}

template <class T>
T* PopulationState<T>::column(const std::string& name) const {
  for (const auto& [state, values] : states_)
    if (state == name) return values;
  return nullptr;
}

template <class T>
T* PopulationState<T>::driven(const std::string& name) const {
  if (!options_.driven.contains(name)) return nullptr;
  const int s = compiled_.step.index(name);
  if (s < 0) return const_cast<T*>(columns_.at(name).data());
  return compiled_.step.slots[static_cast<std::size_t>(s)].kind == model::SlotKind::driven
             ? static_cast<T*>(slots_[static_cast<std::size_t>(s)])
             : nullptr;
}

template <class T>
T* PopulationState<T>::present(const std::string& name) const {
  T* state = column(name);
  return state ? state : driven(name);
}

template <class T>
std::vector<double> PopulationState<T>::values(const std::string& name) const {
  std::vector<double> result(population_.size);
  for (const auto& [state, column] : states_)
    if (state == name) {
      std::copy_n(column, population_.size, result.begin());
      return result;
    }
  const auto& values = parameter(name);
  for (std::uint32_t i = 0; i < population_.size; ++i)
    result[i] = values[values.size() == 1 ? 0 : i];
  return result;
}

template <class T>
void PopulationState<T>::set(const std::vector<std::uint32_t>& neurons, const std::string& name,
                             const std::vector<double>& values) {
  if (T* state = column(name)) {
    for (std::size_t k = 0; k < neurons.size(); ++k) state[neurons[k]] = static_cast<T>(values[k]);
    return;
  }
  const std::vector<double> old = parameter(name);
  try {
    set_parameter(neurons, name, values);
  } catch (...) {
    parameters_[name] = old;
    compile();
    throw;
  }
}

template <class T>
void PopulationState<T>::set_parameter(const std::vector<std::uint32_t>& neurons,
                                       const std::string& name, const std::vector<double>& values) {
  std::vector<double>& held = parameters_.at(name);
  const bool same =
      std::all_of(values.begin(), values.end(), [&](double x) { return x == values.front(); });
  const bool widened = held.size() == 1 && !(same && neurons.size() == population_.size);
  if (held.size() == 1 && !widened) {
    held.front() = values.front();
  } else {
    if (widened) held.assign(population_.size, held.front());
    for (std::size_t k = 0; k < neurons.size(); ++k) held[neurons[k]] = values[k];
  }
  if (widened)
    compile();
  else
    run_constants();
}

template <class T>
void PopulationState<T>::restore_state() {
  for (auto& [name, values] : states_) {
    const auto& saved = initial_.at(name);
    std::copy(saved.begin(), saved.end(), values);
  }
}

template <class T>
void PopulationState<T>::restart_at(double now_ms) {
  T* last = column(last_spike);
  for (std::int64_t i = 0; last != nullptr && i < padded_; ++i)
    if (last[i] > static_cast<T>(model::never_ms)) last[i] -= static_cast<T>(now_ms);
}

template <class T>
std::size_t PopulationState<T>::bytes() const {
  return columns_.size() * static_cast<std::size_t>(padded_) * sizeof(T);
}

template class PopulationState<float>;
template class PopulationState<double>;

}  // namespace callosum::sim
