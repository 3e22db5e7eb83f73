#include "callosum/data/connectome.h"

#include <algorithm>
#include <map>
#include <set>
#include <tuple>

#include "callosum/data/byte_reader.h"
#include "callosum/data/file_error.h"
#include "callosum/data/table.h"

namespace callosum::data {

namespace {

bool is_type(const std::string& cell) { return cell == "chemical" || cell == "electrical"; }

/// Comma-separated by its first line, else by blanks or tabs.
Table read_edges(const std::filesystem::path& path) {
  const std::string text = read_text(path);
  const bool comma = text.substr(0, text.find('\n')).find(',') != std::string::npos;
  Table table = parse_table(text, path.string(), comma ? Separator::comma : Separator::blanks);
  if (table.columns.size() != 4 || table.rows.empty())
    throw file_error(in_file(path), "this is no table of edges",
                     std::to_string(table.columns.size()) + " columns",
                     "pre, post, count and type");
  return table;
}

}  // namespace

std::uint32_t Connectome::cell(std::string_view name) const {
  const auto found = std::lower_bound(cells.begin(), cells.end(), name);
  if (found != cells.end() && *found == name)
    return static_cast<std::uint32_t>(found - cells.begin());
  throw NameError({.where = "connectome",
                   .what = "no such cell",
                   .got = std::string(name),
                   .nearest = nearest_name(name, cells)});
}

std::size_t Connectome::chemical() const {
  return static_cast<std::size_t>(
      std::count_if(edges.begin(), edges.end(), [](const Edge& e) { return !e.electrical; }));
}

std::vector<float> Connectome::matrix(bool electrical) const {
  std::vector<float> out(cells.size() * cells.size());
  for (const Edge& e : edges)
    if (e.electrical == electrical)
      out[e.from * cells.size() + e.to] = static_cast<float>(e.weight);
  return out;
}

Connectome read_connectome(const std::filesystem::path& path) {
  const Table table = read_edges(path);
  const std::size_t type = is_type(table.rows[0][2]) ? 2 : 3, count = 5 - type;
  std::set<std::string> names;
  for (const auto& row : table.rows) {
    names.insert(row[0]);
    names.insert(row[1]);
  }
  Connectome out;
  out.cells.assign(names.begin(), names.end());
  std::map<std::tuple<std::uint32_t, std::uint32_t, bool>, double> weights;
  for (std::size_t i = 0; i < table.rows.size(); ++i) {
    const auto& row = table.rows[i];
    const std::string where = in_file(path) + ", row " + std::to_string(i + 1);
    if (!is_type(row[type]))
      throw file_error(where, "no kind of synapse", row[type], "chemical or electrical");
    const double n = number_in(row[count], where);
    if (!(n > 0)) throw file_error(where, "an edge without synapses", row[count], "a number > 0");
    const std::uint32_t from = out.cell(row[0]), to = out.cell(row[1]);
    if (row[type] == "chemical") {
      weights[{from, to, false}] += n;
    } else {
      for (double* w : {&weights[{from, to, true}], &weights[{to, from, true}]})
        *w = std::max(*w, n);
    }
  }
  for (const auto& [key, weight] : weights)
    out.edges.push_back({std::get<0>(key), std::get<1>(key), weight, std::get<2>(key)});
  return out;
}

Connectome load_connectome(std::string_view name, std::string_view table, Need need) {
  if (data_set(name).kind != "connectome")
    throw UnsupportedError({.where = "data set '" + std::string(name) + "'",
                            .what = "it is no connectome",
                            .got = std::string(data_set(name).kind),
                            .expected = "celegans-connectome"});
  const Location where = locate(name, need);
  Connectome out = read_connectome(where.file(table));
  out.source = where;
  return out;
}

}  // namespace callosum::data
