#include "callosum/learn/torch/module.h"

#include <ATen/ATen.h>

#include <algorithm>
#include <cmath>

#include "callosum/core/error.h"
#include "callosum/format/network_file.h"
#include "callosum/learn/torch/fused.h"
#include "callosum/nets/check.h"

namespace callosum::learn {
namespace {

std::string shape_text(at::IntArrayRef shape) { return nets::check::shape_text(shape); }

bool is_list(const Population& p) {
  return p.model.events().empty() && p.model.variables().empty();
}

std::vector<std::string> lists_of(const Network& network) {
  std::vector<std::string> names;
  for (const Population& p : network.populations())
    if (is_list(p)) names.push_back(p.name);
  return names;
}

SpikeBits packed(const std::string& name, const at::Tensor& spikes) {
  const at::Tensor zero = spikes.detach().eq(0), one = spikes.detach().eq(1);
  if (!zero.logical_or(one).all().item<bool>())
    throw ValueError({.where = "input '" + name + "'",
                      .what = "spikes are 0 or 1",
                      .got = "other numbers",
                      .expected = "a spike or none for each step, sample and neuron"});
  const at::Tensor fired = one.contiguous();
  const bool* from = fired.data_ptr<bool>();
  SpikeBits bits(spikes.size(0), spikes.size(1), static_cast<std::uint32_t>(spikes.size(2)));
  for (std::int64_t t = 0; t < bits.steps(); ++t)
    for (std::int64_t b = 0; b < bits.batch(); ++b, from += bits.units())
      for (std::uint32_t i = 0; i < bits.units(); ++i)
        if (from[i]) bits.set(t, b, i);
  return bits;
}

/// The bounds that a model states for a parameter; an open end is kept a thousandth of the value at
/// the beginning away.
Constraint stated_range(const Network& network, const std::string& name, const at::Tensor& value) {
  Constraint c;
  const std::size_t dot = name.rfind('.');
  if (dot == std::string::npos || name.ends_with(".delay")) return c;
  const Population& p = network.populations()[network.population(name.substr(0, dot)).population];
  const model::Variable& v = p.model.at(name.substr(dot + 1));
  const double away = 1e-3 * value.abs().mean().item<double>();
  if (v.minimum) c.low = *v.minimum + (v.minimum_open ? away : 0);
  if (v.maximum) c.high = *v.maximum - (v.maximum_open ? away : 0);
  return c;
}

}  // namespace

namespace {

/// Learned delays stay in their range, whatever else is asked of them.
void keep_range(Constraint& c, const Network& network, const DelayOptions& range,
                at::ScalarType type) {
  const auto bound = [&](double ms) { return type == at::kFloat ? double(float(ms)) : ms; };
  const double low = bound(range.minimum_ms == 0 ? network.grid().dt_ms() : range.minimum_ms);
  c.low = std::max(c.low.value_or(low), low);
  c.high = std::min(c.high.value_or(bound(range.maximum_ms)), bound(range.maximum_ms));
}

}  // namespace

struct Module::Impl {
  Network network;
  ModuleOptions options;
  std::shared_ptr<Fused> fused;
  std::vector<Output> outputs;
  std::vector<at::Tensor> parameters;  ///< by fused->trained()
  std::vector<Constrained> constraints;
  PlainPath plain;

  std::vector<std::string> lists() const { return lists_of(network); }
  std::size_t index(const std::string& name) const {
    const auto& names = fused->trained();
    const auto found = std::find(names.begin(), names.end(), name);
    if (found != names.end()) return static_cast<std::size_t>(found - names.begin());
    throw NameError({.where = "module",
                     .what = "no parameter of this name is trained",
                     .got = name,
                     .nearest = nearest_name(name, names)});
  }
  /// Neurons behind an input, its shape checked against them.
  void check_input(const std::string& name, at::IntArrayRef shape, bool spikes) const {
    const std::string owner = spikes ? name : name.substr(0, name.rfind('.'));
    const std::uint32_t size = network.populations()[network.population(owner).population].size;
    if (shape.size() == 3 && shape[0] >= 1 && shape[1] >= 1 && shape[2] == size) return;
    throw ShapeError({.where = "input '" + name + "'",
                      .what = "the tensor does not fit population '" + owner + "'",
                      .got = shape_text(shape),
                      .expected = "[time, batch, " + std::to_string(size) + "]"});
  }
  void check_type(const std::string& name, const at::Tensor& t) const {
    if (t.requires_grad() && t.scalar_type() != fused->type())
      throw ValueError({.where = "input '" + name + "'",
                        .what = "a tensor that passes a gradient has another precision",
                        .got = std::string(at::toString(t.scalar_type())),
                        .expected = std::string(at::toString(fused->type()))});
  }
};

namespace {

std::vector<Output> find_outputs(const Network& network, const ModuleOptions& options) {
  std::vector<Output> found;
  for (const std::string& name : options.outputs) {
    const auto& populations = network.populations();
    const auto whole = std::find_if(populations.begin(), populations.end(),
                                    [&](const Population& p) { return p.name == name; });
    const std::size_t dot = name.rfind('.');
    Output o{name, Output::Kind::spikes, 0};
    if (whole != populations.end()) {
      o.population = static_cast<std::uint32_t>(whole - populations.begin());
    } else {
      o.population = network.population(name.substr(0, dot)).population;
      const std::string what = dot == std::string::npos ? "" : name.substr(dot + 1);
      const bool count = what == "count" && !populations[o.population].model.find(what);
      o.kind = count ? Output::Kind::count : Output::Kind::state;
    }
    found.push_back(o);
  }
  return found;
}

std::vector<std::string> recorded(const std::vector<Output>& outputs) {
  std::vector<std::string> names;
  for (const Output& o : outputs)
    if (o.kind == Output::Kind::state) names.push_back(o.name);
  return names;
}

}  // namespace

Module::Module(const Network& network, ModuleOptions options) {
  const std::vector<Output> outputs = find_outputs(network, options);
  auto fused = Fused::make(network, options, recorded(outputs));
  PlainPath plain(network, {options.seed, fused->type(), options.surrogate, options.surrogates,
                            options.currents, options.delays});
  impl_ = std::make_shared<Impl>(
      Impl{network, std::move(options), std::move(fused), outputs, {}, {}, std::move(plain)});
  for (const std::string& name : trained()) {
    // libtorch allows no dot in a name.
    std::string key = name;
    std::replace(key.begin(), key.end(), '.', ':');
    impl_->parameters.push_back(register_parameter(key, impl_->fused->value(name)));
    const auto given = impl_->options.constraints.find(name);
    Constraint constraint = given == impl_->options.constraints.end()
                                ? stated_range(network, name, impl_->parameters.back().detach())
                                : given->second;
    for (const auto& [projection, range] : impl_->options.delays)
      if (name == projection + ".delay")
        keep_range(constraint, network, range, impl_->fused->type());
    impl_->constraints.emplace_back(name, impl_->parameters.back(), std::move(constraint));
  }
  for (const auto& [name, constraint] : impl_->options.constraints) impl_->index(name);
}

Module::~Module() = default;

std::shared_ptr<Module> Module::read(const std::filesystem::path& file, ModuleOptions options) {
  return std::make_shared<Module>(format::read_network(file.string()).network, std::move(options));
}

std::string Module::input() const { return only_input(impl_->network); }

std::string only_input(const Network& network) {
  const std::vector<std::string> lists = lists_of(network);
  if (lists.size() == 1) return lists[0];
  throw NameError({.where = "network",
                   .what = "there is not one input population",
                   .got = std::to_string(lists.size()) + " populations of model \"spike_list\"",
                   .expected = "inputs by name: run({.tensors = {{\"name\", ...}}})"});
}

at::Tensor Module::forward(const at::Tensor& spikes) {
  if (impl_->outputs.size() != 1)
    throw NameError({.where = "module",
                     .what = "there is not one output",
                     .got = std::to_string(impl_->outputs.size()) + " outputs",
                     .expected = "run(), which gives them by name"});
  return run({.tensors = {{input(), spikes}}}).begin()->second;
}

std::map<std::string, at::Tensor> Module::run(const ModuleInputs& inputs,
                                              const CarriedState& from) {
  auto given = std::make_shared<FusedInputs>();
  given->from = from;
  given->spikes = inputs.spikes;
  std::vector<at::Tensor> tensors;
  const std::vector<std::string> lists = impl_->lists();
  std::string first;
  const auto agree = [&](const std::string& name, std::int64_t steps, std::int64_t batch) {
    if (first.empty()) {
      given->steps = steps;
      given->batch = batch;
      first = name;
    }
    if (steps != given->steps || batch != given->batch)
      throw ShapeError({.where = "inputs '" + first + "' and '" + name + "'",
                        .what = "[time, batch] differ",
                        .got = shape_text({steps, batch}),
                        .expected = shape_text({given->steps, given->batch})});
  };
  for (const auto& [name, bits] : inputs.spikes) {
    impl_->check_input(name, {bits.steps(), bits.batch(), std::int64_t{bits.units()}}, true);
    agree(name, bits.steps(), bits.batch());
  }
  for (const auto& [name, tensor] : inputs.tensors) {
    const bool spikes = std::find(lists.begin(), lists.end(), name) != lists.end();
    const auto& currents = impl_->options.currents;
    if (!spikes && std::find(currents.begin(), currents.end(), name) == currents.end()) {
      std::vector<std::string> names = lists;
      names.insert(names.end(), currents.begin(), currents.end());
      throw NameError({.where = "module",
                       .what = "no input of this name",
                       .got = name,
                       .expected = "a population of model \"spike_list\" or one of the currents",
                       .nearest = nearest_name(name, names)});
    }
    impl_->check_input(name, tensor.sizes(), spikes);
    impl_->check_type(name, tensor);
    agree(name, tensor.size(0), tensor.size(1));
    if (spikes) given->spikes[name] = packed(name, tensor);
    given->tensors.push_back(name);
    tensors.push_back(tensor);
  }
  const auto values = impl_->fused->run(given, impl_->parameters, tensors, impl_->outputs);
  std::map<std::string, at::Tensor> result;
  for (std::size_t k = 0; k < values.size(); ++k) result[impl_->outputs[k].name] = values[k];
  return result;
}

CarriedState Module::carried() const { return impl_->fused->carried(); }

Module::State Module::start(std::int64_t batch) const {
  nets::check::at_least("module", "batch", batch, 1);
  for (const auto& [name, kind] : impl_->options.feedback)
    if (kind != Feedback::transposed)
      throw UnsupportedError({.where = "projection '" + name + "'",
                              .what = "the plain path goes back by the weights themselves",
                              .expected = "run(), or transposed feedback"});
  SlotTensors parameters;
  for (std::size_t k = 0; k < trained().size(); ++k)
    parameters[trained()[k]] = impl_->parameters[k];
  return impl_->plain.start(batch, parameters);
}

SlotTensors Module::step(State& state, const SlotTensors& inputs) const {
  for (const auto& [name, tensor] : inputs)
    impl_->check_input(name, tensor.unsqueeze(0).sizes(),
                       std::find(impl_->options.currents.begin(), impl_->options.currents.end(),
                                 name) == impl_->options.currents.end());
  impl_->plain.step(state, inputs);
  SlotTensors result;
  for (const Output& o : impl_->outputs)
    result[o.name] = o.kind == Output::Kind::state
                         ? state.states[o.population].at(o.name.substr(o.name.rfind('.') + 1))
                         : state.spikes[o.population].back();
  return result;
}

const std::vector<std::string>& Module::trained() const { return impl_->fused->trained(); }
at::Tensor& Module::parameter(const std::string& name) {
  return impl_->parameters[impl_->index(name)];
}

void Module::constrain_gradients() {
  for (std::size_t k = 0; k < impl_->parameters.size(); ++k)
    if (impl_->parameters[k].grad().defined())
      impl_->constraints[k].on_gradient(impl_->parameters[k].grad());
}

void Module::constrain() {
  for (std::size_t k = 0; k < impl_->parameters.size(); ++k)
    impl_->constraints[k].on_values(impl_->parameters[k].detach());
}

void Module::set_delay_width(const std::string& projection, double width_ms) {
  impl_->fused->set_delay_width(projection, width_ms);
  impl_->plain.set_delay_width(projection, width_ms);
}

void Module::round_delays() {
  impl_->fused->set(impl_->parameters);
  impl_->fused->round_delays();
  for (const auto& [projection, range] : impl_->options.delays) {
    impl_->plain.set_delay_width(projection, 0);
    const auto& names = trained();
    const std::string name = projection + ".delay";
    if (std::find(names.begin(), names.end(), name) != names.end())
      parameter(name).detach().copy_(impl_->fused->value(name));
  }
}

Network Module::network() const {
  impl_->fused->set(impl_->parameters);
  return impl_->fused->network();
}

const Network& Module::description() const { return impl_->network; }
const ModuleOptions& Module::options() const { return impl_->options; }
double Module::synaptic_operations() const {
  double sum = 0;
  std::vector<std::uint32_t> ids;
  for (std::uint32_t p = 0; p < impl_->network.populations().size(); ++p) {
    const SpikeBits& bits = spikes(impl_->network.populations()[p].name);
    ids.resize(bits.units());
    for (const auto& [delay, reached] : impl_->plain.synapses_of(p))
      for (std::int64_t t = 0; t + delay < bits.steps(); ++t)
        for (std::int64_t b = 0; b < bits.batch(); ++b) {
          const std::size_t count = bits.list(t, b, ids.data());
          for (std::size_t k = 0; k < count; ++k) sum += reached[ids[k]];
        }
  }
  return sum;
}

const SpikeBits& Module::spikes(const std::string& population) const {
  return impl_->fused->spikes(population);
}

}  // namespace callosum::learn
