import callosum as cs
import numpy as np
import pytest
from callosum import errors
from callosum.units import Hz, ms, mV, nS, pA


def test_an_error_has_its_parts_and_is_what_python_would_raise(network):
    with pytest.raises(LookupError) as caught:
        network.add("x", 1, "lif_cond_exq")
    assert isinstance(caught.value, errors.NameError)
    assert isinstance(caught.value, cs.Error)
    assert caught.value.got == "lif_cond_exq"
    assert caught.value.nearest == "lif_cond_exp"
    assert "did you mean 'lif_cond_exp'" in str(caught.value)


def test_all_errors_of_a_model_come_at_once_with_their_places():
    with pytest.raises(errors.ErrorList) as caught:
        cs.Model("dv/dt = -v/tau : volt\nx = y : 1", parameters={"tau": "10 ms"},
                 threshold="v > 1", name="wrong")
    found = caught.value.errors
    assert len(found) == 2
    file, line, column, text = found[0].location
    assert (file, line, column, text) == ("equations of 'wrong'", 2, 5, "x = y : 1")


@pytest.mark.parametrize("value, error", [
    (3 * ms, errors.UnitError),
    (-50.0, errors.UnitError),
    (np.zeros(3) * mV, errors.ShapeError),
    (np.nan * mV, errors.ValueError),
    ("50 mW2", errors.Error),
    ("fifty", errors.Error),
    (None, TypeError),
    (True, TypeError),
    (object(), TypeError),
    ({}, TypeError),
    (np.zeros(2, dtype=complex), TypeError),
    (np.array(["a", "b"]), Exception),
    ([[1, 2], [3]], TypeError),
])
def test_wrong_values_are_refused_and_change_nothing(network, value, error):
    before = network.hash()
    with pytest.raises(error):
        network.add("other", 80, "lif_cond_exp", parameters={"V_th": value})
    with pytest.raises(error):
        network.set("exc", "V_th", value)
    assert network.hash() == before


def test_wrong_calls_are_refused_by_name(network):
    before = network.hash()
    cases = [
        (errors.NameError, lambda: network.connect("exc", "inh", cs.all_to_all(), target="g_ex")),
        (errors.NameError, lambda: network.connect("exc", "exc", cs.all_to_all(), target="g_exc")),
        (TypeError, lambda: network.connect(3, "exc", cs.all_to_all(), target="g_ex")),
        (TypeError, lambda: network.connect("exc", "exc", "all_to_all", target="g_ex")),
        (errors.ValueError, lambda: cs.pairs([0, 1], [0])),
        (errors.ValueError, lambda: cs.pairs([0.5], [0])),
        (errors.ValueError, lambda: cs.pairs([-1], [0])),
        (errors.ShapeError, lambda: cs.pairs([[0]], [0])),
        (errors.ValueError, lambda: cs.fixed_probability(1.5)),
        (errors.ValueError, lambda: cs.fixed_probability(float("nan"))),
        (errors.NameError, lambda: network.stimulate("posson", "exc", "g_ex", rate=5 * Hz)),
        (errors.UnitError, lambda: network.stimulate("poisson", "exc", "g_ex", rate=5 * ms,
                                                     value=1 * nS)),
        (errors.UnitError, lambda: network.stimulate("array", "exc", "I_e",
                                                     samples=np.zeros((5, 80)) * mV)),
        (errors.ShapeError, lambda: network.stimulate("array", "exc", "I_e",
                                                      samples=np.zeros((5, 79)) * pA)),
        (errors.NameError, lambda: network.record("exc", "V")),
        (errors.ValueError, lambda: network.record("exc", "V_m", 0.15 * ms)),
        (errors.NameError, lambda: cs.Simulation(network, precision="half")),
        (errors.ValueError, lambda: cs.Simulation(network, threads=-1)),
        (errors.FileError, lambda: cs.read_network("/nowhere/net.toml")),
        (errors.NameError, lambda: cs.library.neuron("static")),
    ]
    for error, call in cases:
        with pytest.raises(error):
            call()
    assert network.hash() == before


def test_views_select_as_numpy_does_and_refuse_the_rest(network):
    exc = network.population("exc")
    reference = np.arange(80)
    mask = reference % 7 == 3
    for key in (slice(10, 20), slice(None, None, 3), slice(-5, None), [5, 3, 5], mask):
        expected = np.unique(reference[key])
        np.testing.assert_array_equal(exc[key].indices, expected)
        np.testing.assert_array_equal(exc[key][:1].indices, expected[:1])
    assert exc[-1].indices.tolist() == [79]
    np.testing.assert_array_equal(exc[10:40:5][1:3].indices, reference[10:40:5][1:3])
    np.testing.assert_array_equal(exc[[9, 4, 7]][1:].indices, [7, 9])
    for key, error in ((80, errors.ValueError), (slice(5, 5), errors.ValueError),
                       (slice(None, None, -1), errors.ValueError), ([], errors.ValueError),
                       (mask[:5], errors.ShapeError), ("exc", TypeError), (1.5, Exception)):
        with pytest.raises(error):
            exc[key]


def test_a_nan_in_a_run_is_named():
    model = cs.Model("dx/dt = x*x/ms : 1", initial={"x": 1.0}, name="explodes", method="euler")
    net = cs.Network(0.1 * ms)
    net.add("doomed", 3, model)
    with pytest.raises(ArithmeticError, match="doomed.*x|x.*doomed"):
        cs.Simulation(net).run("1 s")


def test_names_that_do_not_exist_in_a_recording(network):
    recording = cs.Simulation(network).recording()
    with pytest.raises(errors.NameError, match="did you mean 'exc.V_m'"):
        recording.trace_of("exc", "V")
    with pytest.raises(errors.NameError):
        recording.weights_of("exc -> exc")
