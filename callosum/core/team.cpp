#include "callosum/core/team.h"

#include <atomic>
#include <exception>
#include <string>
#include <thread>
#include <vector>

#include "callosum/core/error.h"
#include "callosum/core/precision.h"

namespace callosum {
namespace {

void relax() {
#if defined(__x86_64__)
  __builtin_ia32_pause();
#elif defined(__aarch64__)
  asm volatile("yield");
#endif
}

}  // namespace

struct Team::State {
  explicit State(int size)
      : size(size), spins(size <= available_cores() ? 4000 : 0), failures(size) {}

  /// Returns once `word` differs from `old`.
  void await_change(const std::atomic<std::uint32_t>& word, std::uint32_t old) const {
    for (int i = 0; i < spins; ++i) {
      if (word.load(std::memory_order_acquire) != old) return;
      relax();
    }
    while (word.load(std::memory_order_acquire) == old) word.wait(old, std::memory_order_acquire);
  }

  /// The last to arrive opens the next phase. A member that has left, even by an exception, is no
  /// longer waited for.
  void arrive(bool leave) {
    const std::uint32_t now = phase.load(std::memory_order_acquire);
    if (leave) expected.fetch_sub(1, std::memory_order_acq_rel);
    if (missing.fetch_sub(1, std::memory_order_acq_rel) == 1) {
      missing.store(expected.load(std::memory_order_acquire), std::memory_order_relaxed);
      phase.store(now + 1, std::memory_order_release);
      phase.notify_all();
    } else if (!leave) {
      await_change(phase, now);
    }
  }

  void perform(int member) {
    try {
      (*task)(member);
    } catch (...) {
      failures[member] = std::current_exception();
    }
    arrive(true);
    if (working.fetch_sub(1, std::memory_order_acq_rel) == 1) working.notify_all();
  }

  void serve(int member) {
    const FlushSubnormals flush;
    std::uint32_t seen = 0;
    for (;;) {
      await_change(round, seen);
      ++seen;
      if (ending) return;
      perform(member);
    }
  }

  void start_round() {
    round.fetch_add(1, std::memory_order_acq_rel);
    round.notify_all();
  }

  const int size;
  const int spins;
  const std::function<void(int)>* task = nullptr;
  bool ending = false;
  std::vector<std::exception_ptr> failures;
  alignas(64) std::atomic<std::uint32_t> round = 0;
  alignas(64) std::atomic<std::uint32_t> working = 0;
  alignas(64) std::atomic<std::uint32_t> missing = 0;
  std::atomic<std::uint32_t> expected = 0;
  alignas(64) std::atomic<std::uint32_t> phase = 0;
  std::vector<std::thread> threads;
};

Team::Team(int threads) {
  if (!(threads >= 1 && threads <= 4096))
    throw ValueError({.where = "threads",
                      .what = "the number of threads is out of range",
                      .got = std::to_string(threads),
                      .expected = "1 to 4096"});
  state_ = std::make_unique<State>(threads);
  try {
    for (int member = 1; member < threads; ++member)
      state_->threads.emplace_back([state = state_.get(), member] { state->serve(member); });
  } catch (const std::system_error& error) {
    state_->ending = true;
    state_->start_round();
    for (auto& thread : state_->threads) thread.join();
    throw ResourceError({.where = "threads",
                         .what = std::string("a thread could not be started: ") + error.what(),
                         .got = std::to_string(threads)});
  }
}

Team::~Team() {
  state_->ending = true;
  state_->start_round();
  for (auto& thread : state_->threads) thread.join();
}

int Team::size() const { return state_->size; }

void Team::run(const std::function<void(int)>& task) {
  State& s = *state_;
  const FlushSubnormals flush;
  s.task = &task;
  s.failures.assign(s.size, nullptr);
  s.working = static_cast<std::uint32_t>(s.size);
  s.expected = static_cast<std::uint32_t>(s.size);
  s.missing = static_cast<std::uint32_t>(s.size);
  if (s.size > 1) s.start_round();
  s.perform(0);
  for (std::uint32_t left; (left = s.working.load(std::memory_order_acquire)) != 0;)
    s.await_change(s.working, left);
  for (auto& failure : s.failures)
    if (failure) std::rethrow_exception(failure);
}

void Team::barrier() { state_->arrive(false); }

}  // namespace callosum
