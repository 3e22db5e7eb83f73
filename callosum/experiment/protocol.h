#pragma once

#include <string>
#include <utility>
#include <vector>

#include "callosum/core/progress.h"
#include "callosum/experiment/results.h"

namespace callosum::experiment {

struct RunOptions {
  std::string folder = {};  ///< of this run's files; made if missing
  Size size = Size::quick;
  std::uint64_t seeds = 0;                ///< how many, from 1 on; 0: as declared
  std::vector<std::string> changes = {};  ///< "name=value"
  int jobs = 1;  ///< trials at once, each in a process of its own when more than one
  ProgressCallback progress = {};
  std::string version = {}, command_line = {}, source_folder = {};  ///< for the provenance
};

/// A claim with its judgement, as it is stored and shown.
struct JudgedClaim {
  std::string id, text, measure, bar;
  Kind kind = Kind::result;
  PaperFigure paper;
  bool log = false;
  Judgement result;
  bool canary = false;
  Judgement fake;         ///< of the canary: the same claim with the fake arm
  std::string fake_text;  ///< "shuffled in place of one-flip"
  bool canary_passes() const {
    return canary && result.verdict == Verdict::holds && fake.verdict == Verdict::fails;
  }
};

/// Values of one arm over the seeds.
struct ValueRow {
  std::string arm, value;
  std::vector<double> values;
};

/// A finished run: result.json, and all that report and gallery are made of.
struct Result {
  std::string slug, title, summary, paper, tier, capability, leaves, data, size;
  bool our_reading = false;
  std::vector<std::uint64_t> seeds;
  double seconds = 0;  ///< of all trials together, each counted once however often it was resumed
  Settings settings;
  std::vector<std::pair<std::string, std::string>> arms;  ///< name, text
  std::vector<JudgedClaim> claims;
  std::vector<ValueRow> values;
  std::vector<std::string> notes;  ///< of outcomes: "one-flip, seed 2: diverged at step 120"
  std::vector<report::Chart> charts;
  std::vector<std::pair<std::string, std::string>> provenance;
};

/// Runs what is not yet done in `options.folder`, judges the claims, and writes result.json and
/// report.html there. A trial is one file of `trials/`, written when it has ended: a run that was
/// stopped, in whatever way, goes on where it was. A trial of another program, size or setting is
/// not taken over.
///
/// Errors of the description as `check`, of changes as `resolved`; FileError; Interrupted when
/// `progress` returns false (what was done is kept); what `run` throws.
Result run(const Experiment& experiment, const RunOptions& options);

}  // namespace callosum::experiment
