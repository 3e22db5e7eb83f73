#include "callosum/learn/torch/plain_path.h"

#include <ATen/ATen.h>

#include <algorithm>

#include "callosum/core/error.h"
#include "callosum/learn/cell.h"
#include "callosum/learn/torch/index_tensor.h"
#include "callosum/network/connectivity.h"
#include "callosum/sim/stimulus.h"
#include "callosum/sim/wiring.h"

namespace callosum::learn {
namespace {

using model::Slot;
using model::SlotKind;

std::string inside(const std::string& slot) {
  const std::size_t open = slot.find('(');
  return slot.substr(open + 1, slot.size() - open - 2);
}

at::Tensor tensor(const std::vector<double>& values, at::ScalarType type) {
  const at::Tensor t = at::empty({static_cast<std::int64_t>(values.size())}, at::kDouble);
  std::copy(values.begin(), values.end(), t.data_ptr<double>());
  return (values.size() == 1 ? t.reshape({}) : t).to(type);
}

}  // namespace

struct PlainPath::Impl {
  struct Cell {
    model::StepProgram program;
    model::Program initial;  ///< initial values that are expressions
    std::map<std::string, std::vector<double>> parameters, states;
  };
  struct Piece {
    std::uint32_t delay;
    at::Tensor sources, targets, index;
  };
  struct Wires {
    at::Tensor weights;  ///< [synapse]
    std::string target;
    std::vector<Piece> pieces;
    /// Where delays are learned: one piece, whose delay is without meaning, and these.
    std::optional<DelayOptions> learned = {};
    at::Tensor delays = {};  ///< ms, [synapse]
  };

  Impl(Network n, Options o) : network(std::move(n)), options(std::move(o)) {
    const auto on_pre = sim::compile_all_on_pre(network);
    auto needs = sim::find_needs(network, on_pre);
    for (const std::string& name : options.currents) {
      const std::size_t dot = name.rfind('.');
      const std::uint32_t p = network.population(name.substr(0, dot)).population;
      needs[p].driven.insert(network.populations()[p].model.at(name.substr(dot + 1)).name);
    }
    for (std::uint32_t p = 0; p < network.populations().size(); ++p) {
      const Population& population = network.populations()[p];
      auto& cell = cells.emplace_back();
      if (population.model.events().empty() && population.model.variables().empty()) continue;
      cell = std::make_unique<Cell>();
      const sim::PopulationState<double> state(network, p, needs[p], options.seed, {});
      for (const model::Variable& v : population.model.variables())
        if (v.kind == model::VariableKind::parameter)
          cell->parameters[v.name] = state.parameter(v.name);
      for (const char* name : {"dt", "N", "i"}) cell->parameters[name] = state.parameter(name);
      cell->program = model::compile_step(population.model, state.step_options());
      cell->initial = initial_program(population, cell->parameters);
      for (const auto& [name, column] : state.states())
        cell->states[name].assign(column, column + population.size);
    }
    std::vector<std::uint32_t> least;
    for (std::uint32_t id = 0; id < network.projections().size(); ++id) {
      const Connectivity connectivity(network, id, options.seed);
      least.push_back(connectivity.minimum_delay());
      struct Lists {
        std::vector<std::int64_t> sources, targets, index;
      };
      std::map<std::uint32_t, Lists> by_delay;
      std::vector<double> all;
      std::vector<BlockSynapses> blocks(connectivity.blocks());
      for (std::uint32_t b = 0; b < blocks.size(); ++b) connectivity.draw(b, blocks[b]);
      const View& from = network.projections()[id].from;
      for (std::uint32_t s = 0; s < connectivity.sources(); ++s)
        for (std::uint32_t b = 0; b < blocks.size(); ++b) {
          const BlockSynapses& d = blocks[b];
          for (std::uint32_t k = d.row_offsets[s]; k < d.row_offsets[s + 1]; ++k) {
            Lists& l = by_delay[d.delays.empty() ? connectivity.delay() : d.delays[k]];
            l.sources.push_back(from.index(s));
            l.targets.push_back(b * block_size + d.targets[k]);
            l.index.push_back(static_cast<std::int64_t>(all.size()));
            all.push_back(d.weights.empty() ? connectivity.weight() : d.weights[k]);
          }
        }
      Wires& w = wires.emplace_back();
      w.weights = tensor(all, options.type).reshape({-1});
      w.target = on_pre[id].targets.front();
      const auto learned = options.delays.find(network.projections()[id].name);
      if (learned != options.delays.end()) {
        w.learned = learned->second;
        if (w.learned->minimum_ms == 0) w.learned->minimum_ms = network.grid().dt_ms();
        std::vector<double> ms(all.size());
        for (const auto& [delay, l] : by_delay)
          for (const std::int64_t k : l.index)
            ms[static_cast<std::size_t>(k)] = network.grid().ms(delay);
        w.delays = tensor(ms, options.type).reshape({-1});
        longest = std::max(longest, static_cast<std::uint32_t>(std::lround(
                                        w.learned->maximum_ms / network.grid().dt_ms())));
        least.back() = 1;
      }
      for (const auto& [delay, l] : by_delay) {
        w.pieces.push_back(
            {delay, index_tensor(l.sources), index_tensor(l.targets), index_tensor(l.index)});
        longest = std::max(longest, delay);
      }
    }
    for (const auto& level : sim::update_levels(network, least))
      order.insert(order.end(), level.begin(), level.end());
    for (const Stimulus& s : network.stimuli())
      stimuli.emplace_back().emplace_back(network, s, options.seed);
  }

  const model::AdjointOptions& surrogate(std::uint32_t p) const {
    const auto own = options.surrogates.find(network.populations()[p].name);
    return own == options.surrogates.end() ? options.surrogate : own->second;
  }

  /// What of a spike arrives after each whole delay, [synapse], as delay_taps() says.
  std::map<std::uint32_t, at::Tensor> shares(const at::Tensor& delays_ms,
                                             const DelayOptions& range) const {
    const double dt = network.grid().dt_ms();
    const auto low = std::lround(range.minimum_ms / dt), high = std::lround(range.maximum_ms / dt);
    const at::Tensor d = delays_ms / dt, below = d.detach().floor().clamp(low, high - 1);
    std::map<std::uint32_t, at::Tensor> result;
    at::Tensor sum = at::zeros_like(d);
    for (auto j = low; j <= high; ++j) {
      at::Tensor& share = result[static_cast<std::uint32_t>(j)];
      if (low == high)
        share = at::ones_like(d);
      else if (range.width_ms == 0)
        share = at::where(below.eq(j), 1 - (d - below),
                          at::where(below.eq(j - 1), d - below, at::zeros_like(d)));
      else
        share = (-0.5 * ((j - d) / (range.width_ms / dt)).square()).exp();
      sum = sum + share;
    }
    for (auto& [delay, share] : result) share = share / sum;
    return result;
  }

  at::Tensor arrivals(const State& state, std::uint32_t p, const std::string& input) {
    at::Tensor sum = at::zeros({state.batch, network.populations()[p].size}, options.type);
    for (std::uint32_t id = 0; id < wires.size(); ++id) {
      const Projection& projection = network.projections()[id];
      if (projection.to.population != p || wires[id].target != input) continue;
      const auto& spikes = state.spikes[projection.from.population];
      for (const auto& [delay, weights] : state.weights[id]) {
        // What fired `delay` steps ago; sources without delay are updated before their targets.
        const bool now = ready[projection.from.population];
        const std::size_t back = delay + (now ? 1 : 0);
        if (back >= 1 && back <= spikes.size())
          sum = sum + spikes[spikes.size() - back].matmul(weights);
      }
    }
    for (std::size_t k = 0; k < stimuli.size(); ++k)
      if (stimuli[k][0].is_poisson() && reaches(k, state, p, input))
        sum = sum + stimulus_rows(k, state);
    return sum;
  }

  bool reaches(std::size_t k, const State& state, std::uint32_t p, const std::string& name) const {
    const Stimulus& s = network.stimuli()[k];
    return s.to.population == p && s.target == name && stimuli[k][0].active(state.step);
  }
  /// What a stimulus adds in this step, [unit], or [batch, unit] where it draws numbers.
  at::Tensor stimulus_rows(std::size_t k, const State& state) {
    const Stimulus& s = network.stimuli()[k];
    const std::uint32_t units = network.populations()[s.to.population].size;
    const bool draws = stimuli[k][0].draws();
    for (auto b = static_cast<std::uint32_t>(stimuli[k].size()); draws && b < state.batch; ++b)
      stimuli[k].emplace_back(network, s, options.seed, b);
    std::vector<at::Tensor> rows;
    for (std::int64_t b = 0; b < (draws ? state.batch : 1); ++b) {
      std::vector<double> row(static_cast<std::size_t>(sim::padded_lanes(units)));
      stimuli[k][static_cast<std::size_t>(b)].add(row.data(), 0, units, state.step,
                                                  static_cast<std::uint64_t>(state.step));
      row.resize(units);
      rows.push_back(tensor(row, options.type).reshape({-1}));
    }
    return draws ? at::stack(rows) : rows[0];
  }

  at::Tensor driven(const State& state, std::uint32_t p, const std::string& name,
                    const SlotTensors& inputs) {
    const Population& population = network.populations()[p];
    at::Tensor value = state.constants[p].at(name);
    for (std::size_t k = 0; k < stimuli.size(); ++k)
      if (!stimuli[k][0].is_poisson() && reaches(k, state, p, name))
        value = value + stimulus_rows(k, state);
    const auto found = inputs.find(population.name + "." + name);
    return found == inputs.end() ? value : value + found->second;
  }

  at::Tensor draws(const State& state, std::uint32_t p, const Slot& slot) const {
    const Population& population = network.populations()[p];
    const at::Tensor t = at::empty({state.batch, population.size}, at::kDouble);
    double* to = t.data_ptr<double>();
    for (std::int64_t b = 0; b < state.batch; ++b) {
      const StreamKey key = draw_key(population, slot, options.seed, b);
      for (std::uint32_t i = 0; i < population.size; ++i) {
        Stream stream(key, i, static_cast<std::uint64_t>(state.step));
        *to++ = slot.kind == SlotKind::normal ? stream.normal() : stream.uniform();
      }
    }
    return t.to(options.type);
  }

  void step(State& state, std::uint32_t p, const SlotTensors& inputs) {
    const Population& population = network.populations()[p];
    const at::Tensor silent = at::zeros({state.batch, population.size}, options.type);
    if (!cells[p]) {
      const auto given = inputs.find(population.name);
      if (given != inputs.end()) {
        state.spikes[p].push_back(given->second.to(options.type));
        return;
      }
      at::Tensor own = silent.clone();
      for (std::size_t k = 0; k < population.spike_steps.size(); ++k)
        if (population.spike_steps[k] == state.step + 1)
          own.select(1, population.spike_neurons[k]).fill_(1);
      state.spikes[p].push_back(own);
      return;
    }
    const auto load = [&](const Slot& slot) -> at::Tensor {
      switch (slot.kind) {
        case SlotKind::state:
          return state.states[p].at(slot.name);
        case SlotKind::input:
          return arrivals(state, p, inside(slot.name));
        case SlotKind::driven:
          return driven(state, p, slot.name, inputs);
        case SlotKind::normal:
        case SlotKind::uniform:
          return draws(state, p, slot);
        case SlotKind::time:
          return at::scalar_tensor(network.grid().ms(state.step), options.type);
        default:
          return state.constants[p].at(slot.name);
      }
    };
    const ProgramTensors after =
        run_program(cells[p]->program.step, load, surrogate(p), options.type);
    for (const auto& [name, value] : after.stores)
      state.states[p][name] = value.expand({state.batch, population.size});
    const auto fired = after.masks.find("spike");
    state.spikes[p].push_back(
        fired == after.masks.end() ? silent : fired->second.expand({state.batch, population.size}));
  }

  Network network;
  Options options;
  std::vector<std::unique_ptr<Cell>> cells;  ///< null for inputs
  std::vector<Wires> wires;                  ///< by projection
  std::vector<std::uint32_t> order;
  std::vector<std::vector<sim::ActiveStimulus>> stimuli;  ///< [stimulus, sample]
  std::vector<bool> ready;                                ///< by population: it has done this step
  std::uint32_t longest = 0;
};

PlainPath::PlainPath(Network network, Options options)
    : impl_(std::make_unique<Impl>(std::move(network), std::move(options))) {}
PlainPath::~PlainPath() = default;
PlainPath::PlainPath(PlainPath&&) noexcept = default;

std::map<std::uint32_t, std::vector<double>> PlainPath::synapses_of(
    std::uint32_t population) const {
  std::map<std::uint32_t, std::vector<double>> counts;
  for (std::uint32_t id = 0; id < impl_->wires.size(); ++id) {
    if (impl_->network.projections()[id].from.population != population) continue;
    for (const Impl::Piece& piece : impl_->wires[id].pieces) {
      auto& count = counts[piece.delay];
      count.resize(impl_->network.populations()[population].size);
      for (std::int64_t k = 0; k < piece.sources.numel(); ++k)
        ++count[static_cast<std::size_t>(piece.sources.data_ptr<std::int64_t>()[k])];
    }
  }
  return counts;
}

void PlainPath::set_delay_width(const std::string& projection, double width_ms) {
  for (std::uint32_t id = 0; id < impl_->wires.size(); ++id)
    if (impl_->network.projections()[id].name == projection && impl_->wires[id].learned)
      impl_->wires[id].learned->width_ms = width_ms;
}

PlainPath::State PlainPath::start(std::int64_t batch, const SlotTensors& parameters) const {
  const Impl& self = *impl_;
  State state{.batch = batch};
  const model::AdjointOptions none;
  for (std::uint32_t p = 0; p < self.cells.size(); ++p) {
    auto& constants = state.constants.emplace_back();
    auto& states = state.states.emplace_back();
    state.spikes.emplace_back();
    const Impl::Cell* cell = self.cells[p].get();
    if (!cell) continue;
    const Population& population = self.network.populations()[p];
    SlotTensors own;  // in double: constants are computed as the engine does
    for (const auto& [name, values] : cell->parameters) {
      const auto given = parameters.find(population.name + "." + name);
      own[name] =
          given == parameters.end() ? tensor(values, at::kDouble) : given->second.to(at::kDouble);
      if (own[name].numel() == 1) own[name] = own[name].reshape({});
    }
    const auto load = [&](const Slot& slot) { return own.at(slot.name); };
    const auto derived = run_program(cell->program.constants, load, none, at::kDouble).stores;
    for (const SlotTensors& all : {own, derived})
      for (const auto& [name, value] : all) constants[name] = value.to(self.options.type);
    for (const auto& [name, values] : cell->states)
      states[name] = tensor(values, self.options.type).expand({batch, population.size});
    for (const auto& [name, value] : run_program(cell->initial, load, none, at::kDouble).stores)
      states[inside(name)] = value.to(self.options.type).expand({batch, population.size});
  }
  for (std::uint32_t id = 0; id < self.wires.size(); ++id) {
    const Projection& projection = self.network.projections()[id];
    const auto given = parameters.find(projection.name);
    const at::Tensor all =
        given == parameters.end() ? self.wires[id].weights : given->second.reshape({-1});
    auto& matrices = state.weights.emplace_back();
    const auto size = [&](const View& v) -> std::int64_t {
      return self.network.populations()[v.population].size;
    };
    const auto matrix = [&](const Impl::Piece& piece, const at::Tensor& values) {
      return at::zeros({size(projection.from), size(projection.to)}, self.options.type)
          .index_put({piece.sources, piece.targets}, values.index({piece.index}), true);
    };
    const auto& learned = self.wires[id].learned;
    if (!learned) {
      for (const Impl::Piece& piece : self.wires[id].pieces)
        matrices[piece.delay] = matrix(piece, all);
      continue;
    }
    const auto own = parameters.find(projection.name + ".delay");
    const at::Tensor delays =
        own == parameters.end() ? self.wires[id].delays : own->second.reshape({-1});
    for (const auto& [delay, share] : self.shares(delays, *learned))
      for (const Impl::Piece& piece : self.wires[id].pieces) {
        at::Tensor& m = matrices[delay];
        const at::Tensor part = matrix(piece, all * share);
        m = m.defined() ? m + part : part;
      }
  }
  return state;
}

void PlainPath::step(State& state, const SlotTensors& inputs) const {
  Impl& self = *impl_;
  self.ready.assign(self.cells.size(), false);
  for (const std::uint32_t p : self.order) {
    self.step(state, p, inputs);
    self.ready[p] = true;
    while (state.spikes[p].size() > self.longest + 1) state.spikes[p].pop_front();
  }
  ++state.step;
}

}  // namespace callosum::learn
