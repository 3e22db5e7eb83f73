"""Neurons of the library, written again from the papers' own equations and units, for independent.py.

Nothing here reads the library's files. Each right side gives the derivatives of a list of states, the potential first, in ms, mV, pA, nS, pF (smooth
neurons in the papers' densities); times, weights and overridden parameters are those of neurons.py. `drive` is the stimulus.
"""
from dataclasses import dataclass
from math import cosh, exp, log, tanh
from typing import Callable

AREA = 100.0  # pA for 1 uA/cm2 on 1e-4 cm2, nS for 0.01 mS/cm2


@dataclass
class Neuron:
    source: str  # whose equations
    right: Callable  # (states, drive) -> derivatives per ms
    start: list
    targets: dict  # what spikes arrive on -> its place among the states
    fires: Callable | None = None  # (states, step in ms) -> whether there is a spike at the end of a step
    reset: Callable = lambda y: None  # changes the states in place
    t_ref: float = 0.0  # ms without a spike
    holds: bool = True  # the potential stands meanwhile
    counts_rises: bool = False  # one spike a rise above the threshold
    observed: int = 0


def biexponential_factor(rise, decay):
    """What scales the difference of exponentials to a peak of one; Roth and van Rossum 2009, eq. 6.4-6.5."""
    t_peak = rise * decay / (decay - rise) * log(decay / rise)
    return 1 / (exp(-t_peak / decay) - exp(-t_peak / rise))


def magnesium_block(V):
    """Jahr and Stevens 1990, eq. 4a, at 1 mM."""
    return 1 / (1 + exp(-0.062 * V) / 3.57)


def clear(**values):
    """A reset that sets the potential and adds to other states: V=-60, add={3: 1.0}."""
    def reset(y):
        y[0] = values["V"]
        for place, amount in values.get("add", {}).items():
            y[place] += amount
    return reset


# --- Integrate and fire ----------------------------------------------------------------------------------------------


def perfect_integrator(y, drive):
    return [drive / 250]


def perfect_integrator_currents(y, drive):
    V, ex, inh = y
    return [(drive + ex + inh) / 250, -ex / 2, -inh / 2]


def passive_membrane(y, drive):
    return [-y[0] / 20 + drive / 250]


def beta_currents(y, drive):
    """Rise 0.5 ms, decay 5 ms: each current is the difference of two decaying ones that a spike starts alike."""
    V, ex_decay, ex_rise, in_decay, in_rise = y
    peak = biexponential_factor(0.5, 5)
    I = peak * (ex_decay - ex_rise + in_decay - in_rise)
    return [-(V + 70) / 10 + (I + drive) / 250, -ex_decay / 5, -ex_rise / 0.5, -in_decay / 5, -in_rise / 0.5]


def nmda_membrane(y, drive):
    V, ampa, gaba, decay, rise = y
    g_NMDA = biexponential_factor(2, 100) * (decay - rise)
    I = 16.6667 * (-70 - V) - ampa * V + gaba * (-85 - V) - g_NMDA * magnesium_block(V) * V
    return [(I + drive) / 250, -ampa / 2, -gaba / 5, -decay / 100, -rise / 2]


def fixed_conductances(y, drive):
    V = y[0]
    I = 16.6667 * (-70 - V) - (1 + 3 * magnesium_block(V)) * V + 2 * (-75 - V) + 1 * (-95 - V)
    return [(I + drive) / 250]


def brunel_wang(y, drive):
    V, ampa, gaba, s, x = y
    I = -25 * (V + 70) - ampa * V - gaba * (V + 70) - 4 * V / (1 + exp(-0.062 * V) / 3.57)
    return [(I + drive) / 500, -ampa / 2, -gaba / 5, -s / 100 + 0.5 * x * (1 - s), -x / 2]


def intrinsic_plasticity(y, drive):
    """The threshold, last, falls by 0.1 mV at 5 Hz."""
    V, ex, inh, _ = y
    return [-(V + 70) / 10 + (ex + inh + drive) / 250, -ex / 2, -inh / 2, -0.1 * 0.005]


def filtered_potentials(y, drive):
    V, ex, inh, u_minus, u_plus = y
    return [-(V + 70.6) / 10 + (ex + inh + drive) / 250, -ex / 2, -inh / 2, (V - u_minus) / 10, (V - u_plus) / 7]


def exponential(y, drive):
    V, ex, inh = y
    psi = 3.48 * exp((min(V, -30) + 59.9) / 3.48)  # beyond the peak, in the step of a spike, it must not overflow
    return [-0.1 * (V + 65) + 0.1 * psi + (drive + ex + inh) / 100, -ex / 2, -inh / 2]


def quadratic(y, drive):
    V, ex, inh = y
    return [(1.25 * (V + 70) * (V + 50) + drive + ex + inh) / 250, -ex / 2, -inh / 2]


def izhikevich(y, drive):
    v, u = y
    return [0.04 * v * v + 5 * v + 140 - u + drive, 0.02 * (0.2 * v - u)]


def izhikevich_2007(y, drive):
    v, u, ex, inh = y
    return [(0.7 * (v + 60) * (v + 40) - u + drive + ex + inh) / 100, 0.03 * (-2 * (v + 60) - u), -ex / 2, -inh / 2]


def resonator(y, drive):
    """z' = (b + i omega) z + I; x is observed, y fires."""
    z = complex(-0.1, 1.0) * complex(y[0], y[1]) + drive
    return [z.real, z.imag]


def resonator_reset(y):
    y[0], y[1] = 0.0, 1.0


# --- Adaptive thresholds, generalised --------------------------------------------------------------------------------


def alif(y, drive):
    return [-y[0] / 20 + drive / 250, -y[1] / 200]


def alif_reset(y):
    y[0] -= 10
    y[1] += 1


def mihalas_niebur(y, drive):
    """Per 100 pF: G/C = 50/s, k = 200/s, 20/s, a = 5/s, b = 10/s."""
    V, theta, one, two = y
    return [(drive + one + two) / 100 - 0.05 * (V + 70), 0.005 * (V + 70) - 0.01 * (theta + 50), -0.2 * one, -0.02 * two]


def mihalas_niebur_reset(y):
    y[2], y[3] = 0.2 * y[2] + 500, 1 * y[3] - 60
    y[0], y[1] = -70, max(-60, y[1])


def gif_fires(y, dt):
    """Where a spike in this step is likelier than not: lambda dt = ln 2 at lambda_0 = 1/s, Delta_V = 1e-6 mV."""
    return y[0] >= -35 + sum(y[6:9]) + 1e-6 * log(log(2) / (1e-3 * dt))


def gif_reset(y):
    y[0] = -55
    for place, jump in zip(range(3, 9), (40, 20, -5, 3, 5, 10)):
        y[place] += jump


def gif_traces(y):
    return [-x / tau for x, tau in zip(y[3:9], (1, 10, 100, 1, 10, 100))]


def gif_currents(y, drive):
    V, ex, inh = y[:3]
    return [(-4 * (V + 70) + ex + inh + drive - sum(y[3:6])) / 80, -ex / 2, -inh / 2, *gif_traces(y)]


def gif_conductances(y, drive):
    V, ex, inh = y[:3]
    return [(-4 * (V + 70) - ex * V - inh * (V + 85) + drive - sum(y[3:6])) / 80, -ex / 2, -inh / 2, *gif_traces(y)]


def leaky_memory(y, drive):
    s, m = y[0], y[1:]
    written = tanh(s - 0.2 * sum(m) + drive)
    return [-s / 5, *((written - x) / tau for x, tau in zip(m, (3, 20, 150, 1000)))]


# --- Rates -----------------------------------------------------------------------------------------------------------


def rate(response):
    return lambda y, drive: [(response(drive) - y[0]) / 10]


def sigmoid(x, a, theta):
    """Wilson and Cowan 1972, eq. 15."""
    return 1 / (1 + exp(-a * (x - theta))) - 1 / (1 + exp(a * theta))


def wilson_cowan(y, drive):
    """k is the sigmoid's maximum; tau 10 ms; figure 11."""
    E, I = y
    k_e, k_i = 1 - 1 / (1 + exp(1.3 * 4)), 1 - 1 / (1 + exp(2 * 3.7))
    S_e, S_i = sigmoid(16 * E - 12 * I + 1.25 + drive, 1.3, 4), sigmoid(15 * E - 3 * I, 2, 3.7)
    return [(-E + (k_e - E) * S_e) / 10, (-I + (k_i - I) * S_i) / 10]


# --- Channels and oscillators ----------------------------------------------------------------------------------------


def wang_buzsaki(y, drive):
    """C = 1 uF/cm2, mS/cm2."""
    V, h, n, ge, gi = y
    am, bm = -0.1 * (V + 35) / (exp(-0.1 * (V + 35)) - 1), 4 * exp(-(V + 60) / 18)
    ah, bh = 0.07 * exp(-(V + 58) / 20), 1 / (exp(-0.1 * (V + 28)) + 1)
    an, bn = -0.01 * (V + 34) / (exp(-0.1 * (V + 34)) - 1), 0.125 * exp(-(V + 44) / 80)
    m = am / (am + bm)
    I_Na, I_K, I_L = 35 * m**3 * h * (V - 55), 9 * n**4 * (V + 90), 0.1 * (V + 65)
    I_syn = ge / AREA * V + gi / AREA * (V + 75)
    return [-I_Na - I_K - I_L - I_syn + drive / AREA, 5 * (ah * (1 - h) - bh * h), 5 * (an * (1 - n) - bn * n), -ge / 2, -gi / 10]


def morris_lecar(y, drive):
    V, w = y
    m, w_inf, tau_w = (1 + tanh((V + 1.2) / 18)) / 2, (1 + tanh((V - 2) / 30)) / 2, 1 / cosh((V - 2) / 60)
    return [(drive - 4.4 * m * (V - 120) - 8 * w * (V + 84) - 2 * (V + 60)) / 20, 0.04 * (w_inf - w) / tau_w]


def pinsky_rinzel(y, drive):
    """Potentials from rest; C = 3 uF/cm2, p = 0.5."""
    Vs, Vd, h, n, s, c, q, Ca, ge, gi = y
    Vs, Vd, p = Vs + 60, Vd + 60, 0.5
    am, bm = 0.32 * (13.1 - Vs) / (exp((13.1 - Vs) / 4) - 1), 0.28 * (Vs - 40.1) / (exp((Vs - 40.1) / 5) - 1)
    an, bn = 0.016 * (35.1 - Vs) / (exp((35.1 - Vs) / 5) - 1), 0.25 * exp(0.5 - 0.025 * Vs)
    ah, bh = 0.128 * exp((17 - Vs) / 18), 4 / (1 + exp((40 - Vs) / 5))
    a_s, bs = 1.6 / (1 + exp(-0.072 * (Vd - 65))), 0.02 * (Vd - 51.1) / (exp((Vd - 51.1) / 5) - 1)
    if Vd <= 50:
        ac = exp((Vd - 10) / 11 - (Vd - 6.5) / 27) / 18.975
        bc = 2 * exp((6.5 - Vd) / 27) - ac
    else:
        ac, bc = 2 * exp((6.5 - Vd) / 27), 0.0
    aq, bq = min(0.00002 * Ca, 0.01), 0.001
    m = am / (am + bm)
    I_Na, I_KDR = 30 * m**2 * h * (Vs - 120), 15 * n * (Vs + 15)
    I_Ca, I_KC, I_KAHP = 10 * s**2 * (Vd - 140), 15 * c * min(Ca / 250, 1) * (Vd + 15), 0.8 * q * (Vd + 15)
    soma = -0.1 * Vs - I_Na - I_KDR + 2.1 / p * (Vd - Vs) + (drive - gi * (Vs + 15)) / AREA / p
    dendrite = -0.1 * Vd - I_Ca - I_KAHP - I_KC + 2.1 / (1 - p) * (Vs - Vd) - ge * (Vd - 60) / AREA / (1 - p)
    gates = [a * (1 - x) - b * x for a, b, x in ((ah, bh, h), (an, bn, n), (a_s, bs, s), (ac, bc, c), (aq, bq, q))]
    return [soma / 3, dendrite / 3, *gates, -0.13 * I_Ca - 0.075 * Ca, -ge / 2, -gi / 10]


def hindmarsh_rose(y, drive):
    x, w, z = y
    return [w - x**3 + 3 * x**2 - z + drive, 1 - 5 * x**2 - w, 0.006 * (4 * (x + 1.6) - z)]


def fitzhugh_nagumo(y, drive):
    v, w = y
    return [v - v**3 / 3 - w + drive, 0.08 * (v + 0.7 - 0.8 * w)]


def above(threshold):
    return lambda y, dt: y[0] >= threshold


def rises(threshold):
    return lambda y, dt: y[0] > threshold


CURRENTS = {"I_ex": 1, "I_in": 2}
CONDUCTANCES = {"g_ex": 1, "g_in": 2}
PERFECT = {"fires": above(15), "reset": clear(V=0), "t_ref": 2}
GIF = {"fires": gif_fires, "reset": gif_reset, "t_ref": 4}
MODELS = {
    "if_psc_delta": Neuron("Gerstein and Mandelbrot 1964", perfect_integrator, [0], {"V_m": 0}, **PERFECT),
    "if_psc_exp": Neuron("Gerstner et al. 2014, section 1.3", perfect_integrator_currents, [0, 0, 0], CURRENTS, **PERFECT),
    "leaky_integrator": Neuron("Gerstner et al. 2014, eq. 1.5", passive_membrane, [0], {"V_m": 0}),
    "lif_psc_beta": Neuron("Roth and van Rossum 2009, eq. 6.3-6.6", beta_currents, [-70, 0, 0, 0, 0], {"h_ex": (1, 2), "h_in": (3, 4)},
                           above(-55), clear(V=-70), 2),
    "lif_cond_nmda": Neuron("Jahr and Stevens 1990; Roth and van Rossum 2009", nmda_membrane, [-70, 0, 0, 0, 0],
                            {**CONDUCTANCES, "h_NMDA": (3, 4)}, above(-55), clear(V=-60), 2),
    "lif_syn": Neuron("Jahr and Stevens 1990", fixed_conductances, [-70], {"V_m": 0}, above(-55), clear(V=-60), 2),
    "brunel_wang": Neuron("Brunel and Wang 2001, section 2", brunel_wang, [-70, 0, 0, 0, 0], CONDUCTANCES, above(-50), clear(V=-55, add={4: 1}), 2),
    "lif_homeostatic": Neuron("Lazar et al. 2009, eq. 4", intrinsic_plasticity, [-70, 0, 0, -55], CURRENTS,
                              lambda y, dt: y[0] >= y[3], clear(V=-70, add={3: 0.1}), 2, observed=3),
    "lif_voltage_traces": Neuron("Clopath et al. 2010, Methods", filtered_potentials, [-70.6, 0, 0, -70.6, -70.6], CURRENTS,
                                 above(-50), clear(V=-60), 2, observed=3),
    "eif_psc_exp": Neuron("Fourcaud-Trocme et al. 2003, eq. 1, 9", exponential, [-65, 0, 0], CURRENTS, above(-30), clear(V=-68), 1.7),
    "qif_psc_exp": Neuron("Latham et al. 2000", quadratic, [-70, 0, 0], CURRENTS, above(0), clear(V=-65), 2),
    "izhikevich": Neuron("Izhikevich 2003, eq. 1-3", izhikevich, [-65, -13], {"V_m": 0}, above(30), clear(V=-65, add={1: 8})),
    "izhikevich_2007": Neuron("Izhikevich 2007, eq. 8.5-8.6", izhikevich_2007, [-60, 0, 0, 0], {"I_ex": 2, "I_in": 3}, above(35),
                              clear(V=-50, add={1: 100})),
    "resonate_and_fire": Neuron("Izhikevich 2001, eq. 1-2", resonator, [0, 0], {"x": 0}, lambda y, dt: y[1] >= 1, resonator_reset),
    "alif": Neuron("Bellec et al. 2020, Methods", alif, [0, 0], {"V_m": 0}, lambda y, dt: y[0] >= 10 + 1.6 * y[1], alif_reset, 2, holds=False),
    "mihalas_niebur": Neuron("Mihalas and Niebur 2009, eq. 2.1-2.2", mihalas_niebur, [-70, -50, 0, 0], {"V_m": 0}, lambda y, dt: y[0] >= y[1],
                             mihalas_niebur_reset),
    "gif_psc_exp": Neuron("Pozzorini et al. 2015, eq. 1-4", gif_currents, [-70] + 8 * [0], CURRENTS, **GIF),
    "gif_cond_exp": Neuron("Pozzorini et al. 2015, eq. 1-4", gif_conductances, [-70] + 8 * [0], CONDUCTANCES, **GIF),
    "leaky_memory": Neuron("Spieler et al. 2024, section 2", leaky_memory, [0] * 5, {"s": 0}, observed=2),
    "rate_linear": Neuron("Dayan and Abbott 2001, eq. 7.11", rate(lambda x: 1.5 * (x - 0.05)), [0], {"r": 0}),
    "rate_tanh": Neuron("Sompolinsky et al. 1988, eq. 1", rate(lambda x: tanh(1.5 * (x - 0.05))), [0], {"r": 0}),
    "rate_threshold_linear": Neuron("Dayan and Abbott 2001, eq. 7.9, 7.11", rate(lambda x: min(0.2, max(0, 2 * (x - 0.05)))), [0], {"r": 0}),
    "wilson_cowan": Neuron("Wilson and Cowan 1972, eq. 11, 12, 15", wilson_cowan, [0.1, 0.05], {"E": 0}),
    "hh_wang_buzsaki": Neuron("Wang and Buzsaki 1996", wang_buzsaki, [-64, 0.78, 0.09, 0, 0], {"g_ex": 3, "g_in": 4}, rises(0), counts_rises=True),
    "morris_lecar": Neuron("Morris and Lecar 1981, eq. 1-2, 9", morris_lecar, [-60.9, 0.0149], {"V_m": 0}, rises(0), counts_rises=True),
    "pinsky_rinzel": Neuron("Pinsky and Rinzel 1994, appendix", pinsky_rinzel, [-64.6, -64.5, 0.999, 0.001, 0.009, 0.007, 0.01, 0.2, 0, 0],
                            {"g_ex": 8, "g_in": 9}, rises(-20), counts_rises=True),
    "hindmarsh_rose": Neuron("Hindmarsh and Rose 1984, eq. 3.1-3.3", hindmarsh_rose, [-1.6, -11.8, 0], {"x": 0}, rises(1), counts_rises=True),
    "fitzhugh_nagumo": Neuron("FitzHugh 1961; Nagumo et al. 1962", fitzhugh_nagumo, [-1.1994, -0.6243], {"v": 0}, rises(1), counts_rises=True),
}
