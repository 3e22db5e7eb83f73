#include "studies.h"

#include <ATen/ATen.h>

#include <algorithm>
#include <cmath>

#include "callosum/core/error.h"
#include "callosum/nets/draws.h"
#include "callosum/nets/gain_network.h"
#include "callosum/nets/optimiser.h"

namespace callosum::experiment {
namespace {

using at::Tensor;

constexpr std::int64_t stimuli = 180;  ///< orientations, one a degree

/// Differences of orientations, in degrees, to [-90, 90).
Tensor wrapped(const Tensor& degrees) { return at::remainder(degrees + 90, 180) - 90; }

/// exp(k (cos 2d - 1)) of differences d in degrees.
Tensor bump(const Tensor& degrees, double k) {
  return ((degrees * (2 * M_PI / 180)).cos() - 1).mul(k).exp();
}

struct Population {
  Tensor preferred;  ///< [N], degrees
  Tensor drive;      ///< f, [N, stimuli]
  Tensor weights;    ///< W, [N, N]
  Tensor uniform, biased;
  double adapter = 0;
};

/// The system itself has no noise: a seed places the adapter and moves the preferred orientations
/// by a tenth of their distance (sd).
Population population(const Trial& t, double recurrence) {
  const std::int64_t n = t.whole("N");
  nets::Draws draws(t.seed, "population");
  Population p;
  const double spacing = 180.0 / static_cast<double>(n);
  p.preferred = at::arange(n, at::kDouble) * spacing + draws.normal({n}, 0, 0.1 * spacing);
  p.adapter = static_cast<double>(draws.integers({1}, stimuli).item<std::int64_t>());
  const Tensor s = at::arange(stimuli, at::kDouble);
  p.drive = bump(s.reshape({1, -1}) - p.preferred.reshape({-1, 1}), t["k_f"]);
  const Tensor w = bump(p.preferred.reshape({1, -1}) - p.preferred.reshape({-1, 1}), t["k_w"]);
  p.weights = recurrence * w / w.sum(1, true);
  p.uniform = at::full({stimuli}, 1.0 / stimuli, at::kDouble);
  const Tensor hill = (wrapped(s - p.adapter) / t["adapter_sd"]).square().mul(-0.5).exp();
  p.biased = (1 - t["adapter"]) * p.uniform + t["adapter"] * hill / hill.sum();
  return p;
}

/// Preferred orientation of each tuning curve, by a parabola through its highest point and the
/// two beside it: shifts are tenths of a degree.
Tensor peaks(const Tensor& curves) {
  const Tensor top = curves.argmax(1, true);
  const auto beside = [&](std::int64_t d) {
    return curves.gather(1, at::remainder(top + d, stimuli)).squeeze(1);
  };
  const Tensor left = beside(-1), middle = beside(0), right = beside(1);
  return top.squeeze(1) + (left - right) / (2 * (left - 2 * middle + right));
}

Tensor covariance(const Tensor& r, const Tensor& prior) {
  const Tensor mean = r.matmul(prior).reshape({-1, 1});
  return (r * prior).matmul(r.t()) - mean.matmul(mean.t());
}

double cv(const Tensor& x) { return x.std().item<double>() / x.mean().item<double>(); }

double mean_correlation(const Tensor& c) {
  const Tensor sd = c.diagonal().sqrt();
  const Tensor r = c / sd.outer(sd);
  const auto n = static_cast<double>(c.size(0));
  return (r.sum().item<double>() - n) / (n * (n - 1));
}

Curve curve(const Tensor& x, const Tensor& y) {
  const Tensor a = x.contiguous(), b = y.contiguous();
  return {{a.data_ptr<double>(), a.data_ptr<double>() + a.numel()},
          {b.data_ptr<double>(), b.data_ptr<double>() + b.numel()}};
}

double largest_change(const Tensor& a, const Tensor& b) {
  return ((a - b) / b).abs().max().item<double>();
}

/// Adaptation as a rule on a stream of single stimuli: dg = -eta dL/dg, slower as time goes on.
Tensor online(const Trial& t, const Population& p, Tensor gains, const nets::CodingCost& cost) {
  nets::Draws draws(t.seed, "stream");
  const std::int64_t batch = 10, steps = t.whole("stream") / batch;
  const Tensor cumulative = p.biased.cumsum(0);
  for (std::int64_t k = 0; k < steps; ++k) {
    const Tensor shown = at::searchsorted(cumulative, draws.uniform({batch}));
    Tensor g = gains.detach().clone().set_requires_grad(true);
    const Tensor prior = at::full({batch}, 1.0 / static_cast<double>(batch), at::kDouble);
    const Tensor gradient = nets::gradients(
        nets::coding_cost(g, p.weights, p.drive.index_select(1, shown.clamp_max(stimuli - 1)),
                          prior, cost),
        {g})[0];
    const double eta = t["eta"] / (1 + 10 * static_cast<double>(k) / static_cast<double>(steps));
    gains = (gains - eta * gradient).clamp_min(0.01);
    if (k % 20 == 0) t.progress(static_cast<double>(k) / static_cast<double>(steps));
  }
  return gains;
}

}  // namespace

void adaptation_study(const Trial& t, double recurrence, bool frozen, Outcome& out) {
  const Population p = population(t, recurrence);
  const nets::CodingCost cost{t["alpha"], t["gamma"]};
  const Tensor ones = at::ones({p.preferred.size(0)}, at::kDouble);
  const Tensor control = nets::adapted_gains(ones, p.weights, p.drive, p.uniform, cost);
  const Tensor adapted =
      frozen ? control : nets::adapted_gains(control, p.weights, p.drive, p.biased, cost);
  const Tensor before = nets::steady_state(control, p.weights, p.drive);
  const Tensor after = nets::steady_state(adapted, p.weights, p.drive);

  const Tensor from_adapter = wrapped(p.preferred - p.adapter);
  const auto near = from_adapter.abs().argmin().item<std::int64_t>();
  const auto far = from_adapter.abs().argmax().item<std::int64_t>();
  const Tensor peak = std::get<0>(after.max(1)) / std::get<0>(before.max(1));
  out.values["gain_ratio"] = adapted[near].item<double>() / adapted[far].item<double>();
  out.values["peak_near"] = peak[near].item<double>();
  out.values["peak_far"] = peak[far].item<double>();
  const Tensor shift = wrapped(peaks(after) - peaks(before)) * from_adapter.sign();
  out.values["shift"] = shift.max().item<double>();

  const Tensor usual = before.matmul(p.uniform);
  out.values["cv"] = cv(after.matmul(p.biased) / usual);
  const Tensor at_rest = covariance(before, p.uniform), sd = at_rest.diagonal().sqrt();
  const Tensor scale = sd.outer(sd);
  const Tensor now = covariance(after, p.biased);
  out.values["covariance"] = ((now - at_rest) / scale).norm().item<double>();
  out.values["correlation"] = mean_correlation(now);
  out.values["control_correlation"] = mean_correlation(at_rest);

  const Tensor order = from_adapter.argsort();
  const Tensor x = from_adapter.index_select(0, order);
  out.curves["gain"] = curve(x, (adapted / control).index_select(0, order));
  out.curves["shift"] = curve(x, wrapped(peaks(after) - peaks(before)).index_select(0, order));
  out.curves["mean"] = curve(x, (after.matmul(p.biased) / usual).index_select(0, order));
  if (t.arm != "recurrent") return;
  const Tensor back = nets::adapted_gains(adapted, p.weights, p.drive, p.uniform, cost);
  out.values["return"] = largest_change(back, control);
  out.values["online"] = largest_change(online(t, p, control, cost), adapted);
}

void whitening_study(const Trial& t, std::int64_t columns, Outcome& out) {
  nets::Draws draws(t.seed, "contexts");
  const double alpha = 1;
  const auto context = [&](std::int64_t n) {  // eigenvalues 0.5 to 4, any directions
    const Tensor q = std::get<0>(at::linalg_qr(draws.normal({n, n})));
    return q.matmul(at::diag(draws.uniform({n}, 0.5, 4))).matmul(q.t());
  };
  const auto root = [](const Tensor& c) {
    const auto [values, vectors] = at::linalg_eigh(c);
    return vectors.matmul(at::diag(values.sqrt())).matmul(vectors.t());
  };
  const auto frame = [&](std::int64_t n, std::int64_t k) {
    const Tensor w = draws.normal({n, k});
    return w / w.norm(2, {0}, true);
  };
  const auto error = [&](const Tensor& w, const Tensor& g, const Tensor& c) {
    const std::int64_t n = w.size(0);
    const Tensor one = at::eye(n, at::kDouble);
    const Tensor a = at::linalg_inv(alpha * one + (w * g).matmul(w.t()));
    return (a.matmul(c).matmul(a) - one).norm().item<double>() / static_cast<double>(n);
  };
  const std::int64_t n = 10;
  const Tensor w = frame(n, columns), one = at::eye(n, at::kDouble);
  double worst = 0;
  for (int k = 0; k < 3; ++k) {
    const Tensor c = context(n);
    const Tensor wanted = w.t().matmul(root(c) - alpha * one).matmul(w).diagonal();
    const Tensor g = at::linalg_solve(w.t().matmul(w).square(), wanted);
    worst = std::max(worst, error(w, g, c));
  }
  out.values["offline"] = worst;

  // Online: gains follow the variance of their own output, nothing else changes.
  const Tensor w2 = frame(2, 3), one2 = at::eye(2, at::kDouble);
  Tensor g = at::zeros({3}, at::kDouble);
  Curve& errors = out.curves["whitening"];
  double steps = 0;
  worst = 0;
  for (int k = 0; k < 3; ++k) {
    const Tensor c = context(2), half = root(c);
    for (int step = 0; step < 4000; ++step, ++steps) {
      const Tensor x = half.matmul(draws.normal({2, 64}));
      const Tensor y = at::linalg_solve(alpha * one2 + (w2 * g).matmul(w2.t()), x);
      const Tensor z = w2.t().matmul(y);
      g = g + 5e-3 * (z.square().mean(1) - w2.square().sum(0));
      if (step % 40 == 0) {
        errors.x.push_back(steps);
        errors.y.push_back(error(w2, g, c));
      }
    }
    worst = std::max(worst, error(w2, g, c));
    t.progress((k + 1) / 3.0);
  }
  out.values["online"] = worst;
}

}  // namespace callosum::experiment
