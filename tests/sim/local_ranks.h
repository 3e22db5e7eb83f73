#pragma once

#include <algorithm>
#include <barrier>
#include <condition_variable>
#include <exception>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <span>
#include <stdexcept>
#include <thread>
#include <utility>
#include <vector>

#include "callosum/core/ranks.h"
#include "callosum/core/travelling_lists.h"

namespace callosum::local_ranks {

/// What ranks that are threads of one process have in common.
struct Meeting {
  explicit Meeting(int ranks)
      : all(ranks), bytes(static_cast<std::size_t>(ranks)), numbers(bytes.size()), mail(ranks) {}
  std::barrier<> all;
  std::vector<std::span<const char>> bytes;
  std::vector<std::span<std::uint64_t>> numbers;
  std::vector<std::map<int, std::vector<char>>> mail;  // by receiver and sender
};

/// Ranks without MPI: threads of one process, so that the sanitizers see all of them.
class LocalRanks : public Ranks, public TravellingLists {
 public:
  LocalRanks(std::shared_ptr<Meeting> meeting, int rank)
      : meeting_(std::move(meeting)), rank_(rank) {}
  int rank() const override { return rank_; }
  int size() const override { return static_cast<int>(meeting_->bytes.size()); }
  int on_this_machine() const override { return size(); }

  void all_gather(std::span<const char> own, std::vector<char>& all,
                  std::vector<std::size_t>& ends) override {
    begin_gather(own);
    finish_gather(all, ends);
  }
  void begin_gather(std::span<const char> own) override {
    meeting_->bytes[static_cast<std::size_t>(rank_)] = own;
    if (std::exchange(begun_, true)) std::terminate();  // one at a time
  }
  void let_move() override {}
  void finish_gather(std::vector<char>& all, std::vector<std::size_t>& ends) override {
    if (!std::exchange(begun_, false)) std::terminate();
    wait();
    all.clear();
    ends.clear();
    for (const auto& bytes : meeting_->bytes) {
      all.insert(all.end(), bytes.begin(), bytes.end());
      ends.push_back(all.size());
    }
    wait();
  }
  void sum(std::span<std::uint64_t> values) override {
    if (begun_) std::terminate();
    meeting_->numbers[static_cast<std::size_t>(rank_)] = values;
    wait();
    std::vector<std::uint64_t> sums(values.size(), 0);
    for (const auto& numbers : meeting_->numbers) {
      if (numbers.size() != sums.size()) std::terminate();  // the ranks do not do the same
      for (std::size_t k = 0; k < sums.size(); ++k) sums[k] += numbers[k];
    }
    wait();
    std::copy(sums.begin(), sums.end(), values.begin());
  }
  void send(int to, std::span<const char> bytes) override {
    const std::lock_guard lock(mutex_);
    meeting_->mail[static_cast<std::size_t>(to)][rank_] = {bytes.begin(), bytes.end()};
    posted_.notify_all();
  }
  std::vector<char> receive(int from) override {
    std::unique_lock lock(mutex_);
    auto& box = meeting_->mail[static_cast<std::size_t>(rank_)];
    posted_.wait(lock, [&] { return box.contains(from); });
    return std::move(box.extract(from).mapped());
  }
  bool all_within(double) override { return false; }
  [[noreturn]] void abort(int) override { std::terminate(); }

 private:
  void wait() { meeting_->all.arrive_and_wait(); }
  static inline std::mutex mutex_;
  static inline std::condition_variable posted_;
  std::shared_ptr<Meeting> meeting_;
  int rank_;
  bool begun_ = false;
};

/// Runs task(ranks) as each of so many ranks and rethrows what rank 0 throws.
inline void run(int size, const std::function<void(std::shared_ptr<Ranks>)>& task) {
  const auto meeting = std::make_shared<Meeting>(size);
  std::exception_ptr failure;
  const auto as = [&](int rank) {
    try {
      task(std::make_shared<LocalRanks>(meeting, rank));
    } catch (...) {
      if (rank == 0) failure = std::current_exception();
    }
  };
  std::vector<std::thread> others;
  for (int rank = 1; rank < size; ++rank) others.emplace_back(as, rank);
  as(0);
  for (std::thread& t : others) t.join();
  if (failure) std::rethrow_exception(failure);
}

}  // namespace callosum::local_ranks
