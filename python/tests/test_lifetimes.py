"""What outlives what, arrays of any layout, and objects that were never made: Python exceptions or right numbers, never a
crash. These tests need no torch, so they run under the address sanitizer."""

import gc
import inspect

import numpy as np
import pytest

import callosum as cs
from callosum import _core
from callosum.units import ms, pA


def unrolled(precision="double"):
    net = cs.Network(1 * ms, "small")
    x = net.add_spike_list("in", 4, [], [])
    out = net.add("out", 3, "discrete_lif")
    net.connect(x, out, cs.all_to_all(), target="v", weight=cs.Values.uniform(0.2, 0.9), delay="0 ms", name="w")
    return cs.Unroll(net, precision=precision, record=["out.v"])


def raster(steps=20, batch=2):
    return (np.random.default_rng(0).random((steps, batch, 4)) < 0.5).astype(float)


def test_arrays_of_a_recording_outlive_simulation_and_recording(network):
    sim = cs.Simulation(network, progress=False)
    sim.run(50 * ms)
    record = sim.recording().spikes_of("exc")
    trace = sim.recording().trace_of("exc", "V_m")
    neurons, steps, values = record.neurons, record.steps, trace.values
    kept = neurons.copy(), steps.copy(), values.copy()
    del sim, record, trace
    gc.collect()
    [np.random.default_rng(k).random(100_000) for k in range(20)]  # memory that was freed is used again
    for array, copy in zip((neurons, steps, values), kept):
        np.testing.assert_array_equal(array, copy)
    with pytest.raises(ValueError):
        neurons[0] = 1  # they are views into what was recorded


def test_arrays_of_an_unroll_outlive_it_and_its_next_run():
    unroll = unrolled()
    unroll.forward(20, 2, {"in": raster()})
    spikes, recorded = np.array(unroll.spikes("out")), np.array(unroll.recorded("out.v"))
    held = unroll.spikes("out"), unroll.recorded("out.v"), unroll.values("w")
    unroll.backward(counts={"out": np.ones((2, 3))})
    gradient = unroll.gradient("w")
    before = np.array(gradient)
    unroll.forward(5, 1, {"in": np.zeros((5, 1, 4))})
    del unroll
    gc.collect()
    np.testing.assert_array_equal(np.asarray(held[0]), spikes)
    np.testing.assert_array_equal(np.asarray(held[1]), recorded)
    np.testing.assert_array_equal(np.asarray(gradient), before)


@pytest.mark.parametrize("layout", [
    np.asfortranarray, lambda a: a[::-1][::-1], lambda a: np.repeat(a, 2, axis=2)[:, :, ::2],
    lambda a: a.astype(np.float32), lambda a: a.astype(np.int8), lambda a: a.astype(bool),
    lambda a: np.ascontiguousarray(a.T).T])
def test_arrays_of_any_layout_and_type_are_read_as_what_they_hold(layout):
    x = raster()
    plain, other = unrolled(), unrolled()
    plain.forward(20, 2, {"in": x})
    other.forward(20, 2, {"in": layout(x)})
    np.testing.assert_array_equal(plain.spikes("out"), other.spikes("out"))
    assert plain.spikes("out").sum() > 10


@pytest.mark.parametrize("wrong", [
    np.zeros((20, 2, 5)), np.zeros((20, 2)), np.zeros((19, 2, 4)), np.zeros(0), np.float64(1), None, "spikes",
    np.zeros((20, 2, 4), dtype=complex), np.zeros((20, 2, 4), dtype=object), [[1], [2, 3]],
    np.full((20, 2, 4), np.nan), raster().tolist(), raster().astype(">f8")])
def test_arrays_that_do_not_fit_are_exceptions_and_the_unroll_goes_on(wrong):
    unroll = unrolled()
    with pytest.raises(Exception) as caught:
        unroll.forward(20, 2, {"in": wrong})
    assert isinstance(caught.value, (cs.Error, TypeError, ValueError))
    unroll.forward(20, 2, {"in": raster()})
    assert np.asarray(unroll.spikes("out")).sum() > 10


def test_values_of_any_layout_reach_their_neurons():
    currents = np.arange(12.0).reshape(3, 4)
    for array in (currents.T.ravel(), np.asfortranarray(currents)[:, 0], currents[::-1, 1], currents.astype("i2")[0]):
        net = cs.Network(0.1 * ms)
        view = net.add("exc", array.size, "lif_psc_exp", parameters={"I_e": array * pA})
        sim = cs.Simulation(net, precision="double", progress=False)
        np.testing.assert_array_equal(sim.get(view, "I_e"), array.astype(float))


def test_views_and_models_outlive_their_network(network):
    view = network.population("exc")
    model = cs.library.neuron("lif_cond_exp")
    part = view[3:9]
    sim = cs.Simulation(network, progress=False)
    del network
    gc.collect()
    sim.run(5 * ms)
    assert len(sim.get(part, "V_m")) == 6
    assert "lif_cond_exp" in repr(model.with_(V_th="-40 mV"))
    other = cs.Network(0.1 * ms)
    other.add("different", 2, model)
    with pytest.raises(cs.Error):
        other.record_spikes(view)  # of a network that is gone


def test_an_exception_in_a_listener_leaves_nothing_broken(network):
    seen = []

    def listener(task, done, total, detail):
        seen.append(task)
        if len(seen) == 3:
            raise ZeroDivisionError("in the listener")
        return True

    sim = cs.Simulation(network, progress=listener)
    for _ in range(5):
        try:
            sim.run(200 * ms)
        except ZeroDivisionError:
            pass
    assert len(seen) >= 3
    assert sim.recording().spikes_of("exc").steps.size > 0
    for wrong in (lambda: None, lambda *a: {}[0], 3, "bar"):
        with pytest.raises(Exception):
            cs.Simulation(network, progress=wrong).run(200 * ms)


def test_objects_that_were_never_made_raise():
    """`cls.__new__` without `__init__`, as a subclass that forgets to call it has: every attribute raises."""
    tried = 0
    for name, cls in inspect.getmembers(_core, inspect.isclass):
        try:
            made = cls.__new__(cls)
        except TypeError:
            continue  # cannot be made from Python at all
        for attribute in dir(cls):
            if attribute.startswith("__") and attribute not in ("__repr__", "__len__"):
                continue
            try:
                value = getattr(made, attribute)
                if callable(value):
                    value()
            except Exception:
                tried += 1
    assert tried > 30


def test_a_subclass_that_forgets_its_base_raises():
    class Mine(cs.Network):
        def __init__(self):
            pass

    with pytest.raises(Exception):
        Mine().add("exc", 3, "lif_psc_exp")
    net = cs.Network(0.1 * ms)
    with pytest.raises(TypeError):
        cs.Network.add(net)
    with pytest.raises(TypeError):
        cs.Network.add(3, "exc", 3, "lif_psc_exp")


def test_recordings_of_a_closed_over_simulation_are_collected(network):
    import weakref

    class Holder:
        pass

    holder = Holder()
    holder.sim = cs.Simulation(network, progress=False)
    holder.sim.run(5 * ms)
    holder.record = holder.sim.recording().spikes_of("exc")
    gone = weakref.ref(holder)
    del holder
    gc.collect()
    assert gone() is None


def test_imported_circuits_and_graphs_outlive_what_they_were_made_of(tmp_path, network):
    path = cs.sonata.write(tmp_path / "circuit", network, duration=10 * ms)
    imported = cs.sonata.read(path)
    net = imported.network
    sim = cs.Simulation(net, progress=False)
    sim.run(10 * ms)
    recording = sim.recording()
    del sim, net
    gc.collect()
    assert len(imported.write_output(recording)) == 2
    del imported
    gc.collect()
    cs.nwb.write(tmp_path / "late.nwb", recording)
    plain = cs.Network(0.1 * ms)
    plain.add("out", 2, "lif_psc_delta", parameters={"t_ref": "0 ms"})
    exported = cs.nir.export(plain)
    graph = exported.graph
    del exported, plain
    gc.collect()
    assert set(graph.nodes) == {"out", "output"}
    for wrong in ({"nodes": {}}, {}, {"nodes": 3, "edges": []}, {"nodes": {"a": 1}, "edges": []},
                  {"nodes": {"a": {"type": "LI", "tau": "x"}}, "edges": [("a",)]}):
        with pytest.raises(Exception):
            cs.nir.Graph.from_dict(wrong)
