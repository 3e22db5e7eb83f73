#include "callosum/data/download.h"

#include "callosum/data/digest.h"
#include "folders.h"
#include "http_server.h"

namespace callosum::data {
namespace {

std::string body() {
  std::string out;
  for (int i = 0; i < 30000; ++i) out += std::to_string(i) + "\n";
  return out;
}

struct Download : testing::Test {
  Download() : content(body()), server(content) {
    digest = digest_of(folder.write("reference", content));
    file = {"file", content.size(), digest};
    to = folder.path() / "file";
    part = folder.path() / "file.part";
  }
  std::string got() const {
    std::ifstream in(to, std::ios::binary);
    return {std::istreambuf_iterator<char>(in), {}};
  }
  TemporaryFolder folder;
  std::string content, digest;
  Server server;
  DataFile file;
  std::filesystem::path to, part;
};

TEST_F(Download, AFileArrivesWholeAndIsNotFetchedTwice) {
  download(server.url(), file, to);
  EXPECT_EQ(got(), content);
  EXPECT_FALSE(std::filesystem::exists(part));
  download(server.url(), file, to);
  EXPECT_EQ(server.requests, 1);
}

TEST_F(Download, ABrokenConnectionGoesOnWhereItStopped) {
  server.cut_after = 70000;
  server.cuts = 2;
  download(server.url(), file, to);
  EXPECT_EQ(got(), content);
  EXPECT_EQ(server.requests, 3);
  EXPECT_EQ(server.sent, static_cast<long>(content.size())) << "nothing was sent twice";
}

TEST_F(Download, ALaterCallGoesOnFromThePart) {
  server.cut_after = 50000;
  server.cuts = 1;
  const std::string text =
      error_of<FileError>([&] { download(server.url(), file, to, {.attempts = 1}); });
  EXPECT_TRUE(contains(text, "goes on from there")) << text;
  EXPECT_EQ(std::filesystem::file_size(part), 50000u);
  EXPECT_FALSE(std::filesystem::exists(to));
  download(server.url(), file, to);
  EXPECT_EQ(got(), content);
  EXPECT_EQ(server.sent, static_cast<long>(content.size()));
}

TEST_F(Download, AServerWithoutRangesIsAskedForAllOfIt) {
  server.ranges = false;
  folder.write("file.part", content.substr(0, 1000));
  download(server.url(), file, to);
  EXPECT_EQ(got(), content);
}

TEST_F(Download, AWholePartOfUnknownSizeIsRecognised) {
  file.bytes = 0;
  folder.write("file.part", content);
  download(server.url(), file, to);
  EXPECT_EQ(got(), content);
  EXPECT_EQ(server.sent, 0);
}

TEST_F(Download, AWrongChecksumLeavesNothingBehind) {
  file.digest = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
  const std::string text = error_of<FileError>([&] { download(server.url(), file, to); });
  EXPECT_TRUE(contains(text, "not the file expected")) << text;
  EXPECT_FALSE(std::filesystem::exists(to));
  EXPECT_FALSE(std::filesystem::exists(part));
}

TEST_F(Download, AForeignPartIsThrownAway) {
  folder.write("file.part", std::string(1000, 'x'));
  EXPECT_THROW(download(server.url(), file, to), FileError);
  EXPECT_FALSE(std::filesystem::exists(part));
  download(server.url(), file, to);
  EXPECT_EQ(got(), content);
}

TEST_F(Download, AFileLargerThanExpectedIsNotSwallowed) {
  file.bytes = 1000;
  const std::string text = error_of<FileError>([&] { download(server.url(), file, to); });
  EXPECT_TRUE(contains(text, "larger")) << text;
  EXPECT_FALSE(std::filesystem::exists(to));
}

TEST_F(Download, NotFoundIsSaidAtOnceAndABusyServerIsAskedAgain) {
  server.status = 404;
  const std::string text = error_of<FileError>([&] { download(server.url(), file, to); });
  EXPECT_TRUE(contains(text, "404")) << text;
  EXPECT_EQ(server.requests, 1);
  server.status = 503;
  EXPECT_THROW(download(server.url(), file, to, {.attempts = 3}), FileError);
  EXPECT_EQ(server.requests, 4);
}

TEST_F(Download, AStopKeepsWhatHasCome) {
  const ProgressCallback stop = [](const Progress& p) { return p.done < 100; };
  EXPECT_THROW(download(server.url(), file, to, {.progress = stop}), Interrupted);
  EXPECT_FALSE(std::filesystem::exists(to));
  download(server.url(), file, to);
  EXPECT_EQ(got(), content);
}

TEST_F(Download, NoServerAndOtherProtocolsAreNamed) {
  EXPECT_THROW(download("http://127.0.0.1:1/file", file, to, {.attempts = 1}), FileError);
  EXPECT_THROW(download("file://" + (folder.path() / "reference").string(), file, to), FileError);
  EXPECT_THROW(download(server.url(), file, folder.path() / "missing" / "file"), FileError);
}

TEST(Address, AMirrorStandsInForTheAuthors) {
  const DataSet& set = data_set("tinyshakespeare");
  const DataFile& file = set.editions[0].files[0];
  {
    const Variable none("CALLOSUM_MIRROR", std::nullopt);
    EXPECT_EQ(address(set, file), file.url);
  }
  const Variable mirror("CALLOSUM_MIRROR", "http://localhost:8000/sets");
  EXPECT_EQ(address(set, file), "http://localhost:8000/sets/tinyshakespeare/input.txt");
  const TemporaryFolder folder;
  const DataSet& omniglot = data_set("omniglot-small");
  EXPECT_THROW(download(omniglot, omniglot.editions[0], folder.path()), UnsupportedError);
}

}  // namespace
}  // namespace callosum::data
