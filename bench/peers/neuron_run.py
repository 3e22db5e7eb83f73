"""cobahh in NEURON: neuron_run.py cobahh SECONDS THREADS SEED LIBRARY, LIBRARY being traub.mod made by nrnivmodl.

A neuron is a section of 20,000 square micrometres with two ExpSyn; fixed steps of 0.1 ms, implicit Euler for the voltage, exponential Euler for the gates. A
spike is a crossing of -20 mV from below."""
import os
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import numpy as np  # noqa: E402
from meter import Clock, answer, resident  # noqa: E402
from neuron import h  # noqa: E402

kind, seconds, threads, seed, library = sys.argv[1], float(sys.argv[2]), int(sys.argv[3]), int(sys.argv[4]), sys.argv[5]
if kind != "cobahh":
    sys.exit(f"neuron_run.py: no network '{kind}' here; expected cobahh")
h.nrn_load_dll(library)
NEURONS, EXCITATORY, AREA = 4000, 3200, 2e-4  # cm2, of 200 pF at 1 uF/cm2
random = np.random.default_rng(seed)
parallel = h.ParallelContext()
parallel.nthread(threads)

before = resident()
with Clock() as build:
    cells, synapses, connections = [], [], []
    for _ in range(NEURONS):
        cell = h.Section()
        cell.L = cell.diam = (AREA * 1e8 / np.pi) ** 0.5
        cell.cm = 1.0
        cell.insert("pas")
        cell.insert("traub")
        cell.g_pas, cell.e_pas = 10e-9 / AREA, -60.0
        cell.gnabar_traub, cell.gkbar_traub, cell.vt_traub = 20e-6 / AREA, 6e-6 / AREA, -63.0
        cell.ena, cell.ek = 50.0, -90.0
        pair = []
        for tau, reversal in ((5.0, 0.0), (10.0, -80.0)):
            synapse = h.ExpSyn(cell(0.5))
            synapse.tau, synapse.e = tau, reversal
            pair.append(synapse)
        cells.append(cell)
        synapses.append(pair)
    spikes = h.Vector()
    who = h.Vector()
    for source in range(NEURONS):
        kind_of, weight = (0, 6e-3) if source < EXCITATORY else (1, 67e-3)  # uS
        for target in np.flatnonzero(random.random(NEURONS) < 0.02):
            connection = h.NetCon(cells[source](0.5)._ref_v, synapses[target][kind_of], sec=cells[source])
            connection.threshold, connection.delay, connection.weight[0] = -20.0, 0.1, weight
            connections.append(connection)
        counter = h.NetCon(cells[source](0.5)._ref_v, None, sec=cells[source])
        counter.threshold = -20.0
        counter.record(spikes, who, source)
        connections.append(counter)
    held = resident() - before
    parallel.set_maxstep(10)
    h.dt = 0.1
    h.secondorder = 0
    h.finitialize(-65.0)
    for k, cell in enumerate(cells):
        cell(0.5).v = -65.0 + 5.0 * random.normal()
        synapses[k][0].g = max(0.0, 40e-3 + 15e-3 * random.normal())
        synapses[k][1].g = max(0.0, 200e-3 + 120e-3 * random.normal())
    h.fcurrent()
number = len(connections) - NEURONS
with Clock() as simulate:
    parallel.psolve(seconds * 1000.0)
answer(build.seconds, simulate.seconds, spikes.size(), number, spikes.size() * number / NEURONS, held)
