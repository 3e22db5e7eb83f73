#include "callosum/data/spike_trains.h"

#include <algorithm>
#include <map>

#include "callosum/data/file_error.h"
#include "callosum/data/hdf5_file.h"
#include "callosum/data/table.h"

namespace callosum::data {

namespace fs = std::filesystem;

std::size_t SpikeTrains::spikes() const {
  std::size_t sum = 0;
  for (const auto& train : times_s) sum += train.size();
  return sum;
}

SpikeTrains read_spike_table(const fs::path& path, std::string_view unit_column,
                             std::string_view time_column) {
  const Table table = read_table(path);
  const std::vector<double> times = table.numbers(time_column);
  const std::size_t unit = table.column(unit_column);
  SpikeTrains out;
  std::map<std::string, std::size_t> known;
  for (std::size_t i = 0; i < times.size(); ++i) {
    if (!(times[i] >= 0))
      throw file_error(in_file(path) + ", row " + std::to_string(i + 1), "a spike before the start",
                       table.rows[i][table.column(time_column)], "a time of 0 s or later");
    const auto [place, fresh] = known.emplace(table.rows[i][unit], out.size());
    if (fresh) {
      out.units.push_back(place->first);
      out.times_s.emplace_back();
    }
    out.times_s[place->second].push_back(times[i]);
    out.duration_s = std::max(out.duration_s, times[i]);
  }
  for (auto& train : out.times_s) std::sort(train.begin(), train.end());
  return out;
}

SpikeTrains read_spike_hdf5(const fs::path& path) {
  const Hdf5File file(path);
  const std::vector<double> spikes = file.numbers("/spikes"), counts = file.numbers("/sCount");
  const auto broken = [&](std::string what, std::string got, std::string expected) {
    return file_error(in_file(path), std::move(what), std::move(got), std::move(expected));
  };
  double sum = 0;
  for (double n : counts) {
    if (!(n >= 0 && n <= static_cast<double>(spikes.size())))
      throw broken("a unit has an impossible number of spikes", std::to_string(n), "");
    sum += n;
  }
  if (sum != static_cast<double>(spikes.size()))
    throw broken("the units' counts do not add up to the spikes", std::to_string(sum),
                 std::to_string(spikes.size()));
  SpikeTrains out;
  std::size_t at = 0;
  for (double n : counts) {
    const auto begin = spikes.begin() + static_cast<std::ptrdiff_t>(at);
    at += static_cast<std::size_t>(n);
    out.times_s.emplace_back(begin, spikes.begin() + static_cast<std::ptrdiff_t>(at));
    double last = 0;
    for (double t : out.times_s.back()) {
      if (!(t >= last))
        throw broken("time runs backwards in unit " + std::to_string(out.size() - 1),
                     std::to_string(t) + " s", std::to_string(last) + " s or later");
      last = t;
    }
    out.duration_s = std::max(out.duration_s, last);
  }
  if (file.has("/summary/duration")) {
    const auto duration = file.numbers("/summary/duration");
    if (duration.size() == 1 && duration[0] > out.duration_s) out.duration_s = duration[0];
  }
  if (file.has("/meta/species")) {
    const auto species = file.texts("/meta/species");
    if (!species.empty()) out.species = species.front();
  }
  if (file.has("/meta/age")) {
    const auto age = file.numbers("/meta/age");
    if (!age.empty()) out.age_days = age.front();
  }
  out.units = file.has("/names") ? file.texts("/names") : std::vector<std::string>{};
  if (out.units.size() != out.size()) {
    out.units.clear();
    for (std::size_t i = 0; i < out.size(); ++i) out.units.push_back(std::to_string(i));
  }
  if (file.has("/epos")) {
    const auto shape = file.shape("/epos");
    const auto where = file.numbers("/epos");
    if (shape.size() != 2 || shape[0] != 2 || shape[1] != out.size())
      throw broken("the positions do not fit the units", "", "2 x " + std::to_string(out.size()));
    out.x_um.assign(where.begin(), where.begin() + static_cast<std::ptrdiff_t>(out.size()));
    out.y_um.assign(where.begin() + static_cast<std::ptrdiff_t>(out.size()), where.end());
  }
  return out;
}

SpikeRecording load_spike_trains(std::string_view name, std::string_view recording, Need need) {
  SpikeRecording out;
  if (data_set(name).kind != "spikes")
    throw UnsupportedError({.where = "data set '" + std::string(name) + "'",
                            .what = "it is not made of spike trains",
                            .got = std::string(data_set(name).kind),
                            .expected = "spikes-rat-hippocampus or spikes-retinal-waves"});
  out.source = locate(name, need);
  if (name == "spikes-rat-hippocampus")
    out.trains = read_spike_table(out.source.file(recording.empty() ? "all_unit" : recording));
  else
    out.trains = read_spike_hdf5(out.source.file(recording));
  return out;
}

}  // namespace callosum::data
