"""Rates and interval CVs of coba, cuba and brunel in Brian2, for tests/references/networks_brian2.cpp.

Run by hand (Debian: apt-get install python3-brian), result kept in data/brian2_networks.json:
    python3 tests/references/brian2_networks.py
The whole run counts, start included. CV: mean over neurons with at least 5 spikes, standard deviation over n.
"""
import json
import os
import sys

import numpy as np
from brian2 import Network, defaultclock, ms, second, seed
import brian2

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "..", "..", "bench"))
import brian2_models  # noqa: E402

SEEDS = [int(s) for s in os.environ.get("SEEDS", "1 2 3 4 5").split()]
SECONDS = {"coba": 2, "cuba": 2, "brunel": 1}


def summary(monitor, first, last, seconds):
    i, t = np.asarray(monitor.i), np.asarray(monitor.t / ms)
    keep = (i >= first) & (i < last)
    order = np.lexsort((t[keep], i[keep]))
    i, t = i[keep][order], t[keep][order]
    trains = np.split(t, np.flatnonzero(np.diff(i)) + 1)
    cvs = [np.diff(x).std() / np.diff(x).mean() for x in trains if len(x) >= 5]
    return {"rate_hz": len(t) / (last - first) / seconds, "cv_isi": float(np.mean(cvs)) if cvs else None}


result = {"simulator": "Brian2 " + brian2.__version__, "dt_ms": 0.1, "networks": {}}
for kind, seconds in SECONDS.items():
    rows = []
    for s in SEEDS:
        defaultclock.dt = 0.1 * ms
        seed(s)
        objects, monitor = brian2_models.build(kind)
        Network(objects).run(seconds * second)
        n_exc, n_inh = brian2_models.SIZES[kind]
        rows.append({"seed": s, "populations": {"exc": summary(monitor, 0, n_exc, seconds),
                                                "inh": summary(monitor, n_exc, n_exc + n_inh, seconds)}})
        print(kind, rows[-1], file=sys.stderr)
    result["networks"][kind] = {"seconds": seconds, "runs": rows}
with open(os.path.join(HERE, "data", "brian2_networks.json"), "w") as out:
    json.dump(result, out, indent=1)
