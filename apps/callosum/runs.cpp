#include <algorithm>
#include <cmath>
#include <filesystem>
#include <iostream>
#include <nlohmann/json.hpp>

#include "apps/common/claims_table.h"
#include "apps/common/exit_codes.h"
#include "callosum/core/error.h"
#include "callosum/core/progress.h"
#include "callosum/core/whole_file.h"
#include "callosum/experiment/index.h"
#include "callosum/experiment/json.h"
#include "callosum/report/text.h"
#include "reproduce.h"

namespace callosum::app {

namespace {

using experiment::JudgedClaim;
using experiment::Result;
using experiment::RunEntry;
using Json = nlohmann::ordered_json;

Result load(const RunsCommand& command, const std::string& run) {
  const std::string file = (std::filesystem::path(command.out) / run / "result.json").string();
  const auto text = read_whole_file(file);
  if (text) return experiment::read_result(*text, file);
  std::vector<std::string> names;
  for (const RunEntry& entry : experiment::list_runs(command.out)) names.push_back(entry.run);
  throw NameError({.where = "runs",
                   .what = "there is no such run in " + command.out,
                   .got = run,
                   .nearest = nearest_name(run, names)});
}

void list(const RunsCommand& command) {
  const std::vector<RunEntry> entries = experiment::list_runs(command.out);
  Json json = Json::array();
  for (const RunEntry& run : entries) {
    json.push_back({{"run", run.run},
                    {"slug", run.slug},
                    {"size", run.size},
                    {"date", run.date},
                    {"version", run.version},
                    {"seeds", run.seeds},
                    {"seconds", run.seconds},
                    {"holds", run.holds},
                    {"fails", run.fails},
                    {"inconclusive", run.inconclusive},
                    {"reported", run.reported},
                    {"problem", run.problem}});
    if (command.json) continue;
    std::cout << run.run << "  ";
    if (run.problem.empty())
      std::cout << run.date << ", " << run.size << ", " << run.seeds << " seeds, "
                << readable_duration(run.seconds) << ": " << run.holds << " hold, " << run.fails
                << " fail, " << run.inconclusive << " inconclusive, " << run.reported
                << " reported\n";
    else
      std::cout << run.problem << '\n';
  }
  if (command.json) std::cout << json.dump(2) << '\n';
  if (!command.json && entries.empty()) std::cout << "no runs in " << command.out << '\n';
}

/// The same numbers seed by seed; what is not a number in both is the same.
bool same_values(const JudgedClaim& a, const JudgedClaim& b) {
  return std::equal(a.result.values.begin(), a.result.values.end(), b.result.values.begin(),
                    b.result.values.end(),
                    [](double x, double y) { return x == y || (std::isnan(x) && std::isnan(y)); });
}

void compare(const RunsCommand& command) {
  const Result a = load(command, command.runs[0]), b = load(command, command.runs[1]);
  if (a.slug != b.slug)
    throw ValueError({.where = "runs compare",
                      .what = "the runs are of different experiments",
                      .got = a.slug + " and " + b.slug});
  Json json = Json::array();
  for (const JudgedClaim& one : a.claims) {
    const auto other = std::find_if(b.claims.begin(), b.claims.end(),
                                    [&](const JudgedClaim& c) { return c.id == one.id; });
    if (other == b.claims.end()) continue;
    json.push_back({{"id", one.id},
                    {"verdicts", {name(one.result.verdict), name(other->result.verdict)}},
                    {"means", {one.result.mean, other->result.mean}},
                    {"same_values", same_values(one, *other)}});
    if (command.json) continue;
    const auto told = [](const JudgedClaim& claim) {
      return report::rounded(claim.result.mean) + " (" + std::string(name(claim.result.verdict)) +
             ")";
    };
    std::cout << one.id << ": " << told(one) << " -> " << told(*other)
              << (same_values(one, *other) ? ", same values" : "") << '\n';
  }
  if (command.json) std::cout << json.dump(2) << '\n';
}

}  // namespace

int runs(const RunsCommand& command) {
  using Action = RunsCommand::Action;
  if (command.action == Action::list) {
    list(command);
  } else if (command.action == Action::compare) {
    compare(command);
  } else {
    const Result result = load(command, command.runs.front());
    if (command.json)
      std::cout << experiment::result_text(result);
    else
      print_claims(std::cout, result);
  }
  return success;
}

}  // namespace callosum::app
