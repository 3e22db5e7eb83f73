#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "callosum/core/random.h"
#include "callosum/network/connectivity.h"
#include "callosum/network/pairing.h"
#include "callosum/network/row_stream.h"

namespace callosum {

/// Which synapses a rule makes: rows of `BlockSynapses` without weights and delays.
class Topology {
 public:
  explicit Topology(const Pairing& pairing) : pairing_(pairing) {}
  virtual ~Topology() = default;
  /// Fills row_offsets and targets. `elements`, when given, receives the place of each synapse in
  /// an explicit array (rules that have one).
  virtual void draw(std::uint32_t block, BlockSynapses& out,
                    std::vector<std::uint64_t>* elements) const = 0;
  /// The targets of one source, as draw() gives them; rules that have rows of their own.
  virtual void draw_row(std::uint32_t source, std::uint32_t block,
                        std::vector<std::uint16_t>& targets) const;
  /// The same of `count` blocks from `first` on, at most eight.
  virtual void draw_rows(std::uint32_t source, std::uint32_t first, std::uint32_t count,
                         std::vector<std::uint16_t>* targets) const {
    for (std::uint32_t k = 0; k < count; ++k) draw_row(source, first + k, targets[k]);
  }
  /// Adds the targets of one source in blocks [first, end), as neurons of their population. `row`:
  /// memory for one block.
  virtual void draw_targets(std::uint32_t source, std::uint32_t first, std::uint32_t end,
                            std::vector<std::uint32_t>& targets,
                            std::vector<std::uint16_t>& row) const {
    for (std::uint32_t block = first; block < end; ++block) {
      draw_row(source, block, row);
      for (const std::uint16_t local : row) targets.push_back(block * block_size + local);
    }
  }
  virtual double expected(std::uint32_t block) const = 0;

 protected:
  const Pairing& pairing_;
};

/// Keys of a projection's topology: numbers of rows, and numbers that split counts.
struct TopologyKeys {
  TopologyKeys(std::uint64_t seed, std::uint64_t object)
      : rows(seed, mix64(object), Purpose::topology), splits(seed, object, Purpose::topology) {}
  StreamKey rows, splits;
};

std::unique_ptr<Topology> one_to_one_topology(const Pairing&);
std::unique_ptr<Topology> all_to_all_topology(const Pairing&);
std::unique_ptr<Topology> list_topology(const Pairing&, const Rule&);
std::unique_ptr<Topology> probability_topology(const Pairing&, const Rule&, TopologyKeys);
std::unique_ptr<Topology> total_topology(const Pairing&, const Rule&, TopologyKeys);
std::unique_ptr<Topology> indegree_topology(const Pairing&, const Rule&, TopologyKeys);
std::unique_ptr<Topology> outdegree_topology(const Pairing&, const Rule&, TopologyKeys);
std::unique_ptr<Topology> distance_topology(const Pairing&, const Network&, const Projection&,
                                            std::uint64_t seed, TopologyKeys);
std::unique_ptr<Topology> topology(const Pairing&, const Network&, const Projection&,
                                   std::uint64_t seed);

}  // namespace callosum
