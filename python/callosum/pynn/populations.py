"""Populations, views of them, and assemblies."""

import numpy as np
from pyNN import common
from pyNN.errors import InvalidParameterValueError
from pyNN.parameters import ParameterSpace, simplify
from pyNN.standardmodels import StandardCellType

from . import simulator
from .recording import Recorder


class Assembly(common.Assembly):
    __doc__ = common.Assembly.__doc__
    _simulator = simulator


def _check_spike_times(sequences):
    for times in sequences:
        if (np.diff(times.value) < 0).any():
            raise InvalidParameterValueError("Spike times given to SpikeSourceArray must be in "
                                             f"increasing order, got {times.value}")


class _Members:
    """What populations and views share: access to the arrays of native parameters."""

    def _get_view(self, selector, label=None):
        return PopulationView(self, selector, label)

    def _get_parameters(self, *names):
        celltype = self.celltype
        if (not isinstance(celltype, StandardCellType)
                or not hasattr(celltype, "computed_parameters_include")):
            return self._get_native_parameters(*names)  # PyNN before 0.12 translates them itself
        if celltype.computed_parameters_include(names):
            native = celltype.get_native_names()
        else:
            native = celltype.get_native_names(*names)
        return celltype.reverse_translate(self._get_native_parameters(*native))

    def _get_native_parameters(self, *names):
        return ParameterSpace(
            {name: simplify(self._all_parameters[name][self._own]) for name in names},
            shape=(self.size,))

    def _set_parameters(self, parameter_space):
        parameter_space.evaluate(simplify=False)
        for name, given in parameter_space.items():
            self._population._assign(name, self._own, given)

    def _set_initial_value_array(self, variable, initial_values):
        self._population._set_initial(variable, self._own,
                                      initial_values.evaluate(simplify=False))


class PopulationView(_Members, common.PopulationView):
    __doc__ = common.PopulationView.__doc__
    _simulator = simulator
    _assembly_class = Assembly

    @property
    def _population(self):
        return self.grandparent

    @property
    def _all_parameters(self):
        return self.grandparent._parameters

    @property
    def _own(self):
        return self.index_in_grandparent(np.arange(self.size))


class Population(_Members, common.Population):
    __doc__ = common.Population.__doc__
    _simulator = simulator
    _recorder_class = Recorder
    _assembly_class = Assembly

    @property
    def _population(self):
        return self

    @property
    def _all_parameters(self):
        return self._parameters

    @property
    def _own(self):
        return np.arange(self.size)

    def _create_cells(self):
        state = simulator.state
        ids = range(state.id_counter, state.id_counter + self.size)
        self.all_cells = np.array([simulator.ID(i) for i in ids], dtype=simulator.ID)
        for cell in self.all_cells:
            cell.parent = self
        self._mask_local = np.ones(self.size, bool)
        state.id_counter += self.size
        taken = {p._name for p in state.populations}
        self._name, count = self.label, 2
        while self._name in taken:
            self._name, count = f"{self.label} ({count})", count + 1
        if isinstance(self.celltype, StandardCellType):
            space = self.celltype.native_parameters
        else:
            space = self.celltype.parameter_space
        space.shape = (self.size,)
        space.evaluate(simplify=False)
        self._parameters = {name: np.array(np.broadcast_to(value, (self.size,)))
                            for name, value in space.items()}
        if "spike_times" in self._parameters:
            _check_spike_times(self._parameters["spike_times"])
        self._initial = {}
        self._begin_segment()
        state.populations.append(self)
        state.changed()

    # --- values --------------------------------------------------------------------------------

    def _assign(self, name, cells, given):
        state = simulator.state
        if name == "spike_times":
            _check_spike_times(np.atleast_1d(given))
        if self._parameters[name].dtype == object or given.dtype == object:
            self._parameters[name] = self._parameters[name].astype(object)
        self._parameters[name][cells] = given
        if name == "spike_times":
            # What lies in the past has happened.
            for i, new in zip(cells, np.atleast_1d(given)):
                old = self._emitted[i]
                self._emitted[i] = np.concatenate(
                    [old[old <= state.t + state.dt / 2], new.value[new.value > state.t]])
            state.changed()
        elif self.celltype.array_parameters(name):
            state.changed()
        elif state.running or state.simulation is not None:
            self._set_running(name, cells, given)
        else:
            self._begin_segment()

    def _set_running(self, name, cells, given):
        view = self._indices(cells)
        amount = simulator.values(given, self.celltype.unit(name))

        def act(simulation, name=name, view=view, amount=amount):
            simulation.set(simulation.network.population(self._name)[view], name, amount)

        simulator.state.note(act)
        if simulator.state._steps == 0:
            self._begin_segment()

    def _indices(self, cells):
        return slice(None) if len(cells) == self.size else np.asarray(cells)

    def _set_initial(self, variable, cells, given):
        state = simulator.state
        name, scale = self.celltype.state_of(variable)
        if name is None:
            return
        held = self._initial.setdefault(name, np.zeros(self.size))
        held[cells] = np.asarray(given, dtype=float) / scale
        if state._steps == 0:
            state.changed()
        else:
            self._set_running(name, cells, held[cells])
        state.changed_after_reset()

    def _begin_segment(self):
        """What reset() returns to, and a replay begins with."""
        self._at_start = {name: value.copy() for name, value in self._parameters.items()}
        if "spike_times" in self._parameters:
            self._emitted = [np.asarray(s.value, dtype=float)
                             for s in self._parameters["spike_times"]]

    # --- building ------------------------------------------------------------------------------

    def _build(self, net):
        if "spike_times" in self._parameters:
            self._build_spikes(net)
            return
        model = self.celltype.native_model(self._at_start)
        parameters = {}
        for name, numbers in self.celltype.native_values(self._at_start).items():
            parameters[name] = simulator.values(numbers, model.units[name])
        initial = {name: simulator.values(numbers, model.units[name])
                   for name, numbers in self._initial.items() if name in model.states}
        net.add(self._name, self.size, model, parameters=parameters, initial=initial)

    def _build_spikes(self, net):
        neurons, steps = [], []
        for i, times in enumerate(self._emitted):
            # On the nearest step, the first at the earliest; a source fires once a step.
            at = np.unique(np.maximum(np.round(times / simulator.state.dt).astype(int), 1))
            neurons.append(np.full(at.size, i))
            steps.append(at)
        steps = np.concatenate(steps)
        times = steps * simulator.state.dt * simulator.cs.units.ms if steps.size else []
        net.add_spike_list(self._name, self.size, np.concatenate(neurons), times)
