// Dense Hebbian networks, supervised: the arms differ in the lines of `memory_of` (studies.cpp).
#include <algorithm>
#include <array>

#include "callosum/experiment/results.h"
#include "callosum/nets/dense_memory.h"
#include "studies.h"

namespace callosum::experiment {
namespace {

Outcome trial(const Trial& t) {
  Outcome out;
  learning_curve(t, out, "learning", 0.2, {20, 80, 200}, 20);
  if (t.arm != "unsupervised")  // which would store 10,000 patterns, for no claim
    learning_curve(t, out, "detection", 0.05, {100, 300, 1000, 2000}, 1000);
  t.progress(0.3);
  storage_study(t, out);
  t.progress(0.6);
  temperature_study(t, out);
  image_study(t, out);
  return out;
}

std::vector<report::Chart> charts(const Results& results) {
  const auto line = [&](const char* title, const char* arm, const char* curve) {
    return results.line(title, arm, curve);
  };
  report::Lines capacity{
      "archetypes stored (number)", "overlap with the archetype (no unit)", true, false, {}};
  capacity.lines = {line("P = 4", "supervised", "storage"), line("P = 2", "pairwise", "storage"),
                    line("P = 4, one step", "supervised", "one step"),
                    line("P = 4, one step, theory", "supervised", "one step, theory")};
  capacity.lines.back().dashed = true;
  report::Lines learning{
      "data-set entropy rho (no unit)", "overlap with the archetype (no unit)", true, false, {}};
  learning.lines = {line("supervised", "supervised", "learning"),
                    line("unsupervised", "unsupervised", "learning"),
                    line("P = 2", "pairwise", "learning")};
  report::Line theory{"erf(1 / sqrt(2 rho))", {}, {}, {}, {}, true};
  for (double rho = 0.1; rho < 1.3; rho *= 1.1) {
    theory.x.push_back(rho);
    theory.y.push_back(nets::copied_overlap(rho));
  }
  learning.lines.push_back(std::move(theory));
  report::HeatMap phases{"examples a pattern (number)",
                         "archetypes stored (number)",
                         "overlap (no unit)",
                         5,
                         4,
                         {},
                         {},
                         {},
                         false};
  phases.values.assign(20, 0);
  for (std::uint64_t seed : results.seeds())
    for (std::size_t i = 0; i < 20; ++i)
      phases.values[i] += results.outcome(seed, "supervised").matrices.at("phases").values[i] /
                          static_cast<double>(results.seeds().size());
  phases.row_names = {"5", "15", "50", "150", "500"};
  phases.column_names = {"20", "50", "100", "200"};
  report::Bars images{"accuracy (share)", false, {}, 0.1, "chance"};
  images.bars = {results.bar("P = 2", "pairwise", "images P=2"),
                 results.bar("P = 4", "supervised", "images P=4"),
                 results.bar("P = 8", "supervised", "images P=8"),
                 results.bar("P = 20", "supervised", "images P=20"),
                 results.bar("overlap alone", "supervised", "images, overlap alone")};
  return {{"storage", "Storage", "100 neurons, r = 0.2, 200 examples a pattern.", capacity},
          {"learning", "Learning from examples", "200 neurons, 5 archetypes, r = 0.2.", learning},
          {"phases", "Phase map", "P = 4, 100 neurons, r = 0.2.", phases},
          {"images", "Images", "Ten classes as archetypes.", images}};
}

}  // namespace

Experiment describe() {
  Experiment e;
  e.title = "Dense Hebbian networks, supervised";
  e.summary =
      "Binary neurons with P-body interactions see only noisy, labelled examples of their "
      "patterns. "
      "They find the patterns by averaging, and hold far more of them than pairwise networks.";
  e.paper = "Alemanno et al. 2022, arXiv:2212.00606 (Physica A 626, 2023)";
  e.tier = Tier::kit;
  e.our_reading = true;
  e.capability = "dense associative memories by their patterns, with exact differences of energy";
  e.leaves = "callosum/nets/dense_memory.h";
  e.data =
      "mnist where it is, else the shipped sample of fashion-mnist; else made by the experiment";
  e.settings = {
      {"sets", 4, 4, 1, 1000, "data sets a point of the learning curves, 5 retrievals each"},
      {"retrievals", 5, 5, 1, 1000, "retrievals a point of the storage curves"},
      {"examples", 150, 1000, 1, 6000, "training images a class"},
      {"test", 200, 1000, 10, 10000, "test images"}};
  e.run = trial;
  e.arms = {{"supervised", "P = 4, mean over the labelled examples", 4},
            {"pairwise", "P = 2: Hopfield's network of the same means", 2},
            {"unsupervised", "P = 4, every example a pattern of its own", 3},
            {"shuffled", "P = 4, means with their entries at wrong units", 4}};

  const auto above_pairs = [](const char* value) {
    return [value](const Paired& at) {
      return at("supervised", value) - at("pairwise", "images P=2");
    };
  };
  const Canary shuffled{"supervised", "shuffled"};
  e.claims = {
      {.id = "learning-curve",
       .text = "Archetypes are inferred from examples as well as the entropy of the data allows.",
       .measure = "largest |m - erf(1 / sqrt(2 rho))| over rho = 1.2, 0.3, 0.12",
       .value = value_of("supervised", "learning against theory"),
       .bar = below(0.06),
       .canary = shuffled},
      {.id = "ultra-storage",
       .text = "With P = 4, 100 neurons hold 50 and 500 archetypes.",
       .measure = "smaller of m at K = 50 and K = 500",
       .value =
           [](const Paired& at) {
             return std::min(at("supervised", "storage 50"), at("supervised", "storage 500"));
           },
       .bar = above(0.9),
       .canary = shuffled},
      {.id = "pairs-do-not",
       .text = "A pairwise network of the same means loses 50 archetypes.",
       .kind = Kind::ablation,
       .measure = "m at K = 50, P = 2",
       .value = value_of("pairwise", "storage 50"),
       .bar = below(0.5)},
      {.id = "one-step-theory",
       .text = "One step of the dynamics follows the signal-to-noise formula up to 500 archetypes.",
       .measure = "largest |m after one step - formula|, P = 4, K = 5 to 500",
       .value = value_of("supervised", "one step against theory"),
       .bar = below(0.05)},
      {.id = "ultra-detection",
       .text = "Examples of quality r = 0.05 suffice when there are a thousand or more.",
       .measure = "largest |m - erf(1 / sqrt(2 rho))| over M = 1,000 and 2,000",
       .value = value_of("supervised", "detection against theory"),
       .bar = below(0.08)},
      {.id = "pairs-detect-worse",
       .text = "At that quality the pairwise network does worse.",
       .kind = Kind::ablation,
       .measure = "smaller of m(P = 4) - m(P = 2) at M = 1,000 and 2,000",
       .value =
           [](const Paired& at) {
             return std::min(at("supervised", "detection 1000") - at("pairwise", "detection 1000"),
                             at("supervised", "detection 2000") - at("pairwise", "detection 2000"));
           },
       .bar = above(0.1)},
      {.id = "supervision-helps",
       .text = "The teacher's labels help: examples stored one by one are retrieved worse.",
       .kind = Kind::ablation,
       .measure = "m supervised - m unsupervised, M = 80, r = 0.2",
       .value = difference("learning 80", "supervised", "unsupervised"),
       .bar = above(0.3)},
      {.id = "images-4",
       .text = "On images, P = 4 keeps classes apart that P = 2 merges.",
       .measure = "accuracy P = 4 - accuracy P = 2",
       .value = above_pairs("images P=4"),
       .bar = above(0.25)},
      {.id = "images-8",
       .text = "So does P = 8.",
       .measure = "accuracy P = 8 - accuracy P = 2",
       .value = above_pairs("images P=8"),
       .bar = above(0.25)},
  };
  for (auto [id, text, value] : std::initializer_list<std::array<const char*, 3>>{
           {"images-overlap", "Plain overlap with the class means, without dynamics.",
            "images, overlap alone"},
           {"images-20", "P = 20.", "images P=20"},
           {"images-not-centred", "Class means that are not centred end in one attractor.",
            "images, not centred"},
           {"temperature", "Largest distance of m from the replica-symmetric equations.",
            "temperature against theory"},
           {"basin", "Retrieval from 20 % flipped units, K = 50.", "from 20 % flipped"},
           {"together", "All units at once instead of one by one, K = 50.", "together"}})
    e.claims.push_back(reported(id, text, "supervised", value));

  e.charts = charts;
  return e;
}

}  // namespace callosum::experiment
