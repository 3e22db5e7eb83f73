#include <algorithm>
#include <map>

#include "callosum/network/binomial_table.h"
#include "callosum/network/draw_row.h"
#include "callosum/network/topology.h"

namespace callosum {

namespace {

/// Every pair with the same probability: the number of synapses of a row is binomial, and given
/// that number all subsets of targets are equally likely.
class FixedProbability : public Topology {
 public:
  FixedProbability(const Pairing& pairing, const Rule& rule, TopologyKeys keys)
      : Topology(pairing), p_(rule.probability), keys_(keys) {
    for (std::uint32_t b = 0; b < pairing.blocks(); ++b) {
      for (const std::uint32_t size : {pairing.size(b), std::max(1u, pairing.size(b)) - 1})
        if (!tables_.contains(size)) tables_.emplace(size, BinomialTable(size, p_));
      full_.push_back(&table(pairing.size(b)));
      less_self_.push_back(&table(std::max(1u, pairing.size(b)) - 1));
    }
  }

  void draw(std::uint32_t block, BlockSynapses& out, std::vector<std::uint64_t>*) const override {
    // Counts of 64 rows share a stream, two words each, so that empty rows cost next to nothing.
    const std::uint32_t rows = pairing_.sources(), size = pairing_.size(block);
    out.row_offsets.resize(rows + 1);
    out.row_offsets[0] = 0;
    const BinomialTable &full = table(size), &less_self = table(std::max(1u, size) - 1);
    for (std::uint32_t first = 0; first < rows; first += shared) {
      RowStream counts(keys_.rows, RowStream::counts, first / shared, block);
      for (std::uint32_t row = first; row < rows && row - first < shared; ++row) {
        const bool self = pairing_.self_in(block, row) != Pairing::none;
        out.row_offsets[row + 1] =
            out.row_offsets[row] + (self ? less_self : full)(counts.bits64());
      }
    }
    out.targets.resize(out.row_offsets[rows]);
    for (std::uint32_t row = 0; row < rows; ++row) {
      const std::uint32_t at = out.row_offsets[row], count = out.row_offsets[row + 1] - at;
      if (count == 0) continue;
      RowStream stream(keys_.rows, RowStream::synapses, row, block);
      draw_subset(stream, RowTargets(pairing_, block, row), count, out.targets.data() + at);
    }
  }
  void draw_row(std::uint32_t source, std::uint32_t block,
                std::vector<std::uint16_t>& out) const override {
    const RowTargets targets(pairing_, block, source);
    RowStream counts(keys_.rows, RowStream::counts, source / shared, block);
    counts.skip(2 * (source % shared));
    out.resize(table(targets.size)(counts.bits64()));
    if (out.empty()) return;
    RowStream stream(keys_.rows, RowStream::synapses, source, block);
    draw_subset(stream, targets, static_cast<std::uint32_t>(out.size()), out.data());
  }
  // Rows are short where this matters: the first words of eight blocks' streams come at once.
  void draw_rows(std::uint32_t source, std::uint32_t first, std::uint32_t count,
                 std::vector<std::uint16_t>* out) const override {
    alignas(64) std::uint32_t counts[RowStream::words], synapses[RowStream::words];
    RowStream::first_words(keys_.rows, RowStream::counts, source / shared, first,
                           source % shared / 2, counts);
    RowStream::first_words(keys_.rows, RowStream::synapses, source, first, 0, synapses);
    for (std::uint32_t k = 0; k < count; ++k) {
      const RowTargets targets(pairing_, first + k, source);
      const std::uint32_t* const own = counts + 4 * k + 2 * (source % 2);
      out[k].resize(table(targets.size)(own[0] | std::uint64_t{own[1]} << 32));
      if (out[k].empty()) continue;
      RowStream stream(keys_.rows, RowStream::synapses, source, first + k, synapses + 4 * k);
      draw_subset(stream, targets, static_cast<std::uint32_t>(out[k].size()), out[k].data());
    }
  }
  // One source's synapses onto everybody: what is not needed for each of many blocks of one or two
  // synapses is left out.
  void draw_targets(std::uint32_t source, std::uint32_t first, std::uint32_t end,
                    std::vector<std::uint32_t>& out, std::vector<std::uint16_t>&) const override {
    alignas(64) std::uint32_t counts[RowStream::words], synapses[RowStream::words];
    std::size_t used = out.size();
    for (std::uint32_t block = first; block < end; ++block) {
      const std::uint32_t k = (block - first) % 8;
      if (k == 0) {
        RowStream::first_words(keys_.rows, RowStream::counts, source / shared, block,
                               source % shared / 2, counts);
        RowStream::first_words(keys_.rows, RowStream::synapses, source, block, 0, synapses);
      }
      const PlacedTargets targets(pairing_, block, source);
      const std::uint32_t* const own = counts + 4 * k + 2 * (source % 2);
      const BinomialTable& table =
          targets.self() == Pairing::none ? *full_[block] : *less_self_[block];
      const std::uint32_t count = table(own[0] | std::uint64_t{own[1]} << 32);
      if (count == 0) continue;
      if (out.size() < used + count) out.resize(2 * (used + count));
      ShortRowStream stream(keys_.rows, RowStream::synapses, source, block, synapses + 4 * k);
      draw_subset(stream, targets, count, out.data() + used);
      used += count;
    }
    out.resize(used);
  }
  double expected(std::uint32_t block) const override {
    return p_ * static_cast<double>(pairing_.pairs(block));
  }

 private:
  const BinomialTable& table(std::uint32_t size) const { return tables_.find(size)->second; }

  static constexpr std::uint32_t shared = 64;  ///< rows whose counts share a stream

  double p_;
  TopologyKeys keys_;
  std::map<std::uint32_t, BinomialTable> tables_;       ///< by number of targets
  std::vector<const BinomialTable*> full_, less_self_;  ///< by block; one target left out
};

}  // namespace

std::unique_ptr<Topology> probability_topology(const Pairing& pairing, const Rule& rule,
                                               TopologyKeys keys) {
  return std::make_unique<FixedProbability>(pairing, rule, keys);
}

}  // namespace callosum
