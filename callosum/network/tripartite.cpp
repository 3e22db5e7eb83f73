#include "callosum/network/tripartite.h"

#include <numeric>
#include <string>
#include <utility>
#include <vector>

#include "callosum/core/error.h"
#include "callosum/core/random.h"

namespace callosum {
namespace {

[[noreturn]] void refuse(std::string what, std::string got, std::string expected) {
  throw ValueError({.where = "tripartite connection",
                    .what = std::move(what),
                    .got = std::move(got),
                    .expected = std::move(expected)});
}

void check(const Tripartite& rule, std::uint32_t targets, std::uint32_t astrocytes) {
  for (const double p : {rule.probability, rule.third_probability})
    if (!(p >= 0 && p <= 1)) refuse("not a probability", std::to_string(p), "0 to 1");
  if (!(rule.pool_size >= 1 && rule.pool_size <= astrocytes))
    refuse("a target's pool does not fit", std::to_string(rule.pool_size),
           "1 to " + std::to_string(astrocytes) + ", the number of astrocytes");
  if (rule.pool == Tripartite::Pool::random) return;
  const bool shared = rule.pool_size == 1 && targets % astrocytes == 0;
  const bool own = std::uint64_t{targets} * rule.pool_size == astrocytes;
  if (!shared && !own)
    refuse("blocks do not come out even",
           std::to_string(targets) + " targets, " + std::to_string(astrocytes) +
               " astrocytes, pools of " + std::to_string(rule.pool_size),
           "pools of 1 and targets a multiple of astrocytes, or targets * pool_size astrocytes");
}

/// The pool of each target.
std::vector<std::vector<std::uint32_t>> pools(const Tripartite& rule, std::uint32_t targets,
                                              std::uint32_t astrocytes, StreamKey key) {
  std::vector<std::vector<std::uint32_t>> all(targets);
  std::vector<std::uint32_t> deck(astrocytes);
  std::iota(deck.begin(), deck.end(), 0u);
  for (std::uint32_t t = 0; t < targets; ++t) {
    const bool shared = std::uint64_t{targets} * rule.pool_size != astrocytes;
    if (rule.pool == Tripartite::Pool::block) {
      for (std::uint32_t k = 0; k < rule.pool_size; ++k)
        all[t].push_back(shared ? t / (targets / astrocytes) : t * rule.pool_size + k);
      continue;
    }
    Stream draw(key, t);
    for (std::uint32_t k = 0; k < rule.pool_size; ++k) {
      std::swap(deck[k], deck[k + draw.below(astrocytes - k)]);
      all[t].push_back(deck[k]);
    }
    std::iota(deck.begin(), deck.end(), 0u);
  }
  return all;
}

}  // namespace

TripartiteProjections connect_tripartite(Network& network, View from, View to, View astrocytes,
                                         const Tripartite& rule, std::uint64_t seed) {
  check(rule, to.size(), astrocytes.size());
  const auto& populations = network.populations();
  const std::string name = "tripartite " + populations.at(from.population).name + " " +
                           populations.at(to.population).name + " " +
                           populations.at(astrocytes.population).name + " " + rule.primary.name;
  const auto pool = pools(rule, to.size(), astrocytes.size(),
                          StreamKey(seed, name_hash(name + " pools"), Purpose::user));
  std::vector<std::uint32_t> sources, targets, third_sources, third, third_targets;
  for (std::uint32_t s = 0; s < from.size(); ++s) {
    Stream draw(StreamKey(seed, name_hash(name), Purpose::user), s);
    for (std::uint32_t t = 0; t < to.size(); ++t) {
      if (!(draw.uniform() < rule.probability)) continue;
      sources.push_back(s);
      targets.push_back(t);
      if (!(draw.uniform() < rule.third_probability)) continue;
      third_sources.push_back(s);
      third.push_back(pool[t][draw.below(pool[t].size())]);
      third_targets.push_back(t);
    }
  }
  if (third.empty())
    refuse("no synapse has an astrocyte", std::to_string(sources.size()) + " synapses",
           "larger probabilities");
  Network changed = network;
  TripartiteProjections made;
  made.primary = changed.connect(from, to, pairs(sources, targets), rule.primary);
  made.third_in = changed.connect(from, astrocytes, pairs(third_sources, third), rule.third_in);
  made.third_out = changed.connect(astrocytes, to, pairs(third, third_targets), rule.third_out);
  network = std::move(changed);
  return made;
}

}  // namespace callosum
