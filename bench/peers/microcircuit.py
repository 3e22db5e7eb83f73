"""The numbers of networks/microcircuit.toml at any scale, for simulators that are told them one by one.

At scale s, sizes and in-degrees are multiplied by s, weights by 1/sqrt(s), and a constant current restores the mean input at the rates of the full
network (van Albada, Helias and Diesmann 2015, PLoS Comput. Biol. 11:e1004490), as `callosum run --scale` does."""
import math
import os
import tomllib

HERE = os.path.dirname(os.path.abspath(__file__))
WEIGHT, RATIO, SPREAD, TAU_SYN, INPUT_HZ = 87.81, -4.0, 0.1, 0.5, 8.0
CELL = dict(C_m=250.0, tau_m=10.0, tau_syn_ex=TAU_SYN, tau_syn_in=TAU_SYN, E_L=-65.0, V_th=-50.0, V_reset=-65.0, t_ref=2.0)
DELAYS = {"E": (1.5, 0.75), "I": (0.75, 0.375)}


def number(text):
    return float(text.split()[0])


class Microcircuit:
    """names; by name: sizes, initial (mean, sd; mV), current (pA), inputs_hz; projections: (source, target, synapses, weight in pA)."""

    def __init__(self, scale):
        with open(os.path.join(HERE, "..", "..", "networks", "microcircuit.toml"), "rb") as file:
            text = tomllib.load(file)
        full = {name: p["size"] for name, p in text["population"].items()}
        rates = {name: number(rate) for name, rate in text["scaling"]["mean_rates"].items()}
        self.names = list(full)
        self.sizes = {name: round(scale * size) for name, size in full.items()}
        self.initial = {name: tuple(map(number, p["initial"]["V_m"]["normal"])) for name, p in text["population"].items()}
        self.weight = WEIGHT / math.sqrt(scale)
        external = dict(zip(text["stimulus"][0]["to"], text["stimulus"][0]["sources"]["by_target"]))
        self.inputs_hz = {name: scale * external[name] * INPUT_HZ for name in self.names}
        lost = 1 - math.sqrt(scale)  # of the mean input, which goes with in-degree times weight
        self.current = {name: lost * external[name] * INPUT_HZ * WEIGHT * TAU_SYN * 1e-3 for name in self.names}
        self.projections = []
        for p in text["projection"]:
            sources = p["from"] if isinstance(p["from"], list) else [p["from"]]
            targets = p["to"] if isinstance(p["to"], list) else [p["to"]]
            rule = p["rule"]["pair_probability"]
            table = rule["by_pair"] if isinstance(rule, dict) else [[rule]]
            for target, row in zip(targets, table):
                for source, probability in zip(sources, row):
                    if (source, target) == ("L4E", "L23E"):
                        probability = rule if not isinstance(rule, dict) else 0
                    if probability == 0:
                        continue
                    pairs = full[source] * full[target]
                    synapses = math.log(1 - probability) / math.log(1 - 1 / pairs)
                    weight = WEIGHT * (RATIO if source.endswith("I") else 2 if (source, target) == ("L4E", "L23E") else 1)
                    self.current[target] += lost * synapses / full[target] * rates[source] * weight * TAU_SYN * 1e-3
                    self.projections.append((source, target, round(synapses * scale * scale), weight / math.sqrt(scale)))
