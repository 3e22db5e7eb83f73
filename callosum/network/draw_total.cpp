#include <algorithm>

#include "callosum/network/draw_row.h"
#include "callosum/network/topology.h"

namespace callosum {

namespace {

/// A fixed number of synapses over all pairs: split over blocks, then over sources by halving, each
/// split by its own stream; then targets within each row.
class FixedTotal : public Topology {
 public:
  FixedTotal(const Pairing& pairing, const Rule& rule, TopologyKeys keys)
      : Topology(pairing), multapses_(rule.multapses), keys_(keys) {
    std::uint64_t left = rule.number, pairs = pairing.pairs();
    Stream stream(keys.splits, 0, 0);
    for (std::uint32_t b = 0; b < pairing.blocks(); ++b) {
      const std::uint64_t here = pairing.pairs(b);
      totals_.push_back(split(stream, left, here, pairs));
      left -= totals_.back();
      pairs -= here;
    }
  }

  void draw(std::uint32_t block, BlockSynapses& out, std::vector<std::uint64_t>*) const override {
    const std::uint32_t rows = pairing_.sources();
    out.row_offsets.assign(rows + 1, 0);
    count_rows(block, 0, rows, 1, totals_[block], out.row_offsets.data() + 1);
    for (std::uint32_t row = 0; row < rows; ++row) out.row_offsets[row + 1] += out.row_offsets[row];
    out.targets.resize(out.row_offsets[rows]);
    for (std::uint32_t row = 0; row < rows; ++row) {
      const std::uint32_t at = out.row_offsets[row], count = out.row_offsets[row + 1] - at;
      if (count == 0) continue;
      RowStream stream(keys_.rows, RowStream::synapses, row, block);
      const RowTargets targets(pairing_, block, row);
      draw_either(multapses_, stream, targets, count, out.targets.data() + at);
    }
  }
  void draw_row(std::uint32_t source, std::uint32_t block,
                std::vector<std::uint16_t>& out) const override {
    // Only the branch that leads to the source; its counts may come with those of neighbours.
    thread_local std::vector<std::uint32_t> counts;
    counts.resize(std::max<std::size_t>(counts.size(), pairing_.sources()));
    std::uint32_t first = 0, last = pairing_.sources();
    std::uint64_t node = 1, count = totals_[block];
    while (count > 0 && last - first > (multapses_ ? throwing : 1u)) {
      const std::uint32_t middle = first + (last - first) / 2;
      const std::uint64_t lower = lower_half(block, first, last, node, count);
      const bool below = source < middle;
      count = below ? lower : count - lower;
      (below ? last : first) = middle;
      node = 2 * node + (below ? 0 : 1);
    }
    std::fill(counts.begin() + first, counts.begin() + last, 0u);
    count_rows(block, first, last, node, count, counts.data());
    out.resize(counts[source]);
    if (out.empty()) return;
    RowStream stream(keys_.rows, RowStream::synapses, source, block);
    draw_either(multapses_, stream, RowTargets(pairing_, block, source), counts[source],
                out.data());
  }
  double expected(std::uint32_t block) const override {
    return static_cast<double>(totals_[block]);
  }

 private:
  /// How many of `count` synapses over `pairs` pairs fall on `part` of them.
  std::uint64_t split(Stream& stream, std::uint64_t count, std::uint64_t part,
                      std::uint64_t pairs) const {
    if (count == 0 || part == 0) return 0;
    if (part == pairs) return count;
    return multapses_
               ? stream.binomial(count, static_cast<double>(part) / static_cast<double>(pairs))
               : stream.hypergeometric(pairs, part, count);
  }

  /// How many of the `count` synapses of the rows [first, last) are in the lower half of them.
  std::uint64_t lower_half(std::uint32_t block, std::uint32_t first, std::uint32_t last,
                           std::uint64_t node, std::uint64_t count) const {
    Stream stream(keys_.splits, node, block + std::uint64_t{1});
    return split(stream, count, pairing_.pairs(first, first + (last - first) / 2, block),
                 pairing_.pairs(first, last, block));
  }

  /// Counts of the rows [first, last), which hold `count` synapses together. `node` numbers the
  /// ranges: 2 n and 2 n + 1 are the halves of n.
  void count_rows(std::uint32_t block, std::uint32_t first, std::uint32_t last, std::uint64_t node,
                  std::uint64_t count, std::uint32_t* counts) const {
    if (count == 0) return;
    if (last - first == 1) {
      counts[first] = static_cast<std::uint32_t>(count);
      return;
    }
    if (multapses_ && last - first <= throwing) {
      throw_pairs(block, first, last, count, counts);
      return;
    }
    const std::uint32_t middle = first + (last - first) / 2;
    const std::uint64_t lower = lower_half(block, first, last, node, count);
    count_rows(block, first, middle, 2 * node, lower, counts);
    count_rows(block, middle, last, 2 * node + 1, count - lower, counts);
  }

  /// The same for few rows: each synapse picks its row. With a pair left out, rows are not equally
  /// likely: a whole pair is drawn and drawn again when it is one of those.
  void throw_pairs(std::uint32_t block, std::uint32_t first, std::uint32_t last,
                   std::uint64_t count, std::uint32_t* counts) const {
    RowStream stream(keys_.rows, RowStream::counts, first, block);
    const std::uint32_t rows = last - first, size = pairing_.size(block);
    const bool even = pairing_.pairs(first, last, block) == std::uint64_t{rows} * size;
    while (count > 0) {
      const std::uint32_t row = first + stream.below(rows);
      if (!even && pairing_.self_in(block, row) == stream.below(size)) continue;
      ++counts[row];
      --count;
    }
  }

  static constexpr std::uint32_t throwing = 64;
  bool multapses_;
  TopologyKeys keys_;
  std::vector<std::uint64_t> totals_;  ///< synapses of each block
};

}  // namespace

std::unique_ptr<Topology> total_topology(const Pairing& pairing, const Rule& rule,
                                         TopologyKeys keys) {
  return std::make_unique<FixedTotal>(pairing, rule, keys);
}

}  // namespace callosum
