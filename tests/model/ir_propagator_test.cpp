#include <gtest/gtest.h>

#include <cmath>

#include "callosum/library/library.h"
#include "callosum/model/step.h"
#include "tests/model/ir_gradient.h"

// Propagators where time constants nearly or quite agree: 1/(1/tau_m - 1/tau_syn) must not be in
// them.
namespace callosum::model {
namespace {

constexpr double h = 0.1, C_m = 250, tau_m = 10;

/// phi_n(x) = sum over k of x^k / (k + n)!, so phi_1 = (e^x - 1)/x; and its derivative.
long double phi(int n, long double x, bool derivative) {
  long double sum = 0, power = 1;
  for (int k = derivative ? 1 : 0; k < 40; ++k) {
    sum += (derivative ? k : 1) * power / std::tgamma(static_cast<long double>(k + n + 1));
    power *= x;
  }
  return sum;
}

struct Case {
  const char* model;
  const char* state;  // current that V_m takes from
  const char* tau;    // its time constant
  int order;          // of the pole: 1 exponential, 2 alpha
};

class Propagators : public testing::TestWithParam<Case> {};

// P = factor * exp(-h/tau_m) * h^n * phi_n(x) with x = h (1/tau_m - 1/tau_s); for the alpha
// function the impulse of K reaches V_m through phi_2-like (x - 1) e^x terms, so it is written out.
TEST_P(Propagators, LoseNoAccuracyNearEqualTimeConstants) {
  const Case& c = GetParam();
  const Model model = library::neuron(c.model);
  const Program constants = all_lanes(compile_step(model, {.dt_ms = h}).constants);
  std::vector<double> tau(gradient_lanes, tau_m);
  int lane = 0;
  for (int k = 0; k <= 16; ++k)
    for (int side : {-1, 1}) {
      const double t = tau_m * (1 + side * std::pow(10.0, -k));
      tau[lane++] = t > 0 ? t : tau_m * 1e-2;  // 1 - 10^0 is no time
    }
  Columns at;
  for (const Variable& v : model.variables())
    if (v.value) at[v.name].assign(gradient_lanes, *v.value);
  at["dt"].assign(gradient_lanes, h);
  at["C_m"].assign(gradient_lanes, C_m);
  at["tau_m"].assign(gradient_lanes, tau_m);
  at[c.tau] = tau;
  const std::string P = std::string("P(V_m,") + c.state + ")";
  ASSERT_GE(constants.index(P), 0) << P;
  const Columns forward = run(constants, at);
  for (const Store& s : constants.stores) {
    const std::string& out = constants.slots[s.slot].name;
    at["bar(" + out + ")"].assign(gradient_lanes, out == P ? 1.0 : 0.0);
  }
  const Columns gradient = run(adjoint(constants), at);
  for (int i = 0; i < lane; ++i) {
    const long double s = tau[i], m = tau_m;
    const long double x = h * (1 / m - 1 / s), decay = std::exp(-h / m), dx = h / (s * s);
    long double value, slope;
    if (c.order == 1) {
      value = decay * h / C_m * phi(1, x, false);
      slope = decay * h / C_m * phi(1, x, true) * dx;
    } else {
      // I = e K (t/tau) exp(-t/tau): V = e/(C tau) exp(-h/m) * integral of u exp(u x/h) du over [0,
      // h] = e h^2/(C tau) exp(-h/m) * (phi_1 - phi_2), for int_0^1 v e^{xv} dv = phi_1(x) -
      // phi_2(x).
      const long double f = phi(1, x, false) - phi(2, x, false);
      const long double g = phi(1, x, true) - phi(2, x, true);
      const long double k = std::exp(1.0L) * h * h / C_m * decay;
      value = k / s * f;
      slope = k * (-f / (s * s) + g * dx / s);
    }
    const double got = forward.at(P)[i], grad = gradient.at("grad(" + std::string(c.tau) + ")")[i];
    EXPECT_NEAR(got, static_cast<double>(value), 4e-15 * std::abs(static_cast<double>(value)))
        << c.model << ", tau = " << tau[i];
    EXPECT_NEAR(grad, static_cast<double>(slope), 2e-12 * std::abs(static_cast<double>(slope)))
        << c.model << ", tau = " << tau[i];
  }
}

INSTANTIATE_TEST_SUITE_P(Library, Propagators,
                         testing::Values(Case{"lif_psc_exp", "I_ex", "tau_syn_ex", 1},
                                         Case{"lif_psc_alpha", "K_ex", "tau_syn_ex", 2}),
                         [](const auto& info) { return std::string(info.param.model); });

}  // namespace
}  // namespace callosum::model
