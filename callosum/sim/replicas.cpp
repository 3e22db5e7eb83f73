#include "callosum/sim/replicas.h"

#include <algorithm>
#include <atomic>
#include <exception>
#include <filesystem>
#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "callosum/core/error.h"
#include "callosum/core/team.h"
#include "callosum/sim/engine.h"

namespace callosum {
namespace {

/// What the progress callbacks of all replicas share.
struct Watch {
  explicit Watch(int replicas)
      : before(static_cast<std::size_t>(replicas)), done(static_cast<std::size_t>(replicas)) {}
  ProgressCallback shown;
  std::atomic<bool> stopped = false;
  std::int64_t each = 0;                        ///< steps that each is to have done
  std::vector<std::int64_t> before;             ///< of these, done before this call
  std::vector<std::atomic<std::int64_t>> done;  ///< so far
  std::atomic<std::size_t> teller = 0;          ///< the replica that the calling thread runs

  void tell() {
    if (!shown || each == 0) return;
    double sum = 0;
    int complete = 0;
    for (const auto& steps : done) {
      sum += static_cast<double>(steps);
      complete += steps == each;
    }
    const auto all = static_cast<double>(done.size());
    if (!shown({"simulating", sum, all * static_cast<double>(each),
                std::to_string(complete) + " of " + std::to_string(done.size()) + " replicas"}))
      stopped = true;
  }
};

void check(int count, const SimulationOptions& options) {
  if (count < 1)
    throw ValueError({.where = "replicas",
                      .what = "there is nothing to run",
                      .got = std::to_string(count),
                      .expected = "at least one replica"});
  if (options.ranks && options.ranks->size() > 1)
    throw UnsupportedError({.where = "replicas",
                            .what = "they share the memory of one process",
                            .got = std::to_string(options.ranks->size()) + " ranks",
                            .expected = "one rank; `replica` makes a run of ranks one of them"});
}

SimulationOptions of_replica(const SimulationOptions& all, std::uint32_t place, int threads) {
  SimulationOptions own = all;
  own.replica += place;
  own.threads = threads;
  const std::string folder = "replica-" + std::to_string(own.replica);
  if (!own.stream_dir.empty())
    own.stream_dir = (std::filesystem::path(own.stream_dir) / folder).string();
  return own;
}

// The same error, which says of which replica it is.
NumericalError named(const NumericalError& error, std::uint32_t replica) {
  ErrorDetail detail = error.detail();
  detail.where = "replica " + std::to_string(replica) + ", " + detail.where;
  return NumericalError(std::move(detail));
}

}  // namespace

struct Replicas::Impl {
  Impl(int count, int threads) : watch(count), team(std::min(threads, count)) {}

  Watch watch;
  Team team;
  std::vector<std::unique_ptr<Simulation>> runs;

  void for_each(std::size_t first, const std::function<void(std::size_t, int)>& task);
};

// task(replica, member) for replicas from `first` on, the next one by whoever is free. What goes
// wrong with one stops all; the error of the lowest replica that has one is thrown.
void Replicas::Impl::for_each(std::size_t first,
                              const std::function<void(std::size_t, int)>& task) {
  std::atomic<std::size_t> next = first;
  std::vector<std::exception_ptr> failures(runs.size());
  watch.stopped = false;
  team.run([&](int member) {
    for (std::size_t r; !watch.stopped && (r = next++) < runs.size();) {
      try {
        task(r, member);
      } catch (const Interrupted&) {  // by the user, or because another failed
      } catch (...) {
        failures[r] = std::current_exception();
        watch.stopped = true;
      }
    }
  });
  for (const std::exception_ptr& failure : failures)
    if (failure) std::rethrow_exception(failure);
  if (watch.stopped) throw Interrupted({.where = "replicas", .what = "stopped on request"});
}

Replicas::Replicas(Network network, int count, SimulationOptions options) {
  check(count, options);
  const auto shared = std::make_shared<const Network>(std::move(network));
  sim::refuse_what_does_not_fit(*shared, options, count);
  impl_ = std::make_unique<Impl>(count, options.threads);
  impl_->watch.shown = options.progress;
  impl_->runs.resize(static_cast<std::size_t>(count));
  const int threads = std::max(1, options.threads / count);
  const auto make = [&](std::size_t r) {
    SimulationOptions own = of_replica(options, static_cast<std::uint32_t>(r), threads);
    // The first tells how the shared rows are built, as any simulation does.
    own.progress = [watch = &impl_->watch, r](const Progress& progress) {
      if (progress.task != "simulating") return r != 0 || !watch->shown || watch->shown(progress);
      watch->done[r] = watch->before[r] + static_cast<std::int64_t>(progress.done);
      if (watch->teller == r) watch->tell();
      return !watch->stopped;
    };
    const Simulation* like = r == 0 ? nullptr : impl_->runs.front().get();
    impl_->runs[r].reset(new Simulation(shared, std::move(own), nullptr, like));
  };
  make(0);
  impl_->for_each(1, [&](std::size_t r, int) { make(r); });
}

Replicas::~Replicas() = default;
Replicas::Replicas(Replicas&&) noexcept = default;

int Replicas::size() const { return static_cast<int>(impl_->runs.size()); }
Simulation& Replicas::operator[](int replica) {
  return *impl_->runs.at(static_cast<std::size_t>(replica));
}
const Simulation& Replicas::operator[](int replica) const {
  return *impl_->runs.at(static_cast<std::size_t>(replica));
}

void Replicas::run(Quantity duration) {
  run_steps(impl_->runs.front()->network().grid().steps(duration, "duration of run()"));
}

void Replicas::run_steps(std::int64_t steps) {
  if (steps < 0) return impl_->runs.front()->run_steps(steps);  // says what is wrong with it
  const std::int64_t start = step();
  Watch& watch = impl_->watch;
  watch.each = steps;
  for (std::size_t r = 0; r < impl_->runs.size(); ++r) {
    watch.before[r] = std::min(steps, impl_->runs[r]->step() - start);
    watch.done[r] = watch.before[r];
  }
  impl_->for_each(0, [&](std::size_t r, int member) {
    if (member == 0) watch.teller = r;
    try {
      impl_->runs[r]->run_steps(steps - watch.before[r]);
    } catch (const NumericalError& error) {
      throw named(error, impl_->runs[r]->options().replica);
    }
  });
  watch.tell();
}

std::int64_t Replicas::step() const {
  std::int64_t least = impl_->runs.front()->step();
  for (const auto& run : impl_->runs) least = std::min(least, run->step());
  return least;
}

}  // namespace callosum
