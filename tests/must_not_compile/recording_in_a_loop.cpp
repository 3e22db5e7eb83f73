#include "callosum/sim/simulation.h"
// What the loop reads would be gone before its first turn.
std::size_t spikes(const callosum::Simulation& sim) {
  std::size_t n = 0;
#ifdef MUST_FAIL
  for (const callosum::SpikeRecord& record : sim.recording().spikes) n += record.steps.size();
#else
  const callosum::Recording recording = sim.recording();
  for (const callosum::SpikeRecord& record : recording.spikes) n += record.steps.size();
#endif
  return n;
}
