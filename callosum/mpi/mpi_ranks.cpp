#include <mpi.h>

#include <algorithm>
#include <chrono>
#include <cstring>
#include <thread>

#include "callosum/core/ranks.h"
#include "callosum/core/travelling_lists.h"

// The ranks of an MPI launcher. Errors of MPI end all ranks, which is MPI's own default.
namespace callosum {
namespace {

constexpr std::size_t most = std::size_t{1} << 30;  // bytes or numbers a call; MPI counts in int
constexpr int tag = 1;

class MpiRanks : public Ranks, public TravellingLists {
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
  }
  ~MpiRanks() override {
    if (owner_) MPI_Finalize();
  }

  int rank() const override { return rank_; }
  int size() const override { return size_; }
  int on_this_machine() const override { return neighbours_; }

  // Short lists take one call: a piece of fixed length from each, its true length first.
  void all_gather(std::span<const char> own, std::vector<char>& all,
                  std::vector<std::size_t>& ends) override {
    head_.fill(own, shortest);
    pieces_.resize(head_.bytes.size() * static_cast<std::size_t>(size_));
    MPI_Allgather(head_.bytes.data(), shortest, MPI_BYTE, pieces_.data(), shortest, MPI_BYTE,
                  work_);
    join(own, pieces_, shortest, all, ends);
  }

  // Pieces grow with the lists. All ranks see the length of all lists, and so agree.
  void begin_gather(std::span<const char> own) override {
    begun_ = own;
    begun_head_.fill(own, piece_);
    begun_pieces_.resize(piece_ * static_cast<std::size_t>(size_));
    const int bytes = static_cast<int>(piece_);
    MPI_Iallgather(begun_head_.bytes.data(), bytes, MPI_BYTE, begun_pieces_.data(), bytes, MPI_BYTE,
                   work_, &gathering_);
  }
  void finish_gather(std::vector<char>& all, std::vector<std::size_t>& ends) override {
    MPI_Wait(&gathering_, MPI_STATUS_IGNORE);
    const std::size_t longest = join(begun_, begun_pieces_, piece_, all, ends);
    while (piece_ < largest && longest > piece_ - sizeof(std::uint64_t)) piece_ *= 2;
  }
  void let_move() override {
    int done = 0;
    if (gathering_ != MPI_REQUEST_NULL) MPI_Test(&gathering_, &done, MPI_STATUS_IGNORE);
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
  static constexpr std::size_t shortest = 1024, largest = std::size_t{1} << 20;  // pieces, bytes

  /// The length of a list and its beginning.
  struct Head {
    std::vector<char> bytes;
    void fill(std::span<const char> list, std::size_t piece) {
      const std::uint64_t length = list.size();
      bytes.resize(piece);
      std::memcpy(bytes.data(), &length, sizeof length);
      std::copy_n(list.data(), std::min(list.size(), piece - sizeof length),
                  bytes.data() + sizeof length);
    }
  };

  // Lists from the pieces of all ranks. What did not fit into them is sent here. Returns the length
  // of the longest list.
  std::size_t join(std::span<const char> own, const std::vector<char>& pieces, std::size_t piece,
                   std::vector<char>& all, std::vector<std::size_t>& ends) {
    const auto ranks = static_cast<std::size_t>(size_);
    const std::size_t room = piece - sizeof(std::uint64_t);
    ends.resize(ranks);
    std::size_t total = 0, longest = 0;
    for (std::size_t r = 0; r < ranks; ++r) {
      std::uint64_t bytes = 0;
      std::memcpy(&bytes, pieces.data() + r * piece, sizeof bytes);
      ends[r] = total += bytes;
      longest = std::max<std::size_t>(longest, bytes);
    }
    all.resize(total);
    for (std::size_t r = 0; r < ranks; ++r) {
      const std::size_t begin = r == 0 ? 0 : ends[r - 1], bytes = ends[r] - begin;
      std::copy_n(pieces.data() + r * piece + sizeof(std::uint64_t), std::min(bytes, room),
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
    return longest;
  }

  MPI_Comm work_ = MPI_COMM_NULL, end_ = MPI_COMM_NULL;
  int rank_ = 0, size_ = 1, neighbours_ = 1;
  bool owner_ = true;
  Head head_, begun_head_;
  std::vector<char> pieces_, begun_pieces_;
  std::span<const char> begun_;
  std::size_t piece_ = shortest;
  MPI_Request gathering_ = MPI_REQUEST_NULL;
};

}  // namespace
}  // namespace callosum

extern "C" callosum::Ranks* callosum_mpi_ranks() { return new callosum::MpiRanks; }
