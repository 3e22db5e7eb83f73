"""SONATA circuits and NWB files, against libsonata and pynwb."""

import pathlib
import shutil
from datetime import timezone

import numpy as np
import pytest

import callosum as cs
from callosum.units import ms, mV, nS, pA

EXAMPLES = pathlib.Path(__file__).parents[2] / "tests" / "sonata" / "examples"


@pytest.fixture
def circuit(tmp_path):
    """The example of 300 point neurons, where its output may be written."""
    shutil.copytree(EXAMPLES, tmp_path / "examples")
    return tmp_path / "examples" / "300_pointneurons"


def run(net, duration, seed=1):
    sim = cs.Simulation(net, seed=seed, precision="double")
    sim.run(duration)
    return sim.recording()


def small_network():
    net = cs.Network(0.1 * ms, "small")
    exc = net.add("exc", 40, "lif_cond_exp", parameters={"I_e": 350 * pA},
                  initial={"V_m": cs.Values.uniform(-60 * mV, -50 * mV)})
    net.connect(exc, exc, cs.fixed_probability(0.2), target="g_ex", weight=1 * nS, delay=1 * ms)
    net.record_spikes(exc)
    net.record(exc[:3], "V_m", interval=1 * ms)
    return net


def test_the_example_circuit_runs_and_libsonata_reads_its_spikes(circuit):
    libsonata = pytest.importorskip("libsonata")
    sonata = cs.sonata.read(circuit / "simulation_config.json")
    assert sonata.network.name == "300_pointneurons"
    assert sonata.duration == 1500 * ms
    assert any("1 ms, as in NEST" in s for s in sonata.assumptions)
    recording = run(sonata.network, sonata.duration)
    spikes_file, report_file = sonata.write_output(recording)

    reader = libsonata.SpikeReader(spikes_file)
    assert reader.get_population_names() == ["internal"]
    internal = reader["internal"]
    assert internal.sorting == "by_time"
    got = internal.get()  # (node, time in ms)
    record = recording.spikes_of("internal")
    assert len(got) == len(record.steps) > 1000
    assert [n for n, _ in got] == record.neurons.tolist()
    np.testing.assert_allclose([t for _, t in got], record.steps * 0.01, rtol=1e-12)
    # Every neuron is driven above threshold now and then, as in the published raster.
    assert len({n for n, _ in got}) > 200

    report = libsonata.SomaReportReader(report_file)["internal"]
    assert list(report.get_node_ids()) == [0, 80, 160, 240, 270]
    assert report.data_units == "mV"


def test_a_file_that_is_missing_is_an_error_that_names_it(tmp_path):
    (tmp_path / "circuit_config.json").write_text('{"networks": {"nodes": [{"nodes_file": "no.h5"}]}}')
    with pytest.raises(cs.errors.FileError, match="no.h5"):
        cs.sonata.read(tmp_path / "circuit_config.json")
    with pytest.raises(cs.errors.FileError):
        cs.sonata.read(tmp_path / "nothing.json")


def test_the_recording_of_another_network_is_refused(circuit):
    sonata = cs.sonata.read(circuit / "simulation_config.json")
    net = cs.Network(0.1 * ms)
    net.record_spikes(net.add("exc", 2, "lif_psc_exp"))
    with pytest.raises(cs.errors.ValueError, match="not of this circuit"):
        sonata.write_output(run(net, 1 * ms))


def test_an_nwb_file_is_valid_and_pynwb_reads_what_was_recorded(tmp_path):
    pynwb = pytest.importorskip("pynwb")
    recording = run(small_network(), 100 * ms)
    path = tmp_path / "run.nwb"
    cs.nwb.write(path, recording, description="a test", start="2026-01-02T03:04:05+00:00")
    problems = pynwb.validate(path=str(path))
    problems = problems[0] if isinstance(problems, tuple) else problems
    assert not problems, problems
    with pynwb.NWBHDF5IO(str(path), "r") as io:
        nwb = io.read()
        assert nwb.session_description == "a test"
        assert nwb.session_start_time.astimezone(timezone.utc).hour == 3
        units = nwb.units.to_dataframe()
        assert list(units["population"]) == ["exc"] * 40
        for neuron, train in enumerate(recording.spikes_of("exc").trains()):
            assert np.allclose(units["spike_times"][neuron], train * 1e-3, rtol=0, atol=1e-12)
        series = nwb.acquisition["exc.V_m"]
        trace = recording.traces[0]
        assert (series.data[:] == trace.values).all()
        assert (series.unit, series.conversion) == ("volt", pytest.approx(1e-3))
        assert (series.starting_time, series.rate) == (0, pytest.approx(1000))
