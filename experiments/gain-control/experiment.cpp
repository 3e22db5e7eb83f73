// A recurrent population changes only the gains of its neurons when the statistics of the stimuli
// change; the fixed recurrent weights turn this into the effects of adaptation seen in visual
// cortex. Protocol of "Adaptive coding efficiency in recurrent cortical circuits via gain control"
// (2023); the objective's exact form, its constants and the weights are our reading.
#include "callosum/experiment/results.h"
#include "studies.h"

namespace callosum::experiment {
namespace {

Outcome trial(const Trial& t) {
  Outcome out;
  if (t.arm == "whitening")
    whitening_study(t, 55, out);
  else if (t.arm == "few-columns")
    whitening_study(t, 10, out);
  else if (t.arm == "feedforward")
    adaptation_study(t, 0, false, out);
  else if (t.arm == "weak")
    adaptation_study(t, 0.5, false, out);
  else if (t.arm == "strong")
    adaptation_study(t, 0.95, false, out);
  else
    adaptation_study(t, t["J"], t.arm == "frozen", out);
  return out;
}

/// By which share a value falls below that with the gains frozen.
auto fall(const char* value) {
  return [value](const Paired& at) { return 1 - at("recurrent", value) / at("frozen", value); };
}

std::vector<Claim> claims() {
  constexpr Scale log = Scale::log;
  return {
      {.id = "gains-fall-near",
       .text = "Gains fall most near the adapter.",
       .paper = {"data: responses there are reduced"},
       .measure = "gain at the adapter / gain farthest from it",
       .value = value_of("recurrent", "gain_ratio"),
       .bar = below(1)},
      {.id = "peak-near",
       .text = "The response of neurons tuned to the adapter is reduced.",
       .measure = "peak of the tuning curve, adapted / control, at the adapter",
       .value = value_of("recurrent", "peak_near"),
       .bar = below(0.85)},
      {.id = "peak-far",
       .text = "That of neurons tuned far from it is enhanced.",
       .measure = "peak of the tuning curve, adapted / control, farthest from the adapter",
       .value = value_of("recurrent", "peak_far"),
       .bar = above(1)},
      {.id = "repulsion",
       .text = "Tuning curves move away from the adapter, because gains act through recurrence.",
       .paper = {"abstract: gain changes that propagate recurrently suffice"},
       .measure = "largest shift away from the adapter, degrees",
       .value = value_of("recurrent", "shift"),
       .bar = above(0.2),
       .canary = Canary{"recurrent", "feedforward"}},
      {.id = "no-recurrence",
       .text = "Without recurrent weights they stay where they are.",
       .kind = Kind::ablation,
       .measure = "largest shift away from the adapter at J = 0, degrees",
       .value = value_of("feedforward", "shift"),
       .bar = below(0.01)},
      {.id = "grows-0.8",
       .text = "The shift grows with recurrence, from J = 0.5 to 0.8.",
       .kind = Kind::ablation,
       .measure = "difference of the shifts, degrees",
       .value = difference("shift", "recurrent", "weak"),
       .bar = above(0)},
      {.id = "grows-0.95",
       .text = "The shift grows with recurrence, from J = 0.8 to 0.95.",
       .kind = Kind::ablation,
       .measure = "difference of the shifts, degrees",
       .value = difference("shift", "strong", "recurrent"),
       .bar = above(0)},
      {.id = "homeostasis",
       .text = "Adaptation equalises the mean responses of the population.",
       .paper = {"data: adaptation equalises"},
       .measure = "fall of the variation of relative mean responses beside frozen gains, share",
       .value = fall("cv"),
       .bar = above(0.4),
       .canary = Canary{"recurrent", "frozen"}},
      {.id = "covariance",
       .text = "The covariance of responses moves back to that of the control.",
       .paper = {"data: decorrelation"},
       .measure = "fall of the distance to the control matrix beside frozen gains, share",
       .value = fall("covariance"),
       .bar = above(0.2)},
      {.id = "correlation",
       .text = "Mean correlation of different neurons.",
       .kind = Kind::report,
       .measure = "adapted - frozen gains",
       .value =
           [](const Paired& at) {
             return at("recurrent", "correlation") - at("frozen", "correlation");
           }},
      {.id = "reversible",
       .text = "When the statistics return, so do the gains.",
       .paper = {"abstract: rapid and reversible"},
       .measure = "largest relative difference to the control gains",
       .value = value_of("recurrent", "return"),
       .bar = below(0.01),
       .scale = log},
      {.id = "online",
       .text = "A rule on single stimuli finds the same gains.",
       .measure = "largest relative difference to the optimum after the stream",
       .value = value_of("recurrent", "online"),
       .bar = below(0.05),
       .scale = log},
      {.id = "whitening",
       .text = "Gains on a fixed overcomplete frame whiten every context.",
       .paper = {"companion papers, authors' code"},
       .measure = "|C_yy - I| / N, N = 10, 55 columns, worst of 3 contexts",
       .value = value_of("whitening", "offline"),
       .bar = below(1e-3),
       .scale = log,
       .canary = Canary{"whitening", "few-columns"}},
      {.id = "too-few-columns",
       .text = "With as many columns as dimensions they cannot.",
       .kind = Kind::ablation,
       .measure = "|C_yy - I| / N, N = 10, 10 columns, worst of 3 contexts",
       .value = value_of("few-columns", "offline"),
       .bar = above(1e-3),
       .scale = log},
      {.id = "whitening-online",
       .text = "Error of the online rule at the end of a context.",
       .kind = Kind::report,
       .measure = "|C_yy - I| / N, N = 2, 3 columns, worst of 3 contexts",
       .value = value_of("whitening", "online"),
       .scale = log}};
}

std::vector<report::Chart> charts(const Results& r) {
  const char* const distance = "preferred orientation - adapter (degrees)";
  const auto lines = [&](const char* y, const char* curve) {
    return report::Lines{
        distance,
        y,
        false,
        false,
        {r.line("J = 0.8", "recurrent", curve), r.line("J = 0", "feedforward", curve),
         r.line("gains frozen", "frozen", curve)}};
  };
  return {
      {"shift", "Repulsion",
       "Shift of the preferred orientation after adaptation (mean over seeds, band: 90 % "
       "interval); positive is clockwise, so a curve that rises through the adapter is repelled.",
       lines("shift (degrees)", "shift")},
      {"gain", "Gains", "Gain after adaptation over the control.",
       lines("gain, adapted / control (no unit)", "gain")},
      {"mean", "Homeostasis",
       "Mean response under the biased stimuli over that under uniform ones in the control: 1 is "
       "perfect homeostasis.",
       lines("relative mean response (no unit)", "mean")},
      {"whitening", "Whitening online",
       "Two dimensions, three columns; the context changes every 4,000 steps.",
       report::Lines{"steps of 64 samples",
                     "|C_yy - I| / N (no unit)",
                     false,
                     true,
                     {r.line("3 columns", "whitening", "whitening", Scale::log)}}}};
}

}  // namespace

Experiment describe() {
  Experiment e;
  e.title = "Gain control";
  e.summary =
      "A recurrent population adapts to the statistics of its stimuli by the gains of its neurons "
      "alone. Do recurrent weights turn that into repulsion, homeostasis and decorrelation?";
  e.paper =
      "Duong, Bredenberg, Heeger, Simoncelli: Adaptive coding efficiency in recurrent cortical "
      "circuits via gain control, 2023, arXiv 2305.19869";
  e.tier = Tier::kit;
  e.our_reading = true;
  e.capability = "steady states of recurrent rate networks, differentiated by gains of the units";
  e.leaves = "callosum/nets/gain_network.h";
  e.data = "orientations and drawn covariances; the cat recordings of the paper are not to be had";
  e.settings = {{"N", 61, 61, 3, 1000, "orientation-tuned neurons"},
                {"J", 0.8, 0.8, 0, 0.999, "strength of the recurrent weights"},
                {"k_f", 4, 4, 0, 100, "sharpness of the feedforward drive"},
                {"k_w", 4, 4, 0, 100, "sharpness of the recurrent weights"},
                {"alpha", 3, 3, 0, 1000, "cost of activity"},
                {"gamma", 0.3, 0.3, 0, 1000, "pull of the gains to 1"},
                {"adapter", 0.35, 0.35, 0, 1, "extra probability about the adapter"},
                {"adapter_sd", 5, 5, 0.1, 90, "its width (degrees)"},
                {"stream", 5000, 20000, 10, 1e7, "stimuli of the online rule"},
                {"eta", 0.05, 0.05, 0, 1, "its rate at the start"}};
  e.arms = {{"recurrent", "J = 0.8, gains adapt", 10},
            {"feedforward", "no recurrent weights, gains adapt", 1},
            {"weak", "J = 0.5, gains adapt", 1},
            {"strong", "J = 0.95, gains adapt", 1},
            {"frozen", "J = 0.8, gains stay at the control's", 0.5},
            {"whitening", "companion: 55 columns in 10 dimensions", 2},
            {"few-columns", "companion: 10 columns in 10 dimensions", 2}};
  e.claims = claims();
  e.quick_minutes = 0.5;
  e.full_minutes = 2;
  e.run = trial;
  e.charts = charts;
  return e;
}

}  // namespace callosum::experiment
