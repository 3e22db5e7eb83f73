#include <ATen/ATen.h>

#include <algorithm>
#include <cmath>
#include <numbers>

#include "callosum/data/images.h"
#include "callosum/learn/torch/index_tensor.h"
#include "callosum/learn/torch/quantised_network.h"
#include "callosum/nets/scores.h"
#include "callosum/nets/training.h"
#include "studies.h"

namespace callosum::experiment {

using learn::QuantisedLayer;
using learn::QuantisedNetwork;
using learn::QuantisedOptions;

std::string Bits::name() const {
  const auto part = [](char letter, int bits) {
    return std::string("-") + letter + (bits == 0 ? "full" : std::to_string(bits));
  };
  return "t" + std::to_string(steps) + part('s', spike) + part('w', weight);
}

std::vector<Bits> splits(std::int64_t budget) {
  std::vector<Bits> all;
  for (std::int64_t t : {1, 2, 4, 8})
    for (int s : {1, 2, 4})
      for (int w : {1, 2, 4, 8})
        if (t * s * w == budget) all.push_back({t, s, w});
  return all;
}

namespace {

struct Neuron {
  double threshold, start, input;
  std::int64_t steps;
};

std::int64_t count(const Neuron& n, bool hard) {
  if (!hard) return learn::integrate_and_fire_count(n.start, n.input, n.threshold, n.steps);
  std::int64_t count = 0;
  double u = n.start;
  for (std::int64_t k = 0; k < n.steps; ++k)
    if ((u += n.input) >= n.threshold) u = 0, ++count;
  return count;
}

bool differs(const Neuron& n, bool hard) {
  return count(n, hard) != learn::quantised_count(n.start, n.input, n.threshold, n.steps);
}

/// The quotient is whole but for rounding: there the two may round to different sides.
bool tie(const Neuron& n) {
  const double levels = (n.start + static_cast<double>(n.steps) * n.input) / n.threshold;
  return std::abs(levels - std::nearbyint(levels)) < 1e-12;
}

}  // namespace

void equivalence_study(const Trial& t, bool hard, Outcome& out) {
  double grid = 0, grid_differ = 0, random_differ = 0, ties = 0;
  for (int threshold = 1; threshold <= 24; ++threshold)
    for (int start = 0; start < threshold; ++start)
      for (int input = 0; input <= threshold; ++input)
        for (std::int64_t steps = 1; steps <= 16; ++steps, ++grid)
          grid_differ += differs({double(threshold), double(start), double(input), steps}, hard);
  Stream stream = t.stream("neurons");
  const std::int64_t neurons = t.whole("neurons");
  for (std::int64_t k = 0; k < neurons; ++k) {
    Neuron n{};
    n.threshold = 0.1 + 2 * stream.uniform();
    n.start = n.threshold * stream.uniform();
    n.input = n.threshold * stream.uniform();
    n.steps = static_cast<std::int64_t>(1 + stream.below(16));
    const bool whole = tie(n);
    ties += whole;
    random_differ += !whole && differs(n, hard);
  }
  out.values["neurons of whole numbers"] = grid;
  out.values["differ"] = grid_differ + random_differ;
  out.values["ties"] = ties;
}

namespace {

struct Set {
  at::Tensor x, labels;  ///< [sample, ...] or [step, sample, ...]
};

struct Schedule {
  std::int64_t epochs;
  double rate;
};

/// Adam with a cosine schedule, batches of 64.
template <class Answer>
void train(QuantisedNetwork& network, const at::Tensor& labels, const Schedule& schedule,
           const Trial& t, const Answer& answer) {
  nets::Optimiser optimiser = nets::Optimiser::adam(network.parameters(), {.rate = schedule.rate});
  nets::Draws order(t.seed, "order");
  const std::int64_t n = labels.size(0), batch = 64, all = schedule.epochs * (n / batch);
  std::int64_t done = 0;
  for (std::int64_t epoch = 0; epoch < schedule.epochs; ++epoch) {
    const at::Tensor shuffled = order.permutation(n);
    for (std::int64_t k = 0; k + batch <= n; k += batch, ++done) {
      const at::Tensor index = shuffled.slice(0, k, k + batch);
      const double share = static_cast<double>(done) / static_cast<double>(all);
      optimiser.set_rate(schedule.rate * 0.5 * (1.0001 + std::cos(std::numbers::pi * share)));
      optimiser.clear_gradients();
      nets::cross_entropy(answer(index), labels.index_select(0, index)).backward();
      optimiser.step();
      t.progress(share);
    }
  }
}

/// Bytes as floats, [image, row, column].
Set images(const data::Images& from, std::int64_t count, Stream& stream) {
  const data::Images some = from.balanced(static_cast<std::size_t>(count / 10), stream);
  const std::vector<float> pixels = some.scaled(1);
  const at::Tensor x =
      at::empty({static_cast<std::int64_t>(some.size()), static_cast<std::int64_t>(some.rows),
                 static_cast<std::int64_t>(some.cols)},
                at::kFloat);
  std::copy(pixels.begin(), pixels.end(), x.data_ptr<float>());
  return {x,
          learn::index_tensor(std::vector<std::int64_t>(some.labels.begin(), some.labels.end()))};
}

std::vector<QuantisedLayer> layers(Shape shape) {
  if (shape == Shape::dense)
    return {{.in = 784, .out = 256}, {.in = 256, .out = 256}, {.in = 256, .out = 10}};
  return {{.in = 1, .out = 16, .kernel = 3, .pool = 2},
          {.in = 16, .out = 32, .kernel = 3, .pool = 2},
          {.in = 32 * 49, .out = 128},
          {.in = 128, .out = 10}};
}

QuantisedOptions options(Shape shape, const Bits& bits) {
  return {.layers = layers(shape),
          .rows = shape == Shape::dense ? 0 : 28,
          .columns = shape == Shape::dense ? 0 : 28,
          .steps = bits.steps,
          .spike_bits = bits.spike,
          .weight_bits = bits.weight,
          .input_unit = 1.0 / 255};
}

void report_costs(const QuantisedNetwork& network, Outcome& out) {
  const learn::BitBudget budget = network.budget();
  out.values["S"] = budget.effort();
  out.values["NS"] = budget.sparse_effort();
  out.values["SynOps"] = budget.synaptic_operations();
  out.values["memory bits"] = budget.memory_bits();
  double active = 0;
  for (std::size_t l = 1; l < budget.layers().size(); ++l)
    active += budget.layers()[l].active / static_cast<double>(budget.layers().size() - 1);
  out.values["active"] = active;
}

/// Answers to many samples, a few at a time.
template <class Answer>
at::Tensor in_parts(const at::Tensor& x, const Answer& answer) {
  std::vector<at::Tensor> parts;
  for (const at::Tensor& part : x.split(250)) parts.push_back(answer(part));
  return at::cat(parts);
}

}  // namespace

void image_study(const Trial& t, Shape shape, const Bits& bits, bool random_labels, Outcome& out) {
  static const data::ImageSet set = data::load_images("fashion-mnist");
  out.note = set.source.description();
  Stream stream = t.stream("images");
  Set training = images(set.train, t.whole("images"), stream);
  Set test = images(set.test, t.whole("test"), stream);
  const bool dense = shape == Shape::dense;
  for (Set* part : {&training, &test}) part->x = dense ? part->x.flatten(1) : part->x.unsqueeze(1);
  if (random_labels) {
    nets::Draws shuffle(t.seed, "labels");
    training.labels = training.labels.index_select(0, shuffle.permutation(training.labels.size(0)));
  }
  nets::Draws draws(t.seed, "network");
  QuantisedNetwork network(options(shape, bits), draws);
  const Schedule schedule{t.whole(dense ? "epochs" : "conv_epochs"), t["rate"]};
  train(network, training.labels, schedule, t,
        [&](const at::Tensor& index) { return network(training.x.index_select(0, index)); });
  const at::NoGradGuard guard;
  const at::Tensor answers =
      in_parts(test.x, [&](const at::Tensor& part) { return network(part); }).argmax(1);
  out.values["accuracy"] = 100 * answers.eq(test.labels).to(at::kDouble).mean().item<double>();
  const at::Tensor some = test.x.slice(0, 0, t.whole("whole"));
  network(some);
  report_costs(network, out);
  if (bits.spike == 0 || bits.weight == 0) return;
  int width = 0;
  const at::Tensor whole = in_parts(some, [&](const at::Tensor& part) {
    const learn::WholeAnswers w = network.whole_numbers(part);
    width = std::max(width, w.register_bits);
    return w.sums.argmax(1);
  });
  out.values["answers that differ"] =
      answers.slice(0, 0, whole.size(0)).ne(whole).to(at::kDouble).sum().item<double>();
  out.values["register bits"] = width;
  out.values["levels used"] = network.levels_used();
}

void order_study(const Trial& t, const Bits& bits, Outcome& out) {
  constexpr std::int64_t side = 8, frames = 8;
  nets::Draws draws(t.seed, "bars");
  const auto bars = [&](std::int64_t count) {
    const at::Tensor start = draws.integers({count}, side), right = draws.integers({count}, 2);
    // [frame, sample, row, column]; every column is visited once, whatever the direction.
    at::Tensor x = draws.normal({frames, count, side, side}, 0, 0.3, at::kFloat);
    for (std::int64_t f = 0; f < frames; ++f) {
      const at::Tensor column = (start + f * (2 * right - 1) + frames).remainder(side);
      x[f].add_(at::one_hot(column, side).to(at::kFloat).unsqueeze(1));
    }
    // Frames are summed in as many groups as there are steps, and rounded to 8 bits.
    x = x.view({bits.steps, frames / bits.steps, count, side * side}).sum(1) /
        std::sqrt(static_cast<double>(frames / bits.steps));
    return Set{(x * 32).round().clamp(-128, 127), right};
  };
  const Set training = bars(t.whole("bars")), test = bars(2000);
  nets::Draws weights(t.seed, "network");
  QuantisedNetwork network(
      {.layers = {{.in = side * side, .out = 128}, {.in = 128, .out = 128}, {.in = 128, .out = 2}},
       .steps = bits.steps,
       .spike_bits = bits.spike,
       .weight_bits = bits.weight,
       .decay = 0.5,
       .input_unit = 1.0 / 32},
      weights);
  train(network, training.labels, {t.whole("order_epochs"), t["rate"]}, t,
        [&](const at::Tensor& index) { return network(training.x.index_select(1, index), false); });
  const at::NoGradGuard guard;
  out.values["accuracy"] = 100 * nets::accuracy(network(test.x, false), test.labels);
  report_costs(network, out);
}

}  // namespace callosum::experiment
