#include "callosum/sim/presentation.h"

#include <string>

#include "callosum/core/error.h"
#include "callosum/core/team.h"

namespace callosum {
namespace {

void check(const Presentation& p, const Samples& samples) {
  if (!(p.steps > 0 && p.gap >= 0))
    throw ValueError({.where = "presentation",
                      .what = "a sample needs at least a step, and a gap is not negative",
                      .got = std::to_string(p.steps) + " steps, gap " + std::to_string(p.gap),
                      .expected = "steps > 0 and gap >= 0"});
  if (p.gap > 0 && !samples.hide)
    throw ValueError({.where = "presentation",
                      .what = "nothing says how the input ends before the gap",
                      .got = "gap " + std::to_string(p.gap),
                      .expected = "'hide', or no gap"});
}

}  // namespace

void present(Simulation& simulation, const Presentation& presentation, std::size_t first,
             std::size_t last, const Samples& samples) {
  check(presentation, samples);
  for (std::size_t k = first; k < last; ++k) {
    simulation.reset(presentation.reset | Reset::time);
    samples.show(simulation, k);
    simulation.run_steps(presentation.steps);
    samples.read(simulation, k);
    if (presentation.gap == 0) continue;
    samples.hide(simulation);
    simulation.run_steps(presentation.gap);
  }
}

void present(const Network& network, const SimulationOptions& options,
             const Presentation& presentation, std::size_t count, int replicas,
             const Samples& samples) {
  check(presentation, samples);
  const auto length = static_cast<std::uint64_t>(presentation.steps + presentation.gap);
  Team team(replicas);
  team.run([&](int r) {
    const auto part = [&](int k) {
      return count * static_cast<std::size_t>(k) / static_cast<std::size_t>(replicas);
    };
    const std::size_t first = part(r), last = part(r + 1);
    if (first == last) return;
    SimulationOptions own = options;
    own.first_draw += first * length;
    Simulation simulation(network, own);
    present(simulation, presentation, first, last, samples);
  });
}

}  // namespace callosum
