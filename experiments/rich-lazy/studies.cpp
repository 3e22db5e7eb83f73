#include "studies.h"

#include <ATen/TensorOperators.h>
#include <ATen/ops/eye.h>
#include <ATen/ops/zeros.h>

#include <algorithm>
#include <cmath>

#include "callosum/nets/cognitive_tasks.h"
#include "callosum/nets/layers.h"
#include "callosum/nets/linear_algebra.h"
#include "callosum/nets/scores.h"
#include "callosum/nets/tangent_kernel.h"
#include "callosum/nets/training.h"

namespace callosum::experiment {

using nets::Draws;

namespace {

double number(const at::Tensor& tensor) { return tensor.item<double>(); }

/// The starting recurrent weights: one Gaussian matrix a seed, shared by all ranks, cut to its
/// first singular values and, unless `unmatched`, scaled back to its norm.
at::Tensor starting_weights(const Trial& t, std::int64_t units) {
  Draws draws(t.seed, "recurrent weights");
  const at::Tensor gaussian = nets::gaussian_matrix(draws, units, t["gain"]);
  const std::int64_t rank = std::stoll(t.arm.substr(4));
  const bool keep_norm = t.arm.find("unmatched") == std::string::npos;
  return nets::truncated_to_rank(gaussian, std::min(rank, units), keep_norm);
}

/// What is measured on trials that are never trained on.
struct Probe {
  nets::TaskBatch trials, few;

  at::Tensor representations(const nets::Rnn& net) const {
    const at::Tensor h = net(trials.inputs).states[trials.decision].detach().to(at::kDouble);
    return h.mm(h.t());
  }
  at::Tensor kernel(const nets::Rnn& net) const {
    return nets::tangent_kernel(net(few.inputs).outputs[few.decision], {net.recurrent});
  }
};

}  // namespace

Outcome linear_network(const Trial& t) {
  const std::int64_t d = 20, h = 40;
  Draws draws(t.seed, "linear");
  const at::Tensor beta = draws.normal({d, 1});
  const at::Tensor gaussian = draws.normal({h, d}), direction = draws.normal({h, 1});
  at::Tensor w1;
  if (t.arm == "linear-aligned")
    w1 = direction.mm(beta.t());  // rank 1 along what the task needs
  else
    w1 = nets::truncated_to_rank(gaussian, std::stoll(t.arm.substr(7)), false);
  w1.mul_(t["linear_norm"] / number(w1.norm()));
  const at::Tensor target = beta / beta.norm(), start = w1.clone();
  at::Tensor w2 = at::zeros({h, 1}, at::kDouble);
  const auto kernel = [&] {
    return w1.t().mm(w1) + at::eye(d, at::kDouble) * number(w2.square().sum());
  };
  const at::Tensor kernel_before = kernel();
  const double rate = t["linear_rate"];
  std::int64_t step = 0;
  double loss = INFINITY;
  for (const std::int64_t longest = t.whole("linear_steps"); step < longest; ++step) {
    const at::Tensor error = w1.t().mm(w2) - target;
    loss = number(error.square().sum()) / 2;
    if (loss < 1e-6) break;
    const at::Tensor by1 = w2.mm(error.t()), by2 = w1.mm(error);
    w1.sub_(by1, rate);
    w2.sub_(by2, rate);
  }
  return {.values = {{"KA", nets::alignment(kernel(), kernel_before)},
                     {"dW", number((w1 - start).norm())},
                     {"loss", loss},
                     {"steps", static_cast<double>(step)}}};
}

Outcome recurrent_network(const Trial& t) {
  const auto task = static_cast<nets::CognitiveTask>(t.whole("task"));
  const std::int64_t units = t.whole("N"), batch = t.whole("batch"), steps = t.whole("iterations");
  Draws weights(t.seed, "weights"), trials(t.seed, "training trials"), held_out(t.seed, "probe");
  nets::Rnn net(weights, {.inputs = nets::channels(task),
                          .units = units,
                          .outputs = 3,
                          .activation = nets::Activation::threshold_linear,
                          .leak_inside = true,
                          .bias = false});
  net.recurrent = nets::trainable(starting_weights(t, units).to(at::kFloat));
  const Probe probe{nets::cognitive_trials(held_out, task, 320),
                    nets::cognitive_trials(held_out, task, 32)};
  const at::Tensor start = net.recurrent.detach().clone();
  const at::Tensor kernel = probe.kernel(net), representations = probe.representations(net);

  auto optimiser = nets::Optimiser::sgd(net.parameters(), {.rate = t["rate"], .momentum = 0.9});
  Outcome out;
  Curve& curve = out.curves["loss"];
  double recent = 0;
  constexpr std::int64_t window = 50;
  for (std::int64_t k = 1; k <= steps; ++k) {
    const nets::TaskBatch now = nets::cognitive_trials(trials, task, batch);
    optimiser.clear_gradients();
    const at::Tensor loss =
        nets::cross_entropy(net(now.inputs).outputs.reshape({-1, 3}), now.labels.reshape({-1}));
    loss.backward();
    optimiser.step();
    recent += number(loss) / window;
    if (k % window != 0) continue;
    curve.x.push_back(static_cast<double>(k));
    curve.y.push_back(recent);
    recent = 0;
    t.progress(static_cast<double>(k) / static_cast<double>(steps));
  }
  const at::Tensor outputs = net(probe.trials.inputs).outputs.detach();
  const std::int64_t decision = probe.trials.decision;
  const auto aligned = [&](const at::Tensor& now, const at::Tensor& before) {
    if (number(now.norm()) > 0 && number(before.norm()) > 0) return nets::alignment(now, before);
    out.note = "a kernel vanished: all units are silent";
    return std::nan("");
  };
  out.values = {
      {"KA", aligned(probe.kernel(net), kernel)},
      {"RA", aligned(probe.representations(net), representations)},
      {"dW", number((net.recurrent.detach() - start).norm())},
      {"loss",
       number(nets::cross_entropy(outputs.reshape({-1, 3}), probe.trials.labels.reshape({-1})))},
      {"decision_accuracy", nets::accuracy(outputs[decision], probe.trials.labels[decision])}};
  return out;
}

}  // namespace callosum::experiment
