"""PyNN's synapse types as synapse models: the text of a plastic rule is put together from its parts."""

import numpy as np
from pyNN.standardmodels import ModelNotAvailable, build_translations, synapses

import callosum as cs

from . import simulator

_weight_and_delay = (("weight", "weight"), ("delay", "delay"))


class _Synapse:
    plastic = False  # its weights change by themselves

    def _get_minimum_delay(self):
        return simulator.state.shortest_delay()

    def options(self, columns, scale, unit, settable):
        """Keyword arguments of Network.connect beside rule, target, weight and delay, for synapses that
        have equal values of all other parameters. `scale` brings a weight to `unit`."""
        return {}

    def more_columns(self, post, targets, receptor):
        """Further parameters of synapses, from their targets."""
        return {}


_unit_of = {"ms": "second", "1/ms": "Hz", "": "1", "weight": "weight"}


def _model(name, equations, on_pre, on_post, parameters):
    """A synapse model; every projection gives the `parameters`, {name: unit}."""
    equations += "".join(f"{p} : {_unit_of[unit]}\n" for p, unit in parameters.items())
    text = f'kind = "synapse"\ndoc = """{name}"""\nreference = "PyNN"\n'
    text += f'equations = """\n{equations}"""\non_pre = """\n{on_pre}"""\n'
    if on_post:
        text += f'on_post = """\n{on_post}"""\n'
    text += "[parameters]\n" + "".join(f'{p} = {{ doc = "{p}" }}\n' for p in parameters)
    return cs.Model.from_text(text, name)


class StaticSynapse(_Synapse, synapses.StaticSynapse):
    __doc__ = synapses.StaticSynapse.__doc__
    translations = build_translations(*_weight_and_delay)

    def options(self, columns, scale, unit, settable):
        # A weight that is set during the run is a variable of the synapse.
        return {"model": _model("settable", "", "target += weight\n", "weight = weight\n", {})} \
            if settable else {}


class TsodyksMarkramSynapse(_Synapse, synapses.TsodyksMarkramSynapse):
    """Tsodyks, Uziel and Markram 2000: shares y (active) and z (inactive) of the resources, use u. As in
    PyNN's other back ends the active share decays with the receptor's time constant."""

    translations = build_translations(
        *_weight_and_delay, ("U", "U"), ("tau_rec", "tau_rec"), ("tau_facil", "tau_facil"))

    def options(self, columns, scale, unit, settable):
        parameters = {"U": "", "tau_rec": "ms", "tau_syn": "ms"}
        equations = ("dy/dt = -y/tau_syn : 1 (event-driven)\n"
                     "dz/dt = y/tau_syn - z/tau_rec : 1 (event-driven)\n")
        use, on_pre = "U", ""
        if columns["tau_facil"][0] > 0:
            equations += "du/dt = -u/tau_facil : 1 (event-driven)\n"
            use, on_pre = "u", "u += U*(1 - u)\n"
            parameters["tau_facil"] = "ms"
        on_pre += f"target += weight*{use}*(1 - y - z)\ny += {use}*(1 - y - z)\n"
        model = _model("tsodyks_markram", equations, on_pre, "", parameters)
        return {"model": model, "parameters": {name: simulator.values(columns[name], unit)
                                               for name, unit in parameters.items()}}

    def more_columns(self, post, targets, receptor):
        tau_name = {"excitatory": "tau_syn_E", "inhibitory": "tau_syn_I"}.get(
            receptor, f"{receptor}.tau_syn")
        tau = post.get(tau_name) if post.celltype.has_parameter(tau_name) else 3.0
        return {"tau_syn": np.broadcast_to(np.asarray(tau, dtype=float), (post.size,))[targets]}


class STDPMechanism(_Synapse, synapses.STDPMechanism):
    __doc__ = synapses.STDPMechanism.__doc__
    plastic = True
    base_translations = build_translations(
        *_weight_and_delay, ("dendritic_delay_fraction", "dendritic_delay_fraction"))

    def _build_translations(self):
        if self.voltage_dependence is not None:
            raise NotImplementedError("no voltage dependence is available")
        self.translations = dict(self.base_translations)
        for part in (self.timing_dependence, self.weight_dependence):
            self.translations.update(part.translations)

    def options(self, columns, scale, unit, settable):
        timing, dependence = self.timing_dependence, self.weight_dependence
        equations, on_pre, on_post, units = timing.text(dependence)
        units = {**units, "w_min": "weight", "w_max": "weight", **dependence.more_units}
        model = _model("stdp", equations, on_pre, on_post, units)
        given = {}
        for name, u in units.items():
            numbers = columns[name]
            given[name] = simulator.values(numbers * scale, unit) if u == "weight" \
                else simulator.values(numbers, u)
        options = {"model": model, "parameters": given}
        fraction, dt = columns["dendritic_delay_fraction"][0], simulator.state.dt
        delays = np.unique(np.maximum(np.round(columns["delay"] / dt), 1))
        if fraction == 1:  # longer than any delay: all of it
            options["dendritic_delay"] = (delays[-1] + 1) * dt * cs.units.ms
        elif fraction > 0:
            if delays.size > 1:
                raise cs.errors.UnsupportedError(
                    "[STDPMechanism] a dendritic_delay_fraction between 0 and 1 needs one delay a "
                    "projection")
            options["dendritic_delay"] = round(fraction * delays[0]) * dt * cs.units.ms
        return options


class _WeightDependence:
    more_units = {}


class AdditiveWeightDependence(_WeightDependence, synapses.AdditiveWeightDependence):
    __doc__ = synapses.AdditiveWeightDependence.__doc__
    translations = build_translations(("w_max", "w_max"), ("w_min", "w_min"))
    depression, potentiation = "A_minus*w_max", "A_plus*w_max"


class MultiplicativeWeightDependence(_WeightDependence, synapses.MultiplicativeWeightDependence):
    __doc__ = synapses.MultiplicativeWeightDependence.__doc__
    translations = build_translations(("w_max", "w_max"), ("w_min", "w_min"))
    depression, potentiation = "A_minus*(weight - w_min)", "A_plus*(w_max - weight)"


class AdditivePotentiationMultiplicativeDepression(
        _WeightDependence, synapses.AdditivePotentiationMultiplicativeDepression):
    __doc__ = synapses.AdditivePotentiationMultiplicativeDepression.__doc__
    translations = build_translations(("w_max", "w_max"), ("w_min", "w_min"))
    depression, potentiation = "A_minus*(weight - w_min)", "A_plus*w_max"


class GutigWeightDependence(_WeightDependence, synapses.GutigWeightDependence):
    __doc__ = synapses.GutigWeightDependence.__doc__
    translations = build_translations(("w_max", "w_max"), ("w_min", "w_min"),
                                      ("mu_plus", "mu_plus"), ("mu_minus", "mu_minus"))
    more_units = {"mu_plus": "", "mu_minus": ""}
    depression = "A_minus*(w_max - w_min)*((weight - w_min)/(w_max - w_min))**mu_minus"
    potentiation = "A_plus*(w_max - w_min)*((w_max - weight)/(w_max - w_min))**mu_plus"


class SpikePairRule(synapses.SpikePairRule):
    __doc__ = synapses.SpikePairRule.__doc__
    translations = build_translations(
        ("tau_plus", "tau_plus"), ("tau_minus", "tau_minus"), ("A_plus", "A_plus"),
        ("A_minus", "A_minus"))

    def text(self, dependence):
        """Equations, on_pre, on_post and the units of the parameters."""
        # As in PyNN's other back ends a presynaptic spike delivers the weight after its update.
        return (
            "dapre/dt = -apre/tau_plus : 1 (event-driven)\n"
            "dapost/dt = -apost/tau_minus : 1 (event-driven)\n",
            f"weight = clip(weight - {dependence.depression}*apost, w_min, w_max)\n"
            "target += weight\napre += 1\n",
            f"weight = clip(weight + {dependence.potentiation}*apre, w_min, w_max)\napost += 1\n",
            {"tau_plus": "ms", "tau_minus": "ms", "A_plus": "", "A_minus": ""})


class Vogels2011Rule(synapses.Vogels2011Rule):
    __doc__ = synapses.Vogels2011Rule.__doc__
    translations = build_translations(("tau", "tau"), ("eta", "eta"), ("rho", "rho", 1e-3))

    def text(self, dependence):
        if not isinstance(dependence, AdditiveWeightDependence):
            raise NotImplementedError("Vogels2011Rule goes with AdditiveWeightDependence")
        return (
            "dapre/dt = -apre/tau : 1 (event-driven)\n"
            "dapost/dt = -apost/tau : 1 (event-driven)\n",
            "weight = clip(weight + eta*(apost - 2*rho*tau), w_min, w_max)\n"
            "target += weight\napre += 1\n",
            "weight = clip(weight + eta*apre, w_min, w_max)\napost += 1\n",
            {"tau": "ms", "rho": "1/ms", "eta": "weight"})


def _unavailable(name):
    return type(name, (ModelNotAvailable,), {
        "__doc__": f"{name} draws numbers at each spike, which synapses of Callosum do not."})


SimpleStochasticSynapse = _unavailable("SimpleStochasticSynapse")
StochasticTsodyksMarkramSynapse = _unavailable("StochasticTsodyksMarkramSynapse")
MultiQuantalSynapse = _unavailable("MultiQuantalSynapse")


class ElectricalSynapse(ModelNotAvailable):
    """Gap junctions between PyNN populations are not mapped; see rate and gap models in the guide."""
