#include "studies.h"

#include <ATen/TensorOperators.h>
#include <ATen/ops/cat.h>
#include <ATen/ops/real.h>
#include <ATen/ops/zeros_like.h>

#include <algorithm>
#include <array>
#include <cmath>

#include "callosum/nets/draws.h"
#include "callosum/nets/linear_algebra.h"
#include "callosum/nets/signed_learning.h"

namespace callosum::experiment {
namespace {

using nets::Activation;
using nets::Draws;
using nets::SignedRule;
using nets::TwoLayers;

constexpr double infinity = std::numeric_limits<double>::infinity();
constexpr std::int64_t test_points = 100;

/// Inputs N(0, 1) / sqrt(2) and what the teacher answers.
struct Task {
  TwoLayers teacher;
  at::Tensor x, y, x_test, y_test;
};

Task make_task(Draws& draws, TwoLayers teacher, std::int64_t points) {
  const std::int64_t inputs = teacher.w1.size(1);
  Task task{std::move(teacher), {}, {}, {}, {}};
  task.x = draws.normal({points, inputs}, 0, std::sqrt(0.5));
  task.x_test = draws.normal({test_points, inputs}, 0, std::sqrt(0.5));
  task.y = task.teacher(task.x);
  task.y_test = task.teacher(task.x_test);
  return task;
}

at::Tensor fan_in(Draws& draws, std::int64_t out, std::int64_t in, double scale) {
  const double bound = scale / std::sqrt(static_cast<double>(in));
  return draws.uniform({out, in}, -bound, bound);
}

/// Order parameter of chaos over the last steps: mean over the weights of their variance in time,
/// over the variance across weights of their means in time. 0: converged; near 1: chaotic.
class ChaosMeter {
 public:
  void see(const TwoLayers& net) {
    const at::Tensor w = at::cat({net.w1.reshape({-1}), net.w2.reshape({-1})});
    if (!sum_.defined()) origin_ = w.clone(), sum_ = at::zeros_like(w), squares_ = sum_.clone();
    const at::Tensor d = w - origin_;  // about a point nearby: no digits are lost
    sum_.add_(d);
    squares_.add_(d.square());
    ++count_;
  }
  double q() const {
    const at::Tensor mean = sum_ / count_;
    return ((squares_ / count_ - mean.square()).clamp_min(0).mean() / (origin_ + mean).var(false))
        .item<double>();
  }

 private:
  at::Tensor origin_, sum_, squares_;
  double count_ = 0;
};

struct Stability {
  double error, q;
};

/// Linear student at the teacher plus noise on the readout; full batch, norms kept.
Stability stability(const Trial& t, std::int64_t m, std::int64_t n, std::int64_t hidden_flips,
                    std::int64_t readout_flips, std::int64_t steps) {
  Draws draws(t.seed, "stability", static_cast<std::uint64_t>(1000 * m + n));
  TwoLayers teacher{fan_in(draws, n, m, 1), fan_in(draws, 1, n, 1), Activation::linear};
  teacher.w1.mul_(std::sqrt(static_cast<double>(n)) / teacher.w1.norm().item<double>());
  teacher.w2.div_(teacher.w2.norm());
  const Task task = make_task(draws, teacher, t.whole("stability_points"));
  TwoLayers student{teacher.w1.clone(), teacher.w2 + draws.normal({1, n}, 0, t["start_noise"]),
                    Activation::linear};
  const SignedRule rule{.rate = t["rate"],
                        .input_signs = nets::flipped_signs(m, hidden_flips),
                        .hidden_signs = nets::flipped_signs(n, readout_flips),
                        .norm1 = student.w1.norm().item<double>(),
                        .norm2 = student.w2.norm().item<double>()};
  ChaosMeter meter;
  const std::int64_t watched = std::min<std::int64_t>(steps, 1000);
  for (std::int64_t k = 0; k < steps; ++k) {
    rule.step(student, task.x, task.y);
    if (k >= steps - watched) meter.see(student);
  }
  return {student.loss(task.x_test, task.y_test), meter.q()};
}

std::int64_t share(double fraction, std::int64_t of) {
  return std::lround(fraction * static_cast<double>(of));
}

}  // namespace

void stability_study(const Trial& t, Outcome& out) {
  const bool hidden = t.arm == "hidden", readout = t.arm == "readout";
  const std::int64_t steps = t.whole("stability_steps");
  double worst = 0;
  for (double fraction : {0.1, 0.3, 0.5})
    if (hidden || readout || fraction == 0.1)
      worst = std::max(worst, stability(t, 10, 100, hidden ? share(fraction, 10) : 0,
                                        readout ? share(fraction, 100) : 0, steps)
                                  .error);
  out.values["error_10x100"] = worst;
  t.progress(0.3);
  for (const auto [m, n] : {std::array{60, 30}, std::array{100, 10}}) {
    const std::string size = std::to_string(m) + "x" + std::to_string(n);
    const Stability s =
        stability(t, m, n, hidden ? share(0.3, m) : 0, readout ? share(0.3, n) : 0, steps);
    out.values["error_" + size] = s.error;
    out.values["q_" + size] = s.q;
  }
  t.progress(0.5);
}

double curl_of_update(const Trial& t) {
  Draws draws(t.seed, "curl");
  const TwoLayers net{draws.normal({3, 4}), draws.normal({1, 3}), Activation::tanh};
  const at::Tensor x = draws.normal({20, 4}), y = draws.uniform({20, 1}, -0.9, 0.9);
  const SignedRule rule{.rate = 1,
                        .input_signs = nets::flipped_signs(4, t.arm == "hidden" ? 1 : 0),
                        .hidden_signs = nets::flipped_signs(3, t.arm == "readout" ? 1 : 0)};
  return nets::curl(rule, net, x, y);
}

void speed_study(const Trial& t, Outcome& out) {
  const std::int64_t m = t.whole("M"), n = t.whole("N"), steps = t.whole("steps");
  Draws draws(t.seed, "speed");
  const Task task = make_task(
      draws, {fan_in(draws, n, m, 1), fan_in(draws, 1, n, 1), Activation::tanh}, t.whole("points"));
  TwoLayers student{fan_in(draws, n, m, 2), fan_in(draws, 1, n, 2), Activation::tanh};
  SignedRule rule{.rate = t["rate"],
                  .norm1 = student.w1.norm().item<double>(),
                  .norm2 = student.w2.norm().item<double>()};
  if (t.arm == "readout") rule.hidden_signs = nets::flipped_signs(n, t.whole("flips"));
  Draws shuffle(t.seed, "shuffled signs");
  Curve& curve = out.curves["test_error"];
  double next = 1, error = 0;
  for (const char* name : {"steps_to_1e-2", "steps_to_1e-3"}) out.values[name] = infinity;
  for (std::int64_t k = 1; k <= steps; ++k) {
    if (t.arm == "shuffled")
      rule.hidden_signs =
          nets::flipped_signs(n, t.whole("flips")).index_select(0, shuffle.permutation(n));
    rule.step(student, task.x, task.y);
    if (k < next && k != steps) continue;
    next = std::max(next + 1, next * std::pow(static_cast<double>(steps), 0.01));
    error = student.loss(task.x_test, task.y_test);
    curve.x.push_back(static_cast<double>(k));
    curve.y.push_back(error);
    for (const auto& [name, level] : {std::pair{"steps_to_1e-2", 1e-2}, {"steps_to_1e-3", 1e-3}})
      if (error < level) out.values[name] = std::min(out.values[name], static_cast<double>(k));
    t.progress(0.5 + 0.5 * static_cast<double>(k) / static_cast<double>(steps));
  }
  out.values["test_error"] = error;
}

void random_matrix_study(const Trial& t, Outcome& out) {
  constexpr std::int64_t m = 480, n = 400;
  const auto edges = nets::signed_spectrum_edges(1.2, 0.5),
             all_up = nets::signed_spectrum_edges(1.2, 1);
  constexpr std::array golden = {-0.96575, 0.82630, 1.05866, 4.08077, 1.00759, 4.65908};
  std::vector<double> ours = edges;
  ours.insert(ours.end(), all_up.begin(), all_up.end());
  double off = ours.size() == golden.size() ? 0 : infinity;
  for (std::size_t i = 0; i < golden.size() && off < infinity; ++i)
    off = std::max(off, std::fabs(ours[i] - golden[i]));
  out.values["edges_off"] = off;
  Draws draws(t.seed, "spectrum");
  const at::Tensor w = draws.normal({m, n}, 0, 1 / std::sqrt(static_cast<double>(m)));
  const at::Tensor spectrum =
      at::real(nets::eigenvalues(w.mm(w.t()) + nets::flipped_signs(m, m / 2).diag()));
  double outside = 0;
  for (std::int64_t i = 0; i < m; ++i) {
    const double x = spectrum[i].item<double>();
    double distance = infinity;
    for (std::size_t e = 0; e + 1 < edges.size(); e += 2)
      distance = std::min(distance, std::max({edges[e] - x, x - edges[e + 1], 0.0}));
    outside = std::max(outside, distance);
  }
  out.values["spectrum_outside"] = outside;
}

void phase_map(const Trial& t, Outcome& out) {
  Matrix& map = out.matrices["error"];
  map = {map_flips.size(), map_inputs.size(), {}};
  double right = 0;
  for (double fraction : map_flips)
    for (std::int64_t m : map_inputs) {
      const std::int64_t n = 110 - m, flips = share(fraction, m);
      map.values.push_back(stability(t, m, n, flips, 0, t.whole("map_steps")).error);
      const double unflipped = 1 - static_cast<double>(flips) / static_cast<double>(m);
      const auto edges =
          nets::signed_spectrum_edges(static_cast<double>(m) / static_cast<double>(n), unflipped);
      right += (edges.front() > 0) == (map.values.back() < 1e-10) ? 1 : 0;
      t.progress(static_cast<double>(map.values.size()) /
                 static_cast<double>(map.rows * map.columns));
    }
  out.values["theory_right"] = right / static_cast<double>(map.values.size());
}

}  // namespace callosum::experiment
