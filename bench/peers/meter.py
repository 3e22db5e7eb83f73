"""What the runners of peers measure and print."""
import json
import resource
import time


def resident():
    """Memory of this process now, bytes."""
    with open("/proc/self/statm") as file:
        return int(file.read().split()[1]) * resource.getpagesize()


class Clock:
    """`with Clock() as c: ...` leaves the wall time in c.seconds."""

    def __enter__(self):
        self.start = time.monotonic()
        return self

    def __exit__(self, *_):
        self.seconds = time.monotonic() - self.start


def answer(build_s, simulate_s, spikes, synapses, synaptic_events, bytes_of_synapses):
    """Prints the line that bench/run.py reads. Events: spikes times the synapses of their sources."""
    print("RESULT " + json.dumps(dict(
        build_s=build_s, simulate_s=simulate_s, spikes=int(spikes), synapses=int(synapses), synaptic_events=float(synaptic_events),
        bytes_per_synapse=bytes_of_synapses / synapses, peak_rss_bytes=resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024)), flush=True)
