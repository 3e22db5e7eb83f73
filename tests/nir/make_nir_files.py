"""Makes the files and traces in this folder: graphs written by the exporters of snnTorch and Norse, with the spikes
those frameworks give for an input. `python make_nir_files.py`, with torch, snntorch 1.0.0, norse 1.1.0, nirtorch 2.6 and
nir 1.0.8. Tests read only what it leaves."""

import pathlib

import numpy as np
import torch
import torch.utils._pytree as pytree

if not hasattr(pytree, "register_pytree_node"):  # Debian's torch 1.13 has it under its old name
    pytree.register_pytree_node = lambda kind, *rest, **_: pytree._register_pytree_node(kind, *rest[:2])

import nir  # noqa: E402
import norse.torch as norse  # noqa: E402
import snntorch as snn  # noqa: E402
from norse.torch.functional.lif import LIFParameters  # noqa: E402
from norse.torch.functional.lif_box import LIFBoxParameters  # noqa: E402
from norse.torch.utils.export_nir import to_nir  # noqa: E402
from snntorch.export_nir import export_to_nir  # noqa: E402

here = pathlib.Path(__file__).parent
STEPS = 120


def spikes(n, p, seed):
    return (np.random.default_rng(seed).random((STEPS, n)) < p).astype(np.float32)


def save(name, graph, x, **traces):
    nir.write(here / f"{name}.nir", graph)
    np.savez_compressed(here / f"{name}.npz", x=x, **{k: np.array(v) for k, v in traces.items()})
    print(name, {k: np.asarray(v).sum() for k, v in traces.items()}, list(graph.nodes), graph.edges)


def snntorch_feed_forward():
    torch.manual_seed(1)
    kw = dict(reset_mechanism="zero", reset_delay=False, init_hidden=True)
    net = torch.nn.Sequential(
        torch.nn.Linear(6, 8), snn.Leaky(beta=torch.full((8,), 0.9), threshold=torch.full((8,), 0.4), **kw),
        torch.nn.Linear(8, 5, bias=False), snn.Synaptic(alpha=torch.full((5,), 0.8), beta=torch.full((5,), 0.7), threshold=torch.full((5,), 0.5), **kw))
    x = spikes(6, 0.4, 1)
    graph = export_to_nir(net, torch.zeros(6))
    hidden, out = [], []
    for row in torch.tensor(x):
        h = net[1](net[0](row[None]))
        o = net[3](net[2](h))
        hidden.append(h[0].detach().numpy())
        out.append(o[0].detach().numpy())
    save("snntorch_leaky_synaptic", graph, x, hidden=hidden, out=out)


def snntorch_recurrent():
    torch.manual_seed(2)
    cell = snn.RLeaky(beta=torch.full((7,), 0.85), threshold=torch.full((7,), 0.5), linear_features=7, all_to_all=True,
                      reset_mechanism="zero", reset_delay=False, init_hidden=True)
    net = torch.nn.Sequential(torch.nn.Linear(6, 7), cell)
    x = spikes(6, 0.4, 2)
    graph = export_to_nir(net, torch.zeros(6))
    out = [net(row[None])[0].detach().numpy() for row in torch.tensor(x)]
    save("snntorch_recurrent", graph, x, out=out)


def norse_network(name, *layers, sizes, seed):
    torch.manual_seed(seed)
    net = norse.SequentialState(*layers)
    with torch.no_grad():
        for layer in layers:
            if isinstance(layer, torch.nn.Linear):
                layer.weight.mul_(3.0)
    x = spikes(sizes[0], 0.4, seed)
    graph = to_nir(net, torch.zeros(sizes[0]))
    state, out = None, []
    for row in torch.tensor(x):
        o, state = net(row[None], state)
        out.append(o[0].detach().numpy())
    save(name, graph, x, out=out)


def parameters(n, **rates):
    """Of n neurons: the exporter wants one value each."""
    values = {"v_leak": 0.0, "v_th": 0.2, "v_reset": 0.0, **rates}
    return {name: torch.full((n,), value) for name, value in values.items()}


snntorch_feed_forward()
snntorch_recurrent()
norse_network("norse_lifbox", torch.nn.Linear(6, 8), norse.LIFBoxCell(LIFBoxParameters(method="heaviside", **parameters(8, tau_mem_inv=250.0))), torch.nn.Linear(8, 4),
              norse.LIFBoxCell(LIFBoxParameters(method="heaviside", **parameters(4, tau_mem_inv=200.0))), sizes=(6, 4), seed=3)
norse_network("norse_lif", torch.nn.Linear(6, 8), norse.LIFCell(LIFParameters(method="heaviside", **parameters(8, tau_mem_inv=100.0, tau_syn_inv=250.0))), sizes=(6, 8), seed=4)
