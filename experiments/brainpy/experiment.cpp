#include "callosum/experiment/results.h"
#include "studies.h"
namespace callosum::experiment {
Experiment describe() {
  Experiment e;
  e.title = "A differentiable brain simulator";
  e.summary = "x";
  e.paper = "y";
  e.settings = {{"batches", 100, 300, 1, 1e6, "of training"},
                {"batch", 64, 64, 1, 4096, "trials a batch"},
                {"rate", 1e-3, 1e-3, 1e-9, 1, "learning rate of Adam"},
                {"delay", 1000, 1000, 10, 1e6, "between sample and test, ms"},
                {"test_trials", 500, 2000, 1, 1e6, "trials that were not trained on"}};
  e.arms = {{"slow-currents", "a", 1}, {"fast-currents", "b", 1}, {"no-gradient", "c", 1}};
  e.run = [](const Trial& t) { Outcome o; memory_study(t, o); return o; };
  e.claims = {reported("acc", "a", "slow-currents", "match accuracy"), reported("acc2", "a", "fast-currents", "match accuracy"), reported("acc3", "a", "no-gradient", "match accuracy"), reported("diff", "a", "slow-currents", "spikes that differ"), reported("diffr", "a", "slow-currents", "readout difference")
  , reported("sp", "a", "slow-currents", "spikes of a trial")};
  e.charts = [](const Results& r) { report::Lines l{"batches", "acc", false, false, {r.line("a", "slow-currents", "accuracy")}}; return std::vector<report::Chart>{{"a","b","c",l}}; };
  return e;
}
}
