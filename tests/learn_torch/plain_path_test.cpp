#include <ATen/ATen.h>
#include <gtest/gtest.h>

#include "tests/learn_torch/module_network.h"

// The module's fused path against its plain one, which autograd differentiates by itself.
namespace callosum::learn {
namespace {

using namespace callosum::learn_tests;

constexpr std::int64_t steps = 100, batch = 6;

class Plain : public testing::TestWithParam<Case> {};

TEST_P(Plain, PathHasTheSpikesAndGradientsOfTheFusedOne) {
  const Case& c = GetParam();
  std::vector<std::string> trained = {"in", "back", "out", "out.tau_m"};
  for (const std::string& p : c.parameters) trained.push_back("hidden." + p);
  for (const auto& [projection, range] : c.delays) trained.push_back(projection + ".delay");
  Module module(network(c), {.seed = 5,
                             .precision = Precision::twofold,
                             .surrogate = c.surrogate,
                             .trained = trained,
                             .delays = c.delays,
                             .currents = {"hidden.I_e"},
                             .outputs = {"hidden", "hidden.count", "out.V_m"},
                             .input_gradients = true});
  nets::Draws draws(2, "loss");
  for (const auto& [projection, range] : c.delays) {
    at::Tensor d = module.parameter(projection + ".delay").detach();
    d.copy_(draws.uniform(d.sizes(), 1, range.maximum_ms));
  }
  at::Tensor in = random_spikes(steps, batch, 8, 0.2).requires_grad_();
  at::Tensor current = draws.normal({steps, batch, 9}, 0, 20).requires_grad_();
  const at::Tensor by_spike = draws.normal({steps, batch, 9});
  const at::Tensor by_count = draws.normal({batch, 9});
  const at::Tensor by_state = draws.normal({steps, batch, 3});
  const auto loss = [&](const at::Tensor& spikes, const at::Tensor& counts, const at::Tensor& v) {
    return (spikes * by_spike).sum() + (counts * by_count).sum() + (v * by_state).sum();
  };

  const auto fused = module.run({.tensors = {{"in", in}, {"hidden.I_e", current}}});
  loss(fused.at("hidden"), fused.at("hidden.count"), fused.at("out.V_m")).backward();
  std::map<std::string, at::Tensor> gradients;
  for (const std::string& name : trained) gradients[name] = module.parameter(name).grad().clone();
  const at::Tensor in_gradient = in.grad().clone(), current_gradient = current.grad().clone();
  in.mutable_grad() = at::Tensor();
  current.mutable_grad() = at::Tensor();
  module.zero_grad();

  auto state = module.start(batch);
  std::vector<at::Tensor> spikes, potentials;
  for (std::int64_t t = 0; t < steps; ++t) {
    const auto out = module.step(state, {{"in", in[t]}, {"hidden.I_e", current[t]}});
    spikes.push_back(out.at("hidden"));
    potentials.push_back(out.at("out.V_m"));
  }
  const at::Tensor plain = at::stack(spikes), v = at::stack(potentials);
  ASSERT_TRUE(at::equal(plain.detach(), fused.at("hidden").detach()));
  ASSERT_GT(plain.sum().item<double>(), 100);
  ASSERT_LT(plain.mean().item<double>(), 0.5);
  EXPECT_LT(gap(v.detach(), fused.at("out.V_m").detach()), 1e-12);
  loss(plain, plain.sum(0), v).backward();
  for (const std::string& name : trained)
    EXPECT_LE(gap(gradients[name], module.parameter(name).grad()), 1e-10) << name;
  EXPECT_LE(gap(in_gradient, in.grad()), 1e-10);
  EXPECT_LE(gap(current_gradient, current.grad()), 1e-10);
}

const Case cases[] = {
    current_case,
    {"Detached",
     "lif_psc_exp",
     "I_ex",
     500,
     300,
     {Surrogate::gaussian, 5, true, 0.4},
     {"tau_m", "V_th"}},
    {"Delays",
     "lif_psc_exp",
     "I_ex",
     500,
     300,
     {Surrogate::fast_sigmoid, 3},
     {"tau_m"},
     {{"in", {.maximum_ms = 9}}, {"back", {.maximum_ms = 5, .width_ms = 1}}}},
    {"Noisy",
     "lif_psc_exp",
     "I_ex",
     500,
     300,
     {Surrogate::fast_sigmoid, 3},
     {"tau_m", "I_e"},
     {},
     true},
    {"Triangle", "lif_psc_delta", "V_m", 7, 3, {Surrogate::triangle, 8}, {"tau_m", "V_th"}},
    {"Sigmoid", "lif_psc_delta", "V_m", 7, 3, {Surrogate::sigmoid, 2}, {"tau_m"}},
    {"Rectangle", "lif_psc_delta", "V_m", 7, 3, {Surrogate::rectangle, 9}, {"tau_m"}},
    {"StraightThrough",
     "lif_psc_delta",
     "V_m",
     7,
     3,
     {Surrogate::straight_through, 60, true},
     {"V_th"}},
    {"Conductance",
     "lif_cond_exp",
     "g_ex",
     25,
     10,
     {Surrogate::arctan, 5},
     {"C_m", "V_th", "E_ex"}},
    {"Alpha", "lif_psc_alpha", "K_ex", 500, 300, {Surrogate::arctan, 10}, {"tau_m", "tau_syn_ex"}},
    {"Adaptive", "alif", "V_m", 5, 2, {Surrogate::arctan, 5}, {"tau_m", "tau_a", "beta"}},
    {"Exponential", "adex_psc_exp", "I_ex", 700, 300, {Surrogate::arctan, 10, true}, {"C_m", "b"}},
};
INSTANTIATE_TEST_SUITE_P(Each, Plain, testing::ValuesIn(cases),
                         [](const auto& info) { return std::string(info.param.name); });

}  // namespace
}  // namespace callosum::learn
