#include <gtest/gtest.h>
#include <unistd.h>

#include "callosum/data/hdf5_file.h"
#include "callosum/nwb/write_nwb.h"

namespace callosum::nwb {
namespace {

class NwbTest : public testing::Test {
 protected:
  void TearDown() override { std::filesystem::remove(path_); }
  const std::filesystem::path path_ =
      std::filesystem::temp_directory_path() / ("callosum-" + std::to_string(getpid()) + ".nwb");
};

Recording recording() {
  Recording r;
  r.network = "two";
  r.dt_ms = 0.1;
  r.steps = 100;
  r.spikes = {{"exc", 3, {2, 0, 2}, {3, 7, 50}}, {"inh", 1, {}, {}}};
  r.populations = {{.name = "exc", .model = "lif", .size = 3},
                   {.name = "inh", .model = "lif", .size = 1}};
  r.traces = {{"exc", "V_m", dimension::voltage, {1, 2}, 10, 5, {-70, -60, -71, -61}}};
  return r;
}

TEST_F(NwbTest, UnitsAreNeuronsWithTheirTimesInSecondsAndSilentOnesToo) {
  write_nwb(path_, recording());
  const data::Hdf5File file(path_);
  EXPECT_EQ(file.texts("/units/population"),
            (std::vector<std::string>{"exc", "exc", "exc", "inh"}));
  EXPECT_EQ(file.numbers("/units/neuron"), (std::vector<double>{0, 1, 2, 0}));
  EXPECT_EQ(file.numbers("/units/spike_times_index"), (std::vector<double>{1, 1, 3, 3}));
  EXPECT_EQ(file.numbers("/units/spike_times"), (std::vector<double>{0.0007, 0.0003, 0.005}));
  EXPECT_EQ(file.attribute("/units", "neurodata_type"), "Units");
  EXPECT_NE(file.attribute("/units", "object_id"), file.attribute("/", "object_id"));
}

TEST_F(NwbTest, TracesKeepTheirNumbersAndSayWhatMakesSiUnitsOfThem) {
  write_nwb(path_, recording(), {.description = "a test", .start = "2026-01-01T00:00:00+00:00"});
  const data::Hdf5File file(path_);
  const std::string at = "/acquisition/exc.V_m";
  EXPECT_EQ(file.shape(at + "/data"), (std::vector<std::size_t>{2, 2}));
  EXPECT_EQ(file.numbers(at + "/data"), (std::vector<double>{-70, -60, -71, -61}));
  EXPECT_EQ(file.attribute(at + "/data", "unit"), "volt");
  EXPECT_EQ(file.numbers(at + "/starting_time"), (std::vector<double>{0.001}));
  EXPECT_EQ(file.texts("/session_description"), (std::vector<std::string>{"a test"}));
  EXPECT_EQ(file.texts("/session_start_time"),
            (std::vector<std::string>{"2026-01-01T00:00:00+00:00"}));
}

}  // namespace
}  // namespace callosum::nwb
