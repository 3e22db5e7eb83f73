#include "callosum/sonata/output.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "callosum/core/error.h"
#include "callosum/core/time_grid.h"
#include "callosum/data/hdf5_file.h"
#include "callosum/data/hdf5_writer.h"
#include "callosum/sonata/layout.h"

namespace callosum::sonata {
namespace {

using data::Hdf5Number;

/// The node that a neuron of a population is.
std::pair<std::string, std::uint64_t> node_of(const Origins& origins, const std::string& population,
                                              std::uint32_t neuron) {
  const auto found = origins.find(population);
  if (found == origins.end()) return {population, neuron};
  return {found->second.nodes, found->second.ids.empty() ? neuron : found->second.ids.at(neuron)};
}

using Stamped = std::pair<std::int64_t, std::uint64_t>;  // step, node

std::map<std::string, std::vector<Stamped>> by_nodes(const Recording& recording,
                                                     const Origins& origins) {
  std::map<std::string, std::vector<Stamped>> all;
  for (const SpikeRecord& record : recording.spikes) {
    all[node_of(origins, record.population, 0).first];  // silent ones are named, too
    for (std::size_t k = 0; k < record.steps.size(); ++k) {
      const auto [nodes, id] = node_of(origins, record.population, record.neurons[k]);
      all[nodes].emplace_back(record.steps[k], id);
    }
  }
  for (auto& [nodes, spikes] : all) {
    std::sort(spikes.begin(), spikes.end());
    // Two recorders may have seen the same neuron.
    spikes.erase(std::unique(spikes.begin(), spikes.end()), spikes.end());
  }
  return all;
}

/// Times without the rounding of a product: 0.3 for 3 steps of 0.1 ms.
double exact_ms(const Recording& recording, std::int64_t step) {
  const TimeGrid grid(Quantity::from_internal(recording.dt_ms, dimension::time));
  return grid.time(step).internal();
}

}  // namespace

void write_spikes(const std::filesystem::path& path, const Recording& recording,
                  const Origins& origins) {
  data::Hdf5Writer out(path);
  mark(out);
  out.group("/spikes");
  for (const auto& [nodes, spikes] : by_nodes(recording, origins)) {
    const std::string at = "/spikes/" + group_name(nodes);
    std::vector<double> times, ids;
    for (const auto& [step, id] : spikes) {
      times.push_back(exact_ms(recording, step));
      ids.push_back(static_cast<double>(id));
    }
    out.numbers(at + "/timestamps", {times.size()}, times, Hdf5Number::real);
    out.numbers(at + "/node_ids", {ids.size()}, ids, Hdf5Number::uint64);
    out.attribute(at + "/timestamps", "units", "ms");
    out.enumeration(at, "sorting", {"none", "by_id", "by_time"}, 2);
  }
  out.commit();
}

namespace {

/// Columns of a report: the traces of one population of nodes.
struct Columns {
  std::vector<std::uint64_t> ids = {};
  std::vector<std::vector<double>> values = {};
  const TraceRecord* first = nullptr;
};

std::map<std::string, Columns> columns_of(const Recording& recording, const std::string& variable,
                                          const Origins& origins) {
  std::map<std::string, Columns> all;
  for (const TraceRecord& trace : recording.traces) {
    if (trace.variable != variable) continue;
    for (std::size_t i = 0; i < trace.indices.size(); ++i) {
      const auto [nodes, id] = node_of(origins, trace.population, trace.indices[i]);
      Columns& columns = all[nodes];
      if (columns.first == nullptr) columns.first = &trace;
      if (trace.first != columns.first->first || trace.interval != columns.first->interval ||
          trace.samples() != columns.first->samples())
        throw UnsupportedError({.where = "SONATA report of '" + variable + "'",
                                .what = "traces of '" + nodes + "' are sampled at other times"});
      if (std::find(columns.ids.begin(), columns.ids.end(), id) != columns.ids.end()) continue;
      columns.ids.push_back(id);
      std::vector<double>& values = columns.values.emplace_back();
      for (std::size_t k = i; k < trace.values.size(); k += trace.indices.size())
        values.push_back(trace.values[k]);
    }
  }
  return all;
}

std::vector<std::string> recorded_variables(const Recording& recording) {
  std::vector<std::string> names;
  for (const TraceRecord& trace : recording.traces) names.push_back(trace.variable);
  return names;
}

}  // namespace

void write_report(const std::filesystem::path& path, const Recording& recording,
                  const std::string& variable, const Origins& origins) {
  const auto all = columns_of(recording, variable, origins);
  if (all.empty())
    throw NameError({.where = "SONATA report",
                     .what = "no traces of this variable were recorded",
                     .got = variable,
                     .nearest = nearest_name(variable, recorded_variables(recording))});
  data::Hdf5Writer out(path);
  mark(out);
  for (const auto& [nodes, columns] : all) {
    const std::string at = "/report/" + group_name(nodes);
    const std::size_t n = columns.ids.size(), samples = columns.first->samples();
    std::vector<double> data(samples * n), ids(columns.ids.begin(), columns.ids.end()), ends;
    for (std::size_t i = 0; i < n; ++i)
      for (std::size_t k = 0; k < samples; ++k) data[k * n + i] = columns.values[i][k];
    for (std::size_t i = 0; i <= n; ++i) ends.push_back(static_cast<double>(i));
    const std::int64_t first = columns.first->first, every = columns.first->interval;
    const auto stop = first + every * static_cast<std::int64_t>(samples);
    out.numbers(at + "/data", {samples, n}, data, Hdf5Number::real, true);
    out.attribute(at + "/data", "units", columns.first->dimension.internal_name());
    out.attribute(at + "/data", "variable_name", variable);
    out.numbers(at + "/mapping/node_ids", {n}, ids, Hdf5Number::uint64);
    out.numbers(at + "/mapping/index_pointers", {n + 1}, ends, Hdf5Number::uint64);
    out.numbers(at + "/mapping/element_ids", {n}, std::vector<double>(n, 0.0), Hdf5Number::uint32);
    out.numbers(at + "/mapping/element_pos", {n}, std::vector<double>(n, 0.5), Hdf5Number::real);
    out.numbers(at + "/mapping/time", {3},
                {exact_ms(recording, first), exact_ms(recording, stop), exact_ms(recording, every)},
                Hdf5Number::real);
    out.attribute(at + "/mapping/time", "units", "ms");
    out.enumeration(at + "/mapping/node_ids", "sorting", {"none", "by_id"},
                    std::is_sorted(ids.begin(), ids.end()) ? 1 : 0);
  }
  out.commit();
}

std::vector<NodeSpikes> read_spikes(const std::filesystem::path& path) {
  const data::Hdf5File file(path);
  const auto read = [&](const std::string& nodes, const std::string& at, const std::string& ids) {
    NodeSpikes spikes{.nodes = nodes, .times_ms = file.numbers(at + "/timestamps")};
    for (double id : file.numbers(at + "/" + ids)) {
      if (!(id >= 0) || !(id < 9007199254740992.0))
        throw ValueError(
            {.where = "data set '" + at + "/" + ids + "' of file '" + file.name() + "'",
             .what = "this is no node's id",
             .got = std::to_string(id)});
      spikes.ids.push_back(static_cast<std::uint64_t>(id));
    }
    if (spikes.ids.size() != spikes.times_ms.size())
      throw ShapeError({.where = "'" + at + "' of file '" + file.name() + "'",
                        .what = "each spike has a time and a node",
                        .got = std::to_string(spikes.times_ms.size()) + " times",
                        .expected = std::to_string(spikes.ids.size())});
    for (double t : spikes.times_ms)
      if (!std::isfinite(t))
        throw ValueError({.where = "'" + at + "/timestamps' of file '" + file.name() + "'",
                          .what = "a time is not finite"});
    return spikes;
  };
  if (file.has("/spikes/gids")) return {read("", "/spikes", "gids")};
  std::vector<NodeSpikes> all;
  for (const std::string& nodes : file.children("/spikes"))
    if (file.is_group("/spikes/" + nodes))
      all.push_back(read(nodes, "/spikes/" + nodes, "node_ids"));
  return all;
}

}  // namespace callosum::sonata
