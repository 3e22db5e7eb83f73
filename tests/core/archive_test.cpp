#include "callosum/core/archive.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <cmath>
#include <filesystem>
#include <fstream>

#include "callosum/core/error.h"

namespace callosum {
namespace {

std::string path() {
  return (std::filesystem::path(testing::TempDir()) /
          ("callosum_archive_" + std::to_string(getpid())))
      .string();
}

std::vector<std::uint8_t> bytes_of(const std::string& file) {
  std::ifstream in(file, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

std::vector<std::uint8_t> example() {
  ArchiveWriter out(path(), "box", 3);
  out.put("floats", std::vector<float>{1.5f, -0.0f, 3e38f});
  out.put("none", std::vector<std::int64_t>{});
  out.put("text", std::string("straw\0berry", 11));
  out.put("one", std::uint64_t{1} << 63);
  out.commit();
  return bytes_of(path());
}

std::string refusal(std::span<const std::uint8_t> bytes) {
  try {
    const ArchiveReader in(bytes, "x", "box", 3);
    return "";
  } catch (const FileError& error) {
    return error.what();
  }
}

TEST(Archive, GivesBackWhatWasPut) {
  example();
  const ArchiveReader in(path(), "box", 3);
  const auto floats = in.get<float>("floats");
  EXPECT_EQ(floats, (std::vector<float>{1.5f, -0.0f, 3e38f}));
  EXPECT_TRUE(std::signbit(floats[1]));
  EXPECT_TRUE(in.get<std::int64_t>("none").empty());
  EXPECT_EQ(in.text("text"), std::string("straw\0berry", 11));
  EXPECT_EQ(in.value<std::uint64_t>("one"), std::uint64_t{1} << 63);
  EXPECT_FALSE(in.has("two"));
}

TEST(Archive, NamesWhatIsMissingOrOfAnotherTypeOrLength) {
  const auto bytes = example();
  const ArchiveReader in(bytes, "x", "box", 3);
  EXPECT_THROW(in.get<float>("two"), FileError);
  EXPECT_THROW(in.get<double>("floats"), FileError);
  EXPECT_THROW(in.get<float>("floats", 4), FileError);
  EXPECT_THROW(in.value<std::int64_t>("none"), FileError);
}

TEST(Archive, CutAnywhereIsRefused) {
  const auto bytes = example();
  EXPECT_EQ(refusal(bytes), "");
  for (std::size_t size = 0; size < bytes.size(); ++size)
    EXPECT_NE(refusal({bytes.data(), size}), "") << size;
}

TEST(Archive, AnyFlippedBitIsFound) {
  auto bytes = example();
  for (std::size_t i = 0; i < bytes.size(); ++i)
    for (int bit = 0; bit < 8; ++bit) {
      bytes[i] = static_cast<std::uint8_t>(bytes[i] ^ 1 << bit);
      EXPECT_NE(refusal(bytes), "") << i << " " << bit;
      bytes[i] = static_cast<std::uint8_t>(bytes[i] ^ 1 << bit);
    }
}

TEST(Archive, WhatFollowsTheEndIsRefused) {
  auto bytes = example();
  bytes.push_back(0);
  EXPECT_NE(refusal(bytes), "");
}

TEST(Archive, SaysThatAnotherVersionIsOne) {
  const auto bytes = example();
  try {
    const ArchiveReader in(bytes, "x", "box", 4);
    FAIL();
  } catch (const FileError& error) {
    EXPECT_EQ(error.detail().what, "it is of another version");
    EXPECT_EQ(error.detail().got, "3");
  }
}

TEST(Archive, AppearsWholeOrNotAtAll) {
  const auto old = example();
  {
    ArchiveWriter out(path(), "box", 3);
    out.put("half", 1.0);
  }  // given up
  EXPECT_EQ(bytes_of(path()), old);
  const std::filesystem::path folder = std::filesystem::path(path()).parent_path();
  for (const auto& entry : std::filesystem::directory_iterator(folder))
    EXPECT_FALSE(entry.path().string().starts_with(path() + ".part")) << entry.path();
}

TEST(Archive, FoldersAndPlacesThatAreNotThereAreFileErrors) {
  EXPECT_THROW(ArchiveWriter("/nowhere/at/all", "box", 3), FileError);
  EXPECT_THROW(ArchiveReader("/nowhere/at/all", "box", 3), FileError);
  EXPECT_THROW(ArchiveReader(testing::TempDir(), "box", 3), FileError);
}

}  // namespace
}  // namespace callosum
