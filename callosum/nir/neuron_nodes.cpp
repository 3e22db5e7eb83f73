#include "callosum/nir/neuron_nodes.h"

#include <algorithm>
#include <cmath>

#include "callosum/core/error.h"

namespace callosum::nir {
namespace {

/// One population whose parameters are read by name.
class Source {
 public:
  Source(const Population& p, const std::map<std::string, double>& constants, double dt_s,
         NirSteps steps)
      : dt_s(dt_s), steps(steps), p_(p), constants_(constants) {}

  std::size_t size() const { return p_.size; }
  [[noreturn]] void unsupported(const std::string& what, const std::string& got = {},
                                const std::string& expected = {}) const {
    throw UnsupportedError({.where = "NIR export, population '" + p_.name + "'",
                            .what = what,
                            .got = got,
                            .expected = expected});
  }

  /// A parameter, one value a neuron, internal units, with what stimuli add.
  std::vector<double> values(const std::string& name) const {
    const model::Variable& v = p_.model.at(name);
    std::vector<double> all(p_.size, v.value.value_or(0));
    if (const auto given = p_.parameters.find(name); given != p_.parameters.end()) {
      const Values& values = given->second;
      if (values.kind() == Values::Kind::array)
        all.assign(values.elements().begin(), values.elements().end());
      else if (values.is_constant())
        all.assign(p_.size, values.first());
      else
        unsupported("its parameter '" + name + "' is drawn from a distribution", "",
                    "a value or an array");
    }
    if (const auto added = constants_.find(name); added != constants_.end())
      for (double& x : all) x += added->second;
    return all;
  }
  std::vector<double> seconds(const std::string& name) const {
    std::vector<double> all = values(name);
    for (double& x : all) x *= 1e-3;
    return all;
  }
  /// What is left of a state after a step.
  double kept(double tau_s) const {
    return steps == NirSteps::exact ? std::exp(-dt_s / tau_s) : 1 - dt_s / tau_s;
  }
  double time_constant(double kept, const char* name) const {
    if (!(kept > 0) || !(kept < 1))
      unsupported(std::string("its ") + name + " is that of no time constant", std::to_string(kept),
                  "between 0 and 1");
    return steps == NirSteps::exact ? -dt_s / std::log(kept) : dt_s / (1 - kept);
  }
  void only_constants_of(const std::string& name) const {
    for (const auto& [parameter, value] : constants_)
      if (parameter != name)
        unsupported("a stimulus of '" + parameter + "' has no place in a graph", "",
                    "one of '" + name + "'");
  }

  const double dt_s;
  const NirSteps steps;

 private:
  const Population& p_;
  const std::map<std::string, double>& constants_;
};

void put(NirNode& node, const std::string& key, std::vector<double> values) {
  const std::size_t n = values.size();
  node.numbers[key] = {{n}, std::move(values)};
}

void threshold_and_reset(const Source& s, NirNode& node, const char* threshold, const char* reset) {
  put(node, "v_threshold", s.values(threshold));
  put(node, "v_reset", s.values(reset));
}

void no_refractory_time(const Source& s) {
  for (double t : s.values("t_ref"))
    if (t != 0)
      s.unsupported("NIR has no refractory time", "t_ref = " + std::to_string(t) + " ms",
                    "t_ref = 0 ms");
}

/// v' = (v_leak - v + r I)/tau: a spike of weight 1 adds (1 - kept) r = 1, in mV.
NeuronNode delta(const Source& s, bool fires) {
  NeuronNode out;
  out.node.type = fires ? "LIF" : "LI";
  out.targets = {"V_m"};
  s.only_constants_of("I_e");
  const auto tau = s.seconds("tau_m"), current = s.values("I_e"), capacity = s.values("C_m");
  std::vector<double> r;
  for (std::size_t i = 0; i < s.size(); ++i) {
    r.push_back(1 / (1 - s.kept(tau[i])));
    out.bias.push_back(current[i] * tau[i] * 1e3 / capacity[i] / r[i]);  // pA ms / pF = mV
  }
  out.spike_gain.assign(s.size(), 1.0);
  put(out.node, "tau", tau);
  put(out.node, "r", r);
  put(out.node, "v_leak", s.values("E_L"));
  if (fires) {
    no_refractory_time(s);
    threshold_and_reset(s, out.node, "V_th", "V_reset");
  }
  return out;
}

/// tau_syn I' = -I + w_in S, tau_mem v' = v_leak - v + r I: I in pA, v in mV.
NeuronNode exponential(const Source& s) {
  NeuronNode out;
  out.node.type = "CubaLIF";
  no_refractory_time(s);
  const auto tau = s.seconds("tau_m"), capacity = s.values("C_m");
  const auto excites = s.seconds("tau_syn_ex"), inhibits = s.seconds("tau_syn_in");
  if (excites != inhibits)
    s.unsupported("a node has one synaptic time constant", "tau_syn_ex differs from tau_syn_in");
  for (double current : s.values("I_e"))
    if (current != 0)
      s.unsupported("constant current would pass through the synapse of a CubaLIF",
                    "I_e = " + std::to_string(current) + " pA", "I_e = 0 pA");
  std::vector<double> w_in, r;
  for (std::size_t i = 0; i < s.size(); ++i) {
    w_in.push_back(s.steps == NirSteps::norse ? 1 : 1 / (1 - s.kept(excites[i])));
    r.push_back(tau[i] * 1e3 / capacity[i]);  // ms / pF = mV / pA
  }
  out.targets = {"I_ex", "I_in"};
  out.spike_gain.assign(s.size(), 1.0);
  out.bias.assign(s.size(), 0.0);
  put(out.node, "tau_syn", excites);
  put(out.node, "tau_mem", tau);
  put(out.node, "r", r);
  put(out.node, "w_in", w_in);
  put(out.node, "v_leak", s.values("E_L"));
  threshold_and_reset(s, out.node, "V_th", "V_reset");
  return out;
}

bool all_are(const std::vector<double>& values, double x) {
  return std::all_of(values.begin(), values.end(), [x](double v) { return v == x; });
}

/// The node that network_of() makes discrete_li and discrete_lif of.
NeuronNode discrete(const Source& s, bool fires) {
  NeuronNode out;
  out.targets = {"v"};
  out.values_target = "x";
  s.only_constants_of("bias");
  const auto a = s.values("a"), g = s.values("g");
  out.bias = s.values("bias");
  out.spike_gain = g;
  const bool zero_leak = all_are(s.values("v_leak"), 0);
  if (all_are(a, 1) && zero_leak) {
    out.node.type = fires ? "IF" : "I";
    std::vector<double> r = g;
    for (double& x : r) x /= s.dt_s;
    put(out.node, "r", r);
  } else if (all_are(a, 0) && all_are(g, 1) && fires && zero_leak &&
             all_are(s.values("v_reset"), 0)) {
    out.node.type = "Threshold";
    put(out.node, "threshold", s.values("v_threshold"));
    return out;
  } else {
    out.node.type = fires ? "LIF" : "LI";
    std::vector<double> tau, r;
    for (std::size_t i = 0; i < s.size(); ++i) {
      tau.push_back(s.time_constant(a[i], "a"));
      r.push_back(g[i] / (1 - a[i]));
    }
    put(out.node, "tau", tau);
    put(out.node, "r", r);
    put(out.node, "v_leak", s.values("v_leak"));
  }
  if (fires) threshold_and_reset(s, out.node, "v_threshold", "v_reset");
  return out;
}

/// The r of a CubaLI(F) of which the graph's reader will make these c and k (see network_of).
double resistance(const Source& s, double alpha, double beta, double c, double k) {
  double share = 1 - beta, expected = 0;  // c and k for r = 1
  if (s.steps == NirSteps::snntorch || s.steps == NirSteps::norse) {
    expected = share;
    share *= alpha;
  } else if (s.steps == NirSteps::exact) {
    const double x = std::log(alpha), y = std::log(beta);  // -dt/tau_syn, -dt/tau_mem
    share = std::abs(x - y) < 1e-9 * std::abs(y) ? -y * beta : y * (alpha - beta) / (y - x);
    expected = (1 - beta - share) / (1 - alpha);
  }
  const double r = c / share;
  if (!(std::abs(k - r * expected) <= 1e-6 * (std::abs(k) + std::abs(c))))
    s.unsupported("its steps are not those that were asked for", "k = " + std::to_string(k),
                  "k = " + std::to_string(r * expected));
  return r;
}

NeuronNode discrete_cuba(const Source& s, bool fires) {
  NeuronNode out;
  out.node.type = fires ? "CubaLIF" : "CubaLI";
  out.targets = {"s"};
  out.values_target = "x";
  s.only_constants_of("bias");
  out.bias = s.values("bias");
  out.spike_gain = s.values("w");
  const auto alpha = s.values("alpha"), beta = s.values("beta");
  const auto c = s.values("c"), k = s.values("k"), w = s.values("w");
  std::vector<double> synaptic, membrane, r, w_in;
  for (std::size_t i = 0; i < s.size(); ++i) {
    synaptic.push_back(s.time_constant(alpha[i], "alpha"));
    membrane.push_back(s.time_constant(beta[i], "beta"));
    r.push_back(resistance(s, alpha[i], beta[i], c[i], k[i]));
    w_in.push_back(s.steps == NirSteps::norse ? w[i] : w[i] / (1 - alpha[i]));
  }
  put(out.node, "tau_syn", synaptic);
  put(out.node, "tau_mem", membrane);
  put(out.node, "r", r);
  put(out.node, "w_in", w_in);
  put(out.node, "v_leak", s.values("v_leak"));
  if (fires) threshold_and_reset(s, out.node, "v_threshold", "v_reset");
  return out;
}

}  // namespace

bool is_source(const Population& p) {
  return p.model.kind() == model::ModelKind::source || p.model.name() == "spike_list";
}

NeuronNode neuron_node(const Population& p, const std::map<std::string, double>& constants,
                       double dt_s, NirSteps steps) {
  const Source s(p, constants, dt_s, steps);
  const std::string& model = p.model.name();
  if (model == "lif_psc_delta") return delta(s, true);
  if (model == "leaky_integrator") return delta(s, false);
  if (model == "lif_psc_exp") return exponential(s);
  if (model == "discrete_lif" || model == "discrete_li") return discrete(s, model.ends_with("f"));
  if (model == "discrete_cuba_lif" || model == "discrete_cuba_li")
    return discrete_cuba(s, model.ends_with("f"));
  s.unsupported("NIR has no node for its model", model,
                "lif_psc_delta, lif_psc_exp, leaky_integrator or one of the discrete ones");
}

}  // namespace callosum::nir
