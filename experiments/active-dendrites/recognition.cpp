// One neuron of twenty segments recognises twenty patterns: the arms differ in `drive` and in which
// synapses lie together.
#include "callosum/nets/recognition.h"

#include <algorithm>
#include <set>

#include "callosum/library/library.h"
#include "callosum/nets/sparse_code.h"
#include "callosum/sim/simulation.h"
#include "studies.h"

namespace callosum::experiment {

using nets::CodeSampler;
using nets::SparseCode;

namespace {

/// Twenty patterns on twenty segments, and the codes that come: stored ones with noise, fresh ones.
struct Task {
  std::vector<SparseCode> segments, stored, fresh;
};
Task draw_task(const Trial& trial) {
  Stream stream = trial.stream("patterns");
  CodeSampler sampler(2000, 40);
  Task task;
  std::vector<SparseCode> patterns;
  std::vector<std::uint32_t> synapses;
  for (int k = 0; k < 20; ++k) {
    patterns.push_back(sampler.next(stream));
    task.segments.push_back(nets::subsample(patterns.back(), 15, stream));
    for (std::uint32_t i : task.segments.back().indices()) synapses.push_back(i);
  }
  const std::int64_t codes = trial.whole("codes");
  for (std::int64_t k = 0; k < codes; ++k) {
    task.stored.push_back(nets::noisy(patterns[static_cast<std::size_t>(k) % 20], 0.3, stream));
    task.fresh.push_back(sampler.next(stream));
  }
  if (trial.arm != "shuffled") return task;
  // The canary: the same synapses, dealt to segments that belong to no pattern.
  Stream deal = trial.stream("deal");
  for (std::size_t i = synapses.size(); i > 1; --i)
    std::swap(synapses[i - 1], synapses[deal.below(i)]);
  for (std::size_t k = 0; k < 20; ++k)
    task.segments[k] =
        SparseCode(2000, std::span<const std::uint32_t>(synapses.data() + 15 * k, 15));
  return task;
}

/// What the neuron sums before its threshold: the best segment, or all synapses together.
std::uint32_t drive(const Trial& trial, const Task& task, const SparseCode& code) {
  std::uint32_t best = 0, sum = 0;
  for (const SparseCode& segment : task.segments) {
    const std::uint32_t overlap = code.overlap(segment);
    best = std::max(best, overlap);
    sum += overlap;
  }
  return trial.arm == "linear" ? sum : best;
}

/// The threshold of a segment that balances its errors by the closed forms: no code is looked at.
std::uint32_t segment_threshold() {
  return static_cast<std::uint32_t>(nets::best_threshold({2000, 40, 15, 1}, 0.3));
}

/// (false negatives + false positives) / 2 at a threshold of the drive; -1: at the one that is best
/// for these very codes.
double balanced_error(const Trial& trial, const Task& task, int threshold) {
  std::vector<double> stored(302), fresh(302);
  for (const SparseCode& code : task.stored) ++stored[drive(trial, task, code)];
  for (const SparseCode& code : task.fresh) ++fresh[drive(trial, task, code)];
  double wrong = static_cast<double>(task.fresh.size()), least = wrong;  // at threshold 0
  for (int theta = 1; theta <= 301; ++theta) {
    wrong +=
        stored[static_cast<std::size_t>(theta) - 1] - fresh[static_cast<std::size_t>(theta) - 1];
    least = std::min(least, wrong);
    if (theta == threshold) break;
  }
  return (threshold < 0 ? least : wrong) / (2 * static_cast<double>(task.stored.size()));
}

/// The same neuron in the event-driven simulator: a code every 2 ms, segments that forget within a
/// step and fire at enough coincident spikes, a soma that fires when any segment does. Returns the
/// share of codes on which it decides as the bits do.
double simulated_agreement(const Trial& trial, const Task& task) {
  Network net(Quantity(1e-3, dimension::time), "active-dendrites");
  std::vector<const SparseCode*> codes;
  for (std::size_t k = 0; k < std::min<std::size_t>(task.stored.size(), 200); ++k) {
    codes.push_back(&task.stored[k]);
    codes.push_back(&task.fresh[k]);
  }
  std::vector<std::uint32_t> cells, from, to;
  std::vector<Quantity> times;
  for (std::size_t k = 0; k < codes.size(); ++k)
    for (std::uint32_t i : codes[k]->indices()) {
      cells.push_back(i);
      times.push_back(Quantity(2e-3 * static_cast<double>(k + 1), dimension::time));
    }
  for (std::uint32_t k = 0; k < task.segments.size(); ++k)
    for (std::uint32_t i : task.segments[k].indices()) {
      from.push_back(i);
      to.push_back(k);
    }
  const auto mV = [](double v) { return Quantity(1e-3 * v, dimension::voltage); };
  const auto coincidence = [&](double threshold) {
    return PopulationOptions{.parameters = {{"tau_m", Quantity(1e-5, dimension::time)},
                                            {"E_L", mV(0)},
                                            {"V_reset", mV(0)},
                                            {"V_th", mV(threshold)},
                                            {"t_ref", Quantity(0, dimension::time)}}};
  };
  const model::Model model = library::neuron("lif_psc_delta");
  const View input = net.add_spike_list("cells", 2000, cells, times);
  const View segments = net.add("segments", 20, model, coincidence(segment_threshold() - 0.5));
  const View soma = net.add("soma", 1, model, coincidence(0.5));
  net.connect(input, segments, pairs(from, to), {.target = "V_m", .weight = mV(1)});
  net.connect(segments, soma, all_to_all(), {.target = "V_m", .weight = mV(1)});
  net.record_spikes(soma);
  Simulation sim(net, {.threads = 1, .seed = trial.seed});
  sim.run_steps(2 * static_cast<std::int64_t>(codes.size()) + 6);
  // A spike crosses two synapses of one step each.
  const Recording recording = sim.recording();
  const auto& steps = recording.spikes.front().steps;
  const std::set<std::int64_t> fired(steps.begin(), steps.end());
  double equal = 0;
  for (std::size_t k = 0; k < codes.size(); ++k) {
    const bool spiked = fired.count(2 * static_cast<std::int64_t>(k + 1) + 2) > 0;
    equal += spiked == (drive(trial, task, *codes[k]) >= segment_threshold());
  }
  return equal / static_cast<double>(codes.size());
}

}  // namespace

void recognition_study(const Trial& trial, Outcome& out) {
  const Task task = draw_task(trial);
  const bool linear = trial.arm == "linear";
  const int threshold = static_cast<int>(segment_threshold());
  out.values["balanced error"] = balanced_error(trial, task, linear ? -1 : threshold);
  if (trial.arm != "segments") return;
  out.values["balanced error at 8"] = balanced_error(trial, task, 8);
  out.values["segment threshold"] = threshold;
  out.values["simulated agreement"] = simulated_agreement(trial, task);
}

}  // namespace callosum::experiment
