"""Rates, interval CVs and correlations of the full microcircuit beside a reference of another simulator.

    python3 bench/microcircuit_statistics.py REFERENCE.json [--program build/bin/callosum] [--seeds 1,2] [--seconds 8] [--json OUT]

The reference holds, by population, percentiles 0..100 of the firing rates (Hz), the CVs of intervals (neurons with at least five spikes) and the
correlations of counts in bins of 2 ms (pairs among 200 neurons that fired). The first 0.5 s are left out. Printed are Kolmogorov-Smirnov distances: of
each of our seeds from the reference, and from our own run in double precision (of the last seed plus one), and between our seeds. Needs about 2.5 GiB of
memory and two minutes on two idle cores.
"""
import argparse
import bisect
import collections
import csv
import json
import os
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
SKIPPED_MS = 500.0
KINDS = ("rate", "cv", "correlation")


def simulate(program, seed, seconds, precision):
    """Spike times (ms) by population and neuron, and sizes by population."""
    with tempfile.TemporaryDirectory(prefix="microcircuit") as folder:
        done = subprocess.run([program, "run", os.path.join(HERE, "..", "networks", "microcircuit.toml"), "--time",
                               f"{seconds + SKIPPED_MS / 1000}s", "--seed", str(seed), "--precision", precision, "--json", "--out", folder],
                              capture_output=True, text=True)
        if done.returncode:
            sys.exit(done.stderr)
        sizes = {p["name"]: p["size"] for p in json.loads(done.stdout)["populations"]}
        trains = collections.defaultdict(lambda: collections.defaultdict(list))
        with open(os.path.join(folder, "spikes.csv"), newline="") as file:
            rows = csv.reader(line for line in file if not line.startswith("#"))
            header = [name.split(" ")[0] for name in next(rows)]
            population, neuron = header.index("population"), header.index("neuron")
            time = next(i for i, name in enumerate(header) if name.startswith("t"))
            for row in rows:
                if float(row[time]) > SKIPPED_MS:
                    trains[row[population]][int(row[neuron])].append(float(row[time]))
    return trains, sizes


def statistics(trains, size, seconds):
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


def sample(options, seed, precision):
    trains, sizes = simulate(options.program, seed, options.seconds, precision)
    return {name: statistics(trains[name], size, options.seconds) for name, size in sizes.items()}


def percentiles(values):
    return [values[round(q * (len(values) - 1) / 100)] for q in range(101)]


def distance(values, reference):
    """Largest difference of two distribution functions, the second known by its percentiles."""
    worst = 0.0
    for x in reference:
        ours_below, ours = bisect.bisect_left(values, x) / len(values), bisect.bisect_right(values, x) / len(values)
        theirs_below, theirs = bisect.bisect_left(reference, x) / 101, bisect.bisect_right(reference, x) / 101
        worst = max(worst, abs(ours - theirs), abs(ours_below - theirs_below))
    return worst


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("reference")
    parser.add_argument("--program", default=os.path.join(HERE, "..", "build", "bin", "callosum"))
    parser.add_argument("--seeds", default="1,2")
    parser.add_argument("--seconds", type=float, default=8)
    parser.add_argument("--json", help="file for the same numbers")
    options = parser.parse_args()
    with open(options.reference) as file:
        reference = json.load(file)["populations"]
    seeds = [int(seed) for seed in options.seeds.split(",")]
    ours = [sample(options, seed, "float") for seed in seeds]
    precise = sample(options, max(seeds) + 1, "double")
    table, held = [], 0
    print("population | statistic | mean, reference | mean by seed, double | distance from the reference by seed, double | from our double by seed | "
          "between our seeds | none more than 0.03 above that")
    for name in reference:
        for kind in KINDS:
            key = next(k for k in reference[name] if k.startswith(kind) and k.endswith("percentiles"))
            samples = [o[name][kind] for o in ours]
            theirs, double = reference[name][key], precise[name][kind]
            far = [distance(s, theirs) for s in samples + [double]]
            own = [distance(s, percentiles(double)) for s in samples]
            between = max(distance(a, percentiles(b)) for i, a in enumerate(samples) for b in samples[i + 1:])
            holds = all(d <= between + 0.03 for d in far + own)
            held += holds
            means = [sum(s) / len(s) for s in samples + [double]]
            mean = reference[name][key.replace("percentiles", "mean")]
            table.append(dict(population=name, statistic=kind, reference_mean=mean, means=means, from_reference=far, from_double=own,
                              between_seeds=between, holds=holds))
            show = lambda numbers, digits: " ".join(f"{x:.{digits}f}" for x in numbers)  # noqa: E731
            print(f"{name} | {kind} | {mean:.4f} | {show(means, 4)} | {show(far, 3)} | {show(own, 3)} | {between:.3f} | {'yes' if holds else 'no'}")
    print(f"{held} of {len(table)} hold")
    if options.json:
        with open(options.json, "w") as file:
            json.dump(table, file, indent=1)


if __name__ == "__main__":
    main()
