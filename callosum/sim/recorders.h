#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "callosum/network/network.h"
#include "callosum/sim/recording.h"
#include "callosum/sim/stream.h"

namespace callosum::sim {

/// The spike recorders of a network: which neurons of each population are kept, in which record.
/// With a folder to stream to, recorder k appends to spikes-k.rec there: step (64 bit) and neuron
/// (32 bit) of each spike.
class SpikeRecorders {
 public:
  SpikeRecorders(const Network& network, const std::string& folder);
  bool any(std::uint32_t population) const { return !by_population_[population].empty(); }
  /// Spikes of one population and step, neurons ascending.
  void add(std::uint32_t population, const std::vector<std::uint32_t>& neurons, std::int64_t step);
  /// Writes out what is held, where a folder was given.
  void flush();
  /// All spikes; where they are streamed, those flushed.
  std::vector<SpikeRecord> records() const;
  static SpikeRecord read(const std::string& path);
  void clear();
  void begin();  ///< opens the files, where a folder was given: after construction or load()

  void save(ArchiveWriter& out);
  /// Records up to time `now`; those of an earlier run were streamed to `folder`.
  void load(const ArchiveReader& in, const std::string& folder, std::int64_t now);

 private:
  struct Kept {
    std::size_t record;
    std::uint32_t population_size;
    std::vector<bool> neurons;  ///< empty: all
  };
  void check(const ArchiveReader& in, std::size_t record, std::int64_t now) const;

  std::vector<std::vector<Kept>> by_population_;
  std::vector<SpikeRecord> records_;
  std::vector<StreamFile> files_;
};

/// The neurons of a view.
std::vector<std::uint32_t> indices(const View& view);

}  // namespace callosum::sim
