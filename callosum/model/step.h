#pragma once

#include <map>
#include <set>
#include <string>
#include <vector>

#include "callosum/model/model.h"
#include "callosum/model/program.h"

namespace callosum::model {

/// In which order a step is done (DESIGN section 4).
enum class Schedule { callosum, brian2 };

/// What the network asks of a model's step.
struct StepOptions {
  double dt_ms = 0.1;
  std::string method = {};                   ///< overrides the model's and the analysis
  std::set<std::string> inputs = {};         ///< variables that receive arrivals: slots "in(g_ex)"
  std::set<std::string> driven = {};         ///< parameters the engine may change every step
  std::set<std::string> per_neuron = {};     ///< parameters with one value per neuron
  std::map<std::string, int> substeps = {};  ///< state -> equal parts of dt (explicit methods)
  Schedule schedule = Schedule::callosum;
};

/// Value of the state slot "lastspike" (ms) before any spike: Brian2's -10000 s.
inline constexpr double never_ms = -1e7;

/// How a model advances by one step.
struct StepProgram {
  /// From parameters (and "dt") to derived slots; run by the interpreter, in double, whenever a
  /// parameter changes. A derived slot is per lane when it depends on a per-neuron parameter.
  Program constants;
  /// One step: integrate, add arrivals, events, resets. The refractory counter is the state slot
  /// "refractory_steps" (whole steps left, as a real); "lastspike" (ms) stands if the model reads
  /// it.
  Program step;
  std::map<std::string, std::string> integrator;  ///< state -> "exact", "exponential_euler", ...
};

/// The stages a person can print, in order.
enum class Stage { parse, units, substitute, integrator, discretise, program, simplify, adjoint };

/// Compiles one step. Throws UnsupportedError naming the term that an integrator cannot take.
StepProgram compile_step(const Model& model, const StepOptions& options);

/// The text of one stage, for `callosum model show NAME --after STAGE` and the golden tests.
std::string show_stage(const Model& model, const StepOptions& options, Stage stage);

/// What a recorder asks for: a program that reads the model's states, parameters (also "dt") and
/// driven slots and stores each of `names` (states or subexpressions) into a state slot
/// "out(name)".
Program compile_observables(const Model& model, const StepOptions& options,
                            const std::vector<std::string>& names);

/// What one arriving spike does, lane = synapse of a row. Slots named as the user wrote them:
/// "weight" and other synapse variables (state), "x_pre" (parameter), "x_post" (parameter: the
/// value at the start of the step). Stores: synapse variables, and "add(g_ex)" (state): the term
/// that goes to the target's accumulator. Throws UnsupportedError with the additive form when a
/// statement assigns to, or uses nonlinearly, a post variable.
struct SynapseProgram {
  Program program;
  std::vector<std::string> targets;  ///< post variables that receive terms, in order
  bool plain = false;                ///< exactly `target += weight`: the engine's fast path
};
SynapseProgram compile_on_pre(const Model& synapse, const Model& post, const std::string& target,
                              double dt_ms);

}  // namespace callosum::model
