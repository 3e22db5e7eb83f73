"""The PyNN back end: what its own system scenarios (scripts/pynn-scenarios) do not ask."""

import numpy as np
import pytest

import callosum as cs

pytest.importorskip("pyNN")
import pyNN.callosum as sim  # noqa: E402


def driven(n=20, seed=3):
    """A population under Poisson input, recorded."""
    sim.setup(timestep=0.1, seed=seed)
    cells = sim.Population(n, sim.IF_cond_exp(), label="cells")
    noise = sim.Population(50, sim.SpikeSourcePoisson(rate=60.0), label="noise")
    sim.Projection(noise, cells, sim.FixedProbabilityConnector(0.5),
                   sim.StaticSynapse(weight=0.004, delay=0.7))
    cells.record("spikes")
    return cells


def spikes(population, segment=-1):
    return [np.asarray(t) for t in population.get_data("spikes").segments[segment].spiketrains]


def equal(a, b):
    return len(a) == len(b) and all(np.array_equal(x, y) for x, y in zip(a, b))


def signal(population, name="v", segment=-1):
    return np.asarray(population.get_data().segments[segment].filter(name=name)[0])


def test_a_population_is_the_library_s_model_under_other_names():
    sim.setup(timestep=0.1)
    cells = sim.Population(3, sim.IF_curr_exp(tau_m=15.0, i_offset=[0.8, 0.9, 1.0], v_rest=-64.0),
                           initial_values={"v": -64.0})
    cells.record(["spikes", "v"])
    sim.run(200.0)
    net = cs.Network("0.1 ms")
    own = net.add("own", 3, "lif_psc_exp", initial={"V_m": "-64 mV"}, parameters={
        "tau_m": "15 ms", "C_m": "1 nF", "E_L": "-64 mV", "V_th": "-50 mV", "V_reset": "-65 mV",
        "t_ref": "0.1 ms", "tau_syn_ex": "5 ms", "tau_syn_in": "5 ms",
        "I_e": np.array([800.0, 900.0, 1000.0]) * cs.units.pA})
    net.record_spikes(own)
    net.record(own, "V_m")
    plain = cs.Simulation(net, precision="double", progress=False)
    plain.run("200 ms")
    assert equal(spikes(cells), plain.recording().spikes_of("own").trains())
    np.testing.assert_array_equal(signal(cells), plain.recording().trace_of("own", "V_m").values)
    assert cells.get("tau_m") == 15.0 and cells.get("cm") == pytest.approx(1.0)


@pytest.mark.parametrize("name", sorted(set(sim.list_standard_models()) - {"PointNeuron"}))
def test_every_standard_cell_runs(name):
    sim.setup(timestep=0.1)
    kind = getattr(sim, name)
    given = {"spike_times": [1.0, 2.0]} if name == "SpikeSourceArray" else {}
    cells = sim.Population(2, kind(**given))
    cells.record([v for v in kind.recordable if v != "spikes"] + ["spikes"])
    if kind.injectable:
        sim.DCSource(amplitude=0.5, start=5.0, stop=15.0).inject_into(cells)
    sim.run(20.0)
    segment = cells.get_data().segments[0]
    assert len(segment.analogsignals) == len(kind.recordable) - 1
    assert all(np.isfinite(s).all() for s in segment.analogsignals)
    read = cells.get(kind.get_parameter_names()[0])
    assert np.ndim(read) < 2
    sim.reset()


def test_parts_of_a_run_are_the_run_and_changes_between_them_do_not_touch_the_past():
    cells = driven()
    sim.run(200.0)
    whole = spikes(cells)
    assert sum(map(len, whole)) > 50
    cells = driven()
    sim.run(80.0)
    cells[:2].record("v")  # a change of structure: replayed
    sim.run(70.0)
    other = sim.Population(1, sim.IF_curr_exp())  # and another
    other.record("v")
    sim.run(50.0)
    assert equal(spikes(cells), whole)


def test_noise_goes_on_over_a_reset_and_a_change_of_structure_and_a_seed_repeats_it():
    def three_segments(change):
        cells = driven()
        for k in range(3):
            sim.run(100.0)
            sim.reset()
            if change and k == 1:
                sim.Population(1, sim.IF_curr_exp()).record("v")
        data = cells.get_data("spikes")
        return [[np.asarray(t) for t in s.spiketrains] for s in data.segments]

    first, second, third = three_segments(False)
    assert not equal(first, second) and not equal(second, third)
    assert all(map(equal, three_segments(True), (first, second, third)))


def test_a_parameter_set_during_a_run_acts_from_then_on_also_in_a_replay():
    def run(change):
        sim.setup()
        cells = sim.Population(1, sim.IF_curr_exp(i_offset=0.5))
        cells.record("v")
        sim.run(20.0)
        cells.set(i_offset=0.1)
        sim.run(20.0)
        if change:
            cells.record("isyn_exc")
        sim.run(20.0)
        return signal(cells)

    np.testing.assert_array_equal(run(True), run(False))
    v = run(False)
    assert v[200] > v[150] and v[250] < v[200]


def test_weights_can_be_set_during_a_run_and_hold_after_a_reset():
    sim.setup()
    source = sim.Population(1, sim.SpikeSourceArray(spike_times=[5.0, 25.0]))
    cells = sim.Population(2, sim.IF_curr_exp())
    cells.record("isyn_exc")
    projection = sim.Projection(source, cells, sim.AllToAllConnector(),
                                sim.StaticSynapse(weight=1.0, delay=1.0))
    sim.run(20.0)
    projection.set(weight=np.array([[2.0, 3.0]]))
    np.testing.assert_allclose(projection.get("weight", "array"), [[2.0, 3.0]])
    sim.run(20.0)
    current = signal(cells, "isyn_exc")
    np.testing.assert_allclose(current[60] - current[59] * np.exp(-0.02), [1.0, 1.0], rtol=1e-5)
    np.testing.assert_allclose(current[260] - current[259] * np.exp(-0.02), [2.0, 3.0], rtol=1e-5)
    sim.reset()
    sim.run(10.0)
    current = signal(cells, "isyn_exc")
    np.testing.assert_allclose(current[60], [2.0, 3.0], rtol=1e-5)


def test_what_a_rule_draws_is_what_get_shows():
    sim.setup(seed=5)
    source = sim.Population(6, sim.SpikeSourceArray(spike_times=[1.0]))
    cells = sim.Population(40, sim.IF_curr_exp())
    cells.record("isyn_exc")
    view = cells[3:30]
    weight = sim.RandomDistribution("uniform", low=0.1, high=0.9)
    projection = sim.Projection(source, view, sim.FixedNumberPreConnector(3),
                                sim.StaticSynapse(weight=weight, delay=0.5))
    assert projection._rule is not None  # the library draws
    sim.run(2.0)
    arrived = signal(cells, "isyn_exc")[15]
    matrix = projection.get("weight", "array")
    assert len(projection) == 3 * 27
    np.testing.assert_allclose(arrived[3:30], np.nansum(matrix, axis=0), rtol=1e-6)
    assert arrived[:3].sum() == 0 and arrived[30:].sum() == 0


def test_a_generator_that_was_given_is_obeyed():
    def pairs(rng):
        sim.setup()
        a = sim.Population(10, sim.IF_curr_exp())
        p = sim.Projection(a, a, sim.FixedProbabilityConnector(0.3, rng=rng),
                           sim.StaticSynapse(weight=0.1))
        return p.get("weight", "list")

    random = sim.NumpyRNG(seed=8).next(100, "uniform", {"low": 0, "high": 1}).reshape(10, 10).T
    expected = {(i, j) for i, j in zip(*np.nonzero(random < 0.3))}
    assert {(i, j) for i, j, _ in pairs(sim.NumpyRNG(seed=8))} == expected


def test_spike_times_given_during_a_run_leave_the_past_alone():
    sim.setup()
    source = sim.Population(1, sim.SpikeSourceArray(spike_times=[5.0, 15.0]))
    source.record("spikes")
    sim.run(10.0)
    source.set(spike_times=[2.0, 12.0])
    sim.run(10.0)
    np.testing.assert_allclose(spikes(source)[0], [5.0, 12.0])


def test_one_noise_source_gives_its_cells_the_same_current_and_a_longer_run_the_same_past():
    def run(*parts):
        sim.setup(seed=2)
        cells = sim.Population(3, sim.IF_curr_exp(v_thresh=0.0))
        source = sim.NoisyCurrentSource(mean=0.2, stdev=0.3, start=5.0, stop=60.0, dt=1.0)
        source.inject_into(cells[0:2])
        cells.record("v")
        for part in parts:
            sim.run(part)
        return signal(cells), np.asarray(source.get_data()).ravel()

    v, current = run(80.0)
    np.testing.assert_array_equal(v[:, 0], v[:, 1])
    assert np.ptp(v[:, 2]) < 1e-9 and np.ptp(v[:, 0]) > 1
    np.testing.assert_array_equal(run(20.0, 3.3, 56.7)[0], v)
    on = current[50:600]
    assert not current[:50].any() and not current[600:].any()
    assert np.array_equal(on.reshape(55, 10), np.repeat(on[::10, None], 10, axis=1))
    assert 0.1 < on.mean() < 0.3 and 0.2 < on.std() < 0.4


@pytest.mark.parametrize("dependence, up, down", [
    (sim.AdditiveWeightDependence(0.0, 0.1), 0.1, 0.1),
    (sim.MultiplicativeWeightDependence(0.0, 0.1), 0.06, 0.04),
    (sim.AdditivePotentiationMultiplicativeDepression(0.0, 0.1), 0.1, 0.04),
    (sim.GutigWeightDependence(0.0, 0.1, 0.5, 0.5), 0.1 * 0.6**0.5, 0.1 * 0.4**0.5)])
def test_one_pair_of_spikes_changes_the_weight_by_the_rule(dependence, up, down):
    def change(pre, post):
        sim.setup()
        a = sim.Population(1, sim.SpikeSourceArray(spike_times=[pre, 80.0]))
        teacher = sim.Population(1, sim.SpikeSourceArray(spike_times=[post - 1.0]))
        b = sim.Population(1, sim.IF_curr_delta(v_thresh=-50.0, tau_refrac=20.0))
        b.record("spikes")
        sim.Projection(teacher, b, sim.OneToOneConnector(), sim.StaticSynapse(weight=50.0, delay=1.0))
        rule = sim.STDPMechanism(sim.SpikePairRule(20.0, 30.0, 0.01, 0.02), dependence,
                                 dendritic_delay_fraction=0.0, weight=0.04, delay=1.0)
        projection = sim.Projection(a, b, sim.OneToOneConnector(), rule)
        sim.run(60.0)
        assert spikes(b)[0].tolist() == [post]
        return projection.get("weight", "array")[0, 0] - 0.04

    # The presynaptic spike acts one millisecond after it was fired.
    assert change(10.0, 21.0) == pytest.approx(0.01 * up * np.exp(-10 / 20), rel=1e-5)
    assert change(20.0, 11.0) == pytest.approx(-0.02 * down * np.exp(-10 / 30), rel=1e-5)


def test_short_term_plasticity_follows_its_equations_with_a_time_constant_a_target():
    times, u_0, rec, facil = np.arange(10.0, 100.0, 10.0), 0.04, 100.0, 1000.0

    def expected(syn):
        y = z = u = last = 0.0
        result = []
        for t in times:
            h = t - last
            decayed = y * np.exp(-h / syn)
            z = z * np.exp(-h / rec) + y * rec / (rec - syn) * (np.exp(-h / rec) - np.exp(-h / syn))
            y, u, last = decayed, u * np.exp(-h / facil), t
            u += u_0 * (1 - u)
            released = u * (1 - y - z)
            result.append(0.01 * released)
            y += released
        return result

    sim.setup()
    source = sim.Population(1, sim.SpikeSourceArray(spike_times=times))
    cells = sim.Population(3, sim.IF_cond_exp(tau_syn_I=[1.2, 6.7, 4.3]))
    cells.record("gsyn_inh")
    sim.Projection(source, cells, sim.AllToAllConnector(), receptor_type="inhibitory",
                   synapse_type=sim.TsodyksMarkramSynapse(
                       U=u_0, tau_rec=rec, tau_facil=facil, weight=0.01, delay=0.5))
    sim.run(120.0)
    g = signal(cells, "gsyn_inh")
    for k, syn in enumerate((1.2, 6.7, 4.3)):
        at = np.round((times + 0.5) / 0.1).astype(int)
        jumps = g[at, k] - g[at - 1, k] * np.exp(-0.1 / syn)
        np.testing.assert_allclose(jumps, expected(syn), rtol=1e-5)


@pytest.mark.skipif(not hasattr(sim, "PointNeuron"), reason="PyNN before 0.12")
def test_a_composed_neuron_is_the_standard_cell_of_its_parts():
    sim.setup(timestep=0.1)
    def parts():
        return sim.PointNeuron(sim.LIF(tau_m=12.0), E=sim.ExpPSR(tau_syn=3.0, e_syn=0.0),
                               I=sim.AlphaPSR(tau_syn=4.0, e_syn=-80.0))

    composed, other = (sim.Population(1, parts(), label="composed") for _ in range(2))
    excited = sim.Population(1, sim.IF_cond_exp(tau_m=12.0, tau_syn_E=3.0, e_rev_I=-80.0))
    inhibited = sim.Population(1, sim.IF_cond_alpha(tau_m=12.0, tau_syn_I=4.0, e_rev_I=-80.0))
    source = sim.Population(1, sim.SpikeSourceArray(spike_times=[2.0, 30.0]))
    late = sim.Population(1, sim.SpikeSourceArray(spike_times=[60.0]))
    synapse = sim.StaticSynapse(weight=0.02, delay=1.0)
    for post, receptor in ((composed, "E"), (excited, "excitatory")):
        sim.Projection(source, post, sim.AllToAllConnector(), synapse, receptor_type=receptor)
    for post, receptor in ((other, "I"), (inhibited, "inhibitory")):
        sim.Projection(late, post, sim.AllToAllConnector(), synapse, receptor_type=receptor)
    for p in (composed, other, excited, inhibited):
        p.record("v")
    sim.run(100.0)
    assert np.ptp(signal(excited)) > 1 and np.ptp(signal(inhibited)) > 1
    np.testing.assert_allclose(signal(composed), signal(excited), atol=1e-3)
    np.testing.assert_allclose(signal(other), signal(inhibited), atol=1e-3)
    assert composed.get("I.tau_syn") == 4.0
    composed.set(**{"I.tau_syn": 8.0})
    assert composed.get("I.tau_syn") == 8.0


def test_any_model_is_a_cell():
    sim.setup()
    kind = sim.native_cell_type("lif_cond_nmda")
    cells = sim.Population(2, kind(I_e=[0.0, 900.0]), label="native")
    source = sim.Population(1, sim.SpikeSourceArray(spike_times=[1.0]))
    target = kind.receptor_types[1]
    sim.Projection(source, cells[0:1], sim.AllToAllConnector(), sim.StaticSynapse(weight=5.0),
                   receptor_type=target)
    cells.record(["spikes", "V_m", target])
    sim.run(100.0)
    assert signal(cells, target)[:, 0].max() > 0 and signal(cells, target)[:, 1].max() == 0
    assert len(spikes(cells)[1]) > 0
    with pytest.raises(Exception, match="tau_nonsense"):
        kind(tau_nonsense=3.0)


def test_a_projection_between_assemblies_reaches_all_of_its_parts():
    sim.setup()
    source = sim.Population(2, sim.SpikeSourceArray(spike_times=[1.0]))
    more = sim.Population(3, sim.SpikeSourceArray(spike_times=[1.0]))
    a, b = (sim.Population(n, sim.IF_curr_exp()) for n in (4, 5))
    post = a[1:3] + b
    post.record("isyn_exc")
    weights = np.arange(1.0, 36.0).reshape(5, 7)
    projection = sim.Projection(source + more, post, sim.AllToAllConnector(),
                                sim.StaticSynapse(weight=weights, delay=0.5),
                                receptor_type="excitatory")
    sim.run(2.0)
    np.testing.assert_allclose(projection.get("weight", "array"), weights)
    arrived = np.concatenate([signal(a, "isyn_exc")[15], signal(b, "isyn_exc")[15]])
    np.testing.assert_allclose(arrived, weights.sum(axis=0), rtol=1e-6)


def test_mistakes_are_named():
    sim.setup()
    cells = sim.Population(2, sim.IF_curr_exp())
    with pytest.raises(Exception, match="tau_nonsense"):
        cells.set(tau_nonsense=3.0)
    with pytest.raises(NotImplementedError, match="MultiQuantalSynapse"):
        sim.MultiQuantalSynapse(weight=0.1)
    with pytest.raises(ValueError, match="sampling_interval"):
        cells.record("v", sampling_interval=0.25)
    with pytest.raises(cs.errors.UnsupportedError, match="whole orders"):
        sim.Population(1, sim.SpikeSourceGamma(alpha=2.5))
        sim.run(1.0)
    sim.setup()
    cells = sim.Population(2, sim.IF_curr_exp())
    projection = sim.Projection(cells, cells, sim.AllToAllConnector(), sim.StaticSynapse(weight=0.1))
    sim.run(1.0)
    with pytest.raises(cs.errors.UnsupportedError, match="only weights can change"):
        projection.set(delay=2.0)
