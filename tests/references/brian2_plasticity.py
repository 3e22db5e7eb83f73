"""Weights after 10 s of pair STDP in Brian2, for tests/references/plasticity_brian2.cpp.

Run by hand (Debian: apt-get install python3-brian), result kept in data/brian2_plasticity.json:
    python3 tests/references/brian2_plasticity.py
500 neurons replay given spikes, so that weights do not feed back; 2,000 synapses, delays from 0.1 to 4 ms. Spikes, pairs, delays
and first weights follow from whole numbers alone, so that the test makes the same.
"""
import json
import os

import brian2
import numpy as np
from brian2 import Network, SpikeGeneratorGroup, Synapses, defaultclock, ms, prefs

prefs.codegen.target = "numpy"
defaultclock.dt = 0.1 * ms
N, STEPS, OUT = 500, 100000, 4


def spikes():
    """Gaps of 20 to 1979 steps from a linear congruential generator (Knuth's MMIX) of its own for each neuron."""
    neurons, steps = [], []
    for i in range(N):
        state, step = i + 1, 0
        while True:
            state = (state * 6364136223846793005 + 1442695040888963407) % 2**64
            step += 20 + (state >> 33) % 1960
            if step > STEPS - 100:
                break
            neurons.append(i)
            steps.append(step)
    return np.array(neurons), np.array(steps)


i, k = np.divmod(np.arange(N * OUT), OUT)
neurons, steps = spikes()
group = SpikeGeneratorGroup(N, neurons, steps * 0.1 * ms)
synapses = Synapses(
    group, group,
    """w : 1
       dapre/dt = -apre/(17.3*ms) : 1 (event-driven)
       dapost/dt = -apost/(33.77*ms) : 1 (event-driven)""",
    on_pre="apre += 1; w = clip(w - 0.0105*apost, 0, 1)",
    on_post="apost += 1; w = clip(w + 0.01*apre, 0, 1)")
synapses.connect(i=i, j=(7 * i + 131 * k + 1) % N)
synapses.w = 0.2 + 0.6 * ((OUT * i + k) % 97) / 97
synapses.pre.delay = (1 + (13 * i + 7 * k) % 40) * 0.1 * ms
synapses.pre.order, synapses.post.order = 0, 1  # at equal time the presynaptic spike first
Network(group, synapses).run(STEPS * 0.1 * ms)
here = os.path.dirname(os.path.abspath(__file__))
with open(os.path.join(here, "data", "brian2_plasticity.json"), "w") as out:
    json.dump({"simulator": "Brian2 " + brian2.__version__, "spikes": len(steps),
               "weights": [float(x) for x in synapses.w]}, out)
