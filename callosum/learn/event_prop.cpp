#include "callosum/learn/event_prop.h"

#include <algorithm>
#include <cmath>

#include "callosum/core/error.h"
#include "callosum/core/team.h"
#include "callosum/learn/event_prop_state.h"
#include "callosum/library/library.h"
#include "callosum/network/connectivity.h"

// Building, the forward pass, names. The reverse pass is in event_prop_backward.cpp.
namespace callosum::learn {
namespace {

bool same_equations(const model::Model& model, const char* name) {
  const model::ModelText &a = model.text(), b = library::neuron(name).text();
  return a.equations.text == b.equations.text && a.threshold.text == b.threshold.text &&
         a.reset.text == b.reset.text && a.refractory.text == b.refractory.text;
}

std::vector<std::string> recorded(const Network& network) {
  std::vector<std::string> names;
  for (const Population& p : network.populations()) {
    if (p.model.events().empty() && p.model.variables().empty()) continue;
    names.push_back(p.name + ".V_m");
    if (p.model.events().empty()) continue;
    names.push_back(p.name + ".I_ex");
    names.push_back(p.name + ".I_in");
  }
  return names;
}

void check_takes(const Network& network) {
  for (const Population& p : network.populations()) {
    if (p.model.events().empty() && p.model.variables().empty()) continue;
    if (same_equations(p.model, "lif_psc_exp") || same_equations(p.model, "leaky_integrator"))
      continue;
    throw UnsupportedError({.where = "population '" + p.name + "'",
                            .what = "EventProp is not known for this model",
                            .got = p.model.name(),
                            .expected = "the equations of lif_psc_exp or leaky_integrator"});
  }
  for (const Stimulus& s : network.stimuli())
    throw UnsupportedError({.where = "stimulus '" + s.name + "'",
                            .what = "EventProp takes input as spikes",
                            .expected = "a population of model \"spike_list\""});
}

}  // namespace

template <class T>
EventProp<T>::Impl::Impl(Network n, EventPropOptions o)
    : options(o),
      team(o.threads),
      unroll((check_takes(n), n),
             {.seed = o.seed, .threads = o.threads, .trained = {{}}, .record = recorded(n)}),
      network(std::move(n)) {
  for (const Population& p : network.populations()) {
    Cell& cell = cells.emplace_back();
    cell.name = p.name;
    cell.units = p.size;
    cell.kind = p.model.variables().empty() ? Kind::list
                : p.model.events().empty()  ? Kind::readout
                                            : Kind::neuron;
    if (cell.kind != Kind::list) read_parameters(cell, p);
  }
  for (std::uint32_t id = 0; id < network.projections().size(); ++id) read_synapses(id);
}

template <class T>
void EventProp<T>::Impl::read_parameters(Cell& cell, const Population& p) {
  const double dt = network.grid().dt_ms();
  const auto of = [&](const std::string& name, std::uint32_t i) {
    const auto values = unroll.values(p.name + "." + name);
    return static_cast<double>(values[values.size() == 1 ? 0 : i]);
  };
  for (std::uint32_t i = 0; i < p.size; ++i) {
    Constants& c = cell.constants.emplace_back();
    c.tau_m = of("tau_m", i);
    c.C_m = of("C_m", i);
    c.keep_V = std::exp(-dt / c.tau_m);
    if (cell.kind == Kind::readout) continue;
    c.E_L = of("E_L", i);
    c.I_e = of("I_e", i);
    c.V_th = of("V_th", i);
    c.V_reset = of("V_reset", i);
    c.refractory = std::lround(of("t_ref", i) / dt);
    for (int s = 0; s < 2; ++s) {
      const double tau = of(s == 0 ? "tau_syn_ex" : "tau_syn_in", i);
      c.tau_s[s] = tau;
      c.keep_I[s] = std::exp(-dt / tau);
      // What a unit of current at the beginning of a step leaves in V at its end.
      const double x = dt / c.tau_m - dt / tau;
      c.I_to_V[s] = dt / c.C_m * c.keep_V * (std::abs(x) < 1e-12 ? 1 : std::expm1(x) / x);
    }
  }
}

template <class T>
void EventProp<T>::Impl::read_synapses(std::uint32_t id) {
  const Projection& p = network.projections()[id];
  const Connectivity connectivity(network, id, options.seed);
  std::vector<BlockSynapses> blocks(connectivity.blocks());
  for (std::uint32_t b = 0; b < blocks.size(); ++b) connectivity.draw(b, blocks[b]);
  Wires& w = wires.emplace_back();
  w.from = p.from.population;
  w.to = p.to.population;
  w.variable = cells[w.to].kind == Kind::readout ? Variable::V_m
               : p.synapse.target == "I_ex"      ? Variable::I_ex
               : p.synapse.target == "I_in"      ? Variable::I_in
                                                 : Variable::other;
  if (w.variable == Variable::other)
    throw UnsupportedError({.where = "projection '" + p.name + "'",
                            .what = "EventProp takes synapses onto a current",
                            .got = p.synapse.target,
                            .expected = "I_ex or I_in; V_m of a leaky_integrator"});
  const std::uint32_t units = network.populations()[w.from].size;
  w.rows.assign(units + 1, 0);
  std::vector<std::vector<Synapse>> by_source(units);
  std::uint32_t index = 0;
  for (std::uint32_t s = 0; s < connectivity.sources(); ++s)
    for (std::uint32_t b = 0; b < blocks.size(); ++b)
      for (std::uint32_t k = blocks[b].row_offsets[s]; k < blocks[b].row_offsets[s + 1]; ++k)
        by_source[p.from.index(s)].push_back(
            {blocks[b].delays.empty() ? connectivity.delay() : blocks[b].delays[k],
             b * block_size + blocks[b].targets[k], index++});
  for (std::uint32_t i = 0; i < units; ++i) {
    std::stable_sort(by_source[i].begin(), by_source[i].end(),
                     [](const Synapse& a, const Synapse& b) { return a.delay < b.delay; });
    w.synapses.insert(w.synapses.end(), by_source[i].begin(), by_source[i].end());
    w.rows[i + 1] = w.synapses.size();
    for (const Synapse& s : by_source[i]) w.delays.insert(s.delay);
  }
  w.size = index;
}

template <class T>
std::uint32_t EventProp<T>::Impl::projection(std::string_view name) const {
  std::vector<std::string> names;
  for (std::uint32_t id = 0; id < wires.size(); ++id) {
    if (network.projections()[id].name == name) return id;
    names.push_back(network.projections()[id].name);
  }
  throw NameError({.where = "EventProp",
                   .what = "no projection of this name",
                   .got = std::string(name),
                   .nearest = nearest_name(name, names)});
}

template <class T>
std::uint32_t EventProp<T>::Impl::population(std::string_view name) const {
  std::vector<std::string> names;
  for (std::uint32_t p = 0; p < cells.size(); ++p) {
    if (cells[p].name == name) return p;
    names.push_back(cells[p].name);
  }
  throw NameError({.where = "EventProp",
                   .what = "no population of this name",
                   .got = std::string(name),
                   .nearest = nearest_name(name, names)});
}

template <class T>
EventProp<T>::EventProp(Network network, EventPropOptions options)
    : impl_(std::make_unique<Impl>(std::move(network), options)) {}
template <class T>
EventProp<T>::~EventProp() = default;
template <class T>
EventProp<T>::EventProp(EventProp&&) noexcept = default;

template <class T>
void EventProp<T>::forward(std::int64_t steps, std::int64_t batch,
                           const std::map<std::string, SpikeBits>& in) {
  impl_->ran = false;
  impl_->unroll.forward(steps, batch, {.spikes = in}, false);
  impl_->ran = true;
}

template <class T>
const SpikeBits& EventProp<T>::spikes(std::string_view population) const {
  return impl_->unroll.spikes(population);
}
template <class T>
std::span<const T> EventProp<T>::potentials(std::string_view population) const {
  return impl_->unroll.recorded(std::string(population) + ".V_m");
}

template <class T>
std::vector<T> EventProp<T>::weights(std::string_view projection) const {
  impl_->projection(projection);
  return impl_->unroll.values(projection);
}
template <class T>
void EventProp<T>::set_weights(std::string_view projection, std::span<const T> values) {
  impl_->projection(projection);
  impl_->unroll.set(projection, values);
  impl_->ran = false;
}
template <class T>
std::span<const T> EventProp<T>::weight_gradient(std::string_view projection) const {
  return impl_->wires[impl_->projection(projection)].by_weight;
}
template <class T>
std::span<const T> EventProp<T>::delay_gradient(std::string_view projection) const {
  return impl_->wires[impl_->projection(projection)].by_delay;
}
template <class T>
Network EventProp<T>::network() const {
  return impl_->unroll.network();
}

template class EventProp<float>;
template class EventProp<double>;

}  // namespace callosum::learn
