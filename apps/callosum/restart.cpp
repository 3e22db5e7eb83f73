#include "restart.h"

#include <algorithm>
#include <filesystem>

#include "apps/common/interrupt.h"
#include "callosum/core/error.h"
#include "callosum/sim/checkpoint.h"

namespace callosum::app {
namespace {

/// A run from the start would spoil the recordings that an older checkpoint counts on.
void refuse_to_spoil(const RestartPlan& plan) {
  std::error_code failure;
  if (plan.write.empty() || !std::filesystem::exists(plan.write, failure)) return;
  if (!plan.resume.empty() && std::filesystem::equivalent(plan.write, plan.resume, failure)) return;
  throw FileError({.where = "option --checkpoint",
                   .what = "a checkpoint stands there already",
                   .got = plan.write,
                   .expected = "another name, or --resume '" + plan.write +
                               "' to go on from it, or remove it"});
}

std::int64_t interval(const RunCommand& command, const Network& network) {
  if (command.checkpoint_every.empty()) return 0;
  if (command.checkpoint.empty())
    throw ValueError({.where = "option --checkpoint-every",
                      .what = "there is no file to write to",
                      .expected = "--checkpoint FILE beside it"});
  const std::int64_t steps =
      network.grid().steps(parse_quantity(command.checkpoint_every), "option --checkpoint-every");
  if (steps < 1)
    throw ValueError({.where = "option --checkpoint-every",
                      .what = "the time between checkpoints is too short",
                      .got = command.checkpoint_every,
                      .expected = "at least a time step"});
  return steps;
}

}  // namespace

RestartPlan plan_restart(const RunCommand& command, const Network& network, std::int64_t steps,
                         SimulationOptions& options) {
  RestartPlan plan{command.checkpoint, command.resume, interval(command, network), 0};
  if (!plan.resume.empty()) {
    const CheckpointInfo info = read_checkpoint(plan.resume);
    if (!command.seed) options.seed = info.seed;
    if (!command.precision) options.precision = info.precision;
    plan.from = info.step;
    if (plan.from > steps)
      throw ValueError(
          {.where = "checkpoint '" + plan.resume + "'",
           .what = "it is later than the run is to end",
           .got = to_string(network.grid().time(info.step)),
           .expected = "a --time of at least that; --time counts from the start of the whole run"});
  }
  refuse_to_spoil(plan);
  if (!plan.write.empty()) options.stream_dir = plan.write + ".recordings";
  return plan;
}

Simulation begin(const RestartPlan& plan, const Network& network,
                 const SimulationOptions& options) {
  return plan.resume.empty() ? Simulation(network, options)
                             : Simulation::resume(plan.resume, network, options);
}

bool run_to(Simulation& simulation, std::int64_t steps, const RestartPlan& plan) {
  bool stopped = false;
  while (!stopped) {
    const std::int64_t now = simulation.step();
    const std::int64_t next =
        plan.every > 0 ? std::min(steps, (now / plan.every + 1) * plan.every) : steps;
    try {
      simulation.run_steps(next - now);
    } catch (const Interrupted&) {
      stopped = true;
    }
    if (!plan.write.empty()) simulation.save(plan.write);
    if (simulation.step() == steps) return true;
    if (Ranks* const ranks = simulation.options().ranks.get())
      stopped = count_of(*ranks, stopped || interrupted()) > 0;
    else
      stopped = stopped || interrupted();
  }
  return false;
}

}  // namespace callosum::app
