#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "callosum/core/archive.h"
#include "callosum/network/connectivity.h"
#include "callosum/sim/continuous.h"
#include "callosum/sim/exchange.h"
#include "callosum/sim/plastic_code.h"
#include "callosum/sim/population_state.h"
#include "callosum/sim/post_history.h"
#include "callosum/sim/ring.h"
#include "callosum/sim/synapse_store.h"

namespace callosum::sim {

/// The plastic synapses of one projection onto one segment: a column a variable beside the rows of
/// the store. A synapse is visited when a presynaptic spike comes, in the step in which that spike
/// acts on the target: first it hears of the target's spikes since the last visit, in order, then
/// on_pre runs. With a delay d of which d_d lies on the dendrite, a visit in step n stands at time
/// n + 1 - d_d of the synapse, and a target's spike stamped s reaches it at s + d_d.
///
/// States that only one side's spikes move stand with that side (`model::SharedStates`): a column
/// by bucket for the source's, the history of its spikes for the target's.
///
/// All synapses of a bucket are visited together, so when they were is one number a bucket. Those
/// of silent sources are visited every `patience` steps, so that histories stay short; this is a
/// matter of the step count alone, and no split shows.
template <class T>
class PlasticSynapses {
 public:
  static constexpr std::int64_t patience = 4096;
  static_assert(2 * patience < (std::int64_t{1} << model::most_elapsed_bits));

  PlasticSynapses(const Network& network, std::uint32_t projection,
                  std::shared_ptr<const PlasticCode> code, const Connectivity& connectivity,
                  const SynapseStore<T>& store, const Segment& segment, PopulationState<T>& post,
                  std::vector<Ring<T>>& rings, std::uint64_t seed);

  /// The values that the sum reads of the sources, from here on.
  void read_sources(ContinuousProjection<T>& sources) { sources_ = &sources; }
  void read_sources_of(const PlasticSynapses& other) { sources_ = other.sources_; }
  /// Adds the sum's terms to the parameters of the targets that it drives in step n. Of a source
  /// over a delay d it reads the value of d steps before the step's end, at least one; of the
  /// weight what all events before time n left.
  void add_sums(std::int64_t n);
  /// The start of step n, before what arrives in it.
  void begin_step(std::int64_t n);
  /// A presynaptic spike on the synapses [first, last) of a bucket, all of this delay, acts in step
  /// n. May wait for `finish_step`.
  void arrive(std::uint64_t first, std::uint64_t last, std::uint32_t bucket, std::uint32_t delay,
              std::int64_t n);
  /// All that arrived in step n has acted.
  void finish_step();
  /// The spikes of step n, among them those of the targets.
  void hear(const FoundSpikes& found, std::int64_t n);

  /// A variable of every synapse of the store at time `now` dt, as its next presynaptic spike
  /// finds it if that comes at once; changes nothing.
  std::vector<T> read(std::string_view variable, std::int64_t now);
  /// Sets it, by place in the store. What has been heard of is applied before.
  void write(std::string_view variable, const std::vector<T>& values, std::int64_t now);
  /// From `now` on: traces run on, weights do not change (code for frozen synapses), or do again.
  /// States that the code no longer shares become each synapse's own; those that it shares anew
  /// are to be restored before they are used.
  void change_code(std::shared_ptr<const PlasticCode> code, std::int64_t now);

  /// Variables, or states (traces) only, as they were drawn. Spikes that the dendrite still carries
  /// are lost.
  void restore(std::int64_t now, bool states_only);
  void restart_at(std::int64_t now);  ///< what step `now` was is step 0
  void save(ArchiveWriter& out, const std::string& projection,
            const Connectivity& connectivity) const;
  /// Throws FileError for what cannot have been saved at time `now` dt.
  void load(const ArchiveReader& in, const std::string& projection,
            const Connectivity& connectivity, std::int64_t now);
  /// States that a source has for all its synapses with one delay, and when they stood so.
  struct SourceStates {
    std::int64_t at;
    std::vector<T> values;
  };
  using StatesOfSources = std::map<std::pair<std::uint32_t, std::uint32_t>, SourceStates>;
  /// Adds those of this segment, by source and delay.
  void collect_sources(StatesOfSources& states) const;
  /// Goes on from other synapses of the same code onto the same targets at time `now`: synapse k is
  /// their from[k], or a new one where that is negative. `sources`: the states of all segments.
  void go_on_from(PlasticSynapses& before, const std::vector<std::int64_t>& from,
                  const StatesOfSources& sources, std::int64_t now);
  const std::shared_ptr<const PlasticCode>& code() const { return code_; }
  bool frozen() const { return code_->frozen; }
  /// Whether every synapse keeps states of its own though they could be shared.
  bool separate() const { return code_->separate; }
  bool shares(const std::string& state) const { return code_->shared.contains(state); }
  /// How often on_pre or on_post has run for a synapse.
  std::uint64_t updates() const { return updates_; }
  void forget_updates() { updates_ = 0; }
  std::size_t bytes() const;

 private:
  static constexpr std::size_t width = 1024;  // lanes of a batch
  struct Read {
    std::size_t slot;
    std::string name;
  };
  struct Place {  // of a shared state among a program's slots
    std::size_t slot, state;
  };
  struct Run {  // one program, bound to scratch columns
    const PlasticCode::Part* part = nullptr;
    std::vector<void*> slots;
    std::vector<T> uniforms;
    std::vector<Read> reads;                             // of the target
    std::vector<std::pair<std::size_t, Ring<T>*>> adds;  // slot, where the term goes
    std::vector<Read> sums;                              // slot, the driven parameter
    int elapsed = -1, source = -1;
    int since_source = -1, since_target = -1;
    std::vector<Place> source_states, target_states;  // loaded
    std::vector<Place> before;                        // stored: as they were before the spike
  };
  struct Piece {  // of a bucket: synapses [first, first + count) of the store are lanes [lane, ...)
    std::uint64_t first;
    std::size_t lane, count;
    T since_source;  // steps from when the source's states stood as they do to the visit
  };
  struct Batch {
    std::size_t size = 0;
    std::vector<Piece> pieces;
    std::vector<std::uint16_t> piece;     // which the lane belongs to; kept where states are shared
    std::vector<std::uint16_t> target;    // within the segment
    std::vector<std::int32_t> at;         // the synapse's present, steps after the visit's (<= 0)
    std::vector<std::int32_t> dendritic;  // part of the delay
    std::vector<Aligned<T>> columns;      // by variable
    // The source's states by state and piece, as kept, and at the visit before its spike acts.
    std::vector<std::vector<T>> source, source_before;
  };
  struct Pending {  // a spike that a lane has yet to hear of
    std::uint32_t lane;
    std::uint32_t newer;  // how many later spikes its target's history holds
    std::int32_t at;      // when it is at the synapse
  };

  Run bind(const PlasticCode::Part& part, std::vector<Aligned<T>>& columns);
  void bind_all();
  void allocate();
  void take(std::uint64_t first, std::uint64_t last, std::uint32_t bucket, std::uint32_t dendritic,
            std::int64_t from, std::int64_t n);
  void put();
  void clear_batch();
  void catch_up(std::int64_t n, bool all_heard = true);
  void read_targets(const Run& run);
  void finish_sums(std::int64_t n);
  void hear_one_each();
  void run(Run& run, std::size_t lanes);
  void elapse(Run& run);
  // Of shared states (plastic_shared.cpp).
  void begin_shared(std::int64_t now);
  void keep_apart(const PlasticCode& code, std::int64_t now);
  void source_fires(std::uint32_t bucket, std::int64_t time);
  void source_fired(std::uint32_t bucket, std::int64_t time);
  void take_source(Piece& piece, std::uint32_t bucket, std::int64_t time);
  void spread_source(const Run& run, const std::vector<std::vector<T>>& values);
  void bring_source(const Run& run);
  void bring_target(const Run& run, std::int64_t n, bool all_heard);
  void remember(std::size_t i, std::int64_t stamp);
  void targets_fire(std::int64_t stamp);
  std::vector<T> read_shared(std::string_view variable, std::int64_t now);
  void save_shared(ArchiveWriter& out, const std::string& projection,
                   const Connectivity& connectivity) const;
  void load_shared(const ArchiveReader& in, const std::string& projection,
                   const Connectivity& connectivity, std::int64_t now);
  std::int32_t late() const { return code_->post_first ? 1 : 0; }
  void visit(std::int64_t n, std::int64_t older_than);
  std::uint32_t dendritic_of(std::uint32_t delay) const {
    return delay < longest_dendritic_ ? delay : longest_dendritic_;
  }
  int index_of(std::string_view variable) const;
  void keep_drawn(std::size_t variable);
  // f(first, last, bucket, dendritic part of its delay)
  template <class F>
  void for_each_bucket(F f) const {
    for (std::uint32_t source = 0; source < store_.sources(); ++source) {
      std::uint32_t bucket = store_.first_bucket(source);
      store_.for_each_bucket(source,
                             [&](std::uint64_t first, std::uint64_t last, std::uint32_t delay) {
                               f(first, last, bucket++, dendritic_of(delay));
                             });
    }
  }

  const Network& network_;
  std::uint32_t projection_;
  std::uint64_t seed_;
  std::shared_ptr<const PlasticCode> code_;
  const SynapseStore<T>& store_;
  Segment segment_;
  PopulationState<T>& post_;
  std::vector<Ring<T>>& rings_;
  std::uint32_t longest_dendritic_ = 0;
  std::vector<std::vector<T>> columns_;  // by variable
  std::vector<std::vector<T>> drawn_;    // what restore() takes them back to, once it was asked
  std::vector<std::int64_t> visited_;    // by bucket
  PostHistory<T> history_;
  std::vector<T> read_values_;  // of one target, as on_post reads them
  std::vector<const T*> read_columns_;

  Batch batch_;
  std::vector<Aligned<T>> heard_;  // columns of lanes that hear of a spike
  std::vector<Aligned<T>> others_;
  Run on_pre_, on_post_, advance_, sum_, source_, target_, show_;
  std::vector<std::vector<T>> source_states_;  // by state and bucket
  std::vector<std::int64_t> source_at_;        // by bucket: when they stood so
  ContinuousProjection<T>* sources_ = nullptr;
  std::array<std::vector<std::uint32_t>, PostHistory<T>::room + 1> by_number_;  // lanes
  std::vector<Pending> pending_, behind_;
  std::int64_t step_ = 0;
  std::uint64_t updates_ = 0;
};

}  // namespace callosum::sim
