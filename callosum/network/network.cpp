#include "callosum/network/network.h"

#include <algorithm>
#include <numeric>

#include "callosum/core/error.h"
#include "callosum/core/random.h"
#include "callosum/library/library.h"
#include "callosum/network/checks.h"
#include "callosum/network/pairing.h"

namespace callosum {

namespace {

std::vector<std::string> names(const std::vector<Population>& populations) {
  std::vector<std::string> result;
  for (const Population& p : populations) result.push_back(p.name);
  return result;
}

void integration(const PopulationOptions& options, const model::Model& model,
                 const std::string& where) {
  for (const auto& [name, parts] : options.substeps)
    if (parts < 1)
      throw ValueError({.where = where,
                        .what = "substeps of '" + name + "'",
                        .got = std::to_string(parts),
                        .expected = "1 or more"});
  for (const auto& [name, parts] : options.substeps)
    checks::variable(model, name, checks::states, where + ", substeps");
  // The integrators of model::compile_step.
  const std::vector<std::string> methods{"exact", "linear", "exponential_euler", "euler", "heun",
                                         "rk2",   "rk4",    "milstein"};
  if (!options.method.empty() &&
      std::find(methods.begin(), methods.end(), options.method) == methods.end())
    throw NameError({.where = where,
                     .what = "no such integrator",
                     .got = "'" + options.method + "'",
                     .expected = "exact, exponential_euler, euler, heun, rk2, rk4 or milstein",
                     .nearest = nearest_name(options.method, methods)});
}

/// One value per neuron, where that is known without drawing.
std::vector<double> spread(const Values& values, std::size_t size, const std::string& where) {
  if (values.kind() == Values::Kind::array)
    return {values.elements().begin(), values.elements().end()};
  if (values.is_constant()) return std::vector<double>(size, values.first());
  throw UnsupportedError({.where = where,
                          .what = "a distribution cannot be mixed with other values of the "
                                  "population",
                          .expected = "constants and arrays, or the whole population"});
}

}  // namespace

Network::Network(Quantity dt, std::string name) : name_(std::move(name)), grid_(dt) {}

View Network::add(std::string name, std::uint32_t size, const model::Model& model,
                  PopulationOptions options) {
  const std::string where = "population '" + name + "'";
  checks::new_name(name, names(populations_), where);
  if (size == 0)
    throw ValueError({.where = where,
                      .what = "a population needs neurons",
                      .got = "0",
                      .expected = "a size of 1 or more"});
  if (model.kind() == model::ModelKind::synapse)
    throw ValueError({.where = where,
                      .what = "'" + model.name() + "' is a synapse model",
                      .expected = "a neuron or a source"});
  integration(options, model, where);
  Population p{.name = std::move(name), .size = size, .model = model};
  p.parameters = checks::assignments(options.parameters, model, checks::parameters, size, where);
  p.initial =
      checks::assignments(options.initial, model, checks::states, size, where + ", initial values");
  checks::open_parameters(model, p.parameters, where);
  if (options.space) checks::space(*options.space, size, where);
  p.space = std::move(options.space);
  p.method = std::move(options.method);
  for (const auto& [key, parts] : options.substeps) p.substeps[model.at(key).name] = parts;
  populations_.push_back(std::move(p));
  return population(populations_.back().name);
}

namespace {

/// Spikes by step, then neuron.
void put_spikes(Population& p, const TimeGrid& grid, const std::vector<std::uint32_t>& neurons,
                const std::vector<std::int64_t>& steps, const std::string& where) {
  if (neurons.size() != steps.size())
    throw ShapeError({.where = where,
                      .what = "as many neurons as times are needed",
                      .got = std::to_string(neurons.size()) + " neurons, " +
                             std::to_string(steps.size()) + " times",
                      .expected = "equal lengths"});
  for (std::size_t i = 0; i < steps.size(); ++i)
    if (neurons[i] >= p.size)
      throw ValueError({.where = where + ", spike " + std::to_string(i),
                        .what = "no such neuron",
                        .got = std::to_string(neurons[i]),
                        .expected = "below " + std::to_string(p.size)});
  for (std::size_t i = 0; i < steps.size(); ++i)
    if (steps[i] < 1)  // the first step ends at step 1
      throw ValueError({.where = where + ", spike " + std::to_string(i),
                        .what = "spikes come at step 1 or later",
                        .got = "step " + std::to_string(steps[i]),
                        .expected = "at least " + to_string(grid.dt())});
  std::vector<std::size_t> order(steps.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  const auto key = [&](std::size_t i) { return std::pair(steps[i], neurons[i]); };
  const auto before = [&](std::size_t a, std::size_t b) { return key(a) < key(b); };
  if (!std::is_sorted(order.begin(), order.end(), before))
    std::sort(order.begin(), order.end(), before);
  for (std::size_t k = 1; k < order.size(); ++k)
    if (key(order[k - 1]) == key(order[k]))
      throw ValueError(
          {.where = where,
           .what = "a neuron fires twice in one step",
           .got = "neuron " + std::to_string(neurons[order[k]]) + " at " +
                  to_string(Quantity::from_internal(grid.ms(steps[order[k]]), dimension::time)),
           .expected = "at most one spike a step"});
  p.spike_neurons.clear();
  p.spike_steps.clear();
  for (const std::size_t i : order) {
    p.spike_neurons.push_back(neurons[i]);
    p.spike_steps.push_back(steps[i]);
  }
}

}  // namespace

View Network::add_spike_list(std::string name, std::uint32_t size,
                             std::vector<std::uint32_t> neurons, std::vector<Quantity> times) {
  const std::string where = "population '" + name + "'";
  std::vector<std::int64_t> steps(times.size());
  for (std::size_t i = 0; i < times.size(); ++i)
    steps[i] = grid_.steps(times[i], where + ", spike " + std::to_string(i));
  Population with{.name = "", .size = size, .model = library::source("spike_list")};
  put_spikes(with, grid_, neurons, steps, where);
  const View view = add(std::move(name), size, with.model);
  populations_.back().spike_neurons = std::move(with.spike_neurons);
  populations_.back().spike_steps = std::move(with.spike_steps);
  return view;
}

void Network::set_spikes(View population, std::vector<std::uint32_t> neurons,
                         std::vector<std::int64_t> steps) {
  Population& p = populations_.at(population.population);
  const std::string where = "population '" + p.name + "'";
  if (!(p.model.events().empty() && p.model.variables().empty()))
    throw UnsupportedError({.where = where,
                            .what = "only a list of spikes can be replaced",
                            .got = "model '" + p.model.name() + "'",
                            .expected = "a population of model \"spike_list\""});
  put_spikes(p, grid_, neurons, steps, where);
}

View Network::population(std::string_view name) const {
  for (std::size_t i = 0; i < populations_.size(); ++i)
    if (populations_[i].name == name)
      return View{static_cast<std::uint32_t>(i), 0, populations_[i].size, 1, {}, name_hash(name)};
  const std::vector<std::string> all = names(populations_);
  throw NameError({.where = "network '" + name_ + "'",
                   .what = "no such population",
                   .got = "'" + std::string(name) + "'",
                   .nearest = nearest_name(name, all)});
}

View Network::slice(View view, std::uint32_t begin, std::uint32_t end) const {
  checks::view(view, populations_, "slice");
  if (!(begin < end && end <= view.size()))
    throw ValueError({.where = "slice of '" + populations_[view.population].name + "'",
                      .what = "the range does not fit",
                      .got = std::to_string(begin) + " to " + std::to_string(end),
                      .expected = "begin < end <= " + std::to_string(view.size())});
  if (!view.list.empty()) {
    view.list.assign(view.list.begin() + begin, view.list.begin() + end);
    return view;
  }
  const std::uint32_t last = view.index(end - 1);
  view.begin = view.index(begin);
  view.end = last + 1;
  return view;
}

void Network::declare(View population, const std::string& name, Dimension dimension) {
  checks::view(population, populations_, "declare");
  Population& p = populations_[population.population];
  if (p.model.find(name) != nullptr)
    throw NameError({.where = "population '" + p.name + "'",
                     .what = "the name is already one of its model",
                     .got = name,
                     .expected = "another name"});
  p.model = p.model.declaring(name, dimension);
}

void Network::set(View view, std::string_view parameter, Values values) {
  checks::view(view, populations_, "set");
  Population& p = populations_[view.population];
  const std::string where = "population '" + p.name + "', '" + std::string(parameter) + "'";
  const model::Variable& v = checks::variable(
      p.model, parameter, {.state = true, .parameter = true, .plural = "parameters and states"},
      "population '" + p.name + "'");
  checks::values(values, v.dimension, view.size(), where);
  checks::range(values, v, where);
  auto& held = v.kind == model::VariableKind::state ? p.initial : p.parameters;
  if (view.size() < p.size) {
    // The rest keeps what it has.
    const auto old = held.find(v.name);
    if (old == held.end() && !v.value)
      throw UnsupportedError({.where = where,
                              .what = "part of a population is set, and the rest has no value",
                              .expected = "the whole population first"});
    std::vector<double> all = spread(
        old != held.end() ? old->second : Values(Quantity::from_internal(*v.value, v.dimension)),
        p.size, where);
    const std::vector<double> part = spread(values, view.size(), where);
    for (std::uint32_t i = 0; i < view.size(); ++i) all[view.index(i)] = part[i];
    values = Values::array(std::move(all), v.dimension);
  }
  held.insert_or_assign(v.name, std::move(values));
}

std::uint64_t Network::neurons() const {
  return first_id(static_cast<std::uint32_t>(populations_.size()));
}

std::uint64_t Network::first_id(std::uint32_t population) const {
  std::uint64_t id = 0;
  for (std::uint32_t i = 0; i < population && i < populations_.size(); ++i)
    id += populations_[i].size;
  return id;
}

}  // namespace callosum
