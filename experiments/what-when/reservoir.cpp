#include "reservoir.h"

#include <algorithm>
#include <cmath>

#include "callosum/analysis/spike_traces.h"
#include "callosum/core/error.h"
#include "callosum/core/random.h"
#include "callosum/model/model_text.h"

namespace callosum::experiment {
namespace {

using namespace callosum::literals;

// Izhikevich 2003 in plain numbers, in two half steps of a millisecond. Recovery sees v cut at 30:
// the first half step may carry it far beyond.
constexpr const char* cell = R"(
kind = "neuron"
doc = "Izhikevich neuron with a decaying synaptic input, a cue and noise"
reference = "Izhikevich 2003, IEEE Trans. Neural Netw. 14:1569"
method = "euler"
equations = """
dv/dt = (0.04*v**2 + 5*v + 140 - u + g + I_0 + cue*C + sigma*randn())/ms : 1
du/dt = a*(b*clip(v, -1000, 30) - u)/ms : 1
dg/dt = -g/(10*ms) : 1
"""
threshold = "v >= 30"
reset = "v = c; u += d"
[parameters]
a = { value = 0.02, doc = "rate of recovery" }
b = { value = 0.2, doc = "sensitivity of recovery" }
c = { value = -65, doc = "after a spike" }
d = { value = 8, doc = "recovery added by a spike" }
I_0 = { value = 3, doc = "tonic input" }
C = { value = 0, doc = "share of the cue" }
cue = { value = 0, doc = "cue, then attention" }
sigma = { value = 0.5, doc = "noise, drawn every millisecond" }
[initial]
v = "-65"
u = "-13"
)";

struct Cells {
  std::vector<double> a, b, c, d, C;
};

Cells draw_cells(std::uint64_t seed, const ReservoirOptions& o) {
  Cells cells;
  Stream draw(StreamKey(seed, name_hash("cells"), Purpose::user), 0);
  for (std::uint32_t i = 0; i < o.neurons; ++i) {
    const double q = draw.uniform(), slow = draw.uniform(), input = draw.uniform();
    const bool excitatory = i < o.neurons * 4 / 5, cued = draw.uniform() < 0.3;
    cells.a.push_back(!excitatory       ? 0.02 + 0.08 * q
                      : o.heterogeneous ? 0.002 * std::pow(25, slow)
                                        : 0.02);
    cells.b.push_back(excitatory ? 0.2 : 0.25 - 0.05 * q);
    cells.c.push_back(excitatory ? -65 + 15 * q * q : -65);
    cells.d.push_back(excitatory ? 8 - 6 * q * q : 2);
    cells.C.push_back(cued ? 12 * input : 0);
  }
  return cells;
}

Network network(std::uint64_t seed, const ReservoirOptions& o) {
  const Cells cells = draw_cells(seed, o);
  const auto array = [](const std::vector<double>& x) { return Values::array(x, Dimension()); };
  Network net(1_ms, "what-when");
  const View all =
      net.add("reservoir", o.neurons, model::Model(model::read_model_text(cell, "cell")),
              {.parameters = {{"a", array(cells.a)},
                              {"b", array(cells.b)},
                              {"c", array(cells.c)},
                              {"d", array(cells.d)},
                              {"C", array(cells.C)},
                              {"I_0", o.tonic}},
               .substeps = {{"v", 2}, {"u", 2}, {"g", 2}}});
  constexpr double G = 0.1;
  const std::uint32_t excitatory = o.neurons * 4 / 5;
  net.connect(net.slice(all, 0, excitatory), all, fixed_probability(0.1),
              {.target = "g", .weight = Values::uniform(0.0, G), .delay = 1_ms});
  net.connect(net.slice(all, excitatory, o.neurons), all, fixed_probability(0.1),
              {.target = "g", .weight = Values::uniform(-4 * G, 0.0), .delay = 1_ms});
  Stimulus cue{.kind = Stimulus::Kind::steps, .to = all, .target = "cue"};
  cue.times = {0, 50, Reservoir::trial_ms};
  cue.value = Values::array({1, o.attention ? 0.45 : 0, 0}, Dimension());
  net.stimulate(cue);
  net.record_spikes(all);
  return net;
}

}  // namespace

Reservoir::Reservoir(std::uint64_t seed, const ReservoirOptions& options)
    : sim_(network(seed, options), {.seed = seed}) {
  Stream draw(StreamKey(seed, name_hash("traces"), Purpose::user), 0);
  for (std::uint32_t i = 0; i < options.neurons; ++i)
    decay_.push_back(std::exp(-1 / (20 * std::pow(20, draw.uniform()))));
  mean_.assign(decay_.size(), 0);
  deviation_.assign(decay_.size(), 1);
}

// r_i at every tick, [tick][neuron].
std::vector<double> Reservoir::traces(std::int64_t ms) {
  sim_.reset(Reset::state | Reset::time);
  sim_.run_steps(ms);
  const Recording recording = sim_.recording();
  const SpikeRecord& spikes = recording.spikes.at(0);
  std::vector<bool> fired(decay_.size());
  for (const std::uint32_t neuron : spikes.neurons) fired[neuron] = true;
  const auto n = static_cast<double>(decay_.size());
  active_share_ = static_cast<double>(std::count(fired.begin(), fired.end(), true)) / n;
  rate_ = static_cast<double>(spikes.steps.size()) / n / (static_cast<double>(ms) * 1e-3);
  return analysis::spike_traces(spikes.steps, spikes.neurons, decay_, ms, tick_ms);
}

void Reservoir::standardise(int trials) {
  const std::size_t n = decay_.size();
  std::vector<double> sum(n, 0), squares(n, 0);
  double count = 0;
  for (int k = 0; k < trials; ++k) {
    const std::vector<double> r = traces(trial_ms);
    for (std::size_t at = 0; at < r.size(); ++at) {
      sum[at % n] += r[at];
      squares[at % n] += r[at] * r[at];
    }
    count += static_cast<double>(ticks);
  }
  active_.clear();
  for (std::uint32_t i = 0; i < n; ++i) {
    mean_[i] = sum[i] / count;
    deviation_[i] = std::sqrt(std::max(0.0, squares[i] / count - mean_[i] * mean_[i]));
    if (sum[i] > 0) active_.push_back(i);
  }
}

std::vector<double> Reservoir::run(std::int64_t ms) {
  const std::vector<double> r = traces(ms);
  const std::size_t n = decay_.size();
  std::vector<double> x;
  x.reserve(r.size() + r.size() / n);
  for (std::size_t at = 0; at < r.size(); ++at) {
    const std::size_t i = at % n;
    x.push_back((r[at] - mean_[i]) / (deviation_[i] + 0.05));
    if (i + 1 == n) x.push_back(1);
  }
  return x;
}

double settled_tonic(std::uint64_t seed, std::uint32_t neurons) {
  ReservoirOptions options{.neurons = neurons};
  constexpr int most_changes = 20;
  for (int k = 0; k <= most_changes; ++k) {
    Reservoir reservoir(seed, options);
    reservoir.run();
    const double share = reservoir.active_share(), rate = reservoir.rate_hz();
    const bool too_quiet = share < 0.2 || rate<2, too_lively = share> 0.9 || rate > 15;
    if (!too_quiet && !too_lively) return options.tonic;
    options.tonic += too_quiet ? 0.25 : -0.25;
  }
  throw NumericalError({.where = "what-when, reservoir of seed " + std::to_string(seed),
                        .what = "no tonic input gives it the activity that is asked for",
                        .expected = "20 to 90 % of the cells firing, 2 to 15 Hz on average"});
}

}  // namespace callosum::experiment
