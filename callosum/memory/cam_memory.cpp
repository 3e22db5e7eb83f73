#include "callosum/memory/cam_memory.h"

#include <algorithm>

#include "callosum/core/error.h"

namespace callosum::memory {
namespace {

std::uint32_t projection_named(const Network& net, std::string_view name) {
  const auto& all = net.projections();
  const auto at =
      std::find_if(all.begin(), all.end(), [&](const Projection& p) { return p.name == name; });
  return static_cast<std::uint32_t>(at - all.begin());
}

constexpr std::array<const char*, 2> plastic{"cue_cue -> content_cue",
                                             "content_content -> cue_content"};

}  // namespace

CamMemory::CamMemory(std::uint32_t cues, std::uint32_t content, const CamOptions& options)
    : options_(options),
      cues_(cues),
      content_(content),
      sim_(cam_network(cues, content, options), {.precision = Precision::twofold}) {}

void CamMemory::check(const CamDrive& drive, std::string_view operation) const {
  const auto in_range = [&](const std::vector<std::uint32_t>& list, std::uint32_t size,
                            const char* what) {
    for (const std::uint32_t i : list)
      if (!(i < size))
        throw ValueError({.where = "content-addressable memory, " + std::string(operation),
                          .what = std::string("there is no such ") + what,
                          .got = std::to_string(i),
                          .expected = "0 to " + std::to_string(size - 1)});
    std::vector<std::uint32_t> sorted = list;
    std::sort(sorted.begin(), sorted.end());
    if (const auto twice = std::adjacent_find(sorted.begin(), sorted.end()); twice != sorted.end())
      throw ValueError({.where = "content-addressable memory, " + std::string(operation),
                        .what = std::string(what) + " is named twice",
                        .got = std::to_string(*twice),
                        .expected = "each at most once"});
  };
  in_range(drive.cues, cues_, "cue");
  in_range(drive.content, content_, "bit");
}

std::vector<CamRow> CamMemory::run(const std::vector<CamDrive>& drives) {
  for (const CamDrive& drive : drives) check(drive, "run");
  sim_.reset(Reset::time);  // the recording holds this run and no other
  const View in_cue = sim_.network().population(cam_populations[0]);
  const View in_content = sim_.network().population(cam_populations[1]);
  const auto set = [&](const View& input, const std::vector<std::uint32_t>& neurons) {
    std::vector<double> drive(input.size(), 0);
    for (const std::uint32_t i : neurons) drive[i] = 1;
    sim_.set(input, "drive", Values::array(std::move(drive), {}));
  };
  for (std::size_t k = 0, next; k < drives.size(); k = next) {
    next = k + 1;
    while (next < drives.size() && drives[next] == drives[k]) ++next;
    if (k == 0 || drives[k].cues != drives[k - 1].cues) set(in_cue, drives[k].cues);
    if (k == 0 || drives[k].content != drives[k - 1].content) set(in_content, drives[k].content);
    sim_.run_steps(static_cast<std::int64_t>(next - k));
  }
  std::vector<CamRow> rows(drives.size());
  const Recording recording = sim_.recording();
  for (std::size_t p = 0; p < cam_populations.size(); ++p) {
    const SpikeRecord& spikes = recording.spikes[p];
    for (std::size_t k = 0; k < spikes.steps.size(); ++k)
      rows[static_cast<std::size_t>(spikes.steps[k] - 1)][p].push_back(spikes.neurons[k]);
  }
  return rows;
}

std::vector<CamRow> CamMemory::operate(const CamDrive& drive, std::int64_t driven,
                                       std::int64_t steps) {
  std::vector<CamDrive> drives(static_cast<std::size_t>(steps));
  std::fill_n(drives.begin(), driven, drive);
  return run(drives);
}

void CamMemory::learn(std::uint32_t cue, const std::vector<std::uint32_t>& content) {
  check({{cue}, content}, "learn");
  if (content.empty())
    throw ValueError({.where = "content-addressable memory, learn",
                      .what = "a content without a bit cannot be learned",
                      .got = "no bits",
                      .expected = "at least one bit, or forget(cue)"});
  operate({{cue}, content}, drive_steps, options_.learn_steps);
}

std::vector<CamRow> CamMemory::ask(const CamDrive& query) {
  freeze(!plastic_ || !options_.learns_in_recall);
  std::vector<CamRow> rows = operate(query, 1, options_.recall_steps);
  freeze(!plastic_);
  return rows;
}

std::vector<std::uint32_t> CamMemory::recall_cue(std::uint32_t cue) {
  check({{cue}, {}}, "recall by cue");
  return ask({{cue}, {}})[answer_step][cam_output_content];
}

std::vector<std::uint32_t> CamMemory::recall_content(const std::vector<std::uint32_t>& content) {
  check({{}, content}, "recall by content");
  return ask({{}, content})[answer_step][cam_output_cue];
}

void CamMemory::forget(std::uint32_t cue) {
  check({{cue}, {}}, "forget");
  const std::vector<std::uint32_t> content = recall_cue(cue);
  // The bits fire just after the cue: of each pair of spikes that of the cue is the earlier one at
  // the synapses from content to cue, which weakens them.
  std::vector<CamDrive> after(static_cast<std::size_t>(options_.learn_steps));
  std::fill_n(after.begin(), drive_steps, CamDrive{{cue}, {}});
  after[drive_steps].content = content;
  if (!content.empty()) run(after);
  // A cue that is driven alone loses its own synapses: its content answers just before it fires.
  operate({{cue}, {}}, drive_steps, options_.learn_steps);
}

void CamMemory::freeze(bool frozen) {
  if (frozen == frozen_) return;
  for (const char* name : plastic) sim_.freeze(projection_named(sim_.network(), name), frozen);
  frozen_ = frozen;
}

void CamMemory::set_plastic(bool on) {
  plastic_ = on;
  freeze(!on);
}

std::vector<double> CamMemory::cue_weights() const {
  std::vector<double> w = sim_.get_synapses(projection_named(sim_.network(), plastic[0]), "weight");
  for (double& x : w) x /= 1000;
  return w;
}

std::vector<double> CamMemory::content_weights() const {
  std::vector<double> w = sim_.get_synapses(projection_named(sim_.network(), plastic[1]), "weight");
  for (double& x : w) x /= 1000;
  return w;
}

std::vector<std::string> cam_warnings(const std::vector<CamDrive>& drives) {
  std::vector<std::string> warnings;
  std::int64_t begun = -1, needs = 0;
  for (std::size_t k = 0; k < drives.size(); ++k) {
    const CamDrive& d = drives[k];
    if (d.cues.empty() && d.content.empty()) continue;
    const bool learns = !d.cues.empty() && !d.content.empty();
    if (k > 0 && d == drives[k - 1]) continue;  // the same operation goes on
    const auto now = static_cast<std::int64_t>(k);
    if (learns && d.cues.size() > 1)
      warnings.push_back("step " + std::to_string(k) + ": " + std::to_string(d.cues.size()) +
                         " cues are learned at once and will share a content");
    if (begun >= 0 && now - begun < needs)
      warnings.push_back("step " + std::to_string(k) + ": begins " + std::to_string(now - begun) +
                         " steps after the operation before it, which needs " +
                         std::to_string(needs));
    begun = now;
    needs = learns ? 7 : 6;
  }
  return warnings;
}

std::array<std::string, cam_populations.size()> cam_table_row(const CamRow& row) {
  std::array<std::string, cam_populations.size()> cells;
  for (std::size_t p = 0; p < row.size(); ++p) {
    std::string& cell = cells[p];
    for (const std::uint32_t i : row[p]) cell += (cell.empty() ? "[" : ", ") + std::to_string(i);
    cell += cell.empty() ? "-" : "]";
  }
  return cells;
}

}  // namespace callosum::memory
