#include <gtest/gtest.h>

#include <csignal>
#include <filesystem>
#include <map>
#include <nlohmann/json.hpp>

#include "program.h"

// The programs of the experiments as `callosum reproduce` starts them, and the folders they leave.
namespace callosum::app {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;

/// Curl descent at a size that takes a second or two.
const char* const small =
    "reproduce curl-descent --seeds 3 --set steps=1500 --set stability_steps=300 "
    "--set map_steps=20 --set points=100 --out results";

/// Bytes and time of writing of each finished trial.
std::map<std::string, std::pair<std::string, fs::file_time_type>> trials(
    const std::string& folder) {
  std::map<std::string, std::pair<std::string, fs::file_time_type>> files;
  std::error_code none;
  for (const auto& file : fs::directory_iterator(folder + "/results/curl-descent/trials", none))
    if (file.path().extension() == ".json")
      files[file.path().stem()] = {read(file.path()), fs::last_write_time(file.path())};
  return files;
}

json run_small(const std::string& folder) {
  const Outcome run = callosum(std::string(small) + " --json", folder);
  EXPECT_EQ(run.code, 0) << run.err;
  return json::parse(run.out, nullptr, false);
}

/// All numbers of a result but how long it took.
json numbers(json result) {
  for (const char* key : {"seconds", "provenance"}) result.erase(key);
  return result;
}

class Reproduce : public testing::Test {
 protected:
  void SetUp() override {
    if (!CALLOSUM_HAS_EXPERIMENTS) GTEST_SKIP() << "built without libtorch: no experiments";
  }
};

TEST_F(Reproduce, AfterAKillRepeatsNothingAndGivesTheSameNumbers) {
  const std::string folder = fresh_folder("killed"), other = fresh_folder("whole");
  const Outcome killed = signalled(
      SIGKILL, [&](const std::string&) { return trials(folder).size() >= 3; }, small, folder);
  EXPECT_EQ(killed.code, 128 + SIGKILL) << killed.err;
  const auto before = trials(folder);
  EXPECT_GE(before.size(), 3u);
  EXPECT_FALSE(fs::exists(folder + "/results/curl-descent/result.json"));

  const json rest = run_small(folder);
  const auto after = trials(folder);
  EXPECT_GT(after.size(), before.size()) << "the run had ended before it was killed";
  for (const auto& [name, trial] : before) EXPECT_TRUE(after.at(name) == trial) << name;
  EXPECT_EQ(numbers(rest), numbers(run_small(other)));

  // All is done: a third start computes nothing.
  const json again = run_small(folder);
  EXPECT_EQ(again["seconds"], rest["seconds"]);
  EXPECT_TRUE(trials(folder) == after);
}

TEST_F(Reproduce, LeavesRunsThatAreListedShownAndCompared) {
  const std::string folder = fresh_folder("runs");
  const json result = run_small(folder);
  fs::copy(folder + "/results/curl-descent", folder + "/results/before",
           fs::copy_options::recursive);
  const Outcome list = callosum("runs list --out results --json", folder);
  ASSERT_EQ(list.code, 0) << list.err;
  const json entries = json::parse(list.out);
  ASSERT_EQ(entries.size(), 2u);
  for (const json& entry : entries) {
    EXPECT_EQ(entry["slug"], "curl-descent");
    EXPECT_EQ(entry["seeds"], 3);
    EXPECT_EQ(entry["holds"].get<int>() + entry["fails"].get<int>() +
                  entry["inconclusive"].get<int>() + entry["reported"].get<int>(),
              static_cast<int>(result["claims"].size()));
  }
  const Outcome show = callosum("runs show curl-descent --out results --json", folder);
  ASSERT_EQ(show.code, 0) << show.err;
  EXPECT_EQ(json::parse(show.out), result);
  const Outcome compare = callosum("runs compare before curl-descent --out results --json", folder);
  ASSERT_EQ(compare.code, 0) << compare.err;
  const json claims = json::parse(compare.out);
  EXPECT_EQ(claims.size(), result["claims"].size());
  for (const json& claim : claims) EXPECT_TRUE(claim["same_values"]) << claim;

  const Outcome slip = callosum("runs show curl-decent --out results", folder);
  EXPECT_EQ(slip.code, 1);
  EXPECT_TRUE(contains(slip.err, "did you mean 'curl-descent'?")) << slip.err;
}

TEST_F(Reproduce, NamesWhatIsWrong) {
  const std::string folder = fresh_folder("slips");
  const Outcome slug = callosum("reproduce curl-decent", folder);
  EXPECT_EQ(slug.code, 1);
  EXPECT_TRUE(contains(slug.err, "did you mean 'curl-descent'?")) << slug.err;
  const Outcome setting = callosum("reproduce curl-descent --set stepz=3", folder);
  EXPECT_EQ(setting.code, 1);
  EXPECT_TRUE(contains(setting.err, "did you mean 'steps'?")) << setting.err;
  const Outcome range = callosum("reproduce curl-descent --set steps=nan", folder);
  EXPECT_EQ(range.code, 1) << range.err;
  EXPECT_FALSE(fs::exists(folder + "/results/curl-descent/result.json"));
}

TEST_F(Reproduce, ListsWhatThereIs) {
  const Outcome list = callosum("reproduce list --json");
  ASSERT_EQ(list.code, 0) << list.err;
  const json all = json::parse(list.out);
  EXPECT_GE(all.size(), 1u);
  for (const json& one : all) {
    EXPECT_GT(one["claims"].size(), 0u) << one["slug"];
    EXPECT_LE(one["quick_minutes"], 1) << one["slug"];
    EXPECT_TRUE(std::any_of(one["claims"].begin(), one["claims"].end(), [](const json& claim) {
      return claim.value("canary", false);
    })) << one["slug"];
  }
}

}  // namespace
}  // namespace callosum::app
