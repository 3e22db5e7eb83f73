#include "callosum/core/available_memory.h"

#include <gtest/gtest.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmath>
#include <filesystem>
#include <fstream>

namespace callosum {
namespace {

namespace fs = std::filesystem;

/// A machine made of files: what /proc and /sys say.
class Machine {
 public:
  Machine() : root_(fs::path(testing::TempDir()) / ("memory_" + std::to_string(getpid()))) {
    fs::remove_all(root_);
  }
  ~Machine() { fs::remove_all(root_); }
  Machine& says(const std::string& file, const std::string& text) {
    fs::create_directories((root_ / file).parent_path());
    std::ofstream(root_ / file) << text;
    return *this;
  }
  double left() const { return available_memory(root_.string()); }

 private:
  fs::path root_;
};

TEST(AvailableMemory, IsThatOfTheMachine) {
  EXPECT_EQ(Machine().left(), INFINITY);
  Machine machine;
  machine.says("proc/meminfo", "MemTotal: 9000 kB\nMemFree: 10 kB\nMemAvailable:  4000 kB\n");
  EXPECT_EQ(machine.left(), 4096000);
}

TEST(AvailableMemory, IsWhatTheTightestControlGroupLeaves) {
  Machine machine;
  machine.says("proc/meminfo", "MemAvailable: 4000 kB\n")
      .says("proc/self/cgroup", "0::/slice/unit\n")
      .says("sys/fs/cgroup/slice/memory.max", "3000000\n")
      .says("sys/fs/cgroup/slice/memory.current", "1000000\n")
      .says("sys/fs/cgroup/slice/unit/memory.max", "max\n")
      .says("sys/fs/cgroup/slice/unit/memory.current", "1000000\n");
  EXPECT_EQ(machine.left(), 2000000) << "the group above has a limit, the own one none";
  machine.says("sys/fs/cgroup/slice/unit/memory.max", "1500000\n");
  EXPECT_EQ(machine.left(), 500000);
  machine.says("sys/fs/cgroup/slice/unit/memory.stat", "active_file 7\ninactive_file 300000\n");
  EXPECT_EQ(machine.left(), 800000) << "files that were read give way";
}

TEST(AvailableMemory, KnowsControlGroupsOfTheFirstVersion) {
  Machine machine;
  machine.says("proc/meminfo", "MemAvailable: 4000 kB\n")
      .says("proc/self/cgroup", "9:cpu,cpuacct:/a\n4:memory:/of/the/host\n0::/\n")
      .says("sys/fs/cgroup/memory/memory.limit_in_bytes", "2000000\n")
      .says("sys/fs/cgroup/memory/memory.usage_in_bytes", "1500000\n")
      .says("sys/fs/cgroup/memory/memory.stat", "inactive_file 1\ntotal_inactive_file 400000\n");
  EXPECT_EQ(machine.left(), 900000);
  machine.says("sys/fs/cgroup/memory/memory.limit_in_bytes", "9223372036854771712\n");
  EXPECT_EQ(machine.left(), 4096000) << "that number means no limit";
}

#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
TEST(AvailableMemory, HeedsALimitOfTheAddressSpace) {
  const pid_t child = fork();
  if (child == 0) {
    const rlimit limit{rlim_t{1} << 32, rlim_t{1} << 32};
    setrlimit(RLIMIT_AS, &limit);
    const double left = available_memory();
    _exit(left > 0 && left < 4294967296.0 ? 0 : 1);
  }
  int status = 0;
  ASSERT_EQ(waitpid(child, &status, 0), child);
  EXPECT_EQ(status, 0);
}
#endif

}  // namespace
}  // namespace callosum
