// A liquid state machine whose weights tune themselves: STDP within the liquid, and an astrocyte
// that weighs how much more the liquid fires than its input and sets the strength of depression.
// Protocol of "Increasing Liquid State Machine Performance with Edge-of-Chaos Dynamics Organized
// by Astrocyte-modulated Plasticity" (2021), as read from the authors' code.
#include <algorithm>
#include <cmath>
#include <limits>

#include "callosum/experiment/results.h"
#include "studies.h"

namespace callosum::experiment {
namespace {

const std::string others[] = {"astrocyte-0.005", "astrocyte-0.01", "astrocyte-0.03"};

/// A number of an arm on the data sets that were used: quick runs have one.
std::vector<double> by_data(const Paired& at, const std::string& arm, const std::string& value) {
  std::vector<double> all;
  for (const std::string& data : data_sets) {
    const auto found = at.arm(arm).values.find(on(value, data));
    if (found != at.arm(arm).values.end()) all.push_back(found->second);
  }
  return all;
}
double mean_of(const Paired& at, const std::string& arm, const std::string& value) {
  const std::vector<double> all = by_data(at, arm, value);
  double sum = 0;
  for (const double x : all) sum += x;
  return sum / static_cast<double>(all.size());
}
/// Mean over the data sets of what two arms differ by.
auto gap(const std::string& value, const std::string& arm, const std::string& other) {
  return [=](const Paired& at) { return mean_of(at, arm, value) - mean_of(at, other, value); };
}
auto mean_value(const std::string& value, const std::string& arm) {
  return [=](const Paired& at) { return mean_of(at, arm, value); };
}
/// How much better another w_a (0 too) would have been, on the data set where it is most.
double untuned_loss(const Paired& at) {
  const std::vector<double> own = by_data(at, "nalsm", "accuracy");
  double loss = 0;
  for (const std::string& arm : {std::string("stdp"), others[0], others[1], others[2]}) {
    const std::vector<double> other = by_data(at, arm, "accuracy");
    for (std::size_t d = 0; d < own.size(); ++d) loss = std::max(loss, other[d] - own[d]);
  }
  return loss;
}
/// What fixed weights lose on Fashion-MNIST when they are those that did best on MNIST; NaN where
/// only one data set was used.
double tuned_elsewhere_loss(const Paired& at) {
  const std::string data = on("", data_sets[1]);
  const auto& values = at.arm("lsm").values;
  const auto found = values.find("accuracy, tuned elsewhere" + data);
  if (found == values.end()) return std::numeric_limits<double>::quiet_NaN();
  return at("lsm", "accuracy" + data) - found->second;
}

std::vector<Claim> claims() {
  return {
      {.id = "as-good-as-tuned",
       .text = "NALSM classifies at least as well as a liquid with the best of five fixed weights.",
       .paper = {"abstract", "97.61 % MNIST, 85.84 % Fashion-MNIST with 8,000 neurons", true},
       .measure = "test accuracy, NALSM - LSM, mean over data sets",
       .value = gap("accuracy", "nalsm", "lsm"),
       .bar = above(0)},
      {.id = "edge-of-chaos",
       .text = "The astrocyte brings the branching factor nearer to 1 than STDP alone.",
       .paper = {"branching factor near 1"},
       .measure = "|branching factor - 1|, STDP without astrocyte - NALSM, mean over data sets",
       .value = gap("off criticality", "stdp", "nalsm"),
       .bar = above(0)},
      {.id = "no-tuning",
       .text = "One weight of the astrocyte serves all data sets.",
       .measure = "accuracy lost to the best of five w_a (0 to 0.03), worst data set",
       .value = untuned_loss,
       .bar = below(0.01)},
      {.id = "tuned-elsewhere",
       .text = "What fixed weights lose on Fashion-MNIST if they are tuned on MNIST.",
       .kind = Kind::report,
       .measure = "test accuracy, fixed weights tuned on Fashion-MNIST - on MNIST",
       .value = tuned_elsewhere_loss},
      {.id = "astrocyte-rescues-stdp",
       .text = "STDP without the astrocyte classifies worse.",
       .kind = Kind::ablation,
       .measure = "test accuracy, NALSM - STDP without astrocyte, mean over data sets",
       .value = gap("accuracy", "nalsm", "stdp"),
       .bar = above(0.02)},
      {.id = "holds-activity",
       .text = "The astrocyte holds the liquid's activity down.",
       .kind = Kind::ablation,
       .measure = "rate of the liquid, STDP without astrocyte / NALSM, mean over data sets",
       .value =
           [](const Paired& at) {
             return mean_of(at, "stdp", "rate") / mean_of(at, "nalsm", "rate");
           },
       .bar = above(2),
       .scale = Scale::log,
       .canary = Canary{"nalsm", "stdp"}},
      {.id = "frozen",
       .text = "What plasticity adds while an image is shown.",
       .kind = Kind::report,
       .measure = "test accuracy, NALSM - weights frozen after initialisation",
       .value = gap("accuracy", "nalsm", "frozen")},
      {.id = "pixels",
       .text = "Beside a linear readout of the pixels themselves.",
       .kind = Kind::report,
       .measure = "test accuracy, NALSM - pixels, mean over data sets",
       .value = gap("accuracy", "nalsm", "pixels")},
      {.id = "branching",
       .text = "Branching factor of NALSM.",
       .kind = Kind::report,
       .measure = "mean over data sets",
       .value = mean_value("branching", "nalsm")},
      {.id = "rank",
       .text = "Kernel quality: rank of the spike counts of all images.",
       .kind = Kind::report,
       .measure = "rank, NALSM - LSM, mean over data sets",
       .value = gap("rank", "nalsm", "lsm")},
      {.id = "least-depression",
       .text = "The lowest rate of depression: below 0 depression turns into potentiation.",
       .kind = Kind::report,
       .measure = "A, least over images, mean over data sets",
       .value = mean_value("least A", "nalsm")}};
}

std::vector<report::Chart> charts(const Results& r) {
  std::vector<report::Chart> all;
  const bool both = r.setting("sets") == 2;
  for (const std::string& data : data_sets) {
    if (!both && data == data_sets[0]) continue;
    report::Bars accuracy, branching;
    accuracy.y_title = "test accuracy on " + data + " (share)";
    branching.y_title = "branching factor on " + data + " (no unit)";
    for (const auto& [name, arm] :
         {std::pair{"NALSM", "nalsm"}, std::pair{"STDP alone", "stdp"},
          std::pair{"frozen", "frozen"}, std::pair{"fixed weights", "lsm"},
          std::pair{"pixels", "pixels"}})
      accuracy.bars.push_back(r.bar(name, arm, on("accuracy", data)));
    branching.mark = 1;
    branching.mark_text = "edge of chaos: 1";
    for (const auto& [name, arm] :
         {std::pair{"w_a 0", "stdp"}, std::pair{"0.005", "astrocyte-0.005"},
          std::pair{"0.01", "astrocyte-0.01"}, std::pair{"0.015", "nalsm"},
          std::pair{"0.03", "astrocyte-0.03"}, std::pair{"LSM", "lsm"}})
      branching.bars.push_back(r.bar(name, arm, on("branching", data)));
    all.push_back({"accuracy-" + data, "What the readout makes of the liquid, " + data,
                   "Dots are seeds, bars their means with 90 % intervals.", accuracy});
    all.push_back({"branching-" + data, "Branching factor over the astrocyte's weight, " + data,
                   "Spikes of a neuron's targets after its spike over those of its sources before, "
                   "4 ms each. w_a 0 is STDP alone; LSM: fixed weights, the best on validation.",
                   branching});
    all.push_back({"magnitudes-" + data, "A liquid with fixed weights has to be tuned, " + data,
                   "Mean over the seeds with its 90 % interval.",
                   report::Lines{"magnitude of all weights (no unit)",
                                 "test accuracy (share)",
                                 false,
                                 false,
                                 {r.line("fixed weights", "lsm", on("accuracy", data))}}});
  }
  return all;
}

}  // namespace

Experiment describe() {
  Experiment e;
  e.title = "NALSM";
  e.summary =
      "An astrocyte compares how much a liquid fires with how much its input does and sets the "
      "strength of depression. Does that bring the liquid to the edge of chaos and spare tuning?";
  e.paper =
      "Ivanov and Michmizos: Increasing Liquid State Machine Performance with Edge-of-Chaos "
      "Dynamics Organized by Astrocyte-modulated Plasticity, NeurIPS 2021, arXiv 2111.01760";
  e.tier = Tier::core;
  e.capability =
      "plastic synapses that read a third factor of another population and hand on a trace of "
      "their source in every step; thousands of samples shown to one network";
  e.leaves = "callosum/sim/presentation.h";
  e.data = "MNIST and Fashion-MNIST; quick runs Fashion-MNIST alone";
  e.settings = {{"side", 8, 8, 3, 20, "edge of the grid, neurons"},
                {"pixels", 14, 14, 4, 28, "edge of the images, averaged from 28"},
                {"snapshots", 60, 1000, 1, 1e6, "images of the initialisation, 20 ms each"},
                {"train", 40, 600, 20, 60000, "training images, a fifth of them for validation"},
                {"test", 20, 300, 10, 10000, "test images"},
                {"branching", 10, 20, 1, 10000, "images for the branching factor"},
                {"sets", 1, 2, 1, 2, "data sets: Fashion-MNIST alone, or MNIST too"}};
  e.arms = {{"nalsm", "STDP with the astrocyte, w_a 0.015", 10},
            {"stdp", "depression as fast as potentiation, which is w_a 0", 14},
            {"frozen", "the weights stay what initialisation made of them", 5},
            {"lsm", "fixed weights of five magnitudes", 10},
            {others[0], "a lighter astrocyte", 10},
            {others[1], "a lighter astrocyte", 10},
            {others[2], "a heavier astrocyte", 10},
            {"pixels", "readout of the pixels", 1}};
  e.claims = claims();
  e.full_seeds = 3;
  e.quick_minutes = 1;
  e.full_minutes = 10;
  e.run = classify;
  e.charts = charts;
  return e;
}

}  // namespace callosum::experiment
