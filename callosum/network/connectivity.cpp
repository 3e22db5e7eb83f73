#include "callosum/network/connectivity.h"

#include <limits>

#include "callosum/core/error.h"
#include "callosum/network/delays.h"
#include "callosum/network/half.h"
#include "callosum/network/positions.h"
#include "callosum/network/topology.h"

namespace callosum {

void Topology::draw_row(std::uint32_t, std::uint32_t, std::vector<std::uint16_t>&) const {
  throw UnsupportedError({.where = "connectivity", .what = "this rule does not draw by source"});
}

std::unique_ptr<Topology> topology(const Pairing& pairing, const Network& network,
                                   const Projection& projection, std::uint64_t seed) {
  const Rule& rule = projection.rule;
  const TopologyKeys keys(seed, name_hash(projection.name));
  switch (rule.kind) {
    case Rule::Kind::one_to_one:
      return one_to_one_topology(pairing);
    case Rule::Kind::fixed_probability:
      return probability_topology(pairing, rule, keys);
    case Rule::Kind::fixed_indegree:
      return indegree_topology(pairing, rule, keys);
    case Rule::Kind::fixed_outdegree:
      return outdegree_topology(pairing, rule, keys);
    case Rule::Kind::fixed_total_number:
      return total_topology(pairing, rule, keys);
    case Rule::Kind::list:
      return list_topology(pairing, rule);
    case Rule::Kind::distance_probability:
      return distance_topology(pairing, network, projection, seed, keys);
    default:
      return all_to_all_topology(pairing);
  }
}

namespace {

double largest_distance(const Network& network, const Projection& p) {
  return p.synapse.velocity ? largest_distance(*network.populations()[p.from.population].space,
                                               *network.populations()[p.to.population].space)
                            : 0;
}

const Projection& checked(const Network& network, std::uint32_t projection) {
  const auto& all = network.projections();
  if (projection < all.size()) return all[projection];
  throw ValueError({.where = "connectivity",
                    .what = "there is no such projection",
                    .got = std::to_string(projection),
                    .expected = "below " + std::to_string(all.size())});
}

}  // namespace

struct Connectivity::Impl {
  Impl(const Network& network, const Projection& given, std::uint64_t seed)
      : projection(given),
        pairing(network, projection),
        rows(topology(pairing, network, projection, seed)),
        delays(network.grid(), projection.synapse, largest_distance(network, projection),
               "projection '" + projection.name + "'"),
        weight_key(seed, mix64(name_hash(projection.name)), Purpose::weight),
        delay_key(seed, mix64(name_hash(projection.name)), Purpose::delay) {
    constexpr double most = 0.99 * std::numeric_limits<std::uint32_t>::max();
    const bool at_most_one = projection.rule.kind == Rule::Kind::distance_probability;
    for (std::uint32_t b = 0; b < pairing.blocks(); ++b)
      if (!(at_most_one && static_cast<double>(pairing.pairs(b)) < most) &&
          rows->expected(b) > most)
        throw ResourceError({.where = "projection '" + projection.name + "'",
                             .what = "too many synapses onto one block of 1024 targets",
                             .got = to_string(Quantity(rows->expected(b))),
                             .expected = "fewer than 2^32"});
    if (projection.synapse.weight_precision == WeightPrecision::half)
      half_scale = scale_of_half(projection.synapse.weight);
    if (projection.synapse.velocity) {
      const Population& source = network.populations()[projection.from.population];
      const Population& target = network.populations()[projection.to.population];
      source_positions = positions(source, seed);
      target_positions = positions(target, seed);
      metric.emplace(*source.space);
      velocity = projection.synapse.velocity->internal();
    }
  }

  bool indexed() const {
    return projection.synapse.weight.kind() == Values::Kind::array ||
           (projection.synapse.delay && projection.synapse.delay->kind() == Values::Kind::array);
  }

  /// `first_row`: the source of the first row in `out`.
  void draw_weights(std::uint32_t block, BlockSynapses& out,
                    const std::vector<std::uint64_t>& elements, std::uint32_t first_row = 0) const {
    const Values& weight = projection.synapse.weight;
    out.weights.clear();
    if (weight.is_constant()) return;
    out.weights.resize(out.targets.size());
    if (weight.kind() == Values::Kind::array) {
      for (std::size_t k = 0; k < elements.size(); ++k)
        out.weights[k] = weight.elements()[elements[k]];
      return;
    }
    for (std::uint32_t row = 0; row + 1 < out.row_offsets.size(); ++row)
      draw_weights(first_row + row, block, out.row_offsets[row], out.row_offsets[row + 1], out);
  }

  void draw_weights(std::uint32_t row, std::uint32_t block, std::uint32_t begin, std::uint32_t end,
                    BlockSynapses& out) const {
    if (begin == end) return;
    const Values& weight = projection.synapse.weight;
    const DrawBounds bounds = draw_bounds(weight);
    RowStream stream(weight_key, RowStream::synapses, row, block);
    for (std::uint32_t k = begin; k < end; ++k)
      out.weights[k] = draw_bounded(weight.kind(), weight.first(), weight.second(), bounds, stream);
    if (half_scale > 0)
      for (std::uint32_t k = begin; k < end; ++k)
        out.weights[k] = half_scale * rounded_to_half(out.weights[k] / half_scale);
  }

  void draw_delays(std::uint32_t block, BlockSynapses& out,
                   const std::vector<std::uint64_t>& elements, std::uint32_t first_row = 0) const {
    out.delays.clear();
    if (delays.constant()) return;
    out.delays.resize(out.targets.size());
    for (std::uint32_t row = 0; row + 1 < out.row_offsets.size(); ++row) {
      if (out.row_offsets[row] == out.row_offsets[row + 1]) continue;
      RowStream stream(delay_key, RowStream::synapses, first_row + row, block);
      for (std::uint32_t k = out.row_offsets[row]; k < out.row_offsets[row + 1]; ++k) {
        double travel = 0;
        if (metric)
          travel = (*metric)(source_positions.of(projection.from.index(first_row + row)),
                             target_positions.of(block * block_size + out.targets[k])) /
                   velocity;
        out.delays[k] = delays.draw(stream, elements.empty() ? 0 : elements[k], travel);
      }
    }
  }

  Projection projection;  ///< a copy: a Connectivity outlives its network
  Pairing pairing;
  std::unique_ptr<Topology> rows;
  Delays delays;
  StreamKey weight_key, delay_key;
  Positions source_positions, target_positions;
  std::optional<Metric> metric;
  double velocity = 1;
  double half_scale = 0;
};

Connectivity::Connectivity(const Network& network, std::uint32_t projection, std::uint64_t seed)
    : impl_(std::make_unique<Impl>(network, checked(network, projection), seed)) {}
Connectivity::~Connectivity() = default;
Connectivity::Connectivity(Connectivity&&) noexcept = default;

double Connectivity::expected() const {
  double sum = 0;
  for (std::uint32_t b = 0; b < blocks(); ++b) sum += expected(b);
  return sum;
}

double Connectivity::expected(std::uint32_t block) const { return impl_->rows->expected(block); }
std::uint32_t Connectivity::blocks() const { return impl_->pairing.blocks(); }
std::uint32_t Connectivity::sources() const { return impl_->pairing.sources(); }
bool Connectivity::constant_weight() const {
  return impl_->projection.synapse.weight.is_constant();
}
bool Connectivity::constant_delay() const { return impl_->delays.constant(); }
double Connectivity::half_scale() const { return impl_->half_scale; }
double Connectivity::weight() const { return impl_->projection.synapse.weight.first(); }
std::uint32_t Connectivity::delay() const { return impl_->delays.minimum(); }
std::uint32_t Connectivity::minimum_delay() const { return impl_->delays.minimum(); }
std::uint32_t Connectivity::maximum_delay() const { return impl_->delays.maximum(); }

void Connectivity::draw(std::uint32_t block, BlockSynapses& out) const {
  std::vector<std::uint64_t> elements;
  impl_->rows->draw(block, out, impl_->indexed() ? &elements : nullptr);
  impl_->draw_weights(block, out, elements);
  impl_->draw_delays(block, out, elements);
}

void Connectivity::draw_row(std::uint32_t source, std::uint32_t block, BlockSynapses& out) const {
  draw_rows(source, block, 1, &out);
}

void Connectivity::draw_targets(std::uint32_t source, std::uint32_t first, std::uint32_t end,
                                std::vector<std::uint32_t>& targets,
                                std::vector<std::uint16_t>& row) const {
  targets.clear();
  impl_->rows->draw_targets(source, first, end, targets, row);
}

void Connectivity::draw_rows(std::uint32_t source, std::uint32_t first, std::uint32_t count,
                             BlockSynapses* out) const {
  static const std::vector<std::uint64_t> none;
  std::vector<std::uint16_t> targets[at_once];
  for (std::uint32_t k = 0; k < count; ++k) targets[k].swap(out[k].targets);
  impl_->rows->draw_rows(source, first, count, targets);
  for (std::uint32_t k = 0; k < count; ++k) {
    out[k].targets.swap(targets[k]);
    out[k].row_offsets.assign({0, static_cast<std::uint32_t>(out[k].targets.size())});
    impl_->draw_weights(first + k, out[k], none, source);
    impl_->draw_delays(first + k, out[k], none, source);
  }
}

}  // namespace callosum
