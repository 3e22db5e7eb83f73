"""Speed and memory of the shipped networks beside Brian2's C++ standalone mode, in one run.

    python3 bench/run.py [--program build/bin/callosum] [--networks coba,cuba] [--repeats 3] [--threads 1,2]
                         [--full]      adds the full microcircuit (about 3 GiB of memory)
Prints a table and writes bench/results.json. Ratios are medians over pairs taken one after the other, with their range,
because a shared machine drifts. Brian2 is compiled once a network; its compile time stands in a column of its own.
"""
import argparse
import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time

HERE = os.path.dirname(os.path.abspath(__file__))
SECONDS = {"coba": 10, "cuba": 10, "cobahh": 1, "brunel": 1}


def callosum(program, network, seconds, threads, *more):
    out = subprocess.run([program, "run", network, "--time", f"{seconds}s", "--threads", str(threads), "--json",
                          "--no-report", "--seed", "1", "--out", tempfile.mkdtemp(prefix="callosum")] + list(more),
                         capture_output=True, text=True)
    if out.returncode:
        sys.exit(out.stderr)
    return json.loads(out.stdout)


class Brian2:
    """One network compiled to a standalone program, then run as often as wanted."""

    def __init__(self, kind, seconds):
        self.folder = tempfile.mkdtemp(prefix="brian2")
        script = ("import sys; sys.path.insert(0, %r)\n"
                  "from brian2 import *\nimport brian2_models\n"
                  "set_device('cpp_standalone', build_on_run=False, directory=%r)\n"
                  "prefs.devices.cpp_standalone.extra_make_args_unix = ['-j2']\n"
                  "defaultclock.dt = 0.1*ms; seed(1)\n"
                  "objects, monitor = brian2_models.build(%r, record=False)\n"
                  "Network(objects).run(%g*second)\n"
                  "device.build(directory=%r, compile=True, run=False)\n"
                  % (HERE, self.folder, kind, seconds, self.folder))
        started = time.monotonic()
        done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True)
        self.compile_s = time.monotonic() - started
        if done.returncode:
            sys.exit(done.stderr[-3000:])

    def run(self):
        started = time.monotonic()
        subprocess.run([os.path.join(self.folder, "main")], cwd=self.folder, check=True, capture_output=True)
        wall = time.monotonic() - started
        with open(os.path.join(self.folder, "results", "last_run_info.txt")) as info:
            return {"wall_s": wall, "simulate_s": float(info.read().split()[0])}

    def close(self):
        shutil.rmtree(self.folder)


def spread(values):
    return f"{statistics.median(values):.3g} ({min(values):.3g}-{max(values):.3g})"


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--program", default=os.path.join(HERE, "..", "build", "bin", "callosum"))
    parser.add_argument("--networks", default="coba,cuba,cobahh,brunel")
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--threads", default="1,2")
    parser.add_argument("--full", action="store_true")
    parser.add_argument("--no-brian2", action="store_true")
    options = parser.parse_args()
    start_ms = []
    for _ in range(20):
        t = time.monotonic()
        subprocess.run([options.program, "--version"], check=True, capture_output=True)
        start_ms.append((time.monotonic() - t) * 1e3)
    print(f"callosum --version, whole process: {spread(start_ms)} ms; the bar is 50")
    rows = []
    columns = ("network", "threads", "simulate s", "Brian2 s", "ratio", "whole process ratio", "Brian2 compile s",
               "M events/s/core", "bytes/synapse", "real-time factor")
    print(" | ".join(columns), flush=True)
    for kind in options.networks.split(","):
        seconds = SECONDS[kind]
        path = os.path.join(HERE, "..", "networks", kind + ".toml")
        peer = None if options.no_brian2 else Brian2(kind, seconds)
        for threads in map(int, options.threads.split(",")):
            ours, theirs, ratios, whole = [], [], [], []
            for _ in range(options.repeats):
                started = time.monotonic()
                run = callosum(options.program, path, seconds, threads)
                wall = time.monotonic() - started
                ours.append(run)
                if peer and threads == 1:
                    other = peer.run()
                    theirs.append(other["simulate_s"])
                    ratios.append(other["simulate_s"] / run["simulate_s"])
                    whole.append((other["wall_s"] + peer.compile_s) / wall)
            rate = [r["synaptic_events"] / r["simulate_s"] / threads / 1e6 for r in ours]
            row = (kind, threads, spread([r["simulate_s"] for r in ours]), spread(theirs) if theirs else "-",
                   spread(ratios) if ratios else "-", spread(whole) if whole else "-",
                   f"{peer.compile_s:.1f}" if peer and threads == 1 else "-", spread(rate),
                   f"{ours[0]['bytes_per_synapse']:.2f}", spread([r["real_time_factor"] for r in ours]))
            print(" | ".join(map(str, row)), flush=True)
            rows.append(dict(zip(columns, row)))
        if peer:
            peer.close()
    if options.full:
        path = os.path.join(HERE, "..", "networks", "microcircuit.toml")
        run = callosum(options.program, path, 5, 2)
        rates = {p["name"]: round(p["rate_hz"], 2) for p in run["populations"]}
        print("microcircuit, full scale, 5 s, 2 threads:", json.dumps(dict(run, populations=rates)))
        rows.append(run)
    with open(os.path.join(HERE, "results.json"), "w") as out:
        json.dump(rows, out, indent=1)


if __name__ == "__main__":
    main()
