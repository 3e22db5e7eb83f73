#include "callosum/sim/simulation.h"

#include <cstdio>
#include <string>
#include <utility>
#include <vector>

#include "callosum/core/random.h"
#include "callosum/model/plastic_program.h"
#include "callosum/network/checks.h"
#include "callosum/sim/checkpoint.h"
#include "callosum/sim/engine.h"
#include "callosum/sim/links.h"
#include "callosum/sim/plastic_code.h"
#include "callosum/sim/recorders.h"
#include "callosum/sim/synaptic_states.h"

namespace callosum {

struct Simulation::Impl {
  std::shared_ptr<const Network> network;
  SimulationOptions options;
  /// What runs where synapses have links or states of their own; else null. Replicas share them.
  std::shared_ptr<const sim::LinkedNetwork> linked = {};
  std::shared_ptr<const sim::ExpandedNetwork> expanded = {};
  std::unique_ptr<sim::Engine> engine = nullptr;
};

namespace {

template <class Built>
std::shared_ptr<const Built> shared(std::optional<Built> built) {
  return built ? std::make_shared<const Built>(*std::move(built)) : nullptr;
}

std::string hexadecimal(std::uint64_t x) {
  char text[24];
  std::snprintf(text, sizeof text, "%016llx", static_cast<unsigned long long>(x));
  return text;
}

CheckpointInfo info_of(const Network& network, const SimulationOptions& options,
                       std::int64_t step) {
  return {network.name(),    network.hash(), options.seed,   network.grid().dt_ms(),
          options.precision, step,           options.replica};
}

void refuse_another_run(const ArchiveReader& in, const CheckpointInfo& expected) {
  const CheckpointInfo got = sim::checkpoint_info(in);
  if (got.dt_ms != expected.dt_ms)
    in.refuse("dt ms", "it was written with another time step", std::to_string(got.dt_ms),
              std::to_string(expected.dt_ms));
  if (got.precision != expected.precision)
    in.refuse("precision bytes", "it was written with another precision",
              std::string(name(got.precision)), std::string(name(expected.precision)));
  if (got.seed != expected.seed)
    in.refuse("seed", "it was written with another seed", std::to_string(got.seed),
              std::to_string(expected.seed));
  if (got.replica != expected.replica)
    in.refuse("replica", "it is of another replica", std::to_string(got.replica),
              std::to_string(expected.replica));
  if (got.network_hash != expected.network_hash)
    in.refuse("network hash", "it is of another network, or of other values of this one",
              "'" + got.network + "' (" + hexadecimal(got.network_hash) + ")",
              "'" + expected.network + "' (" + hexadecimal(expected.network_hash) + ")");
}

}  // namespace

Simulation::Simulation(Network network, SimulationOptions options)
    : Simulation(std::make_shared<const Network>(std::move(network)), std::move(options), nullptr,
                 nullptr) {}

Simulation Simulation::resume(const std::string& checkpoint, Network network,
                              SimulationOptions options) {
  const ArchiveReader in(checkpoint, sim::checkpoint_kind, sim::checkpoint_version);
  refuse_another_run(in, info_of(network, options, 0));
  return Simulation(std::make_shared<const Network>(std::move(network)), std::move(options), &in,
                    nullptr);
}

Simulation::Simulation(std::shared_ptr<const Network> network, SimulationOptions options,
                       const ArchiveReader* resume, const Simulation* like)
    : impl_(std::make_unique<Impl>(Impl{std::move(network), std::move(options)})) {
  if (impl_->options.threads < 1)
    throw ValueError({.where = "simulation",
                      .what = "a run needs at least one thread",
                      .got = std::to_string(impl_->options.threads),
                      .expected = "threads >= 1"});
  if (like != nullptr) {
    impl_->linked = like->impl_->linked;
    impl_->expanded = like->impl_->expanded;
  } else {
    sim::refuse_what_does_not_fit(*impl_->network, impl_->options);
    impl_->linked = shared(sim::expand_links(*impl_->network, impl_->options.seed));
    const Network& linked = impl_->linked ? impl_->linked->network : *impl_->network;
    impl_->expanded = shared(sim::expand_synaptic_states(linked, impl_->options.seed));
  }
  const Network& simulated = impl_->expanded ? impl_->expanded->network
                             : impl_->linked ? impl_->linked->network
                                             : *impl_->network;
  impl_->engine = sim::make_engine(simulated, impl_->options, resume,
                                   like != nullptr ? like->impl_->engine.get() : nullptr);
}

namespace {

// What may be read and set of a plastic projection's synapses.
struct SynapseVariable {
  std::string name;
  Dimension dimension;
  bool of_model;  // declared by the synapse model
};

SynapseVariable synapse_variable(const Simulation& simulation, std::uint32_t id,
                                 std::string_view name) {
  const Network& network = simulation.network();
  if (id >= network.projections().size())
    throw ValueError({.where = "projection " + std::to_string(id),
                      .what = "no such projection",
                      .got = std::to_string(id),
                      .expected = "what connect() returned"});
  const Projection& p = network.projections()[id];
  if (!p.synapse.model || !model::is_plastic(*p.synapse.model))
    throw UnsupportedError({.where = "projection '" + p.name + "'",
                            .what = "its synapses are not plastic",
                            .got = p.synapse.model ? "'" + p.synapse.model->name() + "'" : "static",
                            .expected = "a synapse model with on_post or event-driven states"});
  const auto program = sim::compile_plastic(network, id, false, sim::KeptStates::by_synapse);
  for (const std::string& known : program.variables)
    if (known == name) {
      const model::Variable* v = p.synapse.model->find(name);
      return {known, v ? v->dimension : p.synapse.weight.dimension(), v != nullptr};
    }
  throw NameError({.where = "projection '" + p.name + "'",
                   .what = "no variable of its synapses",
                   .got = std::string(name),
                   .nearest = nearest_name(name, program.variables)});
}

}  // namespace

Simulation::~Simulation() = default;
Simulation::Simulation(Simulation&&) noexcept = default;

void Simulation::run(Quantity duration) {
  run_steps(impl_->network->grid().steps(duration, "duration of run()"));
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
Quantity Simulation::time() const { return impl_->network->grid().time(step()); }

void Simulation::set(View neurons, std::string_view name, Values values) {
  checks::view(neurons, impl_->network->populations(), "set");
  const Population& p = impl_->network->populations()[neurons.population];
  const std::string where = "population '" + p.name + "', '" + std::string(name) + "'";
  const model::Variable& v = checks::variable(
      p.model, name, {.state = true, .parameter = true, .plural = "parameters and states"},
      "population '" + p.name + "'");
  checks::values(values, v.dimension, neurons.size(), where);
  // States differ from replica to replica, parameters do not.
  const StreamKey key(impl_->options.seed, name_hash(p.name + "." + v.name), Purpose::user,
                      v.kind == model::VariableKind::parameter ? 0 : impl_->options.replica);
  std::vector<double> drawn(neurons.size());
  for (std::uint32_t i = 0; i < drawn.size(); ++i) {
    Stream stream(key, neurons.index(i), static_cast<std::uint64_t>(step()));
    drawn[i] = values.draw(stream, i);
    p.model.checked(v.name, Quantity::from_internal(drawn[i], v.dimension));
  }
  impl_->engine->set(neurons, v.name, drawn);
}

std::vector<double> Simulation::get(View neurons, std::string_view name) const {
  checks::view(neurons, impl_->network->populations(), "get");
  const Population& p = impl_->network->populations()[neurons.population];
  const model::Variable& v = checks::variable(
      p.model, name,
      {.state = true, .parameter = true, .subexpression = true, .plural = "variables"},
      "population '" + p.name + "'");
  return impl_->engine->get(neurons, v.name);
}

std::vector<double> Simulation::get_synapses(std::uint32_t projection,
                                             std::string_view name) const {
  return impl_->engine->get_synapses(projection, synapse_variable(*this, projection, name).name);
}

void Simulation::set_synapses(std::uint32_t projection, std::string_view name,
                              const Values& values) {
  const SynapseVariable v = synapse_variable(*this, projection, name);
  const std::string where = impl_->network->projections()[projection].name;
  std::vector<double> drawn(impl_->engine->synapses_of(projection));
  checks::values(values, v.dimension, drawn.size(), "projection '" + where + "', '" + v.name + "'");
  const StreamKey key(impl_->options.seed, name_hash(where + "." + v.name), Purpose::user);
  for (std::size_t k = 0; k < drawn.size(); ++k) {
    Stream stream(key, k, static_cast<std::uint64_t>(step()));
    drawn[k] = values.draw(stream, k);
    if (v.of_model)
      impl_->network->projections()[projection].synapse.model->checked(
          v.name, Quantity::from_internal(drawn[k], v.dimension));
  }
  impl_->engine->set_synapses(projection, v.name, drawn);
}

SynapseList Simulation::synapses(std::uint32_t projection) const {
  synapse_variable(*this, projection, "weight");
  return impl_->engine->synapses(projection);
}

void Simulation::rewire_synapses(std::uint32_t projection, const std::vector<bool>& removed,
                                 const SynapseList& grown, const Values& weight) {
  const SynapseVariable v = synapse_variable(*this, projection, "weight");
  const Projection& p = impl_->network->projections()[projection];
  const std::string where = "rewire_synapses, projection '" + p.name + "'";
  const auto same_number = [&](std::size_t got, std::uint64_t expected, const char* what) {
    if (got != expected)
      throw ShapeError({.where = where,
                        .what = what,
                        .got = std::to_string(got),
                        .expected = std::to_string(expected)});
  };
  if (!removed.empty())
    same_number(removed.size(), impl_->engine->synapses_of(projection), "not one value a synapse");
  const std::size_t number = grown.sources.size();
  same_number(grown.targets.size(), number, "sources and targets differ in number");
  same_number(grown.delays.size(), number, "sources and delays differ in number");
  const auto within = [&](const std::vector<std::uint32_t>& neurons, const View& view,
                          const char* what) {
    for (const std::uint32_t i : neurons)
      if (!(i < view.size()))
        throw ValueError({.where = where,
                          .what = std::string("no such ") + what + " of the projection",
                          .got = std::to_string(i),
                          .expected = "less than " + std::to_string(view.size())});
  };
  within(grown.sources, p.from, "source");
  within(grown.targets, p.to, "target");
  std::vector<double> drawn(number);
  if (number > 0) checks::values(weight, v.dimension, number, where + ", weight");
  const StreamKey key(impl_->options.seed, name_hash(p.name + ".grown"), Purpose::user);
  for (std::size_t k = 0; k < number; ++k) {
    Stream stream(key, k, static_cast<std::uint64_t>(step()));
    drawn[k] = weight.draw(stream, k);
  }
  impl_->engine->rewire(projection, removed, grown, drawn);
}

void Simulation::freeze(std::uint32_t projection, bool frozen) {
  synapse_variable(*this, projection, "weight");
  impl_->engine->freeze(projection, frozen);
}

void Simulation::reset(Reset what) { impl_->engine->reset(what); }
RecordingToKeep Simulation::recording() const {
  Recording recording = impl_->engine->recording();
  recording.populations.resize(impl_->network->populations().size());
  return RecordingToKeep(std::move(recording));
}
void Simulation::save(const std::string& path) const {
  Ranks* const ranks = impl_->options.ranks.get();
  if (ranks != nullptr && ranks->rank() != 0) {
    ArchiveWriter own;
    impl_->engine->save(own);
    ranks->send(0, own.records());
    return;
  }
  ArchiveWriter out(path, sim::checkpoint_kind, sim::checkpoint_version);
  sim::put_checkpoint_info(out, info_of(*impl_->network, impl_->options, step()));
  sim::put_recordings_folder(out, path, impl_->options.stream_dir);
  impl_->engine->save(out);
  for (int r = 1; ranks != nullptr && r < ranks->size(); ++r) out.append(ranks->receive(r));
  out.commit();
}
RunStatistics Simulation::statistics() const {
  RunStatistics statistics = impl_->engine->statistics();
  statistics.neurons = impl_->network->neurons();
  if (impl_->linked) statistics.synapses -= impl_->linked->extra_synapses;
  if (impl_->expanded) statistics.synapses -= impl_->expanded->extra_synapses;
  return statistics;
}
const Network& Simulation::network() const { return *impl_->network; }
const SimulationOptions& Simulation::options() const { return impl_->options; }

}  // namespace callosum
