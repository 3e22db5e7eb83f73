#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace callosum::analysis {

/// A stretch of training with its own rule for ending.
struct Phase {
  std::string name;
  std::int64_t patience = 5;  ///< observations without improvement that make a plateau, >= 1
  double improvement = 0;     ///< a score must fall by more than this to count, >= 0
  std::int64_t longest = 0;   ///< observations after which the phase ends anyway; 0: any number
};

/// Moves a training through phases by its score (lower is better): on a plateau the next phase
/// begins; a phase that ends worse than it began is rolled back; after the last phase everything is
/// frozen. It decides only: what to save, restore and freeze is the caller's, who after every
/// observation saves a copy if `improved()`, then does what the action says.
class PhaseController {
 public:
  enum class Action {
    go_on,      ///< nothing to do
    advance,    ///< the phase is over: restore the best copy, begin the next phase
    roll_back,  ///< the phase brought nothing better: restore that copy, begin the next phase
    freeze,     ///< the last phase is over: restore the best copy, learn no more
  };

  /// ValueError for no phases, or a phase with a number out of range.
  explicit PhaseController(std::vector<Phase> phases);
  /// One observation. NaN and infinity count as no improvement. ValueError once frozen.
  Action observe(double score);

  /// Whether the last observation is the best score of all so far.
  bool improved() const { return improved_; }
  const Phase& phase() const { return phases_[current_]; }
  std::size_t phase_index() const { return current_; }
  double best() const { return best_; }  ///< of all phases that were kept; infinity before any
  bool frozen() const { return frozen_; }

 private:
  Action end_phase();
  std::vector<Phase> phases_;
  std::size_t current_ = 0;
  double best_, phase_best_;
  std::int64_t since_best_ = 0, seen_ = 0;
  bool frozen_ = false, improved_ = false;
};

}  // namespace callosum::analysis
