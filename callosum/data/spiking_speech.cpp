#include "callosum/data/spiking_speech.h"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "callosum/data/file_error.h"
#include "callosum/data/hdf5_file.h"

namespace callosum::data {

namespace {

/// Reorders both lists by time, keeping the order of equal times.
void sort_by_time(SpokenSpikes& one) {
  if (std::is_sorted(one.times_s.begin(), one.times_s.end())) return;
  std::vector<std::size_t> order(one.times_s.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::stable_sort(order.begin(), order.end(),
                   [&](std::size_t a, std::size_t b) { return one.times_s[a] < one.times_s[b]; });
  SpokenSpikes sorted = one;
  for (std::size_t i = 0; i < order.size(); ++i) {
    sorted.times_s[i] = one.times_s[order[i]];
    sorted.channels[i] = one.channels[order[i]];
  }
  one = std::move(sorted);
}

}  // namespace

std::vector<SpokenSpikes> read_spoken_spikes(const std::filesystem::path& path,
                                             std::size_t channels, std::size_t classes) {
  const Hdf5File file(path);
  auto times = file.rows<float>("/spikes/times");
  auto units = file.rows<std::uint16_t>("/spikes/units");
  const std::vector<double> labels = file.numbers("/labels");
  std::vector<double> speakers;
  if (file.has("/extra/speaker")) speakers = file.numbers("/extra/speaker");
  const auto count = [](std::size_t n) { return std::to_string(n); };
  if (times.size() != labels.size() || units.size() != labels.size() ||
      (!speakers.empty() && speakers.size() != labels.size()))
    throw file_error(in_file(path), "spikes, labels and speakers do not belong together",
                     count(times.size()) + ", " + count(units.size()) + ", " +
                         count(labels.size()) + ", " + count(speakers.size()),
                     "equal counts");
  std::vector<SpokenSpikes> out(labels.size());
  for (std::size_t i = 0; i < out.size(); ++i) {
    const std::string where = in_file(path) + ", recording " + count(i);
    if (times[i].size() != units[i].size())
      throw file_error(where, "there is not one channel a spike", count(units[i].size()),
                       count(times[i].size()));
    for (float t : times[i])
      if (!(t >= 0 && std::isfinite(t)))
        throw file_error(where, "a spike has an impossible time", std::to_string(t),
                         "0 s or later");
    for (std::uint16_t c : units[i])
      if (c >= channels)
        throw file_error(where, "there is no such channel", count(c), "below " + count(channels));
    const double most = classes > 0 ? static_cast<double>(classes) : 1 << 24;
    if (!(labels[i] >= 0 && labels[i] < most))
      throw file_error(where, "the label is no class", std::to_string(labels[i]),
                       classes > 0 ? "below " + count(classes) : "0 or more");
    out[i] = {std::move(times[i]), std::move(units[i]), static_cast<std::int32_t>(labels[i]), -1};
    if (!speakers.empty()) out[i].speaker = static_cast<std::int32_t>(speakers[i]);
    sort_by_time(out[i]);
  }
  return out;
}

SpokenSpikeSet load_spoken_spikes(std::string_view name, Need need) {
  if (data_set(name).kind != "spiking speech")
    throw UnsupportedError({.where = "data set '" + std::string(name) + "'",
                            .what = "it is not made of spoken words as spikes",
                            .got = std::string(data_set(name).kind),
                            .expected = "shd or ssc"});
  SpokenSpikeSet set;
  set.source = locate(name, need);
  if (name == "shd")
    set.classes = {"zero",  "one",   "two",   "three",  "four", "five", "six",
                   "seven", "eight", "nine",  "null",   "eins", "zwei", "drei",
                   "vier",  "fuenf", "sechs", "sieben", "acht", "neun"};
  else
    set.classes = {"yes",   "no",    "up",     "down",     "left",    "right", "on",
                   "off",   "stop",  "go",     "backward", "bed",     "bird",  "cat",
                   "dog",   "eight", "five",   "follow",   "forward", "four",  "happy",
                   "house", "learn", "marvin", "nine",     "one",     "seven", "sheila",
                   "six",   "three", "tree",   "two",      "visual",  "wow",   "zero"};
  const auto part = [&](const char* file) {
    return read_spoken_spikes(set.source.file(file), set.channels, set.classes.size());
  };
  set.train = part("train");
  set.test = part("test");
  if (name == "ssc") set.valid = part("valid");
  return set;
}

}  // namespace callosum::data
