"""A SONATA circuit: read, run, its spikes and reports written where its configuration says, and an NWB file.

Usage: python sonata_circuit.py [CONFIGURATION] [NWB]
"""

import pathlib
import sys

import callosum as cs

EXAMPLE = pathlib.Path(__file__).resolve().parents[2] / "tests/sonata/examples/300_pointneurons"


def main(configuration=EXAMPLE / "simulation_config.json", nwb="circuit.nwb", duration=None):
    sonata = cs.sonata.read(configuration)
    print(sonata)
    for sentence in sonata.assumptions:
        print("assumed:", sentence)
    sim = cs.Simulation(sonata.network, threads=2, progress=False)
    sim.run(duration or sonata.duration)
    recording = sim.recording()
    for population in recording.populations:
        print(population)
    cs.nwb.write(nwb, recording, description="The circuit 300_pointneurons")
    return recording if duration else sonata.write_output(recording)


if __name__ == "__main__":
    main(*sys.argv[1:])
