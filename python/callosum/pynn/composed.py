"""Neurons composed of a membrane and any number of receptors (PyNN 0.12 and newer)."""

from pyNN.parameters import ParameterSpace
from pyNN.standardmodels import build_translations, cells, receptors

import callosum as cs

from .cells import _adaptation, _Cell, _leak, _membrane, _tau_m, _v, _w


class LIF(_Cell, cells.LIF):
    __doc__ = cells.LIF.__doc__
    translations = build_translations(*_membrane, *_tau_m)
    states = _v
    equations = "dV_m/dt = (E_L - V_m)/tau_m + (I_syn + I_e)/C_m : volt (unless refractory)\n"
    units_of = {"E_L": "mV", "V_reset": "mV", "V_th": "mV", "t_ref": "ms", "C_m": "pF", "I_e": "pA",
                "tau_m": "ms"}
    threshold, reset, method = "V_m >= V_th", "V_m = V_reset", ""


class AdExp(_Cell, cells.AdExp):
    __doc__ = cells.AdExp.__doc__
    translations = build_translations(*_membrane, *_leak, *_adaptation)
    states = {**_v, **_w}
    equations = (
        "dV_m/dt = (g_L*(E_L - V_m) + g_L*Delta_T*exp((V - V_th)/Delta_T) - w + I_syn + I_e)/C_m"
        " : volt (unless refractory)\n"
        "dw/dt = (a*(V - E_L) - w)/tau_w : amp\n"
        "V = minimum(V_m, V_peak) : volt\n")
    units_of = {"E_L": "mV", "V_reset": "mV", "V_th": "mV", "t_ref": "ms", "C_m": "pF", "I_e": "pA",
                "g_L": "nS", "V_peak": "mV", "a": "nS", "b": "pA", "tau_w": "ms", "Delta_T": "mV"}
    threshold, reset, method = "V_m >= V_peak", "V_m = V_reset; w += b", "rk4"


class _Response:
    """A receptor's part of a composed neuron; {r} stands for its name."""

    def get_schema(self):
        return {name: float for name in self.default_parameters}


class CurrExpPostSynapticResponse(_Response, receptors.CurrExpPostSynapticResponse):
    __doc__ = receptors.CurrExpPostSynapticResponse.__doc__
    recordable = ["isyn"]
    equations = "dI_{r}/dt = -I_{r}/tau_{r} : amp\n"
    current, target, states = "I_{r}", "I_{r}", {"isyn": ("I_{r}", 1e-3)}
    parameters = {"tau_syn": ("tau_{r}", "ms")}


class CondExpPostSynapticResponse(_Response, receptors.CondExpPostSynapticResponse):
    __doc__ = receptors.CondExpPostSynapticResponse.__doc__
    recordable = ["gsyn"]
    equations = "dg_{r}/dt = -g_{r}/tau_{r} : siemens\n"
    current, target, states = "g_{r}*(E_{r} - V_m)", "g_{r}", {"gsyn": ("g_{r}", 1e-3)}
    parameters = {"tau_syn": ("tau_{r}", "ms"), "e_syn": ("E_{r}", "mV")}


class CondAlphaPostSynapticResponse(_Response, receptors.CondAlphaPostSynapticResponse):
    __doc__ = receptors.CondAlphaPostSynapticResponse.__doc__
    recordable = ["gsyn"]
    equations = ("dg_{r}/dt = (e*K_{r} - g_{r})/tau_{r} : siemens\n"
                 "dK_{r}/dt = -K_{r}/tau_{r} : siemens\n")
    current, target, states = "g_{r}*(E_{r} - V_m)", "K_{r}", {"gsyn": ("g_{r}", 1e-3)}
    parameters = {"tau_syn": ("tau_{r}", "ms"), "e_syn": ("E_{r}", "mV")}


class CondBetaPostSynapticResponse(_Response, receptors.CondBetaPostSynapticResponse):
    __doc__ = receptors.CondBetaPostSynapticResponse.__doc__
    recordable = ["gsyn"]
    # The factor makes the weight the peak, as in library/synapses/nmda.toml.
    equations = (
        "dg_{r}/dt = exp(1/exprel(log(tau_decay_{r}/tau_rise_{r})))/tau_rise_{r}*K_{r}"
        " - g_{r}/tau_decay_{r} : siemens\n"
        "dK_{r}/dt = -K_{r}/tau_rise_{r} : siemens\n")
    current, target, states = "g_{r}*(E_{r} - V_m)", "K_{r}", {"gsyn": ("g_{r}", 1e-3)}
    parameters = {"tau_rise": ("tau_rise_{r}", "ms"), "tau_decay": ("tau_decay_{r}", "ms"),
                  "e_syn": ("E_{r}", "mV")}


CurrExpPSR = CurrExpPostSynapticResponse
CondExpPSR = ExpPSR = CondExpPostSynapticResponse
CondAlphaPSR = AlphaPSR = CondAlphaPostSynapticResponse
CondBetaPSR = BetaPSR = CondBetaPostSynapticResponse


class PointNeuron(_Cell, cells.PointNeuron):
    """A neuron (LIF, AdExp) with any number of receptors: one model is written for the whole, with
    the parameters of a receptor under "NAME.parameter"."""

    def __init__(self, neuron, **responses):
        self.neuron = neuron
        self.post_synaptic_receptors = responses
        self.default_parameters = dict(neuron.default_parameters)
        self.states = dict(neuron.states)
        self.targets = {}
        self.translations = dict(neuron.translations)
        self._units = dict(neuron.units_of)
        given = dict(neuron.parameter_space.items())
        text, currents = neuron.equations, ["0*pA"]
        for label, r in responses.items():
            name = f"syn_{label}"
            r.set_parent(self)
            text += r.equations.format(r=name)
            currents.append(r.current.format(r=name))
            self.targets[label] = (r.target.format(r=name), 1e3)
            for variable, (native, scale) in r.states.items():
                self.states[f"{label}.{variable}"] = (native.format(r=name), scale)
            for parameter, (native, unit) in r.parameters.items():
                key, native = f"{label}.{parameter}", native.format(r=name)
                self.default_parameters[key] = r.default_parameters[parameter]
                self.translations.update(build_translations((key, native, 1.0)))
                self._units[native] = unit
                given[key] = r.parameter_space[parameter]
        text += f"I_syn = {' + '.join(currents)} : amp\n"
        self._text = text
        self.parameter_space = ParameterSpace(
            {name: value.base_value if not value.operations else value
             for name, value in given.items()}, self.get_schema(), shape=None)
        self._made = None

    def has_parameter(self, name):
        return name in self.default_parameters

    def get_parameter_names(self):
        return list(self.default_parameters)

    def computed_parameters(self):
        return self.neuron.computed_parameters()

    def computed_parameters_include(self, names):
        return any(name in self.computed_parameters() for name in names)

    @property
    def recordable(self):
        return self.neuron.recordable + [name for name in self.states if "." in name]

    def native_model(self, parameters):
        if self._made is None:
            n = self.neuron
            self._made = cs.Model(
                self._text, threshold=n.threshold, reset=n.reset, refractory="t_ref",
                method=n.method, name=f"point neuron {type(n).__name__}",
                parameters={name: {"value": f"1 {unit}", "doc": name}
                            for name, unit in self._units.items()})
        return self._made
