#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <vector>

#include "callosum/core/units.h"

namespace callosum {

/// How sources and targets of a projection are paired. Indices are within the two views.
struct Rule {
  enum class Kind {
    one_to_one,
    all_to_all,
    fixed_probability,
    fixed_indegree,
    fixed_outdegree,
    fixed_total_number,
    list,                  ///< explicit pairs
    distance_probability,  ///< p(d) = p_max * exp(-(d/sigma)^2 / 2) or exp(-d/sigma), cut at d_max
  };
  enum class Profile { gaussian, exponential, disc };

  Kind kind = Kind::all_to_all;
  double probability = 0;
  std::uint64_t number = 0;                               ///< in-degree, out-degree or total
  std::vector<std::uint32_t> sources = {}, targets = {};  ///< list: equal lengths
  Profile profile = Profile::gaussian;
  double sigma_um = 0, maximum_um = 0;  ///< maximum 0: none
  bool autapses = true;   ///< a neuron onto itself (only when source and target population agree)
  bool multapses = true;  ///< several synapses of one pair (rules that fix a number)

  Rule without_autapses() const;
  Rule without_multapses() const;
  bool operator==(const Rule&) const = default;
};

/// Each throws ValueError for a probability outside [0, 1], a negative number, lists that differ in
/// length, a width that is not positive.
Rule one_to_one();
Rule all_to_all();
Rule fixed_probability(double p);
Rule fixed_indegree(std::uint64_t k);
Rule fixed_outdegree(std::uint64_t k);
Rule fixed_total_number(std::uint64_t n);
Rule pairs(std::vector<std::uint32_t> sources, std::vector<std::uint32_t> targets);
/// Compressed rows: targets of source i are indices[offsets[i]] .. indices[offsets[i+1]-1].
Rule compressed_rows(const std::vector<std::uint64_t>& offsets, std::vector<std::uint32_t> indices);
Rule distance_probability(double p_max, Quantity sigma, Rule::Profile profile,
                          Quantity maximum = {0, dimension::length});

}  // namespace callosum
