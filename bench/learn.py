"""Speed and memory of the unroll beside PyTorch's step-by-step autograd, in one run.

    python3 bench/learn.py [--program build/bin/bench_learn] [--sizes 700-256-20,1000-300-11] [--steps 100,250]
                           [--rates 0.02,0.13,0.4] [--surrogate fast_sigmoid|triangle] [--threads 1,2] [--pairs 7]
                           [--scale 1] [--feedforward]
A recurrent network of leaky integrate-and-fire neurons with exponential synapses, leaky readouts, batch 128, 3 % input density; forward, cross-entropy
of the mean readout, backward; no optimiser. Both sides have the same weights, spikes and equations; loss, firing rate and norms of the
gradients are compared in every row. `--scale` multiplies the derivative of a spike: at 1 the gradients of more than some 150 recurrent
steps overflow, on both sides. `--feedforward` leaves the recurrent weights out. Times are medians of interleaved pairs. Needs python3-torch with libopenblas0-openmp (reference BLAS is refused).
"""
import argparse
import json
import math
import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time

OPENBLAS = "/usr/lib/x86_64-linux-gnu/openblas-openmp"
if os.path.isdir(OPENBLAS) and OPENBLAS not in os.environ.get("LD_LIBRARY_PATH", ""):
    # The build with pthreads ignores the number of threads asked for and runs against OpenMP's: up to 40 times slower here.
    os.environ["LD_LIBRARY_PATH"] = OPENBLAS + ":" + os.environ.get("LD_LIBRARY_PATH", "")
    os.execv(sys.executable, [sys.executable] + sys.argv)

import numpy  # noqa: E402: after the choice of BLAS
import torch  # noqa: E402

HERE = os.path.dirname(os.path.abspath(__file__))
BATCH, DENSITY, WIDTH = 128, 0.03, 0.1


class Spike(torch.autograd.Function):
    surrogate, scale = "fast_sigmoid", 1.0

    @staticmethod
    def forward(ctx, x):
        ctx.save_for_backward(x)
        return (x >= 0).to(x.dtype)

    @staticmethod
    def backward(ctx, g):
        x = ctx.saved_tensors[0].abs() / WIDTH
        if Spike.surrogate == "triangle":
            return g * (torch.clamp(1 - x, min=0) * (Spike.scale / WIDTH))
        return g / (1 + x) ** 2 * (Spike.scale / WIDTH)


def propagators(dt=1.0, tau_m=20.0, tau_s=10.0, c=250.0):
    from math import exp
    pm, ps = exp(-dt / tau_m), exp(-dt / tau_s)
    return pm, (pm - ps) / (1 / tau_s - 1 / tau_m) / c, ps


def forward(x, w_in, w_back, w_out):
    """Mean readout and firing rate; a spike acts one step later, as in Callosum."""
    pm, pmi, ps = propagators()
    po = propagators()[0]
    steps, batch, _ = x.shape
    hidden, outputs = w_out.shape
    zero = torch.zeros(batch, hidden)
    v, i, s, before = zero, zero, zero, torch.zeros(batch, x.shape[2])
    o = total = torch.zeros(batch, outputs)
    count = 0.0
    for t in range(steps):
        v = pm * v + pmi * i
        i = ps * i + before @ w_in
        if w_back is not None:
            i = i + s @ w_back
        o = po * o + s @ w_out
        s = Spike.apply(v - 1)
        v = v * (1 - s)
        before = x[t]
        total = total + o
        count += float(s.detach().sum())
    return total / steps, count / (steps * batch * hidden)


def make(size, steps, rate, recurrent):
    """Weights and spikes such that about `rate` of the hidden neurons fire in a step."""
    inputs, hidden, outputs = size
    g = torch.Generator().manual_seed(1)
    x = (torch.rand(steps, BATCH, inputs, generator=g) < DENSITY).float()
    labels = torch.randint(0, outputs, (BATCH,), generator=g)
    w = [torch.randn(a, b, generator=g) for a, b in ((inputs, hidden), (hidden, hidden), (hidden, outputs))]
    low, high = 1.0, 400.0
    with torch.no_grad():
        for _ in range(12):
            gain = (low * high) ** 0.5
            got = forward(x, w[0] * gain, w[1] * gain / 4 if recurrent else None, w[2])[1]
            low, high = (gain, high) if got < rate else (low, gain)
    return x, labels, [w[0] * gain, w[1] * gain / 4 if recurrent else None, w[2] * 0.1]


class Peer:
    def __init__(self, x, labels, weights):
        self.x, self.labels = x, labels
        self.weights = [w if w is None else w.clone().requires_grad_() for w in weights]

    def run(self):
        started = time.perf_counter()
        for w in self.weights:
            if w is not None:
                w.grad = None
        mean, rate = forward(self.x, *self.weights)
        loss = torch.nn.functional.cross_entropy(mean, self.labels)
        loss.backward()
        ms = (time.perf_counter() - started) * 1e3
        return {"ms": ms, "loss": loss.item(), "rate": rate,
                **{k: w.grad.norm().item() for k, w in zip(("in", "back", "out"), self.weights) if w is not None}}


class Ours:
    def __init__(self, program, size, steps, threads, surrogate, x, labels, weights):
        self.folder = tempfile.TemporaryDirectory()
        for name, w in zip(("in", "back", "out"), weights):
            if w is not None:
                w.numpy().astype(numpy.float32).tofile(os.path.join(self.folder.name, name))
        labels.numpy().tofile(os.path.join(self.folder.name, "labels"))
        x.numpy().astype(numpy.uint8).tofile(os.path.join(self.folder.name, "spikes"))
        self.process = subprocess.Popen(
            [program, self.folder.name, *map(str, size), str(steps), str(BATCH), str(threads), surrogate, str(WIDTH),
             str(Spike.scale)],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self.process.stdout.readline()

    def run(self):
        self.process.stdin.write("go\n")
        self.process.stdin.flush()
        # Gradients of long runs overflow on both sides; C++ writes them as JSON does not.
        line = self.process.stdout.readline().replace("-nan", "NaN").replace("nan", "NaN").replace("inf", "Infinity")
        return json.loads(line)

    def close(self):
        self.process.stdin.close()
        self.process.wait()
        self.folder.cleanup()


def alone(side):
    """OpenMP's threads spin for some milliseconds after they are done; they must not take the other side's core."""
    time.sleep(0.05)
    return side.run()


def floor_ms(size, steps, rate, recurrent):
    """Operations that no spike-driven implementation avoids: a row added a spike (forward and backward), at 64 bytes a cycle
    from the second cache, and the dense product of derivatives with the transposed recurrent weights, at 64 operations a
    cycle; 3.5 GHz. Compact surrogates avoid most of the second."""
    inputs, hidden, outputs = size
    rows = steps * BATCH
    spikes = inputs * DENSITY + hidden * rate
    if not recurrent:
        spikes = inputs * DENSITY
    added_bytes = rows * (spikes * hidden + hidden * rate * outputs) * 2 * 4
    dense = rows * (hidden * hidden * recurrent + hidden * outputs) * 2
    return (added_bytes / 64 + dense / 64) / 3.5e9 * 1e3


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--program", default=os.path.join(HERE, "..", "build", "bin", "bench_learn"))
    parser.add_argument("--sizes", default="700-256-20")
    parser.add_argument("--steps", default="100")
    parser.add_argument("--rates", default="0.02,0.13,0.4")
    parser.add_argument("--surrogate", default="fast_sigmoid", choices=("fast_sigmoid", "triangle"))
    parser.add_argument("--threads", default="1,2")
    parser.add_argument("--pairs", type=int, default=7)
    parser.add_argument("--scale", type=float, default=1.0)
    parser.add_argument("--feedforward", action="store_true")
    options = parser.parse_args()
    a = torch.rand(1024, 1024)
    started = time.perf_counter()
    a @ a
    a @ a
    if (time.perf_counter() - started) > 0.2:
        sys.exit("bench: this PyTorch runs on reference BLAS; install libopenblas0-openmp")
    Spike.surrogate, Spike.scale = options.surrogate, options.scale
    recurrent = not options.feedforward
    before_mb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print("size | steps | threads | firing | PyTorch ms | ours ms (forward) | ratio | floor ms | "
          "MB: what the unroll holds, PyTorch's growth over all rows so far")
    for size in options.sizes.split(","):
        size = tuple(map(int, size.split("-")))
        for steps in map(int, options.steps.split(",")):
            for rate in map(float, options.rates.split(",")):
                torch.set_num_threads(2)
                data = make(size, steps, rate, recurrent)
                for threads in map(int, options.threads.split(",")):
                    torch.set_num_threads(threads)
                    peer, ours = Peer(*data), Ours(options.program, size, steps, threads, options.surrogate, *data)
                    peer.run(), ours.run()
                    pairs = [(alone(peer), alone(ours)) for _ in range(options.pairs)]
                    ours.close()
                    p, o = pairs[-1]
                    median = statistics.median
                    ratio = median(x["ms"] / y["ms"] for x, y in pairs)
                    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024 - before_mb
                    print(f"{'-'.join(map(str, size))} | {steps} | {threads} | {p['rate']:.3f} {o['rate']:.3f} | "
                          f"{median(x['ms'] for x, _ in pairs):.1f} | {median(y['ms'] for _, y in pairs):.1f} "
                          f"({median(y['forward_ms'] for _, y in pairs):.1f}) | {ratio:.2f} | "
                          f"{floor_ms(size, steps, p['rate'], recurrent) / threads:.1f} | {o['bytes'] / 2**20:.0f} {peak:.0f}", flush=True)
                    for k in p.keys() & {"loss", "in", "back", "out"}:
                        if not (math.isfinite(p[k]) or math.isfinite(o[k])):
                            print(f"  {k}: {p[k]} {o[k]} on the two sides")
                        elif not abs(p[k] - o[k]) <= 0.02 * abs(p[k]) + 1e-6:
                            print(f"  the two sides differ in {k}: {p[k]:.6g} {o[k]:.6g}")


if __name__ == "__main__":
    main()
