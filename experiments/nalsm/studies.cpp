#include "studies.h"

#include <ATen/ATen.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

#include "callosum/core/error.h"
#include "callosum/data/images.h"
#include "callosum/nets/readout.h"
#include "callosum/nets/scores.h"
#include "callosum/sim/presentation.h"
#include "liquid.h"

namespace callosum::experiment {
namespace {

constexpr std::int64_t sample_ms = 250, snapshot_ms = 20;
constexpr double fading = 0.99;

/// Images as probabilities of a pulse in a millisecond: pixels over their sum, over the largest
/// such number among the training images.
struct Task {
  std::string name;
  std::size_t inputs = 0, training = 0,
              validation = 0;  ///< the first are training, then validation
  std::vector<std::vector<double>> probabilities = {};
  std::vector<std::int64_t> labels = {};
  std::size_t size() const { return labels.size(); }
};

Task task(const Trial& t, const std::string& name) {
  const data::ImageSet set = data::load_images(name);
  const auto edge = static_cast<std::size_t>(t.whole("pixels"));
  Task task{.name = name};
  const auto train = static_cast<std::size_t>(t.whole("train")),
             test = static_cast<std::size_t>(t.whole("test"));
  Stream draw = t.stream("images " + name);
  const bool smaller = edge < set.train.rows;
  const auto add = [&](const data::Images& from, std::size_t count) {
    std::vector<std::size_t> order(from.size());
    std::iota(order.begin(), order.end(), std::size_t{0});
    if (count > order.size())
      throw ValueError({.where = "nalsm, images of " + name,
                        .what = "there are not as many",
                        .got = std::to_string(count),
                        .expected = "at most " + std::to_string(order.size())});
    for (std::size_t k = 0; k < count; ++k) {
      std::swap(order[k], order[k + draw.below(order.size() - k)]);
      const std::size_t one[] = {order[k]};
      const data::Images chosen =
          smaller ? from.chosen(one).averaged(edge, edge) : from.chosen(one);
      const auto image = chosen.image(0);
      const double sum = std::accumulate(image.begin(), image.end(), 0.0);
      if (!(sum > 0))
        throw ValueError({.where = "nalsm, image " + std::to_string(order[k]) + " of " + name,
                          .what = "a blank image makes no spikes",
                          .got = "no ink",
                          .expected = "an image with ink"});
      std::vector<double> p(image.begin(), image.end());
      for (double& x : p) x /= sum;
      task.probabilities.push_back(std::move(p));
      task.labels.push_back(from.labels[order[k]]);
    }
  };
  add(set.train, train);
  add(set.test, test);
  task.inputs = task.probabilities.front().size();
  task.validation = train / 5;
  task.training = train - task.validation;
  double largest = 0;
  for (std::size_t k = 0; k < task.training; ++k)
    for (const double x : task.probabilities[k]) largest = std::max(largest, x);
  for (auto& image : task.probabilities)
    for (double& x : image) x = std::min(1.0, x / largest);
  return task;
}

void show_image(Simulation& s, const std::vector<double>& p) {
  s.set(s.network().population("input"), "p", Values::array(p, {}));
}

/// Spike counts of the liquid, one row an image, and what else was seen of the first images.
struct Encoded {
  at::Tensor counts;  ///< [images, neurons]
  double branching = 0, rate_hz = 0, least_A = 0;
  std::int64_t silent = 0;
};

Encoded encode(const Trial& t, const Liquid& liquid, const Task& task, const Rates& rates,
               double from, double share) {
  const auto images = static_cast<std::int64_t>(task.size());
  Encoded e{at::zeros({images, static_cast<std::int64_t>(liquid.neurons)}, at::kDouble)};
  e.least_A = std::numeric_limits<double>::infinity();
  const analysis::Neighbours graph = liquid.graph();
  const auto looked_at = static_cast<std::size_t>(t.whole("branching"));
  double branching = 0, spikes = 0;
  int counted = 0;
  double* const counts = e.counts.data_ptr<double>();
  Simulation sim(network_of(liquid, rates));
  const Samples samples{
      .show = [&](Simulation& s, std::size_t k) { show_image(s, task.probabilities[k]); },
      .read =
          [&](Simulation& s, std::size_t k) {
            const Recording r = s.recording();
            const SpikeRecord& found = r.spikes.at(0);
            for (const std::uint32_t n : found.neurons) counts[k * liquid.neurons + n] += 1;
            spikes += static_cast<double>(found.neurons.size());
            e.silent += found.neurons.empty();
            const auto& A = r.traces.at(0).values;
            e.least_A = std::min(e.least_A, *std::min_element(A.begin(), A.end()));
            if (k < looked_at) {
              const double b = analysis::branching_factor(found.steps, found.neurons, graph,
                                                          {25 + 4, sample_ms - 25 - 4, 4});
              if (std::isfinite(b)) branching += b, ++counted;
            }
            t.progress(from +
                       share * static_cast<double>(k + 1) / static_cast<double>(task.size()));
          }};
  present(sim, {.steps = sample_ms}, 0, task.size(), samples);
  e.branching = counted > 0 ? branching / counted : 0;
  e.rate_hz = spikes / static_cast<double>(task.size()) / liquid.neurons / (sample_ms * 1e-3);
  return e;
}

/// Snapshots of training images one after another; the weights stay.
void initialise(const Trial& t, Liquid& liquid, const Task& task, const Rates& rates) {
  const auto snapshots = static_cast<std::size_t>(t.whole("snapshots"));
  Stream draw = t.stream("snapshots " + task.name);
  Simulation sim(network_of(liquid, rates), {.seed = 2});
  const Samples samples{
      .show = [&](Simulation& s,
                  std::size_t) { show_image(s, task.probabilities[draw.below(task.training)]); },
      .read = [](Simulation&, std::size_t) {}};
  present(sim, {.steps = snapshot_ms, .reset = Reset::state}, 0, snapshots, samples);
  take_weights(sim, liquid);
}

struct Score {
  double validation = 0, test = 0;
};

/// Softmax readout; the penalty that does best on validation images is used on the test images.
Score read_out(at::Tensor features, const Task& task) {
  features = features / features.sum(1, true).clamp_min(1);
  const auto training = static_cast<std::int64_t>(task.training),
             validation = static_cast<std::int64_t>(task.validation);
  features = features / features.slice(0, 0, training).max().clamp_min(1e-12);
  const at::Tensor labels = at::tensor(task.labels, at::kLong);
  const auto part = [&](std::int64_t begin, std::int64_t end) {
    return std::pair{features.slice(0, begin, end), labels.slice(0, begin, end)};
  };
  const auto [x, y] = part(0, training);
  const auto [vx, vy] = part(training, training + validation);
  const auto [tx, ty] = part(training + validation, static_cast<std::int64_t>(task.size()));
  Score best{-1, 0};
  for (const double lambda : {1e-5, 1e-4, 1e-3, 1e-2}) {
    const auto readout = nets::fit_softmax(x, y, 10, lambda, 100);
    const double v = nets::accuracy(readout(vx), vy);
    if (v > best.validation) best = {v, nets::accuracy(readout(tx), ty)};
  }
  return best;
}

Rates rates_of(const std::string& arm) {
  Rates r;
  if (arm == "stdp") r.astrocyte = false;
  if (arm.starts_with("astrocyte-")) r.w_a = std::stod(arm.substr(10));
  return r;
}

void raw_pixels(const Task& task, Outcome& out) {
  std::vector<at::Tensor> rows;
  for (const auto& p : task.probabilities) rows.push_back(at::tensor(p, at::kDouble));
  out.values[on("accuracy", task.name)] = read_out(at::stack(rows), task).test;
}

void note(const Encoded& e, const std::string& data, Outcome& out) {
  out.values[on("branching", data)] = e.branching;
  out.values[on("off criticality", data)] = std::abs(e.branching - 1);
  out.values[on("rate", data)] = e.rate_hz;
  out.values[on("least A", data)] = e.least_A;
  out.values[on("silent", data)] = static_cast<double>(e.silent);
  out.values[on("rank", data)] = at::linalg_matrix_rank(e.counts).item<double>();
}

/// Fixed weights: every magnitude, the best by validation; `tuned` is that of another data set.
double fixed_weights(const Trial& t, const Liquid& liquid, const Task& task, double tuned,
                     double from, double share, Outcome& out) {
  Score best{-1, 0};
  double chosen = 0;
  const double part = share / static_cast<double>(std::size(magnitudes));
  for (const double w : magnitudes) {
    const Encoded e = encode(t, liquid.with_magnitude(w), task, {.plastic = false}, from, part);
    from += part;
    const Score s = read_out(e.counts, task);
    out.curves[on("accuracy", task.name)].x.push_back(w);
    out.curves[on("accuracy", task.name)].y.push_back(s.test);
    out.curves[on("branching", task.name)].x.push_back(w);
    out.curves[on("branching", task.name)].y.push_back(e.branching);
    if (w == tuned) out.values[on("accuracy, tuned elsewhere", task.name)] = s.test;
    if (!(s.validation > best.validation)) continue;
    best = s;
    chosen = w;
    note(e, task.name, out);
  }
  out.values[on("accuracy", task.name)] = best.test;
  out.values[on("magnitude", task.name)] = chosen;
  return chosen;
}

}  // namespace

std::string on(const std::string& value, const std::string& data) { return value + ", " + data; }

Outcome classify(const Trial& t) {
  Outcome out;
  std::vector<std::string> names{std::begin(data_sets), std::end(data_sets)};
  if (t.whole("sets") == 1) names.erase(names.begin());
  double tuned = std::numeric_limits<double>::quiet_NaN(), from = 0;
  const double share = 1 / static_cast<double>(names.size());
  for (const std::string& name : names) {
    const Task images = task(t, name);
    if (t.arm == "pixels") {
      raw_pixels(images, out);
      continue;
    }
    Liquid liquid(t.seed, static_cast<std::uint32_t>(t.whole("side")),
                  static_cast<std::uint32_t>(images.inputs));
    if (t.arm == "lsm") {
      tuned = fixed_weights(t, liquid, images, tuned, from, share, out);
    } else {
      Rates rates = rates_of(t.arm);
      initialise(t, liquid, images, rates);
      rates.keep = fading;
      rates.plastic = t.arm != "frozen";
      const Encoded e = encode(t, liquid, images, rates, from, share);
      note(e, name, out);
      out.values[on("accuracy", name)] = read_out(e.counts, images).test;
    }
    from += share;
  }
  return out;
}

}  // namespace callosum::experiment
