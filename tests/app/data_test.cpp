#include <gtest/gtest.h>
#include <stdlib.h>

#include <filesystem>
#include <nlohmann/json.hpp>

#include "../data/http_server.h"
#include "callosum/data/byte_reader.h"
#include "callosum/data/locate.h"
#include "program.h"

namespace callosum::app {
namespace {

TEST(DataList, ShowsWhatIsHereAndWhatIsNot) {
  const Outcome run = callosum("data list");
  EXPECT_EQ(run.code, 0) << run.err;
  for (const char* part : {"fashion-mnist", "tinyshakespeare", "n-mnist", "shd", "name"})
    EXPECT_TRUE(contains(run.out, part)) << part << '\n' << run.out;
  const auto all = nlohmann::json::parse(callosum("data list --json").out);
  EXPECT_GE(all.size(), 14u);
  for (const auto& set : all) EXPECT_FALSE(set["licence"].get<std::string>().empty());
}

TEST(DataInfo, NamesLicenceAndFilesAndVerifiesTheSample) {
  ASSERT_EQ(setenv("CALLOSUM_DATA", (std::string(CALLOSUM_SOURCE_DIR) + "/data").c_str(), 1), 0);
  const Outcome run = callosum("data info fsdd --verify");
  EXPECT_EQ(run.code, 0) << run.err;
  for (const char* part : {"CC BY-SA 4.0", "train.tar.gz", "all files have their checksums"})
    EXPECT_TRUE(contains(run.out, part)) << part << '\n' << run.out;
  const Outcome wrong = callosum("data info fssd");
  EXPECT_EQ(wrong.code, 1);
  EXPECT_TRUE(contains(wrong.err, "did you mean 'fsdd'?")) << wrong.err;
}

TEST(DataPath, IsTheFolderOrSaysHowToGetIt) {
  ASSERT_EQ(setenv("CALLOSUM_DATA", (std::string(CALLOSUM_SOURCE_DIR) + "/data").c_str(), 1), 0);
  ASSERT_EQ(setenv("XDG_CACHE_HOME", fresh_folder("cache").c_str(), 1), 0);
  const Outcome run = callosum("data path fsdd");
  EXPECT_EQ(run.out, std::string(CALLOSUM_SOURCE_DIR) + "/data/fsdd\n");
  const Outcome sample = callosum("data path fashion-mnist --full");
  EXPECT_EQ(sample.code, 1);
  EXPECT_TRUE(contains(sample.err, "callosum data get fashion-mnist")) << sample.err;
}

TEST(DataGet, RefusesWhatAServerMakesUp) {
  data::Server server("not Shakespeare");
  const std::string folder = fresh_folder("get");
  ASSERT_EQ(setenv("CALLOSUM_MIRROR", server.url().c_str(), 1), 0);
  const Outcome run = callosum("data get tinyshakespeare --to " + folder);
  unsetenv("CALLOSUM_MIRROR");
  EXPECT_EQ(run.code, 1);
  EXPECT_FALSE(std::filesystem::exists(folder + "/tinyshakespeare/input.txt"));
  const Outcome edition = callosum("data get mnist --edition fulll --to " + folder);
  EXPECT_TRUE(contains(edition.err, "did you mean 'full'?")) << edition.err;
  const Outcome none = callosum("data get omniglot-small --to " + folder);
  EXPECT_EQ(none.code, 1);
  EXPECT_TRUE(contains(none.err, "https://github.com/brendenlake/omniglot")) << none.err;
}

TEST(DataGet, FetchesVerifiesAndIsThenFound) {
  std::string text;
  try {
    text = data::read_text(data::locate("tinyshakespeare", data::Need::full).file("input"));
  } catch (const Error&) {
    GTEST_SKIP() << "tinyshakespeare is not here (CALLOSUM_DATA)";
  }
  data::Server server(text);
  server.cut_after = 400000;
  server.cuts = 1;
  const std::string folder = fresh_folder("get");
  ASSERT_EQ(setenv("CALLOSUM_MIRROR", server.url().c_str(), 1), 0);
  const Outcome run = callosum("data get tinyshakespeare --to " + folder);
  unsetenv("CALLOSUM_MIRROR");
  EXPECT_EQ(run.code, 0) << run.err;
  EXPECT_EQ(run.out, folder + "/tinyshakespeare\n");
  EXPECT_EQ(server.sent, static_cast<long>(text.size()));
  ASSERT_EQ(setenv("CALLOSUM_DATA", folder.c_str(), 1), 0);
  EXPECT_EQ(callosum("data path tinyshakespeare --full").out, run.out);
}

}  // namespace
}  // namespace callosum::app
