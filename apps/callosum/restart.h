#pragma once

#include <cstdint>
#include <string>

#include "callosum/sim/simulation.h"
#include "commands.h"

namespace callosum::app {

/// What --checkpoint, --checkpoint-every and --resume ask for.
struct RestartPlan {
  std::string write;       ///< "" : none
  std::string resume;      ///< "" : from the start
  std::int64_t every = 0;  ///< steps; 0: only when the run ends
  std::int64_t from = 0;   ///< step to begin with
};

/// Reads the options and the head of the checkpoint, whose seed and precision stand unless the
/// command line names others. With --checkpoint, recordings are streamed to FILE.recordings, so
/// that a checkpoint holds how long they are instead of all of them. Throws ValueError and
/// FileError; writes nothing.
RestartPlan plan_restart(const RunCommand& command, const Network& network, std::int64_t steps,
                         SimulationOptions& options);

/// The simulation at the plan's first step.
Simulation begin(const RestartPlan& plan, const Network& network, const SimulationOptions& options);

/// Runs to step `steps`, or to where any rank is asked for an interrupt, and writes the checkpoints
/// due. Returns whether it came to the end.
bool run_to(Simulation& simulation, std::int64_t steps, const RestartPlan& plan);

}  // namespace callosum::app
