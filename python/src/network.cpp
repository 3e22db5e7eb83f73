#include <nanobind/operators.h>

#include "callosum/format/write_network.h"
#include "callosum/network/connectivity.h"
#include "convert.h"

namespace callosum::python {
namespace {

/// A view, or the name of a population.
View to_view(const Network& network, nb::handle value, const std::string& where) {
  if (nb::isinstance<View>(value)) return nb::cast<View>(value);
  if (nb::isinstance<nb::str>(value)) return network.population(nb::cast<std::string>(value));
  throw nb::type_error(message({.where = where,
                                .what = "this is no population",
                                .got = nb::repr(value).c_str(),
                                .expected = "a View or a population's name"})
                           .c_str());
}

View sub_view(const View& view, nb::handle key) {
  View result = view;
  result.list.clear();
  if (PySlice_Check(key.ptr())) {
    const auto [start, stop, step, length] = nb::borrow<nb::slice>(key).compute(view.size());
    if (length == 0 || step < 1)
      throw ValueError({.where = "slice of a view",
                        .what = length == 0 ? "it is empty" : "it runs backwards",
                        .got = nb::repr(key).c_str(),
                        .expected = "at least one of " + std::to_string(view.size()) + " neurons"});
    if (view.list.empty()) {
      result.begin = view.begin + static_cast<std::uint32_t>(start) * view.step;
      result.step = view.step * static_cast<std::uint32_t>(step);
      result.end = result.begin + static_cast<std::uint32_t>(length - 1) * result.step + 1;
    } else {
      for (std::size_t i = 0; i < length; ++i)
        result.list.push_back(
            view.list[static_cast<std::size_t>(start) + i * static_cast<std::size_t>(step)]);
    }
    return result;
  }
  nb::object keys = nb::borrow(key);
  if (PyLong_Check(key.ptr())) {
    long i = nb::cast<long>(key);
    if (i < 0) i += view.size();
    keys = nb::make_tuple(i);
  } else if (nb::hasattr(key, "dtype") &&
             nb::cast<std::string>(key.attr("dtype").attr("kind")) == "b") {
    if (nb::len(key) != view.size())
      throw ShapeError({.where = "mask of a view",
                        .what = "it has another length",
                        .got = std::to_string(nb::len(key)),
                        .expected = std::to_string(view.size())});
    keys = nb::module_::import_("numpy").attr("flatnonzero")(key);
  }
  std::vector<std::uint32_t> chosen;
  for (std::uint32_t i : to_indices(keys, "neurons of a view")) {
    if (!(i < view.size()))
      throw ValueError({.where = "neurons of a view",
                        .what = "there is no such neuron",
                        .got = std::to_string(i),
                        .expected = "below " + std::to_string(view.size())});
    chosen.push_back(view.index(i));
  }
  std::sort(chosen.begin(), chosen.end());
  chosen.erase(std::unique(chosen.begin(), chosen.end()), chosen.end());
  if (chosen.empty())
    throw ValueError({.where = "neurons of a view",
                      .what = "none is chosen",
                      .got = "nothing",
                      .expected = "at least one neuron"});
  result.begin = chosen.front();
  result.end = chosen.back() + 1;
  result.step = 1;
  result.list = std::move(chosen);
  return result;
}

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

Space space(nb::handle extent, bool wrap, bool grid, nb::handle positions, int dimensions) {
  Space s;
  s.wrap = wrap;
  s.grid = grid;
  s.dimensions = dimensions;
  if (!extent.is_none()) {
    const Values edges = to_values(extent, "Space, extent");
    std::vector<double> all(edges.elements().begin(), edges.elements().end());
    if (edges.is_constant()) all.assign(static_cast<std::size_t>(dimensions), edges.first());
    if (edges.dimension() != dimension::length || all.empty() || all.size() > 3)
      throw UnitError({.where = "Space, extent",
                       .what = "this is no extent",
                       .got = nb::repr(extent).c_str(),
                       .expected = "one to three lengths, such as [1000, 1000] * um"});
    s.dimensions = static_cast<int>(all.size());
    std::copy(all.begin(), all.end(), s.extent_um.begin());
  }
  if (!positions.is_none()) {
    const Values places = to_values(positions, "Space, positions");
    if (places.dimension() != dimension::length)
      throw UnitError({.where = "Space, positions",
                       .what = "positions are lengths",
                       .got = places.dimension().internal_name(),
                       .expected = "um"});
    s.positions_um.assign(places.elements().begin(), places.elements().end());
  }
  return s;
}

format::NetworkFile read(const std::string& path, double scale, nb::handle dt,
                         const std::map<std::string, nb::object>& set) {
  format::NetworkOverrides overrides;
  overrides.scale = scale;
  const auto text = [](nb::handle value, const char* where) {
    return nb::isinstance<nb::str>(value) ? nb::cast<std::string>(value)
                                          : to_string(to_quantity(value, where));
  };
  if (!dt.is_none()) overrides.dt = text(dt, "read_network, dt");
  for (const auto& [name, value] : set) overrides.set[name] = text(value, "read_network, set");
  return format::read_network(path, overrides);
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
  nb::class_<View>(m, "View",
                   "Neurons of one population. view[10:20], view[::2], view[[3, 5]] and "
                   "view[mask] are views as well.")
      .def("__len__", &View::size)
      .def("__getitem__", &sub_view, "key"_a)
      .def_prop_ro(
          "indices",
          [](const View& v) {
            std::vector<std::uint32_t> all;
            for (std::uint32_t i = 0; i < v.size(); ++i) all.push_back(v.index(i));
            const std::size_t n = all.size();
            return new_array(std::move(all), {n});
          },
          "Index of each neuron within its population.")
      .def(nb::self == nb::self)
      .def("__repr__", [](const View& v) {
        return "<view of " + std::to_string(v.size()) + " neurons of population " +
               std::to_string(v.population) + ">";
      });

  nb::class_<Space>(m, "Space", "Where the neurons of a population stand.")
      .def(
          "__init__",
          [](Space* self, nb::handle extent, bool wrap, bool grid, nb::handle positions,
             int dimensions) {
            new (self) Space(space(extent, wrap, grid, positions, dimensions));
          },
          "extent"_a = nb::none(), nb::kw_only(), "wrap"_a = false, "grid"_a = false,
          "positions"_a = nb::none(), "dimensions"_a = 2,
          "extent: edge lengths, [1000, 1000]*um. Neurons stand at random, on a lattice (grid), or "
          "at `positions` [neurons, dimensions] times a length.");

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

  using format::NetworkFile;
  nb::class_<NetworkFile>(m, "NetworkFile", "What a network file says.")
      .def_ro("network", &NetworkFile::network)
      .def_ro("duration", &NetworkFile::duration)
      .def_ro("title", &NetworkFile::title)
      .def_ro("reference", &NetworkFile::reference)
      .def_ro("doc", &NetworkFile::doc)
      .def_ro("seed", &NetworkFile::seed)
      .def_prop_ro("text", &format::write_network,
                   "The file with every default written out; reading it gives an equal network.")
      .def("__repr__",
           [](const NetworkFile& f) { return "<network file: " + describe(f.network) + ">"; });
  m.def("read_network", &read, "path"_a, nb::kw_only(), "scale"_a = 1.0, "dt"_a = nb::none(),
        "set"_a = std::map<std::string, nb::object>(),
        "Reads a network file (docs/guide/network-file.md); `set` takes "
        "{\"population.parameter\": value}.");
}

}  // namespace callosum::python
