#include "callosum/data/images.h"

#include <gtest/gtest.h>

#include <numeric>

#include "folders.h"

namespace callosum::data {
namespace {

TEST(Images, TheShippedSampleIsBalancedAndLooksLikeClothing) {
  const OnlySamples only;
  const ImageSet set = load_images("fashion-mnist");
  EXPECT_TRUE(set.source.sample());
  EXPECT_EQ(set.source.description(), "fashion-mnist, sample: 1,500 + 500 images, balanced");
  EXPECT_EQ(set.train.size(), 1500u);
  EXPECT_EQ(set.test.size(), 500u);
  EXPECT_EQ(set.train.rows, 28u);
  EXPECT_EQ(set.train.cols, 28u);
  EXPECT_EQ(set.train.pixels.size(), 1500u * 784);
  EXPECT_EQ(set.train.class_counts(), std::vector<std::size_t>(10, 150));
  EXPECT_EQ(set.test.class_counts(), std::vector<std::size_t>(10, 50));
  EXPECT_EQ(set.classes.at(9), "ankle boot");
  const auto pixels = set.train.scaled();
  const double mean = std::accumulate(pixels.begin(), pixels.end(), 0.0) / pixels.size();
  EXPECT_NEAR(mean, 0.286, 0.01);  // the published mean of the whole set is 0.2860
}

TEST(Images, MnistHasItsKnownCountsAndMean) {
  NEEDS_WHOLE("mnist");
  const ImageSet set = load_images("mnist", Need::full);
  EXPECT_EQ(set.train.size(), 60000u);
  EXPECT_EQ(set.test.size(), 10000u);
  EXPECT_EQ(set.train.class_counts(),
            (std::vector<std::size_t>{5923, 6742, 5958, 6131, 5842, 5421, 5918, 6265, 5851, 5949}));
  const double sum = std::accumulate(set.train.pixels.begin(), set.train.pixels.end(), 0.0);
  EXPECT_NEAR(sum / 255 / static_cast<double>(set.train.pixels.size()), 0.1307, 5e-5);
}

TEST(Images, TheFirstThatIsThereIsTaken) {
  const OnlySamples only;
  EXPECT_EQ(load_images({"mnist", "fashion-mnist"}).source.set->name, "fashion-mnist");
}

TEST(Images, AnErrorSaysWhereItLookedAndHowToGetIt) {
  const OnlySamples only;
  const std::string text = error_of<FileError>([] { load_images("mnist"); });
  EXPECT_TRUE(contains(text, "data set 'mnist'")) << text;
  EXPECT_TRUE(contains(text, "callosum data get mnist")) << text;
  EXPECT_TRUE(contains(text, (shipped() / "mnist").string())) << text;
  const std::string sample = error_of<FileError>([] { load_images("fashion-mnist", Need::full); });
  EXPECT_TRUE(contains(sample, "a sample only")) << sample;
  const std::string name = error_of<NameError>([] { load_images("fashion-mnits"); });
  EXPECT_TRUE(contains(name, "did you mean 'fashion-mnist'?")) << name;
}

Images stripes() {
  Images out{2, 4, {}, {2, 0, 2}};
  for (int i = 0; i < 3; ++i)
    for (int p = 0; p < 8; ++p) out.pixels.push_back(static_cast<std::uint8_t>(10 * i + p));
  return out;
}

TEST(Images, ChoosingKeepsPixelsWithTheirLabels) {
  const Images all = stripes();
  const std::vector<std::size_t> order = {2, 0};
  const Images two = all.chosen(order);
  EXPECT_EQ(two.labels, (std::vector<std::int32_t>{2, 2}));
  EXPECT_EQ(two.image(0)[0], 20);
  EXPECT_EQ(two.image(1)[7], 7);
  EXPECT_EQ(all.first(1).labels, (std::vector<std::int32_t>{2}));
  EXPECT_EQ(all.first(99).size(), 3u);
  EXPECT_EQ(all.balanced(1).labels, (std::vector<std::int32_t>{2, 0}));
  EXPECT_EQ(all.of_classes(std::vector<std::int32_t>{0}).image(0)[0], 10);
  EXPECT_EQ(all.class_counts(), (std::vector<std::size_t>{1, 0, 2}));
  EXPECT_THROW(all.image(3), ShapeError);
}

TEST(Images, ADrawIsBalancedAndKeyed) {
  const OnlySamples only;
  const Images all = load_images("fashion-mnist").test;
  const auto draw = [&](std::uint64_t seed) {
    Stream stream(StreamKey(seed, name_hash("draw"), Purpose::user), 0);
    return all.balanced(5, stream);
  };
  EXPECT_EQ(draw(1).class_counts(), std::vector<std::size_t>(10, 5));
  EXPECT_EQ(draw(1).pixels, draw(1).pixels);
  EXPECT_NE(draw(1).pixels, draw(2).pixels);
}

TEST(Images, AveragingKeepsTheMeanAndWeighsParts) {
  const Images all = stripes();
  const Images half = all.averaged(1, 2);
  EXPECT_EQ(half.pixels[0], 3);  // (0 + 1 + 4 + 5) / 4 = 2.5, rounded up
  EXPECT_EQ(half.pixels[1], 5);  // (2 + 3 + 6 + 7) / 4 = 4.5
  Images row{1, 3, {30, 60, 90}, {0}};
  const Images two = row.averaged(1, 2);
  EXPECT_EQ(two.pixels[0], 40);  // 30 and half of 60, over 1.5
  EXPECT_EQ(two.pixels[1], 80);
  EXPECT_EQ(row.averaged(1, 3).pixels, row.pixels);
  EXPECT_THROW(row.averaged(2, 2), ShapeError);
  EXPECT_THROW(row.averaged(0, 1), ShapeError);
}

std::string idx(std::initializer_list<int> head, std::initializer_list<std::uint32_t> sizes,
                std::string body) {
  std::string out;
  for (int b : head) out += static_cast<char>(b);
  for (std::uint32_t n : sizes)
    for (int shift : {24, 16, 8, 0}) out += static_cast<char>(n >> shift);
  return out + body;
}

TEST(Images, FilesThatDoNotFitTogetherAreNamed) {
  const TemporaryFolder folder;
  const auto pixels = folder.write("images", idx({0, 0, 8, 3}, {2, 1, 2}, "abcd"));
  const auto good = folder.write("labels", idx({0, 0, 8, 1}, {2}, std::string("\1\0", 2)));
  EXPECT_EQ(read_images(pixels, good).labels, (std::vector<std::int32_t>{1, 0}));
  EXPECT_EQ(read_images(pixels, good).image(1)[0], 'c');
  const auto few = folder.write("few", idx({0, 0, 8, 1}, {1}, "\1"));
  EXPECT_TRUE(
      contains(error_of<FileError>([&] { read_images(pixels, few); }), "got 1, expected 2"));
  EXPECT_TRUE(contains(error_of<FileError>([&] { read_images(good, good); }), "are no images"));
  EXPECT_TRUE(contains(error_of<FileError>([&] { read_images(pixels, pixels); }), "no labels"));
  EXPECT_TRUE(contains(error_of<FileError>([&] { read_images(pixels, good, 1); }),
                       "a label is no class: got 1, expected 0 to 0"));
  const auto negative =
      folder.write("negative", idx({0, 0, 11, 1}, {2}, std::string("\377\377\0\0", 4)));
  EXPECT_TRUE(contains(error_of<FileError>([&] { read_images(pixels, negative); }), "got -1"));
}

}  // namespace
}  // namespace callosum::data
