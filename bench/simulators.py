"""Callosum and its peers as bench/run.py sees them: a class a simulator.

`networks` maps what it can run to the biological seconds of one run. `prepare(network)` makes what is made once and leaves compile_s. `run(network, seconds,
threads, seed)` gives a dict with build_s, simulate_s, spikes, synapses, synaptic_events, bytes_per_synapse, peak_rss_bytes and wall_s (the whole process).
"""
import glob
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time

HERE = os.path.dirname(os.path.abspath(__file__))
PEERS = os.path.join(HERE, "peers")
SCALES = {"microcircuit-0.1": 0.1, "microcircuit": 1}


def timed(command, cwd=None):
    """Its standard output, wall time and largest memory. Ends the program with its message when it fails."""
    with tempfile.TemporaryDirectory(prefix="bench") as folder:
        measured = os.path.join(folder, "measured.json")
        done = subprocess.run([sys.executable, os.path.join(PEERS, "timed.py"), measured] + command, capture_output=True, text=True, cwd=cwd)
        if done.returncode:
            sys.exit(f"{' '.join(command)}\n{done.stdout[-1000:]}{done.stderr[-3000:]}")
        with open(measured) as file:
            return done.stdout, json.load(file)


class Simulator:
    name, networks, compile_s = "", {}, 0.0
    most_threads = 64

    def prepare(self, network):
        self.compile_s = 0.0

    def close(self):
        pass


class Callosum(Simulator):
    name = "Callosum"
    networks = {"coba": 10, "cuba": 10, "cobahh": 1, "brunel": 1, "microcircuit-0.1": 1, "microcircuit": 2}

    def __init__(self, program):
        self.program = os.path.abspath(program)

    def run(self, network, seconds, threads, seed):
        path = os.path.join(HERE, "..", "networks", network.split("-")[0] + ".toml")
        out, process = timed([self.program, "run", path, "--scale", str(SCALES.get(network, 1)), "--time", f"{seconds}s", "--threads", str(threads),
                              "--seed", str(seed), "--json", "--no-report"])
        return dict(json.loads(out), wall_s=process["wall_s"])


class Brian2(Simulator):
    """C++ standalone mode, double precision; compiled once a network."""
    name = "Brian2"
    networks = {"coba": 10, "cuba": 10, "cobahh": 1, "brunel": 1}
    most_threads = 1
    folder = None

    def prepare(self, network):
        self.folder = tempfile.mkdtemp(prefix="brian2")
        script = ("import sys; sys.path.insert(0, %r)\nfrom brian2 import *\nimport brian2_models\n"
                  "set_device('cpp_standalone', build_on_run=False, directory=%r)\n"
                  "prefs.devices.cpp_standalone.extra_make_args_unix = ['-j2']\ndefaultclock.dt = 0.1*ms; seed(1)\n"
                  "objects, monitor = brian2_models.build(%r, record=False)\nNetwork(objects).run(%g*second)\n"
                  "device.build(directory=%r, compile=True, run=False)\n"
                  % (HERE, self.folder, network, self.networks[network], self.folder))
        started = time.monotonic()
        done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True)
        self.compile_s = time.monotonic() - started
        if done.returncode:
            sys.exit(done.stderr[-3000:])

    def array(self, pattern):
        import numpy as np
        return sum(int(np.fromfile(path, dtype=np.int32).sum()) for path in glob.glob(os.path.join(self.folder, "results", pattern)))

    def run(self, network, seconds, threads, seed):  # the seed is compiled in
        _, process = timed([os.path.join(self.folder, "main")], cwd=self.folder)
        with open(os.path.join(self.folder, "results", "last_run_info.txt")) as info:
            simulate = float(info.read().split()[0])
        spikes, synapses = self.array("_array_spikemonitor*_count_*"), self.array("_array_synapses*_N_*")
        neurons = 12500 if network == "brunel" else 4000
        return dict(build_s=process["wall_s"] - simulate, simulate_s=simulate, spikes=spikes, synapses=synapses,
                    synaptic_events=spikes * synapses / neurons, bytes_per_synapse=process["peak_rss_bytes"] / synapses, **process)

    def close(self):
        shutil.rmtree(self.folder, ignore_errors=True)


class Script(Simulator):
    """A runner in bench/peers that prints a line RESULT {...}."""

    def command(self, network, seconds, threads, seed):
        raise NotImplementedError

    def run(self, network, seconds, threads, seed):
        out, process = timed(self.command(network, seconds, threads, seed))
        result = json.loads([line for line in out.splitlines() if line.startswith("RESULT ")][-1][7:])
        return dict(result, wall_s=process["wall_s"])


class Neuron(Script):
    """Debian's package; the channels of cobahh are compiled from peers/traub.mod."""
    name = "NEURON"
    networks = {"cobahh": 0.5}
    headers, libraries, units = "/usr/include/nrn", "/usr/lib/nrn", "/usr/share/nrn/lib/nrnunits.lib"

    def __init__(self, python):
        self.python = python
        self.folder = tempfile.mkdtemp(prefix="neuron")

    # Debian's nrnivmodl looks for its makefile in the wrong folder, so the three steps are taken here.
    def prepare(self, network):
        started = time.monotonic()
        shutil.copy(os.path.join(PEERS, "traub.mod"), self.folder)
        with open(os.path.join(self.folder, "register.c"), "w") as file:
            file.write("extern void _traub_reg(void);\nvoid modl_reg(void) { _traub_reg(); }\n")
        for command in (["nocmodl", "traub.mod"],
                        ["cc", "-O3", "-march=native", "-shared", "-fPIC", "-w", "-I" + self.headers, "traub.c", "register.c", "-o", "libtraub.so",
                         "-L" + self.libraries, "-lnrniv", "-Wl,-rpath," + self.libraries, "-lm"]):
            done = subprocess.run(command, cwd=self.folder, capture_output=True, text=True, env={**os.environ, "MODLUNIT": self.units})
            if done.returncode:
                sys.exit(done.stdout + done.stderr)
        self.compile_s = time.monotonic() - started

    def command(self, network, seconds, threads, seed):
        return [self.python, os.path.join(PEERS, "neuron_run.py"), network, str(seconds), str(threads), str(seed), os.path.join(self.folder, "libtraub.so")]

    def close(self):
        shutil.rmtree(self.folder, ignore_errors=True)


class Nest(Script):
    name = "NEST"
    networks = {"coba": 1, "cuba": 10, "brunel": 1, "microcircuit-0.1": 1, "microcircuit": 0.5}

    def __init__(self, python):
        self.python = python

    def command(self, network, seconds, threads, seed):
        return [self.python, os.path.join(PEERS, "nest_run.py"), network.split("-")[0], str(seconds), str(threads), str(seed), str(SCALES.get(network, 1))]


class Genn(Script):
    """The single-threaded backend."""
    name = "GeNN"
    networks = {"cuba": 10, "brunel": 1}
    most_threads = 1

    def __init__(self, python):
        self.python = python

    def command(self, network, seconds, threads, seed):
        return [self.python, os.path.join(PEERS, "genn_run.py"), network, str(seconds), "1", str(seed)]


class Auryn(Script):
    """`folder` holds its sources; its library stands there, in build/release or build/home."""
    name = "Auryn"
    networks = {"coba": 10, "brunel": 1}
    most_threads = 1

    def __init__(self, folder):
        self.source = os.path.abspath(folder)
        self.folder = tempfile.mkdtemp(prefix="auryn")

    def prepare(self, network):
        libraries = glob.glob(os.path.join(self.source, "**", "libauryn*.a"), recursive=True)
        if not libraries:
            sys.exit(f"--auryn {self.source}: no libauryn*.a there; build Auryn first")
        self.program = os.path.join(self.folder, "auryn_run")
        started = time.monotonic()
        done = subprocess.run(["mpicxx", "-O3", "-march=native", "-ffast-math", "-w", "-I" + os.path.join(self.source, "src"),
                               "-I" + os.path.dirname(libraries[0]), os.path.join(PEERS, "auryn_run.cpp"), "-o", self.program, libraries[0],
                               "-lboost_program_options", "-lboost_serialization", "-lboost_mpi", "-lboost_filesystem",
                               "-lboost_system"], capture_output=True, text=True)
        self.compile_s = time.monotonic() - started
        if done.returncode:
            sys.exit(done.stderr[-3000:])

    def command(self, network, seconds, threads, seed):
        return [self.program, network, str(seconds), str(seed)]

    def run(self, network, seconds, threads, seed):
        here = os.getcwd()
        os.chdir(self.folder)  # it writes a log
        try:
            return super().run(network, seconds, threads, seed)
        finally:
            os.chdir(here)

    def close(self):
        shutil.rmtree(self.folder, ignore_errors=True)
