"""One trace a library neuron, made by another simulator, for tests/references/neurons.cpp.

Run by hand, result kept in data/neurons.json:
    python3 tests/references/neurons.py brian2 [NAME ...]     (Debian: apt-get install python3-brian)
    python3 tests/references/neurons.py nest [NAME ...]       (pip install nest-simulator)
The neurons whose file names a NEST model go to NEST, which has equations of its own; the others run the file's own text in
Brian2, whose parser and integrators are its own. Linear neurons run on the same grid (0.1 ms, exact propagators), the others at
a fine step to which ours must converge. A new file needs no new code here: run the script with its name.
The discrete_ maps have no equations in time: neurons.cpp compares them with their recursion.
"""
import json
import os
import re
import sys
import tomllib

import numpy as np

HERE = os.path.dirname(os.path.abspath(__file__))
LIBRARY = os.path.join(HERE, "..", "..", "callosum", "library", "neurons")
DATA = os.path.join(HERE, "data", "neurons.json")
TOTAL, ON, OFF = 150.0, 20.0, 120.0  # ms
SAMPLE = 0.5  # ms
FINE = 0.005  # ms
EXC = [5.0, 10.0, 30.3, 45.0, 70.0, 130.0]  # when the jump stands, ms
INH = [60.0, 61.7, 100.2]
OTHER = [15.0, 52.5, 90.0]  # on further targets
UNIT = {"volt": "mV", "amp": "pA", "siemens": "nS", "1": "1", "volt/second": "mV/ms", "Hz": "1/ms"}
WEIGHT = {"volt": 1.5, "amp": 80.0, "siemens": 3.0, "1": 0.05}
AMPLITUDES = {"amp": [50 * 1.3**k for k in range(24)], "1": [0.2 * 1.3**k for k in range(16)]}

# Where NEST's model is not the same system: it holds spike-triggered currents over a step (gif), has other rate units,
# integrates Izhikevich by Euler, sums NMDA at the receiver, or the shipped file is its own variant.
NOT_NEST = {"gif_psc_exp", "gif_cond_exp", "izhikevich", "brunel_wang", "rate_linear", "rate_tanh", "rate_threshold_linear"}
# What a default of zero would leave out of the comparison, and the soft threshold made hard, so that chance does not decide.
GIF = {"Delta_V": "1e-6 mV", "q_stc_1": "40 pA", "q_stc_2": "20 pA", "q_stc_3": "-5 pA", "q_sfa_1": "3 mV"}
OVERRIDES = {
    "gif_psc_exp": GIF,
    "gif_cond_exp": GIF,
    "mihalas_niebur": {"a": "5 1/s", "R_1": 0.2, "A_1": "500 pA", "A_2": "-60 pA"},
    "brunel_wang": {"g_NMDA": "4 nS"},
    "lif_syn": {"g_AMPA": "1 nS", "g_NMDA": "3 nS", "g_GABA_A": "2 nS", "g_GABA_B": "1 nS"},
    "rate_linear": {"gain": 1.5, "theta": 0.05},
    "rate_tanh": {"gain": 1.5, "theta": 0.05},
    "rate_threshold_linear": {"gain": 2, "theta": 0.05, "r_max": 0.2},
}
# The first state of leaky_memory is a bare exponential; of the others, what sets them apart.
OBSERVED = {"leaky_memory": "m_2", "lif_homeostatic": "theta", "lif_voltage_traces": "u_minus"}


# Brian2's exact updater does not come to an end with the five states of the second; the first has no leak.
NOT_INVERTED = {"lif_homeostatic", "lif_voltage_traces"}


class Neuron:
    def __init__(self, name):
        self.name = name
        self.scale = 1.0
        with open(os.path.join(LIBRARY, name + ".toml"), "rb") as f:
            self.file = tomllib.load(f)
        lines, line = [], ""
        for part in self.file["equations"].strip().splitlines():
            line += " " + part.strip()
            if " : " in line:
                lines.append(line.strip())
                line = ""
        self.lines = lines
        self.states = [re.match(r"d(\w+)/dt", s).group(1) for s in lines if re.match(r"d\w+/dt", s)]
        self.unit = {re.match(r"(?:d(\w+)/dt|(\w+))", s).group(1) or s.split()[0]: s.split(" : ")[1].split("(")[0].strip()
                     for s in lines}
        self.parameters = {k: v["value"] if isinstance(v, dict) else v for k, v in self.file["parameters"].items()}
        self.parameters.update(OVERRIDES.get(name, {}))
        self.drive = next(p for p in ("I_e", "I", "P") if p in self.parameters)
        reset = self.file.get("reset", "")
        # Spikes arrive on what decays by itself and no reset writes; else on the first state.
        targets = [s for s in self.states
                   if any(re.match(rf"d{s}/dt = -{s}/\w+ : (siemens|amp)$", line) for line in lines)
                   and not re.search(rf"\b{s}\b\s*[-+*/]?=", reset)]
        if "h_NMDA" in targets:
            targets.append(targets.pop(targets.index("h_NMDA")))
        self.targets = targets or [self.states[0]]
        self.observed = OBSERVED.get(name) or ("V_m" if "V_m" in self.states else self.states[0])

    def drive_unit(self):
        return "amp" if isinstance(self.parameters[self.drive], str) else "1"

    def arrivals(self):
        """[target, weight in internal units, times]"""
        exc = self.targets[0]
        inh = self.targets[1] if len(self.targets) > 1 else exc
        w = WEIGHT[self.unit[exc]] * self.scale
        conductance = self.unit[exc] == "siemens"
        return [[exc, w, EXC], [inh, w if conductance else -w, INH]] + [[other, w, OTHER] for other in self.targets[2:]]


def internal(value):
    """A quantity of a model file in ms, mV, pA, nS, pF."""
    if not isinstance(value, str) or " " not in value:
        return float(value)
    number, unit = value.split(" ", 1)
    scale = {"pF": 1, "nS": 1, "mV": 1, "ms": 1, "pA": 1, "1/ms": 1, "1/s": 1e-3, "Hz": 1e-3, "nS/mV": 1, "mV/ms": 1,
             "mM": 1e-3, "1/fC": 1, "kHz": 1}[unit]
    return float(number) * scale


# --- NEST ------------------------------------------------------------------------------------------------------------


def nest_parameters(neuron, model):
    """Ours -> NEST's name, by the name itself or an alias of the file."""
    import nest
    known = nest.GetDefaults(model)
    names = {}
    for p, v in neuron.file["parameters"].items():
        for candidate in [p] + (v.get("aliases", []) if isinstance(v, dict) else []):
            if candidate in known:
                names[p] = candidate
                break
    return names


def run_nest(neuron, dt, amplitudes):
    import nest
    model = neuron.file["aliases"]["nest"]
    nest.ResetKernel()
    nest.set_verbosity("M_ERROR")
    nest.resolution = dt
    names = nest_parameters(neuron, model)
    values = {names[p]: internal(v) for p, v in neuron.parameters.items() if p in names}
    cells = nest.Create(model, len(amplitudes), params=values)
    for state in neuron.states:
        start = neuron.file.get("initial", {}).get(state)
        value = internal(neuron.parameters.get(start, start)) if start is not None else 0.0
        name = {"m": "Act_m", "n": "Act_n", "h": "Inact_h"}.get(state, state)
        if name == "V_m" or name in ("Act_m", "Act_n", "Inact_h"):
            cells.set({name: float(value)})
    for k, a in enumerate(amplitudes):
        # The generator's current arrives one step after it is asked for.
        on = nest.Create("step_current_generator",
                         params={"amplitude_times": [round(ON - dt, 6), round(OFF - dt, 6)], "amplitude_values": [a, 0.0]})
        nest.Connect(on, cells[k], syn_spec={"delay": dt})
    for target, weight, times in neuron.arrivals():
        source = nest.Create("spike_generator", params={"spike_times": [round(t - 1.0, 6) for t in times]})
        sign = -1 if target.endswith("_in") and weight > 0 else 1
        nest.Connect(source, cells, syn_spec={"weight": sign * weight, "delay": 1.0})
    recorder = nest.Create("spike_recorder")
    nest.Connect(cells, recorder, syn_spec={"delay": dt})
    meter = nest.Create("multimeter", params={"record_from": ["V_m"], "interval": SAMPLE})
    nest.Connect(meter, cells, syn_spec={"delay": dt})
    nest.Simulate(TOTAL)
    first = cells[0].global_id
    spikes = [[] for _ in amplitudes]
    for s, t in zip(recorder.events["senders"], recorder.events["times"]):
        spikes[s - first].append(round(float(t), 6))
    V = [[] for _ in amplitudes]
    for s, t, v in zip(meter.events["senders"], meter.events["times"], meter.events["V_m"]):
        V[s - first].append(float(v))
    return V, spikes, round(float(meter.events["times"][0]), 6), "NEST " + nest.__version__ + " " + model


# --- Brian2 ----------------------------------------------------------------------------------------------------------


def run_brian2(neuron, dt, amplitudes, exact):
    import brian2 as b
    from brian2.units import allunits
    b.prefs.codegen.target = "numpy"
    b.defaultclock.dt = dt * b.ms
    b.seed(1)

    def least(x, y):
        return np.minimum(x, y)

    def most(x, y):
        return np.maximum(x, y)

    functions = {}
    for name, f in (("minimum", least), ("maximum", most)):
        functions[name] = b.Function(f, arg_names=["x", "y"], arg_units=[None, None], arg_types=["any", "any"],
                                     return_unit=lambda x, y: x, return_type="float")
        functions[name].implementations.add_numpy_implementation(wrapped_func=f, discard_units=True)

    units = {k: getattr(allunits, k) for k in dir(allunits) if not k.startswith("_")}

    def quantity(v):
        if not isinstance(v, str):
            return float(v)
        number, unit = v.split(" ", 1)
        return float(number) * eval(unit.replace("1/fC", "1/(fC)"), {"fC": units["fcoulomb"], "mM": units["mmolar"], "s": b.second, **units, **vars(b)})

    def renamed(text):
        return re.sub(r"\blambda\b", "lambda_", text)

    values = {k: quantity(v) for k, v in neuron.parameters.items()}
    namespace = {k: v for k, v in values.items() if k != neuron.drive}
    namespace["mM"] = units["mmolar"]
    namespace.update({k: f for k, f in functions.items() if k + "(" in str(neuron.file)})
    unit = neuron.drive_unit()
    equations = "\n".join(renamed(line) for line in neuron.lines)
    equations += f"\n{neuron.drive} = offset + step*int(t >= {ON}*ms - dt/4)*int(t < {OFF}*ms - dt/4) : {unit} (constant over dt)"
    equations += f"\nstep : {unit} (constant)\noffset : {unit} (constant)"
    keywords = {}
    if "threshold" in neuron.file:
        keywords["threshold"] = renamed(neuron.file["threshold"])
        keywords["reset"] = neuron.file.get("reset", "").strip() or None
        if keywords["reset"]:
            keywords["reset"] = "\n".join(s.strip() for line in keywords["reset"].splitlines() for s in line.split(";"))
        refractory = neuron.file.get("refractory", "")
        if refractory in values:
            # Ours holds round(t_ref/dt) whole steps after the step of the spike, Brian2 one fewer.
            keywords["refractory"] = values[refractory] + b.defaultclock.dt
        elif refractory:
            keywords["refractory"] = refractory
    # Brian2's exact updater cannot invert the matrix of a neuron without leak; at this step rk4 errs by 1e-8.
    method = "exact" if exact and not neuron.name.startswith("if_") and neuron.name not in NOT_INVERTED else "rk4"
    cells = b.NeuronGroup(len(amplitudes), equations, method=method, namespace=namespace, **keywords)
    cells.step = np.array(amplitudes) * (1 if unit == "1" else b.pA)
    cells.offset = values[neuron.drive]
    for state, start in neuron.file.get("initial", {}).items():
        v = values.get(start)
        if v is None:
            v = quantity(start) if " " in str(start) else float(start)
        setattr(cells, state, v)
    objects = [cells]
    for target, weight, times in neuron.arrivals():
        # A spike of step n acts at the end of that step, (n + 1) dt.
        source = b.SpikeGeneratorGroup(1, [0] * len(times), (np.array(times) - dt) * b.ms)
        scale = {"volt": b.mV, "amp": b.pA, "siemens": b.nS, "1": 1}[neuron.unit[target]]
        synapse = b.Synapses(source, cells, on_pre=f"{target}_post += jump", namespace={"jump": weight * scale})
        synapse.connect()
        objects += [source, synapse]
    monitor = b.StateMonitor(cells, neuron.observed, record=True, dt=SAMPLE * b.ms)
    objects.append(monitor)
    if "threshold" in neuron.file:
        spikes = b.SpikeMonitor(cells)
        objects.append(spikes)
    b.Network(objects).run(TOTAL * b.ms, namespace={})
    scale = {"volt": b.mV, "amp": b.pA, "1": 1}[neuron.unit[neuron.observed]]
    V = np.asarray(getattr(monitor, neuron.observed) / scale).tolist()
    trains = [[] for _ in amplitudes]
    if "threshold" in neuron.file:
        for i, t in zip(spikes.i, spikes.t / b.ms):
            trains[i].append(round(float(t) + dt, 6))  # the end of the step, as we stamp it
    return V, trains, 0.0, "Brian2 " + b.__version__ + ", the file's text"


def exact_by_us(neuron):
    """Whether our analysis integrates all states exactly: then no convergence is to be measured."""
    return neuron.name in {"alif", "gif_psc_exp", "if_psc_exp", "leaky_integrator", "lif_homeostatic", "lif_voltage_traces", "lif_psc_alpha", "lif_psc_beta", "lif_psc_delta",
                           "lif_psc_exp", "mat2", "mihalas_niebur", "rate_linear", "rate_tanh", "rate_threshold_linear", "resonate_and_fire"} or \
        ("_psc_" in neuron.name and neuron.name.startswith(("if_", "lif_")))


def reference(neuron, simulator):
    exact = exact_by_us(neuron)
    dt = 0.1 if exact else FINE
    run = (lambda step, a: run_nest(neuron, step, a)) if simulator == "nest" else \
        (lambda step, a: run_brian2(neuron, step, a, exact))
    candidates = AMPLITUDES[neuron.drive_unit()]
    V, spikes, first, by = run(0.1 if exact else 0.02, candidates)
    finite = [k for k in range(len(candidates)) if np.all(np.isfinite(V[k]))]
    busy = [k for k in finite if len(spikes[k]) >= 5]
    k = busy[min(2, len(busy) - 1)] if busy else max(finite, key=lambda j: (len(spikes[j]), -j))
    if not any(len(s) for s in spikes):
        k = 0
    V, spikes, first, by = run(dt, [candidates[k]])
    # Where an arrival itself crosses the threshold ours fires at its time and Brian2 a step later: not what is compared here.
    late = {round(t + dt, 6) for t in EXC}
    for _ in range(6):
        if simulator == "brian2" and neuron.observed in neuron.targets and late & set(spikes[0]):
            neuron.scale *= 0.6
            V, spikes, first, by = run(dt, [candidates[k]])
    return {"by": by, "dt_ms": dt, "exact": exact, "variable": neuron.observed, "sample_ms": SAMPLE, "first_ms": first,
            "drive": neuron.drive, "amplitude": candidates[k], "on_ms": ON, "off_ms": OFF,
            "arrivals": [{"target": t, "weight": w, "times": ts} for t, w, ts in neuron.arrivals()],
            "parameters": {k: internal(v) for k, v in OVERRIDES.get(neuron.name, {}).items()},
            "spikes_at_maximum": simulator == "nest" and neuron.name.startswith("hh_"),
            "spikes": spikes[0], "values": [float(f"{v:.12g}") for v in V[0]]}


def main():
    simulator, wanted = sys.argv[1], sys.argv[2:]
    result = json.load(open(DATA)) if os.path.exists(DATA) else {}
    for file in sorted(os.listdir(LIBRARY)):
        name = file.removesuffix(".toml")
        if wanted and name not in wanted:
            continue
        neuron = Neuron(name)
        by_nest = "nest" in neuron.file.get("aliases", {}) and name not in NOT_NEST
        if by_nest != (simulator == "nest"):
            continue
        try:
            result[name] = reference(neuron, simulator)
            r = result[name]
            print(f"{name}: {r['by']}, {r['drive']} = {r['amplitude']:.4g}, {len(r['spikes'])} spikes", file=sys.stderr)
        except Exception as error:  # one neuron that fails must not lose the others
            print(f"{name}: {type(error).__name__}: {str(error.__cause__ or error)[:600]}", file=sys.stderr)
    with open(DATA, "w") as out:
        out.write("{\n" + ",\n".join(f'"{k}": {json.dumps(v)}' for k, v in sorted(result.items())) + "\n}\n")


main()
