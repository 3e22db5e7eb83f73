#include "callosum/sim/simulation.h"

#include <utility>

#include "callosum/network/checks.h"
#include "callosum/sim/engine.h"
#include "callosum/sim/recorders.h"
#include "callosum/sim/synaptic_states.h"

namespace callosum {

struct Simulation::Impl {
  Network network;
  SimulationOptions options;
  /// What runs where synapses have states of their own.
  std::optional<sim::ExpandedNetwork> expanded = {};
  std::unique_ptr<sim::Engine> engine = nullptr;
};

Simulation::Simulation(Network network, SimulationOptions options)
    : impl_(std::make_unique<Impl>(Impl{std::move(network), std::move(options)})) {
  if (impl_->options.threads < 1)
    throw ValueError({.where = "simulation",
                      .what = "a run needs at least one thread",
                      .got = std::to_string(impl_->options.threads),
                      .expected = "threads >= 1"});
  sim::refuse_what_does_not_fit(impl_->network, impl_->options);
  impl_->expanded = sim::expand_synaptic_states(impl_->network, impl_->options.seed);
  impl_->engine =
      sim::make_engine(impl_->expanded ? impl_->expanded->network : impl_->network, impl_->options);
}

Simulation::~Simulation() = default;
Simulation::Simulation(Simulation&&) noexcept = default;

void Simulation::run(Quantity duration) {
  run_steps(impl_->network.grid().steps(duration, "duration of run()"));
}

void Simulation::run_steps(std::int64_t steps) {
  if (steps < 0)
    throw ValueError({.where = "run()",
                      .what = "time does not run backwards",
                      .got = std::to_string(steps) + " steps",
                      .expected = "a duration >= 0"});
  if (!impl_->engine->run(steps))
    throw Interrupted(
        {.where = "simulation", .what = "stopped on request at t = " + to_string(time())});
}

std::int64_t Simulation::step() const { return impl_->engine->step(); }
Quantity Simulation::time() const {
  return Quantity::from_internal(impl_->network.grid().ms(step()), dimension::time);
}

void Simulation::set(View neurons, std::string_view name, Values values) {
  checks::view(neurons, impl_->network.populations(), "set");
  const Population& p = impl_->network.populations()[neurons.population];
  const std::string where = "population '" + p.name + "', '" + std::string(name) + "'";
  const model::Variable& v = checks::variable(
      p.model, name, {.state = true, .parameter = true, .plural = "parameters and states"},
      "population '" + p.name + "'");
  checks::values(values, v.dimension, neurons.size(), where);
  const StreamKey key(impl_->options.seed, name_hash(p.name + "." + v.name), Purpose::user);
  std::vector<double> drawn(neurons.size());
  for (std::uint32_t i = 0; i < drawn.size(); ++i) {
    Stream stream(key, neurons.index(i), static_cast<std::uint64_t>(step()));
    drawn[i] = values.draw(stream, i);
    p.model.checked(v.name, Quantity::from_internal(drawn[i], v.dimension));
  }
  impl_->engine->set(neurons, v.name, drawn);
}

std::vector<double> Simulation::get(View neurons, std::string_view name) const {
  checks::view(neurons, impl_->network.populations(), "get");
  const Population& p = impl_->network.populations()[neurons.population];
  const model::Variable& v = checks::variable(
      p.model, name,
      {.state = true, .parameter = true, .subexpression = true, .plural = "variables"},
      "population '" + p.name + "'");
  return impl_->engine->get(neurons, v.name);
}

void Simulation::reset(Reset what) { impl_->engine->reset(what); }
Recording Simulation::recording() const {
  Recording recording = impl_->engine->recording();
  recording.populations.resize(impl_->network.populations().size());
  return recording;
}
RunStatistics Simulation::statistics() const {
  RunStatistics statistics = impl_->engine->statistics();
  if (impl_->expanded) {
    statistics.neurons = impl_->network.neurons();
    statistics.synapses -= impl_->expanded->extra_synapses;
  }
  return statistics;
}
const Network& Simulation::network() const { return impl_->network; }
const SimulationOptions& Simulation::options() const { return impl_->options; }

}  // namespace callosum
