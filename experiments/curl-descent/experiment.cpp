// Curl descent: a student learns from a teacher while the synapses that leave some neurons follow
// the rule with the opposite sign. Protocol of "Non-Gradient Learning Dynamics with Sign-Diverse
// Plasticity" (2025), as read from the authors' code.
#include <algorithm>
#include <cmath>

#include "callosum/experiment/results.h"
#include "callosum/report/text.h"
#include "studies.h"

namespace callosum::experiment {
namespace {

Outcome trial(const Trial& t) {
  Outcome out;
  if (t.arm == "random-matrix") {
    random_matrix_study(t, out);
  } else if (t.arm == "phase-map") {
    phase_map(t, out);
  } else {
    if (t.arm != "shuffled") {
      stability_study(t, out);
      out.values["curl"] = curl_of_update(t);
    }
    if (t.arm != "hidden") speed_study(t, out);
  }
  return out;
}

std::vector<Claim> claims() {
  constexpr Scale log = Scale::log;
  std::vector<Claim> out;
  for (const char* arm : {"hidden", "readout"})
    out.push_back({.id = std::string("expansive-") + arm,
                   .text = std::string("A net with more hidden units than inputs tolerates ") +
                           arm + " flips.",
                   .paper = {"Fig. 2 and 3"},
                   .measure = "largest test error of M=10, N=100 at flips 0.1, 0.3, 0.5",
                   .value = value_of(arm, "error_10x100"),
                   .bar = below(1e-20),
                   .scale = log});
  for (const char* size : {"60x30", "100x10"}) {
    const std::string error = std::string("error_") + size, q = std::string("q_") + size;
    const std::string net = std::string("M x N = ") + size;
    out.push_back({.id = "contractive-hidden-" + std::string(size),
                   .text = "Hidden flips destroy what a contractive net has learned.",
                   .paper = {"Fig. 2 and 3"},
                   .measure = "test error, " + net + ", hidden flips 0.3",
                   .value = value_of("hidden", error),
                   .bar = above(0.1),
                   .scale = log,
                   .canary = Canary{"hidden", "gradient"}});
    out.push_back({.id = "chaos-" + std::string(size),
                   .text = "There the weights wander without end.",
                   .paper = {"Fig. 3"},
                   .measure = "order parameter q over the last 1,000 steps, " + net,
                   .value = value_of("hidden", q),
                   .bar = above(0.3)});
    out.push_back({.id = "contractive-no-flips-" + std::string(size),
                   .text = "Without flips the same net stays at the solution.",
                   .kind = Kind::ablation,
                   .measure = "test error, " + net + ", no flips",
                   .value = value_of("gradient", error),
                   .bar = below(1e-20),
                   .scale = log});
    out.push_back({.id = "readout-low-" + std::string(size),
                   .text = "Readout flips leave the error low although the solution is unstable.",
                   .paper = {"Fig. 4"},
                   .measure = "test error, " + net + ", readout flips 0.3",
                   .value = value_of("readout", error),
                   .bar = below(1e-3),
                   .scale = log});
    out.push_back(
        {.id = "readout-unstable-" + std::string(size),
         .text = "Their error is larger than without flips.",
         .kind = Kind::ablation,
         .measure = "test error, readout flips 0.3 / no flips, " + net,
         .value = [=](const Paired& at) { return at("readout", error) / at("gradient", error); },
         .bar = above(1),
         .scale = log});
  }
  out.push_back({.id = "curl-learns-better",
                 .text =
                     "With one readout unit flipped a nonlinear student ends far below gradient "
                     "descent.",
                 .paper = {"results text: faster for up to half of the readout units flipped"},
                 .measure = "test error at the end, one flip / gradient descent",
                 .value = ratio("test_error", "readout", "gradient"),
                 .bar = below(0.5),
                 .scale = log});
  out.push_back({.id = "shuffled-signs",
                 .text = "A flip that is drawn anew every step, beside gradient descent.",
                 .kind = Kind::report,
                 .measure = "test error at the end, shuffled sign / gradient descent",
                 .value = ratio("test_error", "shuffled", "gradient"),
                 .scale = log});
  out.push_back({.id = "speed",
                 .text = "Steps until the test error is under 0.01 (infinite: never).",
                 .kind = Kind::report,
                 .measure = "steps, one flip / gradient descent",
                 .value = ratio("steps_to_1e-2", "readout", "gradient"),
                 .scale = log});
  out.push_back({.id = "not-a-gradient",
                 .text = "With flips the update is the gradient of no loss.",
                 .paper = {"by construction"},
                 .measure = "antisymmetric part of the update's Jacobian, Frobenius norm",
                 .value = value_of("readout", "curl"),
                 .bar = above(1e-2),
                 .scale = log,
                 .canary = Canary{"readout", "gradient"}});
  out.push_back({.id = "gradient-without-flips",
                 .text = "Without flips it is a gradient.",
                 .kind = Kind::ablation,
                 .measure = "antisymmetric part of the update's Jacobian, Frobenius norm",
                 .value = value_of("gradient", "curl"),
                 .bar = below(1e-8),
                 .scale = log});
  out.push_back({.id = "edges",
                 .text = "The spectral edges of D + W W^T are those of the authors' code.",
                 .paper = {"black curve of the phase maps"},
                 .measure = "largest difference at c = 1.2, p+ = 1 and 0.5",
                 .value = value_of("random-matrix", "edges_off"),
                 .bar = below(1e-4)});
  out.push_back({.id = "edges-sampled",
                 .text = "The spectrum of a sampled matrix lies inside the edges.",
                 .measure = "largest distance outside, M = 480, N = 400, p+ = 0.5",
                 .value = value_of("random-matrix", "spectrum_outside"),
                 .bar = below(0.05)});
  out.push_back({.id = "theory-tells-stability",
                 .text = "The lowest edge tells which nets of the phase map stay at the solution.",
                 .kind = Kind::report,
                 .measure = "share of the map's nets told rightly (error under 1e-10: stays)",
                 .value = value_of("phase-map", "theory_right")});
  return out;
}

std::vector<report::Chart> charts(const Results& r) {
  const auto line = [&](const char* name, const char* arm) {
    return r.line(name, arm, "test_error", Scale::log);
  };
  report::HeatMap map{"inputs M of M + N = 110 (number)",
                      "inputs flipped (share)",
                      "test error (no unit)",
                      map_flips.size(),
                      map_inputs.size(),
                      {},
                      {},
                      {},
                      true};
  for (double fraction : map_flips) map.row_names.push_back(report::fixed(fraction, 1));
  for (std::int64_t m : map_inputs) map.column_names.push_back(std::to_string(m));
  for (std::size_t i = 0; i < map_flips.size() * map_inputs.size(); ++i) {
    double sum = 0;
    for (std::uint64_t seed : r.seeds())
      sum += std::log(std::max(1e-32, r.outcome(seed, "phase-map").matrices.at("error").values[i]));
    map.values.push_back(std::exp(sum / static_cast<double>(r.seeds().size())));
  }
  report::Bars bars{"test error (no unit)", true, {}, 0.1, "the bar of 'hidden flips destroy'"};
  for (const char* size : {"60x30", "100x10"})
    for (const char* arm : {"gradient", "hidden", "readout"})
      bars.bars.push_back(
          r.bar(std::string(arm == std::string("gradient") ? "no flips" : arm) + ", " + size, arm,
                std::string("error_") + size, Scale::log));
  return {
      {"learning", "Learning with one flipped readout unit",
       "Test error of a tanh student (geometric mean over the seeds, band: 90 % interval). "
       "Shuffled: which unit is flipped is drawn anew every step.",
       report::Lines{"steps",
                     "test error (no unit)",
                     true,
                     true,
                     {line("gradient descent", "gradient"), line("one flip", "readout"),
                      line("shuffled", "shuffled")}}},
      {"phase-map", "Where a linear student stays at the solution",
       "Test error after training from next to the teacher, geometric mean over the seeds; hidden "
       "flips. Few inputs and many hidden units (left) tolerate flips.",
       map},
      {"contractive", "Contractive nets",
       "Test error with 0.3 of the inputs (hidden) or of the hidden units (readout) flipped; dots "
       "are seeds.",
       bars}};
}

}  // namespace

Experiment describe() {
  Experiment e;
  e.title = "Curl descent";
  e.summary =
      "A student learns from a teacher while the synapses leaving some neurons follow the rule "
      "with "
      "the opposite sign: the update is no gradient. When can it still learn, and when is it "
      "better?";
  e.paper = "Non-Gradient Learning Dynamics with Sign-Diverse Plasticity, 2025, arXiv 2510.02765";
  e.tier = Tier::kit;
  e.capability = "learning rules that are the gradient of nothing, with signs a neuron";
  e.leaves = "callosum/nets/signed_learning.h";
  e.data = "teacher and student networks, drawn";
  e.settings = {
      {"M", 100, 100, 1, 5000, "inputs of the speed study"},
      {"N", 10, 10, 1, 5000, "hidden units of the speed study"},
      {"points", 500, 500, 1, 1e6, "training points of the speed study"},
      {"steps", 4000, 20000, 1, 1e7, "full-batch steps of the speed study"},
      {"flips", 1, 1, 0, 5000, "flipped readout units of the speed study"},
      {"rate", 0.1, 0.1, 1e-9, 10, "learning rate eta"},
      {"stability_points", 200, 200, 1, 1e6, "training points of the stability runs"},
      {"stability_steps", 3000, 3000, 1, 1e7, "full-batch steps of the stability runs"},
      {"map_steps", 500, 3000, 1, 1e7, "full-batch steps of each net of the phase map"},
      {"start_noise", 1e-3, 1e-3, 0, 1, "standard deviation on W2 at the teacher"},
  };
  e.arms = {
      {"gradient", "no flips: gradient descent", 5},
      {"hidden", "the hidden-layer synapses leaving some inputs are flipped", 2},
      {"readout", "the readout synapses leaving some hidden units are flipped", 6},
      {"shuffled", "which readout unit is flipped is drawn anew every step", 4},
      {"random-matrix", "spectral edges and a sampled matrix", 0.5},
      {"phase-map", "hidden flips over compression and share, and what the lowest edge says", 4},
  };
  e.claims = claims();
  e.quick_minutes = 0.8;
  e.full_minutes = 5;
  e.run = trial;
  e.charts = charts;
  return e;
}

}  // namespace callosum::experiment
