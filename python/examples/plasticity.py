"""Competition of synapses under spike-timing dependent plasticity (Song, Miller and Abbott 2000).

Poisson inputs drive one neuron through additive STDP. Half of the inputs fire together now and then; the rule finds
them: their synapses grow, the others wither.

Usage: python plasticity.py [FIGURE]
"""

import sys

import numpy as np

import callosum as cs
from callosum.units import ms, mV, nS, s


def correlated_trains(n, together, rate, duration_ms, rng):
    """Spike trains of `n` inputs at one rate; the first `together` share a fifth of their spikes."""
    steps = int(duration_ms)  # of 1 ms
    fire = rng.random((steps, n)) < rate * 1e-3
    common = rng.random(steps) < rate * 1e-3
    follow = rng.random((steps, together)) < 0.2
    fire[:, :together] = np.where(follow, common[:, None], fire[:, :together])
    fire[0] = False
    return np.nonzero(fire)


def main(figure="plasticity.png"):
    n, together = 100, 50
    times, neurons = correlated_trains(n, together, 15, 60_000, np.random.default_rng(0))
    net = cs.Network(0.1 * ms, "competition")
    inputs = net.add_spike_list("inputs", n, neurons, times * ms)
    post = net.add("post", 1, "lif_cond_exp", parameters={"V_th": -54 * mV, "t_ref": 2 * ms})
    synapses = net.connect(inputs, post, cs.all_to_all(), target="g_ex", model="stdp_additive",
                           weight=cs.Values.uniform(1 * nS, 2 * nS), delay=1 * ms,
                           parameters={"w_min": 0 * nS, "w_max": 3 * nS}, name="learns")
    net.record_spikes(post)
    net.record_weights(synapses, 1 * s)
    sim = cs.Simulation(net, seed=1, progress=False)
    sim.run(60 * s)
    recording = sim.recording()
    final = sim.get_synapses(synapses, "weight")
    print(f"weights after a minute: correlated {final[:together].mean():.2f} nS, "
          f"others {final[together:].mean():.2f} nS; {len(recording.spikes_of('post')) / 60:.1f} Hz")
    cs.plot.weights(recording).figure.savefig(figure)
    return final[:together], final[together:]


if __name__ == "__main__":
    main(*sys.argv[1:])
