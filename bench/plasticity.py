"""Cost of plasticity beside Brian2's C++ standalone mode, in one run.

    python3 bench/plasticity.py [--program build/bin/callosum] [--seconds 10] [--repeats 3]
bench/plastic.toml (10,000 neurons, a million plastic synapses, pair STDP) and the same network without plasticity, each in both simulators, one thread.
A plastic event is a spike that comes to a synapse from either side; its cost is what plasticity adds to the time of the run, over their number:
weight, traces and their decay, not the delivery of the weight. Brian2 runs in double, its only precision; Callosum in both. Interleaved; medians with range.
Writes bench/plasticity.json.
"""
import argparse
import glob
import json
import os
import sys
import tempfile

import numpy
import run

HERE = os.path.dirname(os.path.abspath(__file__))


def static_twin():
    """bench/plastic.toml with static synapses in the place of those that learn."""
    with open(os.path.join(HERE, "plastic.toml")) as file:
        lines = [line for line in file if not line.startswith(('synapse = "stdp_additive"', "parameters = { w_max"))]
    path = os.path.join(tempfile.mkdtemp(prefix="callosum"), "static.toml")
    with open(path, "w") as file:
        file.writelines(lines)
    return path


def events_of(peer):
    """Plastic events of a Brian2 run: synapses are drawn evenly, so a spike of an excitatory neuron is one for 125 on either side, on average."""
    counts = numpy.fromfile(glob.glob(os.path.join(peer.folder, "results", "_array_spikemonitor_count*"))[0], dtype=numpy.int32)
    return 2 * 125 * int(counts[:8000].sum())


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--program", default=os.path.join(HERE, "..", "build", "bin", "callosum"))
    parser.add_argument("--seconds", type=float, default=10)
    parser.add_argument("--repeats", type=int, default=3)
    options = parser.parse_args()
    plastic, static = os.path.join(HERE, "plastic.toml"), static_twin()
    peers = {kind: run.Brian2(kind, options.seconds) for kind in ("plastic", "plastic-static")}
    samples = {}

    def note(name, value):
        samples.setdefault(name, []).append(value)

    for _ in range(options.repeats):
        theirs = {kind: peer.run() for kind, peer in peers.items()}
        events = events_of(peers["plastic"])
        note("Brian2 run (s)", theirs["plastic"]["simulate_s"])
        note("Brian2 M events", events / 1e6)
        note("Brian2 ns/event", (theirs["plastic"]["simulate_s"] - theirs["plastic-static"]["simulate_s"]) / events * 1e9)
        for precision in ("float", "double"):
            more = ("--precision", precision)
            a = run.callosum(options.program, plastic, options.seconds, 1, *more)
            b = run.callosum(options.program, static, options.seconds, 1, *more)
            cost = (a["simulate_s"] - b["simulate_s"]) / a["plastic_updates"] * 1e9
            note(precision + " run (s)", a["simulate_s"])
            note(precision + " ns/event", cost)
            note(precision + " bytes/synapse", a["bytes_per_synapse"])
            note(precision + " ratio of ns/event", samples["Brian2 ns/event"][-1] / cost)
            note(precision + " ratio of runs", theirs["plastic"]["simulate_s"] / a["simulate_s"])
            note(precision + " M events", a["plastic_updates"] / 1e6)
    for name, values in samples.items():
        print(f"{name:28} {run.spread(values)}", flush=True)
    with open(os.path.join(HERE, "plasticity.json"), "w") as out:
        json.dump(samples, out, indent=1)
    for peer in peers.values():
        peer.close()


if __name__ == "__main__":
    sys.exit(main())
