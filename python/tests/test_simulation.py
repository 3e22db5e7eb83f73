import gc
import json
import os
import signal
import subprocess
import sys
import threading
import weakref

import callosum as cs
import numpy as np
import pytest
from callosum import errors
from callosum.units import ms, mV, nS, pA, s


def test_python_and_the_command_line_give_the_same_spikes(tmp_path):
    source = os.environ["CALLOSUM_SOURCE_DIR"]
    path = f"{source}/networks/coba.toml"
    answer = subprocess.run(
        [os.environ["CALLOSUM_PROGRAM"], "run", path, "--scale", "0.25", "--time", "100ms", "--seed",
         "7", "--threads", "1", "--json", "--out", str(tmp_path)],
        capture_output=True, check=True)
    expected = json.loads(answer.stdout)
    file = cs.read_network(path, scale=0.25)
    sim = cs.Simulation(file.network, threads=2, seed=7)
    sim.run(100 * ms)
    assert str(sim.statistics().spike_hash) == expected["spike_hash"]
    assert sim.statistics().spikes == expected["spikes"] > 0


def test_arrays_are_views_that_keep_the_recording_alive(network):
    sim = cs.Simulation(network, seed=1)
    sim.run(50 * ms)
    recording = sim.recording()
    first, again = recording.traces[0].values, recording.traces[0].values
    assert first.ctypes.data == again.ctypes.data  # nothing is copied
    assert not first.flags.writeable
    kept = first.copy()
    spikes = recording.spikes[0].neurons
    shown = spikes.copy()
    del recording, sim, again
    gc.collect()
    np.testing.assert_array_equal(first, kept)
    np.testing.assert_array_equal(spikes, shown)


def test_samples_stand_where_the_time_says(network):
    sim = cs.Simulation(network, seed=1, precision="double")
    sim.run(20 * ms)
    trace = sim.recording().trace_of("exc", "V_m")
    assert trace.unit == "mV"
    assert trace.values.shape == (201, 2)
    np.testing.assert_allclose(trace.times_ms, np.arange(201) * 0.1)
    np.testing.assert_array_equal(sim.get("exc", "V_m")[:2], trace.values[-1])


def test_a_membrane_relaxes_as_its_closed_form_says():
    model = cs.Model("dV_m/dt = (E_L - V_m)/tau_m : volt",
                     parameters={"E_L": -70 * mV, "tau_m": "10 ms"}, initial={"V_m": -50 * mV})
    net = cs.Network(0.1 * ms)
    net.record(net.add("one", 1, model), "V_m")
    sim = cs.Simulation(net, precision="double")
    sim.run(30 * ms)
    trace = sim.recording().traces[0]
    np.testing.assert_allclose(trace.values[:, 0], -70 + 20 * np.exp(-trace.times_ms / 10),
                               rtol=1e-12)


def test_several_runs_are_one_run_and_set_is_logged(network):
    whole = cs.Simulation(network, seed=3)
    whole.run(60 * ms)
    parts = cs.Simulation(network, seed=3, threads=2)
    for _ in range(3):
        parts.run(20 * ms)
    assert parts.statistics().spike_hash == whole.statistics().spike_hash
    parts.set("exc", "I_e", 300 * pA)
    parts.run(5 * ms)
    assert parts.recording().changes == [(600, "exc", "I_e", "300 pA")]


def test_trains_and_steps_agree(network):
    sim = cs.Simulation(network, seed=1)
    sim.run(100 * ms)
    record = sim.recording().spikes_of("exc")
    trains = record.trains()
    assert len(trains) == 80
    assert sum(len(t) for t in trains) == len(record) > 0
    for neuron in (0, 79):
        np.testing.assert_array_equal(trains[neuron], record.times_ms[record.neurons == neuron])


def test_values_by_array_reach_their_neurons():
    net = cs.Network(0.1 * ms)
    currents = np.linspace(0, 100, 10)[::-1]  # not contiguous
    pop = net.add("pop", 10, "lif_psc_exp", parameters={"I_e": currents * pA})
    assert cs.Simulation(net).get(pop, "I_e").tolist() == currents.tolist()


def test_explicit_pairs_and_spike_lists_carry_spikes():
    net = cs.Network(0.1 * ms)
    source = net.add_spike_list("in", 3, [0, 2], np.array([1.0, 2.0]) * ms)
    target = net.add("out", 3, "lif_psc_delta")
    net.connect(source, target, cs.pairs([0, 2], [2, 1]), target="V_m", weight=5 * mV,
                delay=0.5 * ms)
    net.record(target, "V_m")
    sim = cs.Simulation(net, precision="double")
    sim.run(5 * ms)
    trace = sim.recording().traces[0]
    jumps = np.diff(trace.values, axis=0) > 4
    assert [(np.flatnonzero(column) + 1).tolist() for column in jumps.T] == [[], [25], [15]]


def test_progress_is_told_and_its_false_stops_at_a_whole_step(network):
    told = []
    cs.Simulation(network, progress=lambda *a: told.append(a)).run(20 * ms)
    assert {"connecting", "simulating"} <= {task for task, *_ in told}
    with pytest.raises(errors.Interrupted):
        cs.Simulation(network, progress=lambda *a: False)


@pytest.mark.parametrize("during", ["connecting", "simulating"])
def test_an_exception_of_the_listener_comes_out(network, during):
    def listener(task, done, total, detail):
        if task == during:
            raise KeyError("boom")

    with pytest.raises(KeyError, match="boom"):
        cs.Simulation(network, progress=listener).run(20 * ms)


def test_ctrl_c_stops_a_run_and_keeps_what_was_done(network):
    sim = cs.Simulation(network)
    timer = threading.Timer(0.3, os.kill, (os.getpid(), signal.SIGINT))
    timer.start()
    with pytest.raises(KeyboardInterrupt):
        sim.run(3600 * s)
    done = sim.step
    assert 0 < done < 36_000_000
    assert sim.recording().steps == done
    sim.run_steps(10)
    assert sim.step == done + 10


def test_other_python_threads_go_on_while_it_runs(network):
    counted = [0]
    stop = threading.Event()

    def count():
        while not stop.is_set():
            counted[0] += 1

    thread = threading.Thread(target=count)
    sim = cs.Simulation(network, progress=False)
    thread.start()
    before = counted[0]
    sim.run(30 * s)
    during = counted[0] - before
    stop.set()
    thread.join()
    assert during > 1000


def test_a_second_call_at_the_same_time_is_refused(network):
    def again(task, *_):
        if task == "simulating":
            sim.run(1 * ms)

    sim = None
    sim = cs.Simulation(network, progress=lambda *a: sim and again(*a))
    with pytest.raises(errors.UnsupportedError, match="at work in another call"):
        sim.run(20 * ms)


def test_a_simulation_held_by_its_own_listener_is_collected(network):
    class Watcher:
        def __init__(self):
            self.simulation = cs.Simulation(network, progress=self.listen)

        def listen(self, *_):
            return None

    watcher = Watcher()
    seen = weakref.ref(watcher)
    del watcher
    gc.collect()
    assert seen() is None


def test_importing_is_quick_and_loads_nothing_large():
    code = ("import time; t = time.perf_counter(); import callosum; "
            "import sys; print([m for m in ('matplotlib', 'torch', 'neo') if m in sys.modules])")
    answer = subprocess.run([sys.executable, "-c", code], capture_output=True, check=True, text=True)
    assert answer.stdout.strip() == "[]"


def test_neo_has_every_spike_and_sample(network):
    sim = cs.Simulation(network, seed=1)
    sim.run(100 * ms)
    recording = sim.recording()
    segment = cs.to_neo(recording)
    assert len(segment.spiketrains) == 80
    assert sum(len(t) for t in segment.spiketrains) == len(recording.spikes[0])
    signal_ = segment.analogsignals[0]
    assert str(signal_.units.dimensionality) == "mV"
    np.testing.assert_array_equal(signal_.magnitude, recording.traces[0].values)


def test_a_report_is_written(network, tmp_path):
    sim = cs.Simulation(network, seed=1)
    sim.run(50 * ms)
    cs.report.write(str(tmp_path / "r.html"), sim.recording(), title="From Python")
    assert "From Python" in (tmp_path / "r.html").read_text()
    with pytest.raises(OSError):
        cs.report.write(str(tmp_path / "no" / "r.html"), sim.recording())


def test_a_view_of_another_network_is_recognised(network):
    other = cs.Network(0.1 * ms, "other")
    foreign = other.add("theirs", 5, "lif_cond_exp")
    for use in (network.record_spikes, lambda v: cs.Simulation(network, progress=False).get(v, "V_m")):
        with pytest.raises(cs.errors.ValueError, match="another network"):
            use(foreign)
    copy = network.copy()
    copy.record_spikes(network.population("exc")[:3])  # a copy has the same populations


def plastic():
    net = cs.Network(0.1 * ms, "plastic")
    a = net.add("a", 30, "poisson", parameters={"rate": "50 Hz"})
    b = net.add("b", 20, "lif_psc_exp", parameters={"I_e": 400 * pA})
    net.connect(a, b, cs.fixed_probability(0.5), target="I_ex", model="stdp_additive",
                weight=cs.Values.uniform(10 * pA, 40 * pA), parameters={"w_max": 80 * pA},
                delay=cs.Values.uniform("0.5 ms", "2 ms"))
    net.record_spikes(b)
    return net


def test_synapses_are_read_and_set_in_the_order_in_which_they_are_drawn():
    net = plastic()
    drawn = net.synapses(0, seed=4)
    sim = cs.Simulation(net, seed=4, precision="double", progress=False)
    np.testing.assert_array_equal(sim.get_synapses(0), drawn["weights"])
    assert 200 < len(drawn["sources"]) < 400 and drawn["targets"].max() < 20
    assert 0.5 <= drawn["delays_ms"].min() and drawn["delays_ms"].max() <= 2.0
    sim.run("200 ms")
    learned = sim.get_synapses(0)
    assert (learned != drawn["weights"]).any()
    sim.freeze(0)
    sim.run("200 ms")
    np.testing.assert_array_equal(sim.get_synapses(0), learned)
    sim.set_synapses(0, "weight", np.arange(len(learned)) * 0.1 * pA)
    np.testing.assert_allclose(sim.get_synapses(0), np.arange(len(learned)) * 0.1)
    with pytest.raises(cs.errors.ShapeError):
        sim.set_synapses(0, "weight", np.arange(3) * pA)
    with pytest.raises(cs.errors.ValueError, match="projection 7"):
        net.synapses(7)


def test_a_checkpoint_goes_on_as_if_nothing_had_been_written(tmp_path):
    net = plastic()
    whole = cs.Simulation(net, seed=2, progress=False)
    whole.run("100 ms")
    part = cs.Simulation(net, seed=2, progress=False)
    part.run("41.3 ms")
    part.save(str(tmp_path / "at.ckpt"))
    again = cs.Simulation.resume(str(tmp_path / "at.ckpt"), net, threads=2, seed=2, progress=False)
    again.run("58.7 ms")
    assert again.statistics().spike_hash == whole.statistics().spike_hash
    np.testing.assert_array_equal(again.get_synapses(0), whole.get_synapses(0))
    with pytest.raises(cs.errors.FileError):
        cs.Simulation.resume(str(tmp_path / "at.ckpt"), net, seed=3, progress=False)


def test_first_draw_goes_on_where_another_run_ended():
    net = plastic()
    first = cs.Simulation(net, seed=2, progress=False)
    first.run("50 ms")
    first.reset("state", "weights", "time")
    first.run("50 ms")
    second = cs.Simulation(net, seed=2, first_draw=500, progress=False)
    second.run("50 ms")
    a, b = (s.recording().spikes_of("b") for s in (first, second))
    assert len(a) > 0
    np.testing.assert_array_equal(a.steps, b.steps)
    np.testing.assert_array_equal(a.neurons, b.neurons)


def test_replicas_are_other_runs_of_the_same_network():
    net = cs.Network(0.1 * ms)
    cells = net.add("cells", 50, "lif_cond_exp", parameters={"I_e": 600 * pA},
                    initial={"V_m": cs.Values.uniform(-60 * mV, -50 * mV)})
    net.connect(cells, cells, cs.fixed_probability(0.2), target="g_ex", weight=2 * nS, delay=1 * ms)
    net.record_spikes(cells)

    def ran(**options):
        sim = cs.Simulation(net, seed=2, progress=False, **options)
        initial = sim.get(cells, "V_m")
        sim.run("50 ms")
        return sim.statistics(), initial, sim.recording().replica

    (plain, at_first, number), (zero, _, _) = ran(), ran(replica=0)
    other, elsewhere, its_number = ran(replica=5)
    assert (number, its_number) == (0, 5)
    assert plain.spike_hash == zero.spike_hash != other.spike_hash
    assert plain.synapses == other.synapses
    assert not np.any(at_first == elsewhere)
