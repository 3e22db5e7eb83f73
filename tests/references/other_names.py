"""Names of models and parameters as NEST and PyNN have them, for tests/references/other_names.cpp.

Run by hand, result kept in data/other_names.json, one simulator at a time:
    python3 tests/references/other_names.py nest     (pip install nest-simulator)
    python3 tests/references/other_names.py pynn     (pip install PyNN)
NEST: the models that files of the library name, what can be set, less what all neurons with a spike archive have and less read-only numbers of
the kernel. PyNN: all its standard cells, synapses and electrodes.
"""
import glob
import inspect
import json
import os
import sys
import tomllib

HERE = os.path.dirname(os.path.abspath(__file__))
DATA = os.path.join(HERE, "data", "other_names.json")
FILES = os.path.join(HERE, "..", "..", "callosum", "library", "*", "*.toml")
# Of connections, which here belong to the projection.
CONNECTION = {"delay", "has_delay", "num_connections", "receptor_type", "requires_symmetric", "sizeof", "synapse_model", "synapse_modelid", "weight",
              "weight_recorder"}


def named_in_files(simulator):
    found = []
    for path in sorted(glob.glob(FILES)):
        with open(path, "rb") as file:
            other = tomllib.load(file).get("aliases", {}).get(simulator)
        found += other.split("+") if other else []
    return found


def nest_names():
    import nest
    archive = set(nest.GetDefaults("iaf_psc_exp")) & set(nest.GetDefaults("hh_psc_alpha")) & set(nest.GetDefaults("tanh_rate_ipn"))
    kernel = set(nest.GetDefaults("parrot_neuron")) | set(nest.GetDefaults("poisson_generator"))
    models = {}
    for name in named_in_files("nest"):
        defaults = nest.GetDefaults(name)
        recorded = {str(r) for r in defaults.get("recordables", [])}
        own = {"rate"} if name == "poisson_generator" else set()
        skip = (archive - {"tau", "C_m", "tau_m", "E_L", "I_e", "V_m"}) | (kernel - own) | CONNECTION | recorded | {"recordables"}
        models[name] = sorted(k for k in defaults if k not in skip)
    return {"version": nest.__version__, "models": models}


def pynn_names():
    import pyNN
    from pyNN.standardmodels import cells, electrodes, synapses
    models = {}
    for module in (cells, synapses, electrodes):
        for name, one in vars(module).items():
            if inspect.isclass(one) and one.__module__ == module.__name__ and isinstance(getattr(one, "default_parameters", None), dict):
                models[name] = sorted(one.default_parameters)
    return {"version": pyNN.__version__, "models": models}


def main():
    result = json.load(open(DATA)) if os.path.exists(DATA) else {}
    result[sys.argv[1]] = {"nest": nest_names, "pynn": pynn_names}[sys.argv[1]]()
    with open(DATA, "w") as out:
        json.dump(result, out, indent=1, sort_keys=True)
        out.write("\n")


main()
