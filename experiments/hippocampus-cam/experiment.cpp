// A content-addressable memory of spikes after hippocampal area CA3: one-shot STDP stores pairs of
// a cue and a content; a cue brings back its content, a bit every cue that holds it. The authors
// publish each millisecond of three runs on SpiNNaker: the network here must give the same.
// Protocol of "Bio-inspired computational memory model of the Hippocampus" (2024), as read from
// the authors' code and tables.
#include <limits>

#include "callosum/core/error.h"
#include "callosum/experiment/results.h"
#include "runs.h"
#include "studies.h"

namespace callosum::experiment {
namespace {

constexpr double missing = std::numeric_limits<double>::quiet_NaN();

void replay_runs(const memory::CamOptions& options, Outcome& out) {
  for (const std::string run : {"run1", "run2", "run3"}) {
    double differing = missing;
    try {
      differing = replay(run, options).differing;
    } catch (const FileError&) {
      out.note += run + " not replayed: no table in data set hippocampus-cam. ";
    }
    out.values[run] = differing;
  }
}

// Questions of the first and third run, by their text.
void told_runs(const memory::CamOptions& options, bool plastic, Outcome& out) {
  memory::CamMemory first(5, 10, options), third(16, 6, options);
  first.set_plastic(plastic);
  third.set_plastic(plastic);
  const auto rows1 = first.run(schedule(first_run(), 90));
  const auto rows3 = third.run(schedule(third_run(), 140));
  out.values["wrong1"] = wrong_answers(rows1, first_answers());
  out.values["wrong3"] = wrong_answers(rows3, third_answers());
  double recalled = 0;
  for (const Answer& a : first_answers()) {
    const auto at = static_cast<std::size_t>(a.step + memory::CamMemory::answer_step);
    recalled += static_cast<double>(rows1[at][memory::cam_output_cue].size() +
                                    rows1[at][memory::cam_output_content].size());
  }
  out.values["recalled"] = recalled;
}

Outcome trial(const Trial& t) {
  Outcome out;
  if (t.arm == "dictionary") {
    dictionary_study(out);
    return out;
  }
  memory::CamOptions options;
  options.learns_in_recall = t.arm != "guarded";
  options.dendritic = t.arm != "axonal";
  options.depression = t.arm == "no-depression" ? 0 : 1;
  told_runs(options, t.arm != "frozen", out);
  if (t.arm == "frozen") return out;
  rewriting_study(t, options, out);
  if (t.arm == "spikes" || t.arm == "axonal") replay_runs(options, out);
  if (t.arm == "spikes" || t.arm == "guarded") {
    capacity_study(t, options, out);
    spacing_study(t, options, out);
  }
  if (t.arm == "spikes") gap_study(t, options, out);
  return out;
}

std::vector<Claim> claims() {
  std::vector<Claim> all;
  const struct {
    const char *run, *rows;
  } runs[] = {{"run1", "90"}, {"run2", "851"}, {"run3", "140"}};
  for (const auto& [run, rows] : runs)
    all.push_back({.id = std::string(run) + "-rows",
                   .text = std::string("Published ") + run + ": every millisecond of all 12 " +
                           "populations is as on SpiNNaker.",
                   .paper = {"authors' results/", std::string(rows) + " rows", true},
                   .measure = std::string("rows of ") + rows + " that differ",
                   .value = value_of("spikes", run),
                   .bar = below(0.5)});
  for (const auto& [run, rows] : runs)
    all.push_back({.id = std::string(run) + "-axonal",
                   .text = "With the delay of plastic synapses on the axon it is not.",
                   .kind = Kind::ablation,
                   .measure = std::string("rows of ") + rows + " that differ",
                   .value = value_of("axonal", run),
                   .bar = above(0.5)});
  all.push_back(
      {.id = "answers",
       .text = "The nine questions of the first and third run are answered as told.",
       .paper = {"authors' results/", "9 answers", true},
       .measure = "wrong answers of 9",
       .value = [](const Paired& at) { return at("spikes", "wrong1") + at("spikes", "wrong3"); },
       .bar = below(0.5),
       .canary = Canary{"spikes", "frozen"}});
  all.push_back({.id = "mechanism",
                 .text = "Without plasticity nothing is recalled.",
                 .kind = Kind::ablation,
                 .measure = "output spikes at the answer steps of the five questions of run 1",
                 .value = value_of("frozen", "recalled"),
                 .bar = below(0.5)});
  all.push_back(
      {.id = "rewrite",
       .text = "A cue that is learned again gives its new content and nothing of the old.",
       .paper = {"abstract: forgetting"},
       .measure = "share of rewrites (8 cues, 16 bits, 40 a memory)",
       .value = value_of("spikes", "rewritten"),
       .bar = above(0.9999),
       .canary = Canary{"spikes", "no-depression"}});
  all.push_back({.id = "rewrite-new-bit",
                 .text = "A bit of the new content brings the cue.",
                 .measure = "share of rewrites",
                 .value = value_of("spikes", "rewritten_new_bit"),
                 .bar = above(0.9999)});
  all.push_back({.id = "rewrite-old-bit",
                 .text = "A bit that only the old content had does not bring the cue.",
                 .measure = "share of rewrites",
                 .value = value_of("spikes", "rewritten_old_bit"),
                 .bar = above(0.9999)});
  all.push_back({.id = "no-depression",
                 .text = "Without depression old bits stay.",
                 .kind = Kind::ablation,
                 .measure = "share of rewrites that give the new content alone",
                 .value = value_of("no-depression", "rewritten"),
                 .bar = below(0.5)});
  all.push_back({.id = "forget",
                 .text = "forget(): neither the cue nor its bits bring it back, all others stand.",
                 .measure = "share of memories, no learning while the memory answers",
                 .value = value_of("guarded", "forgotten"),
                 .bar = above(0.9999)});
  for (const char* density : {"0.1", "0.3", "0.5"})
    for (const char* arm : {"spikes", "guarded"}) {
      const bool guarded = std::string(arm) == "guarded";
      const std::string value = std::string("by_content_") + density;
      all.push_back(
          {.id = std::string("content-") + density + (guarded ? "-guarded" : ""),
           .text = std::string("A full memory of 64 cues and 128 bits, contents of density ") +
                   density + ", answers for sets of bits as a dictionary does" +
                   (guarded ? ", if it does not learn while it answers." : "."),
           .kind = Kind::baseline,
           .measure = "share of right answers, spikes - dictionary",
           .value = difference(value, arm, "dictionary"),
           .bar = above(-0.0001)});
    }
  all.push_back({.id = "cue-full",
                 .text = "For its cues such a memory answers as a dictionary does.",
                 .kind = Kind::baseline,
                 .measure = "smallest share of right answers over the densities",
                 .value =
                     [](const Paired& at) {
                       return std::min({at("spikes", "by_cue_0.1"), at("spikes", "by_cue_0.3"),
                                        at("spikes", "by_cue_0.5")});
                     },
                 .bar = above(0.9999)});
  const struct {
    const char *id, *text, *value;
    double bar;
  } gaps[] = {
      {"learn-gap", "7 ms from one learning to the next are enough, contents without common bits.",
       "learn_gap_disjoint", 7.5},
      {"learn-gap-shared", "They are enough for random contents.", "learn_gap_shared", 7.5},
      {"recall-gap", "6 ms after a recall are enough, contents without common bits.",
       "recall_gap_disjoint", 6.5},
      {"recall-gap-shared", "They are enough for random contents.", "recall_gap_shared", 6.5}};
  for (const auto& g : gaps)
    all.push_back({.id = g.id,
                   .text = g.text,
                   .paper = {"documentation of sPyMem", "7 ms and 6 ms", true},
                   .measure = "smallest gap (ms) from which on all answers of 8 x 16 are right",
                   .value = value_of("spikes", g.value),
                   .bar = below(g.bar)});
  return all;
}

std::vector<report::Chart> charts(const Results& r) {
  return {{"spacing", "Full memory",
           "64 cues, 128 bits, density 0.3: share of questions answered as a dictionary does, over "
           "the time from one operation to the next (mean over seeds, band: 90 % interval).",
           report::Lines{"from operation to operation (ms)",
                         "right answers (share)",
                         false,
                         false,
                         {r.line("sets of bits, learning always", "spikes", "by_content"),
                          r.line("sets of bits, not while it answers", "guarded", "by_content"),
                          r.line("cues, learning always", "spikes", "by_cue")}}},
          {"rewriting", "Forgetting", "Share of rewrites after which a cue gives its new content.",
           report::Bars{"share (no unit)",
                        false,
                        {r.bar("STDP", "spikes", "rewritten"),
                         r.bar("no depression", "no-depression", "rewritten"),
                         r.bar("axonal delay", "axonal", "rewritten")}}}};
}

}  // namespace

Experiment describe() {
  Experiment e;
  e.title = "Hippocampal memory";
  e.summary =
      "Pairs of a cue and a content are stored by one-shot STDP and found by either. Does the "
      "network give the published spikes to the millisecond, and does it stand up to a full load?";
  e.paper =
      "Casanueva-Morato, Ayuso-Martinez, Indiveri, Dominguez-Morales, Jimenez-Moreno: Bio-inspired "
      "computational memory model of the Hippocampus, Neural Networks 178:106474, 2024, arXiv "
      "2310.05868";
  e.tier = Tier::core;
  e.capability = "plastic synapses with their delay on the dendrite, updated at the next spike";
  e.leaves = "callosum/memory/cam_memory.h";
  e.data = "hippocampus-cam: the authors' spike tables (GPL-3.0, `callosum data get`)";
  e.settings = {{"memories", 2, 10, 1, 1000, "memories that are rewritten, of a seed"},
                {"questions", 64, 256, 8, 1e5, "sets of bits a full memory is asked for"}};
  e.arms = {{"spikes", "the paper's network", 4},
            {"guarded", "it does not learn while it answers", 3},
            {"axonal", "the delay of plastic synapses lies on the axon", 1},
            {"no-depression", "STDP without depression", 1},
            {"frozen", "weights stay at 0", 0.1},
            {"dictionary", "a table in software", 0.01}};
  e.claims = claims();
  e.quick_minutes = 0.3;
  e.full_minutes = 2;
  e.run = trial;
  e.charts = charts;
  return e;
}

}  // namespace callosum::experiment
