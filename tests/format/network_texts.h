#pragma once

#include <gtest/gtest.h>

#include <string>

#include "callosum/format/network_file.h"

namespace callosum::format {

/// A network that is right, to be changed.
inline const std::string plain = R"(dt = "0.1 ms"
[population.exc]
size = 100
model = "lif_psc_exp"
parameters = { V_th = "-50 mV" }
initial = { V_m = { normal = ["-60 mV", "5 mV"] } }

[population.inh]
size = 25
model = "lif_psc_exp"

[[projection]]
from = "exc"
to = ["exc", "inh"]
rule = { fixed_probability = 0.1 }
target = "I_ex"
weight = "20 pA"
delay = "1.5 ms"

[[record]]
spikes = ["exc", "inh"]
)";

/// One that uses every feature of the format.
inline const std::string everything = R"(
name = "all of it"
doc = """two
lines with "quotes" and \\ backslash"""
dt = "0.25 ms"
[model.syn]
kind = "synapse"
on_pre = "target += weight * factor"
[model.syn.parameters]
factor = { value = "2", doc = "gain" }
[population."odd name"]
size = 6
model = "lif_cond_exp"
parameters = { I_e = ["1 pA", "2 pA", "3.3 pA", "4 pA", "5 pA", "0.1234567890123456 nA"] }
initial = { V_m = { uniform = ["-60 mV", "-50 mV"], low = "-58 mV", policy = "clip" } }
space = { extent = ["1 mm", "0.5 mm"], wrap = true, layout = "grid" }
method = "rk4"
substeps = { g_ex = 2 }
[population.b]
size = 2
model = "lif_psc_exp"
parameters = { tau_m = { lognormal = ["10 ms", 0.1], low = "1 ms" }, I_e = { exponential = "3 pA" } }
space = { extent = ["1 mm", "0.5 mm"], wrap = true, positions = [["0 um", "1 um"], ["5.5 um", "1 um"]] }
[population.list]
size = 3
model = "spike_list"
spikes = { neurons = [2, 0, 1], times = ["1 ms", "0.75 ms", "0.5 s"] }
[[projection]]
from = "list"
to = { population = "odd name", neurons = [0, 2, 5] }
rule = { pairs = { sources = [0, 1, 2], targets = [2, 1, 0] } }
target = "g_ex"
weight = ["1 nS", "2 nS", "3 nS"]
delay = "1 ms"
[[projection]]
from = "list"
to = "odd name[1:5:2]"
rule = { rows = { offsets = [0, 1, 1, 2], indices = [1, 0] } }
target = "g_in"
weight = { normal = ["1 nS", "0.1 nS"], low = "0 nS", high = "2 nS" }
[[projection]]
name = "near"
from = "odd name"
to = "b"
rule = { distance = { profile = "exponential", probability = 0.3, width = "100 um", maximum = "0.5 mm" } }
synapse = "syn"
parameters = { factor = 3 }
target = "I_ex"
weight = "1 pA"
delay = { normal = ["1 ms", "0.2 ms"], low = "0.25 ms" }
velocity = "0.3 m/s"
state = "per_synapse"
[[projection]]
from = "b"
to = "b"
rule = { fixed_outdegree = 1 }
autapses = false
multapses = false
target = "I_in"
weight = "-1 pA"
delay = "2 ms"
[[stimulus]]
kind = "constant"
to = ["odd name", "b"]
target = "I_e"
value = { by_target = ["1 pA", "2 pA"] }
start = "10 ms"
stop = "20 ms"
[[stimulus]]
kind = "steps"
to = "b"
target = "I_e"
times = ["0 ms", "1.5 ms"]
values = ["0 pA", "7 pA"]
[[stimulus]]
kind = "sine"
to = "b"
target = "I_e"
amplitude = "3 pA"
frequency = "10 Hz"
phase = 0.5
[[stimulus]]
kind = "noise"
to = "b[0]"
target = "I_e"
amplitude = "3 pA"
interval = "1 ms"
[[stimulus]]
kind = "poisson"
name = "background"
to = "odd name[:3]"
target = "g_ex"
rate = ["1 Hz", "2 Hz", "3 Hz"]
sources = 100
weight = "0.5 nS"
[[stimulus]]
kind = "array"
to = "b"
target = "I_e"
samples = [["1 pA", "2 pA"], ["3 pA", "4 pA"]]
interval = "0.5 ms"
[[record]]
spikes = ["odd name", "b[1]"]
[[record]]
variables = ["b.V_m", { population = "odd name", neurons = [1, 3], variable = "g_ex" }]
interval = "1 ms"
[[record]]
weights = "near"
interval = "10 ms"
)";

inline NetworkFile read(const std::string& text, const NetworkOverrides& overrides = {}) {
  return read_network_text(text, "net.toml", overrides);
}

inline std::string replaced(std::string text, const std::string& from, const std::string& to) {
  const auto at = text.find(from);
  EXPECT_NE(at, std::string::npos) << from;
  return text.replace(at, from.size(), to);
}

}  // namespace callosum::format
