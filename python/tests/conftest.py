import callosum as cs
import pytest
from callosum.units import ms, mV, nS, pA


@pytest.fixture
def network():
    """80 driven, recurrent neurons with their spikes and two voltages recorded."""
    net = cs.Network(0.1 * ms, "small")
    exc = net.add("exc", 80, "lif_cond_exp", parameters={"I_e": 250 * pA},
                  initial={"V_m": cs.Values.uniform(-60 * mV, -50 * mV)})
    net.connect(exc, exc, cs.fixed_probability(0.1), target="g_ex", weight=1 * nS)
    net.record_spikes(exc)
    net.record(exc[:2], "V_m")
    return net
