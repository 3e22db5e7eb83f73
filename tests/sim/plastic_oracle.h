#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include "callosum/library/library.h"
#include "tests/sim/accumulators.h"

// Plastic synapses told spike by spike: an oracle that stores every spike of both sides and sums
// over all of them at each event.
namespace callosum::plastic {

using namespace callosum::literals;

/// The spikes of one side so far, in steps.
struct Train {
  std::vector<std::int64_t> times;
  double dt_ms = 0.1;

  double kernel(std::size_t k, std::int64_t now, double tau_ms) const {
    return std::exp(-static_cast<double>(now - times[k]) * dt_ms / tau_ms);
  }
  double all(std::int64_t now, double tau_ms) const {
    double sum = 0;
    for (std::size_t k = 0; k < times.size(); ++k) sum += kernel(k, now, tau_ms);
    return sum;
  }
  double last(std::int64_t now, double tau_ms) const {
    return times.empty() ? 0 : kernel(times.size() - 1, now, tau_ms);
  }
};

/// What one event makes of a synapse. `pre` and `post` hold the events before this one, `delivered`
/// is what a presynaptic spike adds to its target.
struct Synapse {
  double weight = 0;
  Train pre, post;
  double delivered = 0;
  void happens(bool is_post, std::int64_t now) { (is_post ? post : pre).times.push_back(now); }
};
using RuleOracle = std::function<void(Synapse&, bool is_post, std::int64_t now)>;

/// A network in which both sides of every synapse fire as they are told.
struct Replay {
  std::uint32_t sources = 12, targets = 25;
  std::int64_t steps = 12000;
  accumulators::Spikes pre, post;  ///< stamps of sources and targets
  accumulators::Synapses synapses;

  explicit Replay(std::uint64_t seed, std::uint32_t source_count = 12,
                  std::uint32_t target_count = 25, std::size_t number = 250,
                  std::int64_t length = 12000, double probability = 0.003)
      : sources(source_count), targets(target_count), steps(length) {
    pre = accumulators::random_spikes(seed, sources, steps - 100, probability);
    post = accumulators::random_spikes(seed + 1, targets, steps - 100, probability);
    // The first source falls silent early, the second hardly ever fires.
    std::erase_if(pre, [](const auto& s) {
      return (s.second == 0 && s.first > 1000) || (s.second == 1 && s.first % 10000 > 300);
    });
    synapses = accumulators::random_synapses(seed + 2, number, sources, targets, 1, 40);
    std::stable_sort(synapses.sources.begin(), synapses.sources.end());
    for (double& w : synapses.weights) w = 0.2 + 0.6 * std::abs(std::sin(w));
  }

  /// `dendritic_ms` < 0: not said.
  Network network(const model::Model& rule, std::map<std::string, Values> parameters,
                  double dendritic_ms = -1,
                  const model::Model& target = accumulators::adder(true)) const {
    Network net(0.1_ms, "replay");
    accumulators::Spikes told = post;
    for (auto& [step, neuron] : told) step -= 1;  // a step on the way
    std::erase_if(told, [](const auto& s) { return s.first < 1; });
    const View list = accumulators::add_spikes(net, "pre", sources, pre);
    const View teacher = accumulators::add_spikes(net, "teacher", targets, told);
    const View to = net.add("post", targets, target);
    net.connect(teacher, to, one_to_one(), {.target = "a", .weight = 1.0, .delay = 0.1_ms});
    SynapseOptions options{.target = "b",
                           .weight = synapses.weight(),
                           .delay = synapses.delay(),
                           .model = rule,
                           .parameters = std::move(parameters),
                           .name = "plastic"};
    if (dendritic_ms >= 0)
      options.dendritic_delay = Quantity::from_internal(dendritic_ms, dimension::time);
    net.connect(list, to, synapses.rule(), options);
    net.record_spikes(to);
    net.record(to, "b", 0.1_ms);
    return net;
  }
  static constexpr std::uint32_t projection = 1;

  struct Result {
    std::vector<double> weights;
    std::vector<double> sums;  ///< of what each target received
  };
  /// Weights at time steps * dt minus each synapse's dendritic delay, in order of sources.
  Result oracle(const RuleOracle& rule, double dendritic_ms = -1, bool post_first = false) const {
    Result result;
    result.sums.assign(targets, 0);
    const auto longest =
        static_cast<std::int64_t>(std::nearbyint(std::max(0.0, dendritic_ms) * 10));
    for (std::size_t k = 0; k < synapses.sources.size(); ++k) {
      const std::int64_t delay = synapses.delays[k], dendritic = std::min(delay, longest);
      std::vector<std::pair<std::int64_t, bool>> events;
      for (const auto& [step, neuron] : pre)
        if (neuron == synapses.sources[k]) events.emplace_back(step + delay - dendritic, false);
      for (const auto& [step, neuron] : post)
        if (neuron == synapses.targets[k] && step > 1) events.emplace_back(step + dendritic, true);
      std::sort(events.begin(), events.end(), [&](const auto& x, const auto& y) {
        if (x.first != y.first) return x.first < y.first;
        return post_first ? x.second > y.second : x.second < y.second;
      });
      Synapse synapse{synapses.weights[k], {}, {}, 0};
      for (const auto& [time, is_post] : events) {
        if (time > steps - dendritic) break;
        rule(synapse, is_post, time);
        if (!is_post) result.sums[synapses.targets[k]] += synapse.delivered;
      }
      result.weights.push_back(synapse.weight);
    }
    return result;
  }
};

inline double clip(double x, double low, double high) { return std::min(std::max(x, low), high); }

/// Reward times eligibility: every pair, at the time of its later spike; at equal time that of the
/// source is the earlier one, and the pair is one of potentiation.
inline void rewarded(Synapse& s, bool is_post, std::int64_t now, double reward) {
  s.happens(is_post, now);
  if (!is_post) s.delivered = s.weight;
  double eligible = 0;
  for (const std::int64_t t : s.pre.times)
    for (const std::int64_t u : s.post.times) {
      const auto gap = static_cast<double>(t > u ? t - u : u - t) * 0.1;
      const auto since = static_cast<double>(now - std::max(t, u)) * 0.1;
      eligible += (t > u ? -1.05 : 1) * std::exp(-gap / 20 - since / 500);
    }
  s.weight = clip(s.weight + 0.05 * 1.5 * reward * eligible, 0, 1.5);
}

/// The largest difference of two lists, in units of 1.
inline double distance(const std::vector<double>& a, const std::vector<double>& b) {
  double largest = a.size() == b.size() ? 0 : INFINITY;
  for (std::size_t k = 0; k < std::min(a.size(), b.size()); ++k)
    largest = std::max(largest, std::abs(a[k] - b[k]));
  return largest;
}

}  // namespace callosum::plastic
