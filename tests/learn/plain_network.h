#pragma once

#include <cmath>
#include <map>
#include <numbers>
#include <set>

#include "callosum/learn/unroll.h"
#include "callosum/model/step.h"
#include "callosum/network/connectivity.h"
#include "callosum/sim/constant_program.h"
#include "callosum/sim/simulation.h"
#include "tests/learn/scalar_tape.h"

namespace callosum::learn_tests {

using scalar::Var;

inline double slope(model::Surrogate s, double x) {
  switch (s) {
    case model::Surrogate::fast_sigmoid:
      return 1 / ((1 + std::abs(x)) * (1 + std::abs(x)));
    case model::Surrogate::arctan:
      return 1 / (1 + std::pow(std::numbers::pi * x, 2));
    case model::Surrogate::triangle:
      return std::max(0.0, 1 - std::abs(x));
    case model::Surrogate::gaussian:
      return std::exp(-x * x / 2) / std::sqrt(2 * std::numbers::pi);
    case model::Surrogate::sigmoid:
      return 1 / (2 + std::exp(x) + std::exp(-x));
    case model::Surrogate::rectangle:
      return std::abs(x) < 0.5 ? 1 : 0;
    case model::Surrogate::straight_through:
      return 1;
    default:
      return 0;
  }
}

/// A network stepped neuron by neuron, synapse by synapse, in numbers that know their derivatives:
/// the plain path, and the oracle of the fused one. One projection onto one state each; input
/// populations are lists.
class PlainNetwork {
 public:
  using Bits = learn::SpikeBits;

  PlainNetwork(const Network& network, std::uint64_t seed, model::AdjointOptions surrogate)
      : network_(network), surrogate_(surrogate) {
    for (std::uint32_t id = 0; id < network.projections().size(); ++id) {
      const Connectivity c(network, id, seed);
      BlockSynapses d;
      c.draw(0, d);
      auto& list = synapses_.emplace_back();
      for (std::uint32_t s = 0; s < c.sources(); ++s)
        for (std::uint32_t k = d.row_offsets[s]; k < d.row_offsets[s + 1]; ++k)
          list.push_back({network.projections()[id].from.index(s), d.targets[k],
                          d.delays.empty() ? c.delay() : d.delays[k],
                          d.weights.empty() ? c.weight() : d.weights[k]});
    }
    Simulation start(network, {.seed = seed, .precision = Precision::twofold});
    for (const Population& p : network.populations()) {
      auto& cell = cells_.emplace_back();
      if (p.model.events().empty() && p.model.variables().empty()) continue;
      const View view = network.population(p.name);
      std::set<std::string> inputs;
      for (const Projection& x : network.projections())
        if (x.to.population == view.population) inputs.insert(x.synapse.target);
      cell.step = model::compile_step(p.model, {.dt_ms = network.grid().dt_ms(), .inputs = inputs});
      sim::ConstantProgram constants(cell.step.constants, 1);
      for (const model::Slot& slot : constants.program().slots)
        if (slot.kind == model::SlotKind::parameter)
          constants.set(slot.name, {slot.name == "dt" ? network.grid().dt_ms()
                                                      : start.get(view, slot.name)[0]});
      constants.run();
      for (const model::Slot& slot : cell.step.step.slots) {
        if (slot.kind == model::SlotKind::derived)
          cell.shared[slot.name] = constants.values(slot.name)[0];
        if (slot.kind == model::SlotKind::parameter)
          cell.shared[slot.name] = start.get(view, slot.name)[0];
        if (slot.kind == model::SlotKind::state)
          cell.initial[slot.name] = slot.name == "refractory_steps"
                                        ? std::vector<double>(p.size, 0.0)
                                        : start.get(view, slot.name);
      }
    }
  }

  /// Delays of a projection that lie between steps: kernels over low ... high.
  struct Delays {
    std::vector<double> steps;  ///< [synapse]
    std::uint32_t low, high;
    double width;  ///< of a Gaussian; 0: linear interpolation
  };
  std::map<std::uint32_t, Delays> delays;  ///< by projection

  std::map<std::uint32_t, std::vector<double>> feedback;  ///< by projection: in place of weights

  /// Derivative of sum over (t, sample, unit) of spike_bar * spike + state_bar * state.
  struct Result {
    std::vector<std::vector<double>> weights;             ///< by projection
    std::map<std::uint32_t, std::vector<double>> delays;  ///< by projection, per step
    std::vector<std::map<std::string, double>> shared;    ///< by population: of derived, parameters
    std::map<std::string, std::vector<double>> spikes;    ///< of input spikes, by population
    Bits hidden;                                          ///< spikes of the population asked for
  };
  Result run(const Bits& input, const std::string& list, const std::string& hidden,
             const std::vector<double>& spike_bar, const std::string& out, const std::string& state,
             const std::vector<double>& state_bar) {
    Result r;
    for (const auto& list_of : synapses_) r.weights.emplace_back(list_of.size(), 0.0);
    for (const auto& [id, of] : delays) r.delays[id].assign(of.steps.size(), 0.0);
    r.shared.resize(cells_.size());
    const std::uint32_t units = network_.populations()[at(hidden)].size;
    r.hidden = Bits(input.steps(), input.batch(), units);
    r.spikes[list].assign(static_cast<std::size_t>(input.steps() * input.batch()) * input.units(),
                          0.0);
    for (std::int64_t b = 0; b < input.batch(); ++b)
      sample(input, b, list, hidden, spike_bar, out, state, state_bar, r);
    return r;
  }

 private:
  struct Synapse {
    std::uint32_t source, target, delay;
    double weight;
  };
  struct Cell {
    model::StepProgram step;
    std::map<std::string, double> shared;
    std::map<std::string, std::vector<double>> initial;
  };

  std::size_t at(const std::string& name) const { return network_.population(name).population; }

  void sample(const Bits& input, std::int64_t b, const std::string& list, const std::string& hidden,
              const std::vector<double>& spike_bar, const std::string& out,
              const std::string& state, const std::vector<double>& state_bar, Result& r) {
    scalar::Tape tape;
    scalar::Arithmetic a(tape);
    const auto steps = static_cast<std::size_t>(input.steps());
    const auto batch = static_cast<std::size_t>(input.batch());
    std::vector<std::vector<Var>> weights;
    for (const auto& all : synapses_) {
      auto& w = weights.emplace_back();
      for (const Synapse& s : all) w.push_back(a.leaf(s.weight));
    }
    std::map<std::uint32_t, std::vector<Var>> at_delay;            // [synapse]
    std::map<std::uint32_t, std::vector<std::vector<Var>>> parts;  // weights of taps
    for (const auto& [id, of] : delays)
      for (std::size_t k = 0; k < of.steps.size(); ++k) {
        at_delay[id].push_back(a.leaf(of.steps[k]));
        auto& of_synapse = parts[id].emplace_back(shares(a, at_delay[id].back(), of));
        for (Var& share : of_synapse) share = a.mul(weights[id][k], share);
      }
    std::vector<std::map<std::string, Var>> shared(cells_.size());
    std::vector<std::map<std::string, std::vector<Var>>> states(cells_.size());
    for (std::size_t p = 0; p < cells_.size(); ++p) {
      for (const auto& [name, v] : cells_[p].shared) shared[p][name] = a.leaf(v);
      for (const auto& [name, values] : cells_[p].initial)
        for (double v : values) states[p][name].push_back({v});
    }
    std::vector<std::vector<std::vector<Var>>> fired(cells_.size());  // [population][step][unit]
    std::vector<std::pair<int, double>> seeds;
    std::vector<Var> inputs;
    for (std::size_t n = 0; n < steps; ++n) {
      for (std::size_t p = 0; p < cells_.size(); ++p) {
        const Population& population = network_.populations()[p];
        auto& now = fired[p].emplace_back(population.size);
        if (population.name == list) {
          for (std::uint32_t i = 0; i < population.size; ++i) {
            now[i] = a.leaf(input.test(static_cast<std::int64_t>(n), b, i));
            inputs.push_back(now[i]);
          }
          continue;
        }
        std::map<std::string, std::vector<Var>> arrivals;
        for (std::size_t id = 0; id < synapses_.size(); ++id) {
          const Projection& projection = network_.projections()[id];
          if (projection.to.population != p) continue;
          auto& sum = arrivals[projection.synapse.target];
          sum.resize(population.size);
          for (std::size_t k = 0; k < synapses_[id].size(); ++k) {
            const Synapse& s = synapses_[id][k];
            if (const auto of = delays.find(static_cast<std::uint32_t>(id)); of != delays.end()) {
              for (std::uint32_t j = of->second.low; j <= std::min<std::size_t>(of->second.high, n);
                   ++j) {
                const Var x = fired[projection.from.population][n - j][s.source];
                if (x.node >= 0)
                  sum[s.target] =
                      a.add(sum[s.target],
                            a.mul(x, parts[static_cast<std::uint32_t>(id)][k][j - of->second.low]));
              }
              continue;
            }
            if (n < s.delay) continue;
            const Var x = fired[projection.from.population][n - s.delay][s.source];
            if (x.node < 0) continue;
            const auto back = feedback.find(static_cast<std::uint32_t>(id));
            const Var w = weights[id][k];
            sum[s.target] =
                a.add(sum[s.target], back == feedback.end()
                                         ? a.mul(x, w)
                                         : a.binary(x.v * w.v, x, back->second[k], w, x.v));
          }
        }
        for (std::uint32_t i = 0; i < population.size; ++i)
          now[i] = neuron(a, p, i, shared[p], states[p], arrivals);
      }
      const std::size_t row = n * batch + static_cast<std::size_t>(b);
      const auto& of_hidden = fired[at(hidden)][n];
      for (std::size_t i = 0; i < of_hidden.size(); ++i) {
        if (of_hidden[i].v != 0)
          r.hidden.set(static_cast<std::int64_t>(n), b, static_cast<std::uint32_t>(i));
        if (of_hidden[i].node >= 0)
          seeds.emplace_back(of_hidden[i].node, spike_bar[row * of_hidden.size() + i]);
      }
      const auto& of_out = states[at(out)][state];
      for (std::size_t i = 0; i < of_out.size(); ++i)
        if (of_out[i].node >= 0)
          seeds.emplace_back(of_out[i].node, state_bar[row * of_out.size() + i]);
    }
    tape.start();
    for (const auto& [node, bar] : seeds) tape.bars[static_cast<std::size_t>(node)] += bar;
    tape.reverse();
    const auto bar = [&](Var x) { return tape.bars[static_cast<std::size_t>(x.node)]; };
    for (std::size_t id = 0; id < weights.size(); ++id)
      for (std::size_t k = 0; k < weights[id].size(); ++k) r.weights[id][k] += bar(weights[id][k]);
    for (const auto& [id, all] : at_delay)
      for (std::size_t k = 0; k < all.size(); ++k) r.delays[id][k] += bar(all[k]);
    for (std::size_t p = 0; p < cells_.size(); ++p)
      for (const auto& [name, x] : shared[p]) r.shared[p][name] += bar(x);
    const std::uint32_t units = input.units();
    for (std::size_t n = 0; n < steps; ++n)
      for (std::uint32_t i = 0; i < units; ++i)
        r.spikes[list][(n * batch + static_cast<std::size_t>(b)) * units + i] +=
            bar(inputs[n * units + i]);
  }

  // What arrives at low ... high, of 1: a hat around the delay, or a Gaussian of unit sum.
  static std::vector<Var> shares(scalar::Arithmetic& a, Var delay, const Delays& of) {
    std::vector<Var> result;
    Var sum{0};
    for (std::uint32_t j = of.low; j <= of.high; ++j) {
      const double x = (j - delay.v) / of.width;
      const double hat = 1 - std::abs(j - delay.v), bell = std::exp(-0.5 * x * x);
      if (of.width == 0)
        result.push_back(hat <= 0 ? Var{0} : a.unary(hat, delay, j > delay.v ? 1 : -1));
      else
        result.push_back(a.unary(bell, delay, bell * x / of.width));
      sum = a.add(sum, result.back());
    }
    if (of.width != 0)
      for (Var& share : result)
        share = a.binary(share.v / sum.v, share, 1 / sum.v, sum, -share.v / (sum.v * sum.v));
    return result;
  }

  // One step of one neuron by its program, instruction by instruction.
  Var neuron(scalar::Arithmetic& a, std::size_t p, std::uint32_t i,
             const std::map<std::string, Var>& shared,
             std::map<std::string, std::vector<Var>>& states,
             const std::map<std::string, std::vector<Var>>& arrivals) {
    using model::Op;
    const model::Program& program = cells_[p].step.step;
    std::vector<bool> event(program.code.size());
    for (const model::Mask& m : program.masks) event[m.value] = true;
    for (std::size_t k = program.code.size(); k-- > 0;)
      if (event[k])
        for (model::Value v : program.code[k].operands)
          if (model::is_boolean(program.code[v].op)) event[v] = true;
    std::vector<Var> x;
    const auto counter = [&](model::Value v) {
      return program.code[v].op == Op::load &&
             program.slots[program.code[v].variable].name == "refractory_steps";
    };
    for (std::size_t k = 0; k < program.code.size(); ++k) {
      const model::Instruction& c = program.code[k];
      const auto in = [&](std::size_t j) { return x[c.operands[j]]; };
      const double u = c.operands.empty() ? 0 : in(0).v, w = c.operands.size() < 2 ? 0 : in(1).v;
      switch (c.op) {
        case Op::constant:
          x.push_back({c.constant});
          break;
        case Op::load: {
          const model::Slot& slot = program.slots[c.variable];
          if (slot.kind == model::SlotKind::state)
            x.push_back(states.at(slot.name)[i]);
          else if (slot.kind == model::SlotKind::input)
            x.push_back(arrivals.at(slot.name.substr(3, slot.name.size() - 4))[i]);
          else
            x.push_back(shared.at(slot.name));
          break;
        }
        case Op::add:
          x.push_back(a.add(in(0), in(1)));
          break;
        case Op::sub:
          x.push_back(a.binary(u - w, in(0), 1, in(1), -1));
          break;
        case Op::mul:
          x.push_back(a.mul(in(0), in(1)));
          break;
        case Op::fma: {
          const Var sum = in(2);
          const Var product = a.mul(in(0), in(1));
          x.push_back(a.binary(std::fma(u, w, sum.v), product, 1, sum, 1));
          break;
        }
        case Op::div:
          x.push_back(a.binary(u / w, in(0), 1 / w, in(1), -u / (w * w)));
          break;
        case Op::neg:
          x.push_back(a.unary(-u, in(0), -1));
          break;
        case Op::exp:
          x.push_back(a.unary(std::exp(u), in(0), std::exp(u)));
          break;
        case Op::expm1:
          x.push_back(a.unary(std::expm1(u), in(0), std::exp(u)));
          break;
        case Op::exprel: {
          const bool small = std::abs(u) < 1e-5;
          const double y = u == 0 ? 1 : std::expm1(u) / u;
          x.push_back(a.unary(y, in(0), small ? 0.5 + u / 3 : (std::exp(u) - y) / u));
          break;
        }
        case Op::power:
          x.push_back(a.binary(std::pow(u, w), in(0), w * std::pow(u, w - 1), Var{}, 0));
          break;
        case Op::tanh: {
          const double y = std::tanh(u);
          x.push_back(a.unary(y, in(0), 1 - y * y));
          break;
        }
        case Op::maximum:
          x.push_back(a.binary(u > w ? u : w, in(0), u > w, in(1), !(u > w)));
          break;
        case Op::minimum:
          x.push_back(a.binary(u < w ? u : w, in(0), u < w, in(1), !(u < w)));
          break;
        case Op::less:
        case Op::less_equal: {
          const bool yes = c.op == Op::less ? u < w : u <= w;
          const bool flat = !event[k] || counter(c.operands[0]) || counter(c.operands[1]);
          const double s = flat ? 0
                                : slope(surrogate_.surrogate, (w - u) / surrogate_.width) *
                                      surrogate_.scale / surrogate_.width;
          x.push_back(flat ? Var{double(yes)} : a.binary(yes, in(0), -s, in(1), s));
          break;
        }
        case Op::logical_and:
          x.push_back(a.mul(in(0), in(1)));
          break;
        case Op::logical_or:
          x.push_back(a.binary(u + w - u * w, in(0), 1 - w, in(1), 1 - u));
          break;
        case Op::logical_not:
          x.push_back(a.unary(1 - u, in(0), -1));
          break;
        case Op::select: {
          const Var yes = in(1), no = in(2);
          const Var taken = a.binary(u != 0 ? yes.v : no.v, yes, u, no, 1 - u);
          x.push_back(surrogate_.detach_reset ? taken
                                              : a.binary(taken.v, taken, 1, in(0), yes.v - no.v));
          break;
        }
        default:
          throw std::logic_error("the plain network does not know " +
                                 std::string(model::name(c.op)));
      }
    }
    for (const model::Store& s : program.stores)
      states.at(program.slots[s.slot].name)[i] = x[s.value];
    for (const model::Mask& m : program.masks)
      if (m.name == "spike") return x[m.value];
    return {};
  }

  const Network& network_;
  model::AdjointOptions surrogate_;
  std::vector<std::vector<Synapse>> synapses_;
  std::vector<Cell> cells_;
};

}  // namespace callosum::learn_tests
