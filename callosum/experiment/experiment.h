#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "callosum/experiment/claim.h"
#include "callosum/experiment/trial.h"
#include "callosum/report/chart.h"

namespace callosum::experiment {

class Results;

/// What the result says about the platform.
enum class Tier {
  core,      ///< tested on a library Network through Simulation or Module
  kit,       ///< stands on shared parts of nets/ or analysis/
  companion  ///< neither
};
std::string_view name(Tier tier);

/// A condition that runs on the same seeds and data as the others.
struct Arm {
  std::string name;  ///< "one-flip"
  std::string text;  ///< "the synapses leaving one hidden unit learn with the opposite sign"
  double cost = 1;   ///< relative time of a trial, for the time left
};

/// A published system as it is re-tested: `describe()` of an experiment's program returns one.
struct Experiment {
  std::string slug;     ///< the name of the folder; filled in by the program
  std::string title;    ///< "Curl descent"
  std::string summary;  ///< what it is about, one or two sentences
  std::string paper;    ///< citation
  Tier tier = Tier::kit;
  bool our_reading = false;  ///< no method text could be had
  std::string capability;    ///< of the platform: the one it exercises first
  std::string leaves;        ///< the shared part it leaves behind: "callosum/nets/signed_rule.h"
  std::string data = "made by the experiment";

  std::vector<Setting> settings;
  std::vector<Arm> arms;
  std::vector<Claim> claims;
  std::uint64_t quick_seeds = 5, full_seeds = 5;
  double quick_minutes = 0.5, full_minutes = 5;  ///< about, on two cores

  /// One arm, one seed. Called in any order, perhaps in several processes at once: everything it
  /// needs comes from the trial.
  std::function<Outcome(const Trial&)> run;
  /// Figures of the report, from all outcomes; the first is the picture of the gallery.
  std::function<std::vector<report::Chart>(const Results&)> charts;
};

/// NameError, ValueError or SyntaxError naming the part: doubled names, no arms, no run function, a
/// canary with an unknown arm or without a bar, a default out of its range ...
void check(const Experiment& experiment);

/// The defaults of a size with changes of the form "name=value" applied. NameError (with the
/// nearest name), SyntaxError, ValueError.
Settings resolved(const Experiment& experiment, Size size, const std::vector<std::string>& changes);

/// Defined by each experiment.cpp.
Experiment describe();

}  // namespace callosum::experiment
