#include <gtest/gtest.h>

#include <atomic>
#include <cstdlib>
#include <new>

#include "callosum/library/library.h"
#include "callosum/sim/simulation.h"
#include "tests/sim/local_ranks.h"

namespace {
std::atomic<bool> counting = false;
std::atomic<long> allocations = 0;
}  // namespace

// Every allocation of this test program, counted while `counting`.
void* operator new(std::size_t size) {
  if (counting.load(std::memory_order_relaxed)) ++allocations;
  if (void* p = std::malloc(size == 0 ? 1 : size)) return p;
  throw std::bad_alloc();
}
void* operator new(std::size_t size, const std::nothrow_t&) noexcept {
  if (counting.load(std::memory_order_relaxed)) ++allocations;
  return std::malloc(size == 0 ? 1 : size);
}
void operator delete(void* p) noexcept { std::free(p); }
void operator delete(void* p, std::size_t) noexcept { std::free(p); }

namespace callosum {
namespace {

using namespace callosum::literals;

long allocations_of(Simulation& sim, std::int64_t steps) {
  allocations = 0;
  counting = true;
  sim.run_steps(steps);
  counting = false;
  return allocations;
}

// Delays that differ (rings in slices), constant ones, Poisson input.
Network network(Rows rows = Rows::stored) {
  Network net(0.1_ms);
  const View cells = net.add("cells", 1500, library::neuron("lif_psc_exp"),
                             {.initial = {{"V_m", Values::uniform(-70_mV, -55.5_mV)}}});
  net.connect(cells, cells, fixed_probability(0.1),
              {.target = "I_ex",
               .weight = Values::normal(5_pA, 1_pA),
               .delay = Values::uniform(0.1_ms, 3_ms),
               .rows = rows});
  net.connect(cells, cells, fixed_probability(0.1),
              {.target = "I_in", .weight = -20_pA, .delay = 1_ms, .rows = rows});
  net.stimulate({.kind = Stimulus::Kind::poisson,
                 .to = cells,
                 .target = "I_ex",
                 .value = 60_pA,
                 .rate = Values(9000_Hz)});
  return net;
}

// Buffers grow while they are new; a call of run() and each batch of steps make a few objects.
TEST(Allocation, StepsAllocateNothing) {
  for (const int threads : {1, 2}) {
    Simulation sim(network(), {.threads = threads});
    EXPECT_GT(allocations_of(sim, 3000), 0) << "the counter counts";
    const std::uint64_t before = sim.statistics().spikes;
    EXPECT_LT(allocations_of(sim, 3000), 300) << "of 3000 steps";
    EXPECT_GT(sim.statistics().spikes - before, 1000u) << "there was something to deliver";
  }
}

TEST(Allocation, RowsThatAreRedrawnAllocateNothing) {
  Simulation sim(network(Rows::procedural), {.threads = 2});
  EXPECT_GT(allocations_of(sim, 3000), 0) << "the counter counts";
  EXPECT_LT(allocations_of(sim, 3000), 300) << "of 3000 steps";
}

// Spikes go from rank to rank after every step here.
TEST(Allocation, ExchangeBetweenRanksAllocatesNothing) {
  local_ranks::run(2, [](std::shared_ptr<Ranks> here) {
    Simulation sim(network(), {.threads = 2, .ranks = here});
    sim.run_steps(3000);
    count_of(*here, true);  // all are here
    if (here->rank() == 0) {
      allocations = 0;
      counting = true;
    }
    sim.run_steps(3000);
    count_of(*here, true);
    if (here->rank() != 0) return;
    counting = false;
    EXPECT_GT(allocations, 0) << "the counter counts";
    // A slow machine makes batches of 16 steps, each with a few objects on each rank.
    EXPECT_LT(allocations, 1500) << "of 3000 steps, each with an exchange on two ranks";
  });
}

}  // namespace
}  // namespace callosum
