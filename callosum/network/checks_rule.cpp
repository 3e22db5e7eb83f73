#include <algorithm>
#include <cmath>
#include <limits>

#include "callosum/core/error.h"
#include "callosum/network/checks.h"
#include "callosum/network/pairing.h"

namespace callosum::checks {

namespace {

/// Neurons that stand in both views.
std::uint64_t overlap(const View& from, const View& to) {
  if (from.population != to.population) return 0;
  std::uint64_t count = 0;
  for (std::uint32_t i = 0; i < from.size(); ++i)
    count += position_in(to, from.index(i)) != Pairing::none;
  return count;
}

void list(const Rule& rule, const View& from, const View& to, const std::string& where) {
  const std::size_t n = rule.sources.size();
  if (n != rule.targets.size())
    throw ShapeError({.where = where,
                      .what = "the list has not as many sources as targets",
                      .got = std::to_string(n) + " and " + std::to_string(rule.targets.size()),
                      .expected = "equal lengths"});
  if (n > std::numeric_limits<std::uint32_t>::max())
    throw ShapeError({.where = where,
                      .what = "the list is too long",
                      .got = std::to_string(n) + " pairs",
                      .expected = "fewer than 2^32 in one projection"});
  const auto bad = [&](std::size_t i, const std::string& what, std::uint32_t got,
                       const std::string& expected) {
    throw ValueError({.where = where,
                      .what = "pair " + std::to_string(i) + " of the list: " + what,
                      .got = std::to_string(got),
                      .expected = expected});
  };
  const std::uint32_t sources = from.size(), targets = to.size();
  for (std::size_t i = 0; i < n; ++i) {
    if (rule.sources[i] >= sources)
      bad(i, "no such source", rule.sources[i], "below " + std::to_string(sources));
    if (rule.targets[i] >= targets)
      bad(i, "no such target", rule.targets[i], "below " + std::to_string(targets));
    if (!rule.autapses && from.population == to.population &&
        from.index(rule.sources[i]) == to.index(rule.targets[i]))
      bad(i, "a neuron onto itself, though autapses are switched off", rule.sources[i],
          "different neurons");
  }
  if (rule.multapses) return;
  std::vector<std::uint64_t> pairs(n);
  for (std::size_t i = 0; i < n; ++i)
    pairs[i] = std::uint64_t{rule.sources[i]} << 32 | rule.targets[i];
  std::sort(pairs.begin(), pairs.end());
  const auto twice = std::adjacent_find(pairs.begin(), pairs.end());
  if (twice != pairs.end())
    throw ValueError(
        {.where = where,
         .what = "the list holds a pair twice, though multapses are switched off",
         .got = std::to_string(*twice >> 32) + " -> " + std::to_string(*twice & 0xffffffff),
         .expected = "each pair once"});
}

/// `number` partners for each neuron out of `available`.
void degree(const Rule& rule, std::uint64_t available, const std::string& what,
            const std::string& partners, const std::string& where) {
  const bool possible =
      rule.number == 0 || (rule.multapses ? available > 0 : rule.number <= available);
  if (!possible)
    throw ValueError({.where = where,
                      .what = what + " is larger than the number of " + partners,
                      .got = std::to_string(rule.number),
                      .expected = "at most " + std::to_string(available) +
                                  (available > 0 ? ", or multapses" : "")});
}

}  // namespace

void rule(const Rule& rule, const View& from, const View& to, const std::string& where) {
  const std::uint64_t sources = from.size(), targets = to.size();
  const std::uint64_t shared = rule.autapses ? 0 : overlap(from, to);
  const std::uint64_t self = shared > 0 ? 1 : 0;
  if (rule.number > (std::uint64_t{1} << 62))
    throw ValueError({.where = where,
                      .what = "the number of synapses is negative or absurd",
                      .got = std::to_string(static_cast<std::int64_t>(rule.number)),
                      .expected = "a number >= 0"});
  switch (rule.kind) {
    case Rule::Kind::one_to_one:
      if (sources != targets)
        throw ShapeError({.where = where,
                          .what = "one_to_one needs as many sources as targets",
                          .got = std::to_string(sources) + " and " + std::to_string(targets),
                          .expected = "views of equal size"});
      return;
    case Rule::Kind::all_to_all:
      return;
    case Rule::Kind::list:
      return list(rule, from, to, where);
    case Rule::Kind::fixed_indegree:
      return degree(rule, sources - self, "the in-degree", "sources", where);
    case Rule::Kind::fixed_outdegree:
      return degree(rule, targets - self, "the out-degree", "targets", where);
    case Rule::Kind::fixed_total_number:
      return degree(rule, sources * targets - shared, "the total", "pairs", where);
    default:
      break;
  }
  if (!(rule.probability >= 0 && rule.probability <= 1))
    throw ValueError({.where = where,
                      .what = "not a probability",
                      .got = to_string(Quantity(rule.probability)),
                      .expected = "a number in [0, 1]"});
  if (rule.kind == Rule::Kind::distance_probability &&
      !(rule.sigma_um > 0 && std::isfinite(rule.sigma_um) && rule.maximum_um >= 0 &&
        std::isfinite(rule.maximum_um)))
    throw ValueError({.where = where,
                      .what = "the width is not positive, or the maximum distance negative",
                      .got = to_string(Quantity::from_internal(rule.sigma_um, dimension::length)),
                      .expected = "sigma > 0 and maximum >= 0"});
}

std::size_t elements(const Rule& rule, const View& from, const View& to) {
  switch (rule.kind) {
    case Rule::Kind::one_to_one:
      return from.size();
    case Rule::Kind::all_to_all:
      return std::size_t{from.size()} * to.size();
    case Rule::Kind::list:
      return rule.sources.size();
    default:
      return 0;
  }
}

}  // namespace callosum::checks
