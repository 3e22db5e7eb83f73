#include <algorithm>
#include <numeric>

#include "callosum/core/elementary.h"
#include "callosum/network/draw_row.h"
#include "callosum/network/positions.h"
#include "callosum/network/topology.h"

namespace callosum {

namespace {

/// p(d), falling with distance.
class Falloff {
 public:
  explicit Falloff(const Rule& rule)
      : profile_(rule.profile),
        p_(rule.probability),
        sigma_(rule.sigma_um),
        maximum_squared_(rule.maximum_um > 0 ? rule.maximum_um * rule.maximum_um : HUGE_VAL) {}
  double operator()(double squared) const {
    elementary::ScalarArithmetic<double> a;
    if (squared > maximum_squared_) return 0;
    switch (profile_) {
      case Rule::Profile::gaussian:
        return p_ * elementary::exp(a, -squared / (2 * sigma_ * sigma_));
      case Rule::Profile::exponential:
        return p_ * elementary::exp(a, -std::sqrt(squared) / sigma_);
      default:
        return squared <= sigma_ * sigma_ ? p_ : 0;
    }
  }

 private:
  Rule::Profile profile_;
  double p_, sigma_, maximum_squared_;
};

/// The targets of one block in boxes within boxes, so that far ones are rejected together.
class Boxes {
 public:
  struct Box {
    std::array<double, 3> low, high;
    std::uint32_t begin, end;
    std::uint32_t children = 0;  ///< first of two neighbours; 0: a leaf
  };
  Boxes(const Positions& all, const View& view, std::uint32_t first, std::uint32_t size) {
    members.resize(size);
    std::iota(members.begin(), members.end(), 0u);
    if (size == 0) return;
    boxes.push_back({{}, {}, 0, size});
    // Appended children are divided in their turn; two places are taken at a time.
    for (std::size_t b = 0; b < boxes.size(); ++b) {
      Box box = boxes[b];
      std::size_t widest = 0;
      const auto x = [&](std::uint32_t m, std::size_t axis) {
        return all.of(view.index(first + m))[axis];
      };
      for (std::size_t axis = 0; axis < static_cast<std::size_t>(all.dimensions); ++axis) {
        box.low[axis] = box.high[axis] = x(members[box.begin], axis);
        for (std::uint32_t i = box.begin; i < box.end; ++i) {
          box.low[axis] = std::min(box.low[axis], x(members[i], axis));
          box.high[axis] = std::max(box.high[axis], x(members[i], axis));
        }
        if (box.high[axis] - box.low[axis] > box.high[widest] - box.low[widest]) widest = axis;
      }
      if (box.end - box.begin > leaf) {
        std::sort(members.begin() + box.begin, members.begin() + box.end,
                  [&](std::uint32_t m, std::uint32_t n) {
                    const double xm = x(m, widest), xn = x(n, widest);
                    return xm < xn || (xm == xn && m < n);
                  });
        const std::uint32_t middle = box.begin + (box.end - box.begin) / 2;
        box.children = static_cast<std::uint32_t>(boxes.size());
        boxes.push_back({{}, {}, box.begin, middle});
        boxes.push_back({{}, {}, middle, box.end});
      }
      boxes[b] = box;
    }
  }
  static constexpr std::uint32_t leaf = 16;
  std::vector<Box> boxes;
  std::vector<std::uint32_t> members;  ///< positions within the block's targets
};

/// Binomial(n, p) for few expected successes or small n, by adding up its probabilities.
std::uint32_t few(RowStream& stream, std::uint32_t n, double p) {
  if (p >= 1) return n;
  const double q = 1 - p;
  double term = 1, power = q;
  for (std::uint32_t e = n; e > 0; e /= 2, power *= power)
    if (e % 2) term *= power;
  double u = stream.uniform();
  std::uint32_t k = 0;
  while (u >= term && k < n) {
    u -= term;
    ++k;
    term *= (n - k + 1.0) / k * (p / q);
  }
  return k;
}

/// Each pair with its own probability, exactly, by thinning: candidates come with the largest
/// probability in their box, and each is kept with the ratio of its own to that.
class Distance : public Topology {
 public:
  Distance(const Pairing& pairing, const Network& network, const Projection& projection,
           std::uint64_t seed, TopologyKeys keys)
      : Topology(pairing),
        from_(projection.from),
        to_(projection.to),
        metric_(*network.populations()[projection.from.population].space),
        falloff_(projection.rule),
        source_positions_(positions(network.populations()[projection.from.population], seed)),
        target_positions_(positions(network.populations()[projection.to.population], seed)),
        keys_(keys) {}

  void draw(std::uint32_t block, BlockSynapses& out, std::vector<std::uint64_t>*) const override {
    const std::uint32_t rows = pairing_.sources();
    const Boxes boxes(target_positions_, to_, pairing_.begin(block), pairing_.size(block));
    out.row_offsets.resize(rows + 1);
    out.row_offsets[0] = 0;
    out.targets.clear();
    std::vector<std::uint32_t> hits;
    for (std::uint32_t row = 0; row < rows; ++row) {
      RowStream stream(keys_.rows, RowStream::synapses, row, block);
      hits.clear();
      if (!boxes.boxes.empty()) visit(boxes, 0, block, row, stream, hits);
      std::sort(hits.begin(), hits.end());
      for (std::uint32_t hit : hits) out.targets.push_back(pairing_.local(block)[hit]);
      out.row_offsets[row + 1] = static_cast<std::uint32_t>(out.targets.size());
    }
  }

  /// From evenly spaced sources, 256 at most.
  double expected(std::uint32_t block) const override {
    const std::uint32_t rows = pairing_.sources(), sampled = std::min(rows, 256u);
    double sum = 0;
    for (std::uint32_t k = 0; k < sampled; ++k) {
      const auto row = static_cast<std::uint32_t>(std::uint64_t{k} * rows / sampled);
      for (std::uint32_t i = 0; i < pairing_.size(block); ++i) sum += probability(block, row, i);
    }
    return sum * rows / sampled;
  }

 private:
  double probability(std::uint32_t block, std::uint32_t row, std::uint32_t target) const {
    if (pairing_.self_in(block, row) == target) return 0;
    return falloff_(
        metric_.squared(source_positions_.of(from_.index(row)),
                        target_positions_.of(to_.index(pairing_.begin(block) + target))));
  }

  void visit(const Boxes& boxes, std::uint32_t at, std::uint32_t block, std::uint32_t row,
             RowStream& stream, std::vector<std::uint32_t>& hits) const {
    const Boxes::Box& box = boxes.boxes[at];
    const double bound = falloff_(metric_.squared_to_box(source_positions_.of(from_.index(row)),
                                                         box.low.data(), box.high.data()));
    if (!(bound > 0)) return;
    const std::uint32_t size = box.end - box.begin;
    if (box.children && size * bound > 1) {
      visit(boxes, box.children, block, row, stream, hits);
      visit(boxes, box.children + 1, block, row, stream, hits);
      return;
    }
    const std::uint32_t count = few(stream, size, bound);
    std::array<std::uint64_t, block_size / 64> drawn;
    if (count > 0) drawn.fill(0);
    for (std::uint32_t left = count; left > 0;) {
      const std::uint32_t i = count == size ? left - 1 : stream.below(size);
      const std::uint64_t bit = std::uint64_t{1} << (i % 64);
      if (drawn[i / 64] & bit) continue;
      drawn[i / 64] |= bit;
      --left;
      const std::uint32_t target = boxes.members[box.begin + i];
      if (stream.uniform() * bound < probability(block, row, target)) hits.push_back(target);
    }
  }

  const View &from_, &to_;
  Metric metric_;
  Falloff falloff_;
  Positions source_positions_, target_positions_;
  TopologyKeys keys_;
};

}  // namespace

std::unique_ptr<Topology> distance_topology(const Pairing& pairing, const Network& network,
                                            const Projection& projection, std::uint64_t seed,
                                            TopologyKeys keys) {
  return std::make_unique<Distance>(pairing, network, projection, seed, keys);
}

}  // namespace callosum
