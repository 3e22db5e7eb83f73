"""Unroll from Python, and the module of torch around it."""

import subprocess
import sys

import callosum as cs
import numpy as np
import pytest
from callosum.units import mV, ms, pA

torch = pytest.importorskip("torch")


def network(n=6):
    net = cs.Network(1 * ms, "trained")
    x = net.add_spike_list("in", 5, [], [])
    hidden = net.add("hidden", n, "lif_psc_exp", parameters={"t_ref": "0 ms", "tau_m": 10 * ms})
    out = net.add("out", 3, "lif_psc_delta", parameters={"t_ref": "0 ms"})
    net.connect(x, hidden, cs.all_to_all(), target="I_ex", weight=cs.Values.uniform(200 * pA, 1200 * pA),
                delay="0 ms", name="first")
    net.connect(hidden, out, cs.fixed_probability(0.8), target="V_m",
                weight=cs.Values.uniform(2 * mV, 9 * mV), delay="1 ms", name="second")
    return net


def spikes(steps=40, batch=3, seed=0):
    return (np.random.default_rng(seed).random((steps, batch, 5)) < 0.4).astype(float)


def test_unroll_fires_as_the_simulation_does_without_torch():
    net, x = network(), spikes()
    unroll = cs.Unroll(net, precision="double", record=["out.V_m"])
    unroll.forward(40, 3, {"in": x})
    for sample in range(3):
        t, i = np.nonzero(x[:, sample])
        other = cs.Network(1 * ms, "trained")
        other.add_spike_list("in", 5, i, (t + 1.0) * ms)
        own = network()
        hidden = other.add("hidden", 6, "lif_psc_exp", parameters={"t_ref": "0 ms", "tau_m": 10 * ms})
        out = other.add("out", 3, "lif_psc_delta", parameters={"t_ref": "0 ms"})
        drawn = own.synapses(1)
        other.connect("in", hidden, cs.all_to_all(), target="I_ex",
                      weight=unroll.values("first").ravel() * pA, delay="0 ms")
        other.connect(hidden, out, cs.pairs(drawn["sources"], drawn["targets"]), target="V_m",
                      weight=drawn["weights"] * mV, delay="1 ms")
        other.record_spikes(out)
        sim = cs.Simulation(other, precision="double", progress=False)
        sim.run_steps(40)
        record = sim.recording().spikes_of("out")
        expected = np.zeros((40, 3))
        expected[np.asarray(record.steps) - 1, record.neurons] = 1
        np.testing.assert_array_equal(unroll.spikes("out")[:, sample], expected)
    assert unroll.spikes("out").sum() > 10
    assert unroll.values("first").shape == (5, 6) and unroll.recorded("out.V_m").shape == (40, 3, 3)


def test_gradients_arrive_in_torch_as_unroll_has_them():
    net, x = network(), spikes()
    module = cs.torch.Module(net, outputs=["out.count", "out.V_m"], precision="double",
                             trained=["first", "second", "hidden.tau_m"])
    count, v = module(torch.tensor(x))
    assert count.shape == (3, 3) and v.shape == (40, 3, 3)
    weight = torch.arange(9.0, dtype=torch.float64).reshape(3, 3)
    loss = (count * weight).sum() + 0.01 * (v**2).sum()
    loss.backward()
    unroll = cs.Unroll(net, precision="double", trained=["first", "second", "hidden.tau_m"],
                       record=["out.V_m"])
    unroll.forward(40, 3, {"in": x})
    unroll.backward(counts={"out": weight.numpy()}, recorded={"out.V_m": 0.02 * unroll.recorded("out.V_m")})
    for name in module.trained:
        got = module.parameter(name).grad.numpy()
        assert np.abs(got).max() > 0
        np.testing.assert_array_equal(got, unroll.gradient(name).reshape(got.shape))


def test_gradients_of_what_is_smooth_are_finite_differences():
    net = cs.Network(1 * ms, "smooth")
    x = net.add_spike_list("in", 5, [], [])
    out = net.add("out", 2, "leaky_integrator")
    state = next(iter(cs.library.neuron("leaky_integrator").states))
    target = state
    net.connect(x, out, cs.all_to_all(), target=target,
                weight=cs.Values.uniform(0.1, 0.5) if cs.library.neuron("leaky_integrator").units[state]
                in ("", "1") else cs.Values.uniform(1 * mV, 5 * mV), name="w")
    module = cs.torch.Module(net, outputs=[f"out.{state}"], precision="double")
    x = torch.tensor(spikes())

    def loss():
        return (module(x)**2).sum()

    loss().backward()
    w = module.parameter("w")
    with torch.no_grad():
        for at in ((0, 0), (3, 1)):
            h = 1e-5
            w[at] += h
            up = loss().item()
            w[at] -= 2 * h
            down = loss().item()
            w[at] += h
            assert w.grad[at].item() == pytest.approx((up - down) / (2 * h), rel=1e-6)


def test_two_runs_before_one_backward_and_another_module_between():
    x = [torch.tensor(spikes(seed=k), dtype=torch.float32) for k in (1, 2)]

    def gradients(together):
        module = cs.torch.Module(network(), outputs=["out.count"])
        if together:
            (module(x[0]).sum() + 2 * module(x[1]).sum()).backward()
        else:
            module(x[0]).sum().backward()
            (2 * module(x[1]).sum()).backward()
        return module.parameter("first").grad

    torch.testing.assert_close(gradients(True), gradients(False))
    assert gradients(True).abs().max() > 0


def test_input_gradients_and_currents():
    module = cs.torch.Module(network(), outputs=["hidden.V_m"], currents=["hidden.I_e"],
                             input_gradients=True, precision="double", trained=[])
    current = torch.zeros(20, 2, 6, dtype=torch.float64, requires_grad=True)
    module.run({"hidden.I_e": current})["hidden.V_m"].sum().backward()
    assert current.grad.shape == current.shape and (current.grad[:-1] > 0).all()


def test_training_lowers_a_loss_and_the_network_is_the_trained_one():
    torch.manual_seed(0)
    module = cs.torch.Module(network(), outputs=["out.count"], width=10.0)
    optimiser = torch.optim.Adam(module.parameters(), lr=20.0)
    x = torch.tensor(spikes(), dtype=torch.float32)
    wanted = torch.tensor([[2.0, 8.0, 4.0]]).expand(3, 3)
    losses = []
    for _ in range(60):
        optimiser.zero_grad()
        loss = ((module(x) - wanted)**2).mean()
        loss.backward()
        optimiser.step()
        losses.append(loss.item())
    assert losses[-1] < 0.5 * losses[0]
    trained = module.network()
    np.testing.assert_allclose(trained.synapses(0)["weights"].reshape(5, 6),
                               module.parameter("first").detach().numpy(), rtol=1e-6)
    assert set(module.state_dict()) == {"first", "second"}


def test_mistakes_are_named():
    net = network()
    with pytest.raises(cs.errors.NameError, match="fast_sigmoid"):
        cs.Unroll(net, surrogate="fast_sigmoidd")
    module = cs.torch.Module(net, outputs=["out"])
    with pytest.raises(cs.errors.NameError, match="no such input"):
        module.run({"inn": torch.zeros(1, 1, 5)})
    with pytest.raises(cs.errors.ValueError, match="0 or 1"):
        module(torch.full((2, 1, 5), 0.5))
    with pytest.raises(cs.errors.ShapeError):
        module(torch.zeros(2, 1, 4))
    with pytest.raises(ValueError, match="time, batch, unit"):
        module(torch.zeros(2, 5))
    with pytest.raises(TypeError, match="by DLPack"):
        cs.Unroll(net).forward(2, 1, {"in": "zeros"})
    module(torch.zeros(2, 1, 5))
    with pytest.raises(cs.errors.ShapeError):
        module._unroll.backward(counts={"out": np.zeros(7)})


def test_arrays_of_any_layout_and_number_type_are_taken():
    x = spikes(10, 2)
    results = []
    for given in (x, x.astype(np.float32), np.asfortranarray(x), np.repeat(x, 2, axis=2)[:, :, ::2],
                  x.astype(np.int64), torch.tensor(x)):
        unroll = cs.Unroll(network())
        unroll.forward(10, 2, {"in": given})
        results.append(unroll.spikes("hidden"))
    assert results[0].sum() > 0
    for other in results[1:]:
        np.testing.assert_array_equal(other, results[0])


def test_importing_callosum_is_quick_and_loads_no_torch():
    code = ("import time; t = time.perf_counter(); import callosum, sys; "
            "print(time.perf_counter() - t, 'torch' in sys.modules, 'numpy' in sys.modules)")
    best = min(float(subprocess.run([sys.executable, "-c", code], capture_output=True, text=True,
                                    check=True).stdout.split()[0]) for _ in range(3))
    out = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    assert out.split()[1] == "False"
    assert best < 0.3


def nir_graph(seed=0):
    """Input, dense, LIF, dense, LIF, with biases; as snnTorch's exporter writes for beta and a step of 1 ms."""
    rng = np.random.default_rng(seed)

    def lif(n, tau):
        return {"type": "LIF", "tau": np.full(n, tau), "r": np.full(n, tau / 1e-3), "v_leak": np.zeros(n),
                "v_threshold": np.ones(n), "v_reset": np.zeros(n)}

    return cs.nir.Graph.from_dict({
        "nodes": {"input": {"type": "Input", "shape": np.array([5])},
                  "first": {"type": "Affine", "weight": rng.normal(0.2, 0.3, (8, 5)), "bias": rng.normal(0.05, 0.05, 8)},
                  "hidden": lif(8, 0.01),
                  "second": {"type": "Affine", "weight": rng.normal(0.15, 0.3, (3, 8)), "bias": np.full(3, 0.02)},
                  "out": lif(3, 0.02),
                  "output": {"type": "Output", "shape": np.array([3])}},
        "edges": [("input", "first"), ("first", "hidden"), ("hidden", "second"), ("second", "out"), ("out", "output")]})


class _Spike(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x):
        ctx.save_for_backward(x)
        return (x > 0).to(x.dtype)

    @staticmethod
    def backward(ctx, bar):
        x, = ctx.saved_tensors
        return bar / (1 + x.abs())**2


def counts_of_a_loop(weights, biases, x):
    """The same net, written out step by step: v = beta*v + input, a spike, a reset to zero."""
    v = [torch.zeros(x.shape[1], n, dtype=x.dtype) for n in (8, 3)]
    total = 0
    for row in x:
        for k, beta in enumerate((0.9, 0.95)):
            v[k] = beta * v[k] + row @ weights[k].T + biases[k]
            row = _Spike.apply(v[k] - 1)
            v[k] = v[k] * (1 - row)
        total = total + row
    return total


def test_an_imported_nir_graph_has_the_gradients_of_the_same_net_in_torch():
    graph = nir_graph()
    imported = cs.nir.network(graph, dt="1 ms", discretisation="snntorch")
    module = cs.torch.Module(imported.network, outputs=["out.count"], precision="double")
    x = torch.tensor(spikes(steps=60))
    weights = [torch.tensor(graph.nodes[name]["weight"], requires_grad=True) for name in ("first", "second")]
    biases = [torch.tensor(graph.nodes[name]["bias"]) for name in ("first", "second")]
    expected = counts_of_a_loop(weights, biases, x)
    got = module(x)
    torch.testing.assert_close(got, expected.detach())
    assert expected.sum() > 30
    factor = torch.tensor([[1.0, -2.0, 0.5]], dtype=torch.float64)
    (expected * factor).sum().backward()
    (got * factor).sum().backward()
    for name, weight in zip(("input -> hidden", "hidden -> out"), weights):
        grad = module.parameter(name).grad.reshape(weight.shape[::-1]).T  # by source, then target
        torch.testing.assert_close(grad, weight.grad, rtol=1e-9, atol=1e-9)
        assert weight.grad.abs().max() > 0.1


def test_an_imported_nir_graph_trains_runs_and_goes_back():
    imported = cs.nir.network(nir_graph(), dt="1 ms", discretisation="snntorch")
    module = cs.torch.Module(imported.network, outputs=["out.count"])
    rng = np.random.default_rng(1)
    patterns = rng.random((3, 5)) * 0.7
    labels = torch.arange(48) % 3
    x = torch.tensor(rng.random((50, 48, 5)) < patterns[labels.numpy()], dtype=torch.float32)
    optimiser = torch.optim.Adam(module.parameters(), lr=0.02)
    first = torch.nn.functional.cross_entropy(module(x) / 5, labels).item()
    for _ in range(80):
        optimiser.zero_grad()
        loss = torch.nn.functional.cross_entropy(module(x) / 5, labels)
        loss.backward()
        optimiser.step()
    assert loss.item() < first / 2
    with torch.no_grad():
        counts = module(x)
    assert (counts.argmax(1) == labels).float().mean() > 0.9
    # The trained network as a graph again, read anew, run event by event.
    exported = cs.nir.export(module.network(), discretisation="snntorch")
    for sample in (0, 1):
        again = cs.nir.network(exported.graph, dt="1 ms", discretisation="snntorch",
                               inputs={"input": x[:, sample].numpy() > 0})
        sim = cs.Simulation(again.network, progress=False)
        sim.run_steps(50)
        fired = np.bincount(sim.recording().spikes_of("out").neurons, minlength=3)
        np.testing.assert_array_equal(fired, counts[sample].numpy())
