#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <vector>

namespace callosum {

/// The processes that run one simulation together, this one among them; rank 0 is the first. What
/// is said to be collective is called by all of them, in the same order; it waits for the others.
class Ranks {
 public:
  virtual ~Ranks() = default;
  virtual int rank() const = 0;
  virtual int size() const = 0;
  virtual int on_this_machine() const = 0;  ///< how many of them, at least 1

  /// Collective: the bytes of all ranks, in order of ranks; those of rank r end at ends[r].
  virtual void all_gather(std::span<const char> own, std::vector<char>& all,
                          std::vector<std::size_t>& ends) = 0;
  /// Collective: number by number the sum modulo 2^64 over all ranks, on all of them.
  virtual void sum(std::span<std::uint64_t> values) = 0;
  /// From one rank to another, which receives.
  virtual void send(int to, std::span<const char> bytes) = 0;
  virtual std::vector<char> receive(int from) = 0;

  /// Whether every rank calls it within so many seconds.
  virtual bool all_within(double seconds) = 0;
  /// Ends all ranks at once; their processes exit with `code`.
  [[noreturn]] virtual void abort(int code) = 0;
};

/// Collective: numbers each of which one rank knows, the others holding +0; then all know all.
void merge(Ranks& ranks, std::span<double> values);
/// Collective: how many ranks say yes.
int count_of(Ranks& ranks, bool yes);

/// The ranks that mpirun, srun or the like has started this process with; null when it was started
/// alone. MPI is loaded on the first call, from libcallosum_mpi.so beside the program, or in the
/// lib folder beside it, or where the environment variable CALLOSUM_MPI says; MPI ends with the
/// last owner. Throws ResourceError when it cannot be loaded and when it is not the launcher's.
std::shared_ptr<Ranks> launched_ranks();
/// What launched_ranks() has loaded, or null.
std::shared_ptr<Ranks> loaded_ranks();

}  // namespace callosum
