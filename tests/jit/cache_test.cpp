#include "callosum/jit/cache.h"

#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <thread>

#include "callosum/model/builder.h"
#include "tests/jit/equality.h"

namespace callosum {
namespace {

namespace fs = std::filesystem;
using model::SlotKind;
using test::Lanes;

/// x = x**2 + factor
model::Program square_plus(double factor, Precision precision = Precision::twofold) {
  model::Builder b("square_plus");
  const auto x = b.slot({"x", SlotKind::state, true, Dimension{}});
  const auto v = b.load(x);
  b.store(x, b.add(b.mul(v, v), b.constant(factor)));
  return model::lower_functions(b.finish(), precision);
}

double applied(const jit::Kernel& kernel, const model::Program& program, double x) {
  Lanes<double> lanes(program, 64);
  lanes.column("x")[33] = x;
  lanes.with([&](const auto& a) { kernel.run(a, 0, 64); });
  return lanes.column("x")[33];
}

class CacheTest : public ::testing::Test {
 protected:
  CacheTest()
      : folder_(fs::temp_directory_path() /
                ("callosum-cache-test-" + std::to_string(::getpid()) + "-" +
                 ::testing::UnitTest::GetInstance()->current_test_info()->name())) {
    fs::remove_all(folder_);
  }
  ~CacheTest() override {
    std::error_code ignored;
    fs::permissions(folder_, fs::perms::owner_all, ignored);
    fs::remove_all(folder_, ignored);
  }

  jit::KernelOptions options(int lanes = 8) const {
    return {.lanes = lanes, .cache_dir = folder_.string()};
  }
  jit::Kernel kernel(double factor = 3) const { return {square_plus(factor), options()}; }

  std::vector<fs::path> entries() const {
    if (!fs::exists(folder_)) return {};
    return {fs::directory_iterator(folder_), fs::directory_iterator()};
  }
  fs::path only_entry() const {
    const auto all = entries();
    EXPECT_EQ(all.size(), 1u);
    return all.at(0);
  }
  static std::string read(const fs::path& path) {
    std::ifstream file(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(file), {}};
  }
  static void write(const fs::path& path, const std::string& bytes) {
    std::ofstream(path, std::ios::binary | std::ios::trunc) << bytes;
  }

  fs::path folder_;
};

TEST_F(CacheTest, SecondKernelComesFromTheCacheWithTheSameResult) {
  const auto first = kernel();
  EXPECT_FALSE(first.from_cache());
  const auto second = kernel();
  EXPECT_TRUE(second.from_cache());
  EXPECT_EQ(entries().size(), 1u);
  const auto program = square_plus(3);
  EXPECT_EQ(applied(first, program, 5), 28);
  EXPECT_EQ(applied(second, program, 5), 28);
}

TEST_F(CacheTest, EntriesDifferByProgramPrecisionAndWidth) {
  kernel(3);
  EXPECT_FALSE(kernel(4).from_cache());
  EXPECT_FALSE(jit::Kernel(square_plus(3, Precision::single), options()).from_cache());
  EXPECT_FALSE(jit::Kernel(square_plus(3), options(4)).from_cache());
  EXPECT_EQ(entries().size(), 4u);
  EXPECT_TRUE(kernel(3).from_cache());
  EXPECT_TRUE(kernel(4).from_cache());
}

TEST_F(CacheTest, IsNotTouchedWhenNotWanted) {
  kernel();
  auto without = options();
  without.use_cache = false;
  EXPECT_FALSE(jit::Kernel(square_plus(3), without).from_cache());
  EXPECT_FALSE(jit::Kernel(square_plus(4), without).from_cache());
  EXPECT_EQ(entries().size(), 1u);
}

TEST_F(CacheTest, DamagedEntriesAreRebuilt) {
  kernel();
  const auto path = only_entry();
  const std::string good = read(path);
  const auto program = square_plus(3);
  const auto expect_rebuilt = [&](const std::string& bytes, const std::string& how) {
    write(path, bytes);
    const auto rebuilt = kernel();
    EXPECT_FALSE(rebuilt.from_cache()) << how;
    EXPECT_EQ(applied(rebuilt, program, 5), 28) << how;
    EXPECT_EQ(read(path), good) << how;
    EXPECT_TRUE(kernel().from_cache()) << how;
  };
  expect_rebuilt("", "empty");
  expect_rebuilt("not a kernel at all, and yet some bytes that are more than a header", "text");
  expect_rebuilt(good + "x", "longer");
  for (const double part : {0.001, 0.1, 0.5, 0.99})
    expect_rebuilt(good.substr(0, static_cast<std::size_t>(part * double(good.size()))), "cut");
  // One bit anywhere: in the mark, each length, the checksum, the key, the code.
  for (std::size_t at = 0; at < good.size(); at += at < 40 ? 3 : 97) {
    std::string bytes = good;
    bytes[at] = static_cast<char>(bytes[at] ^ 0x10);
    expect_rebuilt(bytes, "bit flipped at " + std::to_string(at));
  }
}

TEST_F(CacheTest, AnEntryOfAnotherKeyUnderThisNameIsRebuilt) {
  kernel(3);
  const auto path = only_entry();
  kernel(4);
  for (const auto& other : entries())
    if (other != path) fs::copy_file(other, path, fs::copy_options::overwrite_existing);
  const auto rebuilt = kernel(3);
  EXPECT_FALSE(rebuilt.from_cache());
  EXPECT_EQ(applied(rebuilt, square_plus(3), 5), 28);
}

TEST_F(CacheTest, AWellFormedEntryThatIsNoObjectFileIsRebuilt) {
  kernel();
  const auto path = only_entry();
  const std::string bytes = read(path);
  // The key stands between the header of 40 bytes and the object file.
  const auto key = bytes.substr(40, bytes.find("\x7f"
                                               "ELF") -
                                        40);
  jit::Cache(folder_.string()).store(key, "rubbish");
  ASSERT_EQ(only_entry(), path);
  EXPECT_EQ(jit::Cache(folder_.string()).find(key), "rubbish");
  const auto rebuilt = kernel();
  EXPECT_FALSE(rebuilt.from_cache());
  EXPECT_EQ(applied(rebuilt, square_plus(3), 5), 28);
  EXPECT_TRUE(kernel().from_cache());
}

TEST_F(CacheTest, FoldersThatCannotBeMadeReadOrWrittenOnlyCostTime) {
  fs::create_directories(folder_);
  write(folder_ / "file", "in the way");
  const std::string text = (folder_ / "file").string();
  for (const std::string& folder : {text, text + "/below", std::string("/proc/nowhere")}) {
    const jit::Kernel k(square_plus(3), {.lanes = 8, .cache_dir = folder});
    EXPECT_FALSE(k.from_cache());
    EXPECT_EQ(applied(k, square_plus(3), 5), 28);
  }
  EXPECT_EQ(read(text), "in the way");
}

TEST_F(CacheTest, AReadOnlyFolderStillGivesWhatItHolds) {
  kernel(3);
  fs::permissions(folder_, fs::perms::owner_read | fs::perms::owner_exec);
  EXPECT_TRUE(kernel(3).from_cache());
  EXPECT_EQ(applied(kernel(4), square_plus(4), 5), 29);
}

TEST_F(CacheTest, AFolderInPlaceOfAnEntryIsPassedOver) {
  kernel();
  const auto path = only_entry();
  fs::remove(path);
  fs::create_directory(path);
  const auto built = kernel();
  EXPECT_FALSE(built.from_cache());
  EXPECT_EQ(applied(built, square_plus(3), 5), 28);
  EXPECT_EQ(entries().size(), 1u) << "no temporary file is left behind";
}

TEST_F(CacheTest, TheFolderComesFromTheEnvironment) {
  const auto saved = [](const char* name) {
    const char* value = std::getenv(name);
    return value ? std::optional<std::string>(value) : std::nullopt;
  };
  const auto restore = [](const char* name, const std::optional<std::string>& value) {
    value ? ::setenv(name, value->c_str(), 1) : ::unsetenv(name);
  };
  const auto own = saved("CALLOSUM_CACHE"), shared = saved("XDG_CACHE_HOME"), home = saved("HOME");
  ::setenv("HOME", (folder_ / "home").c_str(), 1);
  ::unsetenv("XDG_CACHE_HOME");
  ::unsetenv("CALLOSUM_CACHE");
  const auto program = square_plus(3);
  jit::Kernel(program, {.lanes = 8});
  EXPECT_TRUE(fs::exists(folder_ / "home/.cache/callosum"));
  ::setenv("XDG_CACHE_HOME", (folder_ / "xdg").c_str(), 1);
  jit::Kernel(program, {.lanes = 8});
  EXPECT_TRUE(fs::exists(folder_ / "xdg/callosum"));
  ::setenv("CALLOSUM_CACHE", (folder_ / "own").c_str(), 1);
  EXPECT_FALSE(jit::Kernel(program, {.lanes = 8}).from_cache());
  EXPECT_TRUE(jit::Kernel(program, {.lanes = 8}).from_cache());
  EXPECT_TRUE(fs::exists(folder_ / "own"));
  for (const char* name : {"CALLOSUM_CACHE", "XDG_CACHE_HOME", "HOME"}) ::unsetenv(name);
  EXPECT_FALSE(jit::Kernel(program, {.lanes = 8}).from_cache()) << "no folder is known";
  restore("CALLOSUM_CACHE", own);
  restore("XDG_CACHE_HOME", shared);
  restore("HOME", home);
}

TEST_F(CacheTest, ThreadsAndProcessesMayCompileTheSameAtOnce) {
  std::vector<pid_t> children;
  for (int c = 0; c < 2; ++c) {
    const pid_t child = ::fork();
    if (child == 0) {
      bool right = true;
      for (int n = 0; n < 6; ++n)
        right = right && applied(kernel(n % 3), square_plus(n % 3), 5) == 25 + n % 3;
      ::_exit(right ? 0 : 1);
    }
    children.push_back(child);
  }
  std::vector<std::thread> threads;
  std::vector<int> wrong(3);
  for (std::size_t t = 0; t < wrong.size(); ++t)
    threads.emplace_back([&, t] {
      for (int n = 0; n < 6; ++n)
        if (applied(kernel(n % 3), square_plus(n % 3), 5) != 25 + n % 3) ++wrong[t];
    });
  for (auto& thread : threads) thread.join();
  for (const int w : wrong) EXPECT_EQ(w, 0);
  for (const pid_t child : children) {
    int status = 0;
    ::waitpid(child, &status, 0);
    EXPECT_EQ(status, 0);
  }
  EXPECT_EQ(entries().size(), 3u);
  for (int factor = 0; factor < 3; ++factor) EXPECT_TRUE(kernel(factor).from_cache());
}

}  // namespace
}  // namespace callosum
