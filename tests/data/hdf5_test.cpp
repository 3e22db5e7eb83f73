#include <hdf5.h>
#include <zlib.h>

#include "callosum/data/hdf5_file.h"
#include "callosum/data/spike_trains.h"
#include "callosum/data/spiking_speech.h"
#include "corruption.h"
#include "folders.h"

namespace callosum::data {
namespace {

/// Writes HDF5 files as other programs would.
class Writer {
 public:
  explicit Writer(const std::filesystem::path& path)
      : file_(H5Fcreate(path.c_str(), H5F_ACC_TRUNC, H5P_DEFAULT, H5P_DEFAULT)) {}
  ~Writer() { H5Fclose(file_); }

  void group(const char* name) {
    H5Gclose(H5Gcreate2(file_, name, H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT));
  }
  void numbers(const char* name, std::vector<double> values, std::vector<hsize_t> shape = {}) {
    if (shape.empty()) shape = {values.size()};
    put(name, H5T_NATIVE_DOUBLE, H5T_IEEE_F64LE, shape, values.data());
  }
  /// As SHD does: half floats for times.
  void rows(const char* name, std::vector<std::vector<float>> rows, bool half) {
    const hid_t small = H5Tcopy(H5T_IEEE_F32LE);
    if (half) {
      H5Tset_fields(small, 15, 10, 5, 0, 10);
      H5Tset_size(small, 2);
      H5Tset_ebias(small, 15);
    }
    const hid_t stored = H5Tvlen_create(half ? small : H5T_STD_U16LE);
    const hid_t memory = H5Tvlen_create(H5T_NATIVE_FLOAT);
    std::vector<hvl_t> raw;
    for (auto& row : rows) raw.push_back({row.size(), row.data()});
    put(name, memory, stored, {raw.size()}, raw.data());
    H5Tclose(small);
    H5Tclose(stored);
    H5Tclose(memory);
  }

 private:
  void put(const char* name, hid_t memory, hid_t stored, const std::vector<hsize_t>& shape,
           const void* data) {
    const hid_t space = H5Screate_simple(static_cast<int>(shape.size()), shape.data(), nullptr);
    const hid_t set = H5Dcreate2(file_, name, stored, space, H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT);
    H5Dwrite(set, memory, H5S_ALL, H5S_ALL, H5P_DEFAULT, data);
    H5Dclose(set);
    H5Sclose(space);
  }
  hid_t file_;
};

void write_speech(const std::filesystem::path& path, std::vector<std::vector<float>> units,
                  std::vector<double> labels) {
  Writer file(path);
  file.group("/spikes");
  file.group("/extra");
  file.rows("/spikes/times", {{0.5f, 0.25f}, {}}, true);
  file.rows("/spikes/units", std::move(units), false);
  file.numbers("/labels", std::move(labels));
  file.numbers("/extra/speaker", {3, 4});
}

std::string content(const std::filesystem::path& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

TEST(SpokenSpikes, TheLayoutOfShdIsReadAndSortedByTime) {
  const TemporaryFolder folder;
  const auto path = folder.path() / "shd.h5";
  write_speech(path, {{7, 699}, {}}, {1, 19});
  const auto two = read_spoken_spikes(path, 700, 20);
  ASSERT_EQ(two.size(), 2u);
  EXPECT_EQ(two[0].times_s, (std::vector<float>{0.25f, 0.5f}));
  EXPECT_EQ(two[0].channels, (std::vector<std::uint16_t>{699, 7}));
  EXPECT_EQ(two[1].label, 19);
  EXPECT_EQ(two[1].speaker, 4);
  EXPECT_TRUE(two[1].times_s.empty());

  const std::string packed = (folder.path() / "shd.h5.gz").string();
  const std::string bytes = content(path);
  gzFile out = gzopen(packed.c_str(), "wb");
  gzwrite(out, bytes.data(), static_cast<unsigned>(bytes.size()));
  gzclose(out);
  EXPECT_EQ(read_spoken_spikes(packed, 700, 20)[0].channels, two[0].channels);
}

TEST(SpokenSpikes, WhatDoesNotFitTogetherIsNamed) {
  const TemporaryFolder folder;
  const auto path = folder.path() / "shd.h5";
  const auto error = [&] {
    return error_of<FileError>([&] { read_spoken_spikes(path, 700, 20); });
  };
  write_speech(path, {{7, 700}, {}}, {1, 19});
  EXPECT_TRUE(contains(error(), "there is no such channel: got 700"));
  write_speech(path, {{7}, {}}, {1, 19});
  EXPECT_TRUE(contains(error(), "one channel a spike"));
  write_speech(path, {{7, 8}, {}}, {1, 20});
  EXPECT_TRUE(contains(error(), "the label is no class"));
  write_speech(path, {{7, 8}, {}}, {1});
  EXPECT_TRUE(contains(error(), "do not belong together"));
  { Writer empty(path); }
  EXPECT_TRUE(contains(error(), "no such data set"));
}

TEST(Hdf5, CutAndForeignFilesAreNamed) {
  const TemporaryFolder folder;
  const auto path = folder.path() / "shd.h5";
  write_speech(path, {{7, 8}, {}}, {1, 2});
  const std::string bytes = content(path);
  for (std::size_t n = 0; n < bytes.size(); n += 97) {
    const auto cut = folder.write("cut.h5", bytes.substr(0, n));
    EXPECT_THROW(read_spoken_spikes(cut), FileError) << n;
  }
  EXPECT_THROW(Hdf5File(folder.write("text.h5", "not HDF5")), FileError);
  EXPECT_THROW(Hdf5File(folder.path() / "missing.h5"), FileError);
  const Hdf5File file(path);
  EXPECT_THROW(file.numbers("/spikes/times"), FileError);
  EXPECT_THROW(file.texts("/labels"), FileError);
  EXPECT_THROW(file.rows<float>("/labels"), FileError);
}

TEST(SpikeTrains, CountsThatDoNotAddUpAreRefused) {
  const TemporaryFolder folder;
  const auto path = folder.path() / "waves.h5";
  const auto write = [&](std::vector<double> spikes, std::vector<double> counts) {
    Writer file(path);
    file.group("/summary");
    file.numbers("/spikes", std::move(spikes));
    file.numbers("/sCount", std::move(counts));
    file.numbers("/epos", {10, 20, 30, 40}, {2, 2});
    file.numbers("/summary/duration", {9});
  };
  write({1, 2, 0.5}, {2, 1});
  const SpikeTrains two = read_spike_hdf5(path);
  EXPECT_EQ(two.times_s, (std::vector<std::vector<double>>{{1, 2}, {0.5}}));
  EXPECT_EQ(two.duration_s, 9);
  EXPECT_EQ(two.y_um, (std::vector<double>{30, 40}));
  write({1, 2, 0.5}, {2, 2});
  EXPECT_TRUE(contains(error_of<FileError>([&] { read_spike_hdf5(path); }), "do not add up"));
  write({1, 2, 0.5}, {3, 0});
  EXPECT_TRUE(contains(error_of<FileError>([&] { read_spike_hdf5(path); }), "runs backwards"));
  write({1, 2, 0.5}, {4, -1});
  EXPECT_TRUE(contains(error_of<FileError>([&] { read_spike_hdf5(path); }), "impossible number"));
}

}  // namespace
}  // namespace callosum::data
