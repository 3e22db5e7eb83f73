"""How cost grows with size, threads and ranks.

    python3 bench/scaling.py events [--drawn]      cost of a synaptic event from 3e7 to 3e8 synapses (medians of 5)
    python3 bench/scaling.py strong [--ranks]      the same network on 1, 2, ... threads (or ranks of one thread)
    python3 bench/scaling.py weak [--ranks]        as many neurons on each
    python3 bench/scaling.py procedural            a million neurons, a billion synapses that are not stored

Networks are made from networks/brunel.toml: N neurons with 1,250 inputs each, so that a neuron has the same work at any N. With --drawn, delays and
weights (in half precision) are drawn, which is what rings in slices are for. Prints a table and, with --json FILE, writes it there.
"""
import argparse
import json
import os
import re
import statistics
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
MPI = {"OMPI_ALLOW_RUN_AS_ROOT": "1", "OMPI_ALLOW_RUN_AS_ROOT_CONFIRM": "1"}


def network(neurons, drawn):
    """The text of a network of so many neurons."""
    with open(os.path.join(HERE, "..", "networks", "brunel.toml")) as file:
        text = file.read()
    text = text.replace("size = 10000", f"size = {neurons * 4 // 5}").replace("size = 2500", f"size = {neurons // 5}")
    text = text[:text.index("[[record]]")]
    share = 1250 / neurons
    text = re.sub(r"fixed_indegree = \d+", f"fixed_probability = {share!r}", text)
    if drawn:
        text = text.replace('delay = "1.5 ms"', 'delay = { normal = ["1.5 ms", "0.75 ms"] }\nweight_precision = "half"')
        text = text.replace('weight = "J"\ndelay', 'weight = { normal = ["J", "0.1 * J"] }\ndelay')
        text = text.replace('weight = "-g * J"\ndelay', 'weight = { normal = ["-g * J", "0.1 * g * J"] }\ndelay')
    return text


def run(options, text, milliseconds, threads=1, ranks=1):
    with tempfile.TemporaryDirectory(prefix="scaling") as folder:
        path = os.path.join(folder, "network.toml")
        with open(path, "w") as file:
            file.write(text)
        command = [options.program, "run", path, "--time", f"{milliseconds} ms", "--threads", str(threads), "--json", "--no-report"]
        if ranks > 1:
            command = ["mpirun", "-n", str(ranks)] + command
        done = subprocess.run(command, capture_output=True, text=True, env={**os.environ, **MPI})
        if done.returncode:
            sys.exit(done.stderr)
        return json.loads(done.stdout)


def spread(values):
    return f"{statistics.median(values):.3g} ({min(values):.3g}-{max(values):.3g})"


def table(columns, rows):
    print(" | ".join(columns))
    for row in rows:
        print(" | ".join(f"{x:.4g}" if isinstance(x, float) else str(x) for x in row), flush=True)


def events(options):
    columns = ("neurons", "synapses", "build s", "events", "ns an event and thread", "bytes a synapse", "peak GiB")
    rows, cost = [], []
    sizes = (24000, 76000, 240000)
    rounds = [[run(options, network(n, options.drawn), options.milliseconds or 100, options.threads) for n in sizes]
              for _ in range(options.repeats)]  # in turns: a shared machine drifts
    for k, neurons in enumerate(sizes):
        runs = [one[k] for one in rounds]
        ns = [r["simulate_s"] * options.threads / r["synaptic_events"] * 1e9 for r in runs]
        cost.append(statistics.median(ns))
        rows.append((neurons, runs[0]["synapses"], spread([r["build_s"] for r in runs]), runs[0]["synaptic_events"], spread(ns),
                     runs[0]["bytes_per_synapse"], runs[0]["peak_rss_bytes"] / 2**30))
    table(columns, rows)
    print(f"largest over smallest cost of an event: {max(cost) / min(cost):.2f}; the bar is 1.30")
    return dict(columns=columns, rows=rows, ratio=max(cost) / min(cost))


def scaling(options, weak):
    what = "ranks" if options.ranks else "threads"
    columns = (what, "neurons", "synapses", "build s", "simulate s", "speed-up" if not weak else "efficiency", "peak GiB a rank")
    rows, first = [], None
    for count in range(1, options.up_to + 1):
        neurons = 50000 * (count if weak else options.up_to)
        text = network(neurons, options.drawn)
        split = dict(ranks=count) if options.ranks else dict(threads=count)
        runs = [run(options, text, options.milliseconds or 100, **split) for _ in range(options.repeats)]
        took = statistics.median(r["simulate_s"] for r in runs)
        first = first or took
        rows.append((count, neurons, runs[0]["synapses"], spread([r["build_s"] for r in runs]), spread([r["simulate_s"] for r in runs]),
                     first / took, runs[0]["peak_rss_bytes"] / 2**30))
    table(columns, rows)
    return dict(columns=columns, rows=rows)


def procedural(options):
    with open(os.path.join(HERE, "billion.toml")) as file:
        text = file.read()
    runs = [run(options, text, options.milliseconds or 10, options.threads) for _ in range(options.repeats)]
    r = runs[0]
    columns = ("neurons", "synapses", "build s", "spikes", "events", "simulate s", "ns an event and thread", "peak GiB")
    rows = [(r["neurons"], r["synapses"], spread([x["build_s"] for x in runs]), r["spikes"], r["synaptic_events"],
             spread([x["simulate_s"] for x in runs]),
             spread([x["simulate_s"] * options.threads / x["synaptic_events"] * 1e9 for x in runs]), r["peak_rss_bytes"] / 2**30)]
    table(columns, rows)
    return dict(columns=columns, rows=rows)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("what", choices=("events", "strong", "weak", "procedural"))
    parser.add_argument("--program", default=os.path.join(HERE, "..", "build", "bin", "callosum"))
    parser.add_argument("--drawn", action="store_true")
    parser.add_argument("--ranks", action="store_true")
    parser.add_argument("--threads", type=int, default=2, help="of `events` and `procedural`")
    parser.add_argument("--up-to", type=int, default=2, help="threads or ranks")
    parser.add_argument("--repeats", type=int, default=5)
    parser.add_argument("--milliseconds", type=float, help="of biological time")
    parser.add_argument("--json")
    options = parser.parse_args()
    options.program = os.path.abspath(options.program)
    result = {"events": events, "strong": lambda o: scaling(o, False), "weak": lambda o: scaling(o, True), "procedural": procedural}[options.what](options)
    if options.json:
        with open(options.json, "w") as file:
            json.dump(result, file, indent=1)


if __name__ == "__main__":
    main()
