"""Propagators of neurons with one current, and their derivatives, to 40 digits, for tests/references/propagators.cpp.

dV/dt = -V/tau_m + I/C_m and I after an arriving spike, over one step h, where time constants of the synapse lie at tau_m*(1 +- 10^-k), k = 0..16,
that is, at the doubles nearest to them. Derivatives: central differences of 1e-40 in arithmetic of 130 digits.
Run by hand, result kept in data/propagators.json: python3 tests/references/propagators.py     (Debian: python3-mpmath)
"""
import json
import os

import mpmath as mp

mp.mp.dps = 130
DATA = os.path.join(os.path.dirname(os.path.abspath(__file__)), "data", "propagators.json")
H, C_M, TAU_M = mp.mpf(0.1), 250, 10.0
STEP = mp.mpf(10)**-40


def divided(h, rates):
    """Divided difference of exp(-h*x) over the rates, by the exponential of a bidiagonal matrix; equal rates need no limit."""
    n = len(rates)
    A = mp.matrix(n, n)
    for k, rate in enumerate(rates):
        A[k, k] = -rate
        if k + 1 < n:
            A[k, k + 1] = 1
    return mp.expm(A * h, method="taylor")[0, n - 1]


def peak_factor(rise, decay):
    """c with max over t of c*(difference of exponentials of unit slope) = 1."""
    u = mp.log(decay / rise)
    return mp.exp(u / mp.expm1(u) if u != 0 else mp.mpf(1)) / rise


def exponential(p):
    return divided(H, [1 / p["tau_m"], 1 / p["tau_syn_ex"]]) / p["C_m"]


def alpha(p):
    return mp.e / p["tau_syn_ex"] * divided(H, [1 / p["tau_m"], 1 / p["tau_syn_ex"], 1 / p["tau_syn_ex"]]) / p["C_m"]


def beta(p):
    rise, decay = p["tau_rise_ex"], p["tau_decay_ex"]
    return peak_factor(rise, decay) * divided(H, [1 / p["tau_m"], 1 / decay, 1 / rise]) / p["C_m"]


def beta_current(p):
    rise, decay = p["tau_rise_ex"], p["tau_decay_ex"]
    return peak_factor(rise, decay) * divided(H, [1 / decay, 1 / rise])


def near(k, side, part=1.0):
    """The double at tau_m*(1 + side*part*10^-k); a hundredth of tau_m in place of no time."""
    t = TAU_M * (1 + side * part * 10.0**-k)
    return t if t > 0 else TAU_M * 1e-2


# Model, propagator, its formula, time constants of the synapse for (k, side).
CASES = [
    ("lif_psc_exp", "P(V_m,I_ex)", exponential, lambda k, s: {"tau_syn_ex": near(k, s)}),
    ("lif_psc_alpha", "P(V_m,K_ex)", alpha, lambda k, s: {"tau_syn_ex": near(k, s)}),
    ("lif_psc_beta", "P(V_m,h_ex)", beta, lambda k, s: {"tau_rise_ex": 0.5, "tau_decay_ex": near(k, s)}),
    ("lif_psc_beta", "P(V_m,h_ex)", beta, lambda k, s: {"tau_rise_ex": near(k, s), "tau_decay_ex": 5.0}),
    ("lif_psc_beta", "P(V_m,h_ex)", beta, lambda k, s: {"tau_rise_ex": near(k, -s, 0.5), "tau_decay_ex": near(k, s)}),
    ("lif_psc_beta", "P(I_ex,h_ex)", beta_current, lambda k, s: {"tau_rise_ex": near(k, -s, 0.5), "tau_decay_ex": near(k, s)}),
]


def entry(formula, taus):
    values = {"C_m": float(C_M), "tau_m": TAU_M, **taus}
    exact = {name: mp.mpf(x) for name, x in values.items()}

    def derivative(name):
        up, down = dict(exact), dict(exact)
        up[name] += STEP
        down[name] -= STEP
        return mp.nstr((formula(up) - formula(down)) / (2 * STEP), 20)

    return {"at": values, "value": mp.nstr(formula(exact), 20),
            "slopes": {name: derivative(name) for name in values if name.startswith("tau_rise") or name.startswith("tau_decay") or formula is not beta_current}}


def main():
    result = []
    for model, propagator, formula, taus in CASES:
        entries = [entry(formula, taus(k, side)) for k in range(17) for side in (-1, 1)]
        result.append({"model": model, "propagator": propagator, "entries": entries})
        print(model, propagator, flush=True)
    with open(DATA, "w") as out:
        out.write("[\n" + ",\n".join(json.dumps(case) for case in result) + "\n]\n")


main()
