"""A PyNN script on Callosum: only the import names the simulator.

Usage: python pynn_network.py
"""

import pyNN.callosum as sim
from pyNN.random import NumpyRNG, RandomDistribution


def main():
    sim.setup(timestep=0.1, min_delay=0.1)
    rng = NumpyRNG(seed=42)
    cell = sim.IF_cond_exp(tau_m=20.0, cm=0.2, v_rest=-60.0, v_thresh=-50.0, v_reset=-60.0, tau_refrac=5.0,
                           tau_syn_E=5.0, tau_syn_I=10.0, e_rev_E=0.0, e_rev_I=-80.0, i_offset=0.22)
    exc = sim.Population(400, cell, label="exc")
    inh = sim.Population(100, cell, label="inh")
    noise = sim.Population(100, sim.SpikeSourcePoisson(rate=20.0), label="noise")
    (exc + inh).initialize(v=RandomDistribution("uniform", low=-60.0, high=-50.0, rng=rng))
    connector = sim.FixedProbabilityConnector(0.1, rng=rng)
    sim.Projection(exc, exc + inh, connector, sim.StaticSynapse(weight=0.001, delay=1.0), receptor_type="excitatory")
    sim.Projection(inh, exc + inh, connector, sim.StaticSynapse(weight=0.012, delay=1.0), receptor_type="inhibitory")
    sim.Projection(noise, exc, connector, sim.StaticSynapse(weight=0.002, delay=1.0), receptor_type="excitatory")
    exc.record("spikes")
    exc[:2].record("v")
    sim.run(500.0)
    segment = exc.get_data().segments[0]
    rate = sum(len(train) for train in segment.spiketrains) / 400 / 0.5
    print(f"{rate:.1f} Hz; potentials {segment.analogsignals[0].shape}")
    sim.end()
    return rate, segment.analogsignals[0]


if __name__ == "__main__":
    main()
