#include "callosum/learn/cell.h"

#include <algorithm>
#include <cmath>

#include "callosum/core/error.h"
#include "callosum/model/evaluate.h"
#include "callosum/model/lower.h"

namespace callosum::learn {

using model::Program;
using model::Slot;
using model::SlotKind;

namespace {

std::string inside(const std::string& slot) {  // in(x), bar(x), grad(x)
  const std::size_t open = slot.find('(');
  return slot.substr(open + 1, slot.size() - open - 2);
}

template <class T>
constexpr Precision precision_of = sizeof(T) == 4 ? Precision::single : Precision::twofold;

}  // namespace

template <class T>
Cell<T>::Cell(const Network& network, std::uint32_t id, const sim::PopulationNeeds& needs,
              const CellOptions& options)
    : population_(network.populations()[id]),
      options_(options),
      size_(population_.size),
      lanes_(static_cast<std::size_t>(sim::padded_lanes(size_))) {
  // The engine's own state gives the same drawn parameters, initial values and options.
  const sim::PopulationState<T> state(network, id, needs, options.seed, options.kernel);
  for (const model::Variable& v : population_.model.variables())
    if (v.kind == model::VariableKind::parameter) parameters_[v.name] = state.parameter(v.name);
  for (const char* name : {"dt", "N", "i"}) parameters_[name] = state.parameter(name);
  inputs_ = state.inputs();
  compiled_ = model::compile_step(population_.model, state.step_options());
  for (const auto& [name, values] : state.states()) states_.push_back(name);
  initial_ = sim::Aligned<T>(states_.size() * lanes_);
  for (std::size_t s = 0; s < states_.size(); ++s)
    std::copy_n(state.column(states_[s]), lanes_, initial_.data() + s * lanes_);
  for (const std::string& name : options.trained)
    if (std::find(states_.begin(), states_.end(), name) != states_.end())
      throw UnsupportedError({.where = "population '" + population_.name + "'",
                              .what = "an event assigns to this parameter, so it cannot be trained",
                              .got = name,
                              .expected = "a parameter that is held"});
  reached_by_trained_ = depending_on(options.trained);
  constants_adjoint_ = model::adjoint(compiled_.constants);
  initial_adjoint_ = model::adjoint(initial_program(population_, parameters_));
  refresh();
}

// Derived values of the step that a parameter reaches, and the parameters that the step reads
// itself.
template <class T>
std::set<std::string> Cell<T>::depending_on(const std::set<std::string>& parameters) const {
  std::set<std::string> result;
  const Program& p = compiled_.constants;
  std::vector<bool> reached(p.code.size());
  for (std::size_t i = 0; i < p.code.size(); ++i) {
    const model::Instruction& x = p.code[i];
    if (x.op == model::Op::load) reached[i] = parameters.contains(p.slots[x.variable].name);
    for (const model::Value v : x.operands) reached[i] = reached[i] || reached[v];
  }
  for (const model::Store& s : p.stores)
    if (reached[s.value]) result.insert(p.slots[s.slot].name);
  for (const Slot& slot : compiled_.step.slots)
    if ((slot.kind == SlotKind::parameter || slot.kind == SlotKind::driven) &&
        parameters.contains(slot.name))
      result.insert(slot.name);
  return result;
}

template <class T>
Held Cell<T>::held(const Slot& slot, const sim::ConstantProgram& constants) const {
  if (reached_by_trained_.contains(slot.name)) return Held::no;
  const bool derived = slot.kind == SlotKind::derived;
  const auto values =
      derived ? constants.values(slot.name) : std::span<const double>(parameters_.at(slot.name));
  const auto all = [&](auto&& holds) { return std::all_of(values.begin(), values.end(), holds); };
  if (all([](double x) { return x == 0; })) return Held::zero;
  return all([](double x) { return std::isfinite(x); }) ? Held::finite : Held::no;
}

// Which states stay at zero. An initial value that is an expression may have a gradient.
template <class T>
bool Cell<T>::find_still() {
  sim::ConstantProgram constants(compiled_.constants, size_);
  for (const auto& [name, values] : parameters_) constants.set(name, values);
  constants.run();
  const auto holds = [&](const Slot& slot) { return held(slot, constants); };
  std::set<std::string> zero;
  for (std::size_t s = 0; s < states_.size(); ++s) {
    const model::Variable* v = population_.model.find(states_[s]);
    const T* begin = initial_.data() + s * lanes_;
    if (!(v && v->initial && !population_.initial.contains(v->name)) &&
        std::all_of(begin, begin + size_, [](T x) { return x == 0; }))
      zero.insert(states_[s]);
  }
  std::set<std::string> still = still_states(compiled_.step, zero, holds);
  if (forward_ && still == still_) return false;
  still_ = std::move(still);
  compile(without_still_states(compiled_.step, still_, holds));
  return true;
}

template <class T>
void Cell<T>::compile(const Program& step) {
  taped_ = tape(step, options_.adjoint, {options_.driven_gradients, reached_by_trained_});
  const auto lower = [&](const Program& p) { return model::lower_functions(p, precision_of<T>); };
  plain_ = std::make_unique<jit::Kernel>(lower(step), options_.kernel);
  forward_ = std::make_unique<jit::Kernel>(lower(taped_.forward), options_.kernel);
  backward_ = std::make_unique<jit::Kernel>(lower(taped_.backward), options_.kernel);
  active_.reset();
  if (!taped_.active.masks.empty())
    active_ = std::make_unique<jit::Kernel>(lower(taped_.active), options_.kernel);
  find_slots();
}

// Where the kernels' slots are.
template <class T>
void Cell<T>::find_slots() {
  const Program& step = compiled_.step;
  const Program& back = taped_.backward;
  for (auto* names : {&driven_, &summed_}) names->clear();
  for (auto* places : {&arrivals_, &kept_back_, &kept_active_, &arrivals_back_, &sums_back_})
    places->clear();
  draws_.clear();
  time_slot_ = spike_mask_ = time_slot_active_ = time_slot_back_ = -1;
  for (std::uint32_t s = 0; s < step.slots.size(); ++s) {
    const Slot& slot = step.slots[s];
    if (slot.kind == SlotKind::driven) driven_.push_back(slot.name);
    if (slot.kind == SlotKind::time) time_slot_ = static_cast<int>(s);
    if (slot.kind == SlotKind::normal || slot.kind == SlotKind::uniform) draws_.push_back(slot);
  }
  for (std::size_t m = 0; m < step.masks.size(); ++m)
    if (step.masks[m].name == "spike") spike_mask_ = static_cast<int>(m);
  first_kept_ = taped_.forward.index("kept(0)");
  for (int k = 0; k < taped_.kept; ++k) {
    kept_back_.push_back(back.index("kept(" + std::to_string(k) + ")"));
    kept_active_.push_back(taped_.active.index("kept(" + std::to_string(k) + ")"));
  }
  for (const Slot& slot : taped_.active.slots)
    if (slot.kind == SlotKind::time) time_slot_active_ = taped_.active.index(slot.name);
  for (const std::string& input : inputs_) {
    arrivals_.push_back(taped_.forward.index("in(" + input + ")"));
    arrivals_back_.push_back(back.index("grad(in(" + input + "))"));
  }
  for (const Slot& slot : back.slots) {
    if (slot.kind == SlotKind::time) time_slot_back_ = back.index(slot.name);
    if (!slot.name.starts_with("sum(")) continue;
    summed_.push_back(inside(slot.name));
    sums_back_.push_back(back.index(slot.name));
  }
}

StreamKey draw_key(const Population& population, const Slot& draw, std::uint64_t seed,
                   std::int64_t sample) {
  return StreamKey(seed, name_hash(population.name + "." + draw.name),
                   draw.kind == SlotKind::normal ? Purpose::noise : Purpose::uniform,
                   static_cast<std::uint32_t>(sample));
}

// What all neurons share into `uniforms`, the rest into lane_values_.
template <class T>
void Cell<T>::fill(const Program& program, std::vector<T>& uniforms) {
  sim::ConstantProgram constants(compiled_.constants, size_);
  for (const auto& [name, values] : parameters_) constants.set(name, values);
  constants.run();
  uniforms.assign(program.slots.size(), T{0});
  for (std::size_t s = 0; s < program.slots.size(); ++s) {
    const Slot& slot = program.slots[s];
    const bool derived = slot.kind == SlotKind::derived;
    if ((!derived && slot.kind != SlotKind::parameter) || slot.name.starts_with("kept(")) continue;
    const auto values =
        derived ? constants.values(slot.name) : std::span<const double>(parameters_.at(slot.name));
    if (!slot.lane) {
      uniforms[s] = static_cast<T>(values[0]);
      continue;
    }
    auto& to = lane_values_[slot.name];
    if (to.size() == 0) to = sim::Aligned<T>(lanes_);
    for (std::size_t i = 0; i < lanes_; ++i)
      to[i] = static_cast<T>(values[std::min(i, values.size() - 1)]);
  }
}

// States whose initial value is an expression of parameters, in double, then rounded.
template <class T>
void Cell<T>::refresh_initial() {
  for (std::size_t s = 0; s < states_.size(); ++s) {
    const model::Variable* v = population_.model.find(states_[s]);
    if (!v || !v->initial || population_.initial.contains(v->name)) continue;
    for (std::uint32_t i = 0; i < size_; ++i)
      initial_[s * lanes_ + i] =
          static_cast<T>(model::evaluate(*v->initial, [&](const std::string& name) {
            const auto& values = parameters_.at(name);
            return values[values.size() == 1 ? 0 : i];
          }));
  }
}

template <class T>
bool Cell<T>::refresh() {
  refresh_initial();
  const bool other = find_still();
  fill(taped_.forward, uniforms_);
  fill(taped_.backward, uniforms_back_);
  fill(taped_.active, uniforms_active_);
  own_values_.clear();
  for (const std::string& name : driven_) {
    const std::vector<double>& values = parameters_.at(name);
    own_values_.emplace_back(lanes_);
    for (std::uint32_t i = 0; i < size_; ++i)
      own_values_.back()[i] = static_cast<T>(values[values.size() == 1 ? 0 : i]);
  }
  return other;
}

template <class T>
bool Cell<T>::set(const std::string& name, std::vector<double> values) {
  for (const double x : values)
    population_.model.checked(name,
                              Quantity::from_internal(x, population_.model.at(name).dimension));
  parameters_.at(name) = std::move(values);
  return refresh();
}

template <class T>
CellRows<T> Cell<T>::rows(std::size_t samples, std::size_t slots) const {
  CellRows<T> r;
  const auto make = [&](std::size_t rows) { return sim::Aligned<T>(samples * rows * lanes_); };
  r.states = make(states_.size());
  r.driven = make(driven_.size());
  r.draws = make(draws_.size());
  r.bars = make(states_.size());
  r.spike_bars = make(1);
  r.driven_bars = make(driven_.size());
  r.arrivals = make(slots * inputs_.size());
  const std::size_t events = compiled_.step.masks.size(), words = lanes_ / 64;
  r.masks = sim::Aligned<std::uint64_t>(samples * events * words);
  r.uniforms = uniforms_;
  r.uniforms_back = uniforms_back_;
  r.uniforms_active = uniforms_active_;
  const auto at = [&](sim::Aligned<T>& memory, const std::vector<std::string>& names,
                      const std::string& name, std::size_t u) -> void* {
    const auto k = std::find(names.begin(), names.end(), name) - names.begin();
    if (k == static_cast<std::ptrdiff_t>(names.size())) return nullptr;
    return memory.data() + (u * names.size() + static_cast<std::size_t>(k)) * lanes_;
  };
  const auto lane_value = [&](const std::string& name) -> void* {
    const auto found = lane_values_.find(name);
    return found == lane_values_.end() ? nullptr
                                       : const_cast<T*>(found->second.data());  // only read
  };
  for (std::size_t u = 0; u < samples; ++u) {
    auto& columns = r.columns.emplace_back();
    std::size_t draw = 0;
    for (const Slot& slot : taped_.forward.slots) {
      void* p = nullptr;
      switch (slot.kind) {
        case SlotKind::state:
          p = at(r.states, states_, slot.name, u);
          break;
        case SlotKind::input:
          break;  // by step
        case SlotKind::driven:
          p = at(r.driven, driven_, slot.name, u);
          break;
        case SlotKind::normal:
        case SlotKind::uniform:
          p = r.draws.data() + (u * draws_.size() + draw++) * lanes_;
          break;
        default:
          if (slot.lane) p = lane_value(slot.name);
      }
      columns.push_back(p);
    }
    auto& active = r.columns_active.emplace_back();
    for (const Slot& slot : taped_.active.slots)
      active.push_back(slot.lane ? lane_value(slot.name) : nullptr);
    auto& masks = r.mask_pointers.emplace_back();
    for (std::size_t m = 0; m < events; ++m)
      masks.push_back(r.masks.data() + (u * events + m) * words);
    auto& back = r.columns_back.emplace_back();
    for (const Slot& slot : taped_.backward.slots) {
      const std::string name =
          slot.name.find('(') == std::string::npos ? slot.name : inside(slot.name);
      void* p = nullptr;
      if (slot.name == "bar(spike)")
        p = r.spike_bars.data() + u * lanes_;
      else if (slot.name.starts_with("bar("))
        p = at(r.bars, states_, name, u);
      else if (slot.name.starts_with("grad(") && !name.starts_with("in("))
        p = at(r.driven_bars, driven_, name, u);
      else if (slot.lane)
        p = lane_value(slot.name);
      back.push_back(p);
    }
  }
  return r;
}

template <class T>
void Cell<T>::fill_draws(CellRows<T>& rows, std::size_t u, std::int64_t sample,
                         std::int64_t n) const {
  for (std::size_t d = 0; d < draws_.size(); ++d) {
    const bool normal = draws_[d].kind == SlotKind::normal;
    const StreamKey key = draw_key(population_, draws_[d], options_.seed, sample);
    T* to = rows.draws.data() + (u * draws_.size() + d) * lanes_;
    for (std::uint32_t i = 0; i < size_; ++i) {
      Stream stream(key, i, static_cast<std::uint64_t>(n));
      to[i] = static_cast<T>(normal ? stream.normal() : stream.uniform());
    }
  }
}

template <class T>
void Cell<T>::step(CellRows<T>& rows, std::size_t u, std::size_t samples, std::int64_t sample,
                   std::int64_t n, double t_ms, T* kept, std::uint64_t* spikes) const {
  std::vector<void*>& columns = rows.columns[u];
  if (time_slot_ >= 0) rows.uniforms[static_cast<std::size_t>(time_slot_)] = static_cast<T>(t_ms);
  if (!draws_.empty()) fill_draws(rows, u, sample, n);
  for (std::size_t i = 0; i < arrivals_.size(); ++i)
    if (arrivals_[i] >= 0)
      columns[static_cast<std::size_t>(arrivals_[i])] = arrivals(rows, 0, i, samples, u);
  if (spike_mask_ >= 0) rows.mask_pointers[u][static_cast<std::size_t>(spike_mask_)] = spikes;
  if (kept)
    for (int k = 0; k < taped_.kept; ++k)
      columns[static_cast<std::size_t>(first_kept_ + k)] =
          kept + static_cast<std::size_t>(k) * lanes_;
  const jit::Kernel& kernel = kept || taped_.kept == 0 ? *forward_ : *plain_;
  kernel.run({columns.data(), rows.uniforms.data(), rows.mask_pointers[u].data()}, 0,
             static_cast<std::int64_t>(lanes_));
  if (spike_mask_ >= 0 && size_ % 64 != 0)
    spikes[lanes_ / 64 - 1] &= (std::uint64_t{1} << (size_ % 64)) - 1;
}

template <class T>
void Cell<T>::step_back(CellRows<T>& rows, std::size_t u, std::size_t slot, std::size_t samples,
                        double t_ms, const T* kept, T* sums) const {
  std::vector<void*>& columns = rows.columns_back[u];
  if (time_slot_back_ >= 0)
    rows.uniforms_back[static_cast<std::size_t>(time_slot_back_)] = static_cast<T>(t_ms);
  for (std::size_t k = 0; k < kept_back_.size(); ++k)
    if (kept_back_[k] >= 0)  // only read
      columns[static_cast<std::size_t>(kept_back_[k])] = const_cast<T*>(kept + k * lanes_);
  for (std::size_t i = 0; i < arrivals_back_.size(); ++i)
    if (arrivals_back_[i] >= 0)
      columns[static_cast<std::size_t>(arrivals_back_[i])] = arrivals(rows, slot, i, samples, u);
  for (std::size_t p = 0; p < sums_back_.size(); ++p)
    columns[static_cast<std::size_t>(sums_back_[p])] = sums + p * lanes_;
  backward_->run({columns.data(), rows.uniforms_back.data(), nullptr}, 0,
                 static_cast<std::int64_t>(lanes_));
}

template <class T>
void Cell<T>::find_active(CellRows<T>& rows, std::size_t u, double t_ms, const T* kept,
                          std::uint64_t* mask) const {
  std::vector<void*>& columns = rows.columns_active[u];
  if (time_slot_active_ >= 0)
    rows.uniforms_active[static_cast<std::size_t>(time_slot_active_)] = static_cast<T>(t_ms);
  for (std::size_t k = 0; k < kept_active_.size(); ++k)
    if (kept_active_[k] >= 0)  // only read
      columns[static_cast<std::size_t>(kept_active_[k])] = const_cast<T*>(kept + k * lanes_);
  active_->run({columns.data(), rows.uniforms_active.data(), &mask}, 0,
               static_cast<std::int64_t>(lanes_));
  if (size_ % 64 != 0) mask[lanes_ / 64 - 1] &= (std::uint64_t{1} << (size_ % 64)) - 1;
}

template class Cell<float>;
template class Cell<double>;

}  // namespace callosum::learn
