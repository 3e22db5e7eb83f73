#pragma once

#include <cstdint>
#include <functional>
#include <memory>

namespace callosum {

/// A fixed team of threads that run one task together. The caller is member 0. Members wait by
/// spinning briefly, then sleeping, so an idle team costs nothing. Every member flushes subnormals.
class Team {
 public:
  /// threads >= 1; throws ValueError otherwise.
  explicit Team(int threads);
  ~Team();
  Team(const Team&) = delete;
  Team& operator=(const Team&) = delete;

  int size() const;
  /// Runs task(member) on every member and returns when all are done. The first exception thrown
  /// by a member (lowest member id) is rethrown here after all have finished.
  void run(const std::function<void(int)>& task);
  /// Inside a task: waits until every member has arrived.
  void barrier();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

/// Cores this process may use (affinity and cgroup quota respected), at least 1.
int available_cores();

}  // namespace callosum
