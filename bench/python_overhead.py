"""What calling from Python costs: the cortical microcircuit from the command line and from Python, in turn.

    PYTHONPATH=build/python python3 bench/python_overhead.py build/bin/callosum [scale] [runs]
"""

import json
import os
import statistics
import subprocess
import sys
import tempfile
import time

NETWORK = os.path.join(os.path.dirname(__file__), "../networks/microcircuit.toml")
CODE = """
import sys, json, callosum as cs
f = cs.read_network(sys.argv[1], scale=float(sys.argv[2]))
sim = cs.Simulation(f.network, threads=2, seed=1)
sim.run("1 s")
s = sim.statistics()
print(json.dumps({"simulate_s": s.simulate_s, "build_s": s.build_s, "spike_hash": str(s.spike_hash)}))
"""


def command_line(program, scale):
    with tempfile.TemporaryDirectory() as folder:
        out = subprocess.run([program, "run", NETWORK, "--scale", str(scale), "--time", "1s", "--threads",
                              "2", "--seed", "1", "--json", "--out", folder], capture_output=True,
                             text=True, check=True).stdout
    return json.loads(out)


def from_python(scale):
    out = subprocess.run([sys.executable, "-c", CODE, NETWORK, str(scale)], capture_output=True, text=True,
                         check=True).stdout
    return json.loads(out)


def main():
    program, scale = sys.argv[1], float(sys.argv[2]) if len(sys.argv) > 2 else 0.1
    runs = int(sys.argv[3]) if len(sys.argv) > 3 else 5
    shown = {"command line": [], "python": []}
    whole = {"command line": [], "python": []}
    hashes = set()
    for _ in range(runs):
        for name, run in (("command line", lambda: command_line(program, scale)),
                          ("python", lambda: from_python(scale))):
            began = time.perf_counter()
            result = run()
            whole[name].append(time.perf_counter() - began)
            statistics_of = result.get("statistics", result)
            shown[name].append(statistics_of["simulate_s"])
            hashes.add(str(statistics_of.get("spike_hash")))
    for name in shown:
        print(f"{name}: simulate {statistics.median(shown[name]):.3f} s (least {min(shown[name]):.3f}), "
              f"whole process {statistics.median(whole[name]):.3f} s (least {min(whole[name]):.3f})")
    ratio = statistics.median(shown["python"]) / statistics.median(shown["command line"])
    print(f"python / command line: {ratio:.3f}, least {min(shown['python']) / min(shown['command line']):.3f}; "
          f"spike hashes: {hashes}")


main()
