#include <algorithm>
#include <atomic>

#include "callosum/core/error.h"
#include "callosum/learn/unroll_state.h"

// The reverse pass: the forward pass's steps from the last to the first, populations in reverse
// order, every product transposed.
namespace callosum::learn {
namespace {

/// Where fewer spikes than this share have a derivative, only those get their product.
constexpr double most_active = 0.25;

// a += b, numbers [begin, end).
template <class T>
void add(T* a, const T* b, std::size_t begin, std::size_t end) {
  for (std::size_t k = begin; k < end; ++k) a[k] += b[k];
}

}  // namespace

template <class T>
void Unroll<T>::Impl::take_cotangents(const Cotangents& given) {
  std::vector<std::span<const T>> by_step(cells.size()), by_count(cells.size());
  for (const auto& [name, values] : given.spikes) {
    const std::uint32_t p = population(name, "no population of this name fires");
    check_shape("derivative by the spikes of '" + name + "'", values.size(), steps * batch,
                network.populations()[p].size);
    by_step[p] = values;
  }
  for (const auto& [name, values] : given.counts) {
    const std::uint32_t p = population(name, "no population of this name fires");
    check_shape("derivative by the spike counts of '" + name + "'", values.size(), batch,
                network.populations()[p].size);
    by_count[p] = values;
  }
  for (const auto& [name, values] : given.recorded) {
    const auto r = std::find_if(records.begin(), records.end(),
                                [&](const Record& x) { return x.name == name; });
    if (r == records.end())
      throw NameError({.where = "cotangents of the unroll",
                       .what = "this state is not recorded",
                       .got = name,
                       .nearest = nearest_name(name, options.record)});
    check_shape("derivative by '" + name + "'", values.size(), steps * batch,
                network.populations()[r->population].size);
  }
  spike_cotangents = std::move(by_step);
  count_cotangents = std::move(by_count);
  for (Record& r : records) {
    const auto found = given.recorded.find(r.name);
    r.cotangent = found == given.recorded.end() ? std::span<const T>() : found->second;
  }
}

template <class T>
void Unroll<T>::backward(const Cotangents& cotangents) {
  Impl& self = *impl_;
  if (!self.kept)
    throw ValueError({.where = "unroll",
                      .what = "there is no forward pass to reverse",
                      .expected = "forward(..., keep = true) before backward"});
  self.take_cotangents(cotangents);
  const auto rows = static_cast<std::size_t>(self.steps * self.batch);
  if (self.options.input_gradients) {
    self.spike_gradients.resize(self.cells.size());
    for (std::size_t p = 0; p < self.cells.size(); ++p)
      if (!self.cells[p]) self.spike_gradients[p].resize(rows * self.network.populations()[p].size);
    for (typename Impl::Current& c : self.currents)
      c.gradient.resize(rows * self.network.populations()[c.population].size);
  }
  const std::int64_t tiles = (self.batch + tile_size - 1) / tile_size;
  const std::int64_t chunks = std::min(tiles, most_chunks);
  self.chunks.resize(static_cast<std::size_t>(chunks));
  std::atomic<std::int64_t> next = 0;
  self.team.run([&](int t) {
    typename Impl::Worker& worker = self.workers[static_cast<std::size_t>(t)];
    for (std::int64_t c = next++; c < chunks; c = next++) {
      typename Impl::Chunk& chunk = self.chunks[static_cast<std::size_t>(c)];
      const auto clear = [](sim::Aligned<T>& memory, std::size_t size) {
        if (memory.size() != size)
          memory = sim::Aligned<T>(size);
        else
          std::fill_n(memory.data(), size, T{0});
      };
      clear(chunk.weights, self.gradient_size);
      chunk.sums.resize(self.cells.size());
      chunk.initial.resize(self.cells.size());
      for (std::size_t p = 0; p < self.cells.size(); ++p) {
        if (!self.cells[p]) continue;
        clear(chunk.sums[p], self.cells[p]->summed().size() * self.cells[p]->lanes());
        clear(chunk.initial[p], self.cells[p]->states().size() * self.cells[p]->lanes());
      }
      for (std::int64_t k = tiles * c / chunks; k < tiles * (c + 1) / chunks; ++k)
        self.backward_tile(worker, chunk, k);
    }
  });
  self.reduce();
}

template <class T>
void Unroll<T>::Impl::backward_tile(Worker& worker, Chunk& chunk, std::int64_t tile) {
  const std::int64_t first = tile * tile_size;
  const auto count = static_cast<std::size_t>(std::min(tile_size, batch - first));
  for (std::size_t p = 0; p < cells.size(); ++p)
    std::fill_n(worker.rows[p].bars.data(), worker.rows[p].bars.size(), T{0});
  for (std::int64_t n = steps; n-- > 0;)
    for (auto p = order.rbegin(); p != order.rend(); ++p) {
      if (cells[*p]) {
        step_back(worker, chunk, *p, first, count, n);
        if (n % windows[*p] == 0)
          weight_gradients(worker, chunk, *p, first, count, n, std::min(n + windows[*p], steps));
      } else if (options.input_gradients) {
        const std::uint32_t units = network.populations()[*p].size;
        T* bars = worker.list_bars[*p].data();
        const std::size_t lanes = worker.list_bars[*p].size() / tile_size;
        gather_spike_bars(worker, *p, bars, lanes, first, count, n);
        for (std::size_t u = 0; u < count; ++u)
          std::copy_n(
              bars + u * lanes, units,
              spike_gradients[*p].data() +
                  static_cast<std::size_t>(n * batch + first + static_cast<std::int64_t>(u)) *
                      units);
      }
    }
  if (!began.states.empty()) return;  // a state that was carried over passes no gradient
  for (std::size_t p = 0; p < cells.size(); ++p) {
    if (!cells[p]) continue;
    const std::size_t size = chunk.initial[p].size();
    for (std::size_t u = 0; u < count; ++u)
      add(chunk.initial[p].data(), worker.rows[p].bars.data() + u * size, 0, size);
  }
}

// Where the derivative of a spike is zero in most places, which they are not; else false.
template <class T>
bool Unroll<T>::Impl::find_active(Worker& worker, std::uint32_t p, std::int64_t first,
                                  std::size_t count, std::int64_t n) {
  if (!cells[p] || !cells[p]->compact()) return false;
  const std::size_t words = cells[p]->lanes() / 64;
  worker.active.resize(tile_size * words);
  std::size_t active = 0;
  for (std::size_t u = 0; u < count; ++u) {
    std::uint64_t* mask = worker.active.data() + u * words;
    cells[p]->find_active(worker.rows[p], u, network.grid().ms(began.step + n),
                          tape_row(p, n, first, count, u), mask);
    for (std::size_t w = 0; w < words; ++w)
      active += static_cast<std::size_t>(std::popcount(mask[w]));
  }
  return active < most_active * static_cast<double>(count * cells[p]->size());
}

// The derivative with respect to the spikes of step n: the loss's own, and what their arrivals do.
template <class T>
void Unroll<T>::Impl::gather_spike_bars(Worker& worker, std::uint32_t p, T* bars, std::size_t lanes,
                                        std::int64_t first, std::size_t count, std::int64_t n) {
  const std::uint32_t units = network.populations()[p].size;
  std::fill_n(bars, count * lanes, T{0});
  for (std::size_t u = 0; u < count; ++u) {
    const std::int64_t sample = first + static_cast<std::int64_t>(u);
    if (!spike_cotangents[p].empty())
      std::copy_n(row_of(spike_cotangents[p], n, sample, units).data(), units, bars + u * lanes);
    if (!count_cotangents[p].empty())
      add(bars + u * lanes, count_cotangents[p].data() + static_cast<std::size_t>(sample) * units,
          0, units);
  }
  const bool compact = find_active(worker, p, first, count, n);
  for (const std::uint32_t k : out_of[p]) {
    const Piece<T>& piece = pieces[k];
    const std::int64_t arrived = n + piece.delay();
    if (arrived >= steps || piece.empty()) continue;
    const std::uint32_t q = piece.target();
    const std::size_t slot = static_cast<std::size_t>(arrived) % slots[q];
    const T* g = worker.rows[q].arrivals.data() +
                 (slot * into[q].size() + input_of[k]) * tile_size * cells[q]->lanes();
    if (!compact) {
      piece.add_back(bars, lanes, g, cells[q]->lanes(), count, worker.scratch.data());
      continue;
    }
    for (std::size_t u = 0; u < count; ++u) {
      std::size_t active = 0;
      const std::size_t words = lanes / 64;
      for (std::size_t w = 0; w < words; ++w)
        for (std::uint64_t left = worker.active[u * words + w]; left != 0; left &= left - 1)
          worker.ids[active++] = static_cast<std::uint32_t>(64 * w) +
                                 static_cast<std::uint32_t>(std::countr_zero(left));
      piece.add_back_to(bars + u * lanes, g + u * cells[q]->lanes(), worker.ids.data(), active,
                        worker.positions.data());
    }
  }
}

template <class T>
void Unroll<T>::Impl::step_back(Worker& worker, Chunk& chunk, std::uint32_t p, std::int64_t first,
                                std::size_t count, std::int64_t n) {
  const Cell<T>& cell = *cells[p];
  CellRows<T>& rows = worker.rows[p];
  const std::size_t lanes = cell.lanes();
  for (std::size_t u = 0; u < count; ++u) fetch_tape_row(p, n, first, count, u);
  if (cell.fires()) gather_spike_bars(worker, p, rows.spike_bars.data(), lanes, first, count, n);
  for (std::size_t u = 0; u < count; ++u) {
    const std::int64_t sample = first + static_cast<std::int64_t>(u);
    for (const Record& r : records)
      if (r.population == p && !r.cotangent.empty())
        add(rows.bars.data() + (u * cell.states().size() + r.state) * lanes,
            row_of(r.cotangent, n, sample, cell.size()).data(), 0, cell.size());
    cell.step_back(rows, u, static_cast<std::size_t>(n) % slots[p], tile_size,
                   network.grid().ms(began.step + n), tape_row(p, n, first, count, u),
                   chunk.sums[p].data());
    if (!options.input_gradients) continue;
    for (Current& c : currents)
      if (c.population == p)
        std::copy_n(rows.driven_bars.data() + (u * cell.driven().size() + c.driven) * lanes,
                    cell.size(),
                    c.gradient.data() + static_cast<std::size_t>(n * batch + sample) * cell.size());
  }
}

// What the spikes that arrived in steps [begin, end) give their weights. Spikes are sorted by
// source first: then each row of a matrix's gradient is fetched once.
template <class T>
void Unroll<T>::Impl::weight_gradients(Worker& worker, Chunk& chunk, std::uint32_t p,
                                       std::int64_t first, std::size_t count, std::int64_t begin,
                                       std::int64_t end) {
  const std::size_t lanes = cells[p]->lanes(), inputs = into[p].size();
  const T* bars = worker.rows[p].arrivals.data();
  const auto row = [&](std::int64_t n, std::size_t input, std::size_t u) {
    return (static_cast<std::size_t>(n) % slots[p] * inputs + input) * tile_size + u;
  };
  for (std::size_t i = 0; i < inputs; ++i)
    for (const std::uint32_t k : into[p][i]) {
      const Piece<T>& piece = pieces[k];
      if (!piece_trained[k] || piece.empty()) continue;
      T* gradient = chunk.weights.data() + gradient_at[k];
      const auto each = [&](auto&& work) {
        for (std::int64_t n = begin; n < end; ++n)
          for (std::size_t u = 0; u < count; ++u)
            work(fired(worker, piece, n - piece.delay(), first, count, u), row(n, i, u));
      };
      if (!piece.dense()) {
        each([&](std::span<const std::uint32_t> ids, std::size_t at) {
          piece.add_gradient(gradient, ids.data(), ids.size(), bars + at * lanes);
        });
        continue;
      }
      auto& places = worker.places;
      places.assign(piece.sources() + 1, 0);
      const auto seen = [&](std::span<const std::uint32_t> ids, std::size_t) {
        for (const std::uint32_t id : ids) ++places[id + 1];
      };
      if (piece.whole() && begin >= piece.delay())
        seen(lists[static_cast<std::size_t>(first / tile_size)][piece.source()].rows(
                 static_cast<std::size_t>(begin - piece.delay()) * count,
                 static_cast<std::size_t>(end - piece.delay()) * count),
             0);
      else
        each(seen);
      for (std::uint32_t s = 0; s < piece.sources(); ++s) places[s + 1] += places[s];
      worker.sorted.resize(places.back());
      each([&](std::span<const std::uint32_t> ids, std::size_t at) {
        for (const std::uint32_t id : ids)
          worker.sorted[places[id]++] = static_cast<std::uint32_t>(at);
      });
      for (std::size_t column = 0; column < lanes; column += column_lanes) {
        std::uint32_t from = 0;  // places[s] is the end of source s now
        for (std::uint32_t s = 0; s < piece.sources(); from = places[s++])
          if (places[s] > from)
            row_kernels<T>().add_rows(gradient + s * lanes + column, worker.sorted.data() + from,
                                      places[s] - from, bars + column, lanes,
                                      std::min(column_lanes, lanes - column));
      }
    }
}

// Sums over chunks in a tree that depends on their number alone; then gradients in the user's
// order.
template <class T>
void Unroll<T>::Impl::reduce() {
  const auto threads = static_cast<std::size_t>(team.size());
  team.run([&](int t) {
    const std::size_t size = gradient_size;
    const auto edge = [&](std::size_t k) { return size * k / threads; };
    const std::size_t begin = edge(static_cast<std::size_t>(t));
    const std::size_t end = edge(static_cast<std::size_t>(t) + 1);
    for (std::size_t width = 1; width < chunks.size(); width *= 2)
      for (std::size_t c = 0; c + width < chunks.size(); c += 2 * width)
        add(chunks[c].weights.data(), chunks[c + width].weights.data(), begin, end);
  });
  for (std::size_t p = 0; p < cells.size(); ++p)
    for (std::size_t width = 1; width < chunks.size(); width *= 2)
      for (std::size_t c = 0; c + width < chunks.size(); c += 2 * width) {
        add(chunks[c].sums[p].data(), chunks[c + width].sums[p].data(), 0,
            chunks[c].sums[p].size());
        add(chunks[c].initial[p].data(), chunks[c + width].initial[p].data(), 0,
            chunks[c].initial[p].size());
      }
  std::map<std::uint32_t, std::map<std::string, std::vector<double>>> by_cell;
  for (Trained& t : trained) {
    if (t.kind != Trained::Kind::parameter && learned_delays(t.object)) {
      std::vector<T> other;
      const bool delays = t.kind == Trained::Kind::delays;
      reduce_taps(*learned_delays(t.object), delays ? other : t.gradient,
                  delays ? t.gradient : other);
      continue;
    }
    if (t.kind == Trained::Kind::weights) {
      t.gradient.resize(weights[t.object].size());
      for (std::size_t k = 0; k < pieces.size(); ++k)
        if (pieces[k].projection() == t.object)
          pieces[k].read_gradient(chunks[0].weights.data() + gradient_at[k], t.gradient);
      continue;
    }
    auto& gradients = by_cell[t.object];
    if (gradients.empty())
      gradients = cells[t.object]->parameter_gradients(chunks[0].sums[t.object].data(),
                                                       chunks[0].initial[t.object].data());
    const auto& g = gradients.at(t.parameter);
    t.gradient.assign(g.begin(), g.end());
  }
}

template class Unroll<float>;
template class Unroll<double>;

}  // namespace callosum::learn
