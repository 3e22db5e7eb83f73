#include <algorithm>
#include <atomic>
#include <cmath>
#include <limits>

#include "callosum/core/error.h"
#include "callosum/learn/event_prop_state.h"

// Back through time from the last step to the first. With p the derivative of the loss by a state,
// going back over a step multiplies by the transposed propagator. At the end of step n, time
// (n + 1) dt, what happened is undone:
//  - a weight that arrived at a current gets p_I; moving its arrival moves the loss by
//    w (p_I / tau_syn - p_V / C_m);
//  - a spike whose refractory time ends: moving it moves V by -dV/dt there, after the hold;
//  - a spike: its time's derivative, gathered from all that followed, moves V below the threshold
//  by
//    -1 / (dV/dt).
namespace callosum::learn {
namespace {

constexpr std::int64_t never = std::numeric_limits<std::int64_t>::max();
constexpr std::int64_t most_chunks = 8;  ///< of samples: a constant, so that no thread shows

}  // namespace

template <class T>
void EventProp<T>::Impl::take(const Cotangents& given) {
  const auto steps = unroll.steps(), batch = unroll.batch();
  const auto fits = [&](const std::string& name, std::span<const T> values, std::uint32_t units) {
    const auto expected = static_cast<std::size_t>(steps * batch) * units;
    if (values.size() != expected)
      throw ShapeError({.where = "cotangents of '" + name + "'",
                        .what = "the array does not fit [time, batch, unit]",
                        .got = std::to_string(values.size()) + " numbers",
                        .expected = std::to_string(expected)});
  };
  std::vector<std::span<const T>> by_time(cells.size()), by_V(cells.size());
  for (const auto& [name, values] : given.times) {
    const std::uint32_t p = population(name);
    fits(name, values, cells[p].units);
    if (cells[p].kind != Kind::neuron)
      throw NameError({.where = "cotangents by spike times",
                       .what = "this population does not fire by itself",
                       .got = name});
    by_time[p] = values;
  }
  for (const auto& [name, values] : given.potentials) {
    const std::uint32_t p = population(name);
    fits(name, values, cells[p].units);
    if (cells[p].kind != Kind::readout)
      throw UnsupportedError({.where = "cotangents by potentials",
                              .what = "this potential jumps when it fires",
                              .got = name,
                              .expected = "a population of leaky_integrator"});
    by_V[p] = values;
  }
  for (std::size_t p = 0; p < cells.size(); ++p) {
    Cell& cell = cells[p];
    cell.by_time = by_time[p];
    cell.by_V = by_V[p];
    if (cell.kind != Kind::list) cell.V = unroll.recorded(cell.name + ".V_m");
    if (cell.kind != Kind::neuron) continue;
    cell.I[0] = unroll.recorded(cell.name + ".I_ex");
    cell.I[1] = unroll.recorded(cell.name + ".I_in");
  }
  for (std::uint32_t id = 0; id < wires.size(); ++id)
    wires[id].weights = unroll.values(network.projections()[id].name);
}

// dV/dt at potential V in the end of step n, before what arrives there.
template <class T>
double EventProp<T>::Impl::slope(const Cell& cell, std::uint32_t i, std::int64_t n,
                                 std::int64_t sample, double V) const {
  const Constants& c = cell.constants[i];
  double current = c.I_e;
  const std::int64_t before = std::max<std::int64_t>(n - 1, 0);
  for (int s = 0; s < 2; ++s)
    current +=
        static_cast<double>(
            cell.I[s]
                  [static_cast<std::size_t>(before * unroll.batch() + sample) * cell.units + i]) *
        c.keep_I[s];
  return (c.E_L - V) / c.tau_m + current / c.C_m;
}

// The mean slope over the step in which a potential crossed the threshold: positive, and that of
// the crossing to first order.
template <class T>
double EventProp<T>::Impl::crossing_slope(const Cell& cell, std::uint32_t i, std::int64_t n,
                                          std::int64_t sample) const {
  const Constants& c = cell.constants[i];
  if (n == 0) return slope(cell, i, n, sample, c.V_th);
  const auto at = static_cast<std::size_t>((n - 1) * unroll.batch() + sample) * cell.units + i;
  const double V = static_cast<double>(cell.V[at]), E = c.E_L + c.I_e * c.tau_m / c.C_m;
  double change = (E - V) * -std::expm1(-network.grid().dt_ms() / c.tau_m);
  for (int s = 0; s < 2; ++s) change += static_cast<double>(cell.I[s][at]) * c.I_to_V[s];
  return change / network.grid().dt_ms();
}

template <class T>
void EventProp<T>::Impl::arrivals_back(std::int64_t n, std::int64_t sample, Walk& walk,
                                       Chunk& chunk) const {
  const double dt = network.grid().dt_ms();
  for (std::size_t id = 0; id < wires.size(); ++id) {
    const Wires& w = wires[id];
    const Cell& to = cells[w.to];
    const int s = w.variable == Variable::I_in ? 1 : 0;
    const SpikeBits& fired = unroll.spikes(cells[w.from].name);
    for (const std::uint32_t delay : w.delays) {
      const std::int64_t from = n - delay;
      if (from < 0) continue;
      const std::size_t count = fired.list(from, sample, walk.ids.data());
      for (std::size_t q = 0; q < count; ++q) {
        const std::uint32_t i = walk.ids[q];
        const auto begin = w.synapses.begin() + static_cast<std::ptrdiff_t>(w.rows[i]),
                   end = w.synapses.begin() + static_cast<std::ptrdiff_t>(w.rows[i + 1]);
        double by_time = 0;
        for (auto k = std::lower_bound(
                 begin, end, delay, [](const Synapse&x, std::uint32_t d) { return x.delay < d; });
             k != end && k->delay == delay; ++k) {
          const std::uint32_t j = k->target;
          const Constants& c = to.constants[j];
          double weight = 0, time = 0;
          if (w.variable == Variable::V_m) {
            weight = walk.by_V[w.to][j];
            time = weight / c.tau_m;
            // What an integral over time of a function of V loses where the jump comes later.
            if (!to.by_V.empty()) {
              const auto at = [&](std::int64_t m) {
                return static_cast<double>(
                    to.by_V[static_cast<std::size_t>(m * unroll.batch() + sample) * to.units + j]);
              };
              time -= (at(n) + at(std::max<std::int64_t>(n - 1, 0))) / (2 * dt);
            }
          } else {
            weight = walk.by_I[s][w.to][j];
            time = weight / c.tau_s[s] - walk.by_V[w.to][j] / c.C_m;
          }
          time *= static_cast<double>(w.weights[k->index]);
          chunk.by_weight[id][k->index] += weight;
          chunk.by_delay[id][k->index] += time;
          by_time += time;
        }
        if (cells[w.from].kind == Kind::neuron)
          walk.by_spike[w.from][static_cast<std::size_t>(from) * cells[w.from].units + i] +=
              by_time;
      }
    }
  }
}

template <class T>
void EventProp<T>::Impl::events_back(std::uint32_t p, std::int64_t n, std::int64_t sample,
                                     Walk& walk) const {
  const Cell& cell = cells[p];
  const SpikeBits& fired = unroll.spikes(cell.name);
  for (std::uint32_t i = 0; i < cell.units; ++i) {
    const Constants& c = cell.constants[i];
    double& by_V = walk.by_V[p][i];
    const std::int64_t spike = n - c.refractory;
    if (spike >= 0 && fired.test(spike, sample, i)) {
      walk.by_spike[p][static_cast<std::size_t>(spike) * cell.units + i] -=
          by_V * slope(cell, i, n, sample, c.V_reset);
      by_V = 0;
      walk.held_after[p][i] = spike;
    }
    if (!fired.test(n, sample, i)) continue;
    double by_time = walk.by_spike[p][static_cast<std::size_t>(n) * cell.units + i];
    if (!cell.by_time.empty())
      by_time += static_cast<double>(
          cell.by_time[static_cast<std::size_t>(n * unroll.batch() + sample) * cell.units + i]);
    const double rise = crossing_slope(cell, i, n, sample);
    by_V = rise > 0 ? -by_time / rise : 0;  // a potential that began above stays where it is
    walk.held_after[p][i] = never;
  }
}

template <class T>
void EventProp<T>::Impl::integrate_back(std::uint32_t p, std::int64_t n, Walk& walk) const {
  const Cell& cell = cells[p];
  for (std::uint32_t i = 0; i < cell.units; ++i) {
    const Constants& c = cell.constants[i];
    double& by_V = walk.by_V[p][i];
    const bool held = n > walk.held_after[p][i];
    if (held) by_V = 0;
    if (cell.kind == Kind::neuron)
      for (int s = 0; s < 2; ++s)
        walk.by_I[s][p][i] = walk.by_I[s][p][i] * c.keep_I[s] + by_V * c.I_to_V[s];
    by_V *= c.keep_V;
  }
}

template <class T>
void EventProp<T>::Impl::sample_back(std::int64_t sample, Walk& walk, Chunk& chunk) const {
  const std::int64_t steps = unroll.steps();
  for (std::size_t p = 0; p < cells.size(); ++p) {
    const Cell& cell = cells[p];
    walk.by_V[p].assign(cell.units, 0);
    for (auto& by_I : walk.by_I) by_I[p].assign(cell.units, 0);
    walk.held_after[p].assign(cell.units, never);
    if (cell.kind != Kind::neuron) continue;
    walk.by_spike[p].assign(static_cast<std::size_t>(steps) * cell.units, 0);
    const SpikeBits& fired = unroll.spikes(cell.name);
    for (std::uint32_t i = 0; i < cell.units; ++i)
      for (std::int64_t n = std::max<std::int64_t>(steps - cell.constants[i].refractory, 0);
           n < steps; ++n)
        if (fired.test(n, sample, i)) walk.held_after[p][i] = n;
  }
  for (std::int64_t n = steps; n-- > 0;) {
    for (std::size_t p = 0; p < cells.size(); ++p)
      if (!cells[p].by_V.empty())
        for (std::uint32_t i = 0; i < cells[p].units; ++i)
          walk.by_V[p][i] += static_cast<double>(
              cells[p].by_V[static_cast<std::size_t>(n * unroll.batch() + sample) * cells[p].units +
                            i]);
    arrivals_back(n, sample, walk, chunk);
    for (std::uint32_t p = 0; p < cells.size(); ++p) {
      if (cells[p].kind == Kind::neuron) events_back(p, n, sample, walk);
      if (cells[p].kind != Kind::list) integrate_back(p, n, walk);
    }
  }
}

template <class T>
void EventProp<T>::backward(const Cotangents& cotangents) {
  Impl& self = *impl_;
  if (!self.ran)
    throw ValueError({.where = "EventProp",
                      .what = "there is no forward pass to reverse",
                      .expected = "forward() before backward()"});
  self.take(cotangents);
  const std::int64_t batch = self.unroll.batch(), chunks = std::min(batch, most_chunks);
  std::vector<typename Impl::Chunk> sums(static_cast<std::size_t>(chunks));
  std::uint32_t largest = 0;
  for (const auto& cell : self.cells) largest = std::max(largest, cell.units);
  std::atomic<std::int64_t> next = 0;
  self.team.run([&](int) {
    typename Impl::Walk walk;
    for (auto* rows : {&walk.by_V, &walk.by_I[0], &walk.by_I[1], &walk.by_spike})
      rows->resize(self.cells.size());
    walk.held_after.resize(self.cells.size());
    walk.ids.resize(largest);
    for (std::int64_t c = next++; c < chunks; c = next++) {
      auto& chunk = sums[static_cast<std::size_t>(c)];
      for (const auto& w : self.wires) {
        chunk.by_weight.emplace_back(w.size, 0.0);
        chunk.by_delay.emplace_back(w.size, 0.0);
      }
      for (std::int64_t b = batch * c / chunks; b < batch * (c + 1) / chunks; ++b)
        self.sample_back(b, walk, chunk);
    }
  });
  for (std::size_t id = 0; id < self.wires.size(); ++id) {
    auto& w = self.wires[id];
    w.by_weight.assign(w.size, T{0});
    w.by_delay.assign(w.size, T{0});
    for (std::size_t k = 0; k < w.size; ++k) {
      double weight = 0, delay = 0;
      for (const auto& chunk : sums) {
        weight += chunk.by_weight[id][k];
        delay += chunk.by_delay[id][k];
      }
      w.by_weight[k] = static_cast<T>(weight);
      w.by_delay[k] = static_cast<T>(delay);
    }
  }
}

template void EventProp<float>::backward(const Cotangents&);
template void EventProp<double>::backward(const Cotangents&);

}  // namespace callosum::learn
