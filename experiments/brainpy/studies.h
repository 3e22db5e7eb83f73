#pragma once

#include "callosum/experiment/outcome.h"
#include "callosum/experiment/trial.h"
#include "callosum/network/network.h"

/// The studies of the protocol. Each reads the trial and writes what it measured. Times are
/// processor seconds of this process, so that other work on the machine shows less.
namespace callosum::experiment {

double processor_seconds();

/// Event-driven products against dense and sparse ones that do not look at who fired: milliseconds
/// a product, over size, connection probability and activity.
void operator_study(const Trial& t, Outcome& out);

/// The benchmark network of conductance-based neurons (Brette et al. 2007, as BrainPy runs it:
/// V(0) normal, -55 +- 2 mV), `scale` times 3,200 excitatory and 800 inhibitory ones. Each neuron
/// has 80 synapses on average at any scale, or with `dense` the probability stays 0.02 and
/// weights are divided by the scale.
Network coba(std::uint32_t scale, bool dense = false, Rows rows = Rows::stored);
/// Seconds for 5 s of it.
void speed_study(const Trial& t, Outcome& out);
/// Mean rates against a program of its own that knows nothing of the library, dt = 0.01 ms.
void rate_study(const Trial& t, Outcome& out);
/// Connectivity that is drawn again at each spike: memory, and spikes against the stored matrix.
void procedural_study(const Trial& t, Outcome& out);
/// Exponential conductances a target against one a synapse: conductances over time, and bytes.
void align_study(const Trial& t, Outcome& out);

/// Gradients: of a Hodgkin-Huxley cell against differences, of an event-driven product (whose
/// matrix is drawn, not given) against the matrix.
void gradient_study(const Trial& t, Outcome& out);
/// Delayed match to sample learned by 100 spiking neurons; the arm says with which slow currents
/// and whether gradients arrive. Then the trained network event by event.
void memory_study(const Trial& t, Outcome& out);

}  // namespace callosum::experiment
