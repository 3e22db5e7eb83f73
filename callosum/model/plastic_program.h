#pragma once

#include <map>
#include <set>
#include <string>
#include <vector>

#include "callosum/model/model.h"
#include "callosum/model/program.h"
#include "callosum/model/shared_states.h"

namespace callosum::model {

/// Whether the synapse learns: it has `on_post`, states marked (event-driven), or an `on_pre` that
/// assigns the weight.
bool is_plastic(const Model& synapse);

/// The most steps between two visits of a synapse: the engine visits each at least so often.
inline constexpr int most_elapsed_bits = 14;

/// What the engine asks of a plastic synapse's programs.
struct PlasticOptions {
  std::set<std::string> uniform = {};  ///< parameters that have one value for all synapses
  bool frozen = false;                 ///< statements that assign the weight are passed over
  /// The parameter of the target that stands for each linked variable.
  std::map<std::string, std::string> links = {};
  /// States that may be shared: the value that each has for all synapses at first. Empty: every
  /// synapse keeps its own.
  std::map<std::string, double> initial = {};
};

/// A plastic synapse as programs, lane = synapse unless said. Slots: "elapsed" (driven), whole
/// steps since the synapse's states were last brought forward; states, "weight" and other synapse
/// variables (state); uniform parameters and what `constants` derives from them. A program first
/// brings the states forward by `elapsed`, exactly: dx/dt = a x + b by exp and exprel, coupled
/// linear systems by powers of their propagator over one step.
///
/// Shared states are moved by programs of their own and never stored by the others. on_pre finds
/// those of the source as they stand when its spike comes, on_post those of the target; others are
/// brought forward by "since source" or "since target" (driven), steps since they last stood so.
struct PlasticProgram {
  Program constants;  ///< from uniform parameters and "dt" to derived slots, in double
  Program on_pre;     ///< also reads "x_post" (parameter); stores "add(g_ex)"
  Program on_post;    ///< also reads "x_post": its value when the target's spike was found
  Program advance;    ///< nothing happens; no stores when there are no states
  /// Shared states at a spike of their side, lane = source or target: brought forward by
  /// "elapsed", kept as "before x", moved. That of the target also reads "x_post".
  Program source, target;
  Program show;  ///< stores the shared states as they are at present
  SharedStates shared;
  /// What the target receives in each step: `y_post = expression (summed)`, proportional to one
  /// variable of the source. Reads "x_pre" and "x_post" (parameters), stores "add(y)".
  Program sum;
  std::vector<std::string> sums;       ///< post variables that `sum` adds to
  std::string source_variable;         ///< the variable of the source; "" where nothing is summed
  std::vector<std::string> targets;    ///< post variables that receive terms
  std::vector<std::string> variables;  ///< one value a synapse: "weight", states, parameters
  std::vector<std::string> reads;      ///< post variables that on_post reads
};

/// Throws UnsupportedError naming the term for states that are not linear, statements that do more
/// than add to a variable of the target, sums that are not proportional to a variable of the
/// source; UnitError, NameError for what does not fit the target. `target` may be empty where
/// nothing says "target".
PlasticProgram compile_plastic(const Model& synapse, const Model& post, const std::string& target,
                               const PlasticOptions& options);

}  // namespace callosum::model
