#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>
#include <map>
#include <nlohmann/json.hpp>
#include <optional>
#include <set>

#include "callosum/library/library.h"

// Every parameter that NEST or PyNN has for a model that a file of the library names finds its
// place there, or stands below with the reason (data/other_names.json, made by other_names.py).
namespace callosum {
namespace {

using nlohmann::json;

struct Other {
  std::string simulator;
  /// "parameter" or "model.parameter" -> why the library's model has none of this name.
  std::map<std::string, std::string> without;
  /// Models that no file names, and where they are.
  std::map<std::string, std::string> elsewhere;
  friend void PrintTo(const Other& o, std::ostream* out) { *out << o.simulator; }
};

const Other nest{"nest",
                 {{"gsl_error_tol", "tolerance of an adaptive integrator"},
                  {"V_min", "no lower bound of the potential"},
                  {"refractory_input", "what arrives while refractory is dropped"},
                  {"delta", "escape noise"},
                  {"rho", "escape noise"},
                  {"consistent_integration", "Euler steps in two ways; here Runge-Kutta"},
                  {"dg_ex", "start of a rise, in other units than K_ex or h_ex"},
                  {"dg_in", "start of a rise, in other units than K_in or h_in"},
                  {"dI_syn_ex", "start of a rise, in other units than K_ex"},
                  {"dI_syn_in", "start of a rise, in other units than K_in"},
                  {"V_th_alpha_1", "a state"},
                  {"V_th_alpha_2", "a state"},
                  {"q_sfa", "an array; here q_sfa_1 to q_sfa_3"},
                  {"q_stc", "an array; here q_stc_1 to q_stc_3"},
                  {"tau_sfa", "an array; here tau_sfa_1 to tau_sfa_3"},
                  {"tau_stc", "an array; here tau_stc_1 to tau_stc_3"},
                  {"hh_psc_alpha.t_ref", "counts spikes only"},
                  {"receptor_types", "targets have names"},
                  {"lambda", "the passive rate, 1 here"},
                  {"mu", "the mean drive: I"},
                  {"sigma", "noise: a stimulus of kind noise"},
                  {"mean", "an old name of mu"},
                  {"std", "an old name of sigma"},
                  {"g_ex", "coupling that depends on the rate"},
                  {"g_in", "coupling that depends on the rate"},
                  {"theta_ex", "coupling that depends on the rate"},
                  {"theta_in", "coupling that depends on the rate"},
                  {"mult_coupling", "coupling that depends on the rate"},
                  {"linear_summation", "inputs are summed before the response"},
                  {"rectify_output", "rate_threshold_linear"},
                  {"rectify_rate", "rate_threshold_linear"},
                  {"n_proc", "a superposition: as many sources"},
                  {"individual_spike_trains", "always"},
                  {"y_0", "a state"},
                  {"y_1", "a state"},
                  {"tsodyks_synapse.y", "a state: s"},
                  {"allow_offgrid_times", "times are on the grid"},
                  {"precise_times", "times are on the grid"},
                  {"shift_now_spikes", "a spike at time 0 is refused"},
                  {"spike_multiplicities", "given with the population"},
                  {"spike_times", "given with the population"},
                  {"spike_weights", "given with the projection"}},
                 {}};

const Other pynn{
    "pynn",
    {{"delay", "given with the projection"},
     {"weight", "given with the projection"},
     {"start", "a window of time: a stimulus"},
     {"duration", "a window of time: a stimulus"},
     {"spike_times", "given with the population"},
     {"IF_cond_exp.tau_m", "g_L = cm/tau_m"},
     {"IF_cond_alpha.tau_m", "g_L = cm/tau_m"},
     {"IF_cond_exp_gsfa_grr.tau_m", "g_L = cm/tau_m"},
     {"EIF_cond_exp_isfa_ista.tau_m", "g_L = cm/tau_m"},
     {"EIF_cond_alpha_isfa_ista.tau_m", "g_L = cm/tau_m"},
     {"GIF_cond_exp.tau_m", "g_L = cm/tau_m"},
     {"a_eta", "a list; here q_stc_1 to q_stc_3"},
     {"a_gamma", "a list; here q_sfa_1 to q_sfa_3"},
     {"tau_eta", "a list; here tau_stc_1 to tau_stc_3"},
     {"tau_gamma", "a list; here tau_sfa_1 to tau_sfa_3"}},
    {{"IF_facets_hardware1", "lif_cond_exp with fixed values"},
     {"LIF", "the membrane of a composed cell"},
     {"AdExp", "the membrane of a composed cell"},
     {"PointNeuron", "a composed cell"},
     {"MultiCompartmentNeuron", "no cells with many compartments"},
     {"SpikeSourcePoissonRefractory", "a text of pyNN.callosum"},
     {"SpikeSourceGamma", "a text of pyNN.callosum: gamma takes whole orders"},
     {"SpikeSourceInhGamma", "a text of pyNN.callosum"},
     {"SimpleStochasticSynapse", "a text of pyNN.callosum"},
     {"StochasticTsodyksMarkramSynapse", "a text of pyNN.callosum"},
     {"MultiQuantalSynapse", "a text of pyNN.callosum"},
     {"STDPMechanism", "rules composed by pyNN.callosum"},
     {"AdditiveWeightDependence", "rules composed by pyNN.callosum"},
     {"MultiplicativeWeightDependence", "rules composed by pyNN.callosum"},
     {"AdditivePotentiationMultiplicativeDepression", "rules composed by pyNN.callosum"},
     {"GutigWeightDependence", "rules composed by pyNN.callosum"},
     {"SpikePairRule", "rules composed by pyNN.callosum"},
     {"Vogels2011Rule", "rules composed by pyNN.callosum"},
     {"DCSource", "stimuli"},
     {"ACSource", "stimuli"},
     {"StepCurrentSource", "stimuli"},
     {"NoisyCurrentSource", "stimuli"}}};

/// The library's model that names `other` ("a+b" names two), or nothing.
std::optional<model::Model> named(const std::string& simulator, const std::string& other) {
  for (const std::string& name : library::names()) {
    const model::Model m = library::find(name);
    const auto& aliases = m.text().aliases;
    const auto found = aliases.find(simulator);
    if (found == aliases.end()) continue;
    if (("+" + found->second + "+").find("+" + other + "+") != std::string::npos) return m;
  }
  return std::nullopt;
}

class OtherNames : public testing::TestWithParam<Other> {};

TEST_P(OtherNames, ResolveOrAreExplained) {
  const Other& other = GetParam();
  const json data =
      json::parse(std::ifstream(CALLOSUM_SOURCE_DIR "/tests/references/data/other_names.json"));
  std::set<std::string> used;  // explanations that explain something
  std::size_t resolved = 0;
  for (const auto& [name, parameters] : data[other.simulator]["models"].items()) {
    const auto m = named(other.simulator, name);
    if (!m) {
      EXPECT_TRUE(other.elsewhere.contains(name)) << name << " is nowhere";
      used.insert(name);
      continue;
    }
    for (const std::string parameter : parameters) {
      if (m->find(parameter) != nullptr) {
        EXPECT_FALSE(other.without.contains(name + "." + parameter));
        ++resolved;
        continue;
      }
      const bool own = other.without.contains(name + "." + parameter);
      EXPECT_TRUE(own || other.without.contains(parameter))
          << name << "." << parameter << " finds nothing in " << m->name();
      used.insert(own ? name + "." + parameter : parameter);
    }
  }
  EXPECT_GT(resolved, 80u);
  for (const auto* list : {&other.without, &other.elsewhere})
    for (const auto& [name, reason] : *list)
      EXPECT_TRUE(used.contains(name)) << name << " needs no explanation any more";
}

// A name that belongs to no model of the other simulator finds nobody.
TEST_P(OtherNames, OfTheFilesExistThere) {
  const Other& other = GetParam();
  const json data =
      json::parse(std::ifstream(CALLOSUM_SOURCE_DIR "/tests/references/data/other_names.json"));
  const json& models = data[other.simulator]["models"];
  for (const std::string& name : library::names()) {
    const auto& aliases = library::find(name).text().aliases;
    const auto found = aliases.find(other.simulator);
    if (found == aliases.end()) continue;
    for (std::size_t begin = 0; begin <= found->second.size();) {
      const std::size_t end = std::min(found->second.find('+', begin), found->second.size());
      EXPECT_TRUE(models.contains(found->second.substr(begin, end - begin)))
          << name << ": " << found->second;
      begin = end + 1;
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Simulators, OtherNames, testing::Values(nest, pynn),
                         [](const auto& info) { return info.param.simulator; });

}  // namespace
}  // namespace callosum
