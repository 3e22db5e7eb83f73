#include <algorithm>
#include <numeric>

#include "callosum/network/draw_row.h"
#include "callosum/network/topology.h"

namespace callosum {

namespace {

/// Every source has `number` synapses: split over blocks by halving, along the path to one block.
class FixedOutdegree : public Topology {
 public:
  FixedOutdegree(const Pairing& pairing, const Rule& rule, TopologyKeys keys)
      : Topology(pairing), number_(rule.number), multapses_(rule.multapses), keys_(keys) {}

  void draw(std::uint32_t block, BlockSynapses& out, std::vector<std::uint64_t>*) const override {
    const std::uint32_t rows = pairing_.sources();
    out.row_offsets.resize(rows + 1);
    out.row_offsets[0] = 0;
    for (std::uint32_t row = 0; row < rows; ++row)
      out.row_offsets[row + 1] = out.row_offsets[row] + count(row, block);
    out.targets.resize(out.row_offsets[rows]);
    for (std::uint32_t row = 0; row < rows; ++row) {
      const std::uint32_t at = out.row_offsets[row], n = out.row_offsets[row + 1] - at;
      if (n == 0) continue;
      RowStream stream(keys_.rows, RowStream::synapses, row, block);
      const RowTargets targets(pairing_, block, row);
      draw_either(multapses_, stream, targets, n, out.targets.data() + at);
    }
  }
  void draw_row(std::uint32_t source, std::uint32_t block,
                std::vector<std::uint16_t>& out) const override {
    out.resize(count(source, block));
    if (out.empty()) return;
    RowStream stream(keys_.rows, RowStream::synapses, source, block);
    draw_either(multapses_, stream, RowTargets(pairing_, block, source),
                static_cast<std::uint32_t>(out.size()), out.data());
  }
  double expected(std::uint32_t block) const override {
    double sum = 0;
    const double n = static_cast<double>(number_);
    if (!pairing_.excludes_self()) {
      sum = n * pairing_.sources() * pairing_.size(block) / pairing_.targets();
    } else {
      for (std::uint32_t row = 0; row < pairing_.sources(); ++row)
        sum += n * static_cast<double>(reachable(row, block, block + 1)) /
               static_cast<double>(reachable(row, 0, pairing_.blocks()));
    }
    return sum;
  }

 private:
  std::uint64_t reachable(std::uint32_t row, std::uint32_t first, std::uint32_t last) const {
    const std::uint32_t self = pairing_.self(row), low = pairing_.begin(first),
                        high = pairing_.begin(last);
    return high - low - (self != Pairing::none && self >= low && self < high);
  }

  std::uint32_t count(std::uint32_t row, std::uint32_t block) const {
    std::uint64_t n = number_, node = 1;
    for (std::uint32_t first = 0, last = pairing_.blocks(); last - first > 1 && n > 0;) {
      const std::uint32_t middle = first + (last - first) / 2;
      const std::uint64_t all = reachable(row, first, last), part = reachable(row, first, middle);
      std::uint64_t lower = part == all ? n : 0;
      if (part > 0 && part < all) {
        Stream stream(keys_.splits, row, node);
        lower = multapses_
                    ? stream.binomial(n, static_cast<double>(part) / static_cast<double>(all))
                    : stream.hypergeometric(all, part, n);
      }
      const bool below = block < middle;
      n = below ? lower : n - lower;
      (below ? last : first) = middle;
      node = 2 * node + (below ? 0 : 1);
    }
    return static_cast<std::uint32_t>(n);
  }

  std::uint64_t number_;
  bool multapses_;
  TopologyKeys keys_;
};

/// Every target draws `number` sources; rows are sorted out afterwards, targets ascending in each.
class FixedIndegree : public Topology {
 public:
  FixedIndegree(const Pairing& pairing, const Rule& rule, TopologyKeys keys)
      : Topology(pairing), number_(rule.number), multapses_(rule.multapses), keys_(keys) {
    if (!pairing.excludes_self()) return;
    source_of_.assign(pairing.targets(), Pairing::none);
    for (std::uint32_t s = 0; s < pairing.sources(); ++s)
      if (pairing.self(s) != Pairing::none) source_of_[pairing.self(s)] = s;
  }

  void draw(std::uint32_t block, BlockSynapses& out, std::vector<std::uint64_t>*) const override {
    const std::uint32_t rows = pairing_.sources(), size = pairing_.size(block);
    std::vector<std::uint32_t> sources(size * number_);
    std::vector<std::uint32_t> seen(multapses_ ? 0 : rows, Pairing::none);
    out.row_offsets.assign(rows + 1, 0);
    for (std::uint32_t i = 0; i < size; ++i) {
      std::uint32_t* row = sources.data() + i * number_;
      RowStream stream(keys_.rows, RowStream::indegree, pairing_.local(block)[i], block);
      draw_sources(stream, pairing_.begin(block) + i, seen, row);
      for (std::uint64_t k = 0; k < number_; ++k) ++out.row_offsets[row[k] + 1];
    }
    std::partial_sum(out.row_offsets.begin(), out.row_offsets.end(), out.row_offsets.begin());
    std::vector<std::uint32_t> place(out.row_offsets.begin(), out.row_offsets.end() - 1);
    out.targets.resize(sources.size());
    for (std::uint32_t i = 0; i < size; ++i)
      for (std::uint64_t k = 0; k < number_; ++k)
        out.targets[place[sources[i * number_ + k]]++] = pairing_.local(block)[i];
  }
  double expected(std::uint32_t block) const override {
    return static_cast<double>(number_) * pairing_.size(block);
  }

 private:
  /// `seen` holds, by source, the last target that drew it.
  void draw_sources(RowStream& stream, std::uint32_t target, std::vector<std::uint32_t>& seen,
                    std::uint32_t* out) const {
    const std::uint32_t self = source_of_.empty() ? Pairing::none : source_of_[target];
    const std::uint32_t available = pairing_.sources() - (self != Pairing::none);
    const auto source = [&](std::uint32_t i) { return i >= self ? i + 1 : i; };
    if (multapses_) {
      for (std::uint64_t k = 0; k < number_; ++k) out[k] = source(stream.below(available));
      return;
    }
    const bool inverted = number_ > available / 2;
    const std::uint64_t draws = inverted ? available - number_ : number_;
    for (std::uint64_t k = 0; k < draws;) {
      const std::uint32_t i = stream.below(available);
      if (seen[i] == target) continue;
      seen[i] = target;
      if (!inverted) out[k] = source(i);
      ++k;
    }
    if (!inverted) return;
    for (std::uint32_t i = 0; i < available; ++i)
      if (seen[i] != target) *out++ = source(i);
  }

  std::uint64_t number_;
  bool multapses_;
  TopologyKeys keys_;
  std::vector<std::uint32_t> source_of_;  ///< by target: the source that is the same neuron
};

}  // namespace

std::unique_ptr<Topology> outdegree_topology(const Pairing& pairing, const Rule& rule,
                                             TopologyKeys keys) {
  return std::make_unique<FixedOutdegree>(pairing, rule, keys);
}

std::unique_ptr<Topology> indegree_topology(const Pairing& pairing, const Rule& rule,
                                            TopologyKeys keys) {
  return std::make_unique<FixedIndegree>(pairing, rule, keys);
}

}  // namespace callosum
