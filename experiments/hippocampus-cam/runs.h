#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "callosum/memory/cam_memory.h"

namespace callosum::experiment {

/// One operation of the memory: cue and content together are learned, one alone is asked.
struct Operation {
  std::int64_t step;
  std::vector<std::uint32_t> cues, content;
};
/// What the inputs do step by step: what is learned is driven for three steps, a question for one.
std::vector<memory::CamDrive> schedule(const std::vector<Operation>& operations,
                                       std::int64_t steps);

/// The authors' first and third run, as their text has them; the second stands in their table.
const std::vector<Operation>& first_run();  ///< 5 cues, 10 bits, 90 steps
const std::vector<Operation>& third_run();  ///< 16 cues, 6 bits, 140 steps

/// What the output must say at the answer step of each question of a run, as the text has it.
struct Answer {
  std::int64_t step;  ///< of the question
  bool of_cues;       ///< cues answer, else bits
  std::vector<std::uint32_t> neurons;
};
const std::vector<Answer>& first_answers();
const std::vector<Answer>& third_answers();

/// How many answers differ.
int wrong_answers(const std::vector<memory::CamRow>& rows, const std::vector<Answer>& answers);

/// Plays the inputs of one of the published tables ("run1") into a memory of its size.
/// Gives how many of its rows differ. \throws FileError where the table is not on this machine.
struct Replayed {
  int differing = 0, rows = 0;
};
Replayed replay(const std::string& run, const memory::CamOptions& options);

}  // namespace callosum::experiment
