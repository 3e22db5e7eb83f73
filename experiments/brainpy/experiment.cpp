// A differentiable brain simulator: one description of neurons and synapses is simulated event by
// event and trained by gradient descent. What BrainPy (Wang et al. 2024) claims of itself, asked of
// this library.
#include <array>

#include "callosum/experiment/results.h"
#include "studies.h"

namespace callosum::experiment {
namespace {

Outcome trial(const Trial& t) {
  Outcome out;
  if (t.arm != "simulator") {
    memory_study(t, out);
    return out;
  }
  procedural_study(t, out);
  operator_study(t, out);
  speed_study(t, out);
  rate_study(t, out);
  align_study(t, out);
  gradient_study(t, out);
  return out;
}

std::vector<Claim> learning_claims() {
  return {
      {.id = "learns",
       .text = "The same model learns delayed match to sample through its own equations.",
       .paper = {"authors' 5.3_working_memory"},
       .measure = "share of right answers on new trials, delay 1 s",
       .value = value_of("slow-currents", "match accuracy"),
       .bar = above(0.9)},
      {.id = "memory-in-slow-currents",
       .text = "The memory is in the slow currents: with 10 ms for all of them nothing is kept.",
       .kind = Kind::ablation,
       .measure = "share of right answers, tau_I2 = 10 ms",
       .value = value_of("fast-currents", "match accuracy"),
       .bar = below(0.6)},
      {.id = "gradients-do-it",
       .text = "It is the gradient that teaches: with gradients set to zero there is no learning.",
       .kind = Kind::ablation,
       .measure = "share of right answers - 0.5 (chance)",
       .value =
           [](const Paired& at) {  // the canary: the arm without gradients in its place
             return at("slow-currents", "match accuracy") - 0.5;
           },
       .bar = above(0.2),
       .canary = Canary{"slow-currents", "no-gradient"}},
      {.id = "one-model",
       .text = "The trained network fires the same spikes event by event and in the module.",
       .measure = "spikes of a trial that differ",
       .value = value_of("slow-currents", "spikes that differ"),
       .bar = below(0.5)},
      {.id = "one-model-readout",
       .text = "The readout is the same, too.",
       .measure = "largest difference over the trial",
       .value = value_of("slow-currents", "readout difference"),
       .bar = below(1e-6)},
  };
}

std::vector<Claim> simulator_claims() {
  return {
      {.id = "event-driven-wins",
       .text = "Products with spikes cost what the spikes cost: at activities up to 1 % they beat "
               "products of the whole vector.",
       .paper = {"authors' 5.1_operators_comparison"},
       .measure = "least time of dense, CSR and libtorch's sparse product / event-driven, over all "
                  "sizes and activities up to 0.01",
       .value = value_of("simulator", "least speed-up"),
       .bar = above(1),
       .scale = Scale::log},
      {.id = "coba-speed",
       .text = "4,000 conductance-based neurons, 5 s, on one core.",
       .paper = {"authors' speed_results_lif", "3.6 and 1.95 s in two runs on their CPU", true},
       .measure = "processor seconds",
       .value = value_of("simulator", "seconds coba small"),
       .bar = below(3.6),
       .scale = Scale::log},
      {.id = "procedural-memory",
       .text = "Connectivity that is drawn again at each spike needs no memory a synapse.",
       .measure = "bytes a neuron, growth between two sizes",
       .value = value_of("simulator", "bytes a neuron"),
       .bar = below(200)},
      {.id = "procedural-same",
       .text = "It is the matrix that would have been stored: the same spikes.",
       .measure = "1: spikes of 8,000 neurons are equal",
       .value = value_of("simulator", "same spikes"),
       .bar = above(0.5)},
      {.id = "align-post",
       .text = "Exponential synapses kept a target are those kept a synapse.",
       .measure = "largest difference of conductances, nS",
       .value = value_of("simulator", "align-post difference"),
       .bar = below(1e-9)},
      {.id = "smooth-gradient",
       .text = "Where no spike stands in the way, gradients are derivatives (Hodgkin-Huxley).",
       .measure = "largest relative error against central differences",
       .value = value_of("simulator", "smooth gradient error"),
       .bar = below(1e-4)},
      {.id = "product-gradient",
       .text = "The gradient of a drawn matrix is that of the matrix that was multiplied with, "
               "silent sources included.",
       .measure = "largest error / largest entry",
       .value = value_of("simulator", "product gradient error"),
       .bar = below(1e-10)},
      {.id = "rates",
       .text = "Rates are those of an independent program with a tenth of the step.",
       .kind = Kind::baseline,
       .measure = "larger relative difference of the rates of both populations",
       .value = value_of("simulator", "rate error"),
       .bar = below(0.05)},
  };
}

std::vector<Claim> claims() {
  std::vector<Claim> all = learning_claims();
  for (Claim& c : simulator_claims()) all.push_back(std::move(c));
  for (auto [id, text, value] : std::initializer_list<std::array<const char*, 3>>{
           {"coba-large", "Ten times the neurons, 80 synapses each: seconds for 5 s.",
            "seconds coba large"},
           {"coba-dense", "Ten times the neurons, probability 0.02, weights a tenth: seconds.",
            "seconds dense large"},
           {"align-bytes", "Bytes of synapses, a synapse each / a target each.", "bytes ratio"},
           {"stored-bytes", "Bytes a neuron where the matrix is stored.", "stored bytes a neuron"},
           {"procedural-event", "Nanoseconds a procedural event.", "nanoseconds an event"},
           {"rate-E", "Rate of excitatory neurons, Hz.", "rate E"},
           {"rate-I", "Rate of inhibitory neurons, Hz.", "rate I"}})
    all.push_back(reported(id, text, "simulator", value));
  for (const char* place : {"2000 sparse", "2000 denser"})
    all.push_back(reported(std::string("crossover-") + (place[5] == 's' ? "sparse" : "denser"),
                           std::string("Activity from which the best whole product is faster, ") +
                               place + " (p = 0.01 sparse, 0.1 denser; 1: none).",
                           "simulator", std::string("crossover ") + place));
  return all;
}

std::vector<report::Chart> charts(const Results& r) {
  report::Lines learning{"batches", "right answers (share)", false, false, {}};
  for (auto [name, arm] : {std::pair{"slow currents", "slow-currents"},
                           {"fast currents", "fast-currents"},
                           {"no gradient", "no-gradient"}})
    learning.lines.push_back(r.line(name, arm, "accuracy"));
  report::Lines speed{
      "share of sources that fire", "best whole product / event-driven (time)", true, true, {}};
  for (const char* place :
       {"2000 sparse", "2000 denser", "10000 sparse", "10000 denser", "40000 sparse"}) {
    const std::string curve = std::string("speed-up ") + place;
    if (r.outcome(r.seeds().front(), "simulator").curves.contains(curve))
      speed.lines.push_back(r.line(place, "simulator", curve, Scale::log));
  }
  report::Bars rates{"rate (Hz)", false, {}};
  rates.bars = {
      r.bar("E", "simulator", "rate E"), r.bar("E, independent", "simulator", "reference rate E"),
      r.bar("I", "simulator", "rate I"), r.bar("I, independent", "simulator", "reference rate I")};
  return {
      {"learning", "Delayed match to sample",
       "100 neurons with spike-triggered currents of 100 to 3,000 ms; mean of ten batches.",
       learning},
      {"operators", "Event-driven products",
       "Above 1 the event-driven product is faster. The step's update of the targets is in its "
       "time. sparse: p = 0.01, denser: p = 0.1.",
       speed},
      {"rates", "Conductance-based network", "4,000 neurons; independent: dt = 0.01 ms.", rates}};
}

}  // namespace

Experiment describe() {
  Experiment e;
  e.title = "A differentiable brain simulator";
  e.summary =
      "One description of neurons and synapses runs as a large event-driven simulation and learns "
      "a working memory by gradient descent through its own equations.";
  e.paper =
      "Wang, Zhang, He, Wu: A differentiable brain simulator bridging brain simulation and "
      "brain-inspired computing, ICLR 2024, arXiv 2311.05106";
  e.tier = Tier::core;
  e.capability = "one network, simulated event by event and trained through time";
  e.leaves = "callosum/learn/match_to_sample.h";
  e.settings = {
      {"batches", 80, 300, 1, 1e6, "of training"},
      {"batch", 32, 64, 1, 4096, "trials a batch"},
      {"rate", 3e-3, 1e-3, 1e-9, 1, "learning rate of Adam"},
      {"delay", 200, 1000, 10, 1e6, "between sample and test, ms"},
      {"test_trials", 200, 2000, 1, 1e6, "trials that were not trained on"},
      {"largest", 2000, 40000, 2000, 40000, "sources of the largest product"},
      {"large_scale", 2, 10, 2, 100, "the large conductance-based network, in 4,000 neurons"},
      {"rate_time", 500, 5000, 10, 1e6, "time over which rates are compared, ms"},
      {"procedural_scale", 2, 25, 2, 1000,
       "first procedural network, in 4,000 neurons; the second "
       "is ten times as large"}};
  e.arms = {{"slow-currents", "100 neurons with slow currents learn", 1},
            {"fast-currents", "the same with 10 ms for all currents", 1},
            {"no-gradient", "gradients are set to zero", 1},
            {"simulator", "products, networks, gradients", 1.5}};
  e.run = trial;
  e.claims = claims();
  e.charts = charts;
  e.quick_minutes = 1;
  e.full_minutes = 15;
  return e;
}

}  // namespace callosum::experiment
