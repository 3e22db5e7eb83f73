#include <algorithm>

#include "callosum/learn/cell.h"
#include "callosum/model/emitter.h"
#include "callosum/sim/constant_program.h"

// From the derivatives by a step's constants and initial states to those by the model's parameters.
namespace callosum::learn {

using model::Program;
using model::Slot;
using model::SlotKind;

Program initial_program(const Population& population,
                        const std::map<std::string, std::vector<double>>& parameters) {
  const model::Model& m = population.model;
  const auto yes = [](const std::string&) { return true; };
  model::Emitter emitter(m.name() + ".initial", {yes,
                                                 [&](const std::string& name) {
                                                   const auto found = parameters.find(name);
                                                   return found != parameters.end() &&
                                                          found->second.size() > 1;
                                                 },
                                                 [](const std::string&) { return Dimension(); }});
  for (const model::Variable& v : m.variables())
    if (v.kind == model::VariableKind::state && v.initial && !population.initial.contains(v.name))
      emitter.constants().store(
          emitter.constants().slot({"initial(" + v.name + ")", SlotKind::derived, true, {}}),
          emitter.emit_constant(v.initial));
  return emitter.constants().finish();
}

// The adjoint of a program of parameters, `bars` its outputs' derivatives by name and lane.
template <class T>
void Cell<T>::add_gradients(const Program& adjoint, const std::vector<std::string>& names,
                            const T* bars, const std::string& prefix,
                            std::map<std::string, std::vector<double>>& result) const {
  // Where no parameter has a value a neuron, one lane stands for all.
  const bool lanes = std::any_of(adjoint.slots.begin(), adjoint.slots.end(), [](const Slot& s) {
    return s.lane && s.kind != SlotKind::cotangent && s.kind != SlotKind::gradient;
  });
  sim::ConstantProgram program(adjoint, lanes ? size_ : 1);
  for (const auto& [name, values] : parameters_) program.set(name, values);
  for (std::size_t k = 0; k < names.size(); ++k) {
    std::vector<double> bar(lanes ? lanes_ : model::lane_padding, 0.0);
    for (std::uint32_t i = 0; i < size_; ++i)
      bar[lanes ? i : 0] += static_cast<double>(bars[k * lanes_ + i]);
    program.set("bar(" + prefix + names[k] + (prefix.empty() ? ")" : "))"), bar);
  }
  program.run();
  for (auto& [name, gradient] : result) {
    if (adjoint.index("grad(" + name + ")") < 0) continue;
    const auto values = program.values("grad(" + name + ")");
    const std::size_t used = lanes ? size_ : 1;
    for (std::size_t i = 0; i < used; ++i) gradient[gradient.size() == 1 ? 0 : i] += values[i];
  }
}

template <class T>
std::map<std::string, std::vector<double>> Cell<T>::parameter_gradients(const T* sums,
                                                                        const T* initial) const {
  std::map<std::string, std::vector<double>> result;
  for (const std::string& name : options_.trained) {
    auto& gradient = result[name];
    gradient.assign(parameters_.at(name).size(), 0.0);
    const auto found = std::find(summed_.begin(), summed_.end(), name);
    if (found == summed_.end()) continue;
    const T* row = sums + static_cast<std::size_t>(found - summed_.begin()) * lanes_;
    for (std::uint32_t i = 0; i < size_; ++i)
      gradient[gradient.size() == 1 ? 0 : i] += static_cast<double>(row[i]);
  }
  if (options_.trained.empty()) return result;
  add_gradients(constants_adjoint_, summed_, sums, "", result);
  add_gradients(initial_adjoint_, states_, initial, "initial(", result);
  return result;
}

template void Cell<float>::add_gradients(const Program&, const std::vector<std::string>&,
                                         const float*, const std::string&,
                                         std::map<std::string, std::vector<double>>&) const;
template void Cell<double>::add_gradients(const Program&, const std::vector<std::string>&,
                                          const double*, const std::string&,
                                          std::map<std::string, std::vector<double>>&) const;
template std::map<std::string, std::vector<double>> Cell<float>::parameter_gradients(
    const float*, const float*) const;
template std::map<std::string, std::vector<double>> Cell<double>::parameter_gradients(
    const double*, const double*) const;

}  // namespace callosum::learn
