#include "studies.h"

#include <algorithm>
#include <cmath>

#include "callosum/data/class_means.h"
#include "callosum/nets/dense_memory.h"

namespace callosum::experiment {

using nets::DenseMemory;
using nets::Examples;
using nets::ExampleTask;

namespace {

/// What the arm stores: the mechanism is the order P and the mean over labelled examples.
DenseMemory memory_of(const Trial& trial, const Examples& data, int order) {
  if (trial.arm == "unsupervised") return DenseMemory(data.single, data.units, order);
  std::vector<float> means = data.means;
  if (trial.arm == "shuffled") {  // the canary: right entries at wrong units
    Stream stream = trial.stream("shuffle");
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
    Stream draw = trial.stream(
        "data", 1000000 * k + static_cast<std::uint64_t>(1000 * task.archetypes + task.examples));
    const Examples data = nets::draw_examples(task, draw, trial.arm == "unsupervised");
    Stream noise = trial.stream("dynamics", k);
    const Retrieval one =
        retrieve(memory_of(trial, data, order_of(trial)), data, count, noise, flipped, beta);
    sum.relaxed += one.relaxed / static_cast<double>(sets);
    sum.one_step += one.one_step / static_cast<double>(sets);
    sum.together += one.together / static_cast<double>(sets);
  }
  return sum;
}

/// Share of test images whose class has the largest overlap after the dynamics.
double accuracy(const Trial& trial, const std::vector<float>& means, const data::BinaryImages& test,
                int order, bool dynamics = true) {
  const std::size_t n = test.pixels.size();
  const DenseMemory memory = memory_of(trial, {static_cast<std::int64_t>(n), {}, means, {}}, order);
  Stream stream = trial.stream("relax");
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

}  // namespace

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

void storage_study(const Trial& trial, Outcome& out) {
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

void temperature_study(const Trial& trial, Outcome& out) {
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

void image_study(const Trial& trial, Outcome& out) {
  if (trial.arm == "unsupervised") return;
  static const data::ImageSet set = data::load_images({"mnist", "fashion-mnist"});
  out.note = set.source.description();
  Stream stream = trial.stream("images");
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

}  // namespace callosum::experiment
