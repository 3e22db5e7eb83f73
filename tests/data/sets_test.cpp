#include <set>

#include "callosum/data/audio.h"
#include "callosum/data/connectome.h"
#include "callosum/data/digest.h"
#include "callosum/data/events.h"
#include "callosum/data/field_pairs.h"
#include "callosum/data/images.h"
#include "callosum/data/spike_trains.h"
#include "callosum/data/text_corpus.h"
#include "callosum/data/traces.h"
#include "folders.h"

namespace callosum::data {
namespace {

TEST(Registry, EveryEntryIsCompleteAndNamedOnce) {
  std::set<std::string> names;
  std::string last;
  for (const DataSet& set : data_sets()) {
    EXPECT_TRUE(names.insert(std::string(set.name)).second) << set.name;
    EXPECT_LT(last, std::string(set.name)) << "by name";
    last = set.name;
    for (const auto& text : {set.title, set.kind, set.licence, set.citation, set.page})
      EXPECT_FALSE(text.empty()) << set.name;
    ASSERT_FALSE(set.editions.empty()) << set.name;
    for (const Edition& edition : set.editions)
      for (const DataFile& file : edition.files) {
        const bool md5 = file.digest.starts_with("md5:");
        EXPECT_EQ(file.digest.size(), md5 ? 36u : 64u) << file.name;
        EXPECT_TRUE(file.url.empty() || file.url.starts_with("http")) << file.name;
      }
  }
}

TEST(Registry, EveryShippedFileHasItsChecksumAndNothingElseIsShipped) {
  const OnlySamples only;
  std::set<std::string> expected;
  for (const DataSet& set : data_sets()) {
    if (!std::filesystem::is_directory(shipped() / set.name)) continue;
    const Location found = locate(set.name);
    EXPECT_EQ(verify(found), 0) << set.name;
    EXPECT_FALSE(contains(set.licence, "GPL")) << set.name;
    for (const DataFile& file : found.edition->files)
      expected.insert(std::string(set.name) + "/" + std::string(file.name));
  }
  EXPECT_EQ(expected.size(), 26u);
  for (const auto& entry : std::filesystem::recursive_directory_iterator(shipped())) {
    if (!entry.is_regular_file()) continue;
    const std::string name = std::filesystem::relative(entry.path(), shipped()).string();
    EXPECT_TRUE(expected.count(name) || name.ends_with("LICENSE.txt") || name == "README.md")
        << name;
  }
}

TEST(Registry, AFileWithOneChangedByteDoesNotPass) {
  const TemporaryFolder folder;
  const auto path = folder.write("a", "abc");
  const DataFile abc{"a", 3, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"};
  verify_file(path, abc);
  verify_file(path, {"a", 0, "md5:900150983cd24fb0d6963f7d28e17f72"});
  folder.write("a", "abd");
  EXPECT_TRUE(contains(error_of<FileError>([&] { verify_file(path, abc); }), "its checksum"));
  folder.write("a", "ab");
  EXPECT_TRUE(contains(error_of<FileError>([&] { verify_file(path, abc); }), "its size"));
}

TEST(Registry, PackedAndUnpackedFilesAreFound) {
  const TemporaryFolder folder;
  folder.write("a", "");
  folder.write("b.gz", "");
  EXPECT_EQ(present_file(folder.path(), "a.gz").filename(), "a");
  EXPECT_EQ(present_file(folder.path(), "a.zip").filename(), "a");
  EXPECT_EQ(present_file(folder.path(), "b").filename(), "b.gz");
  EXPECT_TRUE(present_file(folder.path(), "c").empty());
}

TEST(DataSets, HalfADownloadIsNotTakenForTheWhole) {
  const TemporaryFolder folder;
  folder.write("tinyshakespeare/input.txt", "First Citizen:");
  const Variable data("CALLOSUM_DATA", folder.path().string());
  const Variable cache("XDG_CACHE_HOME", folder.path().string());
  const std::string text = error_of<FileError>([] { load_text("tinyshakespeare", Need::full); });
  EXPECT_TRUE(contains(text, "has 14 bytes, expected 1115394")) << text;
}

TEST(DataSets, OmniglotHasTwentyDrawingsOfEachCharacter) {
  const OnlySamples only;
  const ImageSet set = load_images("omniglot-small");
  EXPECT_EQ(set.train.rows, 105u);
  EXPECT_EQ(set.classes.size(), 39u);
  EXPECT_EQ(set.train.class_counts(), std::vector<std::size_t>(22, 20));
  const auto test = set.test.class_counts();
  EXPECT_EQ(std::vector<std::size_t>(test.begin() + 22, test.end()),
            std::vector<std::size_t>(17, 20));
  EXPECT_EQ(set.classes.front(), "Early_Aramaic/character01");
  for (std::uint8_t p : set.train.pixels) ASSERT_TRUE(p == 0 || p == 255);
}

TEST(DataSets, PhotographsAreGreyOfManyLevelsAndTestOnesAreOthers) {
  const OnlySamples only;
  const ImageSet set = load_images("photographs");
  ASSERT_EQ(set.train.size(), 4u);
  ASSERT_EQ(set.test.size(), 3u);
  EXPECT_EQ(set.train.rows, 256u);
  EXPECT_EQ(set.classes[static_cast<std::size_t>(set.test.labels[0])], "camera");
  for (const Images* part : {&set.train, &set.test})
    for (std::size_t k = 0; k < part->size(); ++k) {
      const auto pixels = part->image(k);
      EXPECT_GT(std::set<std::uint8_t>(pixels.begin(), pixels.end()).size(), 100u) << k;
    }
}

TEST(DataSets, SpokenDigitsAreOneOfEachSpeakerAndDigit) {
  const OnlySamples only;
  const AudioSet set = load_spoken_digits();
  ASSERT_EQ(set.train.size(), 60u);
  ASSERT_EQ(set.test.size(), 60u);
  std::set<std::string> speakers;
  for (const Utterance& one : set.train) {
    speakers.insert(one.speaker);
    EXPECT_EQ(one.take, 5);
    EXPECT_EQ(one.audio.rate_Hz, 8000);
    EXPECT_GT(one.audio.seconds(), 0.1);
    EXPECT_LT(one.audio.seconds(), 2.4);
  }
  EXPECT_EQ(speakers.size(), 6u);
}

TEST(DataSets, TheWormHasItsNeuronsAndTheTextbookContacts) {
  const OnlySamples only;
  const Connectome adult = load_connectome("celegans-connectome");
  EXPECT_EQ(adult.chemical(), 4681u);
  // Cook et al. 2019: AVAL drives the backward motor neuron DA1.
  const auto weights = adult.matrix(false);
  EXPECT_GT(weights[adult.cell("AVAL") * adult.cells.size() + adult.cell("DA01")], 0);
  const auto gaps = adult.matrix(true);
  const std::size_t n = adult.cells.size();
  for (std::size_t i = 0; i < n; ++i)
    for (std::size_t j = 0; j < i; ++j) ASSERT_EQ(gaps[i * n + j], gaps[j * n + i]);
  EXPECT_THROW(adult.cell("AVALL"), NameError);
  for (const char* table : {"1986_whole", "1986_A.", "1986_L4"})
    EXPECT_GT(load_connectome("celegans-connectome", table).edges.size(), 1000u) << table;
}

TEST(Connectome, ElectricalContactsAreSymmetrisedByTheLargerCount) {
  const TemporaryFolder folder;
  const auto path = folder.write("edges.csv",
                                 "Source,Target,Weight,Type\nA , B ,2,chemical\nA,B,3,chemical\n"
                                 "A,B,4,electrical\nB,A,5,electrical\n");
  const Connectome read = read_connectome(path);
  EXPECT_EQ(read.edges,
            (std::vector<Connectome::Edge>{{0, 1, 5, false}, {0, 1, 5, true}, {1, 0, 5, true}}));
  const auto bad = folder.write("bad.csv", "a,b,c,d\nA,B,0,chemical\n");
  EXPECT_THROW(read_connectome(bad), FileError);
  const auto kind = folder.write("kind.csv", "a,b,c,d\nA,B,1,magic\n");
  EXPECT_THROW(read_connectome(kind), FileError);
}

TEST(DataSets, CalciumTracesAscendInTime) {
  const OnlySamples only;
  const Traces traces = load_traces("celegans-calcium");
  EXPECT_EQ(traces.size(), 98u);
  EXPECT_EQ(traces.frames(), 300u);
  EXPECT_EQ(traces.names.front(), "SAADR");
  EXPECT_FLOAT_EQ(traces.trace(0)[0], 2.8812f);
  EXPECT_DOUBLE_EQ(traces.times_s[1], 0.6);
  EXPECT_THROW(traces.trace(98), ShapeError);
}

TEST(DataSets, HippocampalUnitsFireAtTheirPublishedRates) {
  const OnlySamples only;
  const SpikeRecording found = load_spike_trains("spikes-rat-hippocampus");
  ASSERT_EQ(found.trains.size(), 16u);
  EXPECT_NEAR(found.trains.duration_s, 998, 1);
  std::size_t least = 1 << 20, most = 0;
  for (const auto& train : found.trains.times_s) {
    least = std::min(least, train.size());
    most = std::max(most, train.size());
    EXPECT_TRUE(std::is_sorted(train.begin(), train.end()));
  }
  EXPECT_EQ(least, 485u);
  EXPECT_EQ(most, 5230u);
}

TEST(DataSets, ATextIsItsCodes) {
  const OnlySamples only;
  const TextCorpus corpus = load_text("tinyshakespeare");
  EXPECT_EQ(corpus.text.size(), 199995u);
  EXPECT_TRUE(corpus.text.starts_with("First Citizen:"));
  EXPECT_EQ(corpus.decode(corpus.codes()), corpus.text);
  EXPECT_THROW(corpus.encode("\x01"), ValueError);
  EXPECT_THROW(corpus.decode({-1}), ValueError);
}

TEST(DataSets, DarcyFieldsAreTwoPermeabilities) {
  const OnlySamples only;
  const FieldSet set = load_fields("darcy-16");
  EXPECT_EQ(set.train.count, 40u);
  EXPECT_EQ(set.test.count, 10u);
  EXPECT_EQ(set.test.output.size(), 10u * 256);
  EXPECT_EQ(set.fine.count, 0u);
  for (float x : set.train.input) ASSERT_TRUE(x == 0 || x == 1);
  EXPECT_NE(set.train.output.front(), set.test.output.front());
}

TEST(DataSets, ALoaderRefusesSetsOfAnotherKind) {
  EXPECT_THROW(load_text("mnist"), UnsupportedError);
  EXPECT_THROW(load_traces("mnist"), UnsupportedError);
  EXPECT_THROW(load_fields("mnist"), UnsupportedError);
  EXPECT_THROW(load_events("mnist"), UnsupportedError);
  EXPECT_THROW(load_connectome("mnist"), UnsupportedError);
  EXPECT_THROW(load_spike_trains("mnist"), UnsupportedError);
  EXPECT_THROW(load_text("tinyshakespear"), NameError);
}

TEST(DataSets, EventRecordingsHaveTheirClassCounts) {
  NEEDS_WHOLE("n-mnist-small");
  const EventSet set = load_events("n-mnist-small", {.train = 50});
  EXPECT_EQ(set.train.size(), 50u);
  ASSERT_EQ(set.test.size(), 100u);
  std::vector<int> counts(10);
  for (const auto& one : set.test) {
    ++counts[static_cast<std::size_t>(one.label)];
    EXPECT_GT(one.events.size(), 1000u);
    EXPECT_LT(one.events.back().t_us, 400000u);
  }
  EXPECT_EQ(counts, (std::vector<int>{8, 14, 8, 11, 14, 7, 10, 15, 2, 11}));
}

TEST(DataSets, RetinalWavesHaveTheirUnitsAndPositions) {
  NEEDS_WHOLE("spikes-retinal-waves");
  const auto wave = load_spike_trains("spikes-retinal-waves", "Wong1993_P12a").trains;
  EXPECT_EQ(wave.size(), 45u);
  EXPECT_EQ(wave.spikes(), 5197u);
  EXPECT_NEAR(wave.duration_s, 235, 1);
  EXPECT_EQ(wave.x_um.size(), 45u);
  EXPECT_EQ(wave.age_days, 12);
  EXPECT_EQ(load_spike_trains("spikes-retinal-waves", "Demas2006_p21wt3").trains.spikes(), 199631u);
}

TEST(DataSets, TheWholeSetsHaveTheirChecksums) {
  for (const char* name : {"omniglot-small", "darcy-16", "celegans-calcium", "n-mnist-small"}) {
    NEEDS_WHOLE(name);
    EXPECT_EQ(verify(locate(name, Need::full)), 0) << name;
  }
}

}  // namespace
}  // namespace callosum::data
