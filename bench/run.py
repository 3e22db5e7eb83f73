"""Speed and memory of the shipped networks beside other simulators, in one run.

    python3 bench/run.py [--program build/bin/callosum] [--networks coba,cuba] [--repeats 3] [--threads 1,2]
    python3 bench/run.py --nest PYTHON --genn PYTHON --auryn FOLDER        peers you have, beside those from packages
    python3 bench/run.py --networks microcircuit --nest PYTHON             the full one: 2 GiB here, 14 GiB there
Brian2 and NEURON come from Debian's packages (`scripts/setup bench`); --nest and --genn name a Python that imports nest 3 or pygenn 5, --auryn a folder
with Auryn's sources and its built library. `--without Brian2,NEURON` leaves some out.

Simulators take turns, run by run, because a shared machine drifts: a ratio is that of a peer's time a biological second to ours in the same turn. Shown are
medians with their range. Compiling stands in a column of its own; Callosum's machine code comes from its cache or takes some 10 ms. Bytes a synapse are counted
from the layout for Callosum, from the growth of the process for the others (for Brian2 the whole process). What the peers do is not always the same:
bench/peers says where it is not. Prints a table and writes bench/results.json (--json FILE).
"""
import argparse
import json
import os
import shutil
import statistics
import subprocess
import sys
import time

from simulators import HERE, Auryn, Brian2, Callosum, Genn, Nest, Neuron

NETWORKS = ("coba", "cuba", "cobahh", "brunel", "microcircuit-0.1")
COLUMNS = ("network", "simulator", "threads", "compile s", "build s", "s a biological second", "times ours", "M events/s/core", "bytes/synapse",
           "peak MiB", "rate Hz")


def spread(values):
    if len(values) == 1 or min(values) == max(values):
        return f"{values[0]:.3g}"
    return f"{statistics.median(values):.3g} ({min(values):.3g}-{max(values):.3g})"


def simulators(options):
    """Ours first."""
    out = [Callosum(options.program)]
    without = {name.lower() for name in options.without.split(",")}
    if "brian2" not in without:
        out.append(Brian2())
    if "neuron" not in without and shutil.which("nocmodl"):
        out.append(Neuron(sys.executable))
    for given, make in ((options.nest, Nest), (options.genn, Genn), (options.auryn, Auryn)):
        if given:
            out.append(make(given))
    return out


def turns(all_of_them, network, threads, repeats):
    """By simulator, its runs in order of turns."""
    able = [s for s in all_of_them if network in s.networks and threads <= s.most_threads]
    runs = {s.name: [] for s in able}
    for turn in range(repeats):
        for s in able:
            seconds = s.networks[network]
            run = s.run(network, seconds, threads, 1 + turn)
            runs[s.name].append(dict(run, seconds=seconds, compile_s=s.compile_s or run.get("compile_s", 0.0)))
    return runs


def summary(network, threads, neurons, runs):
    """A row a simulator, and the numbers behind it."""
    rows = []
    ours = [r["simulate_s"] / r["seconds"] for r in runs["Callosum"]]
    for name, own in runs.items():
        factor = [r["simulate_s"] / r["seconds"] for r in own]
        rows.append(dict(zip(COLUMNS, (
            network, name, threads, spread([r["compile_s"] for r in own]), spread([r["build_s"] for r in own]), spread(factor),
            "1" if name == "Callosum" else spread([t / o for t, o in zip(factor, ours)]),
            spread([r["synaptic_events"] / r["simulate_s"] / threads / 1e6 for r in own]), spread([r["bytes_per_synapse"] for r in own]),
            spread([r["peak_rss_bytes"] / 2**20 for r in own]), spread([r["spikes"] / neurons / r["seconds"] for r in own])))))
    return rows


def whole_process(network, runs):
    """What a user waits for, compiling included: of Brian2, once and then each time."""
    if "Brian2" not in runs:
        return None
    pairs = list(zip(runs["Brian2"], runs["Callosum"]))
    with_compiler = [(b["wall_s"] + b["compile_s"]) / c["wall_s"] for b, c in pairs]
    without = [b["wall_s"] / c["wall_s"] for b, c in pairs]
    return (f"{network}, whole process of {pairs[0][1]['seconds']} s: Brian2 takes {spread(with_compiler)} times ours with its compiler, "
            f"{spread(without)} times without")


def start_ms(program):
    took = []
    for _ in range(20):
        started = time.monotonic()
        subprocess.run([program, "--version"], check=True, capture_output=True)
        took.append((time.monotonic() - started) * 1e3)
    return took


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--program", default=os.path.join(HERE, "..", "build", "bin", "callosum"))
    parser.add_argument("--networks", default=",".join(NETWORKS), help="of " + ", ".join(NETWORKS) + ", microcircuit")
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--threads", default="1,2")
    parser.add_argument("--nest", metavar="PYTHON")
    parser.add_argument("--genn", metavar="PYTHON")
    parser.add_argument("--auryn", metavar="FOLDER")
    parser.add_argument("--without", default="", metavar="NAMES")
    parser.add_argument("--json", default=os.path.join(HERE, "results.json"))
    options = parser.parse_args()
    networks = options.networks.split(",")
    unknown = [n for n in networks if n not in Callosum.networks]
    if unknown:
        parser.error(f"unknown network {', '.join(unknown)}; expected some of {', '.join(Callosum.networks)}")
    print(f"callosum --version, whole process: {spread(start_ms(options.program))} ms; the bar is 50")
    print("| " + " | ".join(COLUMNS) + " |\n" + "|---" * len(COLUMNS) + "|", flush=True)
    everyone, results, remarks = simulators(options), [], []
    try:
        for network in networks:
            for s in everyone:
                if network in s.networks:
                    s.prepare(network)
            for threads in map(int, options.threads.split(",")):
                runs = turns(everyone, network, threads, options.repeats)
                neurons = runs["Callosum"][0]["neurons"]
                rows = summary(network, threads, neurons, runs)
                for row in rows:
                    print("| " + " | ".join(map(str, row.values())) + " |", flush=True)
                results.append(dict(network=network, threads=threads, rows=rows, runs=runs))
                if threads == 1:
                    remarks.append(whole_process(network, runs))
    finally:
        for s in everyone:
            s.close()
    print("\n".join(r for r in remarks if r))
    with open(options.json, "w") as out:
        json.dump(results, out, indent=1)


if __name__ == "__main__":
    main()
