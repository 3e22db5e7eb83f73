import copy

import callosum as cs
import numpy as np
import pytest
from callosum import errors, units
from callosum.units import Hz, ms, mV, nS, pA, s


def test_arithmetic_keeps_units():
    assert (3 * ms).to("s") == 0.003
    assert (3 * ms).internal == 3.0
    assert 2 * mV + 3 * mV == 5 * mV
    assert float(10 * ms * (100 * Hz)) == 1.0
    assert (1 / (2 * ms)).to(Hz) == 500
    assert (4 * mV) ** 2 / (2 * mV) == 8 * mV
    assert 1 * ms < 1 * s
    assert repr(-50 * mV) == "-50 mV"
    assert cs.Quantity("20 ms") == 20 * ms
    assert np.float32(3) * ms == ms * 3
    for wrong in (lambda: 1 * ms + 1 * mV, lambda: float(1 * ms), lambda: (1 * ms).to("mV"),
                  lambda: 1 * ms < 1 * mV):
        with pytest.raises(errors.UnitError):
            wrong()


def test_an_array_times_a_unit_is_values():
    values = np.arange(6.0)[::2] * mV
    assert isinstance(values, cs.Values)
    assert (len(values), values.unit, values.kind) == (3, "mV", "array")
    assert values == [0, 2, 4] * mV == cs.Values(["0 mV", 2 * mV, "0.004 V"])
    with pytest.raises(errors.ValueError, match="element 1"):
        [0, np.nan] * mV


def test_every_unit_of_the_language_can_be_imported():
    assert units.Mohm.to("ohm") == 1e6
    assert units.um2 == units.um * units.um
    assert units.nsiemens == nS
    with pytest.raises(AttributeError, match="did you mean"):
        units.mvolts
    with pytest.raises(ImportError):
        from callosum.units import nonsense  # noqa: F401


def test_models_show_themselves():
    lif = cs.library.neuron("lif_psc_exp")
    assert "V_m" in lif.states
    assert lif.parameters["tau_m"].unit == "ms"
    assert lif.with_(tau_m=30 * ms).parameters["tau_m"] == 30 * ms
    assert cs.library.neuron("iaf_psc_exp").name == "lif_psc_exp"
    assert "lif_psc_exp" in cs.library.names("neuron")
    assert "V_m" in lif.show("simplify")
    with pytest.raises(errors.NameError):
        lif.show("simplified")
    with pytest.raises(errors.ValueError):
        lif.with_(tau_m=-1 * ms)
    assert "lif_psc_exp" in repr(lif)


def test_a_network_is_a_value(network):
    other = copy.deepcopy(network)
    assert other.hash() == network.hash()
    other.add("more", 1, "lif_psc_exp", parameters={"I_e": 1 * pA})
    assert other.populations == ["exc", "more"]
    assert network.populations == ["exc"]
    assert "80 neurons" in repr(network)
