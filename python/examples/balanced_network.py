"""The network of docs/guide/coming-from.md with inhibition: 1,000 conductance-based neurons, a raster and rates.

Usage: python balanced_network.py [FIGURE]
"""

import sys

import callosum as cs
from callosum.units import mV, ms, nS, pA, s


def main(figure="balanced.png"):
    net = cs.Network(0.1 * ms, "balanced")
    neuron = cs.library.neuron("lif_cond_exp").with_(I_e=250 * pA)
    start = {"V_m": cs.Values.uniform(-60 * mV, -50 * mV)}
    exc = net.add("exc", 800, neuron, initial=start)
    inh = net.add("inh", 200, neuron, initial=start)
    for to in (exc, inh):
        net.connect(exc, to, cs.fixed_probability(0.1), target="g_ex", weight=0.6 * nS, delay=1 * ms)
        net.connect(inh, to, cs.fixed_probability(0.1), target="g_in", weight=6.7 * nS, delay=1 * ms)
    net.record_spikes(exc)
    net.record_spikes(inh)
    sim = cs.Simulation(net, threads=2, seed=1, progress=False)
    sim.run(1 * s)
    recording = sim.recording()
    for population in recording.populations:
        print(population)
    cs.plot.raster(recording).figure.savefig(figure)
    return recording


if __name__ == "__main__":
    main(*sys.argv[1:])
