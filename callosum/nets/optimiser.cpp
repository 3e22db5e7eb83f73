#include "callosum/nets/optimiser.h"

#include <ATen/ops/scalar_tensor.h>
#include <ATen/ops/zeros_like.h>
#include <torch/csrc/autograd/autograd.h>
#include <torch/optim/adamw.h>
#include <torch/optim/lbfgs.h>
#include <torch/optim/rmsprop.h>
#include <torch/optim/sgd.h>
#include <torch/serialize/archive.h>

#include <cmath>
#include <sstream>

#include "callosum/core/error.h"
#include "callosum/nets/check.h"

namespace callosum::nets {
namespace {

constexpr std::string_view where = "optimiser";

Parameters checked(const Parameters& parameters) {
  check::at_least(where, "parameters", static_cast<std::int64_t>(parameters.size()), 1);
  for (std::size_t i = 0; i < parameters.size(); ++i)
    if (!parameters[i].defined() || !parameters[i].is_leaf() || !parameters[i].requires_grad())
      throw ValueError({.where = std::string(where),
                        .what = "parameter " + std::to_string(i) + " cannot be trained",
                        .expected = "leaf tensors that require a gradient"});
  return parameters;
}

Parameters with_zeros(Parameters found, const Parameters& inputs) {
  for (std::size_t i = 0; i < found.size(); ++i)
    if (!found[i].defined()) found[i] = at::zeros_like(inputs[i]);
  return found;
}

}  // namespace

struct Optimiser::State {
  std::unique_ptr<torch::optim::Optimizer> torch;  ///< a group a parameter
  double rate;
  std::vector<double> factors;

  void apply() {
    auto& groups = torch->param_groups();
    for (std::size_t k = 0; k < groups.size(); ++k) groups[k].options().set_lr(rate * factors[k]);
  }
};

namespace {

std::vector<torch::optim::OptimizerParamGroup> groups(const Parameters& parameters) {
  std::vector<torch::optim::OptimizerParamGroup> out;
  for (const at::Tensor& p : checked(parameters)) out.emplace_back(std::vector<at::Tensor>{p});
  return out;
}

template <class State, class Kind, class Options>
std::unique_ptr<State> make_state(const Parameters& parameters, Options options) {
  const double rate = options.get_lr();
  auto state = std::make_unique<State>();
  state->torch = std::make_unique<Kind>(groups(parameters), std::move(options));
  state->rate = rate;
  state->factors.assign(parameters.size(), 1.0);
  return state;
}

}  // namespace

Optimiser::Optimiser(Parameters parameters, std::unique_ptr<State> state)
    : parameters_(std::move(parameters)), state_(std::move(state)) {}
Optimiser::Optimiser(Optimiser&&) noexcept = default;
Optimiser& Optimiser::operator=(Optimiser&&) noexcept = default;
Optimiser::~Optimiser() = default;

Optimiser Optimiser::sgd(const Parameters& parameters, const SgdOptions& options) {
  check::positive(where, "rate", options.rate);
  check::within(where, "momentum", options.momentum, 0, 1);
  check::not_negative(where, "weight_decay", options.weight_decay);
  return Optimiser(parameters, make_state<State, torch::optim::SGD>(
                                   parameters, torch::optim::SGDOptions(options.rate)
                                                   .momentum(options.momentum)
                                                   .weight_decay(options.weight_decay)
                                                   .nesterov(options.nesterov)));
}

Optimiser Optimiser::adam(const Parameters& parameters, const AdamOptions& options) {
  check::positive(where, "rate", options.rate);
  check::within(where, "beta1", options.beta1, 0, 1);
  check::within(where, "beta2", options.beta2, 0, 1);
  check::positive(where, "epsilon", options.epsilon);
  check::not_negative(where, "weight_decay", options.weight_decay);
  return Optimiser(parameters, make_state<State, torch::optim::AdamW>(
                                   parameters, torch::optim::AdamWOptions(options.rate)
                                                   .betas({options.beta1, options.beta2})
                                                   .eps(options.epsilon)
                                                   .weight_decay(options.weight_decay)));
}

Optimiser Optimiser::rmsprop(const Parameters& parameters, const RmspropOptions& options) {
  check::positive(where, "rate", options.rate);
  check::within(where, "smoothing", options.smoothing, 0, 1);
  check::positive(where, "epsilon", options.epsilon);
  return Optimiser(parameters, make_state<State, torch::optim::RMSprop>(
                                   parameters, torch::optim::RMSpropOptions(options.rate)
                                                   .alpha(options.smoothing)
                                                   .eps(options.epsilon)
                                                   .momentum(options.momentum)));
}

void Optimiser::set_rate(double rate) {
  check::positive(where, "rate", rate);
  state_->rate = rate;
  state_->apply();
}

void Optimiser::set_factors(const std::vector<double>& factors) {
  check::within(where, "factors", static_cast<double>(factors.size()),
                static_cast<double>(parameters_.size()), static_cast<double>(parameters_.size()));
  for (const double factor : factors) check::positive(where, "factor", factor);
  state_->factors = factors;
  state_->apply();
}

std::string Optimiser::save() const {
  torch::serialize::OutputArchive archive;
  state_->torch->save(archive);
  std::ostringstream out;
  archive.save_to(out);
  return out.str();
}

void Optimiser::load(const std::string& saved) {
  try {
    std::istringstream in(saved);
    torch::serialize::InputArchive archive;
    archive.load_from(in);
    state_->torch->load(archive);
  } catch (const c10::Error& e) {
    throw FileError({.where = std::string(where),
                     .what = "this is not the state of such an optimiser",
                     .got = e.msg()});
  }
  state_->apply();
}

void Optimiser::clear_gradients() { state_->torch->zero_grad(); }
void Optimiser::step() { state_->torch->step(); }

Parameters gradients(const at::Tensor& output, const Parameters& inputs, bool differentiable) {
  if (!output.defined() || output.numel() != 1)
    throw ShapeError({.where = std::string(where),
                      .what = "only a single number has a gradient",
                      .got = output.defined() ? check::shape_text(output.sizes()) : "nothing"});
  return with_zeros(
      torch::autograd::grad({output}, inputs, {}, differentiable, differentiable, true), inputs);
}

Parameters pull_back(const at::Tensor& output, const at::Tensor& cotangent,
                     const Parameters& inputs) {
  check::shape(where, "cotangent", cotangent, output.sizes());
  return with_zeros(torch::autograd::grad({output}, inputs, {cotangent}, true, false, true),
                    inputs);
}

double minimise(const std::function<at::Tensor()>& loss, const Parameters& parameters,
                const LbfgsOptions& options) {
  check::at_least(where, "iterations", options.iterations, 1);
  check::at_least(where, "history", options.history, 1);
  torch::optim::LBFGS lbfgs(checked(parameters), torch::optim::LBFGSOptions(1)
                                                     .max_iter(options.iterations)
                                                     .max_eval(options.iterations * 5)
                                                     .tolerance_grad(options.gradient_tolerance)
                                                     .tolerance_change(options.change_tolerance)
                                                     .history_size(options.history)
                                                     .line_search_fn(std::string("strong_wolfe")));
  const auto finite = [](const at::Tensor& value) {
    check::finite(where, "loss", value);
    return value;
  };
  lbfgs.step([&] {
    lbfgs.zero_grad();
    const at::Tensor value = finite(loss());
    value.backward();
    return value;
  });
  return finite(loss().detach()).item<double>();
}

double clip_gradients(const Parameters& parameters, double largest) {
  check::positive(where, "largest gradient norm", largest);
  double square = 0;
  for (const at::Tensor& p : parameters)
    if (p.grad().defined()) square += p.grad().to(at::kDouble).square().sum().item<double>();
  const double norm = std::sqrt(square);
  check::finite(where, "gradient", at::scalar_tensor(norm, at::kDouble));
  if (norm > largest)
    for (const at::Tensor& p : parameters)
      if (p.grad().defined()) p.grad().mul_(largest / norm);
  return norm;
}

}  // namespace callosum::nets
