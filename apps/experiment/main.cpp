// The program of every experiment: its describe() and this make bin/experiments/<slug>.
#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>
#include <filesystem>
#include <iostream>
#include <thread>

#include "apps/common/claims_table.h"
#include "apps/common/exit_codes.h"
#include "apps/common/interrupt.h"
#include "callosum/core/error.h"
#include "callosum/core/progress.h"
#include "callosum/core/team.h"
#include "callosum/core/whole_file.h"
#include "callosum/experiment/json.h"
#include "callosum/experiment/protocol.h"
#include "callosum/nets/backend.h"

namespace {

using namespace callosum;
namespace ex = callosum::experiment;

struct Line {
  bool full = false, json = false, strict = false, canaries = false;
  std::uint64_t seeds = 0;
  int jobs = 0;
  std::string out = "results", describe;
  std::vector<std::string> set;
};

std::string settings_help(const ex::Experiment& e) {
  std::string out = "Settings (--set NAME=VALUE):\n";
  for (const ex::Setting& s : e.settings) {
    std::ostringstream line;
    line << "  " << s.name << "  " << s.doc << " (quick " << s.quick << ", full " << s.full
         << "; from " << s.low << " to " << s.high << ")\n";
    out += line.str();
  }
  return out + "\nExample:\n  callosum reproduce " + e.slug + " --seeds 3 --set " +
         (e.settings.empty() ? "NAME=VALUE" : e.settings.front().name + "=VALUE") +
         "\nExit codes: 0 the run finished, whatever the verdicts; 1 an error; 2 a wrong command "
         "line;\n6 a claim fails (--strict) or a canary does not pass (--canaries); 130 "
         "interrupted.";
}

int run(const ex::Experiment& e, const Line& line, const std::string& command) {
  nets::start(1);  // results of libtorch are equal to the bit only for equal thread counts
  ex::RunOptions options;
  options.size = line.full ? ex::Size::full : ex::Size::quick;
  options.folder =
      (std::filesystem::path(line.out) / (e.slug + (line.full ? "-full" : ""))).string();
  options.seeds = line.seeds;
  options.changes = line.set;
  options.jobs = line.jobs > 0 ? line.jobs : available_cores();
  options.version = CALLOSUM_VERSION;
  options.command_line = command;
  options.source_folder = CALLOSUM_SOURCE_FOLDER;
  ex::check(e);
  std::cerr << e.title << ": " << (line.full ? "full" : "quick") << " size, about "
            << readable_duration(60 * (line.full ? e.full_minutes : e.quick_minutes)) << '\n';
  app::watch_for_interrupt();
  ProgressPrinter printer;
  options.progress = [&](const Progress& progress) {
    printer(progress);
    return !app::interrupted();
  };
  const ex::Result result = ex::run(e, options);
  printer.finish();
  app::print_claims(line.json ? std::cerr : std::cout, result);
  (line.json ? std::cerr : std::cout) << "report: " << options.folder << "/report.html\n";
  if (line.json) std::cout << ex::result_text(result);
  bool failed = false;
  for (const ex::JudgedClaim& claim : result.claims)
    failed = failed || (line.strict && claim.result.verdict == ex::Verdict::fails) ||
             (line.canaries && claim.canary && !claim.canary_passes());
  return failed ? app::claim_failed : app::success;
}

int guarded(int argc, char** argv) {
  ex::Experiment e = ex::describe();
  e.slug = CALLOSUM_EXPERIMENT_SLUG;
  Line line;
  CLI::App cli{e.title + ": " + e.summary + "\n" + e.paper, e.slug};
  cli.footer(settings_help(e));
  cli.add_flag("--full", line.full, "The size at which claims are judged");
  cli.add_option("--seeds", line.seeds, "How many seeds, from 1 on")
      ->check(CLI::Range(1, 1000).description(""));
  cli.add_option("--set", line.set, "Change a setting")->allow_extra_args(false);
  cli.add_option("--out", line.out, "Folder for the results (results)");
  cli.add_option("--jobs", line.jobs, "Trials at once (all cores); results do not depend on it")
      ->check(CLI::Range(1, 64).description(""));
  cli.add_flag("--json", line.json, "Print result.json on standard output");
  cli.add_flag("--strict", line.strict, "Exit code 6 when a claim fails");
  cli.add_flag("--canaries", line.canaries, "Exit code 6 when a canary does not pass");
  cli.add_option("--describe", line.describe, "Write what the experiment is to this file")
      ->group("");
  try {
    cli.parse(argc, argv);
  } catch (const CLI::CallForHelp&) {
    std::cout << cli.help();
    return app::success;
  } catch (const CLI::ParseError& error) {
    std::cerr << "error: " << error.what() << "\nsee: callosum reproduce " << e.slug << " --help\n";
    return app::usage_error;
  }
  if (!line.describe.empty()) {
    ex::check(e);
    write_whole_file(line.describe, ex::description_text(e), "description");
    return app::success;
  }
  std::string command = "callosum reproduce " + e.slug;
  for (int i = 1; i < argc; ++i) {
    if (std::string_view(argv[i]) == "--out" || std::string_view(argv[i]) == "--jobs")
      ++i;  // where it lies and how it was spread does not belong to the result
    else
      command += std::string(" ") + argv[i];
  }
  return run(e, line, command);
}

}  // namespace

int main(int argc, char** argv) {
  return app::exit_code_of([&] { return guarded(argc, argv); });
}
