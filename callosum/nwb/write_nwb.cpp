#include "callosum/nwb/write_nwb.h"

#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <ctime>
#include <map>
#include <set>

#include "callosum/core/random.h"
#include "callosum/core/time_grid.h"
#include "callosum/data/hdf5_writer.h"

namespace callosum::nwb {
namespace {

using data::Hdf5Number;
using data::Hdf5Writer;

std::string now() {
  const std::time_t seconds = std::time(nullptr);
  std::tm utc = {};
  gmtime_r(&seconds, &utc);
  char text[40];
  std::strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%S+00:00", &utc);
  return text;
}

/// The parts of an NWB file have types, and ids that no other object has.
class NwbFile {
 public:
  NwbFile(const std::filesystem::path& path, const std::string& written, std::uint64_t seed)
      : out(path), key_(mix64(seed ^ name_hash(written + path.string()))) {}

  void type(const std::string& path, const char* name, const char* namespace_name) {
    out.attribute(path, "namespace", namespace_name);
    out.attribute(path, "neurodata_type", name);
    out.attribute(path, "object_id", unique());
  }
  void column(const std::string& path, const char* type_name, const std::string& description) {
    type(path, type_name, "hdmf-common");
    out.attribute(path, "description", description);
  }
  std::string unique() {
    const std::uint64_t a = mix64(key_ + 2 * count_), b = mix64(key_ + 2 * count_ + 1);
    ++count_;
    char text[40];
    std::snprintf(text, sizeof text, "%08x-%04x-4%03x-%04x-%012llx", static_cast<unsigned>(a >> 32),
                  static_cast<unsigned>(a >> 16 & 0xffff), static_cast<unsigned>(a & 0xfff),
                  static_cast<unsigned>(0x8000 | (b >> 48 & 0x3fff)),
                  static_cast<unsigned long long>(b & 0xffffffffffffull));
    return text;
  }

  Hdf5Writer out;

 private:
  std::uint64_t key_, count_ = 0;
};

/// Recorded neurons and their spikes, one row a neuron that any recorder saw.
using Rows = std::map<std::pair<std::string, std::uint32_t>, std::set<std::int64_t>>;

Rows rows_of(const Recording& recording) {
  Rows rows;
  for (const SpikeRecord& record : recording.spikes) {
    for (std::size_t k = 0; k < record.steps.size(); ++k)
      rows[{record.population, record.neurons[k]}].insert(record.steps[k]);
    std::uint32_t size = record.size;
    for (const PopulationSummary& p : recording.populations)
      if (p.name == record.population && p.size != record.size) size = 0;   // a part, unknown which
    for (std::uint32_t i = 0; i < size; ++i) rows[{record.population, i}];  // silent ones, too
  }
  return rows;
}

void write_units(NwbFile& file, const Recording& recording, const TimeGrid& grid) {
  const Rows rows = rows_of(recording);
  std::vector<double> ids, times, ends, neurons;
  std::vector<std::string> populations;
  for (const auto& [neuron, steps] : rows) {
    ids.push_back(static_cast<double>(ids.size()));
    populations.push_back(neuron.first);
    neurons.push_back(neuron.second);
    for (std::int64_t step : steps) times.push_back(grid.time(step).si);
    ends.push_back(static_cast<double>(times.size()));
  }
  Hdf5Writer& out = file.out;
  out.group("/units");
  file.type("/units", "Units", "core");
  out.attribute("/units", "description", "Neurons whose spikes were recorded");
  out.attribute("/units", "colnames",
                std::vector<std::string>{"spike_times", "population", "neuron"});
  const std::size_t n = ids.size();
  out.numbers("/units/id", {n}, ids, Hdf5Number::int64);
  file.type("/units/id", "ElementIdentifiers", "hdmf-common");
  out.numbers("/units/spike_times", {times.size()}, times, Hdf5Number::real);
  file.column("/units/spike_times", "VectorData", "Times of spikes, in seconds");
  out.attribute("/units/spike_times", "resolution", {}, {grid.dt().si}, Hdf5Number::real);
  out.numbers("/units/spike_times_index", {n}, ends, Hdf5Number::uint64);
  file.column("/units/spike_times_index", "VectorIndex", "Where the times of each unit end");
  out.reference("/units/spike_times_index", "target", "/units/spike_times");
  out.texts("/units/population", {n}, populations);
  file.column("/units/population", "VectorData", "Population of the neuron");
  out.numbers("/units/neuron", {n}, neurons, Hdf5Number::int64);
  file.column("/units/neuron", "VectorData", "Index of the neuron within its population");
}

void write_trace(NwbFile& file, const TraceRecord& trace, const std::string& name,
                 const TimeGrid& grid) {
  const std::string at = "/acquisition/" + name;
  std::string neurons;
  for (std::uint32_t i : trace.indices)
    neurons += (neurons.empty() ? "" : ", ") + std::to_string(i);
  Hdf5Writer& out = file.out;
  out.group(at);
  file.type(at, "TimeSeries", "core");
  out.attribute(at, "description",
                "Variable " + trace.variable + " of population " + trace.population);
  out.attribute(at, "comments", "Columns are the neurons " + neurons);
  out.numbers(at + "/data", {trace.samples(), trace.indices.size()}, trace.values, Hdf5Number::real,
              true);
  const bool none = trace.dimension.none();
  out.attribute(at + "/data", "unit", none ? "n.a." : trace.dimension.name());
  out.attribute(at + "/data", "conversion", {}, {1 / trace.dimension.internal_scale()},
                Hdf5Number::real);
  out.attribute(at + "/data", "offset", {}, {0}, Hdf5Number::real);
  out.attribute(at + "/data", "resolution", {}, {-1}, Hdf5Number::real);
  out.numbers(at + "/starting_time", {}, {grid.time(trace.first).si}, Hdf5Number::real);
  out.attribute(at + "/starting_time", "rate", {}, {1 / grid.time(trace.interval).si},
                Hdf5Number::real);
  out.attribute(at + "/starting_time", "unit", "seconds");
}

/// A name as that of a group, another one for each trace.
std::string trace_name(const TraceRecord& trace, std::set<std::string>& taken) {
  std::string name = trace.population + "." + trace.variable;
  for (char& c : name)
    if (c == '/' || c == ':') c = '_';
  const std::string first = name;
  for (int k = 2; !taken.insert(name).second; ++k) name = first + " (" + std::to_string(k) + ")";
  return name;
}

}  // namespace

void write_nwb(const std::filesystem::path& path, const Recording& recording,
               const NwbOptions& options) {
  const std::string written = now();
  const std::string start = options.start.empty() ? written : options.start;
  NwbFile file(path, written, recording.seed);
  Hdf5Writer& out = file.out;
  file.type("/", "NWBFile", "core");
  out.attribute("/", "nwb_version", "2.7.0");
  out.texts("/file_create_date", {1}, {written});
  out.texts("/identifier", {}, {file.unique()});
  out.texts("/session_description", {},
            {options.description.empty()
                 ? "Simulation of the network '" + recording.network + "' by callosum"
                 : options.description});
  out.texts("/session_start_time", {}, {start});
  out.texts("/timestamps_reference_time", {}, {start});
  for (const char* group : {"/acquisition", "/analysis", "/general", "/processing",
                            "/stimulus/presentation", "/stimulus/templates"})
    out.group(group);
  const TimeGrid grid(Quantity::from_internal(recording.dt_ms, dimension::time));
  if (!recording.spikes.empty()) write_units(file, recording, grid);
  std::set<std::string> taken;
  for (const TraceRecord& trace : recording.traces)
    write_trace(file, trace, trace_name(trace, taken), grid);
  out.commit();
}

}  // namespace callosum::nwb
