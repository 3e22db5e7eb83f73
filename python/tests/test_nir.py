"""NIR graphs: files through NIR's own package, spikes of the frameworks that wrote them, and every node against its
definition."""

import pathlib

import numpy as np
import pytest

import callosum as cs

nir = pytest.importorskip("nir")
traces = pathlib.Path(__file__).resolve().parents[2] / "tests/nir"


def one(shape=(3,), low=0.5):
    return np.random.default_rng(sum(shape)).uniform(low, 1.0, shape)


def every_node():
    yield "Affine", nir.Affine(one((4, 3)), one((4,)))
    yield "Linear", nir.Linear(one((4, 3)))
    yield "Scale", nir.Scale(one())
    yield "Conv1d", nir.Conv1d(7, one((2, 3, 3)), 1, 0, 1, 1, one((2,)))
    yield "Conv2d", nir.Conv2d((6, 5), one((2, 1, 3, 3)), (2, 1), (1, 0), (1, 1), 1, one((2,)))
    yield "Conv2d same", nir.Conv2d((6, 5), one((2, 1, 3, 3)), (1, 1), "same", (1, 1), 1, one((2,)))
    yield "SumPool2d", nir.SumPool2d(np.array([2, 2]), np.array([2, 2]), np.array([0, 0]))
    yield "AvgPool2d", nir.AvgPool2d(np.array([2, 2]), np.array([1, 2]), np.array([0, 1]))
    yield "Flatten", nir.Flatten({"input": np.array([2, 3])}, 0, -1)
    yield "Delay", nir.Delay(one())
    yield "Threshold", nir.Threshold(one())
    yield "I", nir.I(one())
    yield "IF", nir.IF(one(), one(), one())
    yield "LI", nir.LI(one(), one(), one())
    yield "LIF", nir.LIF(one(), one(), one(), one(), one())
    yield "CubaLI", nir.CubaLI(one(), one(), one(), one(), one())
    yield "CubaLIF", nir.CubaLIF(one(), one(), one(), one(), one(), one(), one())


def lif(n=3):
    return nir.LIF(np.full(n, 0.02), np.ones(n), np.zeros(n), np.full(n, 0.1), np.zeros(n))


def graph(edges, **nodes):
    ends = {"input": nir.Input({"input": np.array([3])}), "output": nir.Output({"output": np.array([3])})}
    return nir.NIRGraph({**ends, **nodes}, [tuple(e.split(">")) for e in edges.split()])


def architectures():
    w = nir.Affine(one((3, 3)), one())
    yield "sequential", graph("input>w w>a a>output", w=w, a=lif())
    yield "recurrent", graph("input>a a>w w>a a>output", w=w, a=lif())
    yield "two recurrent", graph("input>a a>w w>b b>v v>a b>output", w=w, v=nir.Linear(one((3, 3))),
                                 a=lif(), b=lif())
    yield "branching", graph("input>a a>w a>v w>b v>b b>output", w=w, v=nir.Linear(one((3, 3))), a=lif(),
                             b=lif())
    yield "residual", graph("input>a a>w w>b a>b b>output", w=w, a=lif(), b=lif())
    inner = graph("input>w w>a a>w a>output", w=nir.Linear(one((3, 3))), a=lif())
    yield "nested", graph("input>inner inner>b b>output", inner=inner, b=lif())


def same(a, b):
    """Dictionaries of arrays, texts and dictionaries."""
    assert a.keys() == b.keys()
    for key in a:
        if isinstance(a[key], dict):
            same(a[key], b[key])
        elif key == "edges":
            assert sorted(map(tuple, a[key])) == sorted(map(tuple, b[key]))
        elif isinstance(a[key], str):
            assert a[key] == b[key]
        else:
            np.testing.assert_array_equal(np.asarray(a[key], float), np.asarray(b[key], float), key)


@pytest.mark.parametrize("name, node", every_node(), ids=lambda x: x if isinstance(x, str) else "")
def test_every_node_goes_through_the_files_of_both(tmp_path, name, node):
    theirs = nir.NIRGraph({"node": node}, [], type_check=False)
    nir.write(tmp_path / "theirs.nir", theirs)
    ours = cs.nir.read(str(tmp_path / "theirs.nir"))
    assert ours.nodes["node"]["type"] == name.split()[0]
    ours.write(str(tmp_path / "ours.nir"))
    assert cs.nir.read(str(tmp_path / "ours.nir")) == ours
    back = nir.read(tmp_path / "ours.nir", type_check=False)
    assert type(back.nodes["node"]) is type(node)
    same(back.nodes["node"].to_dict(), nir.read(tmp_path / "theirs.nir", type_check=False).nodes["node"].to_dict())


@pytest.mark.parametrize("name, theirs", architectures(), ids=lambda x: x if isinstance(x, str) else "")
def test_graphs_of_every_shape_go_through_and_run(tmp_path, name, theirs):
    nir.write(tmp_path / "theirs.nir", theirs)
    ours = cs.nir.read(str(tmp_path / "theirs.nir"))
    ours.write(str(tmp_path / "ours.nir"))
    same(nir.read(tmp_path / "ours.nir").to_dict(), nir.read(tmp_path / "theirs.nir").to_dict())
    assert cs.nir.Graph.from_dict(theirs.to_dict()) == ours
    x = np.random.default_rng(0).random((50, 3)) < 0.5
    imported = cs.nir.network(ours, dt="1 ms", inputs={"input": x})
    sim = cs.Simulation(imported.network, precision="double", progress=False)
    sim.run_steps(50)
    out = imported.populations["output"]
    assert len(sim.recording().spikes_of(out)) > 0
    assert any("loop" in a for a in imported.assumptions) == ("recurrent" in name or name == "nested")


def spike_matrix(sim, population, steps, n):
    record = sim.recording().spikes_of(population)
    result = np.zeros((steps, n))
    result[np.asarray(record.steps) - 1, record.neurons] = 1
    return result


@pytest.mark.parametrize("name, dt, discretisation, layers", [
    ("snntorch_leaky_synaptic", "0.1 ms", "snntorch", {"hidden": "1", "out": "3"}),
    ("snntorch_recurrent", "0.1 ms", "snntorch", {"out": "1.lif"}),
    ("norse_lifbox", "1 us", "norse", {"out": "3"}),
    ("norse_lif", "1 us", "norse", {"out": "1"})])
def test_an_exported_network_fires_as_in_the_framework_that_wrote_it(name, dt, discretisation, layers):
    expected = np.load(traces / f"{name}.npz")
    x = expected["x"]
    imported = cs.nir.network(cs.nir.read(str(traces / f"{name}.nir")), dt=dt,
                              discretisation=discretisation, inputs={"input": x > 0})
    sim = cs.Simulation(imported.network, precision="double", progress=False)
    sim.run_steps(len(x))
    for layer, node in layers.items():
        assert expected[layer].sum() > 20
        np.testing.assert_array_equal(
            spike_matrix(sim, imported.populations[node], *expected[layer].shape), expected[layer])


def run_values(node, x, steps=None, dt="1 ms", discretisation="exact", shape=None):
    """Values at the output of one node that is given an input of values."""
    shape = x.shape[1:] if shape is None else shape
    theirs = {"nodes": {"input": {"type": "Input", "shape": np.array(shape)}, "node": node.to_dict(),
                        "output": {"type": "Output", "shape": np.array([1])}},
              "edges": [("input", "node"), ("node", "output")]}
    imported = cs.nir.network(cs.nir.Graph.from_dict(theirs), dt=dt, discretisation=discretisation,
                              inputs={"input": x.astype(float)})
    net = imported.network
    out = imported.populations["output"]
    if out == "node" and isinstance(node, (nir.IF, nir.LIF, nir.CubaLIF, nir.Threshold)):
        net.record(net.population(out), "v")
    sim = cs.Simulation(net, precision="double", progress=False)
    sim.run_steps(len(x))
    values = np.asarray(sim.recording().trace_of(out, "v").values)[1:]
    return values, sim, imported


def test_nodes_without_a_state_compute_what_they_say():
    rng = np.random.default_rng(3)
    x = rng.normal(size=(4, 3))
    w, b = rng.normal(size=(5, 3)), rng.normal(size=5)
    np.testing.assert_allclose(run_values(nir.Affine(w, b), x)[0], x @ w.T + b, rtol=1e-12)
    np.testing.assert_allclose(run_values(nir.Linear(w), x)[0], x @ w.T, rtol=1e-12)
    np.testing.assert_allclose(run_values(nir.Scale(b[:3]), x)[0], x * b[:3], rtol=1e-12)
    late = run_values(nir.Delay(np.array([0.0, 1e-3, 2e-3])), x)[0]
    np.testing.assert_allclose(late[2:, 0], x[2:, 0])
    np.testing.assert_allclose(late[2:, 1], x[1:3, 1])
    np.testing.assert_allclose(late[2:, 2], x[0:2, 2])
    assert late[0, 1] == 0 and late[1, 2] == 0


@pytest.mark.parametrize("padding", [(0, 0), (1, 2), "same", "valid"])
@pytest.mark.parametrize("stride, dilation, groups", [((1, 1), (1, 1), 1), ((2, 1), (1, 2), 2)])
def test_convolution_is_the_sum_over_its_window(padding, stride, dilation, groups):
    if padding == "same" and stride != (1, 1):
        return  # not defined, in PyTorch neither
    rng = np.random.default_rng(5)
    x, w, b = rng.normal(size=(2, 2, 7, 6)), rng.normal(size=(4, 2 // groups, 3, 2)), rng.normal(size=4)
    got = run_values(nir.Conv2d((7, 6), w, stride, padding, dilation, groups, b), x)[0]
    reach = [dilation[0] * 2, dilation[1]]
    before = {"same": [r // 2 for r in reach], "valid": [0, 0]}.get(padding, padding)
    after = {"same": [r - r // 2 for r in reach], "valid": [0, 0]}.get(padding, padding)
    big = np.pad(x, ((0, 0), (0, 0), (before[0], after[0]), (before[1], after[1])))
    rows = (big.shape[2] - reach[0] - 1) // stride[0] + 1
    columns = (big.shape[3] - reach[1] - 1) // stride[1] + 1
    expected = np.zeros((2, 4, rows, columns))
    for o in range(4):
        for r in range(rows):
            for c in range(columns):
                part = big[:, o // (4 // groups) * (2 // groups):, r * stride[0]:, c * stride[1]:]
                part = part[:, :2 // groups, :reach[0] + 1:dilation[0], :reach[1] + 1:dilation[1]]
                expected[:, o, r, c] = (part * w[o]).sum(axis=(1, 2, 3)) + b[o]
    np.testing.assert_allclose(got, expected.reshape(2, -1), rtol=1e-10, atol=1e-12)


def test_pooling_and_one_dimensional_convolution():
    rng = np.random.default_rng(6)
    x = rng.normal(size=(3, 2, 4, 6))
    blocks = x.reshape(3, 2, 2, 2, 3, 2)
    pool = (np.array([2, 2]), np.array([2, 2]), np.array([0, 0]))
    np.testing.assert_allclose(run_values(nir.SumPool2d(*pool), x)[0], blocks.sum(axis=(3, 5)).reshape(3, -1))
    np.testing.assert_allclose(run_values(nir.AvgPool2d(*pool), x)[0], blocks.mean(axis=(3, 5)).reshape(3, -1))
    line = rng.normal(size=(3, 2, 9))
    w, b = rng.normal(size=(4, 2, 3)), rng.normal(size=4)
    expected = np.stack([(line[:, None, :, k:k + 3] * w).sum(axis=(2, 3)) + b for k in range(7)], axis=2)
    np.testing.assert_allclose(run_values(nir.Conv1d(9, w, 1, 0, 1, 1, b), line)[0],
                               expected.reshape(3, -1), rtol=1e-10)


def test_neurons_follow_their_equations_to_the_exact_solution():
    """Steps of 0.1 ms against the closed form, and `exact` has no error of the step at all."""
    tau, r, leak = 0.02, 2.0, 0.3
    x = np.ones((200, 1))
    t = np.arange(1, 201) * 1e-3
    li = nir.LI(np.array([tau]), np.array([r]), np.array([leak]))
    np.testing.assert_allclose(run_values(li, x)[0][:, 0], leak + r * (1 - np.exp(-t / tau)), rtol=1e-12)
    np.testing.assert_allclose(run_values(nir.I(np.array([r])), x)[0][:, 0], r * t, rtol=1e-10)
    syn = 0.005
    cuba = nir.CubaLI(np.array([syn]), np.array([tau]), np.array([r]), np.array([leak]), np.array([1.5]))
    exact = leak + r * 1.5 * (1 - (tau * np.exp(-t / tau) - syn * np.exp(-t / syn)) / (tau - syn))
    np.testing.assert_allclose(run_values(cuba, x)[0][:, 0], exact, rtol=1e-11)
    equal = nir.CubaLI(np.array([tau]), np.array([tau]), np.array([r]), np.array([leak]), np.array([1.5]))
    both = leak + r * 1.5 * (1 - (1 + t / tau) * np.exp(-t / tau))
    np.testing.assert_allclose(run_values(equal, x)[0][:, 0], both, rtol=1e-9)
    for other in ("euler", "snntorch"):  # of first order
        errors = []
        for n in (1, 10):
            many = run_values(cuba, np.ones((200 * n, 1)), dt=f"{1 / n} ms", discretisation=other)[0]
            errors.append(abs(many[n - 1::n, 0] - exact).max())
        assert 7 < errors[0] / errors[1] < 13


def test_reset_is_hard_and_the_threshold_is_strict():
    x = np.full((9, 1), 1.0)
    fire = nir.IF(np.array([1000.0]), np.array([3.0]), np.array([0.5]))
    v, sim, imported = run_values(fire, x)
    np.testing.assert_allclose(v[:, 0], [1, 2, 3, 0.5, 1.5, 2.5, 0.5, 1.5, 2.5])
    assert sim.recording().spikes_of("node").steps.tolist() == [4, 7]
    gate, sim, _ = run_values(nir.Threshold(np.array([0.5])), np.array([[0.4], [0.5], [0.6], [-1.0]]))
    assert sim.recording().spikes_of("node").steps.tolist() == [3]


def test_what_is_wrong_is_named(tmp_path):
    good = {"nodes": {"a": {"type": "LIF", "tau": 1.0, "r": 1.0, "v_leak": 0.0, "v_threshold": 1.0,
                            "v_reset": 0.0}}, "edges": []}
    with pytest.raises(cs.errors.NameError, match="node 'a'.*CubaLIF"):
        cs.nir.Graph.from_dict({"nodes": {"a": {"type": "CubaLIFF"}}, "edges": []})
    with pytest.raises(cs.errors.NameError, match="tau_m"):
        cs.nir.Graph.from_dict({"nodes": {"a": {**good["nodes"]["a"], "tau_m": 1.0}}, "edges": []})
    with pytest.raises(cs.errors.NameError, match="no such node.*'b'|got b"):
        cs.nir.Graph.from_dict({**good, "edges": [("a", "b")]})
    graph = cs.nir.read(str(traces / "norse_lif.nir"))
    with pytest.raises(cs.errors.NameError, match="norse or snntorch"):
        cs.nir.network(graph, discretisation="snntorhc")
    with pytest.raises(cs.errors.ShapeError, match="multiple of 6"):
        cs.nir.network(graph, inputs={"input": np.zeros((3, 5), bool)})
    assert any("seconds" in a for a in cs.nir.network(graph).assumptions)
    loop = {"nodes": {"a": {"type": "Scale", "scale": np.ones(2)}, "i": {"type": "Input", "shape": np.array([2])},
                      "o": {"type": "Output", "shape": np.array([2])}},
            "edges": [("i", "a"), ("a", "a"), ("a", "o")]}
    with pytest.raises(cs.errors.UnsupportedError, match="loop"):
        cs.nir.network(cs.nir.Graph.from_dict(loop))
    content = (traces / "norse_lif.nir").read_bytes()
    for size in range(0, len(content) - 1, 1301):
        (tmp_path / "cut.nir").write_bytes(content[:size])
        with pytest.raises(cs.errors.Error):
            cs.nir.read(str(tmp_path / "cut.nir"))
