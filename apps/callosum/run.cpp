#include <algorithm>
#include <iostream>
#include <thread>

#include "apps/common/assignments.h"
#include "apps/common/interrupt.h"
#include "callosum/core/error.h"
#include "callosum/core/team.h"
#include "callosum/data/hdf5_file.h"
#include "callosum/format/network_file.h"
#include "callosum/nwb/write_nwb.h"
#include "callosum/report/text.h"
#include "callosum/sim/simulation.h"
#include "commands.h"
#include "load.h"
#include "replicas.h"
#include "restart.h"
#include "results_folder.h"
#include "run_result.h"

namespace callosum::app {

namespace {

format::NetworkOverrides overrides(const RunCommand& command) {
  format::NetworkOverrides out;
  out.scale = command.scale;
  out.dt = command.dt.value_or("");
  out.set = assignments(command.set);
  out.arrays = data::read_hdf5_numbers;
  return out;
}

// Launchers bind ranks to cores or leave them all: what is left to each counts once.
int share_of_cores(Ranks* ranks) {
  const int cores = static_cast<int>(std::thread::hardware_concurrency());
  const int share = ranks != nullptr ? cores / ranks->on_this_machine() : cores;
  return std::max(1, std::min(available_cores(), share));
}

SimulationOptions options(const RunCommand& command, const format::NetworkFile& file) {
  SimulationOptions out;
  out.ranks = launched_ranks();
  out.threads = command.threads > 0 ? command.threads : share_of_cores(out.ranks.get());
  out.seed = command.seed.value_or(file.seed.value_or(1));
  out.replica = command.replica.value_or(file.replica);
  out.precision = file.precision.value_or(Precision::single);
  if (command.precision)
    out.precision = *command.precision == "double" ? Precision::twofold : Precision::single;
  out.kernel.engine =
      command.engine == "jit" ? jit::Engine::machine_code : jit::Engine::interpreter;
  out.kernel.lanes = command.lanes;
  return out;
}

std::string run_time(const RunCommand& command, const format::NetworkFile& file) {
  if (command.time) return *command.time;
  return file.duration.empty() ? "1 s" : file.duration;
}

std::string folder(const RunCommand& command, const Network& network) {
  if (!command.out.empty()) return command.out;
  std::string name = network.name();
  for (char& c : name)
    if (c == '/' || c == '\0') c = '_';
  return "results/" + (name.empty() || name.starts_with(".") ? "network" + name : name);
}

}  // namespace

int run(const RunCommand& command) {
  const Loaded loaded = load(command.network, overrides(command));
  const format::NetworkFile& file = loaded.file;
  const Network& network = file.network;
  std::string time = run_time(command, file);
  const std::int64_t steps = network.grid().steps(parse_quantity(time), "option --time");
  SimulationOptions how = options(command, file);

  // One of the runs asked for on the command line leaves a file's number of runs aside.
  const int replicas = command.replicas > 0 ? command.replicas
                       : command.replica    ? 1
                                            : file.replicas;
  const Estimate need = estimate(network, how, replicas);
  std::ostream& out = command.json ? std::cerr : std::cout;
  const bool first = !how.ranks || how.ranks->rank() == 0;  // which alone tells of the run
  std::ostream& before = command.estimate ? out : std::cerr;
  if (first)
    before << network.name() << ": " << report::grouped(network.neurons()) << " neurons, "
           << need.to_string() << (how.ranks ? " on the first rank\n" : "\n");
  if (first)
    for (const std::string& sentence : loaded.assumptions)
      std::cerr << "assumed: " << sentence << '\n';
  if (command.estimate) {
    if (!first) return success;
    for (const Estimate::Layout& l : need.layouts)
      out << "  synapses " << l.name << ": " << l.projections << " projections, "
          << to_string(Quantity(l.synapses)) << " synapses, " << readable_bytes(l.bytes) << '\n';
    if (command.json) std::cout << json_text(network, need);
    return success;
  }
  if (replicas > 1)
    return run_replicas(command, file, replicas, steps, time, folder(command, network), how);

  watch_for_interrupt();
  const RestartPlan plan = plan_restart(command, network, steps, how);
  ProgressPrinter printer;
  Simulation* running = nullptr;
  how.progress = [&](const Progress& progress) {
    // Between checkpoints it is one run: all that this process simulates.
    Progress shown = progress;
    if (running != nullptr) {
      shown.done = static_cast<double>(running->step() - plan.from);
      shown.total = static_cast<double>(steps - plan.from);
    }
    if (first) printer(shown);
    return !interrupted();
  };
  Simulation simulation = begin(plan, network, how);
  running = &simulation;
  const bool stopped = !run_to(simulation, steps, plan);
  printer.finish();
  RunResult result{simulation.recording(),
                   simulation.statistics(),
                   how.threads,
                   how.ranks ? how.ranks->size() : 1,
                   how.precision,
                   peak_rss_bytes(how.ranks.get())};
  const int code = !stopped             ? success
                   : plan.write.empty() ? interrupted_exit
                                        : stopped_with_checkpoint;
  if (!first) return code;
  if (stopped) {
    time = to_string(simulation.time());
    std::cerr << "interrupted after " << time << " of " << to_string(network.grid().time(steps))
              << (plan.write.empty() ? ": what was simulated is kept\n"
                                     : ": --resume '" + plan.write + "' goes on from there\n");
  }

  print_table(out, result);
  if (!command.no_report) {
    const std::string where = folder(command, network);
    write_results(where, result, file, time, command.command_line);
    out << "report: " << where << "/report.html\n";
  }
  if (loaded.sonata && !command.no_report)
    for (const auto& path : sonata::write_output(*loaded.sonata, result.recording))
      out << "output: " << path.string() << '\n';
  if (!command.nwb.empty()) {
    nwb::write_nwb(command.nwb, result.recording, {.description = file.title});
    out << "output: " << command.nwb << '\n';
  }
  if (command.json) std::cout << json_text(result);
  return code;
}

}  // namespace callosum::app
