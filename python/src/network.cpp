#include "callosum/network/connectivity.h"
#include "convert.h"

namespace callosum::python {
namespace {

template <class Enum, std::size_t n>
Enum named(const std::string& name, const std::array<std::pair<const char*, Enum>, n>& all,
           const std::string& where) {
  std::vector<std::string> known;
  std::string list;
  for (const auto& [text, value] : all) {
    if (name == text) return value;
    known.emplace_back(text);
    list += (list.empty() ? "" : ", ") + known.back();
  }
  throw NameError({.where = where,
                   .what = "there is no such choice",
                   .got = name,
                   .expected = list,
                   .nearest = nearest_name(name, known)});
}

constexpr std::array states = {std::pair{"automatic", SynapseState::automatic},
                               std::pair{"per_target", SynapseState::per_target},
                               std::pair{"per_source", SynapseState::per_source},
                               std::pair{"per_synapse", SynapseState::per_synapse}};
constexpr std::array stimuli = {
    std::pair{"constant", Stimulus::Kind::constant}, std::pair{"steps", Stimulus::Kind::steps},
    std::pair{"sine", Stimulus::Kind::sine},         std::pair{"noise", Stimulus::Kind::noise},
    std::pair{"poisson", Stimulus::Kind::poisson},   std::pair{"array", Stimulus::Kind::array}};
constexpr std::array schedules = {std::pair{"callosum", model::Schedule::callosum},
                                  std::pair{"brian2", model::Schedule::brian2}};

View add(Network& network, const std::string& name, std::uint32_t size, nb::handle model,
         const nb::dict& parameters, const nb::dict& initial, std::optional<Space> space,
         const std::string& method, const std::map<std::string, int>& substeps) {
  const std::string where = "population '" + name + "'";
  PopulationOptions options;
  options.parameters = to_values_by_name(parameters, where + ", parameters");
  options.initial = to_values_by_name(initial, where + ", initial");
  options.space = std::move(space);
  options.method = method;
  options.substeps = substeps;
  // A name may be that of a neuron or of a source.
  return network.add(name, size,
                     nb::isinstance<nb::str>(model) ? library::find(nb::cast<std::string>(model))
                                                    : to_model(model, model::ModelKind::neuron),
                     options);
}

View add_spike_list(Network& network, const std::string& name, std::uint32_t size,
                    nb::handle neurons, nb::handle times) {
  const std::string where = "spike list '" + name + "'";
  if (PySequence_Check(times.ptr()) && nb::len(times) == 0)
    return network.add_spike_list(name, size, to_indices(neurons, where + ", neurons"), {});
  const Values given = to_values(times, where + ", times");
  std::vector<Quantity> all;
  if (given.kind() != Values::Kind::array) {
    all.push_back(Quantity::from_internal(given.first(), given.dimension()));
  } else {
    for (double t : given.elements()) all.push_back(Quantity::from_internal(t, given.dimension()));
  }
  return network.add_spike_list(name, size, to_indices(neurons, where + ", neurons"),
                                std::move(all));
}

void set_spikes(Network& network, nb::handle population, nb::handle neurons, nb::handle times) {
  const std::string where = "set_spikes";
  const View view = to_view(network, population, where);
  std::vector<std::int64_t> steps;
  if (!PySequence_Check(times.ptr()) || nb::len(times) > 0) {
    const Values given = to_values(times, where + ", times");
    for (double t : given.elements())
      steps.push_back(
          network.grid().steps(Quantity::from_internal(t, given.dimension()), where + ", times"));
  }
  network.set_spikes(view, to_indices(neurons, where + ", neurons"), std::move(steps));
}

std::uint32_t connect(Network& network, nb::handle from, nb::handle to, const Rule& rule,
                      const std::string& target, nb::handle weight, nb::handle delay,
                      nb::handle model, const nb::dict& parameters, nb::handle velocity,
                      nb::handle dendritic_delay, const std::string& state,
                      const std::string& source_variable, const std::string& name) {
  SynapseOptions o;
  o.target = target;
  o.weight = to_values(weight, "connect, weight");
  if (!delay.is_none()) o.delay = to_values(delay, "connect, delay");
  if (!model.is_none()) o.model = to_model(model, model::ModelKind::synapse);
  o.parameters = to_values_by_name(parameters, "connect, parameters");
  if (!velocity.is_none()) o.velocity = to_quantity(velocity, "connect, velocity");
  if (!dendritic_delay.is_none())
    o.dendritic_delay = to_quantity(dendritic_delay, "connect, dendritic_delay");
  o.state = named(state, states, "connect, state");
  o.source_variable = source_variable;
  o.name = name;
  return network.connect(to_view(network, from, "connect, from_"),
                         to_view(network, to, "connect, to"), rule, std::move(o));
}

void give_samples(Stimulus& s, const Network& network, nb::handle samples) {
  const std::string where = "stimulate, samples";
  const Values values = to_values(samples, where);
  if (values.kind() != Values::Kind::array)
    throw ShapeError({.where = where,
                      .what = "this is no array",
                      .got = nb::repr(samples).c_str(),
                      .expected = "an array [samples, neurons] times a unit"});
  const Dimension expected = network.populations()[s.to.population].model.at(s.target).dimension;
  if (values.dimension() != expected)
    throw UnitError({.where = where,
                     .what = "the unit does not fit '" + s.target + "'",
                     .got = values.dimension().internal_name(),
                     .expected = expected.internal_name()});
  s.samples.assign(values.elements().begin(), values.elements().end());
}

std::uint32_t stimulate(Network& network, const std::string& kind, nb::handle to,
                        const std::string& target, nb::handle value, nb::handle rate,
                        double sources, nb::handle amplitude, nb::handle frequency, double phase,
                        nb::handle times, nb::handle samples, nb::handle start, nb::handle stop,
                        nb::handle interval, const std::string& name) {
  const TimeGrid& grid = network.grid();
  Stimulus s;
  s.kind = named(kind, stimuli, "stimulate, kind");
  s.name = name;
  s.to = to_view(network, to, "stimulate, to");
  s.target = target;
  s.sources = sources;
  s.phase = phase;
  if (!value.is_none()) s.value = to_values(value, "stimulate, value");
  if (!rate.is_none()) s.rate = to_values(rate, "stimulate, rate");
  if (!amplitude.is_none()) s.amplitude = to_quantity(amplitude, "stimulate, amplitude");
  if (!frequency.is_none()) s.frequency = to_quantity(frequency, "stimulate, frequency");
  if (!start.is_none()) s.start = to_steps(start, grid, "stimulate, start");
  if (!stop.is_none()) s.stop = to_steps(stop, grid, "stimulate, stop");
  if (!interval.is_none()) s.interval = to_steps(interval, grid, "stimulate, interval");
  if (!times.is_none()) {
    const Values given = to_values(times, "stimulate, times");
    for (double t : given.elements())
      s.times.push_back(
          grid.steps(Quantity::from_internal(t, given.dimension()), "stimulate, times"));
  }
  if (!samples.is_none()) give_samples(s, network, samples);
  return network.stimulate(std::move(s));
}

/// Every synapse of a projection in global order: by source, block of targets, draw order.
nb::dict synapses(const Network& network, std::uint32_t projection, std::uint64_t seed) {
  if (projection >= network.projections().size())
    throw ValueError({.where = "projection " + std::to_string(projection),
                      .what = "no such projection",
                      .got = std::to_string(projection),
                      .expected = "what connect() returned"});
  const Projection& p = network.projections()[projection];
  const Connectivity connectivity(network, projection, seed);
  std::vector<BlockSynapses> blocks(connectivity.blocks());
  for (std::uint32_t b = 0; b < blocks.size(); ++b) connectivity.draw(b, blocks[b]);
  std::vector<std::uint32_t> sources, targets;
  std::vector<double> weights, delays;
  for (std::uint32_t s = 0; s < connectivity.sources(); ++s)
    for (std::uint32_t b = 0; b < blocks.size(); ++b)
      for (std::uint32_t k = blocks[b].row_offsets[s]; k < blocks[b].row_offsets[s + 1]; ++k) {
        sources.push_back(p.from.index(s));
        targets.push_back(b * block_size + blocks[b].targets[k]);
        weights.push_back(blocks[b].weights.empty() ? connectivity.weight() : blocks[b].weights[k]);
        delays.push_back(network.grid().ms(blocks[b].delays.empty() ? connectivity.delay()
                                                                    : blocks[b].delays[k]));
      }
  const std::size_t n = sources.size();
  nb::dict result;
  result["sources"] = new_array(std::move(sources), {n});
  result["targets"] = new_array(std::move(targets), {n});
  result["weights"] = new_array(std::move(weights), {n});
  result["delays_ms"] = new_array(std::move(delays), {n});
  return result;
}

std::string describe(const Network& n) {
  std::string text = "<network '" + n.name() + "': " + std::to_string(n.neurons()) + " neurons in ";
  if (n.populations().size() > 6) {
    text += std::to_string(n.populations().size()) + " populations";
  } else {
    text += "[";
    for (const Population& p : n.populations())
      text += (text.back() == '[' ? "" : ", ") + p.name + " (" + std::to_string(p.size) + " " +
              p.model.name() + ")";
    text += "]";
  }
  return text + ", " + std::to_string(n.projections().size()) + " projections, dt " +
         to_string(n.grid().dt()) + ">";
}

}  // namespace

void bind_network(nb::module_& m) {
  nb::class_<Network>(m, "Network",
                      "Populations, projections, stimuli and recorders: a description without "
                      "state. Every call checks its arguments and changes nothing when it raises.")
      .def(
          "__init__",
          [](Network* self, nb::handle dt, const std::string& name) {
            new (self) Network(to_quantity(dt, "Network, dt"), name);
          },
          "dt"_a = "0.1 ms", "name"_a = "network")
      .def("add", &add, "name"_a, "size"_a, "model"_a, nb::kw_only(), "parameters"_a = nb::dict(),
           "initial"_a = nb::dict(), "space"_a = nb::none(), "method"_a = "",
           "substeps"_a = std::map<std::string, int>(),
           "A population: `model` is a Model or the name of a shipped one; `parameters` and "
           "`initial` take constants, distributions (Values) or arrays of one value a neuron. "
           "Returns its View.")
      .def("add_spike_list", &add_spike_list, "name"_a, "size"_a, "neurons"_a, "times"_a,
           "A population that fires when told: `neurons` (indices) and `times` (with a unit), of "
           "equal length.")
      .def("set_spikes", &set_spikes, "population"_a, "neurons"_a, "times"_a,
           "Replaces what a population of add_spike_list fires.")
      .def("connect", &connect, "from_"_a, "to"_a, "rule"_a, nb::kw_only(), "target"_a = "",
           "weight"_a = 1.0, "delay"_a = nb::none(), "model"_a = nb::none(),
           "parameters"_a = nb::dict(), "velocity"_a = nb::none(), "dendritic_delay"_a = nb::none(),
           "state"_a = "automatic", "source_variable"_a = "", "name"_a = "",
           "Synapses from one view (or population's name) to another. A spike adds `weight` to "
           "the state `target` after `delay` (one step if not given). Returns the projection's "
           "number.")
      .def("synapses", &synapses, "projection"_a, nb::kw_only(), "seed"_a = 1,
           "The synapses that a simulation of this seed draws for a projection: a dict of arrays "
           "`sources` and `targets` (within their populations), `weights` (internal units, as "
           "drawn) and `delays_ms`, in the order of Simulation.get_synapses.")
      .def("stimulate", &stimulate, "kind"_a, "to"_a, "target"_a, nb::kw_only(),
           "value"_a = nb::none(), "rate"_a = nb::none(), "sources"_a = 1.0,
           "amplitude"_a = nb::none(), "frequency"_a = nb::none(), "phase"_a = 0.0,
           "times"_a = nb::none(), "samples"_a = nb::none(), "start"_a = nb::none(),
           "stop"_a = nb::none(), "interval"_a = nb::none(), "name"_a = "",
           "An input without a source population. kind: constant, steps (value[i] from times[i] "
           "on), sine, noise, poisson (`sources` trains of `rate`, each spike adds `value`), "
           "array (`samples` [n, neurons] times a unit, each held for `interval`).")
      .def(
          "record_spikes",
          [](Network& n, nb::handle view) { n.record_spikes(to_view(n, view, "record_spikes")); },
          "view"_a)
      .def(
          "record",
          [](Network& n, nb::handle view, const std::string& variable, nb::handle interval) {
            n.record(to_view(n, view, "record"), variable,
                     interval.is_none() ? Quantity(0, dimension::time)
                                        : to_quantity(interval, "record, interval"));
          },
          "view"_a, "variable"_a, "interval"_a = nb::none(),
          "A state or subexpression, every `interval` (each step if not given).")
      .def(
          "record_weights",
          [](Network& n, std::uint32_t projection, nb::handle interval) {
            n.record_weights(projection, to_quantity(interval, "record_weights, interval"));
          },
          "projection"_a, "interval"_a)
      .def("population", &Network::population, "name"_a)
      .def(
          "set",
          [](Network& n, nb::handle population, const std::string& name, nb::handle values) {
            n.set(to_view(n, population, "set"), name, to_values(values, "set, '" + name + "'"));
          },
          "population"_a, "name"_a, "values"_a,
          "Another value for a parameter or initial state of a whole population.")
      .def_prop_ro("name", &Network::name)
      .def_prop_ro("dt", [](const Network& n) { return n.grid().dt(); })
      .def_prop_rw(
          "schedule",
          [](const Network& n) {
            return n.schedule() == model::Schedule::brian2 ? "brian2" : "callosum";
          },
          [](Network& n, const std::string& name) {
            n.set_schedule(named(name, schedules, "schedule"));
          },
          "Order of a step: \"callosum\" (NEST's) or \"brian2\".")
      .def_prop_ro("populations",
                   [](const Network& n) {
                     std::vector<std::string> names;
                     for (const Population& p : n.populations()) names.push_back(p.name);
                     return names;
                   })
      .def_prop_ro("projections",
                   [](const Network& n) {
                     std::vector<std::string> names;
                     for (const Projection& p : n.projections()) names.push_back(p.name);
                     return names;
                   })
      .def_prop_ro("neurons", &Network::neurons)
      .def("hash", &Network::hash, "Of everything that decides the result.")
      .def("copy", [](const Network& n) { return n; })
      .def("__copy__", [](const Network& n) { return n; })
      .def(
          "__deepcopy__", [](const Network& n, nb::handle) { return n; }, "memo"_a)
      .def("__repr__", &describe);
}

}  // namespace callosum::python
