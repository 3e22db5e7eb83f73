#include "callosum/network/rule.h"

#include <cmath>

#include "callosum/core/error.h"

namespace callosum {

namespace {

void check_probability(std::string_view where, double p) {
  if (!(p >= 0 && p <= 1))
    throw ValueError({.where = std::string(where),
                      .what = "not a probability",
                      .got = to_string(Quantity(p)),
                      .expected = "a number in [0, 1]"});
}

Rule counted(Rule::Kind kind, std::uint64_t number, std::string_view where) {
  // A negative number that came through an implicit conversion.
  if (number > (std::uint64_t{1} << 62))
    throw ValueError({.where = std::string(where),
                      .what = "the number of synapses is negative or absurd",
                      .got = std::to_string(static_cast<std::int64_t>(number)),
                      .expected = "a number >= 0"});
  Rule rule;
  rule.kind = kind;
  rule.number = number;
  return rule;
}

}  // namespace

Rule Rule::without_autapses() const {
  Rule rule = *this;
  rule.autapses = false;
  return rule;
}

Rule Rule::without_multapses() const {
  Rule rule = *this;
  rule.multapses = false;
  return rule;
}

Rule one_to_one() {
  Rule rule;
  rule.kind = Rule::Kind::one_to_one;
  return rule;
}

Rule all_to_all() { return Rule(); }

Rule fixed_probability(double p) {
  check_probability("fixed_probability", p);
  Rule rule;
  rule.kind = Rule::Kind::fixed_probability;
  rule.probability = p;
  return rule;
}

Rule fixed_indegree(std::uint64_t k) {
  return counted(Rule::Kind::fixed_indegree, k, "fixed_indegree");
}

Rule fixed_outdegree(std::uint64_t k) {
  return counted(Rule::Kind::fixed_outdegree, k, "fixed_outdegree");
}

Rule fixed_total_number(std::uint64_t n) {
  return counted(Rule::Kind::fixed_total_number, n, "fixed_total_number");
}

Rule pairs(std::vector<std::uint32_t> sources, std::vector<std::uint32_t> targets) {
  if (sources.size() != targets.size())
    throw ValueError({.where = "pairs",
                      .what = "as many sources as targets are needed",
                      .got = std::to_string(sources.size()) + " sources, " +
                             std::to_string(targets.size()) + " targets",
                      .expected = "equal lengths"});
  Rule rule;
  rule.kind = Rule::Kind::list;
  rule.sources = std::move(sources);
  rule.targets = std::move(targets);
  return rule;
}

Rule compressed_rows(const std::vector<std::uint64_t>& offsets,
                     std::vector<std::uint32_t> indices) {
  const auto wrong = [&](std::string what, std::string got, std::string expected) {
    return ValueError({.where = "compressed_rows",
                       .what = std::move(what),
                       .got = std::move(got),
                       .expected = std::move(expected)});
  };
  if (offsets.empty() || offsets.front() != 0)
    throw wrong("offsets do not begin at zero",
                offsets.empty() ? "no offsets" : std::to_string(offsets.front()),
                "offsets[0] = 0, one offset more than there are rows");
  if (offsets.back() != indices.size())
    throw wrong("the last offset is not the number of indices", std::to_string(offsets.back()),
                std::to_string(indices.size()));
  for (std::size_t i = 1; i < offsets.size(); ++i)
    if (!(offsets[i - 1] <= offsets[i]))
      throw wrong("offsets decrease at row " + std::to_string(i - 1),
                  std::to_string(offsets[i - 1]) + ", " + std::to_string(offsets[i]),
                  "ascending offsets");
  std::vector<std::uint32_t> sources;
  sources.reserve(indices.size());
  for (std::size_t row = 0; row + 1 < offsets.size(); ++row)
    sources.insert(sources.end(), offsets[row + 1] - offsets[row], static_cast<std::uint32_t>(row));
  return pairs(std::move(sources), std::move(indices));
}

Rule distance_probability(double p_max, Quantity sigma, Rule::Profile profile, Quantity maximum) {
  check_probability("distance_probability", p_max);
  Rule rule;
  rule.kind = Rule::Kind::distance_probability;
  rule.probability = p_max;
  rule.profile = profile;
  rule.sigma_um = internal_value(sigma, dimension::length, "distance_probability, sigma");
  rule.maximum_um = internal_value(maximum, dimension::length, "distance_probability, maximum");
  if (!(rule.sigma_um > 0 && std::isfinite(rule.sigma_um)))
    throw ValueError({.where = "distance_probability",
                      .what = "the width is not positive",
                      .got = to_string(sigma),
                      .expected = "sigma > 0"});
  if (!(rule.maximum_um >= 0 && std::isfinite(rule.maximum_um)))
    throw ValueError({.where = "distance_probability",
                      .what = "the maximum distance is negative",
                      .got = to_string(maximum),
                      .expected = "maximum > 0, or 0 for none"});
  return rule;
}

}  // namespace callosum
