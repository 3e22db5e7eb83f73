#include "callosum/experiment/trials.h"

#include <signal.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <chrono>
#include <cstring>
#include <new>
#include <numeric>
#include <thread>

#include "callosum/core/error.h"

namespace callosum::experiment {
namespace {

constexpr const char* task = "running";

[[noreturn]] void stop() {
  throw Interrupted({.where = "experiment",
                     .what = "stopped on request; what was done is kept, start again to go on"});
}

double total_cost(const std::vector<Job>& jobs) {
  return std::accumulate(jobs.begin(), jobs.end(), 0.0,
                         [](double sum, const Job& job) { return sum + job.cost; });
}

void do_here(const std::vector<Job>& jobs, double done, const ProgressCallback& progress) {
  const double total = done + total_cost(jobs);
  for (const Job& job : jobs) {
    const auto tell = [&](double share) {
      if (progress &&
          !progress({task, done + job.cost * std::clamp(share, 0.0, 1.0), total, job.name}))
        stop();
    };
    tell(0);
    job.work(tell);
    done += job.cost;
  }
  if (progress) progress({task, done, total, "all trials"});
}

/// What the processes share.
struct Board {
  static constexpr int most = 64;
  std::atomic<std::size_t> next{0};
  std::atomic<double> done{0};  ///< cost of the finished jobs
  struct Slot {
    std::atomic<double> part{0};  ///< of the job at hand, in cost
    std::atomic<std::size_t> job{0};
    char error[2048] = {};
  };
  Slot slots[most];
};

/// A Board in memory that forked processes share.
class SharedBoard {
 public:
  SharedBoard() {
    void* memory =
        mmap(nullptr, sizeof(Board), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (memory == MAP_FAILED) throw ResourceError({.where = "experiment", .what = "out of memory"});
    board_ = new (memory) Board;
  }
  ~SharedBoard() { munmap(board_, sizeof(Board)); }
  SharedBoard(const SharedBoard&) = delete;
  Board& operator*() const { return *board_; }

 private:
  Board* board_;
};

/// The life of a forked process: takes jobs until there are none.
[[noreturn]] void work(const std::vector<Job>& jobs, Board& board, Board::Slot& slot) {
  try {
    for (std::size_t i; (i = board.next++) < jobs.size();) {
      slot.job = i;
      jobs[i].work([&](double share) { slot.part = jobs[i].cost * std::clamp(share, 0.0, 1.0); });
      slot.part = 0;
      board.done = board.done + jobs[i].cost;  // racy sums only move the bar
    }
    _exit(0);
  } catch (const std::exception& error) {
    std::strncpy(slot.error, error.what(), sizeof slot.error - 1);
  } catch (...) {
    std::strncpy(slot.error, "an unknown exception", sizeof slot.error - 1);
  }
  _exit(1);
}

/// Processes that are ended with this object.
class Family {
 public:
  ~Family() {
    for (pid_t child : children_) kill(child, SIGKILL);
    for (pid_t child : children_) waitpid(child, nullptr, 0);
  }
  void add(pid_t child) { children_.push_back(child); }
  bool empty() const { return children_.empty(); }
  /// Whether all that have ended did so well.
  bool reap() {
    bool well = true;
    std::erase_if(children_, [&](pid_t child) {
      int status = 0;
      if (waitpid(child, &status, WNOHANG) != child) return false;
      well = well && WIFEXITED(status) && WEXITSTATUS(status) == 0;
      return true;
    });
    return well;
  }

 private:
  std::vector<pid_t> children_;
};

void do_in_processes(const std::vector<Job>& jobs, int processes, double done_before,
                     const ProgressCallback& progress) {
  const SharedBoard shared;
  Board& board = *shared;
  Family family;
  const pid_t parent = getpid();
  for (int i = 0; i < processes; ++i) {
    const pid_t child = fork();
    if (child < 0) throw ResourceError({.where = "experiment", .what = "cannot start a process"});
    if (child == 0) {
      prctl(PR_SET_PDEATHSIG, SIGKILL);
      signal(SIGINT, SIG_IGN);  // a Ctrl-C of the terminal reaches all; the parent decides
      if (getppid() != parent) _exit(1);
      work(jobs, board, board.slots[i]);
    }
    family.add(child);
  }
  const double total = done_before + total_cost(jobs);
  while (!family.empty()) {
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
    if (!family.reap()) {
      std::string what = "a trial's process ended of itself";
      for (const Board::Slot& slot : board.slots)
        if (slot.error[0] != '\0') what = jobs[slot.job].name + ": " + slot.error;
      throw Error({.where = "trial", .what = what});
    }
    double done = done_before + board.done;
    for (const Board::Slot& slot : board.slots) done += slot.part;
    const std::size_t started = std::min<std::size_t>(board.next, jobs.size());
    const std::string detail =
        "trial " + std::to_string(started) + " of " + std::to_string(jobs.size());
    if (progress && !progress({task, std::min(done, total), total, detail})) stop();
  }
}

}  // namespace

void do_jobs(const std::vector<Job>& jobs, int processes, double done_before,
             const ProgressCallback& progress) {
  processes = std::min({processes, static_cast<int>(jobs.size()), Board::most});
  if (processes > 1)
    do_in_processes(jobs, processes, done_before, progress);
  else
    do_here(jobs, done_before, progress);
}

}  // namespace callosum::experiment
