"""Cost of plasticity beside Brian2's C++ standalone mode, in one run.

    /usr/bin/python3 bench/plasticity.py [--program build/bin/callosum] [--seconds 10] [--repeats 3]
bench/plastic.toml (10,000 neurons, a million plastic synapses, pair STDP) and the same network without plasticity, each in both simulators, one thread.
A plastic event is a spike that comes to a synapse from either side; its cost is what plasticity adds to the time of the run, over their number:
weight, traces and their decay, not the delivery of the weight. Brian2 runs in double, its only precision; Callosum in both. Interleaved; medians with range.
"ns/event" is wall time of the simulation; "cpu ns/event" processor time of the whole process, which other work on the machine disturbs less.
Writes bench/plasticity.json.
"""
import argparse
import glob
import json
import os
import sys
import tempfile

import numpy
from run import spread
from simulators import HERE, Brian2, timed


class Peer(Brian2):
    def __init__(self, seconds):
        self.networks = {"plastic": seconds, "plastic-static": seconds}


def static_twin():
    """bench/plastic.toml with static synapses in the place of those that learn."""
    with open(os.path.join(HERE, "plastic.toml")) as file:
        lines = [line for line in file if not line.startswith(('synapse = "stdp_additive"', "parameters = { w_max"))]
    path = os.path.join(tempfile.mkdtemp(prefix="callosum"), "static.toml")
    with open(path, "w") as file:
        file.writelines(lines)
    return path


def ours(program, path, seconds, precision):
    out, process = timed([program, "run", path, "--time", f"{seconds}s", "--threads", "1", "--precision", precision, "--json", "--no-report"])
    return dict(json.loads(out), **process)


def peers_run(peer, seconds):
    """A run, and its plastic events: synapses are drawn evenly, so a spike of an excitatory neuron is one for 125 on either side, on average."""
    run = peer.run("plastic", seconds, 1, 1)
    counts = numpy.fromfile(glob.glob(os.path.join(peer.folder, "results", "_array_spikemonitor*_count_*"))[0], dtype=numpy.int32)
    return run, 2 * 125 * int(counts[:8000].sum())


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--program", default=os.path.join(HERE, "..", "build", "bin", "callosum"))
    parser.add_argument("--seconds", type=float, default=10)
    parser.add_argument("--repeats", type=int, default=3)
    options = parser.parse_args()
    plastic, static = os.path.join(HERE, "plastic.toml"), static_twin()
    peers = {kind: Peer(options.seconds) for kind in ("plastic", "plastic-static")}
    for kind, peer in peers.items():
        peer.prepare(kind)
    samples = {}

    def note(name, value):
        samples.setdefault(name, []).append(value)

    for _ in range(options.repeats):
        theirs, events = peers_run(peers["plastic"], options.seconds)
        base, _ = peers_run(peers["plastic-static"], options.seconds)
        note("Brian2 run (s)", theirs["simulate_s"])
        note("Brian2 M events", events / 1e6)
        note("Brian2 ns/event", (theirs["simulate_s"] - base["simulate_s"]) / events * 1e9)
        note("Brian2 cpu ns/event", (theirs["cpu_s"] - base["cpu_s"]) / events * 1e9)
        note("Brian2 process (cpu s)", theirs["cpu_s"])
        for precision in ("float", "double"):
            a = ours(options.program, plastic, options.seconds, precision)
            b = ours(options.program, static, options.seconds, precision)
            note(precision + " run (s)", a["simulate_s"])
            note(precision + " process (cpu s)", a["cpu_s"])
            for kind, time in (("", "simulate_s"), ("cpu ", "cpu_s")):
                cost = (a[time] - b[time]) / a["plastic_updates"] * 1e9
                note(f"{precision} {kind}ns/event", cost)
                note(f"{precision} ratio of {kind}ns/event", samples[f"Brian2 {kind}ns/event"][-1] / cost)
            note(precision + " bytes/synapse", a["bytes_per_synapse"])
            note(precision + " ratio of runs", theirs["simulate_s"] / a["simulate_s"])
            note(precision + " ratio of processes (cpu)", theirs["cpu_s"] / a["cpu_s"])
            note(precision + " M events", a["plastic_updates"] / 1e6)
    for name, values in samples.items():
        print(f"{name:34} {spread(values)}", flush=True)
    with open(os.path.join(HERE, "plasticity.json"), "w") as out:
        json.dump(samples, out, indent=1)
    for peer in peers.values():
        peer.close()


if __name__ == "__main__":
    sys.exit(main())
