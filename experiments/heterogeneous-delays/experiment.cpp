// A layer of neurons that reach each input over many delays learns to tell motions apart, event by
// event. After Grimaldi and Perrinet (2023), from their text and code.
#include <ATen/ATen.h>

#include <algorithm>
#include <cmath>
#include <string>

#include "callosum/experiment/results.h"
#include "studies.h"

namespace callosum::experiment {
namespace {

Motions eight() { return {}; }
Motions twenty_four() { return {.directions = 12, .speeds = {0.25, 0.63}}; }

Plan plan(const std::string& arm) {
  Plan p{.motions = arm.starts_with("twenty-four") ? twenty_four() : eight()};
  if (arm.ends_with("zero") || arm.ends_with("wide")) p.delays = 1;
  if (arm.ends_with("wide")) p.side = 27;
  p.one_fixed_delay = arm.ends_with("fixed");
  p.logistic = arm.ends_with("logistic");
  return p;
}

/// As many weights as a layer has in which each input has one delay.
double one_in_each(const Layer& layer) {
  const at::Tensor open = cone(layer.plan.delays, layer.plan.side).gt(0.01);
  return open.any(0).sum().item<double>() / double(open.numel());
}

Outcome trial(const Trial& t) {
  Outcome out;
  const Material from = material(t);
  const Layer layer = trained(t, plan(t.arm), from);
  const at::Tensor& w = layer.kernels.weights;
  const Motions& motions = layer.plan.motions;
  const std::int64_t count = t.whole("test");
  const Movies movies = test_movies(t, motions, from.photographs, count);
  const Score s = score(layer, w, movies);
  out.values["accuracy"] = s.all;
  out.values["settled"] = s.settled;
  out.values["opposite"] = s.opposite;
  out.values["on noise"] = score(layer, w, test_movies(t, motions, from.noise, count)).all;
  out.values["weights"] = w.ne(0).sum().item<double>();
  if (t.arm != "eight") return out;
  const at::Tensor few = nets::keep_largest(w, one_in_each(layer));
  out.values["one in each"] = score(layer, few, movies).all;
  out.values["weights, one in each"] = few.ne(0).sum().item<double>();
  Movies shuffled = movies;
  nets::Draws draws(t.seed, "shuffle");
  for (Movie& m : shuffled) m.events = shuffled_in_time(m.events, layer.plan.delays, draws);
  out.values["shuffled"] = score(layer, w, shuffled).all;
  push_pull_study(layer, out);
  event_study(t, layer, movies, out);
  aperture_study(t, layer, out);
  pruning_study(t, layer, {movies.begin(), movies.begin() + std::min(count, t.whole("pruned"))},
                out);
  const at::Tensor kernel = w[0][0].select(1, layer.plan.side / 2);
  Matrix m{std::size_t(kernel.size(0)), std::size_t(kernel.size(1)), {}};
  for (std::int64_t k = 0; k < kernel.numel(); ++k)
    m.values.push_back(kernel.reshape({-1})[k].item<double>());
  out.matrices["kernel"] = std::move(m);
  return out;
}

/// Share of weights at half of the accuracy, weakest left out first, over that of another order.
std::function<double(const Paired&)> half_points(const std::string& other) {
  return
      [other](const Paired& at) { return at("eight", "half of the largest") / at("eight", other); };
}

std::vector<Claim> judged() {
  constexpr Kind ablation = Kind::ablation;
  return {
      {.id = "eight-motions",
       .text = "The layer tells eight directions apart at every instant.",
       .paper = {.where = "abstract and results",
                 .text = "about 91 % of 36 motions",
                 .checked = true},
       .measure = "accuracy on photographs it has not seen, points (chance 12.5)",
       .value = value_of("eight", "accuracy"),
       .bar = above(70)},
      {.id = "twenty-four-motions",
       .text = "And twelve directions at two speeds.",
       .measure = "accuracy, points (chance 4.2)",
       .value = value_of("twenty-four", "accuracy"),
       .bar = above(1000.0 / 24)},
      {.id = "no-delays-no-direction",
       .text = "Without delays it cannot tell a motion from its opposite.",
       .kind = ablation,
       .measure = "right ones among those that name the motion or its opposite, points (chance 50)",
       .value = value_of("eight-zero", "opposite"),
       .bar = below(60)},
      {.id = "delays-are-needed",
       .text = "Most of what it can do is due to its delays.",
       .kind = ablation,
       .measure = "accuracy, 9 delays - one, points",
       .value = difference("accuracy", "eight", "eight-zero"),
       .bar = above(10),
       .canary = Canary{"eight", "eight-zero"}},
      {.id = "delays-beat-width",
       .text = "As many weights in space, without delays, are no substitute.",
       .kind = ablation,
       .measure = "accuracy, 9 delays of 9 x 9 - one of 27 x 27, points",
       .value = difference("accuracy", "eight", "eight-wide"),
       .bar = above(10)},
      {.id = "learned-beat-fixed",
       .text = "Delays that are learned beat random ones that are fixed, at equal numbers of "
               "synapses.",
       .kind = ablation,
       .measure = "accuracy, the largest weights of all - one random delay an input, points",
       .value =
           [](const Paired& at) {
             return at("eight", "one in each") - at("eight-fixed", "accuracy");
           },
       .bar = above(0)},
      {.id = "learned-beat-zero",
       .text = "And none, at equal numbers of synapses.",
       .kind = ablation,
       .measure = "accuracy, the largest weights of all - no delays, points",
       .value =
           [](const Paired& at) {
             return at("eight", "one in each") - at("eight-zero", "accuracy");
           },
       .bar = above(0)},
      {.id = "pruned-to-a-tenth",
       .text = "A tenth of the synapses does as well.",
       .paper = {.where = "results",
                 .text = "near its peak at a 31st of the work",
                 .checked = true},
       .measure = "accuracy lost, points",
       .value = value_of("eight", "lost at a tenth"),
       .bar = below(2)},
      {.id = "pruning-beats-shortening",
       .text = "Leaving out weak synapses costs far less than leaving out long delays.",
       .paper = {.where = "results",
                 .text = "half of the accuracy is left with a 670th of the synapses, or with a "
                         "third of the delays",
                 .checked = true},
       .measure = "share of weights at half of the accuracy, weakest first / longest first",
       .value = half_points("half of the shortest"),
       .bar = below(0.2),
       .scale = Scale::log},
      {.id = "pruning-beats-chance",
       .text = "And less than leaving out any.",
       .kind = Kind::baseline,
       .measure = "share of weights at half of the accuracy, weakest first / random",
       .value = half_points("half at random"),
       .bar = below(1),
       .scale = Scale::log},
      {.id = "push-pull",
       .text = "ON and OFF synapses come to have opposite signs.",
       .measure = "correlation, without the tap that training begins with",
       .value = value_of("eight", "ON and OFF"),
       .bar = below(-0.5)},
      {.id = "time-order",
       .text = "It uses the order of events: shuffled within 9 ms they tell little.",
       .kind = ablation,
       .measure = "accuracy above chance, shuffled / not",
       .value =
           [](const Paired& at) {
             return (at("eight", "shuffled") - 12.5) / (at("eight", "accuracy") - 12.5);
           },
       .bar = below(1.0 / 3)},
      {.id = "event-by-event",
       .text = "Computed event by event it gives the same evidence.",
       .measure = "largest difference from the convolution, 20 movies",
       .value = value_of("eight", "event by event"),
       .bar = below(1e-4)},
      {.id = "as-a-network",
       .text = "And so does a network with a synapse for each weight and place, as Simulation runs "
               "it.",
       .measure = "largest difference from the convolution, a tenth of the weights, 3 movies",
       .value = value_of("eight", "simulation"),
       .bar = below(1e-4)},
      {.id = "aperture",
       .text = "Gratings that drift aslant look as if they moved across their stripes.",
       .measure = "accuracy on gratings, drifting across their stripes - at any angle, points",
       .value =
           [](const Paired& at) {
             return at("eight", "perpendicular, gratings") - at("eight", "aperture, gratings");
           },
       .bar = above(0)},
  };
}

/// "on noise" as a name of a file: "on-noise".
std::string id(std::string text) {
  std::erase_if(text, [](char c) { return c == ',' || c == '%'; });
  while (text.ends_with(' ')) text.pop_back();
  std::ranges::replace(text, ' ', '-');
  return text;
}

std::vector<Claim> claims() {
  std::vector<Claim> all = judged();
  for (const char* arm : {"eight", "eight-logistic", "eight-zero", "eight-wide", "eight-fixed",
                          "twenty-four", "twenty-four-zero"})
    for (auto [value, what] :
         {std::pair{"accuracy", "Accuracy on other photographs, points."},
          {"settled", "The same where the motion is at least 8 ms old, points."},
          {"on noise", "Accuracy on noise of natural spectrum, points."},
          {"weights", "Weights that are not zero."}})
      all.push_back(reported(id(std::string(arm) + "-" + value), what, arm, value));
  for (auto [value, what] :
       {std::pair{"one in each", "Accuracy with as many weights as eight-fixed has, points."},
        {"weights, one in each", "How many those are."},
        {"half of the largest",
         "Share of weights at half of the accuracy, weakest left out first."},
        {"half of the shortest", "The same, longest delays left out first."},
        {"half at random", "The same, left out at random."},
        {"ON and OFF at first", "Correlation of ON and OFF before training."},
        {"shuffled", "Accuracy on shuffled events, points."},
        {"activity", "Pixels with an event of a polarity in a frame, %."},
        {"speed at 1 %", "Processor time, convolution / event by event."},
        {"speed at 5 %", "The same."},
        {"speed at 20 %", "The same."},
        {"speed of a tenth at 1 %", "Processor time, convolution / event by event, pruned."},
        {"speed of a tenth at 5 %", "The same."},
        {"speed of a tenth at 20 %", "The same."},
        {"perpendicular, gratings",
         "Accuracy on gratings that drift across their stripes, points."},
        {"aperture, gratings", "Accuracy on gratings that drift at any angle, points."},
        {"aperture, isotropic", "Accuracy on textures without orientation, points."}})
    all.push_back(reported(id(value), what, "eight", value));
  return all;
}

std::vector<report::Chart> charts(const Results& r) {
  report::Bars accuracy{"accuracy (points)", false, {}};
  for (const char* arm : {"eight", "eight-logistic", "eight-fixed", "eight-wide", "eight-zero",
                          "twenty-four", "twenty-four-zero"})
    accuracy.bars.push_back(r.bar(arm, arm, "accuracy"));
  report::Lines pruned{"share of weights left", "accuracy (points)", true, false, {}};
  for (auto [name, curve] : {std::pair{"weakest left out first", "largest"},
                             {"longest delays left out first", "shortest"},
                             {"left out at random", "random"}})
    pruned.lines.push_back(r.line(name, "eight", curve));
  report::Lines clouds{"bandwidth of orientation (degrees)", "accuracy (points)", false, false, {}};
  clouds.lines = {r.line("drifting across their stripes", "eight", "perpendicular"),
                  r.line("at any angle", "eight", "aperture")};
  const Matrix& m = r.outcome(r.seeds().front(), "eight").matrices.at("kernel");
  report::HeatMap kernel{"column (pixels)", "delay (ms)", "weight of ON events (no unit)", m.rows,
                         m.columns,         m.values};
  return {{"accuracy", "Which motion, at every instant",
           "Eight directions at one speed, twelve at two; windows over photographs that were not "
           "trained on.",
           accuracy},
          {"pruned", "How many synapses it takes", "Eight directions.", pruned},
          {"kernel", "A detector of motion",
           "Weights of ON events of the first class, middle row of its kernel: events along the "
           "way of an edge arrive together.",
           kernel},
          {"clouds", "Gratings and textures", "Random textures, 180 degrees: any orientation.",
           clouds}};
}

}  // namespace

Experiment describe() {
  Experiment e;
  e.title = "Heterogeneous delays";
  e.summary =
      "Neurons that reach each input over many delays learn which to weigh, and so detect motion "
      "event by event; nearly all of the synapses can be left out.";
  e.paper =
      "Grimaldi, Perrinet: Learning heterogeneous delays in a layer of spiking neurons for fast "
      "motion detection, Biological Cybernetics 2023, arXiv 2307.14077";
  e.tier = Tier::kit;
  e.capability = "synapses of many delays, learned densely and run event by event";
  e.leaves = "callosum/nets/delay_layer.h, data set photographs";
  e.data = "photographs (shipped), and noise of their spectrum; motion clouds, drawn";
  e.settings = {
      {"pixels", 32, 32, 16, 128, "side of a movie"},
      {"frames", 64, 64, 16, 1000, "of a movie, 1 ms each"},
      {"textures", 12, 24, 4, 1000, "of noise that train; as many windows on photographs"},
      {"steps", 200, 800, 1, 1e6, "training movies, one a step"},
      {"rate", 0.02, 0.02, 1e-9, 1, "learning rate of Adam, cosine schedule"},
      {"test", 20, 100, 1, 10000, "test movies"},
      {"pruned", 10, 20, 1, 10000, "of them that judge pruned layers"},
      {"clouds", 16, 48, 1, 10000, "motion clouds of a kind"}};
  e.arms = {{"eight", "8 directions, 9 delays of 9 x 9 pixels", 2},
            {"eight-logistic", "each class against the others, as in the paper's text", 1},
            {"eight-zero", "one delay, 9 x 9 pixels", 0.2},
            {"eight-wide", "one delay, 27 x 27 pixels: as many weights", 1},
            {"eight-fixed", "one random delay an input, 9 x 9 pixels", 1},
            {"twenty-four", "12 directions, 2 speeds, 9 delays of 9 x 9 pixels", 2.5},
            {"twenty-four-zero", "the same without delays", 0.4}};
  e.run = trial;
  e.claims = claims();
  e.charts = charts;
  e.quick_seeds = 3;
  e.full_seeds = 3;
  e.quick_minutes = 1;
  e.full_minutes = 15;
  return e;
}

}  // namespace callosum::experiment
