"""Projections: synapses by a rule of Callosum where PyNN's connector is one, else a list of pairs."""

import numpy as np
from pyNN import common
from pyNN.core import is_listlike
from pyNN.space import Space

import callosum as cs

from . import simulator
from .synapses import StaticSynapse


class Connection(common.Connection):
    """One synapse, by its place in the projection."""

    def __init__(self, projection, index):
        object.__setattr__(self, "projection", projection)
        object.__setattr__(self, "index", index)

    def __getattr__(self, name):
        if name.startswith("__"):
            raise AttributeError(name)
        return self.projection._column(name)[self.index]

    def __setattr__(self, name, value):
        column = self.projection._column(name).copy()
        column[self.index] = value
        self.projection._assign(name, column)

    def as_tuple(self, *names):
        return tuple(getattr(self, name) for name in names)


class _Part:
    """Synapses that are one projection of the network: one population before and one behind, and equal
    parameters beside weight and delay."""

    def __init__(self, post, chosen):
        self.post = post
        self.chosen = chosen  # places of its synapses in the projection
        self.number = None  # of the projection in the network


class Projection(common.Projection):
    __doc__ = common.Projection.__doc__
    _simulator = simulator
    _static_synapse_class = StaticSynapse

    def __init__(self, presynaptic_neurons, postsynaptic_neurons, connector, synapse_type=None,
                 source=None, receptor_type=None, space=Space(), label=None):
        common.Projection.__init__(self, presynaptic_neurons, postsynaptic_neurons, connector,
                                   synapse_type, source, receptor_type, space, label)
        state = simulator.state
        taken = {p._name for p in state.projections}
        self._name, count = str(self.label), 2
        while self._name in taken:
            self._name, count = f"{self.label} ({count})", count + 1
        self._rule = None  # a rule that has not been drawn here
        self._parts = []
        self._settable = False  # its weights may change while it runs
        self._after_reset = None  # weights that were set during a run
        self._pre_found, self._post_found, self._given = [], [], {}
        connector.connect(self)
        if self._rule is None:
            self._collect()
        state.projections.append(self)
        state.changed()

    # --- making the list -----------------------------------------------------------------------

    def _convergent_connect(self, presynaptic_indices, postsynaptic_index, location_selector=None,
                            **connection_parameters):
        if location_selector not in (None, "all"):
            raise NotImplementedError("point neurons have no locations")
        sources = np.atleast_1d(presynaptic_indices)
        self._pre_found.append(sources)
        self._post_found.append(np.full(sources.size, postsynaptic_index))
        for name, value in connection_parameters.items():
            value = np.asarray(value, dtype=float)
            self._given.setdefault(name, []).append(np.broadcast_to(value, sources.shape))

    def _collect(self):
        def joined(parts, kind):
            return np.concatenate(parts).astype(kind) if parts else np.empty(0, kind)

        self._sources = joined(self._pre_found, int)
        self._targets = joined(self._post_found, int)
        self._columns = {name: joined(parts, float) for name, parts in self._given.items()}
        for name in self.synapse_type.native_parameters.keys():
            self._columns.setdefault(name, np.empty(self._sources.size))
        self._pre_found, self._post_found, self._given = [], [], {}

    def _use_rule(self, rule, parameters):
        """Connects by a rule of the library; `parameters` are constants or cs.Values."""
        self._rule, self._rule_values = rule, parameters

    def _draw(self):
        """Makes a list of what a rule draws: when someone asks for its synapses."""
        if self._rule is None:
            return
        net = cs.Network(simulator.state.dt * cs.units.ms, "pynn")
        for population in {id(p): p for p in (self._whole(self.pre), self._whole(self.post))}.values():
            population._build(net)
        number = self._connect_rule(net)
        drawn = net.synapses(number, seed=simulator.state.options.get("seed", 1))
        to_view = [{int(k): i for i, k in enumerate(p._own)} for p in (self.pre, self.post)]
        self._sources = np.array([to_view[0][int(i)] for i in drawn["sources"]], dtype=int)
        self._targets = np.array([to_view[1][int(i)] for i in drawn["targets"]], dtype=int)
        _, scale = self._target(self.post)
        n = self._sources.size
        self._columns = {"weight": drawn["weights"] / scale, "delay": drawn["delays_ms"]}
        for name, value in self._rule_values.items():
            if not hasattr(value, "name"):
                self._columns[name] = np.full(n, float(value))
        self._rule = None

    # --- reading and writing -------------------------------------------------------------------

    def __len__(self):
        self._draw()
        return self._sources.size

    def __getitem__(self, i):
        return Connection(self, range(len(self))[i])

    @property
    def connections(self):
        return (Connection(self, i) for i in range(len(self)))

    def _column(self, name):
        self._draw()
        if name == "presynaptic_index":
            return self._sources
        if name == "postsynaptic_index":
            return self._targets
        if name == "weight" and self._plastic() and simulator.state._steps > 0:
            return self._weights_now()
        self._settle()
        name = {"weights": "weight", "delays": "delay"}.get(name, name)
        if name not in self._columns:
            raise AttributeError(f"synapses of '{self.label}' have no '{name}'; "
                                 f"they have {', '.join(self._columns)}")
        return self._columns[name]

    def _plastic(self):
        return self._settable or self.synapse_type.plastic

    def _weights_now(self):
        state = simulator.state
        state.build()
        weights = self._columns["weight"].copy()
        for part in self._parts:
            _, scale = self._target(part.post)
            weights[part.chosen] = state.simulation.get_synapses(part.number, "weight") / scale
        return weights

    def _settle(self):
        """What was set during a run is where the next segment begins."""
        if self._after_reset is not None and simulator.state._steps == 0:
            self._columns["weight"], self._after_reset = self._after_reset, None

    def _get_attributes_as_list(self, names):
        return list(zip(*[self._column(name).tolist() for name in names]))

    def _get_attributes_as_arrays(self, names, multiple_synapses="sum"):
        self._draw()
        result = []
        for name in names:
            values = np.full(self.shape, np.nan)
            at = (self._sources, self._targets)
            column = self._column(name)
            if multiple_synapses == "last":
                values[at] = column
            elif multiple_synapses == "first":
                values[at[0][::-1], at[1][::-1]] = column[::-1]
            else:
                values[at] = {"sum": 0.0, "min": np.inf, "max": -np.inf}[multiple_synapses]
                {"sum": np.add, "min": np.minimum, "max": np.maximum}[multiple_synapses].at(
                    values, at, column)
            result.append(values)
        return result

    def _set_attributes(self, parameter_space):
        self._draw()
        parameter_space.evaluate(simplify=False)
        for name, matrix in parameter_space.items():
            self._assign(name, np.asarray(matrix, dtype=float)[self._sources, self._targets])

    def _set_initial_value_array(self, variable, initial_value):
        self._draw()
        numbers = np.broadcast_to(initial_value.evaluate(simplify=True), self._sources.shape)
        self._columns[variable] = np.asarray(numbers, dtype=float)
        simulator.state.changed()

    def _assign(self, name, column):
        state = simulator.state
        if state._steps == 0:
            self._draw()
            self._columns[name] = column
            state.changed()
            return
        if name != "weight":
            raise cs.errors.UnsupportedError(
                f"[projection '{self.label}', {name}] only weights can change during a run: got "
                f"{name} at t = {state.t} ms, expected before run() or after reset()")
        self._draw()
        if not self._plastic():  # from now on they are of a kind that can be set
            self._settable = True
            state.changed()
        state.build()
        for part in self._parts:
            _, scale = self._target(part.post)
            numbers = simulator.values(column[part.chosen] * scale, part.unit)

            def act(simulation, number=part.number, numbers=numbers):
                simulation.set_synapses(number, "weight", numbers)

            state.note(act)
        self._after_reset = column
        state.changed_after_reset()

    # --- building ------------------------------------------------------------------------------

    @staticmethod
    def _whole(group):
        return group._population

    @staticmethod
    def _members(group):
        return group.populations if isinstance(group, common.Assembly) else [group]

    def _target(self, post):
        """Variable that a spike adds to, and the factor from PyNN's unit of weights."""
        return post.celltype.target_of(self.receptor_type)

    def _places(self, group, indices):
        """(number of the member, index in its population) of indices within a group."""
        members = self._members(group)
        ends = np.cumsum([m.size for m in members])
        which = np.searchsorted(ends, indices, side="right")
        own = np.concatenate([m._own for m in members])
        return which, own[indices]

    def _options(self, post, columns):
        """Keyword arguments of Network.connect for synapses onto the population `post`."""
        variable, scale = self._target(post)
        unit = post.celltype.unit(variable)
        options = {"target": variable,
                   "weight": simulator.values(np.asarray(columns["weight"]) * scale, unit)}
        steps = np.maximum(np.round(np.asarray(columns["delay"]) / simulator.state.dt), 1)
        options["delay"] = simulator.values(steps * simulator.state.dt, "ms")
        options.update(self.synapse_type.options(columns, scale, unit, self._settable))
        return options, unit

    def _connect_rule(self, net):
        values = self._rule_values
        variable, scale = self._target(self.post)
        unit = self.post.celltype.unit(variable)
        options = {"target": variable, "weight": _scaled(values["weight"], scale, unit),
                   "delay": _scaled(values["delay"], 1.0, "ms", simulator.state.dt)}
        views = [net.population(self._whole(g)._name)[np.asarray(g._own)]
                 for g in (self.pre, self.post)]
        return net.connect(views[0], views[1], self._rule, name=self._name, **options)

    def _build(self, net):
        if self._rule is not None:
            self._connect_rule(net)
            return
        self._settle()
        self._parts = []
        pre_of, sources = self._places(self.pre, self._sources)
        post_of, targets = self._places(self.post, self._targets)
        columns = self._begin_columns()
        for i, pre in enumerate(self._members(self.pre)):
            for j, post in enumerate(self._members(self.post)):
                chosen = np.flatnonzero((pre_of == i) & (post_of == j))
                if not chosen.size:
                    continue
                # In the library's order: by source, block of targets, place in the list.
                chosen = chosen[np.lexsort((targets[chosen] // 1024, sources[chosen]))]
                post = self._whole(post)
                own = {name: column[chosen] for name, column in columns.items()}
                own.update(self.synapse_type.more_columns(post, targets[chosen],
                                                          self.receptor_type))
                for group in self._alike(own):
                    self._connect_part(net, self._whole(pre), post, sources, targets, chosen[group],
                                       {name: column[group] for name, column in own.items()})

    def _alike(self, columns):
        """Groups of synapses that differ in weight and delay alone: each is a projection."""
        others = [c for name, c in columns.items() if name not in ("weight", "delay")]
        n = columns["weight"].size
        if all((c == c[0]).all() for c in others):
            return [np.arange(n)]
        rows, group = np.unique(np.stack(others), axis=1, return_inverse=True)
        if rows.shape[1] > 256:
            raise cs.errors.UnsupportedError(
                f"[projection '{self.label}'] parameters of synapses other than weight and delay "
                f"take {rows.shape[1]} different values, expected at most 256")
        return [np.flatnonzero(group.ravel() == k) for k in range(rows.shape[1])]

    def _connect_part(self, net, pre, post, sources, targets, chosen, columns):
        part = _Part(post, chosen)
        options, part.unit = self._options(post, columns)
        name = self._name if not self._parts else f"{self._name} [{len(self._parts)}]"
        part.number = net.connect(pre._name, post._name,
                                  cs.pairs(sources[chosen], targets[chosen]), name=name, **options)
        self._parts.append(part)

    def _begin_columns(self):
        """Columns as they were when this segment began."""
        if simulator.state._steps == 0:
            self._at_start = {name: c.copy() for name, c in self._columns.items()}
        return getattr(self, "_at_start", self._columns)


def _scaled(value, scale, unit, grid=None):
    """A constant, or a RandomDistribution, as the library takes it."""
    if not hasattr(value, "name"):
        if grid is not None:
            value = max(round(float(value) / grid), 1) * grid
        return simulator.values(float(value) * scale, unit)
    one = simulator.values(1.0, unit)
    p = value.parameters
    if value.name == "normal":
        return cs.Values.normal(p["mu"] * scale * one, abs(p["sigma"] * scale) * one)
    if value.name == "uniform":
        low, high = sorted((p["low"] * scale, p["high"] * scale))
        return cs.Values.uniform(low * one, high * one)
    if value.name == "exponential":
        return cs.Values.exponential(p["beta"] * scale * one)
    if value.name == "normal_clipped":
        low, high = sorted((p["low"] * scale, p["high"] * scale))
        return cs.Values.normal(p["mu"] * scale * one, abs(p["sigma"] * scale) * one).within(
            None if np.isinf(low) else low * one, None if np.isinf(high) else high * one)
    return None


def values_of_rule(parameter_space):
    """{name: number or RandomDistribution} where a rule can draw all of it, else None."""
    result = {}
    for name, lazy in parameter_space.items():
        base = lazy.base_value
        if lazy.operations or callable(base) or is_listlike(base):
            return None
        if hasattr(base, "name"):
            if name not in ("weight", "delay") or _scaled(base, 1.0, "ms") is None:
                return None
            result[name] = base
        else:
            result[name] = float(base)
    return result
