#include <algorithm>
#include <cmath>

#include "studies.h"

namespace callosum::experiment {
namespace {

constexpr double chances[] = {0.2, 0.35, 0.5, 0.65, 0.8};
constexpr int chance_count = 5;
constexpr double latency_ms = 300;

/// Weights of the cells that fire; those of the others stay 0 and say nothing.
std::vector<double> of_cells(const std::vector<double>& w,
                             const std::vector<std::uint32_t>& cells) {
  std::vector<double> out;
  for (const std::uint32_t i : cells) out.push_back(w[i]);
  return out;
}

double cosine(const std::vector<double>& a, const std::vector<double>& b) {
  double ab = 0, aa = 0, bb = 0;
  for (std::size_t i = 0; i < a.size(); ++i) {
    ab += a[i] * b[i];
    aa += a[i] * a[i];
    bb += b[i] * b[i];
  }
  return ab / std::sqrt(aa * bb);
}

/// The cells whose weight is larger than 95 % of those that shuffled outcomes leave.
std::vector<bool> selective(const std::vector<double>& w, std::vector<double> shuffled) {
  for (double& v : shuffled) v = std::abs(v);
  const auto at = shuffled.begin() + static_cast<std::ptrdiff_t>(shuffled.size() * 95 / 100);
  std::nth_element(shuffled.begin(), at, shuffled.end());
  std::vector<bool> out;
  for (const double v : w) out.push_back(std::abs(v) > *at);
  return out;
}

/// Shares of cells that carry when, what and both; the last over what weights dealt out to cells at
/// random would give.
void note_selectivity(const std::vector<bool>& when, const std::vector<bool>& what, Outcome& out) {
  double a = 0, b = 0, both = 0;
  const auto n = static_cast<double>(when.size());
  for (std::size_t i = 0; i < when.size(); ++i) {
    a += when[i] / n;
    b += what[i] / n;
    both += (when[i] && what[i]) / n;
  }
  out.values["cells with when"] = a;
  out.values["cells with what"] = b;
  out.values["mixed cells"] = both;
  out.values["mixed over chance"] = both / (a * b);
}

/// Geometry of the weights against those of a learner that saw the same trials with outcomes at
/// random times, A as often as B.
void note_geometry(double p, const Reservoir& reservoir, const Learner& learner,
                   const Learner& shuffled, Outcome& out) {
  const auto cells = [&](const std::vector<double>& w) { return of_cells(w, reservoir.active()); };
  const std::string at = p == 0.5 ? "0.5" : "0.8";
  const auto when = cells(learner.when()), what = cells(learner.what());
  out.values["|cos|, p " + at] = std::abs(cosine(when, what));
  if (p == 0.5) {
    out.values["|cos|, shuffled"] =
        std::abs(cosine(cells(shuffled.when()), cells(shuffled.what())));
    return;
  }
  note_selectivity(selective(when, cells(shuffled.when())), selective(what, cells(shuffled.what())),
                   out);
}

}  // namespace

void probabilities_study(const Trial& t, Outcome& out) {
  Reservoir reservoir = reservoir_of(t, out);
  double errors = 0, done = 0;
  for (const double p : chances) {
    Learner learner = learner_of(t, reservoir), shuffled = learner_of(t, reservoir);
    const std::string name = "p " + std::to_string(p);
    Stream draw = t.stream("shuffled " + name);
    train(t, reservoir, learner, {latency_ms, p}, name, [&](std::int64_t, const auto& x) {
      const double at = 100 + 600 * draw.uniform();
      if (p == 0.5 || p == 0.8) shuffled.learn(x, draw.uniform() < 0.5, at);
      t.progress(++done / static_cast<double>(chance_count * t.whole("trials")));
    });
    const Probe seen = probe(reservoir, learner);
    errors += seen.p_error(p) / chance_count;
    out.curves["p_A"].x.push_back(p);
    out.curves["p_A"].y.push_back(seen.p_A);
    if (p == 0.5 || p == 0.8) note_geometry(p, reservoir, learner, shuffled, out);
  }
  out.values["p error"] = errors;
}

}  // namespace callosum::experiment
