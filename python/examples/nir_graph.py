"""A NIR graph that snnTorch's exporter wrote: read, run with given spikes, changed, and written again.

Usage: python nir_graph.py [GRAPH] [COPY]
"""

import pathlib
import sys

import numpy as np

import callosum as cs

GRAPH = pathlib.Path(__file__).resolve().parents[2] / "tests/nir/snntorch_leaky_synaptic.nir"


def main(graph=GRAPH, copy="copy.nir"):
    graph = cs.nir.read(str(graph))
    print(graph)
    name = next(n for n, node in graph.nodes.items() if node["type"] == "Input")
    units = int(np.prod(graph.nodes[name]["shape"]))
    x = np.random.default_rng(0).random((200, units)) < 0.3
    imported = cs.nir.network(graph, dt="0.1 ms", discretisation="snntorch", inputs={name: x})
    for sentence in imported.assumptions:
        print("assumed:", sentence)
    sim = cs.Simulation(imported.network, precision="double", progress=False)
    sim.run_steps(200)
    out = imported.populations[imported.outputs[0]]
    spikes = sim.recording().spikes_of(out)
    print(f"{len(spikes)} spikes of '{out}'")
    exported = cs.nir.export(imported.network, discretisation="snntorch")
    exported.graph.write(copy)
    again = cs.nir.network(cs.nir.read(copy), dt="0.1 ms", discretisation="snntorch", inputs={name: x})
    sim = cs.Simulation(again.network, precision="double", progress=False)
    sim.run_steps(200)
    return spikes, sim.recording().spikes_of(out)


if __name__ == "__main__":
    main(*sys.argv[1:])
