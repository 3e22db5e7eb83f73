#include <algorithm>

#include "callosum/learn/unroll_state.h"

// What reaches a population beside its synapses: stimuli and currents. Terms are added as the
// engine adds them: a driven parameter's own value, then stimuli in order, then currents; Poisson
// counts after all synapses.
namespace callosum::learn {

// Stimuli that draw numbers, and all others of the same parameter, so that their order stays.
template <class T>
void Unroll<T>::Impl::find_drawn() {
  std::vector<sim::ActiveStimulus> all;
  for (const Stimulus& s : network.stimuli()) all.emplace_back(network, s, options.seed);
  const auto with_drawn = [&](const Stimulus& s) {
    return std::any_of(all.begin(), all.end(), [&](const sim::ActiveStimulus& other) {
      const Stimulus& o = other.description();
      return other.draws() && !other.is_poisson() && o.to.population == s.to.population &&
             o.target == s.target;
    });
  };
  for (std::uint32_t k = 0; k < all.size(); ++k) {
    const Stimulus& s = network.stimuli()[k];
    if (!all[k].is_poisson() && !with_drawn(s)) continue;
    const std::uint32_t p = s.to.population;
    const auto& names = all[k].is_poisson() ? cells[p]->inputs() : cells[p]->driven();
    const auto at = std::find(names.begin(), names.end(), s.target);
    if (at == names.end()) continue;  // the step does not read it
    drawn.push_back({k, p, all[k].is_poisson(), static_cast<std::size_t>(at - names.begin())});
  }
}

// A stimulus for each sample: sample 0 has the numbers of the simulation.
template <class T>
void Unroll<T>::Impl::ready_drawn() {
  for (Drawn& d : drawn)
    for (auto b = static_cast<std::uint32_t>(d.samples.size()); b < batch; ++b)
      d.samples.emplace_back(network, network.stimuli()[d.stimulus], options.seed, b);
}

// Driven parameters that only deterministic stimuli reach: own value, then the stimuli in order,
// for every step.
template <class T>
void Unroll<T>::Impl::base_rows() {
  base.clear();
  base.resize(cells.size());
  for (std::size_t p = 0; p < cells.size(); ++p)
    if (cells[p]) base[p].resize(cells[p]->driven().size());
  for (std::uint32_t k = 0; k < network.stimuli().size(); ++k) {
    const Stimulus& s = network.stimuli()[k];
    if (s.kind == Stimulus::Kind::poisson ||
        std::any_of(drawn.begin(), drawn.end(), [&](const Drawn& d) { return d.stimulus == k; }))
      continue;
    const std::uint32_t p = s.to.population;
    const auto& names = cells[p]->driven();
    const auto d =
        static_cast<std::size_t>(std::find(names.begin(), names.end(), s.target) - names.begin());
    if (d == names.size()) continue;
    const std::size_t lanes = cells[p]->lanes();
    auto& rows = base[p][d];
    if (rows.size() == 0) {
      rows = sim::Aligned<T>(static_cast<std::size_t>(steps) * lanes);
      for (std::int64_t n = 0; n < steps; ++n)
        std::copy_n(cells[p]->own_value(d), lanes,
                    rows.data() + static_cast<std::size_t>(n) * lanes);
    }
    sim::ActiveStimulus active(network, s, options.seed);
    for (std::int64_t n = 0; n < steps; ++n)
      if (const std::int64_t now = began.step + n; active.active(now))
        active.add(rows.data() + static_cast<std::size_t>(n) * lanes, 0, cells[p]->size(), now,
                   static_cast<std::uint64_t>(now));
  }
}

template <class T>
void Unroll<T>::Impl::drive(Worker& worker, std::uint32_t p, std::size_t u, std::int64_t sample,
                            std::int64_t n) {
  const Cell<T>& cell = *cells[p];
  CellRows<T>& rows = worker.rows[p];
  const std::size_t lanes = cell.lanes(), driven = cell.driven().size();
  const auto row = [&](std::size_t d) { return rows.driven.data() + (u * driven + d) * lanes; };
  for (std::size_t d = 0; d < driven; ++d)
    if (base[p][d].size() != 0)
      std::copy_n(base[p][d].data() + static_cast<std::size_t>(n) * lanes, lanes, row(d));
  const std::int64_t now = began.step + n;
  for (Drawn& d : drawn)
    if (d.population == p && !d.arrives) std::copy_n(cell.own_value(d.place), lanes, row(d.place));
  for (Drawn& d : drawn) {
    if (d.population != p) continue;
    sim::ActiveStimulus& stimulus = d.samples[static_cast<std::size_t>(sample)];
    if (!stimulus.active(now)) continue;
    T* to = d.arrives ? cell.arrivals(rows, 0, d.place, tile_size, u) : row(d.place);
    stimulus.add(to, 0, cell.size(), now, static_cast<std::uint64_t>(now));
  }
  for (const Current& c : currents) {
    if (c.population != p || c.values.empty()) continue;
    T* to = row(c.driven);
    const bool filled = base[p][c.driven].size() != 0 ||
                        std::any_of(drawn.begin(), drawn.end(), [&](const Drawn& d) {
                          return d.population == p && !d.arrives && d.place == c.driven;
                        });
    if (!filled) std::copy_n(cell.own_value(c.driven), lanes, to);
    const std::span<const T> x = row_of(c.values, n, sample, cell.size());
    for (std::size_t i = 0; i < x.size(); ++i) to[i] += x[i];
  }
}

template class Unroll<float>;
template class Unroll<double>;

}  // namespace callosum::learn
