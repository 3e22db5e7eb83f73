// Dense Hebbian networks, supervised: the arms differ in the lines of `memory_of`.
#include "callosum/experiment/experiment.h"

#include <algorithm>
#include <array>
#include <cmath>

#include "callosum/core/random.h"
#include "callosum/data/class_means.h"
#include "callosum/experiment/results.h"
#include "callosum/nets/dense_memory.h"

namespace {

using namespace callosum;
using namespace callosum::experiment;
using nets::DenseMemory;
using nets::Examples;
using nets::ExampleTask;

Stream stream_of(const Trial& trial, const char* part, std::uint64_t index = 0) {
  return Stream(StreamKey(trial.seed, name_hash(part), Purpose::user), index);
}

/// What the arm stores: the mechanism is the order P and the mean over labelled examples.
DenseMemory memory_of(const Trial& trial, const Examples& data, int order) {
  if (trial.arm == "unsupervised") return DenseMemory(data.single, data.units, order);
  std::vector<float> means = data.means;
  if (trial.arm == "shuffled") {  // the canary: right entries at wrong units
    Stream stream = stream_of(trial, "shuffle");
    for (std::size_t at = 0; at < means.size(); at += static_cast<std::size_t>(data.units))
      for (std::size_t i = static_cast<std::size_t>(data.units); i > 1; --i)
        std::swap(means[at + i - 1], means[at + stream.below(i)]);
  }
  return DenseMemory(means, data.units, order);
}
int order_of(const Trial& trial) { return trial.arm == "pairwise" ? 2 : 4; }

struct Retrieval {
  double relaxed = 0;   ///< mean overlap with the archetype at rest
  double one_step = 0;  ///< after every unit took the sign of its first field
  double together = 0;  ///< all units at once, to rest
};

/// Starts from archetypes with a share of units flipped; at most `count` of them.
Retrieval retrieve(const DenseMemory& memory, const Examples& data, std::size_t count,
                   Stream& stream, double flipped = 0, double beta = INFINITY) {
  const auto n = static_cast<std::size_t>(data.units);
  count = std::min(count, data.archetypes.size() / n);
  Retrieval out;
  for (std::size_t mu = 0; mu < count; ++mu) {
    const std::span<const std::int8_t> xi(data.archetypes.data() + mu * n, n);
    std::vector<std::int8_t> start(xi.begin(), xi.end());
    for (std::int8_t& s : start)
      if (stream.uniform() < flipped) s = static_cast<std::int8_t>(-s);
    auto state = start;
    memory.relax(state, stream, {.beta = beta, .sweeps = std::isinf(beta) ? 20 : 60});
    out.relaxed += nets::mattis_overlap(state, xi) / static_cast<double>(count);
    if (!std::isinf(beta)) continue;
    state = start;
    memory.relax_together(state, 1);
    out.one_step += nets::mattis_overlap(state, xi) / static_cast<double>(count);
    memory.relax_together(state);
    out.together += nets::mattis_overlap(state, xi) / static_cast<double>(count);
  }
  return out;
}

/// Mean over data sets drawn for the seed and the task, the same for all arms.
Retrieval measure(const Trial& trial, const ExampleTask& task, std::size_t sets, std::size_t count,
                  double flipped = 0, double beta = INFINITY) {
  Retrieval sum;
  for (std::size_t k = 0; k < sets; ++k) {
    Stream draw =
        stream_of(trial, "data",
                  1000000 * k + static_cast<std::uint64_t>(1000 * task.archetypes + task.examples));
    const Examples data = nets::draw_examples(task, draw, trial.arm == "unsupervised");
    Stream noise = stream_of(trial, "dynamics", k);
    const Retrieval one =
        retrieve(memory_of(trial, data, order_of(trial)), data, count, noise, flipped, beta);
    sum.relaxed += one.relaxed / static_cast<double>(sets);
    sum.one_step += one.one_step / static_cast<double>(sets);
    sum.together += one.together / static_cast<double>(sets);
  }
  return sum;
}

/// Overlaps over the number of examples of one quality, and how far they are from the closed form.
void learning_curve(const Trial& trial, Outcome& out, const std::string& part, double quality,
                    std::initializer_list<std::int64_t> examples, std::int64_t judged_from) {
  Curve& curve = out.curves[part];
  double worst = 0;
  for (std::int64_t m : examples) {
    const ExampleTask task{200, 5, m, quality};
    const double overlap =
        measure(trial, task, static_cast<std::size_t>(trial.whole("sets")), 5).relaxed;
    if (m >= judged_from)
      worst = std::max(worst, std::abs(overlap - nets::copied_overlap(task.entropy())));
    out.values[part + " " + std::to_string(m)] = overlap;
    curve.x.push_back(task.entropy());
    curve.y.push_back(overlap);
  }
  out.values[part + " against theory"] = worst;
}

void storage(const Trial& trial, Outcome& out) {
  if (trial.arm == "unsupervised") return;
  const auto count = static_cast<std::size_t>(trial.whole("retrievals"));
  double worst = 0;
  Matrix phases{5, 4, {}};
  for (std::int64_t archetypes : {5, 15, 50, 150, 500})
    for (std::int64_t examples : {20, 50, 100, 200}) {
      const ExampleTask task{100, archetypes, examples, 0.2};
      const Retrieval found = measure(trial, task, 1, count);
      phases.values.push_back(found.relaxed);
      if (examples != 200) continue;
      const double theory = nets::one_step_overlap(task, order_of(trial));
      worst = std::max(worst, std::abs(found.one_step - theory));
      const auto k = static_cast<double>(archetypes);
      out.values["storage " + std::to_string(archetypes)] = found.relaxed;
      for (auto [curve, y] : {std::pair{"storage", found.relaxed},
                              {"one step", found.one_step},
                              {"one step, theory", theory}}) {
        out.curves[curve].x.push_back(k);
        out.curves[curve].y.push_back(y);
      }
      if (archetypes != 50) continue;
      out.values["together"] = found.together;
      out.values["from 20 % flipped"] = measure(trial, task, 1, count, 0.2).relaxed;
    }
  out.values["one step against theory"] = worst;
  out.matrices["phases"] = std::move(phases);
}

/// Glauber dynamics against the replica-symmetric equations, over inverse temperatures in units of
/// R^(-P/2).
void temperature(const Trial& trial, Outcome& out) {
  if (trial.arm != "supervised") return;
  const ExampleTask task{400, 1, 80, 0.2};
  const double r2 = 0.04 + 0.96 / 80, unit = 1 / (r2 * r2);
  double worst = 0;
  for (double beta : {1.0, 3.0, 10.0, 30.0}) {
    const double m = measure(trial, task, 4, 1, 0, beta * unit).relaxed;
    const double theory = nets::equilibrium_overlap(task, 4, beta * unit);
    worst = std::max(worst, std::abs(m - theory));
    out.curves["temperature"].x.push_back(beta);
    out.curves["temperature"].y.push_back(m);
    out.curves["temperature, theory"].x.push_back(beta);
    out.curves["temperature, theory"].y.push_back(theory);
  }
  out.values["temperature against theory"] = worst;
}

/// Share of test images whose class has the largest overlap after the dynamics.
double accuracy(const Trial& trial, const std::vector<float>& means, const data::BinaryImages& test,
                int order, bool dynamics = true) {
  const std::size_t n = test.pixels.size();
  const DenseMemory memory = memory_of(trial, {static_cast<std::int64_t>(n), {}, means, {}}, order);
  Stream stream = stream_of(trial, "relax");
  std::size_t right = 0;
  for (std::size_t i = 0; i < test.labels.size(); ++i) {
    const auto begin = test.codes.begin() + static_cast<std::ptrdiff_t>(i * n);
    std::vector<std::int8_t> state(begin, begin + static_cast<std::ptrdiff_t>(n));
    if (dynamics) memory.relax(state, stream);
    const auto overlaps = memory.overlaps(state);
    right +=
        std::max_element(overlaps.begin(), overlaps.end()) - overlaps.begin() == test.labels[i];
  }
  return static_cast<double>(right) / static_cast<double>(test.labels.size());
}

void images(const Trial& trial, Outcome& out) {
  if (trial.arm == "unsupervised") return;
  static const data::ImageSet set = data::load_images({"mnist", "fashion-mnist"});
  out.note = set.source.description();
  Stream stream = stream_of(trial, "images");
  const auto train = set.train.balanced(static_cast<std::size_t>(trial.whole("examples")), stream);
  const auto codes = data::binary_images(train, data::lit_pixels(train, 0.02));
  const auto test = data::binary_images(
      set.test.balanced(static_cast<std::size_t>(trial.whole("test")) / 10, stream), codes.pixels);
  const auto means = data::class_means(codes, set.classes.size(), true);
  if (trial.arm == "pairwise") {
    out.values["images P=2"] = accuracy(trial, means, test, 2);
    return;
  }
  for (int order : {4, 8, 20})
    out.values["images P=" + std::to_string(order)] = accuracy(trial, means, test, order);
  out.values["images, overlap alone"] = accuracy(trial, means, test, 4, false);
  out.values["images, not centred"] =
      accuracy(trial, data::class_means(codes, set.classes.size(), false), test, 4);
}

Outcome run(const Trial& trial) {
  Outcome out;
  learning_curve(trial, out, "learning", 0.2, {20, 80, 200}, 20);
  if (trial.arm != "unsupervised")  // which would store 10,000 patterns, for no claim
    learning_curve(trial, out, "detection", 0.05, {100, 300, 1000, 2000}, 1000);
  trial.progress(0.3);
  storage(trial, out);
  trial.progress(0.6);
  temperature(trial, out);
  images(trial, out);
  return out;
}

}  // namespace

callosum::experiment::Experiment callosum::experiment::describe() {
  Experiment e;
  e.title = "Dense Hebbian networks, supervised";
  e.summary =
      "Binary neurons with P-body interactions see only noisy, labelled examples of their "
      "patterns. "
      "They find the patterns by averaging, and hold far more of them than pairwise networks.";
  e.paper = "Alemanno et al. 2022, arXiv:2212.00606 (Physica A 626, 2023)";
  e.tier = Tier::kit;
  e.our_reading = true;
  e.capability = "dense associative memories by their patterns, with exact differences of energy";
  e.leaves = "callosum/nets/dense_memory.h";
  e.data =
      "mnist where it is, else the shipped sample of fashion-mnist; else made by the experiment";
  e.settings = {
      {"sets", 4, 4, 1, 1000, "data sets a point of the learning curves, 5 retrievals each"},
      {"retrievals", 5, 5, 1, 1000, "retrievals a point of the storage curves"},
      {"examples", 150, 1000, 1, 6000, "training images a class"},
      {"test", 200, 1000, 10, 10000, "test images"}};
  e.run = ::run;
  e.arms = {{"supervised", "P = 4, mean over the labelled examples", 4},
            {"pairwise", "P = 2: Hopfield's network of the same means", 2},
            {"unsupervised", "P = 4, every example a pattern of its own", 3},
            {"shuffled", "P = 4, means with their entries at wrong units", 4}};

  const auto of = [](const char* arm, const char* value) {
    return [arm, value](const Paired& at) { return at(arm, value); };
  };
  const auto above_pairs = [](const char* value) {
    return [value](const Paired& at) {
      return at("supervised", value) - at("pairwise", "images P=2");
    };
  };
  const Canary shuffled{"supervised", "shuffled"};
  e.claims = {
      {.id = "learning-curve",
       .text = "Archetypes are inferred from examples as well as the entropy of the data allows.",
       .measure = "largest |m - erf(1 / sqrt(2 rho))| over rho = 1.2, 0.3, 0.12",
       .value = of("supervised", "learning against theory"),
       .bar = below(0.06),
       .canary = shuffled},
      {.id = "ultra-storage",
       .text = "With P = 4, 100 neurons hold 50 and 500 archetypes.",
       .measure = "smaller of m at K = 50 and K = 500",
       .value =
           [](const Paired& at) {
             return std::min(at("supervised", "storage 50"), at("supervised", "storage 500"));
           },
       .bar = above(0.9),
       .canary = shuffled},
      {.id = "pairs-do-not",
       .text = "A pairwise network of the same means loses 50 archetypes.",
       .kind = Kind::ablation,
       .measure = "m at K = 50, P = 2",
       .value = of("pairwise", "storage 50"),
       .bar = below(0.5)},
      {.id = "one-step-theory",
       .text = "One step of the dynamics follows the signal-to-noise formula up to 500 archetypes.",
       .measure = "largest |m after one step - formula|, P = 4, K = 5 to 500",
       .value = of("supervised", "one step against theory"),
       .bar = below(0.05)},
      {.id = "ultra-detection",
       .text = "Examples of quality r = 0.05 suffice when there are a thousand or more.",
       .measure = "largest |m - erf(1 / sqrt(2 rho))| over M = 1,000 and 2,000",
       .value = of("supervised", "detection against theory"),
       .bar = below(0.08)},
      {.id = "pairs-detect-worse",
       .text = "At that quality the pairwise network does worse.",
       .kind = Kind::ablation,
       .measure = "smaller of m(P = 4) - m(P = 2) at M = 1,000 and 2,000",
       .value =
           [](const Paired& at) {
             return std::min(at("supervised", "detection 1000") - at("pairwise", "detection 1000"),
                             at("supervised", "detection 2000") - at("pairwise", "detection 2000"));
           },
       .bar = above(0.1)},
      {.id = "supervision-helps",
       .text = "The teacher's labels help: examples stored one by one are retrieved worse.",
       .kind = Kind::ablation,
       .measure = "m supervised - m unsupervised, M = 80, r = 0.2",
       .value =
           [](const Paired& at) {
             return at("supervised", "learning 80") - at("unsupervised", "learning 80");
           },
       .bar = above(0.3)},
      {.id = "images-4",
       .text = "On images, P = 4 keeps classes apart that P = 2 merges.",
       .measure = "accuracy P = 4 - accuracy P = 2",
       .value = above_pairs("images P=4"),
       .bar = above(0.25)},
      {.id = "images-8",
       .text = "So does P = 8.",
       .measure = "accuracy P = 8 - accuracy P = 2",
       .value = above_pairs("images P=8"),
       .bar = above(0.25)},
  };
  for (auto [id, text, value] : std::initializer_list<std::array<const char*, 3>>{
           {"images-overlap", "Plain overlap with the class means, without dynamics.",
            "images, overlap alone"},
           {"images-20", "P = 20.", "images P=20"},
           {"images-not-centred", "Class means that are not centred end in one attractor.",
            "images, not centred"},
           {"temperature", "Largest distance of m from the replica-symmetric equations.",
            "temperature against theory"},
           {"basin", "Retrieval from 20 % flipped units, K = 50.", "from 20 % flipped"},
           {"together", "All units at once instead of one by one, K = 50.", "together"}})
    e.claims.push_back({.id = id,
                        .text = text,
                        .kind = Kind::report,
                        .measure = value,
                        .value = of("supervised", value)});

  e.charts = [](const Results& results) {
    const auto line = [&](const char* title, const char* arm, const char* curve) {
      return results.line(title, arm, curve);
    };
    report::Lines capacity{"archetypes stored", "overlap with the archetype", true, false, {}};
    capacity.lines = {line("P = 4", "supervised", "storage"), line("P = 2", "pairwise", "storage"),
                      line("P = 4, one step", "supervised", "one step"),
                      line("P = 4, one step, theory", "supervised", "one step, theory")};
    capacity.lines.back().dashed = true;
    report::Lines learning{"data-set entropy", "overlap with the archetype", true, false, {}};
    learning.lines = {line("supervised", "supervised", "learning"),
                      line("unsupervised", "unsupervised", "learning"),
                      line("P = 2", "pairwise", "learning")};
    report::Line theory{"erf(1 / sqrt(2 rho))", {}, {}, {}, {}, true};
    for (double rho = 0.1; rho < 1.3; rho *= 1.1) {
      theory.x.push_back(rho);
      theory.y.push_back(nets::copied_overlap(rho));
    }
    learning.lines.push_back(std::move(theory));
    report::HeatMap phases{
        "examples a pattern", "archetypes stored", "overlap", 5, 4, {}, {}, {}, false};
    phases.values.assign(20, 0);
    for (std::uint64_t seed : results.seeds())
      for (std::size_t i = 0; i < 20; ++i)
        phases.values[i] += results.outcome(seed, "supervised").matrices.at("phases").values[i] /
                            static_cast<double>(results.seeds().size());
    phases.row_names = {"5", "15", "50", "150", "500"};
    phases.column_names = {"20", "50", "100", "200"};
    report::Bars images{"accuracy", false, {}, 0.1, "chance"};
    images.bars = {results.bar("P = 2", "pairwise", "images P=2"),
                   results.bar("P = 4", "supervised", "images P=4"),
                   results.bar("P = 8", "supervised", "images P=8"),
                   results.bar("P = 20", "supervised", "images P=20"),
                   results.bar("overlap alone", "supervised", "images, overlap alone")};
    return std::vector<report::Chart>{
        {"storage", "Storage", "100 neurons, r = 0.2, 200 examples a pattern.", capacity},
        {"learning", "Learning from examples", "200 neurons, 5 archetypes, r = 0.2.", learning},
        {"phases", "Phase map", "P = 4, 100 neurons, r = 0.2.", phases},
        {"images", "Images", "Ten classes as archetypes.", images}};
  };
  return e;
}
