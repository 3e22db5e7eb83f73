"""A network as a module of torch: an autograd function around Unroll, buffers passed by DLPack.

The extension links no libtorch, so this works with whatever torch you have.

>>> module = callosum.torch.Module(net, outputs=["out.count"])
>>> optimiser = torch.optim.Adam(module.parameters(), lr=0.5)
>>> loss = torch.nn.functional.cross_entropy(module(spikes), labels)
>>> loss.backward(); optimiser.step()
>>> sim = callosum.Simulation(module.network())

Names are those of the C++ class callosum::learn::Module.
"""

import torch
from torch.utils.dlpack import from_dlpack

from ._core import Unroll
from .errors import NameError as UnknownName

__all__ = ["Module"]


class _Run(torch.autograd.Function):
    """One run. Non-tensors: the module, and the names of the tensors that follow."""

    @staticmethod
    def forward(ctx, module, names, *tensors):
        ctx.module, ctx.names = module, names
        ctx.save_for_backward(*tensors)
        ctx.number = module._forward(names, tensors)
        return tuple(module._output(name) for name in module.outputs)

    @staticmethod
    def backward(ctx, *bars):
        module, names, tensors = ctx.module, ctx.names, ctx.saved_tensors
        if ctx.number != module._number:  # another run came between
            ctx.number = module._forward(names, tensors)
        given = {"spikes": {}, "counts": {}, "recorded": {}}
        for name, bar in zip(module.outputs, bars):
            if bar is not None:
                kind, key = module._kind(name)
                given[kind][key] = module._plain(bar)
        module._unroll.backward(**given)
        gradients = []
        for (kind, name), tensor, wanted in zip(names, tensors, ctx.needs_input_grad[2:]):
            if not wanted:
                gradients.append(None)
                continue
            gradient = module._unroll.gradient(name) if kind == "parameter" \
                else module._unroll.input_gradient(name)
            gradients.append(from_dlpack(gradient).reshape(tensor.shape))
        return (None, None, *gradients)


class Module(torch.nn.Module):
    """A static network as a module whose parameters are its own weights and neuron parameters, in
    internal units (ms, mV, pA, nS).

    trained: projections (their weights) and "population.parameter"; None: all weights.
    currents: "population.parameter" that receives an input [time, batch, unit].
    outputs: "population", its spikes [time, batch, unit]; "population.count", their sum over time
    [batch, unit]; "population.state", at the end of each step [time, batch, unit].
    input_gradients: let gradients through to input tensors.

    A run begins at the initial state. Backward runs the reverse of the last run; of an earlier one, it
    runs forward again first.
    """

    def __init__(self, network, *, outputs, trained=None, currents=(), seed=1, threads=1,
                 precision="float", surrogate="fast_sigmoid", width=1.0, detach_reset=False,
                 input_gradients=False):
        super().__init__()
        self.outputs = list(outputs)
        self.currents = list(currents)
        self._populations = set(network.populations)
        record = [name for name in self.outputs if self._kind(name)[0] == "recorded"]
        self._unroll = Unroll(network, seed=seed, threads=threads, precision=precision,
                              surrogate=surrogate, width=width, detach_reset=detach_reset,
                              trained=trained, currents=self.currents, record=record,
                              input_gradients=input_gradients)
        self._dtype = torch.float64 if precision == "double" else torch.float32
        self._number = 0
        self._names = {}
        for name in self._unroll.trained:
            # A point separates modules in torch's names.
            self._names[name] = name.replace(".", "/")
            values = from_dlpack(self._unroll.values(name)).clone()
            self.register_parameter(self._names[name], torch.nn.Parameter(values))

    @property
    def trained(self):
        return list(self._names)

    def parameter(self, name):
        """The tensor of a name in `trained`."""
        if name not in self._names:
            raise UnknownName(f"[Module.parameter] nothing of this name is trained: got '{name}', "
                              f"expected {', '.join(self._names)}")
        return getattr(self, self._names[name])

    def forward(self, spikes):
        """The only input into the only output, or a tuple of all outputs."""
        inputs = [p for p in self._inputs()]
        if len(inputs) != 1:
            raise UnknownName(f"[Module] one input is needed to call the module: got {inputs}, "
                              "expected run({name: tensor})")
        found = self.run({inputs[0]: spikes})
        return found[self.outputs[0]] if len(self.outputs) == 1 else \
            tuple(found[name] for name in self.outputs)

    def run(self, inputs):
        """{output: tensor} for {population or current: tensor [time, batch, unit]}."""
        known = self._inputs() + self.currents
        for name in inputs:
            if name not in known:
                raise UnknownName(f"[Module.run] there is no such input: got '{name}', expected "
                                  f"{', '.join(known)}")
        names = [("current" if n in self.currents else "spikes", n) for n in inputs]
        tensors = list(inputs.values())
        names += [("parameter", name) for name in self._names]
        tensors += [self.parameter(name) for name in self._names]
        return dict(zip(self.outputs, _Run.apply(self, names, *tensors)))

    def network(self):
        """The network with the present parameters, which Simulation runs with the same spikes."""
        for name in self._names:
            self._unroll.set(name, self._plain(self.parameter(name)))
        return self._unroll.network()

    def _inputs(self):
        return self._unroll.inputs

    def _kind(self, output):
        if output in self._populations:
            return "spikes", output
        if output.endswith(".count"):
            return "counts", output[:-len(".count")]
        return "recorded", output

    def _plain(self, tensor):
        """A tensor as Unroll takes it: on the processor, in rows, of its precision."""
        return tensor.detach().to("cpu", self._dtype).contiguous()

    def _forward(self, names, tensors):
        given = {"spikes": {}, "current": {}}
        shape = None
        for (kind, name), tensor in zip(names, tensors):
            plain = self._plain(tensor)
            if kind == "parameter":
                self._unroll.set(name, plain)
                continue
            if plain.dim() != 3 or (shape is not None and plain.shape[:2] != shape):
                raise ValueError(f"[Module.run, '{name}'] [time, batch, unit] is needed, equal for "
                                 f"all inputs: got {list(plain.shape)}")
            shape = plain.shape[:2]
            given[kind][name] = plain
        if shape is None:
            raise ValueError("[Module.run] an input is needed")
        self._unroll.forward(shape[0], shape[1], given["spikes"], given["current"])
        self._number += 1
        return self._number

    def _output(self, name):
        kind, key = self._kind(name)
        if kind == "recorded":
            return from_dlpack(self._unroll.recorded(key))
        spikes = from_dlpack(self._unroll.spikes(key))
        return spikes if kind == "spikes" else spikes.sum(dim=0)
