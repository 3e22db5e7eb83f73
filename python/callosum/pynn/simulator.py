"""The state behind the PyNN functions: a network that is described first, built at the first run(),
and a log of what was done since, so that a later change of structure can be replayed.

A Callosum network has no state and a simulation has a fixed network. PyNN scripts change both between
runs: they add recorders, inject currents, give sources new spikes. Then the network is built again
and the present segment is run again from its beginning: same seed, same draws, so the past comes out
the same to the bit, and the run goes on from where it was."""

import numpy as np
from pyNN import common

import callosum as cs

name = "Callosum"


class ID(int, common.IDMixin):
    """A cell: an integer with the attributes of its population."""

    def __init__(self, n):
        common.IDMixin.__init__(self)


def _unit(name):
    return cs.Quantity("1 " + name) if name not in ("", "1") else None


def values(numbers, unit):
    """Numbers in an internal unit ("mV") as the library takes them; equal ones as one."""
    numbers = np.asarray(numbers, dtype=float)
    if numbers.ndim and numbers.size and (numbers == numbers.flat[0]).all():
        numbers = numbers.flat[0]
    quantity = _unit(unit)
    if numbers.ndim == 0:
        numbers = float(numbers)
    return numbers if quantity is None else numbers * quantity


class State(common.control.BaseState):
    """What setup() makes: time grid, populations, projections, current sources, the simulation."""

    def __init__(self):
        common.control.BaseState.__init__(self)
        self.mpi_rank = 0
        self.num_processes = 1
        self.dt = 0.1
        self.set_delays("auto", "auto")
        self.options = {}
        self.clear()

    def clear(self):
        """Forgets the network."""
        self.recorders = set()
        self.write_on_end = []
        self.id_counter = 0
        self.segment_counter = -1
        self.populations = []
        self.projections = []
        self.current_sources = []
        self.simulation = None
        self.network = None
        self._recording = None
        self._steps = 0  # of this segment
        self._drawn = 0  # steps of the segments before
        self.horizon = 0  # step up to which noise is written out
        self.reset()

    @property
    def t(self):
        return round(self._steps * self.dt, 9)

    def steps(self, time_ms):
        """The nearest step of the grid."""
        return int(round(float(time_ms) / self.dt))

    def set_delays(self, shortest, longest):
        self._delays = (shortest, longest)

    @property
    def min_delay(self):
        """As given to setup(), or the smallest that occurs."""
        return self._occurring(self._delays[0], min)

    @property
    def max_delay(self):
        return self._occurring(self._delays[1], max)

    def _occurring(self, given, pick):
        if given != "auto":
            return given
        delays = [p._column("delay") for p in self.projections]
        return pick((float(pick(d)) for d in delays if d.size), default=self.dt)

    def shortest_delay(self):
        return self.dt if self._delays[0] == "auto" else self._delays[0]

    # --- changes -------------------------------------------------------------------------------

    def changed(self):
        """The structure has changed: what was built no longer fits."""
        self.simulation = None
        self._recording = None

    def changed_after_reset(self):
        """What reset() must restore has changed: then, not now, the network is built again."""
        self._stale = True

    def note(self, action):
        """`action(simulation)` is done now, where there is a simulation, and in every replay."""
        if self.simulation is not None:
            action(self.simulation)
        if self._steps > 0:
            self._log.append(action)

    # --- running -------------------------------------------------------------------------------

    def run(self, simtime):
        self.run_until(self.t + simtime)

    def run_until(self, tstop):
        steps = self.steps(tstop) - self._steps
        self.running = True
        if self._steps + steps > self.horizon and any(s.needs_horizon for s in self.current_sources):
            self.horizon = 2 * (self._steps + steps)
            self.changed()
        self.build()
        if steps <= 0:
            return
        self._recording = None
        done = self.simulation.step
        try:
            self.simulation.run_steps(steps)
        finally:  # after Ctrl-C the simulation stands at the last whole step
            done = self.simulation.step - done
            self._steps += done
            self._log.append(done)

    def build(self):
        """Builds the network, unless it stands, and brings it to the present time."""
        if self.simulation is not None:
            return
        net = cs.Network(self.dt * cs.units.ms, "pynn")
        for population in self.populations:
            population._build(net)
        for projection in self.projections:
            projection._build(net)
        for source in self.current_sources:
            source._build(net)
        for recorder in self.recorders:
            recorder._build(net)
        self.network = net
        self.simulation = cs.Simulation(net, first_draw=self._drawn, **self.options)
        for action in self._log:
            if callable(action):
                action(self.simulation)
            else:
                self.simulation.run_steps(action)

    def recording(self):
        """What was recorded up to now."""
        self.build()
        if self._recording is None:
            self._recording = self.simulation.recording()
        return self._recording

    def reset(self):
        """Time 0, initial states and weights; parameters stay. Noise goes on, it does not repeat."""
        self.running = False
        self.t_start = 0
        self.segment_counter += 1
        self._log = []
        if self.simulation is not None and getattr(self, "_stale", False):
            self.changed()
        if self.simulation is not None:
            self.simulation.reset("state", "weights", "time")
        self._stale = False
        self._recording = None
        self._drawn += self._steps
        self._steps = 0
        for population in self.populations:
            population._begin_segment()
        for source in self.current_sources:
            source._begin_segment()


state = State()
