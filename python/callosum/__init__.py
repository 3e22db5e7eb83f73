"""Callosum: write a neural model once; simulate it at scale.

>>> import callosum as cs
>>> from callosum.units import ms, mV, nS, pA, s
>>> net = cs.Network(0.1*ms, "balanced")
>>> exc = net.add("exc", 800, "lif_cond_exp", parameters={"I_e": 300*pA})
>>> net.connect(exc, exc, cs.fixed_probability(0.1), target="g_ex", weight=1*nS)
>>> net.record_spikes(exc)
>>> sim = cs.Simulation(net, threads=2, seed=1)
>>> sim.run(1*s)
>>> cs.plot.raster(sim.recording())

Names are those of the C++ library. A quantity is a number times a unit (callosum.units) or a text
("20 ms"). Arrays come back as NumPy arrays in ms, mV, pA, nS, pF; an attribute says which.
"""

import _callosum_pynn  # noqa: F401: pyNN.callosum can be imported from now on

from . import errors, units
from ._core import (
    Estimate,
    Model,
    Network,
    NetworkFile,
    PopulationSummary,
    Quantity,
    Recording,
    Rule,
    RunStatistics,
    Simulation,
    Space,
    SpikeRecord,
    TraceRecord,
    Unroll,
    Values,
    View,
    WeightRecord,
    __version__,
    all_to_all,
    distance_probability,
    estimate,
    fixed_indegree,
    fixed_outdegree,
    fixed_probability,
    fixed_total_number,
    library,
    nir,
    nwb,
    one_to_one,
    pairs,
    read_network,
    report,
    sonata,
)
from .errors import Error

__all__ = [
    "Error", "Estimate", "Model", "Network", "NetworkFile", "PopulationSummary", "Quantity",
    "Recording", "Rule", "RunStatistics", "Simulation", "Space", "SpikeRecord", "TraceRecord",
    "Unroll", "Values", "View", "WeightRecord", "__version__", "all_to_all", "distance_probability", "errors",
    "estimate", "fixed_indegree", "fixed_outdegree", "fixed_probability", "fixed_total_number",
    "library", "nir", "nwb", "one_to_one", "pairs", "plot", "read_network", "report", "sonata", "to_neo", "torch", "units",
]


def __getattr__(name):
    # What needs further packages is loaded when it is asked for: importing callosum is quick.
    if name in ("plot", "torch"):
        import importlib

        return importlib.import_module("." + name, __name__)
    if name == "to_neo":
        from .neo import to_neo

        return to_neo
    raise AttributeError(f"module 'callosum' has no attribute '{name}'")


def __dir__():
    return sorted(__all__)
