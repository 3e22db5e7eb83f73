"""Smooth neurons of the library, written again from the papers' own equations and units and integrated adaptively, against data/neurons.json.

The traces there were made by Brian2 from the text of the library's files: a slip in a file would be in both. What stands here does not read those
files: densities per cm2, potentials as the papers count them, quotients with their removable holes.
Run by hand: python3 tests/references/independent.py     (Debian: python3-scipy); exit status 1 when one differs by more than 1e-5 of its range, the error of the traces (fourth order, 5 us).
"""
import json
import os
import sys

import numpy as np
from numpy import cosh, exp, tanh
from scipy.integrate import solve_ivp

DATA = os.path.join(os.path.dirname(os.path.abspath(__file__)), "data", "neurons.json")
AREA = 100.0  # pA for 1 uA/cm2 on 1e-4 cm2, nS for 0.01 mS/cm2


def wang_buzsaki(t, y, drive):
    """Wang and Buzsaki 1996, 'Model neuron': C = 1 uF/cm2, mS/cm2."""
    V, h, n, ge, gi = y
    am, bm = -0.1 * (V + 35) / (exp(-0.1 * (V + 35)) - 1), 4 * exp(-(V + 60) / 18)
    ah, bh = 0.07 * exp(-(V + 58) / 20), 1 / (exp(-0.1 * (V + 28)) + 1)
    an, bn = -0.01 * (V + 34) / (exp(-0.1 * (V + 34)) - 1), 0.125 * exp(-(V + 44) / 80)
    m = am / (am + bm)
    I_Na, I_K, I_L = 35 * m**3 * h * (V - 55), 9 * n**4 * (V + 90), 0.1 * (V + 65)
    I_syn = ge / AREA * V + gi / AREA * (V + 75)
    return [-I_Na - I_K - I_L - I_syn + drive / AREA, 5 * (ah * (1 - h) - bh * h), 5 * (an * (1 - n) - bn * n), -ge / 2, -gi / 10]


def morris_lecar(t, y, drive):
    """Morris and Lecar 1981, eq. 1-2, 9; Rinzel and Ermentrout's parameters for the Hopf bifurcation."""
    V, w = y
    m, w_inf, tau_w = (1 + tanh((V + 1.2) / 18)) / 2, (1 + tanh((V - 2) / 30)) / 2, 1 / cosh((V - 2) / 60)
    return [(drive - 4.4 * m * (V - 120) - 8 * w * (V + 84) - 2 * (V + 60)) / 20, 0.04 * (w_inf - w) / tau_w]


def pinsky_rinzel(t, y, drive):
    """Pinsky and Rinzel 1994, appendix, potentials from rest; C = 3 uF/cm2, p = 0.5."""
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


def hindmarsh_rose(t, y, drive):
    """Hindmarsh and Rose 1984, eq. 3.1-3.3."""
    x, w, z = y
    return [w - x**3 + 3 * x**2 - z + drive, 1 - 5 * x**2 - w, 0.006 * (4 * (x + 1.6) - z)]


def fitzhugh_nagumo(t, y, drive):
    """FitzHugh 1961 with the sign and offset of Nagumo et al."""
    v, w = y
    return [v - v**3 / 3 - w + drive, 0.08 * (v + 0.7 - 0.8 * w)]


def sigmoid(x, a, theta):
    """Wilson and Cowan 1972, eq. 15."""
    return 1 / (1 + exp(-a * (x - theta))) - 1 / (1 + exp(a * theta))


def wilson_cowan(t, y, drive):
    """Wilson and Cowan 1972, eq. 11-12, figure 11; tau 10 ms; k is the sigmoid's maximum."""
    E, I = y
    k_e, k_i = 1 - 1 / (1 + exp(1.3 * 4)), 1 - 1 / (1 + exp(2 * 3.7))
    S_e, S_i = sigmoid(16 * E - 12 * I + 1.25 + drive, 1.3, 4), sigmoid(15 * E - 3 * I, 2, 3.7)
    return [(-E + (k_e - E) * S_e) / 10, (-I + (k_i - I) * S_i) / 10]


# Right side, initial state, index of each target of arrivals.
MODELS = {
    "hh_wang_buzsaki": (wang_buzsaki, [-64, 0.78, 0.09, 0, 0], {"g_ex": 3, "g_in": 4}),
    "morris_lecar": (morris_lecar, [-60.9, 0.0149], {"V_m": 0}),
    "pinsky_rinzel": (pinsky_rinzel, [-64.6, -64.5, 0.999, 0.001, 0.009, 0.007, 0.01, 0.2, 0, 0], {"g_ex": 8, "g_in": 9}),
    "hindmarsh_rose": (hindmarsh_rose, [-1.6, -11.8, 0], {"x": 0}),
    "fitzhugh_nagumo": (fitzhugh_nagumo, [-1.1994, -0.6243], {"v": 0}),
    "wilson_cowan": (wilson_cowan, [0.1, 0.05], {"E": 0}),
}


def trace(name, r):
    """The first state at the reference's times; a jump stands at its own time."""
    right, start, index = MODELS[name]
    jumps = sorted((t, index[a["target"]], a["weight"]) for a in r["arrivals"] for t in a["times"])
    samples = r["first_ms"] + r["sample_ms"] * np.arange(len(r["values"]))
    edges = sorted({0.0, r["on_ms"], r["off_ms"], *(t for t, _, _ in jumps), samples[-1]})
    y, out = np.array(start, float), np.full(len(samples), np.nan)
    for begin, end in zip(edges, edges[1:]):
        for t, i, w in jumps:
            if t == begin:
                y[i] += w
        drive = r["amplitude"] if r["on_ms"] <= begin < r["off_ms"] else 0.0
        at = (samples >= begin) & (samples <= end)
        grid = np.unique(np.concatenate([samples[at], [end]]))
        run = solve_ivp(right, (begin, end), y, "DOP853", grid, args=(drive,), rtol=1e-12, atol=1e-12, max_step=0.05)
        out[at] = run.y[0][np.isin(grid, samples[at])]
        y = run.y[:, -1]
    return out


def main():
    with open(DATA) as file:
        references = json.load(file)
    worst = 0
    for name in MODELS:
        r = references[name]
        expected = np.array(r["values"])
        difference = np.max(np.abs(trace(name, r) - expected)) / np.ptp(expected)
        print(f"{name}: {difference:.1e} of the range, {len(r['spikes'])} spikes")
        worst = max(worst, difference)
    sys.exit(int(worst > 1e-5))


main()
