#include <numeric>

#include "callosum/network/draw_row.h"
#include "callosum/network/topology.h"

namespace callosum {

namespace {

class OneToOne : public Topology {
 public:
  using Topology::Topology;
  void draw(std::uint32_t block, BlockSynapses& out,
            std::vector<std::uint64_t>* elements) const override {
    const std::uint32_t first = pairing_.begin(block), last = first + pairing_.size(block);
    out.row_offsets.assign(pairing_.sources() + 1, 0);
    out.targets.clear();
    if (elements) elements->clear();
    for (std::uint32_t i = first; i < last; ++i) {
      if (pairing_.self(i) == i) continue;
      out.row_offsets[i + 1] = 1;
      out.targets.push_back(pairing_.local_of(i));
      if (elements) elements->push_back(i);
    }
    std::partial_sum(out.row_offsets.begin(), out.row_offsets.end(), out.row_offsets.begin());
  }
  double expected(std::uint32_t block) const override {
    double n = 0;
    for (std::uint32_t i = pairing_.begin(block); i < pairing_.begin(block + 1); ++i)
      n += pairing_.self(i) != i;
    return n;
  }
};

class AllToAll : public Topology {
 public:
  using Topology::Topology;
  void draw(std::uint32_t block, BlockSynapses& out,
            std::vector<std::uint64_t>* elements) const override {
    const std::uint32_t rows = pairing_.sources();
    out.row_offsets.resize(rows + 1);
    out.row_offsets[0] = 0;
    const std::uint64_t total = pairing_.pairs(block);
    out.targets.resize(total);
    if (elements) elements->resize(total);
    std::uint32_t at = 0;
    for (std::uint32_t row = 0; row < rows; ++row) {
      const RowTargets targets(pairing_, block, row);
      for (std::uint32_t i = 0; i < targets.size; ++i, ++at) {
        out.targets[at] = targets[i];
        if (elements)
          (*elements)[at] = std::uint64_t{row} * pairing_.targets() + pairing_.begin(block) +
                            (i >= targets.self ? i + 1 : i);
      }
      out.row_offsets[row + 1] = at;
    }
  }
  void draw_row(std::uint32_t source, std::uint32_t block,
                std::vector<std::uint16_t>& out) const override {
    const RowTargets targets(pairing_, block, source);
    out.resize(targets.size);
    for (std::uint32_t i = 0; i < targets.size; ++i) out[i] = targets[i];
  }
  double expected(std::uint32_t block) const override {
    return static_cast<double>(pairing_.pairs(block));
  }
};

/// Explicit pairs, sorted once by block and source; the order given decides within a row.
class List : public Topology {
 public:
  List(const Pairing& pairing, const Rule& rule) : Topology(pairing), rule_(rule) {
    const std::size_t n = rule.sources.size();
    // Two stable counting sorts: by source, then by block.
    std::vector<std::uint32_t> by_source(n), places(pairing.sources() + 1, 0);
    for (std::uint32_t s : rule.sources) ++places[s + 1];
    std::partial_sum(places.begin(), places.end(), places.begin());
    for (std::uint32_t i = 0; i < n; ++i) by_source[places[rule.sources[i]]++] = i;
    begin_.assign(pairing.blocks() + 1, 0);
    for (std::uint32_t t : rule.targets) ++begin_[pairing.block_of(t) + 1];
    std::partial_sum(begin_.begin(), begin_.end(), begin_.begin());
    order_.resize(n);
    places.assign(begin_.begin(), begin_.end());
    for (std::uint32_t i : by_source) order_[places[pairing.block_of(rule.targets[i])]++] = i;
  }
  void draw(std::uint32_t block, BlockSynapses& out,
            std::vector<std::uint64_t>* elements) const override {
    const std::uint32_t first = begin_[block], count = begin_[block + 1] - first;
    out.row_offsets.assign(pairing_.sources() + 1, 0);
    out.targets.resize(count);
    if (elements) elements->resize(count);
    for (std::uint32_t k = 0; k < count; ++k) {
      const std::uint32_t i = order_[first + k];
      ++out.row_offsets[rule_.sources[i] + 1];
      out.targets[k] = pairing_.local_of(rule_.targets[i]);
      if (elements) (*elements)[k] = i;
    }
    std::partial_sum(out.row_offsets.begin(), out.row_offsets.end(), out.row_offsets.begin());
  }
  double expected(std::uint32_t block) const override { return begin_[block + 1] - begin_[block]; }

 private:
  const Rule& rule_;
  std::vector<std::uint32_t> order_;  ///< places in the list, by block, source, place
  std::vector<std::uint32_t> begin_;  ///< first place in order_ of each block
};

}  // namespace

std::unique_ptr<Topology> one_to_one_topology(const Pairing& pairing) {
  return std::make_unique<OneToOne>(pairing);
}

std::unique_ptr<Topology> all_to_all_topology(const Pairing& pairing) {
  return std::make_unique<AllToAll>(pairing);
}

std::unique_ptr<Topology> list_topology(const Pairing& pairing, const Rule& rule) {
  return std::make_unique<List>(pairing, rule);
}

}  // namespace callosum
