// Time steps, bits of a spike and bits of a weight as one budget: what is worth more, and which
// measure of cost sees it. After Shen et al. 2023, from its abstract; the equations are our
// reading.
#include <algorithm>
#include <array>
#include <cmath>

#include "callosum/experiment/results.h"
#include "studies.h"

namespace callosum::experiment {
namespace {

constexpr std::array<std::int64_t, 4> budgets = {4, 8, 16, 32};
const std::vector<Bits>& order_splits() {
  static const std::vector<Bits> splits = {{1, 4, 4}, {2, 2, 4}, {4, 1, 4}, {8, 1, 2}};
  return splits;
}

std::vector<Bits> all_splits() {
  std::vector<Bits> all;
  for (std::int64_t budget : budgets)
    for (const Bits& bits : splits(budget)) all.push_back(bits);
  return all;
}

Bits read_bits(const std::string& name) {
  for (const Bits& bits : all_splits())
    if (bits.name() == name) return bits;
  return name == "snn-full" ? Bits{4, 1, 0} : Bits{1, 0, 0};
}

/// The convolutional network's arm.
std::string conv(const Bits& bits) { return "conv-" + bits.name(); }

Outcome trial(const Trial& t) {
  Outcome out;
  if (t.arm == "soft-reset" || t.arm == "hard-reset")
    equivalence_study(t, t.arm == "hard-reset", out);
  else if (t.arm.starts_with("order-"))
    order_study(t, read_bits(t.arm.substr(6)), out);
  else if (t.arm.starts_with("conv-"))
    image_study(t, Shape::convolutional, read_bits(t.arm.substr(5)), false, out);
  else if (t.arm == "random-labels")
    image_study(t, Shape::dense, {1, 4, 4}, true, out);
  else
    image_study(t, Shape::dense, read_bits(t.arm), false, out);
  return out;
}

/// The best accuracy among the splits of 16 bits that `takes`, by arm.
template <class Takes, class Arm>
double best(const Paired& at, const Takes& takes, const Arm& arm) {
  double most = 0;
  for (const Bits& bits : splits(16))
    if (takes(bits)) most = std::max(most, at(arm(bits), "accuracy"));
  return most;
}

template <class Arm>
double few_steps(const Paired& at, const Arm& arm) {
  return best(
             at, [](const Bits& b) { return b.steps <= 2; }, arm) -
         best(at, [](const Bits& b) { return b.steps > 2; }, arm);
}

/// Pairs of networks of equal accuracy (0.3 points) that synaptic operations rank the other way
/// round than effort does.
double flips(const Paired& at) {
  const std::vector<Bits> all = all_splits();
  double count = 0;
  for (const Bits& a : all)
    for (const Bits& b : all) {
      const bool equal = std::abs(at(a.name(), "accuracy") - at(b.name(), "accuracy")) <= 0.3;
      count += equal && at(a.name(), "SynOps") < at(b.name(), "SynOps") &&
               at(a.name(), "NS") > at(b.name(), "NS");
    }
  return count;
}

/// One step is an ordinary quantised network. By how much it is better than the best of several
/// steps whose effort NS is no larger; mean over those that have such a rival.
double one_step_at_equal_effort(const Paired& at) {
  double gain = 0, rivals = 0;
  for (const Bits& a : all_splits()) {
    if (a.steps > 1) continue;
    double rival = -1;
    for (const Bits& b : all_splits())
      if (b.steps > 1 && at(b.name(), "NS") <= at(a.name(), "NS"))
        rival = std::max(rival, at(b.name(), "accuracy"));
    if (rival < 0) continue;
    gain += at(a.name(), "accuracy") - rival;
    ++rivals;
  }
  return rivals > 0 ? gain / rivals : 0;
}

/// Mean gain in accuracy of doubling one part of the budget, over all pairs that were trained.
double doubling(const Paired& at, std::int64_t steps, int spike, int weight) {
  const std::vector<Bits> all = all_splits();
  double gain = 0, pairs = 0;
  for (const Bits& a : all)
    for (const Bits& b : all)
      if (b.steps == a.steps * steps && b.spike == a.spike * spike &&
          b.weight == a.weight * weight) {
        gain += at(b.name(), "accuracy") - at(a.name(), "accuracy");
        ++pairs;
      }
  return gain / pairs;
}

/// The largest of a value over all networks that run in whole numbers.
double worst(const Paired& at, const char* value) {
  double most = 0;
  for (const Bits& bits : all_splits()) most = std::max(most, at(bits.name(), value));
  for (const Bits& bits : splits(16)) most = std::max(most, at(conv(bits), value));
  return most;
}

std::vector<Claim> judged() {
  constexpr Kind ablation = Kind::ablation;
  return {
      {.id = "steps-are-bits",
       .text = "T steps of a neuron that subtracts its threshold are a quantiser of T + 1 levels.",
       .measure = "neurons whose count differs, of all small whole numbers and of random ones",
       .value = value_of("soft-reset", "differ"),
       .bar = below(0.5),
       .canary = Canary{"soft-reset", "hard-reset"}},
      {.id = "few-steps-win",
       .text = "Of all ways to spend 16 bits on still images, the best has at most two steps.",
       .measure = "convolutional, best accuracy of T <= 2 - best of T >= 4, points",
       .value = [](const Paired& at) { return few_steps(at, conv); },
       .bar = above(0)},
      {.id = "bits-beat-steps",
       .text = "One step of 4-bit spikes and weights beats eight steps of binary spikes and 2-bit "
               "weights.",
       .measure = "convolutional, accuracy t1-s4-w4 - t8-s1-w2, points",
       .value = difference("accuracy", "conv-t1-s4-w4", "conv-t8-s1-w2"),
       .bar = above(0)},
      {.id = "something-is-learned",
       .text = "With shuffled labels nothing is learned.",
       .kind = ablation,
       .measure = "accuracy, points",
       .value = value_of("random-labels", "accuracy"),
       .bar = below(20)},
      {.id = "operations-misrank",
       .text = "Synaptic operations rank networks of equal accuracy otherwise than effort does.",
       .measure = "pairs within 0.3 points whose order flips",
       .value = flips,
       .bar = above(0.5)},
      {.id = "order-needs-steps",
       .text = "What needs order cannot be had in one step.",
       .kind = ablation,
       .measure = "|accuracy - 50|, T = 1, points",
       .value = [](const Paired& at) { return std::abs(at("order-t1-s4-w4", "accuracy") - 50); },
       .bar = below(5)},
      {.id = "order-in-steps",
       .text = "Four steps and eight find it.",
       .measure = "smaller accuracy of T = 4 and T = 8, points",
       .value =
           [](const Paired& at) {
             return std::min(at("order-t4-s1-w4", "accuracy"), at("order-t8-s1-w2", "accuracy"));
           },
       .bar = above(90)},
      {.id = "whole-numbers",
       .text = "Whole numbers alone give the same answers.",
       .measure = "most answers that differ (of 1,000 in full runs), over all networks",
       .value = [](const Paired& at) { return worst(at, "answers that differ"); },
       .bar = below(0.5)},
      {.id = "registers",
       .text = "They are so small that float arithmetic on them is exact.",
       .measure = "widest register, bits; a float holds 25 with the sign",
       .value = [](const Paired& at) { return worst(at, "register bits"); },
       .bar = below(25.5)},
      {.id = "levels",
       .text = "A layer has at most 2^b_w different weights.",
       .measure = "most, over 2^b_w, over all networks",
       .value = [](const Paired& at) { return worst(at, "levels used"); },
       .bar = below(1.0001)},
  };
}

std::vector<Claim> claims() {
  std::vector<Claim> all = judged();
  all.push_back({.id = "dense-few-steps",
                 .text = "The same as few-steps-win, without convolutions.",
                 .kind = Kind::report,
                 .measure = "784-256-256-10, best accuracy of T <= 2 - best of T >= 4, points",
                 .value = [](const Paired& at) {
                   return few_steps(at, [](const Bits& b) { return b.name(); });
                 }});
  all.push_back({.id = "one-step-at-equal-effort",
                 .text = "A quantised network of one step beside spiking ones of no more effort.",
                 .kind = Kind::report,
                 .measure = "accuracy, one step - best of several with NS no larger, mean, points",
                 .value = one_step_at_equal_effort});
  all.push_back(reported("ties",
                         "Random neurons whose quotient is whole but for rounding; not "
                         "counted.",
                         "soft-reset", "ties"));
  for (auto [id, text, t, s, w] :
       std::initializer_list<std::tuple<const char*, const char*, int, int, int>>{
           {"doubling-steps", "Gain of doubling T, points.", 2, 1, 1},
           {"doubling-spike-bits", "Gain of doubling b_s, points.", 1, 2, 1},
           {"doubling-weight-bits", "Gain of doubling b_w, points.", 1, 1, 2}})
    all.push_back({.id = id,
                   .text = text,
                   .kind = Kind::report,
                   .measure = "mean over all pairs of splits",
                   .value = [t, s, w](const Paired& at) { return doubling(at, t, s, w); }});
  for (const char* arm : {"ann-full", "snn-full"})
    all.push_back(reported(std::string(arm) + "-accuracy", "Accuracy without quantisation, points.",
                           arm, "accuracy"));
  for (const Bits& bits : order_splits())
    all.push_back(reported("order-" + bits.name(), "Accuracy on moving bars, points.",
                           "order-" + bits.name(), "accuracy"));
  for (const Bits& bits : splits(16)) {
    all.push_back(reported(conv(bits) + "-accuracy", "Accuracy, points.", conv(bits), "accuracy"));
    for (auto [value, what] : {std::pair{"accuracy", "Accuracy, points."},
                               {"active", "Share r of spikes that are not zero."},
                               {"NS", "Sparse effort NS of a sample, bit operations."},
                               {"SynOps", "Synaptic operations of a sample."}})
      all.push_back(reported(bits.name() + "-" + value, what, bits.name(), value));
  }
  return all;
}

std::vector<report::Chart> charts(const Results& r) {
  report::Bars sixteen{"accuracy (points)", false, {}};
  for (const Bits& bits : splits(16))
    sixteen.bars.push_back(r.bar(bits.name(), conv(bits), "accuracy"));
  const auto front = [&](const char* cost, const char* title) {
    report::Dots dots{title, "accuracy (points)", {}, {}, {}};
    for (const Bits& bits : all_splits())
      for (std::uint64_t seed : r.seeds()) {
        const auto& values = r.outcome(seed, bits.name()).values;
        dots.x.push_back(std::log10(values.at(cost)));
        dots.y.push_back(values.at("accuracy"));
        dots.colour.push_back(static_cast<std::size_t>(std::log2(bits.steps)));
      }
    return dots;
  };
  return {{"sixteen", "16 bits, spent in ten ways",
           "t: time steps, s: bits of a spike, w: bits of a weight. Fashion images, convolutional.",
           sixteen},
          {"effort", "Accuracy over effort", "Colours: 1, 2, 4, 8 steps; 784-256-256-10.",
           front("NS", "log10 of sparse effort NS (bit operations)")},
          {"operations", "Accuracy over synaptic operations",
           "Colours: 1, 2, 4, 8 steps; 784-256-256-10.",
           front("SynOps", "log10 of synaptic operations")}};
}

}  // namespace

Experiment describe() {
  Experiment e;
  e.title = "The bit budget";
  e.summary =
      "Time steps, bits of a spike and bits of a weight are one resource. Where do bits help most, "
      "and which measure of cost sees them?";
  e.paper =
      "Shen, Zhao, Li, Li, Zeng: Is conventional SNN really efficient? A perspective from network "
      "quantization, 2023, arXiv 2311.10802 (CVPR 2024)";
  e.tier = Tier::kit;
  e.our_reading = true;
  e.capability = "costs in bits, and networks of few bits with whole-number inference";
  e.leaves =
      "callosum/learn/bit_budget.h, callosum/learn/torch/quantise.h, "
      "callosum/learn/torch/quantised_network.h";
  e.data = "fashion-mnist, or its shipped sample; moving bars, drawn";
  e.settings = {{"neurons", 20000, 100000, 1, 1e8, "of the equivalence"},
                {"images", 1000, 12000, 100, 60000, "training images"},
                {"test", 500, 5000, 100, 10000, "test images"},
                {"whole", 100, 1000, 1, 10000, "test images answered in whole numbers, too"},
                {"epochs", 1, 3, 1, 1000, "on images, dense network"},
                {"conv_epochs", 1, 2, 1, 1000, "on images, convolutional network"},
                {"rate", 1e-3, 1e-3, 1e-9, 1, "learning rate of Adam, cosine schedule"},
                {"bars", 2000, 6000, 64, 1e6, "training samples of moving bars"},
                {"order_epochs", 3, 10, 1, 1000, "on moving bars"}};
  e.arms = {{"soft-reset", "neurons that subtract their threshold", 0.02},
            {"hard-reset", "neurons that go back to zero", 0.02}};
  for (const Bits& bits : all_splits())
    e.arms.push_back({bits.name(), "budget " + std::to_string(bits.budget()) + " bits",
                      0.5 + 0.2 * static_cast<double>(bits.steps)});
  for (const Bits& bits : splits(16))
    e.arms.push_back({conv(bits), "16 bits, convolutional", 2 + 2 * double(bits.steps)});
  e.arms.push_back({"random-labels", "t1-s4-w4 with shuffled labels", 0.7});
  e.arms.push_back({"ann-full", "an ordinary rectifying network", 0.7});
  e.arms.push_back({"snn-full", "four steps, binary spikes, full weights", 1.3});
  for (const Bits& bits : order_splits())
    e.arms.push_back({"order-" + bits.name(), "moving bars, 16 bits", 0.5});
  e.run = trial;
  e.claims = claims();
  e.charts = charts;
  e.quick_seeds = 2;
  e.full_seeds = 3;
  e.quick_minutes = 1;
  e.full_minutes = 15;
  return e;
}

}  // namespace callosum::experiment
