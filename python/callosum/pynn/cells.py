"""PyNN's standard cells on the models of Callosum's library, and cells of any Callosum model."""

import numpy as np
from pyNN.models import BaseCellType
from pyNN.standardmodels import ModelNotAvailable, build_translations, cells

import callosum as cs

NANO_TO_PICO = 1e3  # nF to pF, nA to pA
MICRO_TO_NANO = 1e3  # uS to nS


_more_units = {"isyn_exc": "nA", "isyn_inh": "nA", "m": "dimensionless", "n": "dimensionless",
               "h": "dimensionless"}


class _Cell:
    """How a standard cell stands on a model: `library` names it, `states` says which of its
    variables is which of PyNN's and by which factor it comes to PyNN's unit, `targets` what a spike
    at a receptor adds to and by which factor a weight comes to the model's unit."""

    library = None
    states = {}
    targets = {}
    fixed = {}  # parameters of the model that PyNN's cell does not have

    def __init_subclass__(cls):
        # All that has a name in PyNN can be recorded, also where its own list leaves it out.
        if isinstance(cls.__dict__.get("states"), dict):
            cls.recordable = ["spikes", *cls.states]
            cls.units = {**_more_units, **getattr(cls, "units", {})}

    def native_model(self, parameters):
        return cs.library.find(self.library)

    def native_values(self, parameters):
        """Arrays of numbers in internal units, one a parameter of the model."""
        result = dict(self.fixed)
        for name, numbers in parameters.items():
            if self.array_parameters(name):
                for k in range(len(numbers[0].value)):
                    result[f"{name}_{k + 1}"] = np.array([n.value[k] for n in numbers], float)
            else:
                result[name] = np.asarray(numbers, dtype=float)
        return result

    def array_parameters(self, name):
        """True where each neuron has several numbers of this name."""
        return False

    def unit(self, name):
        return self.native_model({}).units[name]

    def state_of(self, variable):
        """The model's variable and the factor to PyNN's unit; (None, 1) where there is none."""
        return self.states.get(variable, (None, 1.0))

    def target_of(self, receptor):
        return self.targets[receptor]


_membrane = (
    ("v_rest", "E_L"), ("v_reset", "V_reset"), ("v_thresh", "V_th"), ("tau_refrac", "t_ref"),
    ("cm", "C_m", NANO_TO_PICO), ("i_offset", "I_e", NANO_TO_PICO),
)
_tau_m = (("tau_m", "tau_m"),)
_leak = (("tau_m", "g_L", lambda cm, tau_m, **_: cm * NANO_TO_PICO / tau_m,
          lambda C_m, g_L, **_: C_m / g_L),)
_kinetics = (("tau_syn_E", "tau_syn_ex"), ("tau_syn_I", "tau_syn_in"))
_reversal = (("e_rev_E", "E_ex"), ("e_rev_I", "E_in"))
_adaptation = (("v_spike", "V_peak"), ("a", "a"), ("b", "b", NANO_TO_PICO), ("tau_w", "tau_w"),
               ("delta_T", "Delta_T"))

_v = {"v": ("V_m", 1.0)}
_w = {"w": ("w", 1e-3)}
_currents = {"isyn_exc": ("I_ex", 1e-3), "isyn_inh": ("I_in", 1e-3)}
_conductances = {"gsyn_exc": ("g_ex", 1e-3), "gsyn_inh": ("g_in", 1e-3)}
_to_currents = {"excitatory": ("I_ex", 1e3), "inhibitory": ("I_in", 1e3)}
_to_conductances = {"excitatory": ("g_ex", 1e3), "inhibitory": ("g_in", 1e3)}
_to_alpha = {"excitatory": ("K_ex", 1e3), "inhibitory": ("K_in", 1e3)}
_to_v = {"excitatory": ("V_m", 1.0), "inhibitory": ("V_m", 1.0)}


class IF_curr_exp(_Cell, cells.IF_curr_exp):
    __doc__ = cells.IF_curr_exp.__doc__
    translations = build_translations(*_membrane, *_tau_m, *_kinetics)
    library, states, targets = "lif_psc_exp", {**_v, **_currents}, _to_currents


class IF_curr_alpha(_Cell, cells.IF_curr_alpha):
    __doc__ = cells.IF_curr_alpha.__doc__
    translations = build_translations(*_membrane, *_tau_m, *_kinetics)
    library, states, targets = "lif_psc_alpha", {**_v, **_currents}, _to_alpha


class IF_curr_delta(_Cell, cells.IF_curr_delta):
    __doc__ = cells.IF_curr_delta.__doc__
    translations = build_translations(*_membrane, *_tau_m)
    library, states, targets = "lif_psc_delta", _v, _to_v


class IF_cond_exp(_Cell, cells.IF_cond_exp):
    __doc__ = cells.IF_cond_exp.__doc__
    translations = build_translations(*_membrane, *_leak, *_kinetics, *_reversal)
    library, states, targets = "lif_cond_exp", {**_v, **_conductances}, _to_conductances


class IF_cond_alpha(_Cell, cells.IF_cond_alpha):
    __doc__ = cells.IF_cond_alpha.__doc__
    translations = build_translations(*_membrane, *_leak, *_kinetics, *_reversal)
    library, states, targets = "lif_cond_alpha", {**_v, **_conductances}, _to_alpha


class IF_facets_hardware1(_Cell, cells.IF_facets_hardware1):
    __doc__ = cells.IF_facets_hardware1.__doc__
    translations = build_translations(
        ("v_rest", "E_L"), ("v_reset", "V_reset"), ("v_thresh", "V_th"), ("g_leak", "g_L"),
        *_kinetics, ("e_rev_I", "E_in"))
    library, states, targets = "lif_cond_exp", {**_v, **_conductances}, _to_conductances
    fixed = {"C_m": 200.0, "t_ref": 1.0, "E_ex": 0.0}


class IF_cond_exp_gsfa_grr(_Cell, cells.IF_cond_exp_gsfa_grr):
    __doc__ = cells.IF_cond_exp_gsfa_grr.__doc__
    translations = build_translations(
        *_membrane, *_leak, *_kinetics, *_reversal, ("tau_sfa", "tau_sfa"), ("e_rev_sfa", "E_sfa"),
        ("q_sfa", "q_sfa"), ("tau_rr", "tau_rr"), ("e_rev_rr", "E_rr"), ("q_rr", "q_rr"))
    library, targets = "lif_cond_exp_sfa_rr", _to_conductances
    states = {**_v, **_conductances, "g_s": ("g_sfa", 1.0), "g_r": ("g_rr", 1.0)}


class EIF_cond_exp_isfa_ista(_Cell, cells.EIF_cond_exp_isfa_ista):
    __doc__ = cells.EIF_cond_exp_isfa_ista.__doc__
    translations = build_translations(*_membrane, *_leak, *_kinetics, *_reversal, *_adaptation)
    library, states, targets = "adex_cond_exp", {**_v, **_w, **_conductances}, _to_conductances


class EIF_cond_alpha_isfa_ista(_Cell, cells.EIF_cond_alpha_isfa_ista):
    __doc__ = cells.EIF_cond_alpha_isfa_ista.__doc__
    translations = build_translations(*_membrane, *_leak, *_kinetics, *_reversal, *_adaptation)
    library, states, targets = "adex_cond_alpha", {**_v, **_w, **_conductances}, _to_alpha


class HH_cond_exp(_Cell, cells.HH_cond_exp):
    __doc__ = cells.HH_cond_exp.__doc__
    translations = build_translations(
        ("gbar_Na", "g_Na", MICRO_TO_NANO), ("gbar_K", "g_K", MICRO_TO_NANO),
        ("g_leak", "g_L", MICRO_TO_NANO), ("cm", "C_m", NANO_TO_PICO), ("v_offset", "V_T"),
        ("e_rev_Na", "E_Na"), ("e_rev_K", "E_K"), ("e_rev_leak", "E_L"),
        ("i_offset", "I_e", NANO_TO_PICO), *_kinetics, *_reversal)
    library, targets = "hh_traub", _to_conductances
    states = {**_v, **_conductances, "m": ("m", 1.0), "n": ("n", 1.0), "h": ("h", 1.0)}


class Izhikevich(_Cell, cells.Izhikevich):
    __doc__ = cells.Izhikevich.__doc__
    translations = build_translations(
        ("a", "a"), ("b", "b"), ("c", "c"), ("d", "d"), ("i_offset", "I_e", NANO_TO_PICO))
    library, targets = "izhikevich", _to_v
    states = {**_v, "u": ("U_m", 1.0)}


class GIF_cond_exp(_Cell, cells.GIF_cond_exp):
    __doc__ = cells.GIF_cond_exp.__doc__
    translations = build_translations(
        ("v_rest", "E_L"), ("cm", "C_m", NANO_TO_PICO), *_leak, ("tau_refrac", "t_ref"), *_kinetics,
        *_reversal, ("v_reset", "V_reset"), ("i_offset", "I_e", NANO_TO_PICO),
        ("delta_v", "Delta_V"), ("v_t_star", "V_T_star"), ("lambda0", "lambda_0", 1e-3),
        ("tau_eta", "tau_stc"), ("tau_gamma", "tau_sfa"), ("a_eta", "q_stc", NANO_TO_PICO),
        ("a_gamma", "q_sfa"))
    library, targets = "gif_cond_exp", _to_conductances
    states = {**_v, **_conductances, "v_t": ("V_T", 1.0), "i_eta": ("I_stc", 1e-3)}

    def array_parameters(self, name):
        return name in ("tau_stc", "tau_sfa", "q_stc", "q_sfa")


# --- spike sources ---------------------------------------------------------------------------


class _Source(_Cell):
    """A source of spikes that is silent before `start` and after `start + duration`."""

    equations, threshold, reset, refractory, events = "", "", "", None, ""

    def native_model(self, parameters):
        cls = type(self)
        if "made" not in cls.__dict__:
            window = "start : second\nduration : second\n"
            text = (f'kind = "source"\ndoc = """{cls.__name__}"""\n'
                    f'reference = "PyNN"\nequations = """\n{cls.equations}{window}"""\n'
                    f'threshold = "{cls.threshold}"\n')
            if cls.reset:
                text += f'reset = "{cls.reset}"\n'
            if cls.refractory:
                text += f'refractory = "{cls.refractory}"\n'
            text += f"{cls.events}\n[parameters]\n" + "\n".join(
                f'{name} = {{ doc = "{name}" }}' for name in cls.native)
            cls.made = cs.Model.from_text(text, cls.__name__)
        return cls.made


_on = "t >= start and t < start + duration"


class SpikeSourcePoisson(_Source, cells.SpikeSourcePoisson):
    __doc__ = cells.SpikeSourcePoisson.__doc__
    translations = build_translations(("rate", "rate", 1e-3), ("start", "start"),
                                      ("duration", "duration"))
    native = ("rate", "start", "duration")
    equations = "rate : Hz\n"
    threshold = f"rand() < rate*dt and {_on}"


class SpikeSourcePoissonRefractory(_Source, cells.SpikeSourcePoissonRefractory):
    __doc__ = cells.SpikeSourcePoissonRefractory.__doc__
    translations = build_translations(
        ("rate", "rate", 1e-3), ("tau_refrac", "t_ref"), ("start", "start"),
        ("duration", "duration"))
    native = ("rate", "t_ref", "start", "duration")
    # `rate` is the mean rate, dead time included.
    equations = "rate : Hz\nt_ref : second\n"
    threshold = f"rand() < rate*dt/(1 - rate*t_ref) and {_on}"
    refractory = "t_ref"


class SpikeSourceGamma(_Source, cells.SpikeSourceGamma):
    __doc__ = cells.SpikeSourceGamma.__doc__
    translations = build_translations(
        ("alpha", "alpha"), ("beta", "beta", 1e-3), ("start", "start"), ("duration", "duration"))
    native = ("alpha", "beta", "start", "duration")
    # Every alpha-th event of a Poisson process of rate beta.
    equations = "dstage/dt = 0/second : 1\nalpha : 1\nbeta : Hz\n"
    threshold = "stage >= alpha"
    reset = "stage -= alpha"
    events = ('[events.arrival]\n'
              f'condition = "rand() < beta*dt and {_on}"\naction = "stage += 1"\n')

    def get_schema(self):
        return {name: float for name in self.default_parameters}  # not int for `alpha`

    def native_values(self, parameters):
        alpha = np.asarray(parameters["alpha"], dtype=float)
        if (alpha != np.round(alpha)).any() or (alpha < 1).any():
            raise cs.errors.UnsupportedError(
                f"[SpikeSourceGamma, alpha] only whole orders are simulated: got {alpha}, "
                "expected 1, 2, 3 ...")
        return super().native_values(parameters)


class SpikeSourceArray(_Cell, cells.SpikeSourceArray):
    __doc__ = cells.SpikeSourceArray.__doc__
    translations = build_translations(("spike_times", "spike_times"))


class SpikeSourceInhGamma(ModelNotAvailable):
    """Its order varies in time, which whole-order gamma trains cannot."""


# --- native cells ----------------------------------------------------------------------------


class NativeCellType(_Cell, BaseCellType):
    """Cells of any Callosum model: parameters and variables have its names and internal units (ms,
    mV, pA, nS, pF); receptors are the states that a spike may add to, weights in their units."""

    def native_model(self, parameters):
        return self.model

    def get_schema(self):
        return {name: float for name in self.default_parameters}

    def state_of(self, variable):
        return variable, 1.0

    def target_of(self, receptor):
        return receptor, 1.0


def native_cell_type(model):
    """A cell class of a Callosum model, or of the name of a shipped one.

    >>> population = sim.Population(10, sim.native_cell_type("lif_cond_nmda")(I_e=300.0))
    """
    model = cs.library.neuron(model) if isinstance(model, str) else model
    states = {name: 0.0 if value is None else value.internal
              for name, value in model.states.items()}
    variables = [name for name in model.units if name not in model.parameters]
    name = model.name
    return type(name, (NativeCellType,), {
        "__doc__": model.doc, "model": model,
        "default_parameters": {n: v.internal for n, v in model.parameters.items()},
        "default_initial_values": states,
        "recordable": ["spikes"] + variables, "receptor_types": list(states),
        "units": {n: model.units[n] or "dimensionless" for n in model.units},
        "conductance_based": None, "injectable": "I_e" in model.parameters})
