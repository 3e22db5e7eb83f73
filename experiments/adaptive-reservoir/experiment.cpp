// A reservoir of excitatory and inhibitory units in which every neuron adapts its inhibitory input
// until it fires at a rate of its own. Protocol of "Boosting Reservoir Computing with
// Brain-inspired Adaptive Dynamics" (2025); constants from a public re-implementation and, marked
// below, our own where the method could not be read.
#include <algorithm>
#include <cmath>

#include "callosum/experiment/results.h"
#include "callosum/report/text.h"
#include "studies.h"

namespace callosum::experiment {
namespace {

Outcome trial(const Trial& t) {
  Outcome out;
  if (t.arm == "sweep")
    sweep(t, out);
  else if (t.arm == "heterogeneous" || t.arm == "homogeneous")
    spread_over_targets(t, out);
  else
    local_adaptation(t, out);
  return out;
}

/// A ratio of two arms at the smallest input, where the unadapted reservoirs are at their best.
auto ratio(const char* arm, const char* value, const char* other, const char* other_value) {
  return [=](const Paired& at) {
    const double a = amplitudes.front();
    return at(arm, label(value, a)) / std::max(1e-3, at(other, label(other_value, a)));
  };
}

/// The worst over the input amplitudes of a ratio of two arms.
auto least_ratio(const char* arm, const char* value, const char* other, const char* other_value) {
  return [=](const Paired& at) {
    double least = HUGE_VAL;
    for (double a : amplitudes)
      least = std::min(least,
                       at(arm, label(value, a)) / std::max(1e-3, at(other, label(other_value, a))));
    return least;
  };
}

std::vector<Claim> claims() {
  constexpr Scale log = Scale::log;
  std::vector<Claim> out = {
      {.id = "inhibited-is-best",
       .text = "Without adaptation, memory is best at balance or slightly on the inhibited side.",
       .paper = {"figure of the balance sweep", "beta <= 0", false},
       .measure = "distance of the best beta at sigma_in 0.1 from -0.1",
       .value =
           [](const Paired& at) { return std::abs(at("sweep", label("best_beta", 0.1)) + 0.1); },
       .bar = below(0.101)},
      {.id = "excited-fails",
       .text = "On the excited side the units saturate and memory is lost.",
       .measure = "memory at the best beta / at beta 0.5, sigma_in 0.1",
       .value = ratio("sweep", "memory", "sweep", "excited"),
       .bar = above(10),
       .scale = log},
      {.id = "adapted-beats-best",
       .text = "Neurons that adapt their inhibition remember more than the best global balance.",
       .paper = {"abstract: up to 130 % over several tasks and baselines"},
       .measure = "memory, adapted / best beta of the sweep, least over sigma_in",
       .value = least_ratio("adapted", "memory", "sweep", "memory"),
       .bar = above(1),
       .scale = log,
       .canary = Canary{"adapted", "random"}},
      {.id = "places-matter",
       .text = "It matters where the adapted weights stand, not only how they are distributed.",
       .kind = Kind::ablation,
       .measure = "memory, adapted / random inhibition of equal mean and sd, least over sigma_in",
       .value = least_ratio("adapted", "memory", "random", "memory"),
       .bar = above(1),
       .scale = log},
      {.id = "one-step",
       .text = "Scaling each neuron's inhibition once is nearly as good.",
       .paper = {"eq. 8"},
       .measure = "memory, one step / adapted, least over sigma_in",
       .value = least_ratio("one-step", "memory", "adapted", "memory"),
       .bar = above(0.9),
       .scale = log},
      {.id = "targets-reached",
       .text = "Adaptation brings the rates to their targets.",
       .measure = "mean |rate - target|, worst over sigma_in and targets 0.35 and 0.5",
       .value = [](const Paired& at) { return at("adapted", "rate_error"); },
       .bar = below(0.01),
       .scale = log,
       .canary = Canary{"adapted", "unadapted"}},
      {.id = "gain-over-untuned",
       .text = "It more than doubles the memory of reservoirs nobody tuned.",
       .paper = {"abstract"},
       .measure = "memory, adapted / the better of beta -1 and +0.2, sigma_in 0.1",
       .value = ratio("adapted", "memory", "sweep", "untuned"),
       .bar = above(2),
       .scale = log},
      {.id = "heterogeneity",
       .text = "With targets of the neurons' own, less is left to tune.",
       .paper = {"abstract"},
       .measure = "relative spread of memory over mean targets 0.2 to 0.6, homogeneous - Beta",
       .value =
           [](const Paired& at) {
             return at("homogeneous", "spread") - at("heterogeneous", "spread");
           },
       .bar = above(0)},
      {.id = "larger-input",
       .text = "The same gain at the input amplitude where it is least.",
       .kind = Kind::report,
       .measure = "memory, adapted / the better of beta -1 and +0.2, least over sigma_in",
       .value = least_ratio("adapted", "memory", "sweep", "untuned"),
       .scale = log},
      {.id = "oscillating",
       .text = "Mean targets at which the network oscillates and has no score.",
       .kind = Kind::report,
       .measure = "number of five, homogeneous - Beta",
       .value =
           [](const Paired& at) {
             return at("homogeneous", "oscillating") - at("heterogeneous", "oscillating");
           }},
      {.id = "reversed",
       .text = "With the sign of the rule reversed memory falls below the unadapted start.",
       .kind = Kind::ablation,
       .measure = "memory, unadapted / reversed, least over sigma_in",
       .value = least_ratio("unadapted", "memory", "reversed", "memory"),
       .bar = above(1),
       .scale = log}};
  for (const auto& [value, task] :
       {std::pair{"narma", "NARMA-10"}, std::pair{"mackey_glass_1", "Mackey-Glass, 1 step ahead"},
        std::pair{"mackey_glass_84", "Mackey-Glass, 84 steps ahead"},
        std::pair{"lorenz_1", "Lorenz x, 1 step ahead"}})
    out.push_back(
        {.id = value,
         .text = std::string(task) + ": error beside the best beta of the memory task.",
         .kind = Kind::report,
         .measure = "NRMSE, adapted / best beta, sigma_in 0.3",
         .value = [value](const Paired& at) { return at("adapted", value) / at("sweep", value); },
         .scale = log});
  return out;
}

std::vector<report::Chart> charts(const Results& r) {
  report::Lines over_beta{"global balance beta (no unit)", "memory capacity (steps)"};
  for (double a : amplitudes)
    over_beta.lines.push_back(
        r.line("sigma_in " + report::fixed(a, 1), "sweep", label("memory", a)));
  report::Bars bars{"memory capacity (steps), sigma_in 0.3"};
  for (const auto& [name, arm] :
       {std::pair{"best beta", "sweep"}, std::pair{"adapted", "adapted"},
        std::pair{"one step", "one-step"}, std::pair{"random", "random"},
        std::pair{"start", "unadapted"}, std::pair{"reversed", "reversed"}})
    bars.bars.push_back(r.bar(name, arm, label("memory", 0.3)));
  return {{"arms", "Adaptation beside the best global balance",
           "Dots are seeds. Random: inhibition of the adapted mean and spread, in random places.",
           bars},
          {"sweep", "Without adaptation",
           "Memory over the global balance: inhibited below 0, excited above; mean with its 90 % "
           "interval.",
           over_beta},
          {"targets", "What is left to tune",
           "Memory after adaptation to one target for all, or to targets of the neurons' own (Beta "
           "distributed).",
           report::Lines{"mean target rate (share of the maximum)",
                         "memory capacity (steps)",
                         false,
                         false,
                         {r.line("one for all", "homogeneous", "memory_by_target"),
                          r.line("own targets", "heterogeneous", "memory_by_target")}}}};
}

}  // namespace

Experiment describe() {
  Experiment e;
  e.title = "Adaptive reservoir";
  e.summary =
      "Each neuron of a reservoir adapts its inhibitory input until it fires at its target rate. "
      "Does that beat the best global balance of excitation and inhibition?";
  e.paper =
      "Srinivasan, Plenz, Girvan: Boosting Reservoir Computing with Brain-inspired Adaptive "
      "Dynamics, 2025, arXiv 2504.12480";
  e.tier = Tier::kit;
  e.our_reading = true;
  e.capability = "reservoirs whose recurrent weights change while they run, by a local rule";
  e.leaves = "callosum/nets/inhibition.h";
  e.data = "random input, NARMA-10, Mackey-Glass, Lorenz, computed";
  e.settings = {{"N", 200, 500, 10, 10000, "units, four fifths of them excitatory"},
                {"in_excitatory", 40, 40, 1, 10000, "excitatory synapses onto a unit"},
                {"in_inhibitory", 10, 10, 1, 10000, "inhibitory synapses onto a unit"},
                {"delta", 1e-3, 1e-3, 0, 1, "adaptation rate of the first half"},
                {"adaptation", 6000, 6000, 2, 1e7, "steps of adaptation"},
                {"steps", 4000, 4000, 500, 1e7, "steps of a task, washout included"}};
  e.arms = {{"sweep", "no adaptation, global balance beta from -4 to 0.5", 6},
            {"adapted", "each unit adapts its inhibition to the rate 0.5", 3},
            {"one-step", "inhibition scaled once instead", 1},
            {"random", "inhibition of the adapted mean and spread, in random places", 1.5},
            {"reversed", "the rule with the opposite sign", 1.5},
            {"unadapted", "the start of adaptation, beta -0.5", 1},
            {"homogeneous", "one target for all, mean 0.2 to 0.6", 2},
            {"heterogeneous", "Beta distributed targets of the same means", 2}};
  e.claims = claims();
  e.quick_minutes = 0.8;
  e.full_minutes = 5;
  e.run = trial;
  e.charts = charts;
  return e;
}

}  // namespace callosum::experiment
