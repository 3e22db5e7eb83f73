#include "callosum/learn/torch/convolution_stack.h"

#include <ATen/ATen.h>

#include <algorithm>
#include <cmath>
#include <set>

#include "callosum/core/error.h"
#include "callosum/learn/torch/spike_tensor.h"
#include "callosum/nets/draws.h"

namespace callosum::learn {
namespace {

/// Of batch normalisation, as libtorch's own.
constexpr double momentum = 0.1, epsilon = 1e-5;

Network of_one(const Network& network, const std::string& name) {
  const Population& p = network.populations()[network.population(name).population];
  Network alone(network.grid().dt());
  alone.add(p.name, p.size, p.model,
            {.parameters = p.parameters,
             .initial = p.initial,
             .method = p.method,
             .substeps = p.substeps});
  return alone;
}

std::int64_t product(const std::array<std::int64_t, 3>& shape) {
  return shape[0] * shape[1] * shape[2];
}

}  // namespace

struct ConvolutionStack::Impl {
  struct Stage {
    Convolution c;
    std::array<std::int64_t, 3> shape;  ///< of its target
    std::string current;
    std::shared_ptr<learn::Module> cells = {};
    std::vector<double> response = {};  ///< of the target to the current, by neuron
    at::Tensor to_current = {};         ///< [units]
    at::Tensor weights = {}, offset = {};
    at::Tensor gain = {}, mean = {}, variance = {};  ///< where it normalises
    std::vector<double> reached = {};                ///< synapses of each source neuron
  };
  Network network;
  ModuleOptions options;
  std::string input;
  std::vector<Stage> stages = {};
  std::vector<std::string> names = {};
  std::map<std::string, at::Tensor> parameters = {};
  SpikeBits given = {};

  std::uint32_t size(const std::string& name) const {
    return network.populations()[network.population(name).population].size;
  }
  const Stage* into(const std::string& population) const {
    for (const Stage& s : stages)
      if (s.c.to == population) return &s;
    return nullptr;
  }
  const SpikeBits& spikes_of(const std::string& population) const {
    if (population == input) return given;
    if (const Stage* s = into(population)) return s->cells->spikes(population);
    std::vector<std::string> known{input};
    for (const Stage& s : stages) known.push_back(s.c.to);
    throw NameError({.where = "stack of convolutions",
                     .what = "no population of this name",
                     .got = population,
                     .nearest = nearest_name(population, known)});
  }

  void check_options() const;
  void check_shapes(const Convolution& c) const;
  void add(const Convolution& c);
  at::Tensor current(const Stage& s, const at::Tensor& spikes, bool training) const;
};

void ConvolutionStack::Impl::check_options() const {
  const auto refuse = [](const char* what) {
    throw UnsupportedError({.where = "stack of convolutions",
                            .what = "this option has no part in it",
                            .got = what,
                            .expected = "seed, threads, surrogate, surrogates, outputs"});
  };
  if (options.trained) refuse("trained");
  if (!options.constraints.empty()) refuse("constraints");
  if (!options.delays.empty()) refuse("delays");
  if (!options.feedback.empty()) refuse("feedback");
  if (!options.currents.empty()) refuse("currents");
  if (options.precision != Precision::single) refuse("precision");
  if (!network.projections().empty()) refuse("projections beside convolutions");
}

void ConvolutionStack::Impl::check_shapes(const Convolution& c) const {
  const auto compare = [&](const std::string& population,
                           const std::array<std::int64_t, 3>& shape) {
    if (product(shape) == std::int64_t{size(population)}) return;
    throw ShapeError({.where = "convolution '" + c.name + "'",
                      .what = "population '" + population + "' has another size",
                      .got = std::to_string(size(population)) + " neurons",
                      .expected = std::to_string(shape[0]) + " x " + std::to_string(shape[1]) +
                                  " x " + std::to_string(shape[2])});
  };
  compare(c.from, c.input);
  compare(c.to, c.output());
  const Stage* before = into(c.from);
  if (c.from != input && !before)
    throw NameError({.where = "convolution '" + c.name + "'",
                     .what = "nothing reaches its source before it",
                     .got = c.from,
                     .expected = "'" + input + "' or the target of a convolution above it"});
  if (before && before->shape != c.input)
    throw ShapeError({.where = "convolution '" + c.name + "'",
                      .what = "its input is not shaped as what gives it",
                      .expected = "the output of convolution '" + before->c.name + "'"});
  if (c.to == input || into(c.to))
    throw NameError({.where = "convolution '" + c.name + "'",
                     .what = "its target has its input already",
                     .got = c.to,
                     .expected = "one convolution for each population"});
}

void ConvolutionStack::Impl::add(const Convolution& c) {
  check_shapes(c);
  Stage s{.c = c, .shape = c.output(), .current = c.to + "." + c.driven};
  s.response = step_response(network, c.to, c.target, c.driven);
  s.to_current = at::empty({static_cast<std::int64_t>(s.response.size())}, at::kFloat);
  for (std::size_t k = 0; k < s.response.size(); ++k)
    s.to_current.data_ptr<float>()[k] = static_cast<float>(1 / s.response[k]);
  ModuleOptions of{.seed = options.seed,
                   .threads = options.threads,
                   .surrogate = options.surrogate,
                   .trained = std::vector<std::string>(),
                   .currents = {s.current},
                   .input_gradients = true};
  const auto own = options.surrogates.find(c.to);
  if (own != options.surrogates.end()) of.surrogates.insert(*own);
  const bool fires =
      !network.populations()[network.population(c.to).population].model.events().empty();
  if (fires) of.outputs.push_back(c.to);
  for (const std::string& name : options.outputs)
    if (name.starts_with(c.to + ".")) of.outputs.push_back(name);
  s.cells = std::make_shared<learn::Module>(of_one(network, c.to), of);

  // Uniform in +-sqrt(3 / fan-in): of variance 1 / fan-in (LeCun et al. 1998).
  nets::Draws draws(options.seed, c.name + ".weights");
  const double edge = std::sqrt(3.0 / static_cast<double>(c.input[0] * c.kernel * c.kernel));
  const auto parameter = [&](const std::string& name, const at::Tensor& value) {
    names.push_back(name);
    return parameters[name] = value.clone().requires_grad_();
  };
  s.weights = parameter(
      c.name, draws.uniform({c.channels, c.input[0], c.kernel, c.kernel}, -edge, edge, at::kFloat));
  s.offset = parameter(c.name + ".offset", at::zeros({c.channels}));
  if (c.norm) {
    s.gain = parameter(c.name + ".gain", at::ones({c.channels}));
    s.mean = at::zeros({c.channels});
    s.variance = at::ones({c.channels});
  }
  s.reached.assign(size(c.from), 0);
  const Unfolded all =
      unfold(c, at::zeros(s.weights.sizes(), at::kDouble), at::zeros({c.channels}, at::kDouble));
  for (const std::uint32_t source : all.sources) ++s.reached[source];
  stages.push_back(std::move(s));
}

// Spikes [time, batch, unit] to the current that moves the target by what they add to it.
at::Tensor ConvolutionStack::Impl::current(const Stage& s, const at::Tensor& spikes,
                                           bool training) const {
  const Convolution& c = s.c;
  const std::int64_t steps = spikes.size(0), batch = spikes.size(1);
  at::Tensor x = spikes.reshape({steps * batch, c.input[0], c.input[1], c.input[2]});
  // The means are taken of the weights: a third of the work, and nothing large between.
  x = at::conv2d(x, pooled_kernel(c, s.weights), c.norm ? at::Tensor() : s.offset,
                 c.stride * c.pool, c.padding);
  if (c.norm)
    x = at::batch_norm(x, s.gain, s.offset, s.mean, s.variance, training, momentum, epsilon, false);
  return x.reshape({steps, batch, product(s.shape)}) * s.to_current;
}

ConvolutionStack::ConvolutionStack(const Network& network, std::vector<Convolution> convolutions,
                                   ModuleOptions options)
    : impl_(std::make_shared<Impl>(Impl{network, std::move(options), only_input(network)})) {
  impl_->check_options();
  for (const Convolution& c : convolutions) impl_->add(c);
  for (const Population& p : network.populations())
    if (p.name != impl_->input && !impl_->into(p.name))
      throw NameError({.where = "stack of convolutions",
                       .what = "no convolution reaches this population",
                       .got = p.name});
  for (const std::string& name : impl_->names) {
    std::string key = name;  // libtorch allows no dot in a name
    std::replace(key.begin(), key.end(), '.', ':');
    register_parameter(key, impl_->parameters.at(name));
  }
  for (const Impl::Stage& s : impl_->stages)
    if (s.c.norm) {
      register_buffer(s.c.name + ":mean", s.mean);
      register_buffer(s.c.name + ":variance", s.variance);
    }
  std::set<std::string> given(impl_->options.outputs.begin(), impl_->options.outputs.end());
  for (const Impl::Stage& s : impl_->stages)
    for (const std::string& name : impl_->options.outputs)
      if (name == s.c.to || name.starts_with(s.c.to + ".")) given.erase(name);
  if (!given.empty())
    throw NameError({.where = "stack of convolutions",
                     .what = "no population has this output",
                     .got = *given.begin()});
}

ConvolutionStack::~ConvolutionStack() = default;

std::map<std::string, at::Tensor> ConvolutionStack::run_spikes(const SpikeBits& spikes) {
  Impl& self = *impl_;
  if (spikes.units() != self.size(self.input))
    throw ShapeError({.where = "spikes of '" + self.input + "'",
                      .what = "they do not fit the population",
                      .got = std::to_string(spikes.units()) + " units",
                      .expected = std::to_string(self.size(self.input)) + " neurons"});
  self.given = spikes;
  std::map<std::string, at::Tensor> fired{{self.input, spike_tensor(spikes, at::kFloat)}}, result;
  for (const Impl::Stage& s : self.stages) {
    auto out = s.cells->run(
        {.tensors = {{s.current, self.current(s, fired.at(s.c.from), is_training())}}});
    if (const auto found = out.find(s.c.to); found != out.end()) fired[s.c.to] = found->second;
    for (auto& [name, value] : out) result[name] = value;
  }
  for (auto value = result.begin(); value != result.end();)
    value = std::find(self.options.outputs.begin(), self.options.outputs.end(), value->first) ==
                    self.options.outputs.end()
                ? result.erase(value)
                : std::next(value);
  return result;
}

const std::vector<std::string>& ConvolutionStack::trained() const { return impl_->names; }

at::Tensor& ConvolutionStack::parameter(const std::string& name) {
  const auto found = impl_->parameters.find(name);
  if (found != impl_->parameters.end()) return found->second;
  throw NameError({.where = "stack of convolutions",
                   .what = "no parameter of this name is trained",
                   .got = name,
                   .nearest = nearest_name(name, impl_->names)});
}

const SpikeBits& ConvolutionStack::spikes(const std::string& population) const {
  return impl_->spikes_of(population);
}

double ConvolutionStack::synaptic_operations() const {
  double sum = 0;
  for (const Impl::Stage& s : impl_->stages) {
    const SpikeBits& bits = impl_->spikes_of(s.c.from);
    std::vector<std::uint32_t> ids(bits.units());
    for (std::int64_t t = 0; t < bits.steps(); ++t)
      for (std::int64_t b = 0; b < bits.batch(); ++b) {
        const std::size_t count = bits.list(t, b, ids.data());
        for (std::size_t k = 0; k < count; ++k) sum += s.reached[ids[k]];
      }
  }
  return sum;
}

std::uint64_t ConvolutionStack::seed() const { return impl_->options.seed; }
const Network& ConvolutionStack::description() const { return impl_->network; }

Network ConvolutionStack::network() const {
  const at::NoGradGuard none;
  Network result = impl_->network;
  for (const Impl::Stage& s : impl_->stages) {
    const Convolution& c = s.c;
    at::Tensor weights = s.weights.detach().to(at::kDouble),
               add = s.offset.detach().to(at::kDouble);
    if (c.norm) {
      const at::Tensor factor =
          s.gain.detach().to(at::kDouble) / (s.variance.to(at::kDouble) + epsilon).sqrt();
      weights = weights * factor.reshape({-1, 1, 1, 1});
      add = add - s.mean.to(at::kDouble) * factor;
    }
    Unfolded all = unfold(c, weights, add);
    const View from = result.population(c.from), to = result.population(c.to);
    const model::Model& neuron = impl_->network.populations()[to.population].model;
    const Population& of = impl_->network.populations()[to.population];
    // Beside the constant that the population has already.
    const auto given = of.parameters.find(c.driven);
    if (given != of.parameters.end() && !given->second.is_constant())
      throw UnsupportedError({.where = "population '" + c.to + "'",
                              .what = "'" + c.driven + "' is not one number",
                              .expected = "a constant, to which normalisation adds"});
    const double present = given != of.parameters.end() ? given->second.first()
                                                        : neuron.at(c.driven).value.value_or(0);
    for (std::size_t k = 0; k < all.constants.size(); ++k)
      all.constants[k] = present + all.constants[k] / s.response[k];
    result.set(to, c.driven,
               Values::array(std::move(all.constants), neuron.at(c.driven).dimension));
    result.connect(from, to, pairs(std::move(all.sources), std::move(all.targets)),
                   {.target = c.target,
                    .weight = Values::array(std::move(all.weights), neuron.at(c.target).dimension),
                    .delay = Quantity::from_internal(0, dimension::time),
                    .name = c.name});
  }
  return result;
}

}  // namespace callosum::learn
