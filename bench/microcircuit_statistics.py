"""Rates, interval CVs and correlations of the microcircuit beside another simulator, and how much they differ from seed to seed.

    python3 bench/microcircuit_statistics.py --reference FILE.json            the full network beside percentiles of another simulator's run
    python3 bench/microcircuit_statistics.py --nest PYTHON --scale 0.1        a smaller one, simulated by NEST in the same run, seed by seed

Shown are Kolmogorov-Smirnov distances: between our seeds in float (every pair), from them to our seeds in double precision, and to the other simulator. The bar
of the design: no distance to double or to the other simulator is more than 0.03 above that between two of our seeds. "first pair" takes the first two seeds for
these, "all pairs" the two that lie farthest apart. Which of the two seeds one takes matters, so a rank is shown as well: the share of runs (ours in float and
the one in question) whose mean distance from the others is at least that of the run in question; where simulators agree it is uniform, and small values tell of
a difference. The first 0.5 s are left out. CVs are those of neurons with at least five spikes, correlations of counts in bins of 2 ms of pairs among the first 200
neurons that fired. The full network takes 2 GiB and half a minute a seed on two idle cores; --keep FOLDER keeps what was simulated.
"""
import argparse
import bisect
import collections
import csv
import json
import os
import statistics
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
SKIPPED_MS = 500.0
KINDS = ("rate", "cv", "correlation")
MARGIN = 0.03  # of the design


def callosum(options, seed, precision):
    """(population, neuron, time in ms) of every spike, and the sizes of populations."""
    with tempfile.TemporaryDirectory(prefix="microcircuit") as folder:
        done = subprocess.run([options.program, "run", os.path.join(HERE, "..", "networks", "microcircuit.toml"), "--time",
                               f"{options.seconds + SKIPPED_MS / 1000}s", "--seed", str(seed), "--precision", precision, "--json",
                               "--scale", str(options.scale), "--threads", str(options.threads), "--out", folder], capture_output=True, text=True)
        if done.returncode:
            sys.exit(done.stderr)
        sizes = {p["name"]: p["size"] for p in json.loads(done.stdout)["populations"]}
        with open(os.path.join(folder, "spikes.csv"), newline="") as file:
            rows = csv.reader(line for line in file if not line.startswith("#"))
            header = [name.split(" ")[0] for name in next(rows)]
            population, neuron = header.index("population"), header.index("neuron")
            time = next(i for i, name in enumerate(header) if name.startswith("t"))
            return [(row[population], int(row[neuron]), float(row[time])) for row in rows], sizes


def nest(options, seed):
    """The same of NEST."""
    with tempfile.NamedTemporaryFile(prefix="microcircuit", suffix=".json") as file:
        done = subprocess.run([options.nest, os.path.join(HERE, "peers", "nest_run.py"), "microcircuit", str(options.seconds + SKIPPED_MS / 1000),
                               str(options.threads), str(seed), str(options.scale), file.name], capture_output=True, text=True)
        if done.returncode:
            sys.exit(done.stderr)
        told = json.load(file)
    return [(name, neuron, time) for name, p in told.items() for neuron, time in zip(p["neurons"], p["times_ms"])], \
        {name: p["size"] for name, p in told.items()}


def summary(trains, size, seconds):
    """By kind, sorted values of one population."""
    rates = sorted([len(t) / seconds for t in trains.values()] + [0.0] * (size - len(trains)))
    cvs = []
    for times in trains.values():
        if len(times) < 5:
            continue
        gaps = [b - a for a, b in zip(times, times[1:])]
        mean = sum(gaps) / len(gaps)
        cvs.append((sum((g - mean) ** 2 for g in gaps) / len(gaps)) ** 0.5 / mean)
    bins = round(seconds * 500)
    counts, moments = [], []
    for neuron in sorted(trains)[:200]:
        count = collections.Counter(min(bins - 1, int((t - SKIPPED_MS) / 2)) for t in trains[neuron])
        mean = sum(count.values()) / bins
        counts.append(count)
        moments.append((mean, sum(c * c for c in count.values()) / bins - mean * mean))
    correlations = []
    for i in range(len(counts)):
        for j in range(i):
            both = sum(c * counts[j][b] for b, c in counts[i].items() if b in counts[j])
            covariance = both / bins - moments[i][0] * moments[j][0]
            correlations.append(covariance / (moments[i][1] * moments[j][1]) ** 0.5)
    return dict(zip(KINDS, (rates, sorted(cvs), sorted(correlations))))


def sample(options, arm, seed):
    """By population and kind, sorted values of one run."""
    kept = options.keep and os.path.join(options.keep, f"{arm}-{seed}-scale-{options.scale}-{options.seconds}s.json")
    if kept and os.path.exists(kept):
        with open(kept) as file:
            return json.load(file)
    spikes, sizes = nest(options, seed) if arm == "NEST" else callosum(options, seed, arm)
    trains = collections.defaultdict(lambda: collections.defaultdict(list))
    for population, neuron, time in spikes:
        if time > SKIPPED_MS:
            trains[population][neuron].append(time)
    result = {name: summary({n: sorted(t) for n, t in trains[name].items()}, size, options.seconds) for name, size in sizes.items()}
    print(f"{arm}, seed {seed}: done", file=sys.stderr, flush=True)
    if kept:
        os.makedirs(options.keep, exist_ok=True)
        with open(kept, "w") as file:
            json.dump(result, file)
    return result


def percentiles(file):
    """Another simulator's run as a sample: percentiles stand for the values."""
    with open(file) as stream:
        told = json.load(stream)["populations"]
    return {name: {kind: next(p[key] for key in p if key.startswith(kind) and key.endswith("percentiles")) for kind in KINDS} for name, p in told.items()}


def distance(a, b):
    """Kolmogorov and Smirnov's: the largest difference of two distribution functions."""
    worst = 0.0
    for x in set(a) | set(b):
        worst = max(worst, abs(bisect.bisect_right(a, x) / len(a) - bisect.bisect_right(b, x) / len(b)))
    return worst


def pairs(samples):
    return [distance(a, b) for i, a in enumerate(samples) for b in samples[i + 1:]]


def rank(one, ours):
    """The share of all runs that lie as far from the others as `one` does."""
    everyone = ours + [one]
    far = [statistics.mean(distance(x, y) for y in everyone if y is not x) for x in everyone]
    return sum(f >= far[-1] for f in far) / len(far)


def compare(arms, name, kind):
    """What is to be said of one statistic of one population."""
    ours = [s[name][kind] for s in arms["float"]]
    row = dict(population=name, statistic=kind, means={arm: statistics.mean(statistics.mean(s[name][kind]) for s in of) for arm, of in arms.items()},
               between=pairs(ours))
    for arm, of in arms.items():
        if arm == "float":
            continue
        others = [s[name][kind] for s in of]
        far = [[distance(a, b) for b in others] for a in ours]
        first = max(max(d) for d in far[:2])
        row[arm] = dict(distances=far, within=pairs(others), first_pair=first <= row["between"][0] + MARGIN,
                        all_pairs=max(map(max, far)) <= max(row["between"]) + MARGIN, rank=statistics.mean(rank(o, ours) for o in others))
    return row


def spread(values):
    return f"{statistics.median(values):.3f} ({min(values):.3f}-{max(values):.3f})" if values else "-"


def show(row, others):
    cells = [row["population"], row["statistic"], " ".join(f"{m:.4f}" for m in row["means"].values()), f"{row['between'][0]:.3f}", spread(row["between"])]
    for arm in others:
        r = row[arm]
        cells += [spread([d for far in r["distances"] for d in far]), spread(r["within"]), "yes" if r["first_pair"] else "no", "yes" if r["all_pairs"] else "no",
                  f"{r['rank']:.2f}"]
    print(" | ".join(cells), flush=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--reference", help="percentiles of the rates, CVs and correlations of another simulator's run, by population")
    parser.add_argument("--nest", metavar="PYTHON", help="one that imports nest 3")
    parser.add_argument("--program", default=os.path.join(HERE, "..", "build", "bin", "callosum"))
    parser.add_argument("--scale", type=float, default=1.0)
    parser.add_argument("--seeds", default="1,2,3,4,5")
    parser.add_argument("--double-seeds", default="6")
    parser.add_argument("--nest-seeds", default="1,2,3,4,5")
    parser.add_argument("--seconds", type=float, default=8)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--keep", metavar="FOLDER", help="for what was simulated")
    parser.add_argument("--json", help="file for the same numbers")
    options = parser.parse_args()

    def run(arm, seeds):
        return [sample(options, arm, int(seed)) for seed in seeds.split(",") if seed]

    arms = {"float": run("float", options.seeds), "double": run("double", options.double_seeds)}
    if options.reference:
        arms["reference"] = [percentiles(options.reference)]
    if options.nest:
        arms["NEST"] = run("NEST", options.nest_seeds)
    arms = {arm: samples for arm, samples in arms.items() if samples}
    if len(arms["float"]) < 2:
        parser.error("--seeds: expected two or more")
    others = [arm for arm in arms if arm != "float"]
    header = ["population", "statistic", "means: " + ", ".join(arms), "between the first two seeds", "between seeds in float"]
    for arm in others:
        header += [f"float to {arm}", f"within {arm}", "holds, first pair", "holds, all pairs", "rank"]
    print(" | ".join(header))
    table = [compare(arms, name, kind) for name in arms["float"][0] for kind in KINDS if all(s[name][kind] for of in arms.values() for s in of)]
    for row in table:
        show(row, others)
    for arm in others:
        print(f"{arm}: {sum(r[arm]['first_pair'] for r in table)} of {len(table)} hold for the first pair, {sum(r[arm]['all_pairs'] for r in table)} for all; "
              f"mean rank {statistics.mean(r[arm]['rank'] for r in table):.2f}")
    if options.json:
        with open(options.json, "w") as file:
            json.dump(table, file, indent=1)


if __name__ == "__main__":
    main()
