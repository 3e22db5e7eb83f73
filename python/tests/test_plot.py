import callosum as cs
import numpy as np
import pytest
from callosum.units import ms


@pytest.fixture
def recording(network):
    sim = cs.Simulation(network, seed=1)
    sim.run(101 * ms)
    return sim.recording()


def test_a_raster_has_a_dot_a_spike(recording):
    ax = cs.plot.raster(recording)
    line = ax.lines[0]
    assert len(line.get_xdata()) == len(recording.spikes[0])
    assert ax.get_xlabel() == "time (ms)"
    few = cs.plot.raster(recording, "exc", most=10)
    assert len(few.lines[0].get_xdata()) <= len(recording.spikes[0]) / 2
    assert "1 neuron of" in few.get_yticklabels()[0].get_text()


def test_rates_count_every_spike_once(recording):
    ax = cs.plot.rates(recording, bin_ms=5)
    values, edges, _ = ax.patches[0].get_data()
    counted = np.sum(values * np.diff(edges) * 1e-3) * 80
    assert counted == pytest.approx(len(recording.spikes[0]))
    with pytest.raises(ValueError):
        cs.plot.rates(recording, bin_ms=0)


def test_traces_name_their_unit(recording):
    ax = cs.plot.traces(recording, "exc", "V_m")
    assert ax.get_ylabel() == "V_m of exc (mV)"
    assert len(ax.lines) == 2
    with pytest.raises(LookupError):
        cs.plot.traces(recording, "exc", "g_ex")
