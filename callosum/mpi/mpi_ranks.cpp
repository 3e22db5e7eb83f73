#include <mpi.h>

#include <algorithm>
#include <chrono>
#include <cstring>
#include <thread>

#include "callosum/core/ranks.h"

// The ranks of an MPI launcher. Errors of MPI end all ranks, which is MPI's own default.
namespace callosum {
namespace {

constexpr std::size_t most = std::size_t{1} << 30;  // bytes or numbers a call; MPI counts in int
constexpr int tag = 1;

class MpiRanks : public Ranks {
 public:
  MpiRanks() {
    int provided = 0, initialized = 0;
    MPI_Initialized(&initialized);
    owner_ = initialized == 0;
    if (owner_) MPI_Init_thread(nullptr, nullptr, MPI_THREAD_FUNNELED, &provided);
    MPI_Comm_dup(MPI_COMM_WORLD, &work_);
    MPI_Comm_dup(MPI_COMM_WORLD, &end_);
    MPI_Comm_rank(work_, &rank_);
    MPI_Comm_size(work_, &size_);
    MPI_Comm machine;
    MPI_Comm_split_type(work_, MPI_COMM_TYPE_SHARED, 0, MPI_INFO_NULL, &machine);
    MPI_Comm_size(machine, &neighbours_);
    MPI_Comm_free(&machine);
    first_.resize(piece * static_cast<std::size_t>(size_));
  }
  ~MpiRanks() override {
    if (owner_) MPI_Finalize();
  }

  int rank() const override { return rank_; }
  int size() const override { return size_; }
  int on_this_machine() const override { return neighbours_; }

  // Short lists, the rule, take one call: a piece of fixed length from each, its true length first.
  void all_gather(std::span<const char> own, std::vector<char>& all,
                  std::vector<std::size_t>& ends) override {
    const std::uint64_t length = own.size();
    std::array<char, piece> head;
    std::memcpy(head.data(), &length, sizeof length);
    std::copy_n(own.data(), std::min(own.size(), room), head.data() + sizeof length);
    MPI_Allgather(head.data(), piece, MPI_BYTE, first_.data(), piece, MPI_BYTE, work_);
    const auto ranks = static_cast<std::size_t>(size_);
    ends.resize(ranks);
    std::size_t total = 0;
    for (std::size_t r = 0; r < ranks; ++r) {
      std::uint64_t bytes = 0;
      std::memcpy(&bytes, first_.data() + r * piece, sizeof bytes);
      ends[r] = total += bytes;
    }
    all.resize(total);
    for (std::size_t r = 0; r < ranks; ++r) {
      const std::size_t begin = r == 0 ? 0 : ends[r - 1], bytes = ends[r] - begin;
      std::copy_n(first_.data() + r * piece + sizeof length, std::min(bytes, room),
                  all.data() + begin);
    }
    for (std::size_t r = 0; r < ranks; ++r) {
      const std::size_t begin = r == 0 ? 0 : ends[r - 1];
      if (ends[r] - begin <= room) continue;
      if (static_cast<int>(r) == rank_)
        std::copy(own.begin() + room, own.end(), all.begin() + begin + room);
      for (std::size_t at = begin + room; at < ends[r]; at += most)
        MPI_Bcast(all.data() + at, static_cast<int>(std::min(most, ends[r] - at)), MPI_BYTE,
                  static_cast<int>(r), work_);
    }
  }

  void sum(std::span<std::uint64_t> values) override {
    for (std::size_t at = 0; at < values.size(); at += most)
      MPI_Allreduce(MPI_IN_PLACE, values.data() + at,
                    static_cast<int>(std::min(most, values.size() - at)), MPI_UINT64_T, MPI_SUM,
                    work_);
  }

  void send(int to, std::span<const char> bytes) override {
    std::uint64_t length = bytes.size();
    MPI_Send(&length, 1, MPI_UINT64_T, to, tag, work_);
    for (std::size_t at = 0; at < length; at += most)
      MPI_Send(bytes.data() + at, static_cast<int>(std::min(most, length - at)), MPI_BYTE, to, tag,
               work_);
  }
  std::vector<char> receive(int from) override {
    std::uint64_t length = 0;
    MPI_Recv(&length, 1, MPI_UINT64_T, from, tag, work_, MPI_STATUS_IGNORE);
    std::vector<char> bytes(length);
    for (std::size_t at = 0; at < length; at += most)
      MPI_Recv(bytes.data() + at, static_cast<int>(std::min(most, length - at)), MPI_BYTE, from,
               tag, work_, MPI_STATUS_IGNORE);
    return bytes;
  }

  bool all_within(double seconds) override {
    using Clock = std::chrono::steady_clock;
    const auto start = Clock::now();
    MPI_Request request;
    MPI_Ibarrier(end_, &request);
    for (int done = 0;;) {
      MPI_Test(&request, &done, MPI_STATUS_IGNORE);
      if (done != 0) return true;
      if (std::chrono::duration<double>(Clock::now() - start).count() > seconds) return false;
      std::this_thread::sleep_for(std::chrono::milliseconds(1));
    }
  }
  [[noreturn]] void abort(int code) override {
    MPI_Abort(MPI_COMM_WORLD, code);
    std::_Exit(code);
  }

 private:
  static constexpr std::size_t piece = 1024, room = piece - sizeof(std::uint64_t);
  MPI_Comm work_ = MPI_COMM_NULL, end_ = MPI_COMM_NULL;
  int rank_ = 0, size_ = 1, neighbours_ = 1;
  bool owner_ = true;
  std::vector<char> first_;
};

}  // namespace
}  // namespace callosum

extern "C" callosum::Ranks* callosum_mpi_ranks() { return new callosum::MpiRanks; }
