#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "callosum/network/network.h"
#include "callosum/sim/simulation.h"

namespace callosum::memory {

/// What may be changed of the memory, for ablations.
struct CamOptions {
  double depression = 1;  ///< of STDP, relative to potentiation; 0: nothing is ever forgotten
  /// Where the delay of plastic synapses lies. On the axon, learning fails: the target's spike is
  /// at the synapse before the presynaptic one that caused it.
  bool dendritic = true;
  /// Steps from the start of an operation to that of the next, at least 7. The authors say that 7
  /// and 6 will do; contents that share bits need more (experiments/hippocampus-cam).
  std::int64_t learn_steps = 14, recall_steps = 14;
  /// STDP goes on while the memory answers, as in the paper. Then a query of several bits ties them
  /// to every cue that answers, and later queries get cues that never held the bit.
  bool learns_in_recall = false;
};

/// Populations of the memory in the order of the authors' tables, inputs first.
inline constexpr std::array<std::string_view, 12> cam_populations{
    "input_cue", "input_content",       "cue_cue",     "content_cue",
    "condition", "condition_inhibitor", "cue_content", "content_content",
    "merge_cue", "merge_content",       "output_cue",  "output_content"};

inline constexpr std::size_t cam_output_cue = 10, cam_output_content = 11;

/// The network: `cues` neurons stand for cues, `content` for bits of content; dt 1 ms. A model of
/// hippocampal area CA3 by Casanueva-Morato et al. 2024 (Neural Networks 178:106474). Its input
/// populations fire in every step in which their parameter `drive` is above 0.5. Projections
/// "cue_cue -> content_cue" and "content_content -> cue_content" learn.
/// \throws ValueError unless there is a cue and a bit, for a negative depression, for operations of
/// less than 7 steps.
Network cam_network(std::uint32_t cues, std::uint32_t content, const CamOptions& options = {});

/// Which input neurons fire in one step.
struct CamDrive {
  std::vector<std::uint32_t> cues = {}, content = {};
  bool operator==(const CamDrive&) const = default;
};
/// Neurons that fired in one step, by population, each list ascending.
using CamRow = std::array<std::vector<std::uint32_t>, cam_populations.size()>;

/// A content-addressable memory made of spikes. It holds one content (a set of bits) for each of
/// its cues, learns a pair in one shot by STDP, and answers by spikes:
///
///     CamMemory memory(5, 10);
///     memory.learn(3, {4, 5, 6});
///     memory.recall_cue(3);          // {4, 5, 6}
///     memory.recall_content({6});    // {3}: every cue whose content has one of the bits
///     memory.learn(3, {1, 2});       // forgets {4, 5, 6}
///
/// Every operation runs the network until the next may begin.
class CamMemory {
 public:
  static constexpr std::int64_t drive_steps = 3;  ///< an input that is learned fires so long
  static constexpr std::int64_t answer_step = 6;  ///< after the query

  CamMemory(std::uint32_t cues, std::uint32_t content, const CamOptions& options = {});

  /// Stores `content` under `cue`, in the place of what it held. \throws ValueError for a cue or a
  /// bit that does not exist, a bit named twice, an empty content.
  void learn(std::uint32_t cue, const std::vector<std::uint32_t>& content);
  /// Forgets what `cue` held, in three operations: neither it nor its bits bring it back.
  /// \throws ValueError.
  void forget(std::uint32_t cue);
  /// The bits of the cue's content, ascending; none when nothing is known. \throws ValueError.
  std::vector<std::uint32_t> recall_cue(std::uint32_t cue);
  /// The cues whose content has at least one of the bits, ascending. \throws ValueError.
  std::vector<std::uint32_t> recall_content(const std::vector<std::uint32_t>& content);

  /// The raw form: drives the inputs step by step and gives what fired in each; row k stands at the
  /// time at which drive k enters. Nothing is said of operations that overlap: `cam_warnings` does.
  /// \throws ValueError for neurons that do not exist.
  std::vector<CamRow> run(const std::vector<CamDrive>& drives);

  /// While off, the memory answers and does not learn, whatever is asked of it.
  void set_plastic(bool on);
  /// [cue][bit]: of the synapses from cue to content, nA, 0 to 6.
  std::vector<double> cue_weights() const;
  /// [bit][cue]: of those from content to cue.
  std::vector<double> content_weights() const;
  std::uint32_t cues() const { return cues_; }
  std::uint32_t content() const { return content_; }
  const Simulation& simulation() const { return sim_; }

 private:
  std::vector<CamRow> operate(const CamDrive& drive, std::int64_t driven, std::int64_t steps);
  std::vector<CamRow> ask(const CamDrive& query);
  void freeze(bool frozen);
  void check(const CamDrive& drive, std::string_view operation) const;

  CamOptions options_;
  std::uint32_t cues_, content_;
  bool plastic_ = true, frozen_ = false;
  Simulation sim_;
};

/// What a schedule does that the memory cannot be trusted with: two cues learned at once,
/// operations closer than 7 steps after a learn operation or 6 after a recall. One sentence each.
std::vector<std::string> cam_warnings(const std::vector<CamDrive>& drives);

/// A row as the authors' tables have it: "-" or "[0, 4]" for each population.
std::array<std::string, cam_populations.size()> cam_table_row(const CamRow& row);

}  // namespace callosum::memory
