#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "callosum/network/connectivity.h"
#include "callosum/sim/delivery.h"
#include "callosum/sim/recording.h"
#include "callosum/sim/stream.h"

namespace callosum::sim {

/// The recorders of weights, in global order: source, block of targets, draw order. With a folder
/// to stream to, recorder k appends its samples (doubles) to weights-k.rec there. Each of several
/// ranks samples the synapses onto its own neurons; the first one keeps what all have sampled.
template <class T>
class WeightRecorders {
 public:
  WeightRecorders(const Network& network, const std::vector<Connectivity>& connectivities,
                  const std::vector<const Delivery<T>*>& deliveries, const std::string& folder,
                  Ranks* ranks = nullptr);
  void reserve(std::int64_t until);
  /// Time k dt: the weights onto the thread's neurons.
  void sample(std::size_t thread, std::int64_t k);
  void flush(std::int64_t now);
  void restart();
  std::vector<WeightRecord> records(std::int64_t now) const;
  static WeightRecord read(const std::string& path);
  void begin(std::int64_t now);  ///< opens the files: after construction or load()

  /// Samples up to time `now`; those of an earlier run were streamed to `folder`.
  void save(ArchiveWriter& out, std::int64_t now);
  void load(const ArchiveReader& in, const std::string& folder, std::int64_t now);

 private:
  struct Part {  // synapses of one segment, and where they stand in the global order
    const GeneralSynapses<T>* general;  // one of the two
    PlasticSynapses<T>* plastic;
    std::vector<std::uint64_t> place;
  };
  struct Weights {
    WeightRecord record;
    std::vector<double> constant;          // of synapses that never change
    std::vector<std::vector<Part>> parts;  // of others, by thread
    std::unique_ptr<StreamFile> file;
    std::int64_t flushed = 0;  // samples in the file, or with the first rank
    std::size_t merged = 0;    // samples since that all ranks have added to

    std::size_t samples(std::int64_t now) const {
      return static_cast<std::size_t>(now / record.interval + 1 - flushed);
    }
  };
  std::vector<Weights> weights_;
  Ranks* ranks_ = nullptr;
};

}  // namespace callosum::sim
