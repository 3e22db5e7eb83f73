"""cuba or brunel in GeNN 5 on one thread of the CPU, single precision: genn_run.py KIND SECONDS THREADS SEED, run by a Python that has pygenn.

Neurons are those of networks/*.toml with exact steps of the membrane; the synaptic current of cuba is held over the step."""
import math
import os
import sys
import tempfile

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from meter import Clock, answer, resident  # noqa: E402
from pygenn import (GeNNModel, create_current_source_model, create_neuron_model, init_postsynaptic,  # noqa: E402
                    init_sparse_connectivity, init_var, init_weight_update)

kind, seconds, seed = sys.argv[1], float(sys.argv[2]), int(sys.argv[4])
if kind not in ("cuba", "brunel"):
    sys.exit(f"genn_run.py: no network '{kind}' here; expected cuba or brunel")
os.chdir(tempfile.mkdtemp(prefix="genn"))
DT = 0.1
model = GeNNModel("float", kind, backend="single_threaded_cpu")
model.dt, model.seed = DT, seed
model.fuse_postsynaptic_models = model.default_narrow_sparse_ind_enabled = True
step = "V = A*(V - E_L) + E_L + Isyn;" if kind == "brunel" else "V = E_L + Isyn + A*(V - E_L - Isyn);"
cell = create_neuron_model("cell", params=["A", "E_L", "V_th", "V_reset", "t_ref"], vars=[("V", "scalar"), ("rest", "scalar")],
                           sim_code="if (rest > 0.0) { rest -= dt; } else { " + step + " }",
                           threshold_condition_code="rest <= 0.0 && V >= V_th", reset_code="V = V_reset; rest = t_ref;")
decay = math.exp(-DT / 20)
if kind == "cuba":
    sizes, probability, delay = (3200, 800), 0.02, 0
    parameters = dict(A=decay, E_L=-49.0, V_th=-50.0, V_reset=-60.0, t_ref=5.0)
    initial = {"V": init_var("Uniform", {"min": -60.0, "max": -50.0}), "rest": 0.0}
    # ExpCurr scales a jump by the mean of its decay over a step.
    weights = [jump * DT / tau / (1 - math.exp(-DT / tau)) for jump, tau in ((1.62, 5.0), (-9.0, 10.0))]
    synapses = [init_postsynaptic("ExpCurr", {"tau": tau}) for tau in (5.0, 10.0)]
else:
    sizes, probability, delay = (10000, 2500), 0.1, 14
    parameters = dict(A=decay, E_L=0.0, V_th=20.0, V_reset=10.0, t_ref=2.0)
    initial = {"V": 0.0, "rest": 0.0}
    weights = [0.1, -0.5]
    synapses = [init_postsynaptic("DeltaCurr")] * 2
neurons = sum(sizes)
before = resident()
populations = [model.add_neuron_population(name, size, cell, parameters, initial) for name, size in zip(("exc", "inh"), sizes)]
for source, weight, synapse in zip(populations, weights, synapses):
    for target in populations:
        projection = model.add_synapse_population(source.name + "_" + target.name, "SPARSE", source, target,
                                                  init_weight_update("StaticPulseConstantWeight", {"g": weight}), synapse,
                                                  init_sparse_connectivity("FixedProbability", {"prob": probability}))
        projection.axonal_delay_steps = delay
if kind == "brunel":  # Knuth's count of a Poisson variable of mean 2
    poisson = create_current_source_model("poisson", params=["w", "limit"], injection_code=(
        "scalar p = 1.0; int k = 0; do { k++; p *= gennrand_uniform(); } while (p > limit); injectCurrent(w*(k - 1));"))
    for population in populations:
        model.add_current_source("drive_" + population.name, poisson, population, dict(w=0.1, limit=math.exp(-2.0)), {})
for population in populations:
    population.spike_recording_enabled = True
model.build()
steps = round(seconds * 1000 / DT)
with Clock() as build:
    model.load(num_recording_timesteps=steps)
held = resident() - before
with Clock() as simulate:
    for _ in range(steps):
        model.step_time()
model.pull_recording_buffers_from_device()
spikes = sum(len(population.spike_recording_data[0][0]) for population in populations)
number = probability * neurons * neurons
answer(build.seconds, simulate.seconds, spikes, number, spikes * number / neurons, held)
