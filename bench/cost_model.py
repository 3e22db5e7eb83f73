"""What a biological second costs on a rank of a large machine: constants measured here, arithmetic from there.

    python3 bench/cost_model.py measure [--ranks] --json FILE     the constants, from runs of 50,000 neurons; --ranks: two ranks as well
    python3 bench/cost_model.py predict --constants FILE          weak scaling up to 4,096 ranks
    python3 bench/cost_model.py check --constants FILE            what is predicted for one and two threads and ranks beside what they take

A rank of T threads, N neurons in all on R ranks, K synapses a neuron, firing at r, step h, smallest delay d, and a spike meets P projections on each rank:

    update    N/(R T) / h * update_ns                               states and Poisson drive
    events    N K r/(R T) * event_ns                                a synapse is added to its sum
    rows      N r P * row_ns                                        every thread looks up every spike's row, also where it is empty
    decode    N r * decode_ns                                       the first thread reads all ranks' lists
    exchange  1/I * max(0, a log2 R + bytes N r I / B - hidden)     every I: d without overlap; with it half of d, and what the update of I takes is hidden

a and B, latency and bandwidth of the network between machines, are assumed (--latency-us, --gigabytes), as is a code of 1.3 bytes a spike. decode_ns holds what
an exchange through shared memory costs here, shared out to spikes. Nothing beyond two ranks was run: this is arithmetic.
"""
import argparse
import json
import math
import os
import statistics

from scaling import HERE, network, run, table

NEURONS, MILLISECONDS, STEP_MS, DELAY_MS = 50000, 100, 0.1, 1.5
STEPS = MILLISECONDS / STEP_MS
PATHS = 2  # projections that a spike meets in networks/brunel.toml


def without_projections(text):
    """The same neurons and drive, nothing between them."""
    return text[:text.index("[[projection]]")] + text[text.index("[[stimulus]]"):]


def with_inputs(inputs, neurons=NEURONS):
    text = network(neurons, False)
    return text.replace(repr(1250 / neurons), repr(inputs / neurons))


def median(options, text, **split):
    """A run with the median time."""
    runs = sorted((run(options, text, MILLISECONDS, **split) for _ in range(options.repeats)), key=lambda r: r["simulate_s"])
    return runs[len(runs) // 2]


def solve(rows):
    """Two unknowns x, y of two equations (a, b, c): a x + b y = c."""
    (a, b, c), (d, e, f) = rows
    det = a * e - b * d
    return (c * e - b * f) / det, (a * f - c * d) / det


def measure(options):
    silent = median(options, without_projections(network(NEURONS, False)))
    update = silent["simulate_s"] / (NEURONS * STEPS)
    runs = [median(options, with_inputs(inputs)) for inputs in (20, 1250)]
    event, row = solve([(r["synaptic_events"], r["spikes"] * PATHS, r["simulate_s"] - update * NEURONS * STEPS) for r in runs])
    constants = dict(update_ns=update * 1e9, event_ns=event * 1e9, row_ns=row * 1e9)
    if options.ranks:
        both = median(options, with_inputs(1250), ranks=2)
        alone = (update * NEURONS * STEPS + event * both["synaptic_events"]) / 2 + row * both["spikes"] * PATHS
        constants["decode_ns"] = max(0.0, both["simulate_s"] - alone) / both["spikes"] * 1e9
    print(", ".join(f"{name} {value:.3g}" for name, value in constants.items()))
    return constants


def cost(c, neurons, inputs, hz, ranks, threads, delay_ms, latency_us, gigabytes, paths=PATHS):
    """Seconds of one biological second on a rank, by part."""
    spikes, share = neurons * hz, neurons / (ranks * threads)
    overlap = ranks > 1 and delay_ms >= 2 * STEP_MS
    interval = delay_ms / (2 if overlap else 1) * 1e-3
    part = dict(update=share / (STEP_MS * 1e-3) * c["update_ns"] * 1e-9, events=share * inputs * hz * c["event_ns"] * 1e-9,
                rows=spikes * paths * c["row_ns"] * 1e-9, decode=spikes * c.get("decode_ns", 5.0) * 1e-9 if ranks > 1 else 0.0, exchange=0.0)
    if ranks > 1:
        message = latency_us * 1e-6 * math.log2(ranks) + 1.3 * spikes * interval / (gigabytes * 1e9)
        hidden = (part["update"] + part["events"] + part["rows"]) * interval if overlap else 0.0
        part["exchange"] = max(0.0, message - hidden) / interval
    return part


def predict(options, constants):
    columns = ("ranks", "neurons", "delay ms", "update s", "events s", "rows s", "decode s", "exchange s", "all s", "efficiency")
    rows = []
    for delay in (0.1, 1.5):
        first = None
        for ranks in (1, 4, 16, 64, 256, 1024, 4096):
            neurons = options.neurons * ranks
            part = cost(constants, neurons, options.inputs, options.hz, ranks, options.threads, delay, options.latency_us, options.gigabytes)
            total = sum(part.values())
            first = first or total
            rows.append((ranks, neurons, delay, *(float(v) for v in part.values()), total, first / total))
    table(columns, rows)
    return dict(columns=columns, rows=rows)


def check(options, constants):
    columns = ("split", "neurons", "predicted s", "measured s", "measured over predicted")
    rows = []
    for ranks, threads in ((1, 1), (1, 2), (2, 1)):
        for neurons in (NEURONS, 2 * NEURONS):
            r = median(options, with_inputs(1250, neurons), ranks=ranks, threads=threads)
            hz = r["spikes"] / neurons / (MILLISECONDS * 1e-3)
            part = cost(constants, neurons, 1250, hz, ranks, threads, DELAY_MS, options.latency_us, options.gigabytes)
            predicted = sum(part.values()) * MILLISECONDS * 1e-3
            rows.append((f"{ranks} x {threads}", neurons, predicted, r["simulate_s"], r["simulate_s"] / predicted))
    table(columns, rows)
    print(f"median of measured over predicted: {statistics.median(r[-1] for r in rows):.2f}")
    return dict(columns=columns, rows=rows)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("what", choices=("measure", "predict", "check"))
    parser.add_argument("--program", default=os.path.join(HERE, "..", "build", "bin", "callosum"))
    parser.add_argument("--constants", help="file of `measure`")
    parser.add_argument("--ranks", action="store_true", help="of `measure`")
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--neurons", type=float, default=1e5, help="a rank, of `predict`")
    parser.add_argument("--inputs", type=float, default=1e4, help="a neuron")
    parser.add_argument("--hz", type=float, default=5)
    parser.add_argument("--threads", type=int, default=1, help="a rank")
    parser.add_argument("--latency-us", type=float, default=1.5)
    parser.add_argument("--gigabytes", type=float, default=10, help="a second between machines")
    parser.add_argument("--json")
    options = parser.parse_args()
    options.program = os.path.abspath(options.program)
    constants = {}
    if options.what != "measure":
        if not options.constants:
            parser.error("--constants: expected the file that `measure --json FILE` has written")
        with open(options.constants) as file:
            constants = json.load(file)
    result = measure(options) if options.what == "measure" else {"predict": predict, "check": check}[options.what](options, constants)
    if options.json:
        with open(options.json, "w") as file:
            json.dump(result, file, indent=1)


if __name__ == "__main__":
    main()
