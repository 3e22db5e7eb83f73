"""The scripts of python/examples run, and show what they say they show."""

import importlib.util
import pathlib

import numpy as np
import pytest

examples = pathlib.Path(__file__).resolve().parents[1] / "examples"


@pytest.fixture
def run(tmp_path, monkeypatch):
    def load(name, *arguments):
        monkeypatch.chdir(tmp_path)
        spec = importlib.util.spec_from_file_location(name, examples / f"{name}.py")
        module = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
        return module.main(*arguments)

    return load


def test_every_example_has_a_test():
    text = pathlib.Path(__file__).read_text()
    for script in examples.glob("*.py"):
        assert f'run("{script.stem}"' in text, script.name


def test_the_balanced_network_is_asynchronous_and_has_a_figure(run, tmp_path):
    pytest.importorskip("matplotlib")
    recording = run("balanced_network")
    assert all(1 < p.rate_hz < 60 for p in recording.populations)
    assert (tmp_path / "balanced.png").stat().st_size > 5000


def test_plasticity_finds_the_inputs_that_fire_together(run, tmp_path):
    pytest.importorskip("matplotlib")
    correlated, others = run("plasticity")
    assert correlated.mean() > 2 * others.mean()
    assert (tmp_path / "plasticity.png").exists()


def test_the_classifier_learns_and_simulates_as_it_was_trained(run):
    pytest.importorskip("torch")
    accuracy, counts, fired = run("train_classifier")
    assert accuracy > 0.9
    np.testing.assert_array_equal(counts, fired)


def test_a_graph_that_went_through_callosum_fires_as_before(run):
    before, after = run("nir_graph")
    assert len(before) > 20
    assert (before.steps == after.steps).all() and (before.neurons == after.neurons).all()


def test_the_pynn_script_fires(run):
    pytest.importorskip("pyNN")
    rate, potentials = run("pynn_network")
    assert 1 < rate < 60
    assert potentials.shape == (5001, 2)


def test_the_circuit_runs_and_is_written_as_nwb(run, tmp_path):
    recording = run("sonata_circuit", str(examples.parents[1] / "tests/sonata/examples/300_pointneurons/simulation_config.json"),
                    "circuit.nwb", "100 ms")
    assert len(recording.spikes_of("internal")) > 100
    assert (tmp_path / "circuit.nwb").stat().st_size > 10000
