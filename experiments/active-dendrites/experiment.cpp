// Active dendrites on sparse codes: segments with a threshold each, against one linear sum.
#include <array>

#include "callosum/experiment/results.h"
#include "studies.h"

namespace callosum::experiment {
namespace {

Outcome trial(const Trial& t) {
  Outcome out;
  recognition_study(t, out);
  if (t.arm != "segments") return out;
  closed_forms(out);
  random_overlaps(t, out);
  t.progress(0.5);
  unions(t, out);
  return out;
}

}  // namespace

Experiment describe() {
  Experiment e;
  e.title = "Active dendrites and sparse codes";
  e.summary =
      "A neuron's dendritic segments each recognise a sparse pattern of activity by a few synapses "
      "and "
      "a threshold. Closed forms say how often they err; simulations check them.";
  e.paper = "Ahmad and Hawkins 2016, arXiv:1601.00720";
  e.tier = Tier::kit;
  e.our_reading = true;
  e.capability = "sparse binary codes with exact tails, and segments as neurons of the simulator";
  e.leaves = "callosum/nets/sparse_code.h";
  e.settings = {{"draws", 2e5, 2e6, 1000, 1e8, "random codes against random segments"},
                {"probes", 1e5, 1e6, 1000, 1e8, "fresh codes against unions"},
                {"codes", 2000, 20000, 200, 1e6, "stored codes, and as many fresh ones"}};
  e.run = trial;
  e.arms = {{"segments", "a threshold for each of 20 segments", 20},
            {"linear", "the same synapses on one linear sum with the best threshold"},
            {"shuffled", "the same synapses dealt to segments that belong to no pattern"}};
  const auto of = [](const char* value) { return value_of("segments", value); };
  e.claims = {
      {.id = "nonlinearity",
       .text = "Segments with thresholds err far less than a linear sum of the same synapses.",
       .kind = Kind::ablation,
       .measure = "balanced error, segments / linear",
       .value = ratio("balanced error", "segments", "linear"),
       .bar = below(0.2),
       .canary = Canary{"segments", "shuffled"}},
      {.id = "formula",
       .text = "False positives occur as often as the formula says.",
       .measure = "larger distance at theta = 5 and 6, standard errors",
       .value = of("formula, standard errors"),
       .bar = below(2.576)},
      {.id = "falls-at-every-doubling",
       .text = "With 64 active cells, each doubling of the population lowers false positives.",
       .measure = "least fall of log10 P from n = 256 to 4,096",
       .value = of("least fall"),
       .bar = above(0)},
      {.id = "ten-decades",
       .text = "In all they fall by more than ten decades.",
       .measure = "fall of log10 P from n = 256 to 4,096",
       .value = of("decades"),
       .bar = above(10)},
      {.id = "dense-codes-do-not",
       .text = "With half of the cells active they do not fall.",
       .kind = Kind::baseline,
       .measure = "relative change of P from n = 1,000 to 8,000, a = n / 2",
       .value = of("dense change"),
       .bar = below(0.01)},
      {.id = "few-synapses-recognise",
       .text = "Twenty synapses recognise 200 cells of which 30 % are silent.",
       .measure = "P false negative, theta = 10",
       .value = of("false negatives"),
       .bar = below(0.02)},
      {.id = "few-synapses-reject",
       .text = "And hardly ever take another code for it.",
       .measure = "log10 P false positive, n = 20,000, theta = 10",
       .value = of("log false positives"),
       .bar = below(-14)},
      {.id = "union",
       .text = "4 to 32 patterns on one segment raise false positives as the formula says.",
       .measure = "largest distance for M = 4, 8, 16, 32, standard errors",
       .value = of("union, standard errors"),
       .bar = below(2.576)},
      {.id = "union-recall",
       .text = "All of them are still recognised.",
       .measure = "share of stored patterns recognised, without noise",
       .value = of("clean recall"),
       .bar = above(0.999999)},
      {.id = "simulated",
       .text = "Segments of the event-driven simulator decide as the bits do.",
       .measure = "share of equal decisions",
       .value = of("simulated agreement"),
       .bar = above(0.9999)},
  };
  for (auto [id, text, value] : std::initializer_list<std::array<const char*, 3>>{
           {"binomial", "How far the simulation is from a binomial approximation.",
            "binomial, standard errors"},
           {"threshold", "Threshold of the segments, balanced by the formulas.",
            "segment threshold"},
           {"error-at-8", "Balanced error of the segments with a threshold of 8.",
            "balanced error at 8"},
           {"union-known", "Distance for unions when the size of each union is put in.",
            "union with its size known, standard errors"},
           {"union-noisy", "Recall of patterns with 30 % noise.", "noisy recall"},
           {"all-synapses", "log10 P false positive with a synapse for each of the 200 cells.",
            "log false positives, all synapses"},
           {"thresholds",
            "Share of best thresholds (s = 20 to 40, noise 0.1 to 0.5) within 8 to 20.",
            "best thresholds in 8..20"}})
    e.claims.push_back(reported(id, text, "segments", value));

  e.charts = [](const Results& results) {
    report::Lines falls{"cells (number)", "false positives a code (share)", true, true, {}};
    falls.lines = {results.line("64 active", "segments", "sparse"),
                   results.line("half active", "segments", "dense")};
    report::Lines unions{
        "patterns on a segment (number)", "false positives a code (share)", true, true, {}};
    unions.lines = {results.line("simulated", "segments", "union"),
                    results.line("formula", "segments", "union, formula")};
    unions.lines.back().dashed = true;
    report::Bars errors{"balanced error (share)", true, {}, 0, {}};
    for (const char* arm : {"segments", "linear", "shuffled"})
      errors.bars.push_back(results.bar(arm, arm, "balanced error"));
    report::HeatMap best{
        "synapses of a segment (number)",
        "noise (share of cells)",
        "threshold (synapses)",
        3,
        3,
        results.outcome(results.seeds().front(), "segments").matrices.at("best threshold").values,
        {"0.1", "0.3", "0.5"},
        {"20", "30", "40"},
        false};
    return std::vector<report::Chart>{
        {"size", "Large sparse populations do not err", "s = 24, theta = 12.", falls},
        {"errors", "Thresholds on segments", "20 patterns, 15 synapses each, 30 % noise.", errors},
        {"union", "Patterns that share a segment", "n = 2,000, a = 40, s = 15, theta = 8.", unions},
        {"thresholds", "Best thresholds",
         "Where the larger of both errors is least: n = 20,000, a = 200.", best}};
  };
  return e;
}

}  // namespace callosum::experiment
