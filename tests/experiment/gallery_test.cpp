#include "callosum/experiment/gallery.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "callosum/core/error.h"
#include "toy.h"

namespace callosum::experiment {
namespace {

namespace fs = std::filesystem;

/// A source tree with the toy in it and its result committed.
std::string tree() {
  const std::string root = fresh_folder("tree");
  const fs::path folder = fs::path(root) / "experiments" / "toy";
  fs::create_directories(folder);
  fs::create_directories(fs::path(root) / "callosum/nets");
  std::ofstream(folder / "experiment.cpp") << "#include \"callosum/nets/coin.h\"\nint x;\n";
  std::ofstream(fs::path(root) / "callosum/nets/coin.h") << "int coin();\n";
  std::ofstream(fs::path(root) / "callosum/nets/coin.cpp") << "int coin() { return 1; }\n";
  RunOptions options{.folder = root + "/run", .seeds = 4};
  options.source_folder = root;
  run(toy(), options);
  fs::copy_file(root + "/run/result.json", folder / "result.json");
  return root;
}

TEST(Gallery, ShowsClaimsCostAndSharedParts) {
  const auto all = exhibits(tree());
  ASSERT_EQ(all.size(), 1u);
  EXPECT_EQ(all[0].lines, 2u);
  EXPECT_EQ(all[0].parts, (std::vector<std::string>{"nets/coin"}));
  const std::string page = gallery_html(all);
  for (const char* part :
       {"A biased coin", "The biased coin shows more heads", ">holds<", ">fails<", "nets/coin",
        "callosum reproduce toy --full", "(thin)", "id=\"shares\""})
    EXPECT_NE(page.find(part), std::string::npos) << part;
  EXPECT_EQ(page.find("19 of 20"), std::string::npos);
}

TEST(Gallery, CallsAResultStaleWhenAPartItUsesHasChanged) {
  const std::string root = tree();
  EXPECT_FALSE(exhibits(root)[0].stale);
  std::ofstream(root + "/callosum/nets/other.h") << "int other();\n";
  EXPECT_FALSE(exhibits(root)[0].stale) << "a part it does not use";
  std::ofstream(root + "/callosum/nets/coin.cpp") << "int coin() { return 2; }\n";
  EXPECT_TRUE(exhibits(root)[0].stale);
}

TEST(Gallery, NamesAResultThatCannotBeRead) {
  const std::string root = tree();
  std::ofstream(root + "/experiments/toy/result.json") << "{\"format\": 0}";
  EXPECT_THROW(exhibits(root), FileError);
  EXPECT_TRUE(exhibits(root + "/nowhere").empty());
}

}  // namespace
}  // namespace callosum::experiment
