#include <ATen/ATen.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <ctime>
#include <numbers>

#include "callosum/nets/optimiser.h"
#include "studies.h"

namespace callosum::experiment {
namespace {

/// Shares of the weights that are kept: three a decade, 1 to 1/3162 or so.
std::vector<double> shares() {
  std::vector<double> all;
  for (int k = 0; k <= 10; ++k) all.push_back(std::pow(10.0, -k / 3.0));
  return all;
}

/// The share at which a sigmoid in its logarithm is half way from chance to its height, in 1e-5 to
/// 1: chance + (height - chance) / (1 + (half / share)^slope), least squares.
double half_point(const Curve& curve, double chance) {
  const auto n = static_cast<std::int64_t>(curve.x.size());
  at::Tensor x = at::empty({n}, at::kDouble), y = at::empty({n}, at::kDouble);
  std::copy(curve.x.begin(), curve.x.end(), x.data_ptr<double>());
  std::copy(curve.y.begin(), curve.y.end(), y.data_ptr<double>());
  const double lowest = std::log(1e-5);
  const at::Tensor place = at::zeros({}, at::kDouble).requires_grad_();
  const at::Tensor log_slope = at::zeros({}, at::kDouble).requires_grad_();
  const at::Tensor height = at::full({}, y.max().item<double>(), at::kDouble).requires_grad_();
  const auto log_half = [&] { return lowest * at::sigmoid(place); };
  nets::minimise(
      [&] {
        const at::Tensor rise = at::sigmoid((x.log() - log_half()) * log_slope.exp());
        return (chance + (height - chance) * rise - y).square().mean();
      },
      {place, log_slope, height});
  return std::exp(log_half().item<double>());
}

double processor_seconds() {
  timespec now{};
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
  return double(now.tv_sec) + 1e-9 * double(now.tv_nsec);
}

/// The least of several.
template <class Work>
double seconds(const Work& work) {
  double least = 1e300;
  for (int k = 0; k < 3; ++k) {
    const double begin = processor_seconds();
    work();
    least = std::min(least, processor_seconds() - begin);
  }
  return least;
}

/// [n, 4]: p, t, y, x by time.
at::Tensor list_of(const at::Tensor& events) {
  return events.permute({1, 0, 2, 3}).nonzero().index_select(1, at::tensor({1, 0, 2, 3}));
}

std::array<std::int64_t, 3> size_of(const at::Tensor& events) {
  return {events.size(1), events.size(2), events.size(3)};
}

}  // namespace

void pruning_study(const Trial& t, const Layer& layer, const Movies& movies, Outcome& out) {
  const at::Tensor& w = layer.kernels.weights;
  const double chance = 100.0 / double(layer.plan.motions.classes());
  nets::Draws draws(t.seed, "pruning");
  constexpr int repeats = 3;
  Curve largest, shortest, random;
  for (double share : shares()) {
    for (Curve* curve : {&largest, &shortest, &random}) curve->x.push_back(share);
    largest.y.push_back(score(layer, nets::keep_largest(w, share), movies).all);
    shortest.y.push_back(score(layer, nets::keep_shortest(w, share), movies).all);
    double mean = 0;
    for (int k = 0; k < repeats; ++k)
      mean += score(layer, nets::keep_random(w, share, draws), movies).all / repeats;
    random.y.push_back(mean);
  }
  out.values["lost at a tenth"] =
      score(layer, w, movies).all - score(layer, nets::keep_largest(w, 0.1), movies).all;
  out.values["half of the largest"] = half_point(largest, chance);
  out.values["half of the shortest"] = half_point(shortest, chance);
  out.values["half at random"] = half_point(random, chance);
  out.curves["largest"] = std::move(largest);
  out.curves["shortest"] = std::move(shortest);
  out.curves["random"] = std::move(random);
}

void push_pull_study(const Layer& layer, Outcome& out) {
  // Where training begins, a +4 for ON and a -4 for OFF stand in the middle: they are left out.
  const auto correlation = [&](const at::Tensor& weights) {
    at::Tensor w = weights.to(at::kDouble).clone();
    const std::int64_t middle = layer.plan.side / 2;
    w.select(4, middle).select(3, middle).select(2, 0).fill_(0);
    const at::Tensor open = cone(layer.plan.delays, layer.plan.side).gt(0.01);
    const at::Tensor mask = open.expand({w.size(0), -1, -1, -1});
    at::Tensor on = w.select(1, 0).masked_select(mask), off = w.select(1, 1).masked_select(mask);
    on = on - on.mean(), off = off - off.mean();
    return ((on * off).sum() / (on.square().sum() * off.square().sum()).sqrt()).item<double>();
  };
  out.values["ON and OFF"] = correlation(layer.kernels.weights);
  out.values["ON and OFF at first"] = correlation(layer.first);
}

void event_study(const Trial& t, const Layer& layer, const Movies& movies, Outcome& out) {
  const at::NoGradGuard guard;
  const nets::DelayedEvents by_events(layer.kernels);
  const nets::DelayKernels few{nets::keep_largest(layer.kernels.weights, 0.1), layer.kernels.bias};
  double most = 0, network = 0;
  const auto apart = [](const at::Tensor& a, const at::Tensor& b) {
    return (a - b).abs().max().item<double>();
  };
  for (std::size_t k = 0; k < std::min<std::size_t>(20, movies.size()); ++k) {
    const at::Tensor& events = movies[k].events;
    most = std::max(most, apart(by_events(list_of(events), size_of(events)),
                                nets::delayed_evidence(layer.kernels, events)));
    if (k < 3)
      network =
          std::max(network, apart(simulated(few, events), nets::delayed_evidence(few, events)));
  }
  out.values["event by event"] = most;
  out.values["simulation"] = network;
  out.values["activity"] = 100 * movies.front().events.mean().item<double>();
  nets::Draws draws(t.seed, "activity");
  const nets::DelayedEvents few_by_events(few);
  for (int percent : {1, 5, 20}) {
    const at::Tensor events =
        draws.bernoulli(movies.front().events.sizes(), percent / 100.0, at::kFloat);
    const at::Tensor list = list_of(events);
    const double dense = seconds([&] { nets::delayed_evidence(layer.kernels, events); });
    const std::string at_activity = " at " + std::to_string(percent) + " %";
    out.values["speed" + at_activity] = dense / seconds([&] { by_events(list, size_of(events)); });
    out.values["speed of a tenth" + at_activity] =
        dense / seconds([&] { few_by_events(list, size_of(events)); });
  }
}

void aperture_study(const Trial& t, const Layer& layer, Outcome& out) {
  const Motions& motions = layer.plan.motions;
  const MovieOptions options{.side = t.whole("pixels"), .steps = t.whole("frames")};
  const std::int64_t count = t.whole("clouds");
  for (const char* kind : {"perpendicular", "aperture"}) {
    Curve curve;
    for (double degrees : {5.0, 15.0, 45.0, 180.0}) {
      Movies movies;
      for (std::int64_t k = 0; k < count; ++k) {
        nets::Draws draws(t.seed, "clouds", static_cast<std::uint64_t>(k));
        const std::int64_t motion = k % motions.classes();
        const auto [down, right] = motions.velocity(motion);
        const double chosen = std::numbers::pi * draws.stream().uniform();
        const double angle =
            std::string_view(kind) == "aperture" ? chosen : std::atan2(right, down);
        const at::Tensor texture =
            motion_cloud(112, angle, degrees * std::numbers::pi / 180, draws);
        movies.push_back(steady_movie(texture, motion, motions, options, draws));
      }
      curve.x.push_back(degrees);
      curve.y.push_back(score(layer, layer.kernels.weights, movies).all);
    }
    out.values[std::string(kind) + ", gratings"] = curve.y.front();
    out.values[std::string(kind) + ", isotropic"] = curve.y.back();
    out.curves[kind] = std::move(curve);
  }
}

}  // namespace callosum::experiment
