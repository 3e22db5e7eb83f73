"""From Callosum's recordings to PyNN's recorders, which make Neo objects of them."""

import numpy as np
from pyNN import recording

from . import simulator


def _name(variable):
    return getattr(variable, "name", variable)


class Recorder(recording.Recorder):
    _simulator = simulator

    def _record(self, variable, new_ids, sampling_interval=None):
        state = self._simulator.state
        if sampling_interval is not None:
            steps = sampling_interval / state.dt
            if abs(steps - round(steps)) > 1e-6 or steps < 0.5:
                raise ValueError(
                    f"sampling_interval, {sampling_interval} ms, is not a multiple of the "
                    f"time step, {state.dt} ms")
            self.sampling_interval = sampling_interval
        if new_ids:
            state.changed()

    def _reset(self):
        self._simulator.state.changed()

    def _clear_simulator(self):
        pass  # data before the recording's start are left out when they are read

    def _indices(self, ids):
        return np.array(sorted(int(i) for i in ids), dtype=int) - int(self.population.first_id)

    def _build(self, net):
        for variable, ids in self.recorded.items():
            if not ids:
                continue
            neurons = net.population(self.population._name)[self._indices(ids)]
            if _name(variable) == "spikes":
                net.record_spikes(neurons)
            else:
                native, _ = self.population.celltype.state_of(_name(variable))
                net.record(neurons, native, self.sampling_interval * simulator.cs.units.ms)

    def _spikes(self):
        """Neuron's index and time in ms of every recorded spike."""
        population = self.population
        now = self._simulator.state.t + self._simulator.state.dt / 2
        if hasattr(population, "_emitted"):  # as the user gave them, off the grid too
            neurons = np.concatenate([np.full(t.size, i)
                                      for i, t in enumerate(population._emitted)])
            times = np.concatenate(population._emitted)
        else:
            record = self._simulator.state.recording().spikes_of(population._name)
            neurons, times = np.asarray(record.neurons, dtype=int), record.times_ms
        begin = float(self._recording_start_time)
        kept = (times <= now) & ((times > begin) | (begin == 0))
        return neurons[kept], times[kept]

    def _get_spiketimes(self, ids, clear=False):
        neurons, times = self._spikes()
        order = np.argsort(neurons, kind="stable")
        neurons, times = neurons[order], times[order]
        wanted = self._indices(ids)
        low, high = np.searchsorted(neurons, wanted), np.searchsorted(neurons, wanted, side="right")
        first = int(self.population.first_id)
        return {int(i) + first: np.sort(times[a:b]) for i, a, b in zip(wanted, low, high)}

    def _get_all_signals(self, variable, ids, clear=False):
        state = self._simulator.state
        native, scale = self.population.celltype.state_of(_name(variable))
        trace = state.recording().trace_of(self.population._name, native)
        columns = np.searchsorted(trace.indices, self._indices(ids))
        first = int(np.ceil(float(self._recording_start_time) / self.sampling_interval - 1e-6))
        return np.asarray(trace.values[first:, columns], dtype=float) * scale, None

    def _local_count(self, variable, filter_ids=None):
        ids = self.filter_recorded(variable, filter_ids)
        return {int(i): len(t) for i, t in self._get_spiketimes(ids).items()} if ids else {}
