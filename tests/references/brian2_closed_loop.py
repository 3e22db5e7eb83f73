"""A small balanced network whose excitatory synapses learn, in Brian2, for tests/references/closed_loop_brian2.cpp.

Run by hand (Debian: apt-get install python3-brian), result kept in data/brian2_closed_loop.json:
    python3 tests/references/brian2_closed_loop.py
500 neurons, 5 s, 5 seeds. Connections and first potentials follow from whole numbers alone, so that the test makes the same; weights feed back, so runs
agree to the spike until rounding makes the first difference, and in distribution after it.
"""
import json
import os

import brian2
import numpy as np
from brian2 import Network, NeuronGroup, SpikeMonitor, Synapses, defaultclock, ms, mV, prefs, second

prefs.codegen.target = "numpy"
defaultclock.dt = 0.1 * ms
N, EXC, OUT, SECONDS = 500, 400, 40, 5


def draws(seed, number):
    """Numbers below 2^31 from a linear congruential generator (Knuth's MMIX)."""
    state, out = seed, []
    for _ in range(number):
        state = (state * 6364136223846793005 + 1442695040888963407) % 2**64
        out.append(state >> 33)
    return np.array(out)


def run(seed):
    x = draws(seed, N + N * OUT)
    names = dict(taue=5 * ms, taui=10 * ms, El=-49 * mV, taum=20 * ms, Vt=-50 * mV, Vr=-60 * mV, w_ex=3.24 * mV, w_in=-18 * mV,
                 tau=20 * ms, up=0.005, down=0.00525)
    group = NeuronGroup(N, """dv/dt = (ge+gi-(v-El))/taum : volt (unless refractory)
                              dge/dt = -ge/taue : volt
                              dgi/dt = -gi/taui : volt""", threshold="v>Vt", reset="v=Vr", refractory=5.1 * ms, method="exact", namespace=names)
    group.v = (-60 + 10 * (x[:N] / 2**31)) * mV
    i, j = np.repeat(np.arange(N), OUT), x[N:] % N
    learn = (i < EXC) & (j < EXC)
    learning = Synapses(group, group,
                        """w : 1
                           dapre/dt = -apre/tau : 1 (event-driven)
                           dapost/dt = -apost/tau : 1 (event-driven)""",
                        on_pre="ge += w*w_ex; apre += 1; w = clip(w - down*2*apost, 0, 2)",
                        on_post="apost += 1; w = clip(w + up*2*apre, 0, 2)", delay=1.5 * ms, namespace=names)
    learning.connect(i=i[learn], j=j[learn])
    learning.w = 1
    learning.pre.order, learning.post.order = 0, 1  # at equal time the presynaptic spike first
    exc = Synapses(group, group, on_pre="ge += w_ex", delay=1.5 * ms, namespace=names)
    exc.connect(i=i[(i < EXC) & (j >= EXC)], j=j[(i < EXC) & (j >= EXC)])
    inh = Synapses(group, group, on_pre="gi += w_in", delay=1.5 * ms, namespace=names)
    inh.connect(i=i[i >= EXC], j=j[i >= EXC])
    monitor = SpikeMonitor(group)
    Network(group, learning, exc, inh, monitor).run(SECONDS * second)
    steps, who = np.rint(monitor.t / (0.1 * ms)).astype(int), np.array(monitor.i)
    order = np.lexsort((who, steps))
    w = np.array(learning.w)
    return {"seed": seed, "rate_hz": len(steps) / N / SECONDS, "weight_mean": w.mean(), "weight_sd": w.std(),
            "weight_deciles": np.quantile(w, np.arange(1, 10) / 10).tolist(),
            "first_spikes": [[int(s), int(k)] for s, k in zip(steps[order][:5000], who[order][:5000])]}


here = os.path.dirname(os.path.abspath(__file__))
with open(os.path.join(here, "data", "brian2_closed_loop.json"), "w") as out:
    json.dump({"simulator": "Brian2 " + brian2.__version__, "runs": [run(seed) for seed in range(1, 6)]}, out)
