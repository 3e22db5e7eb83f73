"""coba, cuba, brunel or the microcircuit in NEST 3: nest_run.py KIND SECONDS THREADS SEED [SCALE [FILE]], run by a Python that has NEST. FILE receives all spikes
of the microcircuit, by population: times_ms, neurons (from 0), size.

Parameters are those of networks/*.toml. A delay is at least a step (0.1 ms), as there. iaf_cond_exp integrates with adaptive steps: it does more than the
others in coba."""
import json
import os
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import nest  # noqa: E402
from meter import Clock, answer, resident  # noqa: E402
from microcircuit import CELL, DELAYS, SPREAD, Microcircuit  # noqa: E402

kind, seconds, threads, seed = sys.argv[1], float(sys.argv[2]), int(sys.argv[3]), int(sys.argv[4])
nest.set_verbosity("M_ERROR")
nest.ResetKernel()
nest.set(resolution=0.1, local_num_threads=threads, rng_seed=seed, print_time=False)


def vogels_abbott():
    if kind == "coba":
        model, exc, inh = "iaf_cond_exp", 6.0, -67.0
        cell = dict(C_m=200.0, g_L=10.0, E_L=-60.0, E_ex=0.0, E_in=-80.0, I_e=200.0)
    else:  # jumps of 1.62 and -9 mV of the current times the resistance
        model, exc, inh = "iaf_psc_exp", 16.2, -90.0
        cell = dict(C_m=200.0, tau_m=20.0, E_L=-49.0)
    cell.update(V_th=-50.0, V_reset=-60.0, t_ref=5.0, tau_syn_ex=5.0, tau_syn_in=10.0)
    populations = [nest.Create(model, n, params=cell) for n in (3200, 800)]
    everyone = populations[0] + populations[1]
    everyone.V_m = nest.random.uniform(-60.0, -50.0)
    for population, weight in zip(populations, (exc, inh)):
        nest.Connect(population, everyone, {"rule": "pairwise_bernoulli", "p": 0.02}, {"weight": weight, "delay": 0.1})
    return populations, [0.02 * 4000] * 2


def brunel():
    cell = dict(C_m=1.0, tau_m=20.0, t_ref=2.0, E_L=0.0, V_reset=10.0, V_m=0.0, V_th=20.0)
    populations = [nest.Create("iaf_psc_delta", n, params=cell) for n in (10000, 2500)]
    everyone = populations[0] + populations[1]
    drive = nest.Create("poisson_generator", params={"rate": 2.0 * 20.0 / (0.1 * 20.0) * 1000.0})
    nest.Connect(drive, everyone, "all_to_all", {"weight": 0.1, "delay": 1.5})
    for name, population, inputs, weight in (("exc", populations[0], 1000, 0.1), ("inh", populations[1], 250, -0.5)):
        nest.CopyModel("static_synapse_hom_w", name, {"weight": weight})
        nest.Connect(population, everyone, {"rule": "fixed_indegree", "indegree": inputs}, {"synapse_model": name, "delay": 1.5})
    return populations, [1250.0] * 2


def microcircuit(scale):
    net = Microcircuit(scale)
    cells = {}
    for name in net.names:
        cells[name] = nest.Create("iaf_psc_exp", net.sizes[name], params=dict(CELL, I_e=net.current[name]))
        cells[name].V_m = nest.random.normal(*net.initial[name])
        drive = nest.Create("poisson_generator", params={"rate": net.inputs_hz[name]})
        nest.Connect(drive, cells[name], "all_to_all", {"weight": net.weight, "delay": 0.1})
    # A table of connections holds 2^27 of one model and thread: two models keep the full network on two threads possible.
    for letter in "EI":
        nest.CopyModel("static_synapse", letter)
    out = dict.fromkeys(net.names, 0)
    for source, target, synapses, weight in net.projections:
        letter = source[-1]
        low, high = (0.0, 1e9) if weight > 0 else (-1e9, 0.0)
        nest.Connect(cells[source], cells[target], {"rule": "fixed_total_number", "N": synapses},
                     {"synapse_model": letter,
                      "weight": nest.math.redraw(nest.random.normal(weight, SPREAD * abs(weight)), low, high),
                      "delay": nest.math.redraw(nest.random.normal(*DELAYS[letter]), 0.05, 1e9)})
        out[source] += synapses
    return [cells[name] for name in net.names], [out[name] / net.sizes[name] for name in net.names]


before = resident()
with Clock() as build:
    if kind == "brunel":
        populations, out_degrees = brunel()
    elif kind == "microcircuit":
        populations, out_degrees = microcircuit(float(sys.argv[5]))
    elif kind in ("coba", "cuba"):
        populations, out_degrees = vogels_abbott()
    else:
        sys.exit(f"nest_run.py: no network '{kind}' here; expected coba, cuba, brunel or microcircuit")
    counters = [nest.Create("spike_recorder") for _ in populations]
    for population, counter in zip(populations, counters):
        nest.Connect(population, counter)
    nest.Prepare()  # sorts the connections, which is part of building
    nest.Run(0.1)
held = resident() - before
first = [c.n_events for c in counters]
with Clock() as simulate:
    nest.Run(seconds * 1000.0)
spikes = [c.n_events - n for c, n in zip(counters, first)]
nest.Cleanup()
if len(sys.argv) > 6:
    with open(sys.argv[6], "w") as file:
        json.dump({name: dict(size=len(p), times_ms=list(c.events["times"]), neurons=[int(i) - p[0].global_id for i in c.events["senders"]])
                   for name, p, c in zip(Microcircuit(1).names, populations, counters)}, file)
synapses = sum(n * len(p) for n, p in zip(out_degrees, populations))
answer(build.seconds, simulate.seconds, sum(spikes), synapses, sum(s * n for s, n in zip(spikes, out_degrees)), held)
