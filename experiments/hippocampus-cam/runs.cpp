#include "runs.h"

#include <algorithm>
#include <charconv>

#include "callosum/data/locate.h"
#include "callosum/data/workbook.h"

namespace callosum::experiment {

using memory::CamDrive;
using memory::CamRow;

std::vector<CamDrive> schedule(const std::vector<Operation>& operations, std::int64_t steps) {
  std::vector<CamDrive> drives(static_cast<std::size_t>(steps));
  for (const Operation& o : operations) {
    const bool learns = !o.cues.empty() && !o.content.empty();
    for (std::int64_t k = 0; k < (learns ? memory::CamMemory::drive_steps : 1); ++k)
      drives[static_cast<std::size_t>(o.step + k)] = {o.cues, o.content};
  }
  return drives;
}

const std::vector<Operation>& first_run() {
  static const std::vector<Operation> run{
      {0, {0}, {0, 1, 8, 9}},  {10, {4}, {1, 5, 6}}, {20, {3}, {4, 5, 6}},
      {30, {0}, {}},           {40, {}, {6}},        {50, {}, {0, 4}},
      {60, {3}, {1, 3, 4, 8}}, {70, {3}, {}},        {80, {}, {6}}};
  return run;
}

const std::vector<Answer>& first_answers() {
  static const std::vector<Answer> answers{{30, false, {0, 1, 8, 9}},
                                           {40, true, {3, 4}},
                                           {50, true, {0, 3}},
                                           {70, false, {1, 3, 4, 8}},
                                           {80, true, {4}}};
  return answers;
}

const std::vector<Operation>& third_run() {
  static const std::vector<Operation> run = [] {
    const std::uint32_t flags[] = {0, 5, 1, 3, 0, 3, 4, 5, 0, 5, 4, 3, 2, 4, 4, 3};
    std::vector<Operation> all;
    for (std::uint32_t cue = 0; cue < 16; ++cue) all.push_back({7 * cue, {cue}, {flags[cue]}});
    all.push_back({112, {}, {1, 2, 4}});
    all.push_back({118, {}, {3}});
    all.push_back({124, {}, {5}});
    all.push_back({130, {}, {0}});
    return all;
  }();
  return run;
}

const std::vector<Answer>& third_answers() {
  static const std::vector<Answer> answers{{112, true, {2, 6, 10, 12, 13, 14}},
                                           {118, true, {3, 5, 11, 15}},
                                           {124, true, {1, 7, 9}},
                                           {130, true, {0, 4, 8}}};
  return answers;
}

int wrong_answers(const std::vector<CamRow>& rows, const std::vector<Answer>& answers) {
  return static_cast<int>(std::count_if(answers.begin(), answers.end(), [&](const Answer& a) {
    const auto at = static_cast<std::size_t>(a.step + memory::CamMemory::answer_step);
    return rows[at][a.of_cues ? memory::cam_output_cue : memory::cam_output_content] != a.neurons;
  }));
}

namespace {

// "[0, 4]" or "-".
std::vector<std::uint32_t> neurons_of(const std::string& cell) {
  std::vector<std::uint32_t> list;
  const char* end = cell.data() + cell.size();
  for (const char* c = cell.data(); c < end; ++c) {
    std::uint32_t i = 0;
    const auto [after, error] = std::from_chars(c, end, i);
    if (error == std::errc()) {
      list.push_back(i);
      c = after - 1;
    }
  }
  return list;
}

}  // namespace

Replayed replay(const std::string& run, const memory::CamOptions& options) {
  const data::Table table =
      data::read_workbook(data::locate("hippocampus-cam").file(run + "-spikes"));
  std::vector<CamDrive> drives;
  std::uint32_t cues = 1, content = 1;
  for (const auto& row : table.rows) {
    drives.push_back({neurons_of(row[1]), neurons_of(row[2])});
    for (const std::uint32_t i : drives.back().cues) cues = std::max(cues, i + 1);
    for (const std::uint32_t i : drives.back().content) content = std::max(content, i + 1);
  }
  memory::CamMemory memory(cues, content, options);
  const std::vector<CamRow> rows = memory.run(drives);
  Replayed result{0, static_cast<int>(rows.size())};
  for (std::size_t k = 0; k < rows.size(); ++k) {
    const auto ours = memory::cam_table_row(rows[k]);
    if (!std::equal(ours.begin(), ours.end(), table.rows[k].begin() + 1)) ++result.differing;
  }
  return result;
}

}  // namespace callosum::experiment
