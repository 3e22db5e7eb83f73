// Continual learning without stored data: lateral neurons learn by Hebbian plasticity which inputs
// a layer has seen, and weights change only for the part of an input that is new. Protocol of Xiao
// et al. (ICLR 2024), from their code.
#include <algorithm>
#include <array>
#include <string>

#include "callosum/experiment/results.h"
#include "studies.h"

namespace callosum::experiment {
namespace {

struct Trainer {
  const char* name;
  const char* text;
};
constexpr std::array trainers = {
    Trainer{"bptt", "through time, by a surrogate, 4 steps"},
    Trainer{"dsr", "through weighted firing rates, 10 steps"},
    Trainer{"ottt", "online, with traces of the sources, 4 steps"},
    Trainer{"fa", "through time, errors carried back by fixed random weights"},
    Trainer{"ss", "through time, errors carried back by the signs of the weights"}};

Outcome trial(const Trial& t) {
  Outcome out;
  t.arm == "hebbian" || t.arm == "pure-hebb" ? subspace_study(t, out) : continual_study(t, out);
  return out;
}

std::vector<Claim> forgetting_claims() {
  std::vector<Claim> all;
  for (const char* name : {"bptt", "dsr"}) {
    const std::string arm = name, id = std::string(name) + "-";
    all.push_back({.id = id + "keeps",
                   .text = "Almost nothing is forgotten (" + arm + ").",
                   .measure = "BWT with projection, points",
                   .value = value_of(arm, "BWT"),
                   .bar = above(-3)});
    all.push_back(
        {.id = id + "better",
         .text = "After all tasks the network is better than without projection (" + arm + ").",
         .kind = Kind::ablation,
         .measure = "ACC with projection - without, points",
         .value = difference("ACC", arm, arm + "-off"),
         .bar = above(5)});
  }
  for (const Trainer& trainer : trainers) {
    const std::string arm = trainer.name;
    all.push_back({.id = arm + "-forgets-less",
                   .text = std::string("It works with errors that travel ") + trainer.text + ".",
                   .measure = "BWT with projection - without, points",
                   .value = difference("BWT", arm, arm + "-off"),
                   .bar = above(0)});
  }
  return all;
}

std::vector<Claim> claims() {
  std::vector<Claim> all = forgetting_claims();
  const std::vector<Claim> others = {
      {.id = "finds-subspace",
       .text = "The Hebbian rule finds the principal subspace of its inputs.",
       .measure = "mean squared cosine to the first 20 singular vectors after 200 batches",
       .value = value_of("hebbian", "overlap"),
       .bar = above(0.95)},
      {.id = "orthonormal",
       .text = "Its rows end orthonormal.",
       .measure = "|H H^T - I| / sqrt(k)",
       .value = value_of("hebbian", "orthonormal"),
       .bar = below(0.05),
       .canary = Canary{"hebbian", "pure-hebb"}},
      {.id = "learned-not-random",
       .text = "The benefit comes from what was learned: as many random orthogonal rows do less.",
       .kind = Kind::ablation,
       .measure = "ACC, learned - random, points",
       .value = difference("ACC", "bptt", "bptt-random"),
       .bar = above(0)},
      {.id = "spikes-suffice",
       .text = "Lateral neurons that spike at most 40 times do as well as real-valued ones.",
       .measure = "ACC, real-valued - 40 levels, points",
       .value = difference("ACC", "bptt", "bptt-lateral-40"),
       .bar = below(1)},
  };
  all.insert(all.end(), others.begin(), others.end());
  for (const char* levels : {"1000", "10"})
    all.push_back({.id = std::string("spikes-") + levels,
                   .text = std::string("The same with ") + levels + " levels.",
                   .kind = Kind::report,
                   .measure = "ACC, real-valued - levels, points",
                   .value = difference("ACC", "bptt", std::string("bptt-lateral-") + levels)});
  for (const Trainer& trainer : trainers)
    for (const char* off : {"", "-off"})
      for (auto [value, what] : {std::pair{"ACC", "ACC, points"},
                                 {"BWT", "BWT, points"},
                                 {"learned", "Accuracy of each task when it was learned, points"}})
        all.push_back(reported(std::string(trainer.name) + off + "-" + value, what,
                               std::string(trainer.name) + off, value));
  all.push_back(reported("random-BWT", "BWT with random rows, points.", "bptt-random", "BWT"));
  all.push_back(reported("largest-row", "Largest norm of a lateral neuron's weights.", "bptt",
                         "largest row"));
  return all;
}

std::vector<report::Chart> charts(const Results& r) {
  report::Bars accuracy{"ACC (points)", false, {}};
  report::Lines first{"tasks learned", "accuracy on the first task (share)", false, false, {}};
  for (const Trainer& trainer : trainers) {
    const std::string off = std::string(trainer.name) + "-off";
    accuracy.bars.push_back(r.bar(trainer.name, trainer.name, "ACC"));
    accuracy.bars.push_back(r.bar("off", off, "ACC"));
  }
  accuracy.bars.push_back(r.bar("random", "bptt-random", "ACC"));
  for (auto [name, arm] : {std::pair{"projected", "bptt"},
                           {"not projected", "bptt-off"},
                           {"random rows", "bptt-random"}})
    first.lines.push_back(r.line(name, arm, "first task"));
  report::Lines overlap{"batches", "squared cosine (no unit)", false, false, {}};
  overlap.lines = {r.line("Hebbian and anti-Hebbian", "hebbian", "overlap"),
                   r.line("plain Hebb", "pure-hebb", "overlap")};
  return {
      {"accuracy", "After the last task",
       "Mean accuracy over all tasks, with projection and without (off), by the way errors travel.",
       accuracy},
      {"first", "What is left of the first task", "Errors through time.", first},
      {"overlap", "Lateral neurons on fixed data",
       "Overlap of 20 rows with the first 20 singular vectors of the images.", overlap}};
}

}  // namespace

Experiment describe() {
  Experiment e;
  e.title = "Hebbian orthogonal projection";
  e.summary =
      "Lateral neurons learn by Hebbian plasticity what a layer has seen; weights then change only "
      "for what is new, and tasks learned one after another hardly disturb each other.";
  e.paper =
      "Xiao, Meng, Zhang, Wang, Lin: Hebbian learning based orthogonal projection for continual "
      "learning of spiking neural networks, ICLR 2024, arXiv 2402.11984";
  e.tier = Tier::core;
  e.capability = "one network of neurons under four ways to carry errors";
  e.leaves =
      "callosum/learn/torch/hebbian_subspace.h, callosum/learn/torch/credit.h, "
      "callosum/learn/torch/spike_rates.h, callosum/nets/continual_scores.h";
  e.data = "mnist where it is, else the shipped sample of fashion-mnist; pixels permuted";
  e.settings = {
      {"images", 500, 10000, 100, 60000, "training images a task"},
      {"test", 500, 2000, 100, 10000, "test images"},
      {"tasks", 3, 5, 1, 100, "permutations, one after another"},
      {"hidden", 300, 300, 10, 10000, "units of each of two hidden layers"},
      {"rows", 80, 80, 4, 1000,
       "lateral neurons of the first layer in the first task; 5/4 and 3/4 of it in the second and "
       "third layer; half of it more in each layer and later task"},
      {"gain", 3, 3, 1e-3, 100, "of the second layer's first weights; dsr: 1"},
      {"rate", 0.1, 0.1, 1e-9, 10, "learning rate of plain gradient descent"},
      {"steps", 4, 4, 1, 1000, "time steps of bptt and ottt"},
      {"rate_steps", 10, 10, 1, 1000, "time steps of dsr"},
      {"subspace_batches", 200, 200, 1, 1e6, "batches of 64 of the Hebbian rule on fixed data"}};
  for (const Trainer& trainer : trainers) {
    e.arms.push_back({trainer.name, std::string("errors travel ") + trainer.text, 1.5});
    e.arms.push_back({std::string(trainer.name) + "-off", "the same, nothing is projected", 0.7});
  }
  e.arms.push_back({"bptt-random", "rows of a random orthogonal matrix that learn nothing", 1});
  for (const char* levels : {"1000", "40", "10"})
    e.arms.push_back({std::string("bptt-lateral-") + levels,
                      std::string("lateral neurons of ") + levels + " levels", 1.5});
  e.arms.push_back({"hebbian", "the rule alone on fixed data", 0.2});
  e.arms.push_back({"pure-hebb", "without its anti-Hebbian part", 0.2});
  e.run = trial;
  e.claims = claims();
  e.charts = charts;
  e.full_seeds = 3;
  e.quick_minutes = 1;
  e.full_minutes = 15;
  return e;
}

}  // namespace callosum::experiment
