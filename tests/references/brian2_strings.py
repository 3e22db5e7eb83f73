"""Model strings of Brian2's examples and documentation, for tests/references/brian2_strings.cpp.

Run by hand, with a copy of the repository brian-team/brian2 and Brian2 itself (Debian: apt-get install python3-brian):
    python3 tests/references/brian2_strings.py TREE > tests/references/data/brian2_strings.toml
Every script, notebook and code block of TREE runs in a process of its own with `run` replaced: what it has built by then is looked
at instead: equations, threshold, reset, refractory, on_pre, on_post as written (comments and indentation gone), the values of
the names they use, the state of the middle neuron. Where chance has no part, Brian2 then runs one such neuron for 200 steps and the
end is kept. Values that a text leaves open are in OPEN. The line `error = ...` of a case that cannot run is put in by hand.
"""
import json
import os
import re
import subprocess
import sys
import warnings

warnings.filterwarnings("ignore")
os.environ["MPLBACKEND"] = "Agg"
import brian2 as b  # noqa: E402
import brian2.units.allunits as allunits  # noqa: E402
import brian2.units.stdunits as stdunits  # noqa: E402
import numpy as np  # noqa: E402
from brian2.spatialneuron.spatialneuron import SpatialNeuron  # noqa: E402
from brian2.units.fundamentalunits import get_or_create_dimension  # noqa: E402
from brian2.utils.stringtools import get_identifiers  # noqa: E402

b.prefs.codegen.target = "numpy"
UNITS = set(dir(allunits)) | set(dir(stdunits))
KNOWN = set("exp log log10 log1p expm1 exprel sqrt abs sign floor ceil sin cos tan sinh cosh tanh arcsin arccos arctan clip int rand "
            "randn poisson timestep t dt i j N N_pre N_post xi lastspike not_refractory and or not True False pi e inf "
            "t_in_timesteps".split())
OPEN = {"Cm": 200 * b.pF, "E_L": -70 * b.mV, "g_L": 10 * b.nS, "sigma": 1 * b.mV, "noise_strength": 1 * b.mV}
DOCS = ["user", "introduction", "advanced"]
SKIP = ("Graupner", "Destexhe", "Diehl", "multiprocessing")  # cannot be built without running, or need other packages
STEPS = 200
# Brian2 takes what is not linear for linear in its own state.
NOT_LINEAR = ("Morris_Lecar", "Wang_Buszaki")


# --- what one file builds ----------------------------------------------------------------------------------------------


def number(value):
    """{"si", "dims"} of one number, or None."""
    if isinstance(value, (bool, np.bool_)):
        return {"bool": bool(value)}
    q = b.Quantity(value)
    if q.size != 1:
        return None
    return {"si": float(np.asarray(q).reshape(-1)[0]), "dims": [float(d) for d in b.get_dimensions(q)._dims]}


def plain(text):
    """Without comments and blank lines, the common indent away."""
    lines = [re.sub(r"#.*", "", line).rstrip() for line in text.expandtabs().split("\n")]
    lines = [line for line in lines if line.strip()]
    if not lines:
        return ""
    indent = min(len(line) - len(line.lstrip()) for line in lines[1:] or lines)
    return "\n".join(line[min(indent, len(line) - len(line.lstrip())):] for line in lines)


class Catcher:
    """Notes what is built, with the strings as they were written."""

    def __init__(self, path, tree):
        self.path, self.tree = path, tree
        self.built, self.done, self.written = [], set(), {}
        catcher = self
        equations, add = b.Equations.__init__, b.Equations.__add__
        neurons, spatial, synapses = b.NeuronGroup.__init__, SpatialNeuron.__init__, b.Synapses.__init__

        def new_equations(self, text, **names):
            equations(self, text, **names)
            if isinstance(text, str) and not names:
                catcher.written[id(self)] = (text, self)

        def sum_of_equations(self, other):
            result = add(self, other)
            parts = [catcher.text(self), catcher.text(other)]
            if None not in parts:
                catcher.written[id(result)] = ("\n".join(parts), result)
            return result

        def new_neurons(self, N, model, *arguments, **given):
            neurons(self, N, model, *arguments, **given)
            names = ["method", "threshold", "reset", "refractory", "events", "namespace"]
            catcher.built.append(("neuron", self, model, {**dict(zip(names, arguments)), **given}))

        def new_spatial(self, *arguments, **given):
            spatial(self, *arguments, **given)
            given = {**dict(zip(["morphology", "model"], arguments)), **given}
            catcher.built[:] = [item for item in catcher.built if item[1] is not self]
            catcher.built.append(("spatial", self, given.get("model"), given))

        def new_synapses(self, source, target=None, model=None, on_pre=None, *arguments, **given):
            if on_pre is not None:
                given["on_pre"] = on_pre
            synapses(self, source, target, model, *([] if "on_pre" in given else [None]), *arguments, **given)
            catcher.built.append(("synapse", self, model, {**dict(zip(["on_post"], arguments)), **given}))

        b.Equations.__init__, b.Equations.__add__ = new_equations, sum_of_equations
        b.NeuronGroup.__init__, SpatialNeuron.__init__, b.Synapses.__init__ = new_neurons, new_spatial, new_synapses
        b.set_device = lambda *a, **k: None
        b.device.reinit = b.device.activate = b.device.build = lambda *a, **k: None
        b.run = b.Network.run = b.core.network.Network.run = lambda *a, **k: catcher.look(catcher.frame())

    def text(self, model):
        if model is None or isinstance(model, str):
            return model or ""
        return self.written.get(id(model), (None,))[0]

    def frame(self):
        frame = sys._getframe(1)
        while frame and frame.f_code.co_filename != self.path:
            frame = frame.f_back
        return {**frame.f_globals, **frame.f_locals}

    def look(self, namespace):
        for kind, group, model, given in self.built:
            text = self.text(model)
            if id(group) in self.done or text is None:
                continue
            self.done.add(id(group))
            try:
                print("@@" + json.dumps(self.case(kind, group, text, given, namespace)), flush=True)
            except Exception as error:
                print(self.path, repr(error), file=sys.stderr)

    def case(self, kind, group, text, given, namespace):
        case = {"kind": kind, "file": os.path.relpath(self.path, self.tree), "equations": plain(text), "group": group.name}
        for key in ("threshold", "reset", "refractory", "on_pre", "on_post"):
            value = given.get(key)
            if isinstance(value, str):
                case[key] = plain(value)
            elif isinstance(value, dict):
                case[key] = {name: plain(str(x)) for name, x in value.items()}
            elif value is not None and value is not False:
                case[key] = number(value)
        case["method"] = given.get("method") if isinstance(given.get("method"), str) else None
        case["dt"] = float(group.clock.dt_) if kind != "synapse" else float(b.defaultclock.dt_)
        case["events"] = {name: [plain(str(condition)), plain(group.event_codes.get(name, ""))]
                          for name, condition in (given.get("events") or {}).items() if name != "spike"}
        written = b.Equations(text) if kind == "synapse" and text.strip() else group.equations
        names = set()
        for line in written.values():
            if line.expr is not None:
                names |= set(line.expr.identifiers)
        for code in [case.get(k) for k in ("threshold", "reset", "refractory", "on_pre", "on_post")] + list(case["events"].values()):
            for part in code.values() if isinstance(code, dict) else code if isinstance(code, list) else [code]:
                if isinstance(part, str):
                    names |= get_identifiers(part)
        if kind == "synapse":
            case["source"], case["target"] = group.source.name, group.target.name
            names = {n for n in names if n not in group.variables and not n.endswith(("_pre", "_post"))}
        names = {n for n in names - KNOWN - set(written.names) - UNITS if not n.startswith("xi_")}
        if kind == "spatial":
            names = {n for n in names if re.search(rf"\b{n}\b", text)}
        case["values"], case["open"] = {}, []
        for name in sorted(names):
            value = (getattr(group, "namespace", None) or {}).get(name, namespace.get(name, OPEN.get(name)))
            value = number(value) if isinstance(value, (b.Quantity, float, int, np.number)) else None
            if value is None:
                case["open"].append(name)
            else:
                case["values"][name] = value
        case["state"], case["types"] = {}, {}
        for name, line in written.items():
            case["types"][name] = line.type
            if line.type == "subexpression" or name in ("lastspike", "not_refractory") or name not in group.variables:
                continue
            if kind == "spatial" and not re.search(rf"\b{name}\b *(/dt|:)", text):
                continue
            try:
                values = np.asarray(group.variables[name].get_value()).reshape(-1)
            except Exception:  # not connected yet
                continue
            if values.size:
                value = values[min(int(group.N) // 2 if kind != "synapse" else 0, values.size - 1)]
                value = bool(value) if isinstance(value, np.bool_) else b.Quantity(float(value), dim=group.variables[name].dim)
                case["state"][name] = number(value)
        for name, value in case["state"].items():  # a time constant that the example sets later
            if value.get("si") == 0 and name.startswith("tau"):
                value["si"] = 0.01
        return case


def catch(path, tree):
    b.seed(1)
    np.random.seed(1)
    catcher = Catcher(path, tree)
    namespace = {"__name__": "__main__", "__file__": path}
    os.chdir(os.path.dirname(path))
    sys.path.insert(0, os.path.dirname(path))
    with open(path) as file:
        text = file.read()
    if path.endswith(".ipynb"):
        cells = ["".join(c["source"]) for c in json.loads(text)["cells"] if c["cell_type"] == "code"]
        cells = ["\n".join("" if line.lstrip().startswith("%") else line for line in c.split("\n")) for c in cells]
    elif path.endswith(".rst"):
        blocks = re.finditer(r"(?:::|\.\. (?:code|code-block):: *python[^\n]*)\n\n((?:[ \t]+[^\n]*\n|\n)+)", text)
        cells = ["b.start_scope()\n" + plain(m.group(1)) for m in blocks]
        namespace["b"] = b
    else:
        cells = [text]
    exec("from brian2 import *", namespace)
    namespace["run"] = b.run
    for cell in cells:
        try:
            exec(compile(cell, path, "exec"), namespace)
        except BaseException as error:  # what comes after `run` finds nothing recorded
            print(path, type(error).__name__, str(error)[:150], file=sys.stderr)
        catcher.look(namespace)


# --- what Brian2 makes of it -------------------------------------------------------------------------------------------


def quantity(value):
    if "bool" in value:
        return value["bool"]
    return b.Quantity(value["si"], dim=get_or_create_dimension([int(d) if d == int(d) else d for d in value["dims"]]))


def reference(case):
    """One neuron for 200 steps: method, spikes, states; None where chance or an outer function has a part."""
    text = " ".join([case["equations"]] + [str(case.get(k, "")) for k in ("threshold", "reset", "refractory")])
    if case["open"] or re.search(r"\bxi(_\w+)?\b|\brandn?\b|\bpoisson\b|\blinked\b", text):
        return None
    given = {k: case[k] for k in ("threshold", "reset") if case.get(k)}
    refractory = case.get("refractory")
    if isinstance(refractory, dict):  # ours holds one step more
        given["refractory"] = quantity(refractory) + case["dt"] * b.second
    elif refractory:
        given["refractory"] = refractory + " + dt" if re.fullmatch(r"[\w.*\s]+", refractory) else refractory
    if case["events"]:
        given["events"] = {name: condition for name, (condition, action) in case["events"].items()}
    method = {"linear": "exact"}.get(case["method"], case["method"])
    if method == "exponential_euler" and any(name in case["file"] for name in NOT_LINEAR):
        method = "rk2"
    known = ("exact", "euler", "rk2", "rk4", "heun", "milstein", "exponential_euler")
    for method in [method] if method in known else ["exact", "euler"] if method is None else ["rk4"]:
        try:
            b.start_scope()
            b.defaultclock.dt = case["dt"] * b.second
            group = b.NeuronGroup(1, case["equations"], method=method, namespace={k: quantity(v) for k, v in case["values"].items()},
                                  **given)
            for name, (condition, action) in case["events"].items():
                group.run_on_event(name, action)
            for name, value in case["state"].items():
                getattr(group, name)[:] = quantity(value)
            network = b.Network(group)
            spikes = b.SpikeMonitor(group) if "threshold" in given else None
            if spikes is not None:
                network.add(spikes)
            network.run(STEPS * case["dt"] * b.second, namespace={})
            ends = {name: number(b.Quantity(np.asarray(group.variables[name].get_value())[0], dim=group.variables[name].dim))
                    for name, kind in case["types"].items() if kind == "differential equation"}
            return {"method": method, "spikes": 0 if spikes is None else int(spikes.num_spikes), "states": ends}
        except Exception as error:
            print(case["file"], method, str(error.__cause__ or error)[:150], file=sys.stderr)
    return None


# --- the file ------------------------------------------------------------------------------------------------------------

CHOICES = [("ms", b.second, 1e-3), ("s", b.second, 1), ("us", b.second, 1e-6), ("mV", b.volt, 1e-3), ("V", b.volt, 1),
           ("pA", b.amp, 1e-12), ("nA", b.amp, 1e-9), ("uA", b.amp, 1e-6), ("A", b.amp, 1), ("nS", b.siemens, 1e-9),
           ("uS", b.siemens, 1e-6), ("mS", b.siemens, 1e-3), ("S", b.siemens, 1), ("pF", b.farad, 1e-12), ("nF", b.farad, 1e-9),
           ("uF", b.farad, 1e-6), ("F", b.farad, 1), ("Hz", b.Hz, 1), ("kHz", b.Hz, 1e3), ("Mohm", b.ohm, 1e6), ("um", b.metre, 1e-6),
           ("mm", b.metre, 1e-3), ("m", b.metre, 1)]
BASE = ["metre", "kilogram", "second", "ampere", "kelvin", "mole", "candela"]


def written(value):
    """As a value of a model file."""
    if "bool" in value:
        return str(float(value["bool"]))
    x, dims = value["si"], tuple(value["dims"])
    if not any(dims):
        return repr(x)
    best = None
    for name, unit, scale in CHOICES:
        if tuple(float(d) for d in unit.dim._dims) != dims:
            continue
        for digits in range(1, 18):
            text = f"{x / scale:.{digits}g}"
            if abs(float(text) * scale - x) <= 2e-16 * abs(x):
                break
        text = repr(float(text)).removesuffix(".0")
        if best is None or len(text) + 1 + len(name) < len(best):
            best = f"{text} {name}"
    return '"' + (best or f"{x!r} " + "*".join(n if d == 1 else f"{n}**{int(d) if d == int(d) else d}"
                                               for n, d in zip(BASE, dims) if d)) + '"'


def literal(text):
    if "\n" in text:
        return "'''\n" + text + "'''"
    return json.dumps(text) if "'" in text else f"'{text}'"


def table(name, case, names, end):
    lines = ["[[case]]", f'name = "{name}"', f'source = "{case["file"]}"',
             f'dt = {written({"si": case["dt"], "dims": [0, 0, 1, 0, 0, 0, 0]})}']
    code = json.dumps([case["equations"], case.get("on_pre", "")])
    if case["kind"] == "synapse":
        lines.append(f'to = "{names[case["file"], case["target"]]}"')
        if "_pre" in code and (case["file"], case["source"]) in names:
            lines.append(f'from = "{names[case["file"], case["source"]]}"')
    lines += ["[case.model]", f'kind = "{"synapse" if case["kind"] == "synapse" else "neuron"}"']
    for key in ("equations", "threshold", "reset", "refractory", "on_pre", "on_post"):
        value = case.get(key)
        if isinstance(value, dict) and "dims" in value:
            value = written(value).strip('"')
        if isinstance(value, dict) and len(value) == 1:
            value = next(iter(value.values()))
        if isinstance(value, dict):
            lines.append(f"{key} = {{ " + ", ".join(f"{n} = {json.dumps(x)}" for n, x in value.items()) + " }")
        elif value:
            lines.append(f"{key} = {literal(value)}")
    if end:
        lines.append(f'method = "{end["method"]}"')
    initial = {n: v for n, v in case["state"].items() if case["types"][n] == "differential equation" and v.get("si") != 0}
    parameters = {**case["values"], **{n: v for n, v in case["state"].items() if case["types"][n] != "differential equation"}}
    if parameters:
        lines += ["[case.model.parameters]"] + [f"{n} = {written(v)}" for n, v in parameters.items()]
    if initial:
        lines += ["[case.model.initial]"] + [f'{n} = "{written(v)}"'.replace('""', '"') for n, v in initial.items()]
    for event, (condition, action) in case["events"].items():
        lines += [f"[case.model.events.{event}]", f"condition = {literal(condition)}", f"action = {literal(action)}"]
    if end:
        lines += ["[case.expected]", f"spikes = {end['spikes']}"] + [f"{n} = {written(v)}" for n, v in end["states"].items()]
    return "\n".join(lines)


def main():
    if sys.argv[1] == "--one":
        return catch(sys.argv[2], sys.argv[3])
    tree = os.path.abspath(sys.argv[1])
    files = []
    for folder in ["examples", "tutorials"] + ["docs_sphinx/" + d for d in DOCS]:
        for at, _, inside in os.walk(os.path.join(tree, folder)):
            files += [os.path.join(at, f) for f in inside if f.endswith((".py", ".ipynb", ".rst"))]
    seen, names, count = {}, {}, {}
    print("# Made by tests/references/brian2_strings.py. Equations of published models, as Brian2's examples write them.")
    for path in sorted(files):
        if any(skip in path for skip in SKIP):
            continue
        run = subprocess.run([sys.executable, __file__, "--one", path, tree], capture_output=True, text=True, timeout=300)
        cases = [json.loads(line[2:]) for line in run.stdout.splitlines() if line.startswith("@@")]
        for case in sorted(cases, key=lambda c: c["kind"] == "synapse"):
            key = json.dumps([case.get(k) for k in ("equations", "threshold", "reset", "refractory", "on_pre", "on_post", "kind")])
            of = (case["file"], case["group"])
            if case["kind"] == "synapse":
                case["target"], case["source"] = (re.sub("_subgroup.*", "", case[k]) for k in ("target", "source"))
                if (case["file"], case["target"]) not in names:
                    continue  # onto other synapses
            if key in seen:
                names[of] = seen[key]
                continue
            stem = re.sub(r"\W+", "_", os.path.splitext(os.path.basename(path))[0]).lower()
            for part, prefix in (("docs_sphinx", "docs_"), ("tutorials", "tutorial_"), ("Brette_2012", "brette_2012_"),
                                 ("Stimberg_et_al_2018", "stimberg_2018_")):
                stem = prefix + (stem[0] if part == "tutorials" else stem) if part in path else stem
            count[stem] = count.get(stem, 0) + 1
            seen[key] = names[of] = stem if count[stem] == 1 else f"{stem}_{count[stem]}"
            print("\n" + table(seen[key], case, names, reference(case) if case["kind"] == "neuron" else None), flush=True)


main()
