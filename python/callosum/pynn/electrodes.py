"""PyNN's current sources as stimuli. A parameter that changes during a run has a history: each stretch
of time becomes a stimulus of its own."""

import numpy as np
from pyNN.parameters import ParameterSpace, Sequence
from pyNN.standardmodels import build_translations, electrodes

import callosum as cs

from . import simulator


class _CurrentSource:
    needs_horizon = False  # its stimulus is written out up to a time

    def __init__(self, **parameters):
        super().__init__(**parameters)
        self._cells = []
        self._recorded = False
        space = ParameterSpace(self.default_parameters, self.get_schema(), shape=(1,))
        space.update(**parameters)
        self._native = {}
        self._history = []  # (step from which they hold, parameters)
        simulator.state.current_sources.append(self)
        self.set_native_parameters(self.translate(space))

    def get_native_parameters(self):
        return dict(self._native)

    def get_parameters(self):
        """Parameters by name: numbers, or arrays where they are sequences."""
        return self.get_native_parameters()  # names and units are PyNN's own

    def set_native_parameters(self, parameters):
        parameters.evaluate(simplify=True)
        for name, value in parameters.items():
            self._native[name] = np.asarray(value.value, float) \
                if isinstance(value, Sequence) else float(value)
        self._check()
        state = simulator.state
        if state._steps == 0:
            self._history.clear()
        self._history.append((state._steps, dict(self._native)))
        state.changed()

    def _check(self):
        pass

    def _begin_segment(self):
        self._history = [(0, dict(self._native))]

    def inject_into(self, cells, location=None):
        if location is not None:
            raise NotImplementedError("point neurons have no locations to inject a current at")
        for cell in cells:
            if not cell.celltype.injectable:
                raise TypeError("Can't inject current into a spike source.")
        self._cells.append((simulator.state._steps, [(c.parent, c.parent.id_to_index(c))
                                                     for c in cells]))
        simulator.state.changed()

    def record(self):
        self._recorded = True

    def _stretches(self, since=0):
        """(first step, last step or None, parameters) of each stretch of the history."""
        ends = [step for step, _ in self._history[1:]] + [None]
        for (begin, parameters), end in zip(self._history, ends):
            begin = max(begin, since)
            if end is None or end > begin:
                yield begin, end, parameters

    def _build(self, net):
        for since, cells in self._cells:
            by_population = {}
            for population, index in cells:
                by_population.setdefault(population, []).append(index)
            for population, indices in by_population.items():
                view = net.population(population._name)[np.array(indices)]
                for begin, end, parameters in self._stretches(since):
                    for stimulus in self._stimuli(parameters, begin, end):
                        net.stimulate(to=view, target="I_e", **stimulus)

    def _window(self, parameters, begin, end):
        """Steps in which the source is on, or None."""
        state = simulator.state
        first = max(state.steps(max(parameters["start"], 0.0)), begin)
        last = state.steps(parameters["stop"]) if parameters["stop"] < 1e9 else endless
        last = min(last, endless if end is None else end)
        return (first, last) if last > first else None

    def _get_data(self):
        """Times in ms and current in nA of every step up to now."""
        state = simulator.state
        steps = np.arange(state._steps + 1)
        amplitude = np.zeros(steps.size)
        for begin, end, parameters in self._stretches():
            held = steps[begin:end]
            amplitude[begin:end] = self._amplitude(parameters, held)
        return steps * state.dt, amplitude

    def _on(self, parameters, steps):
        state = simulator.state
        return (steps >= state.steps(parameters["start"])) & \
            (steps < state.steps(min(parameters["stop"], 1e9)))


endless = 10**12  # steps


def _time(first, last):
    """`start` and `stop` of a stimulus, given as steps."""
    step = simulator.state.dt * cs.units.ms
    return {"start": first * step, **({"stop": last * step} if last < endless else {})}


def _steps(steps, amplitudes, last):
    """A stimulus that changes at `steps` to `amplitudes` (nA) and ends at step `last`."""
    return {"kind": "steps", "value": amplitudes * cs.units.nA,
            "times": steps * simulator.state.dt * cs.units.ms, **_time(0, int(last))}


class DCSource(_CurrentSource, electrodes.DCSource):
    __doc__ = electrodes.DCSource.__doc__
    translations = build_translations(("amplitude", "amplitude"), ("start", "start"),
                                      ("stop", "stop"))

    def _stimuli(self, p, begin, end):
        window = self._window(p, begin, end)
        if window:
            yield {"kind": "constant", "value": p["amplitude"] * cs.units.nA, **_time(*window)}

    def _amplitude(self, p, steps):
        return np.where(self._on(p, steps), p["amplitude"], 0.0)


class ACSource(_CurrentSource, electrodes.ACSource):
    __doc__ = electrodes.ACSource.__doc__
    translations = build_translations(
        ("amplitude", "amplitude"), ("start", "start"), ("stop", "stop"),
        ("frequency", "frequency"), ("offset", "offset"), ("phase", "phase"))

    def _stimuli(self, p, begin, end):
        window = self._window(p, begin, end)
        if window:  # the phase is that at the source's start
            start = simulator.state.steps(p["start"]) * simulator.state.dt
            phase = np.radians(p["phase"]) - 2e-3 * np.pi * p["frequency"] * start
            yield {"kind": "sine", "value": p["offset"] * cs.units.nA,
                   "amplitude": p["amplitude"] * cs.units.nA,
                   "frequency": p["frequency"] * cs.units.Hz, "phase": phase, **_time(*window)}

    def _amplitude(self, p, steps):
        dt = simulator.state.dt
        since = (steps - simulator.state.steps(p["start"])) * dt
        wave = p["offset"] + p["amplitude"] * np.sin(
            2e-3 * np.pi * p["frequency"] * since + np.radians(p["phase"]))
        return np.where(self._on(p, steps), wave, 0.0)


class StepCurrentSource(_CurrentSource, electrodes.StepCurrentSource):
    __doc__ = electrodes.StepCurrentSource.__doc__
    translations = build_translations(("amplitudes", "amplitudes"), ("times", "times"))

    def _check(self):
        times = self._native.get("times", np.array([]))
        amplitudes = self._native.get("amplitudes", np.array([]))
        if times.size == 0:
            return
        steps = np.array([simulator.state.steps(t) for t in times])
        if (times < 0).any() or (np.diff(times) < 0).any():
            raise ValueError("Step current cannot start before t=0 and times must ascend: "
                             f"got {times}")
        # On the grid; of several changes in one step the last one holds.
        keep = np.append(np.diff(steps) > 0, True)
        self._native["times"] = steps[keep] * simulator.state.dt
        if amplitudes.size == times.size:
            self._native["amplitudes"] = amplitudes[keep]

    def _stimuli(self, p, begin, end):
        end = endless if end is None else end
        steps = np.array([simulator.state.steps(t) for t in p["times"]], dtype=int)
        following = np.append(steps[1:], end)
        kept = (following > begin) & (steps < end)
        if kept.any():
            yield _steps(np.maximum(steps[kept], begin), p["amplitudes"][kept], end)

    def _amplitude(self, p, steps):
        changes = np.array([simulator.state.steps(t) for t in p["times"]], dtype=int)
        at = np.searchsorted(changes, steps, side="right")
        return np.concatenate([[0.0], p["amplitudes"]])[at]


class NoisyCurrentSource(_CurrentSource, electrodes.NoisyCurrentSource):
    """Normal noise, drawn anew at every `dt`, the same for all cells of the source. Draws are keyed by the
    seed of setup(), the source's number and the segment."""

    translations = build_translations(
        ("mean", "mean"), ("start", "start"), ("stop", "stop"), ("stdev", "stdev"), ("dt", "dt"))
    needs_horizon = True

    def _check(self):
        if self._native.get("dt", 1.0) < simulator.state.dt - 1e-9:
            self._native["dt"] = simulator.state.dt

    def _noise(self, p, steps):
        state = simulator.state
        count = int(np.max(steps, initial=0)) // state.steps(p["dt"]) + 1
        key = (state.options.get("seed", 1), state.current_sources.index(self),
               state.segment_counter)
        draws = np.random.default_rng(key).standard_normal(count)
        return p["mean"] + p["stdev"] * draws[steps // state.steps(p["dt"])]

    def _stimuli(self, p, begin, end):
        window = self._window(p, begin, end)
        if window is None:
            return
        first, last = window
        steps = np.arange(first, min(last, simulator.state.horizon), simulator.state.steps(p["dt"]))
        if steps.size:
            yield _steps(steps, self._noise(p, steps), last)

    def _amplitude(self, p, steps):
        start = simulator.state.steps(p["start"])
        period = simulator.state.steps(p["dt"])
        held = np.maximum(steps - (steps - start) % period, 0)
        return np.where(self._on(p, steps), self._noise(p, held), 0.0)
