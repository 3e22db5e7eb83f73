// Active dendrites on sparse codes: segments with a threshold each, against one linear sum.
#include "callosum/experiment/experiment.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <set>

#include "callosum/core/random.h"
#include "callosum/experiment/results.h"
#include "callosum/library/library.h"
#include "callosum/nets/recognition.h"
#include "callosum/nets/sparse_code.h"
#include "callosum/sim/simulation.h"

namespace {

using namespace callosum;
using namespace callosum::experiment;
using nets::CodeSampler;
using nets::SparseCode;

Stream stream_of(const Trial& trial, const char* part, std::uint64_t index = 0) {
  return Stream(StreamKey(trial.seed, name_hash(part), Purpose::user), index);
}

/// How far `hits` of `n` are from a probability, in standard errors.
double z_score(double hits, double n, double p) {
  return std::abs(hits - n * p) / std::sqrt(n * p * (1 - p));
}

/// Random segments meet random codes: n = 1,000, a = 100, s = 20.
void monte_carlo(const Trial& trial, Outcome& out) {
  const std::int64_t draws = trial.whole("draws");
  Stream stream = stream_of(trial, "monte carlo");
  CodeSampler codes(1000, 100), segments(1000, 20);
  std::array<double, 2> hits{};
  SparseCode segment;
  for (std::int64_t k = 0; k < draws; ++k) {
    if (k % 1000 == 0) segment = segments.next(stream);
    const std::uint32_t overlap = codes.next(stream).overlap(segment);
    hits[0] += overlap >= 5;
    hits[1] += overlap >= 6;
  }
  double worst = 0, binomial = 1e300;
  for (std::size_t i : {0u, 1u}) {
    const auto theta = static_cast<std::int64_t>(5 + i);
    double tail = 0, term = std::pow(0.9, 20);
    for (int b = 0; b <= 20; ++b, term *= (21.0 - b) / b / 9) tail += b >= theta ? term : 0;
    const auto n = static_cast<double>(draws);
    worst = std::max(
        worst,
        z_score(hits[i], n, std::pow(10, nets::log10_false_positive({1000, 100, 20, theta}))));
    binomial = std::min(binomial, z_score(hits[i], n, tail));
    out.values["rate at " + std::to_string(theta)] = hits[i] / n;
  }
  out.values["formula, standard errors"] = worst;
  out.values["binomial, standard errors"] = binomial;
}

/// Patterns that share one segment: n = 2,000, a = 40, s = 15, theta = 8.
void unions(const Trial& trial, Outcome& out) {
  const std::int64_t probes = trial.whole("probes"), each = 1000;
  double worst = 0, worst_known = 0, recalled = 0, stored = 0, noisy_recalled = 0;
  for (std::uint32_t patterns : {1u, 4u, 8u, 16u, 32u}) {
    Stream stream = stream_of(trial, "union", patterns);
    CodeSampler sampler(2000, 40);
    double hits = 0, expected = 0;
    for (std::int64_t k = 0; k < probes; k += each) {
      SparseCode segment(2000);
      std::vector<SparseCode> all;
      for (std::uint32_t p = 0; p < patterns; ++p) {
        all.push_back(sampler.next(stream));
        segment.unite(nets::subsample(all.back(), 15, stream));
      }
      for (const SparseCode& code : all) {
        ++stored;
        recalled += code.overlap(segment) >= 8;
        noisy_recalled += nets::noisy(code, 0.3, stream).overlap(segment) >= 8;
      }
      for (std::int64_t i = 0; i < each; ++i) hits += sampler.next(stream).overlap(segment) >= 8;
      expected += static_cast<double>(each) *
                  std::pow(10, nets::log10_false_positive({2000, 40, segment.active(), 8}));
    }
    const auto n = static_cast<double>(probes);
    const double p = std::pow(10, nets::log10_union_false_positive({2000, 40, 15, 8}, patterns));
    for (auto [curve, y] : {std::pair{"union", hits / n}, {"union, formula", p}}) {
      if (patterns < 4) continue;
      out.curves[curve].x.push_back(patterns);
      out.curves[curve].y.push_back(y);
    }
    if (patterns < 4) continue;
    worst = std::max(worst, z_score(hits, n, p));
    worst_known = std::max(worst_known, z_score(hits, n, expected / n));
  }
  out.values["union, standard errors"] = worst;
  out.values["union with its size known, standard errors"] = worst_known;
  out.values["clean recall"] = recalled / stored;
  out.values["noisy recall"] = noisy_recalled / stored;
}

/// What the formulas say without any draw.
void exact(Outcome& out) {
  double least_fall = 1e300, before = 0, first = 0;
  for (std::int64_t n = 256; n <= 4096; n *= 2) {
    const double log_p = nets::log10_false_positive({n, 64, 24, 12});
    if (n > 256) least_fall = std::min(least_fall, before - log_p);
    if (n == 256) first = log_p;
    before = log_p;
    out.curves["sparse"].x.push_back(static_cast<double>(n));
    out.curves["sparse"].y.push_back(std::pow(10, log_p));
    out.curves["dense"].x.push_back(static_cast<double>(n));
    out.curves["dense"].y.push_back(std::pow(10, nets::log10_false_positive({n, n / 2, 24, 12})));
  }
  out.values["least fall"] = least_fall;
  out.values["decades"] = first - before;
  const double dense = std::pow(10, nets::log10_false_positive({1000, 500, 24, 12}));
  out.values["dense change"] =
      std::abs(std::pow(10, nets::log10_false_positive({8000, 4000, 24, 12})) / dense - 1);
  out.values["false negatives"] =
      std::pow(10, nets::log10_false_negative({20000, 200, 20, 10}, 0.3));
  out.values["log false positives"] = nets::log10_false_positive({20000, 200, 20, 10});
  out.values["log false positives, all synapses"] =
      nets::log10_false_positive({20000, 200, 200, 100});
  Matrix grid{3, 3, {}};
  double inside = 0;
  for (double nu : {0.1, 0.3, 0.5})
    for (std::int64_t s : {20, 30, 40}) {
      const auto theta = static_cast<double>(nets::best_threshold({20000, 200, s, 1}, nu));
      grid.values.push_back(theta);
      inside += theta >= 8 && theta <= 20;
    }
  out.values["best thresholds in 8..20"] = inside / 9;
  out.matrices["best threshold"] = std::move(grid);
}

/// Twenty patterns on twenty segments, and the codes that come: stored ones with noise, fresh ones.
struct Task {
  std::vector<SparseCode> segments, stored, fresh;
};
Task draw_task(const Trial& trial) {
  Stream stream = stream_of(trial, "patterns");
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
  Stream deal = stream_of(trial, "deal");
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

Outcome run(const Trial& trial) {
  Outcome out;
  const Task task = draw_task(trial);
  const bool linear = trial.arm == "linear";
  const int threshold = static_cast<int>(segment_threshold());
  out.values["balanced error"] = balanced_error(trial, task, linear ? -1 : threshold);
  if (trial.arm != "segments") return out;
  out.values["balanced error at 8"] = balanced_error(trial, task, 8);
  out.values["segment threshold"] = threshold;
  out.values["simulated agreement"] = simulated_agreement(trial, task);
  exact(out);
  monte_carlo(trial, out);
  trial.progress(0.5);
  unions(trial, out);
  return out;
}

}  // namespace

callosum::experiment::Experiment callosum::experiment::describe() {
  Experiment e;
  e.title = "Active dendrites and sparse codes";
  e.summary =
      "A neuron's dendritic segments each recognise a sparse pattern of activity by a few synapses "
      "and "
      "a threshold. Closed forms say how often they err; simulations check them.";
  e.paper = "Ahmad and Hawkins 2016, arXiv:1601.00720";
  e.tier = Tier::kit;
  e.our_reading = true;
  e.capability = "sparse binary codes with exact tails, and segments as neurons of the simulator";
  e.leaves = "callosum/nets/sparse_code.h";
  e.settings = {{"draws", 2e5, 2e6, 1000, 1e8, "random codes against random segments"},
                {"probes", 1e5, 1e6, 1000, 1e8, "fresh codes against unions"},
                {"codes", 2000, 20000, 200, 1e6, "stored codes, and as many fresh ones"}};
  e.run = ::run;
  e.arms = {{"segments", "a threshold for each of 20 segments", 20},
            {"linear", "the same synapses on one linear sum with the best threshold"},
            {"shuffled", "the same synapses dealt to segments that belong to no pattern"}};
  const auto of = [](const char* value) {
    return [value](const Paired& at) { return at("segments", value); };
  };
  e.claims = {
      {.id = "nonlinearity",
       .text = "Segments with thresholds err far less than a linear sum of the same synapses.",
       .kind = Kind::ablation,
       .measure = "balanced error, segments / linear",
       .value =
           [](const Paired& at) {
             return at("segments", "balanced error") / at("linear", "balanced error");
           },
       .bar = below(0.2),
       .canary = Canary{"segments", "shuffled"}},
      {.id = "formula",
       .text = "False positives occur as often as the formula says.",
       .measure = "larger distance at theta = 5 and 6, standard errors",
       .value = of("formula, standard errors"),
       .bar = below(2.576)},
      {.id = "falls-at-every-doubling",
       .text = "With 64 active cells, each doubling of the population lowers false positives.",
       .measure = "least fall of log10 P from n = 256 to 4,096",
       .value = of("least fall"),
       .bar = above(0)},
      {.id = "ten-decades",
       .text = "In all they fall by more than ten decades.",
       .measure = "fall of log10 P from n = 256 to 4,096",
       .value = of("decades"),
       .bar = above(10)},
      {.id = "dense-codes-do-not",
       .text = "With half of the cells active they do not fall.",
       .kind = Kind::baseline,
       .measure = "relative change of P from n = 1,000 to 8,000, a = n / 2",
       .value = of("dense change"),
       .bar = below(0.01)},
      {.id = "few-synapses-recognise",
       .text = "Twenty synapses recognise 200 cells of which 30 % are silent.",
       .measure = "P false negative, theta = 10",
       .value = of("false negatives"),
       .bar = below(0.02)},
      {.id = "few-synapses-reject",
       .text = "And hardly ever take another code for it.",
       .measure = "log10 P false positive, n = 20,000, theta = 10",
       .value = of("log false positives"),
       .bar = below(-14)},
      {.id = "union",
       .text = "4 to 32 patterns on one segment raise false positives as the formula says.",
       .measure = "largest distance for M = 4, 8, 16, 32, standard errors",
       .value = of("union, standard errors"),
       .bar = below(2.576)},
      {.id = "union-recall",
       .text = "All of them are still recognised.",
       .measure = "share of stored patterns recognised, without noise",
       .value = of("clean recall"),
       .bar = above(0.999999)},
      {.id = "simulated",
       .text = "Segments of the event-driven simulator decide as the bits do.",
       .measure = "share of equal decisions",
       .value = of("simulated agreement"),
       .bar = above(0.9999)},
  };
  for (auto [id, text, value] : std::initializer_list<std::array<const char*, 3>>{
           {"binomial", "How far the simulation is from a binomial approximation.",
            "binomial, standard errors"},
           {"threshold", "Threshold of the segments, balanced by the formulas.",
            "segment threshold"},
           {"error-at-8", "Balanced error of the segments with a threshold of 8.",
            "balanced error at 8"},
           {"union-known", "Distance for unions when the size of each union is put in.",
            "union with its size known, standard errors"},
           {"union-noisy", "Recall of patterns with 30 % noise.", "noisy recall"},
           {"all-synapses", "log10 P false positive with a synapse for each of the 200 cells.",
            "log false positives, all synapses"},
           {"thresholds",
            "Share of best thresholds (s = 20 to 40, noise 0.1 to 0.5) within 8 to 20.",
            "best thresholds in 8..20"}})
    e.claims.push_back(
        {.id = id, .text = text, .kind = Kind::report, .measure = value, .value = of(value)});

  e.charts = [](const Results& results) {
    report::Lines falls{"cells", "false positives a code", true, true, {}};
    falls.lines = {results.line("64 active", "segments", "sparse"),
                   results.line("half active", "segments", "dense")};
    report::Lines unions{"patterns on a segment", "false positives a code", true, true, {}};
    unions.lines = {results.line("simulated", "segments", "union"),
                    results.line("formula", "segments", "union, formula")};
    unions.lines.back().dashed = true;
    report::Bars errors{"balanced error", true, {}, 0, {}};
    for (const char* arm : {"segments", "linear", "shuffled"})
      errors.bars.push_back(results.bar(arm, arm, "balanced error"));
    report::HeatMap best{
        "synapses of a segment",
        "noise",
        "threshold",
        3,
        3,
        results.outcome(results.seeds().front(), "segments").matrices.at("best threshold").values,
        {"0.1", "0.3", "0.5"},
        {"20", "30", "40"},
        false};
    return std::vector<report::Chart>{
        {"size", "Large sparse populations do not err", "s = 24, theta = 12.", falls},
        {"errors", "Thresholds on segments", "20 patterns, 15 synapses each, 30 % noise.", errors},
        {"union", "Patterns that share a segment", "n = 2,000, a = 40, s = 15, theta = 8.", unions},
        {"thresholds", "Best thresholds",
         "Where the larger of both errors is least: n = 20,000, a = 200.", best}};
  };
  return e;
}
