"""Figures of a recording with matplotlib. Each function draws on `ax` (a new one if not given) and
returns it.

>>> ax = callosum.plot.raster(sim.recording())
>>> ax.figure.savefig("raster.png")
"""

import numpy as np

__all__ = ["raster", "rates", "traces", "weights"]

# Okabe and Ito's colours, told apart by colour-blind readers.
COLOURS = ["#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#555555", "#B8A000"]


def _axes(ax, height=3.2):
    if ax is not None:
        return ax
    import matplotlib.pyplot as plt

    return plt.subplots(figsize=(8, height), layout="constrained")[1]


def _over_time(ax, recording):
    ax.set_xlim(0, max(recording.duration_ms, recording.dt_ms))
    ax.set_xlabel("time (ms)")


def _legend(ax):
    """Above the axes, where it hides nothing."""
    ax.legend(frameon=False, loc="lower left", bbox_to_anchor=(0, 1), ncols=4, borderaxespad=0)


def _chosen(recording, populations):
    if populations is None:
        return recording.spikes
    names = [populations] if isinstance(populations, str) else populations
    return [recording.spikes_of(name) for name in names]


def raster(recording, populations=None, *, ax=None, most=20000, size=2.0):
    """A dot a spike, populations above each other. At most `most` spikes a population are drawn:
    then whole neurons are left out, evenly, and the label says how many are shown."""
    records = _chosen(recording, populations)
    ax = _axes(ax, height=2 + 0.8 * len(records))
    offset, ticks, labels = 0, [], []
    for k, record in enumerate(records):
        every = max(1, int(np.ceil(len(record) / most)))
        neurons = record.neurons
        shown = neurons % every == 0
        rows = -(-record.size // every)
        ax.plot(record.times_ms[shown], offset + neurons[shown] // every, ".", markersize=size,
                color=COLOURS[k % len(COLOURS)], markeredgewidth=0, rasterized=True)
        ticks.append(offset + rows / 2)
        labels.append(record.population if every == 1
                      else f"{record.population}\n(1 neuron of {every})")
        offset += rows
        if k + 1 < len(records):
            ax.axhline(offset, color="0.85", linewidth=0.6)
    ax.set_yticks(ticks, labels)
    ax.set_ylim(0, max(offset, 1))
    _over_time(ax, recording)
    return ax


def rates(recording, populations=None, *, bin_ms=5.0, ax=None):
    """Mean firing rate of each population in bins of `bin_ms`."""
    if not bin_ms > 0:
        raise ValueError(f"[rates] a bin needs a width: got {bin_ms}, expected more than 0 ms")
    ax = _axes(ax)
    # The last bin may be a part of one: it is counted over the time it has.
    edges = np.arange(0, recording.duration_ms, bin_ms)
    edges = np.append(edges, recording.duration_ms)
    for k, record in enumerate(_chosen(recording, populations)):
        # A spike stamped t happened in (t - dt, t].
        counts, _ = np.histogram(record.times_ms - recording.dt_ms / 2, edges)
        ax.stairs(counts / (np.diff(edges) * 1e-3) / record.size, edges, label=record.population,
                  color=COLOURS[k % len(COLOURS)])
    _over_time(ax, recording)
    ax.set_ylim(bottom=0)
    ax.set_ylabel("rate (Hz)")
    _legend(ax)
    return ax


def traces(recording, population, variable, *, neurons=None, ax=None):
    """A recorded variable over time, one line a neuron (of those recorded, by place; the first
    five if not given)."""
    ax = _axes(ax)
    trace = recording.trace_of(population, variable)
    chosen = range(min(5, len(trace.indices))) if neurons is None else np.atleast_1d(neurons)
    for k, i in enumerate(chosen):
        ax.plot(trace.times_ms, trace.values[:, i], linewidth=1, label=f"neuron {trace.indices[i]}",
                color=COLOURS[k % len(COLOURS)])
    _over_time(ax, recording)
    ax.set_ylabel(f"{variable} of {population} ({trace.unit})" if trace.unit else variable)
    if len(chosen) > 1:
        _legend(ax)
    return ax


def weights(recording, projection=None, *, sample=-1, bins=50, ax=None):
    """How often which weight occurs in a recorded projection, at its last sample or another."""
    ax = _axes(ax)
    record = recording.weights[0] if projection is None else recording.weights_of(projection)
    ax.hist(record.values[sample], bins=bins, color=COLOURS[0])
    unit = f" ({record.unit})" if record.unit else ""
    ax.set_xlabel(f"weight of {record.projection}{unit}")
    ax.set_ylabel("synapses")
    return ax
