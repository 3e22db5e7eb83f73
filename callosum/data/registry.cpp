#include "callosum/data/registry.h"

#include <algorithm>

#include "callosum/core/error.h"
#include "callosum/data/registry_table.h"

namespace callosum::data {

bool Edition::downloadable() const {
  return !files.empty() &&
         std::all_of(files.begin(), files.end(), [](const DataFile& f) { return !f.url.empty(); });
}

std::uint64_t Edition::bytes() const {
  std::uint64_t sum = 0;
  for (const DataFile& file : files) sum += file.bytes;
  return sum;
}

const Edition* DataSet::edition(std::string_view wanted) const {
  for (const Edition& one : editions)
    if (one.name == wanted) return &one;
  return nullptr;
}

std::span<const DataSet> data_sets() {
  static const std::vector<DataSet> sets = registry_table();
  return sets;
}

const DataSet& data_set(std::string_view name) {
  std::vector<std::string> names;
  std::string list;
  for (const DataSet& set : data_sets()) {
    if (set.name == name) return set;
    names.emplace_back(set.name);
    list += (list.empty() ? "" : ", ") + names.back();
  }
  ErrorDetail detail;
  detail.where = "data set";
  detail.what = "no such data set";
  detail.got = name;
  detail.expected = "one of " + list;
  detail.nearest = nearest_name(name, names);
  throw NameError(std::move(detail));
}

}  // namespace callosum::data
