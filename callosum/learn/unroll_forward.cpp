#include <algorithm>
#include <atomic>
#include <cmath>

#include "callosum/core/error.h"
#include "callosum/learn/unroll_state.h"

// The forward pass, step by step as the engine's (DESIGN section 4).
namespace callosum::learn {

template <class T>
void Unroll<T>::Impl::take_inputs(const Inputs& inputs) {
  for (const auto& [name, bits] : inputs.spikes) {
    const std::uint32_t p = population(name, "no input of this name");
    const Population& of = network.populations()[p];
    if (cells[p])
      throw NameError({.where = "inputs of the unroll",
                       .what = "this population fires by itself",
                       .got = name,
                       .expected = "a population of model \"spike_list\""});
    if (bits.steps() != steps || bits.batch() != batch || bits.units() != of.size) {
      const auto shape = [](std::int64_t t, std::int64_t b, std::uint32_t n) {
        return "[" + std::to_string(t) + ", " + std::to_string(b) + ", " + std::to_string(n) + "]";
      };
      throw ShapeError({.where = "spikes of '" + name + "'",
                        .what = "[time, batch, unit] does not fit",
                        .got = shape(bits.steps(), bits.batch(), bits.units()),
                        .expected = shape(steps, batch, of.size)});
    }
  }
  std::vector<std::string> names;
  for (const Current& c : currents) names.push_back(c.name);
  for (const auto& [name, values] : inputs.currents) {
    const auto at = std::find(names.begin(), names.end(), name);
    if (at == names.end())
      throw NameError({.where = "inputs of the unroll",
                       .what = "no current of this name is asked for in UnrollOptions::currents",
                       .got = name,
                       .nearest = nearest_name(name, names)});
    const Current& c = currents[static_cast<std::size_t>(at - names.begin())];
    check_shape("current '" + name + "'", values.size(), steps * batch,
                network.populations()[c.population].size);
  }
  for (Current& c : currents) {
    const auto found = inputs.currents.find(c.name);
    c.values = found == inputs.currents.end() ? std::span<const T>() : found->second;
  }
  spikes.resize(cells.size());
  for (std::size_t p = 0; p < cells.size(); ++p) {
    const Population& of = network.populations()[p];
    const auto given = inputs.spikes.find(of.name);
    if (given != inputs.spikes.end()) {
      spikes[p] = given->second;
      continue;
    }
    spikes[p].reshape(steps, batch, of.size);
    for (std::size_t k = 0; k < of.spike_steps.size(); ++k)
      if (const std::int64_t n = of.spike_steps[k] - 1 - began.step; n >= 0 && n < steps)
        for (std::int64_t b = 0; b < batch; ++b) spikes[p].set(n, b, of.spike_neurons[k]);
  }
}

template <class T>
void Unroll<T>::Impl::take_state(const State* from) {
  began = {};
  if (!from) return;
  if (from->batch != batch)
    throw ShapeError({.where = "unroll",
                      .what = "the state that goes on is of another number of samples",
                      .got = std::to_string(from->batch) + " samples",
                      .expected = std::to_string(batch) + ", as the inputs"});
  bool fits = from->states.size() == cells.size() && from->recent.size() == cells.size();
  for (std::size_t p = 0; fits && p < cells.size(); ++p) {
    const std::size_t row = cells[p] ? cells[p]->states().size() * cells[p]->lanes() : 0;
    fits = from->states[p].size() == static_cast<std::size_t>(batch) * row &&
           from->recent[p].units() == network.populations()[p].size &&
           from->recent[p].batch() == batch;
    // What kernels leave out as zero has to be zero.
    for (std::size_t row = 0; fits && cells[p] && row < static_cast<std::size_t>(batch); ++row)
      for (std::size_t s = 0; fits && s < cells[p]->states().size(); ++s)
        if (cells[p]->stays_zero(s)) {
          const T* x =
              from->states[p].data() + (row * cells[p]->states().size() + s) * cells[p]->lanes();
          fits = std::all_of(x, x + cells[p]->size(), [](T v) { return v == 0; });
        }
  }
  if (!fits)
    throw ShapeError({.where = "unroll",
                      .what = "the state that goes on is of another network",
                      .expected = "what state() of this network gave"});
  began = *from;
}

template <class T>
typename Unroll<T>::State Unroll<T>::state() const {
  const Impl& self = *impl_;
  State result{.step = self.began.step + self.steps, .batch = self.batch, .states = self.end};
  for (std::size_t p = 0; p < self.spikes.size(); ++p) {
    SpikeBits& recent =
        result.recent.emplace_back(self.longest_delay, self.batch, self.spikes[p].units());
    const SpikeBits* before = self.began.recent.empty() ? nullptr : &self.began.recent[p];
    for (std::int64_t k = 0; k < self.longest_delay; ++k) {
      const std::int64_t n = self.steps - self.longest_delay + k;
      for (std::int64_t b = 0; b < self.batch; ++b) {
        const std::uint64_t* row = nullptr;
        if (n >= 0)
          row = self.spikes[p].row(n, b);
        else if (before)
          row = before->row(n + self.longest_delay, b);
        if (row) std::copy_n(row, recent.words(), recent.row(k, b));
      }
    }
  }
  return result;
}

template <class T>
void Unroll<T>::forward(std::int64_t steps, std::int64_t batch, const Inputs& inputs, bool keep,
                        const State* from) {
  Impl& self = *impl_;
  if (!(steps >= 1 && batch >= 1))
    throw ShapeError(
        {.where = "unroll",
         .what = "nothing to run",
         .got = std::to_string(steps) + " steps of " + std::to_string(batch) + " samples",
         .expected = "at least one of each"});
  const std::int64_t old_steps = self.steps, old_batch = self.batch;
  self.steps = steps;
  self.batch = batch;
  const State before = self.began;
  try {
    self.take_state(from);
    self.take_inputs(inputs);
  } catch (...) {
    self.steps = old_steps;
    self.batch = old_batch;
    self.began = before;
    throw;
  }
  self.kept = false;
  self.make_taps();
  self.base_rows();
  self.ready_drawn();
  const auto rows = static_cast<std::size_t>(steps * batch);
  self.tape.resize(self.cells.size());
  for (std::size_t p = 0; keep && p < self.cells.size(); ++p) {
    if (!self.cells[p]) continue;
    const std::size_t size =
        rows * static_cast<std::size_t>(self.cells[p]->kept()) * self.cells[p]->lanes();
    if (self.tape[p].size() < size) {
      self.tape[p] = {};
      self.tape[p] = sim::Aligned<T>(size);
    }
  }
  self.kept = keep;
  self.end.resize(self.cells.size());
  for (std::size_t p = 0; p < self.cells.size(); ++p)
    if (const Cell<T>* cell = self.cells[p].get())
      self.end[p].resize(static_cast<std::size_t>(batch) * cell->states().size() * cell->lanes());
  for (typename Impl::Record& r : self.records) {
    const std::size_t size = rows * self.network.populations()[r.population].size;
    if (r.values.size() < size) r.values = sim::Aligned<T>(size);
  }
  const std::int64_t tiles = (batch + tile_size - 1) / tile_size;
  self.lists.resize(static_cast<std::size_t>(tiles), std::vector<FiredLists>(self.cells.size()));
  std::atomic<std::int64_t> next = 0;
  self.team.run([&](int t) {
    typename Impl::Worker& worker = self.workers[static_cast<std::size_t>(t)];
    worker.not_finite_sample = -1;
    for (std::int64_t k = next++; k < tiles; k = next++) self.forward_tile(worker, k);
  });
  const typename Impl::Worker* bad = nullptr;
  for (const auto& w : self.workers)
    if (w.not_finite_sample >= 0 && (!bad || w.not_finite_sample < bad->not_finite_sample))
      bad = &w;
  if (!bad) return;
  self.kept = false;
  throw NumericalError(
      {.where = bad->not_finite + ", sample " + std::to_string(bad->not_finite_sample),
       .what = "a state is not finite at the end of the forward pass"});
}

template <class T>
void Unroll<T>::Impl::forward_tile(Worker& worker, std::int64_t tile) {
  const std::int64_t first = tile * tile_size;
  const auto count = static_cast<std::size_t>(std::min(tile_size, batch - first));
  for (std::size_t p = 0; p < cells.size(); ++p) {
    if (!cells[p]) continue;
    const std::size_t size = cells[p]->states().size() * cells[p]->lanes();
    std::fill_n(worker.rows[p].arrivals.data(), into[p].size() * tile_size * cells[p]->lanes(),
                T{0});
    for (std::size_t u = 0; u < count; ++u) {
      const T* start = began.states.empty()
                           ? cells[p]->initial()
                           : began.states[p].data() + (static_cast<std::size_t>(first) + u) * size;
      std::copy_n(start, size, worker.rows[p].states.data() + u * size);
      for (std::size_t d = 0; d < cells[p]->driven().size(); ++d)
        std::copy_n(
            cells[p]->own_value(d), cells[p]->lanes(),
            worker.rows[p].driven.data() + (u * cells[p]->driven().size() + d) * cells[p]->lanes());
    }
  }
  for (std::size_t p = 0; p < cells.size(); ++p) {
    FiredLists& fires = lists[static_cast<std::size_t>(tile)][p];
    fires.clear();
    if (!cells[p] && !out_of[p].empty())
      for (std::int64_t n = 0; n < steps; ++n)
        for (std::size_t u = 0; u < count; ++u)
          fires.add(spikes[p], n, first + static_cast<std::int64_t>(u));
  }
  for (std::int64_t n = 0; n < steps; ++n)
    for (const std::uint32_t p : order) {
      if (!cells[p]) continue;
      for (std::size_t u = 0; u < count; ++u) step(worker, p, u, first, count, n);
      if (out_of[p].empty()) continue;
      for (std::size_t u = 0; u < count; ++u)
        lists[static_cast<std::size_t>(tile)][p].add(spikes[p], n,
                                                     first + static_cast<std::int64_t>(u));
    }
  for (std::size_t p = 0; p < cells.size(); ++p)
    if (cells[p])
      std::copy_n(worker.rows[p].states.data(),
                  count * cells[p]->states().size() * cells[p]->lanes(),
                  end[p].data() + static_cast<std::size_t>(first) * cells[p]->states().size() *
                                      cells[p]->lanes());
  for (std::size_t p = 0; p < cells.size() && worker.not_finite_sample < 0; ++p) {
    if (!cells[p]) continue;
    const auto& states = cells[p]->states();
    for (std::size_t row = 0; row < count * states.size(); ++row) {
      const T* x = worker.rows[p].states.data() + row * cells[p]->lanes();
      if (std::all_of(x, x + cells[p]->size(), [](T v) { return std::isfinite(v); })) continue;
      worker.not_finite = "state '" + states[row % states.size()] + "' of population '" +
                          network.populations()[p].name + "'";
      worker.not_finite_sample = first + static_cast<std::int64_t>(row / states.size());
      break;
    }
  }
}

template <class T>
void Unroll<T>::Impl::step(Worker& worker, std::uint32_t p, std::size_t u, std::int64_t first,
                           std::size_t count, std::int64_t n) {
  const Cell<T>& cell = *cells[p];
  const std::int64_t sample = first + static_cast<std::int64_t>(u);
  if (kept) fetch_tape_row(p, n, first, count, u);
  CellRows<T>& rows = worker.rows[p];
  const std::size_t lanes = cell.lanes(), inputs = into[p].size();
  for (std::size_t i = 0; i < inputs; ++i)
    for (const std::uint32_t k : into[p][i]) {
      const Piece<T>& piece = pieces[k];
      if (piece.empty()) continue;
      const auto ids = fired(worker, piece, n - piece.delay(), first, count, u);
      piece.add_rows(cell.arrivals(rows, 0, i, tile_size, u), ids.data(), ids.size());
    }
  drive(worker, p, u, sample, n);
  T* kept_row = nullptr;
  if (kept && cell.kept() > 0) kept_row = tape_row(p, n, first, count, u);
  const std::int64_t now = began.step + n;
  cell.step(rows, u, tile_size, sample, now, network.grid().ms(now), kept_row,
            spikes[p].row(n, sample));
  for (Record& r : records)
    if (r.population == p)
      std::copy_n(rows.states.data() + (u * cell.states().size() + r.state) * lanes, cell.size(),
                  r.values.data() + static_cast<std::size_t>(n * batch + sample) * cell.size());
}

template class Unroll<float>;
template class Unroll<double>;

}  // namespace callosum::learn
