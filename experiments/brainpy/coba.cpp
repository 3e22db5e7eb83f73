#include <malloc.h>
#include <time.h>
#include <unistd.h>

#include <algorithm>
#include <cmath>
#include <fstream>

#include "callosum/library/library.h"
#include "callosum/network/connectivity.h"
#include "callosum/sim/simulation.h"
#include "studies.h"

namespace callosum::experiment {

using namespace callosum::literals;

double processor_seconds() {
  timespec now{};
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) + 1e-9 * static_cast<double>(now.tv_nsec);
}

Network coba(std::uint32_t scale, bool dense, Rows rows) {
  Network net(0.1_ms, "coba");
  const PopulationOptions cell = {.parameters = {{"I_e", 200_pA}},
                                  .initial = {{"V_m", Values::normal(-55_mV, 2_mV)}}};
  const View exc = net.add("exc", 3200 * scale, library::neuron("lif_cond_exp"), cell);
  const View inh = net.add("inh", 800 * scale, library::neuron("lif_cond_exp"), cell);
  const double thinner = dense ? scale : 1;
  const Rule rule = fixed_probability(dense ? 0.02 : 80.0 / (4000.0 * scale));
  for (const View& to : {exc, inh}) {
    net.connect(exc, to, rule,
                {.target = "g_ex",
                 .weight = Quantity(6e-9 / thinner, dimension::conductance),
                 .rows = rows});
    net.connect(inh, to, rule,
                {.target = "g_in",
                 .weight = Quantity(67e-9 / thinner, dimension::conductance),
                 .rows = rows});
  }
  return net;
}

namespace {

/// Bytes of this process that stand in memory, after what was freed has gone back.
double resident_bytes() {
  malloc_trim(0);
  double pages = 0;
  std::ifstream statm("/proc/self/statm");
  statm >> pages >> pages;
  return pages * static_cast<double>(sysconf(_SC_PAGESIZE));
}

/// The same network without the library: one loop, forward in time by dt = 0.01 ms with the
/// midpoint rule, conductances by their exact decay, a delay of 0.1 ms. Weights and connections are
/// those the library draws.
class IndependentCoba {
 public:
  explicit IndependentCoba(std::uint64_t seed) {
    const Network net = coba(1);
    rows_.resize(4000);
    for (std::uint32_t p = 0; p < 4; ++p) read(net, p, seed);
    Stream start(StreamKey(seed, name_hash("independent start"), Purpose::user), 0);
    for (double& v : v_) v = -55 + 2 * start.normal();
  }

  /// Spikes of neurons [0, 3200) and [3200, 4000) in `ms` milliseconds.
  std::pair<double, double> run(double ms) {
    std::pair<double, double> spikes;
    const auto steps = std::llround(ms / dt);
    for (std::int64_t n = 0; n < steps; ++n) {
      integrate();
      // Spikes of delay steps ago arrive.
      auto& due = under_way_[static_cast<std::size_t>(n % delay)];
      for (std::uint32_t source : due)
        for (std::uint32_t target : rows_[source])
          source < 3200 ? ge_[target] += 6 : gi_[target] += 67;
      due.clear();
      for (std::uint32_t i = 0; i < 4000; ++i) {
        if (v_[i] < -50) continue;
        v_[i] = -60;
        until_[i] = n + refractory;
        due.push_back(i);
        (i < 3200 ? spikes.first : spikes.second) += 1;
      }
      ++now_;
    }
    return spikes;
  }

 private:
  static constexpr double dt = 0.01;
  static constexpr std::int64_t delay = 10, refractory = 500;  ///< steps

  void read(const Network& net, std::uint32_t projection, std::uint64_t seed) {
    const Connectivity c(net, projection, seed);
    const std::uint32_t from = projection % 2 == 0 ? 0 : 3200, to = projection < 2 ? 0 : 3200;
    BlockSynapses block;
    for (std::uint32_t b = 0; b < c.blocks(); ++b) {
      c.draw(b, block);
      for (std::uint32_t s = 0; s < c.sources(); ++s)
        for (std::uint32_t k = block.row_offsets[s]; k < block.row_offsets[s + 1]; ++k)
          rows_[from + s].push_back(to + b * block_size + block.targets[k]);
    }
  }
  void integrate() {
    const double half_e = std::exp(-dt / 2 / 5), half_i = std::exp(-dt / 2 / 10);
    for (std::size_t i = 0; i < 4000; ++i) {
      const auto slope = [](double v, double e, double g) {
        return (10 * (-60 - v) - e * v + g * (-80 - v) + 200) / 200;
      };
      const double middle = v_[i] + dt / 2 * slope(v_[i], ge_[i], gi_[i]);
      const double e = ge_[i] * half_e, g = gi_[i] * half_i;
      const double next = v_[i] + dt * slope(middle, e, g);
      v_[i] = now_ <= until_[i] ? v_[i] : next;
      ge_[i] = e * half_e;
      gi_[i] = g * half_i;
    }
  }

  std::vector<std::vector<std::uint32_t>> rows_;
  std::vector<double> v_ = std::vector<double>(4000), ge_ = v_, gi_ = v_;
  std::vector<std::int64_t> until_ = std::vector<std::int64_t>(4000, -1);
  std::vector<std::uint32_t> under_way_[delay];
  std::int64_t now_ = 0;
};

}  // namespace

void speed_study(const Trial& t, Outcome& out) {
  for (const bool dense : {false, true})
    for (std::uint32_t scale : {1u, static_cast<std::uint32_t>(t.whole("large_scale"))}) {
      if (dense && scale == 1) continue;  // the same network
      double best = INFINITY;
      RunStatistics s;
      for (int repeat = 0; repeat < 3; ++repeat) {
        Simulation simulation(coba(scale, dense), {.seed = t.seed});
        const double began = processor_seconds();
        simulation.run(Quantity(5, dimension::time));
        best = std::min(best, processor_seconds() - began);
        s = simulation.statistics();
      }
      const std::string name =
          (dense ? "dense " : "coba ") + std::string(scale == 1 ? "small" : "large");
      out.values["seconds " + name] = best;
      out.values["million events " + name] = 1e-6 * static_cast<double>(s.synaptic_events);
      out.values["synapses " + name] = static_cast<double>(s.synapses);
      out.values["rate " + name] =
          static_cast<double>(s.spikes) / 5 / static_cast<double>(s.neurons);
    }
}

void rate_study(const Trial& t, Outcome& out) {
  const double ms = t["rate_time"];
  Simulation simulation(coba(1), {.seed = t.seed});
  simulation.run(Quantity(1e-3 * ms, dimension::time));
  const Recording ours = simulation.recording();
  const auto [exc, inh] = IndependentCoba(t.seed).run(ms);
  const double e = exc / 3200 / ms * 1000, i = inh / 800 / ms * 1000;
  out.values["rate E"] = ours.populations[0].rate_hz;
  out.values["rate I"] = ours.populations[1].rate_hz;
  out.values["reference rate E"] = e;
  out.values["reference rate I"] = i;
  out.values["rate error"] = std::max(std::abs(ours.populations[0].rate_hz / e - 1),
                                      std::abs(ours.populations[1].rate_hz / i - 1));
}

void procedural_study(const Trial& t, Outcome& out) {
  const auto run = [&](std::uint32_t scale, Rows rows, Quantity time, double* bytes,
                       double* seconds = nullptr) {
    const double before = resident_bytes();
    Simulation simulation(coba(scale, false, rows), {.seed = t.seed});
    const double began = processor_seconds();
    simulation.run(time);
    if (seconds != nullptr) *seconds = processor_seconds() - began;
    if (bytes != nullptr) *bytes = resident_bytes() - before;
    return simulation.statistics();
  };
  const auto stored = run(2, Rows::stored, 100_ms, nullptr);
  const auto drawn = run(2, Rows::procedural, 100_ms, nullptr);
  out.values["same spikes"] = stored.spike_hash == drawn.spike_hash && stored.spikes > 0;
  out.values["stored bytes a neuron"] = stored.synapse_bytes / static_cast<double>(stored.neurons);
  const auto small = static_cast<std::uint32_t>(t.whole("procedural_scale"));
  double bytes[2], seconds = 0;
  const auto first = run(small, Rows::procedural, 100_ms, &bytes[0], &seconds);
  // Memory does not depend on how long it runs.
  const auto second = run(10 * small, Rows::procedural, 5_ms, &bytes[1]);
  out.values["bytes a neuron"] =
      (bytes[1] - bytes[0]) / static_cast<double>(second.neurons - first.neurons);
  out.values["nanoseconds an event"] = 1e9 * seconds / static_cast<double>(first.synaptic_events);
}

}  // namespace callosum::experiment
