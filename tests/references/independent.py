"""Traces of the library's neurons from the papers' own equations, for tests/references/independent.cpp.

Where NEST has no equations of its own, the traces in data/neurons.json were made by Brian2 from the text of the library's files: a slip in a file
would be in both. independent_models.py writes the equations again; this integrates them (Runge-Kutta of fourth order at 2.5 us or less, thresholds
and refractory times on the reference's grid) under the stimuli of data/neurons.json, into data/independent.json.
Run by hand, about a minute: python3 tests/references/independent.py [NAME ...]
"""
import json
import os
import sys

from independent_models import MODELS

DATA = os.path.join(os.path.dirname(os.path.abspath(__file__)), "data")
FINEST = 0.0025  # ms


def step(neuron, y, drive, h, held):
    """One step of the classical Runge-Kutta method; a held potential does not move."""
    def slope(at):
        s = neuron.right(at, drive)
        if held:
            s[0] = 0.0
        return s

    def along(s, share):
        return [a + share * h * b for a, b in zip(y, s)]

    k1 = slope(y)
    k2 = slope(along(k1, 0.5))
    k3 = slope(along(k2, 0.5))
    k4 = slope(along(k3, 1))
    return [a + h * (p + 2 * q + 2 * r + s) / 6 for a, p, q, r, s in zip(y, k1, k2, k3, k4)]


def jumps_by_step(neuron, r):
    """Step at whose end they stand -> [(place among the states, amount)]."""
    found = {}
    for arrival in r["arrivals"]:
        places = neuron.targets[arrival["target"]]
        for t in arrival["times"]:
            for place in places if isinstance(places, tuple) else (places,):
                found.setdefault(round(t / r["dt_ms"]), []).append((place, arrival["weight"]))
    return found


def trace(neuron, r):
    """Values at the reference's times, and spikes stamped at the end of their step, ms."""
    dt = r["dt_ms"]
    parts = max(2, round(dt / FINEST))
    jumps = jumps_by_step(neuron, r)
    on, off = round(r["on_ms"] / dt), round(r["off_ms"] / dt)
    stride, first = round(r["sample_ms"] / dt), round(r["first_ms"] / dt)
    y, values, spikes = [float(v) for v in neuron.start], [], []
    refractory = 0
    was_above = False
    for n in range(first + stride * (len(r["values"]) - 1) + 1):
        if n >= first and (n - first) % stride == 0:
            values.append(y[neuron.observed])
        held = refractory > 0
        for _ in range(parts):
            y = step(neuron, y, r["amplitude"] if on <= n < off else 0.0, dt / parts, held and neuron.holds)
        for place, amount in jumps.get(n + 1, []):
            if not (held and neuron.holds and place == 0):
                y[place] += amount
        refractory = max(0, refractory - 1)
        above = neuron.fires is not None and not held and neuron.fires(y, dt)
        if above and not (neuron.counts_rises and was_above):
            spikes.append(round((n + 1) * dt, 6))
            neuron.reset(y)
            refractory = round(neuron.t_ref / dt)
        was_above = above
    return values, spikes


def main():
    with open(os.path.join(DATA, "neurons.json")) as file:
        references = json.load(file)
    path = os.path.join(DATA, "independent.json")
    result = json.load(open(path)) if os.path.exists(path) else {}
    for name in sys.argv[1:] or MODELS:
        values, spikes = trace(MODELS[name], references[name])
        expected = references[name]["values"]
        difference = max(abs(a - b) for a, b in zip(values, expected)) / (max(expected) - min(expected))
        same = "same" if spikes == references[name]["spikes"] else "OTHER"
        print(f"{name}: {difference:.1e} of the range, {same} {len(spikes)} spikes", flush=True)
        result[name] = {"source": MODELS[name].source, "spikes": spikes, "values": [float(f"{v:.12g}") for v in values]}
    with open(path, "w") as out:
        out.write("{\n" + ",\n".join(f'"{k}": {json.dumps(v)}' for k, v in sorted(result.items())) + "\n}\n")


if __name__ == "__main__":
    main()
