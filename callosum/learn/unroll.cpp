#include "callosum/learn/unroll.h"

#include <algorithm>
#include <cmath>

#include "callosum/core/error.h"
#include "callosum/learn/unroll_state.h"
#include "callosum/network/connectivity.h"
#include "callosum/sim/synaptic_states.h"
#include "callosum/sim/wiring.h"

// Building an unroll: cells, pieces, names.
namespace callosum::learn {
namespace {

[[noreturn]] void refuse(std::string where, std::string what, std::string got,
                         std::string expected) {
  throw UnsupportedError({.where = std::move(where),
                          .what = std::move(what),
                          .got = std::move(got),
                          .expected = std::move(expected)});
}

template <class T>
T root_mean_square(const std::vector<T>& x) {
  double sum = 0;
  for (const T v : x) sum += static_cast<double>(v) * static_cast<double>(v);
  return x.empty() ? T{0} : static_cast<T>(std::sqrt(sum / static_cast<double>(x.size())));
}

}  // namespace

void unknown(std::string what, std::string_view got, const std::vector<std::string>& names) {
  throw NameError({.where = "unroll",
                   .what = std::move(what),
                   .got = std::string(got),
                   .nearest = nearest_name(got, names)});
}

template <class T>
Unroll<T>::Impl::Impl(Network n, UnrollOptions o)
    : network(std::move(n)), options(std::move(o)), team(options.threads) {
  check_static();
  find_feedback();
  find_learned_delays();
  find_trained();
  make_cells();
  make_pieces();
  find_records();
  find_drawn();
  make_workers();
}

template <class T>
void Unroll<T>::Impl::check_static() const {
  const std::string takes = "a network whose spikes add a weight";
  for (std::uint32_t id = 0; id < network.projections().size(); ++id) {
    const Projection& p = network.projections()[id];
    const std::string where = "projection '" + p.name + "'";
    if (!p.synapse.source_variable.empty())
      refuse(where, "a continuous projection cannot be unrolled yet", p.synapse.source_variable,
             takes);
    if (!p.synapse.model) continue;
    const model::Model& synapse = *p.synapse.model;
    if (!synapse.on_post().empty())
      refuse(where, "a plastic synapse has no adjoint here", "'" + synapse.name() + "'", takes);
    if (sim::has_synaptic_states(p))
      refuse(where, "a synapse with equations of its own cannot be unrolled yet",
             "'" + synapse.name() + "'", takes);
    if (!sim::compile_on_pre(network, id).plain)
      refuse(where, "an on_pre other than `target += weight` cannot be unrolled yet",
             "'" + synapse.name() + "'", takes);
  }
}

template <class T>
std::uint32_t Unroll<T>::Impl::population(std::string_view name, const char* what) const {
  std::vector<std::string> names;
  for (std::uint32_t p = 0; p < network.populations().size(); ++p) {
    if (network.populations()[p].name == name) return p;
    names.push_back(network.populations()[p].name);
  }
  unknown(what, name, names);
}

template <class T>
std::pair<std::uint32_t, std::string> Unroll<T>::Impl::variable(std::string_view name,
                                                                const char* what) const {
  const std::size_t dot = name.rfind('.');
  if (dot == std::string_view::npos)
    throw NameError({.where = "unroll",
                     .what = what,
                     .got = std::string(name),
                     .expected = "\"population.variable\""});
  const std::uint32_t p = population(name.substr(0, dot), what);
  return {p, network.populations()[p].model.at(name.substr(dot + 1)).name};
}

template <class T>
void Unroll<T>::Impl::find_trained() {
  const auto& projections = network.projections();
  if (!options.trained) {
    for (std::uint32_t p = 0; p < projections.size(); ++p)
      trained.push_back({projections[p].name, Trained::Kind::weights, p});
  } else {
    for (const std::string& name : *options.trained) {
      const auto found = std::find_if(projections.begin(), projections.end(),
                                      [&](const Projection& p) { return p.name == name; });
      if (found != projections.end()) {
        trained.push_back({name, Trained::Kind::weights,
                           static_cast<std::uint32_t>(found - projections.begin())});
        continue;
      }
      if (const LearnedDelays* delays = learned_delays(name)) {
        trained.push_back({name, Trained::Kind::delays, delays->projection});
        continue;
      }
      if (name.ends_with(".delay"))
        for (const Projection& p : projections)
          if (name == p.name + ".delay")
            throw ValueError({.where = "unroll",
                              .what = "delays are trained within a range, and none is given",
                              .got = name,
                              .expected = "UnrollOptions::delays[\"" + p.name + "\"]"});
      if (name.find('.') == std::string::npos) {
        std::vector<std::string> names;
        for (const Projection& p : projections) names.push_back(p.name);
        unknown("no projection or parameter of this name can be trained", name, names);
      }
      const auto [p, parameter] = variable(name, "no parameter of this name can be trained");
      if (network.populations()[p].model.at(parameter).kind != model::VariableKind::parameter)
        refuse("population '" + network.populations()[p].name + "'",
               "only parameters and weights are trained", parameter, "a parameter");
      trained.push_back({name, Trained::Kind::parameter, p, parameter});
    }
  }
  for (std::size_t k = 0; k < trained.size(); ++k) {
    for (std::size_t j = 0; j < k; ++j)
      if (trained[j].name == trained[k].name)
        throw NameError({.where = "unroll", .what = "named twice", .got = trained[k].name});
    trained_names.push_back(trained[k].name);
  }
}

template <class T>
void Unroll<T>::Impl::make_cells() {
  auto needs = sim::find_needs(network, sim::compile_all_on_pre(network));
  std::vector<CellOptions> of(network.populations().size());
  for (std::size_t p = 0; p < of.size(); ++p) {
    const auto own = options.surrogates.find(network.populations()[p].name);
    of[p] = {.adjoint = own == options.surrogates.end() ? options.surrogate : own->second,
             .kernel = options.kernel,
             .seed = options.seed};
  }
  for (const auto& [name, surrogate] : options.surrogates)
    population(name, "no population of this name has spikes to differentiate");
  for (const Trained& t : trained)
    if (t.kind == Trained::Kind::parameter) of[t.object].trained.insert(t.parameter);
  std::vector<std::pair<std::uint32_t, std::string>> driven;
  for (const std::string& name : options.currents) {
    const auto [p, parameter] = variable(name, "no parameter of this name can receive a current");
    if (network.populations()[p].model.at(parameter).kind != model::VariableKind::parameter)
      refuse("population '" + network.populations()[p].name + "'", "a current goes to a parameter",
             parameter, "a parameter that the equations read");
    needs[p].driven.insert(parameter);
    if (options.input_gradients) of[p].driven_gradients.insert(parameter);
    driven.emplace_back(p, parameter);
  }
  for (std::uint32_t p = 0; p < of.size(); ++p) {
    const model::Model& m = network.populations()[p].model;
    const bool list = m.events().empty() && m.variables().empty();
    cells.push_back(list ? nullptr : std::make_unique<Cell<T>>(network, p, needs[p], of[p]));
  }
  for (std::size_t k = 0; k < driven.size(); ++k) {
    const auto& names = cells[driven[k].first]->driven();
    const auto at = std::find(names.begin(), names.end(), driven[k].second);
    if (at == names.end())
      refuse("population '" + network.populations()[driven[k].first].name + "'",
             "the step does not read this parameter", driven[k].second,
             "a parameter that the equations read");
    currents.push_back(
        {options.currents[k], driven[k].first, static_cast<std::size_t>(at - names.begin())});
  }
}

template <class T>
void Unroll<T>::Impl::make_pieces() {
  const std::size_t populations = network.populations().size();
  const auto on_pre = sim::compile_all_on_pre(network);
  into.resize(populations);
  out_of.resize(populations);
  slots.assign(populations, 1);
  for (std::size_t p = 0; p < populations; ++p)
    if (cells[p]) into[p].resize(cells[p]->inputs().size());
  std::vector<std::uint32_t> least;
  for (std::uint32_t id = 0; id < network.projections().size(); ++id) {
    const Connectivity connectivity(network, id, options.seed);
    least.push_back(connectivity.minimum_delay());
    std::map<std::uint32_t, std::vector<typename Piece<T>::Synapse>> by_delay;
    std::vector<BlockSynapses> blocks(connectivity.blocks());
    for (std::uint32_t b = 0; b < blocks.size(); ++b) connectivity.draw(b, blocks[b]);
    std::vector<T>& all = weights.emplace_back();
    Back& of = back.emplace_back();
    for (std::uint32_t s = 0; s < connectivity.sources(); ++s)
      for (std::uint32_t b = 0; b < blocks.size(); ++b) {
        const BlockSynapses& d = blocks[b];
        for (std::uint32_t k = d.row_offsets[s]; k < d.row_offsets[s + 1]; ++k) {
          const std::uint32_t delay = d.delays.empty() ? connectivity.delay() : d.delays[k];
          by_delay[delay].push_back({s, b * block_size + d.targets[k], all.size()});
          all.push_back(static_cast<T>(d.weights.empty() ? connectivity.weight() : d.weights[k]));
        }
      }
    if (const auto chosen = options.feedback.find(network.projections()[id].name);
        chosen != options.feedback.end())
      of = {chosen->second, root_mean_square(all)};
    const std::uint32_t to = network.projections()[id].to.population;
    const auto& inputs = cells[to]->inputs();
    const auto input = static_cast<std::uint32_t>(
        std::find(inputs.begin(), inputs.end(), on_pre[id].targets.front()) - inputs.begin());
    const bool wanted = std::any_of(trained.begin(), trained.end(), [&](const Trained& t) {
      return t.kind != Trained::Kind::parameter && t.object == id;
    });
    if (LearnedDelays* delays = learned_delays(id)) {
      std::vector<T> ms(all.size());
      for (const auto& [delay, synapses] : by_delay)
        for (const auto& s : synapses) ms[s.index] = static_cast<T>(network.grid().ms(delay));
      for (auto& [delay, synapses] : by_delay)
        delays->synapses.insert(delays->synapses.end(), synapses.begin(), synapses.end());
      std::sort(delays->synapses.begin(), delays->synapses.end(),
                [](const auto& a, const auto& b) { return a.index < b.index; });
      take_delays(*delays, std::move(ms));
      delays->first_piece = pieces.size();
      least.back() = delays->low;
      by_delay.clear();  // taps come when they are needed
      for (std::uint32_t d = delays->low; d <= delays->high; ++d) by_delay[d];
    }
    for (const auto& [delay, synapses] : by_delay) {
      const auto k = static_cast<std::uint32_t>(pieces.size());
      pieces.emplace_back(network, id, delay, synapses);
      pieces.back().set(all, weights_back(id));
      into[to][input].push_back(k);
      out_of[network.projections()[id].from.population].push_back(k);
      input_of.push_back(input);
      piece_trained.push_back(wanted);
      slots[to] = std::max(slots[to], std::size_t{delay} + 1);
      longest_delay = std::max(longest_delay, std::int64_t{delay});
    }
  }
  place_gradients();
  for (std::size_t p = 0; p < populations; ++p) {
    const std::size_t lanes = cells[p] ? cells[p]->lanes() : 1;
    const std::size_t of_lane = std::max<std::size_t>(into[p].size(), 1) * tile_size * sizeof(T);
    const std::size_t steps = std::min(window_bytes / (of_lane * std::min(lanes, column_lanes)),
                                       most_window_bytes / (of_lane * lanes));
    windows.push_back(std::clamp<std::int64_t>(static_cast<std::int64_t>(steps), 1, 64));
    slots[p] = std::max(slots[p], static_cast<std::size_t>(windows[p]));
  }
  // Terms enter an accumulator in ascending (emission step, projection).
  for (auto& inputs : into)
    for (auto& list : inputs)
      std::stable_sort(list.begin(), list.end(), [&](std::uint32_t a, std::uint32_t b) {
        return pieces[a].delay() > pieces[b].delay();
      });
  for (const auto& level : sim::update_levels(network, least))
    order.insert(order.end(), level.begin(), level.end());
}

// Rows of every piece stand on a 64-byte boundary.
template <class T>
void Unroll<T>::Impl::place_gradients() {
  gradient_at.clear();
  gradient_size = 0;
  for (std::size_t k = 0; k < pieces.size(); ++k) {
    gradient_at.push_back(gradient_size);
    if (piece_trained[k]) gradient_size += (pieces[k].gradient_size() + 15) / 16 * 16;
  }
}

template <class T>
void Unroll<T>::Impl::find_records() {
  for (const std::string& name : options.record) {
    const auto [p, state] = variable(name, "no state of this name can be recorded");
    const std::vector<std::string> none;
    const auto& states = cells[p] ? cells[p]->states() : none;
    const auto at = std::find(states.begin(), states.end(), state);
    if (at == states.end())
      refuse("population '" + network.populations()[p].name + "'", "only states are given out",
             state, "a variable with an equation");
    records.push_back({name, p, static_cast<std::size_t>(at - states.begin()), {}});
  }
}

template <class T>
void Unroll<T>::Impl::make_workers() {
  workers.clear();
  std::size_t scratch = 0;
  std::uint32_t largest = 0;
  for (const Piece<T>& piece : pieces) scratch = std::max(scratch, piece.scratch_size());
  for (const Population& p : network.populations()) largest = std::max(largest, p.size);
  for (int t = 0; t < options.threads; ++t) {
    Worker& w = workers.emplace_back();
    for (std::size_t p = 0; p < cells.size(); ++p) {
      w.rows.push_back(cells[p] ? cells[p]->rows(tile_size, slots[p]) : CellRows<T>());
      const auto lanes = static_cast<std::size_t>(sim::padded_lanes(network.populations()[p].size));
      w.list_bars.push_back(cells[p] ? sim::Aligned<T>() : sim::Aligned<T>(tile_size * lanes));
    }
    w.ids.resize(largest);
    w.positions.resize(largest);
    w.scratch = sim::Aligned<T>(tile_size * scratch);
  }
}

template <class T>
void Unroll<T>::Impl::check_shape(std::string_view what, std::size_t got, std::int64_t rows,
                                  std::uint32_t units) const {
  const std::size_t expected = static_cast<std::size_t>(rows) * units;
  if (got == expected) return;
  throw ShapeError({.where = std::string(what),
                    .what = "the array does not fit",
                    .got = std::to_string(got) + " numbers",
                    .expected = std::to_string(rows) + " rows of " + std::to_string(units)});
}

template <class T>
Unroll<T>::Unroll(Network network, UnrollOptions options)
    : impl_(std::make_unique<Impl>(std::move(network), std::move(options))) {}
template <class T>
Unroll<T>::~Unroll() = default;
template <class T>
Unroll<T>::Unroll(Unroll&&) noexcept = default;

template <class T>
std::int64_t Unroll<T>::steps() const {
  return impl_->steps;
}
template <class T>
std::int64_t Unroll<T>::batch() const {
  return impl_->batch;
}

template <class T>
const SpikeBits& Unroll<T>::spikes(std::string_view population) const {
  static const SpikeBits none;
  const auto p = impl_->population(population, "no population of this name");
  return impl_->spikes.empty() ? none : impl_->spikes[p];
}

template <class T>
std::span<const T> Unroll<T>::recorded(std::string_view name) const {
  for (const auto& r : impl_->records)
    if (r.name == name)
      return {r.values.data(), static_cast<std::size_t>(impl_->steps * impl_->batch) *
                                   impl_->network.populations()[r.population].size};
  unknown("this state is not recorded", name, impl_->options.record);
}

template <class T>
std::size_t Unroll<T>::bytes() const {
  std::size_t n = 0;
  for (const auto& p : impl_->pieces) n += p.bytes();
  for (const auto& t : impl_->tape) n += t.size() * sizeof(T);
  for (const auto& s : impl_->spikes) n += s.bytes();
  for (const auto& r : impl_->records) n += r.values.size() * sizeof(T);
  for (const auto& c : impl_->chunks) n += c.weights.size() * sizeof(T);
  for (const auto& w : impl_->workers)
    for (const auto& r : w.rows)
      n += (r.states.size() + r.arrivals.size() + r.driven.size() + r.bars.size()) * sizeof(T);
  return n;
}

template class Unroll<float>;
template class Unroll<double>;

}  // namespace callosum::learn
