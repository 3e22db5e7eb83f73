#include "callosum/sonata/circuit.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <limits>
#include <optional>
#include <set>

#include "callosum/core/error.h"
#include "callosum/data/hdf5_file.h"
#include "callosum/data/table.h"

namespace callosum::sonata {
namespace {

constexpr double not_given = std::numeric_limits<double>::quiet_NaN();

/// The rows of a types file that belong to one population.
class Types {
 public:
  Types(const TableFiles& files, const std::string& kind, const std::string& population,
        std::filesystem::path models)
      : models_(std::move(models)) {
    if (files.types.empty()) return;
    table_ = data::read_table(files.types, data::Separator::blanks);
    const std::vector<double> ids = table_->numbers(kind + "_type_id");
    const auto& columns = table_->columns;
    const auto own = std::find(columns.begin(), columns.end(), "population");
    for (std::size_t row = 0; row < ids.size(); ++row) {
      if (!(std::abs(ids[row]) < 9e15))
        throw ValueError({.where = "file '" + table_->name + "'", .what = "this is no type's id"});
      if (own == columns.end() || table_->rows[row][own - columns.begin()] == population)
        rows_[static_cast<std::int64_t>(ids[row])] = row;
    }
  }

  /// Fills attributes and parameters of elements that have these types.
  void spread(const std::vector<double>& types, std::map<std::string, Column>& attributes,
              std::map<std::string, std::vector<double>>& parameters) const {
    if (!table_) return;
    std::vector<std::size_t> rows;
    rows.reserve(types.size());
    for (double type : types) {
      const auto found = rows_.find(static_cast<std::int64_t>(type));
      if (found == rows_.end())
        throw NameError({.where = "file '" + table_->name + "'",
                         .what = "there is no such type",
                         .got = std::to_string(static_cast<std::int64_t>(type))});
      rows.push_back(found->second);
    }
    for (std::size_t c = 0; c < table_->columns.size(); ++c) {
      const std::string& name = table_->columns[c];
      if (name.ends_with("_type_id") || name == "population") continue;
      if (name == "dynamics_params")
        spread_parameters(rows, c, parameters);
      else
        attributes[name] = column(rows, c);
    }
  }

 private:
  static bool missing(const std::string& cell) { return cell == "NULL" || cell.empty(); }

  Column column(const std::vector<std::size_t>& rows, std::size_t c) const {
    std::vector<double> values;
    bool numbers = true;
    for (const auto& row : table_->rows) {
      double value = not_given;
      const char* const end = row[c].data() + row[c].size();
      if (!missing(row[c])) {
        const auto [after, problem] = std::from_chars(row[c].data(), end, value);
        numbers = numbers && problem == std::errc() && after == end;
      }
      values.push_back(value);
    }
    Column out;
    if (numbers) {
      for (std::size_t row : rows) out.numbers.push_back(values[row]);
      return out;
    }
    for (const auto& row : table_->rows) out.texts.push_back(missing(row[c]) ? "" : row[c]);
    for (std::size_t row : rows) out.which.push_back(static_cast<std::uint32_t>(row));
    return out;
  }

  void spread_parameters(const std::vector<std::size_t>& rows, std::size_t c,
                         std::map<std::string, std::vector<double>>& parameters) const {
    for (const auto& [type, row] : rows_) {
      const std::string& cell = table_->rows[row][c];
      if (missing(cell)) continue;
      for (const auto& [name, value] : read_parameters(models_ / cell)) {
        std::vector<double>& all =
            parameters.try_emplace(name, rows.size(), not_given).first->second;
        for (std::size_t i = 0; i < rows.size(); ++i)
          if (rows[i] == row) all[i] = value;
      }
    }
  }

  std::filesystem::path models_;
  std::optional<data::Table> table_;
  std::map<std::int64_t, std::size_t> rows_;
};

/// Where each element of a population finds its group's values.
struct Placed {
  std::string group;
  std::vector<std::pair<std::size_t, std::size_t>> at = {};  ///< element, index in the group
};

/// A population as a file keeps it.
class StoredPopulation {
 public:
  StoredPopulation(const data::Hdf5File& file, std::string path, std::string kind)
      : file_(file), path_(std::move(path)), kind_(std::move(kind)) {}

  std::vector<double> required(const std::string& name) const { return list(path_ + "/" + name); }
  std::string where(const std::string& name) const {
    return "data set '" + path_ + "/" + name + "' of file '" + file_.name() + "'";
  }
  bool has(const std::string& name) const { return file_.has(path_ + "/" + name); }

  /// The values of all groups, over what is there already.
  void read_groups(std::size_t size, std::map<std::string, Column>& attributes,
                   std::map<std::string, std::vector<double>>& parameters) const {
    for (const Placed& group : groups(size)) {
      const std::string at = path_ + "/" + group.group;
      if (!file_.is_group(at)) continue;
      for (const std::string& name : file_.children(at)) {
        const std::string full = at + "/" + name;
        if (name == "dynamics_params" && file_.is_group(full)) {
          for (const std::string& key : file_.children(full))
            put(list(full + "/" + key), group, full + "/" + key,
                parameters.try_emplace(key, size, not_given).first->second);
        } else if (!file_.is_group(full)) {
          read_attribute(group, name, size, attributes[name]);
        }
      }
    }
  }

  void check_size(std::size_t got, std::size_t size, const std::string& name) const {
    if (got != size)
      throw ShapeError({.where = where(name),
                        .what = "each " + kind_ + " needs one value",
                        .got = std::to_string(got),
                        .expected = std::to_string(size)});
  }

 private:
  std::vector<double> list(const std::string& at) const {
    if (file_.shape(at).size() != 1)
      throw ShapeError({.where = "data set '" + at + "' of file '" + file_.name() + "'",
                        .what = "a list was expected",
                        .got = std::to_string(file_.shape(at).size()) + " dimensions",
                        .expected = "1 dimension"});
    return file_.numbers(at);
  }

  std::vector<Placed> groups(std::size_t size) const {
    const std::string id = kind_ + "_group_id", index = kind_ + "_group_index";
    if (!has(id) || !has(index)) {
      Placed all{"0"};
      for (std::size_t i = 0; i < size; ++i) all.at.emplace_back(i, i);
      return {all};
    }
    const std::vector<double> ids = required(id), indices = required(index);
    check_size(ids.size(), size, id);
    check_size(indices.size(), size, index);
    std::map<std::int64_t, Placed> all;
    for (std::size_t i = 0; i < size; ++i) {
      if (!(indices[i] >= 0) || !(indices[i] < 9e15) || !(std::abs(ids[i]) < 9e15))
        throw ValueError({.where = where(index), .what = "an index is negative or too large"});
      const auto group = static_cast<std::int64_t>(ids[i]);
      all.try_emplace(group, Placed{std::to_string(group)})
          .first->second.at.emplace_back(i, static_cast<std::size_t>(indices[i]));
    }
    std::vector<Placed> out;
    for (auto& [group, placed] : all) out.push_back(std::move(placed));
    return out;
  }

  template <class T>
  void put(const std::vector<T>& values, const Placed& group, const std::string& at,
           std::vector<T>& all) const {
    for (const auto& [element, index] : group.at) {
      if (index >= values.size())
        throw ShapeError({.where = "data set '" + at + "' of file '" + file_.name() + "'",
                          .what = "an index points past the end of the group",
                          .got = std::to_string(index),
                          .expected = "below " + std::to_string(values.size())});
      all[element] = values[index];
    }
  }

  void read_attribute(const Placed& group, const std::string& name, std::size_t size,
                      Column& out) const {
    const std::string at = path_ + "/" + group.group + "/" + name;
    const std::string library = path_ + "/" + group.group + "/@library/" + name;
    if (!file_.is_text(at) && !file_.has(library)) {
      if (file_.shape(at).size() != 1) return;  // such as an orientation, which a point has not
      out.which.clear();
      out.texts.clear();
      out.numbers.resize(size, not_given);
      return put(file_.numbers(at), group, at, out.numbers);
    }
    std::vector<std::uint32_t> which;
    std::vector<std::string> texts = file_.texts(file_.has(library) ? library : at);
    if (file_.has(library))
      for (double k : list(at)) {
        if (!(k >= 0) || !(k < static_cast<double>(texts.size())))
          throw ValueError({.where = "data set '" + at + "' of file '" + file_.name() + "'",
                            .what = "an index points past the end of its library"});
        which.push_back(static_cast<std::uint32_t>(k));
      }
    else
      for (std::uint32_t k = 0; k < texts.size(); ++k) which.push_back(k);
    if (out.texts.empty()) out.texts.push_back("");
    out.numbers.clear();
    out.which.resize(size, 0);
    const auto first = static_cast<std::uint32_t>(out.texts.size());
    for (std::uint32_t& k : which) k += first;
    out.texts.insert(out.texts.end(), texts.begin(), texts.end());
    put(which, group, at, out.which);
  }

  const data::Hdf5File& file_;
  std::string path_, kind_;
};

std::vector<std::uint64_t> to_ids(const std::vector<double>& numbers, const std::string& where) {
  std::vector<std::uint64_t> ids;
  ids.reserve(numbers.size());
  for (double x : numbers) {
    if (!(x >= 0) || !(x < 9007199254740992.0) || x != std::floor(x))
      throw ValueError(
          {.where = where, .what = "an id is a whole number from 0 on", .got = std::to_string(x)});
    ids.push_back(static_cast<std::uint64_t>(x));
  }
  return ids;
}

std::vector<double> type_ids(const StoredPopulation& stored, const std::string& kind,
                             std::size_t size) {
  const std::vector<double> types = stored.required(kind + "_type_id");
  stored.check_size(types.size(), size, kind + "_type_id");
  for (double t : types)
    if (!(std::abs(t) < 9e15))
      throw ValueError({.where = stored.where(kind + "_type_id"), .what = "this is no type's id"});
  return types;
}

}  // namespace

std::vector<Nodes> read_nodes(const TableFiles& files, const std::filesystem::path& models) {
  const data::Hdf5File file(files.table);
  std::vector<Nodes> all;
  for (const std::string& name : file.children("/nodes")) {
    const StoredPopulation stored(file, "/nodes/" + name, "node");
    Nodes nodes{.name = name};
    const std::size_t size = stored.required("node_type_id").size();
    if (stored.has("node_id")) {
      nodes.ids = to_ids(stored.required("node_id"), stored.where("node_id"));
      stored.check_size(nodes.ids.size(), size, "node_id");
      if (std::set(nodes.ids.begin(), nodes.ids.end()).size() != size)
        throw ValueError({.where = stored.where("node_id"), .what = "an id occurs twice"});
    } else {
      for (std::size_t i = 0; i < size; ++i) nodes.ids.push_back(i);
    }
    const Types types(files, "node", name, models);
    types.spread(type_ids(stored, "node", size), nodes.attributes, nodes.parameters);
    stored.read_groups(size, nodes.attributes, nodes.parameters);
    all.push_back(std::move(nodes));
  }
  return all;
}

std::vector<Edges> read_edges(const TableFiles& files, const std::filesystem::path& models) {
  const data::Hdf5File file(files.table);
  std::vector<Edges> all;
  for (const std::string& name : file.children("/edges")) {
    const std::string path = "/edges/" + name;
    const StoredPopulation stored(file, path, "edge");
    Edges edges{.name = name};
    edges.sources = to_ids(stored.required("source_node_id"), stored.where("source_node_id"));
    edges.targets = to_ids(stored.required("target_node_id"), stored.where("target_node_id"));
    const std::size_t size = edges.sources.size();
    stored.check_size(edges.targets.size(), size, "target_node_id");
    edges.source = file.attribute(path + "/source_node_id", "node_population");
    edges.target = file.attribute(path + "/target_node_id", "node_population");
    if (edges.source.empty() || edges.target.empty())
      throw FileError(
          {.where = stored.where(edges.source.empty() ? "source_node_id" : "target_node_id"),
           .what = "the population of the nodes is not named",
           .expected = "the attribute 'node_population'"});
    const Types types(files, "edge", name, models);
    types.spread(type_ids(stored, "edge", size), edges.attributes, edges.parameters);
    stored.read_groups(size, edges.attributes, edges.parameters);
    all.push_back(std::move(edges));
  }
  return all;
}

Circuit read_circuit(const CircuitConfig& config) {
  Circuit circuit;
  for (const TableFiles& files : config.nodes)
    for (Nodes& nodes : read_nodes(files, config.neuron_models)) {
      for (const Nodes& known : circuit.nodes)
        if (known.name == nodes.name)
          throw NameError({.where = "file '" + files.table.string() + "'",
                           .what = "two populations of nodes have one name",
                           .got = nodes.name});
      circuit.nodes.push_back(std::move(nodes));
    }
  for (const TableFiles& files : config.edges)
    for (Edges& edges : read_edges(files, config.synapse_models))
      circuit.edges.push_back(std::move(edges));
  return circuit;
}

}  // namespace callosum::sonata
