"""A spiking classifier trained by surrogate gradients, as with snnTorch, then run event by event.

Three noisy spatio-temporal patterns; held-out samples are classified by the count of output spikes.

Usage: python train_classifier.py
"""

import numpy as np
import torch

import callosum as cs
from callosum.units import ms

STEPS, CHANNELS, CLASSES = 60, 40, 3


def samples(number, seed):
    """Each class is a rate profile over channels and time; [time, batch, channel] of 0 and 1, labels."""
    profile = np.random.default_rng(7).random((CLASSES, STEPS // 10, CHANNELS)) ** 3 * 0.3
    rng = np.random.default_rng(seed)
    labels = rng.integers(0, CLASSES, number)
    rates = np.repeat(profile[labels], 10, axis=1).transpose(1, 0, 2)
    return torch.tensor(rng.random(rates.shape) < rates, dtype=torch.float32), torch.tensor(labels)


def build():
    def leaky(name, n, beta):  # threshold 1; a spike adds its weight to v
        return net.add(name, n, cs.library.neuron("discrete_lif").with_(a=beta))

    net = cs.Network(1 * ms, "classifier")
    x = net.add_spike_list("in", CHANNELS, [], [])
    hidden, out = leaky("hidden", 64, 0.9), leaky("out", CLASSES, 0.9)
    net.connect(x, hidden, cs.all_to_all(), target="v", weight=cs.Values.normal(0.05, 0.2),
                delay="0 ms", name="first")
    net.connect(hidden, out, cs.all_to_all(), target="v", weight=cs.Values.normal(0.02, 0.15),
                delay="0 ms", name="second")
    return net


def main(epochs=25):
    torch.manual_seed(0)
    module = cs.torch.Module(build(), outputs=["out.count"], threads=2)
    optimiser = torch.optim.Adam(module.parameters(), lr=0.005)
    x, labels = samples(256, seed=0)
    for epoch in range(epochs):
        order = torch.randperm(len(labels))
        for batch in order.split(32):
            loss = torch.nn.functional.cross_entropy(module(x[:, batch]) / 5, labels[batch])
            optimiser.zero_grad()
            loss.backward()
            optimiser.step()
    test, wanted = samples(200, seed=1)
    with torch.no_grad():
        counts = module(test)
    accuracy = (counts.argmax(1) == wanted).float().mean().item()
    print(f"{accuracy:.1%} of 200 held-out samples (chance {1 / CLASSES:.0%})")
    # The same network, event by event: the spikes are the same.
    net = module.network()
    t, channel = np.nonzero(test[:, 0].numpy())
    net.set_spikes("in", channel, (t + 1) * ms)
    net.record_spikes("out")
    sim = cs.Simulation(net, progress=False)
    sim.run_steps(STEPS)
    fired = np.bincount(sim.recording().spikes_of("out").neurons, minlength=CLASSES)
    print(f"first sample: {counts[0].tolist()} spikes in the module, {fired.tolist()} in the simulation")
    return accuracy, counts[0].numpy(), fired


if __name__ == "__main__":
    main()
