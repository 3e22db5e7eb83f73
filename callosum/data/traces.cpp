#include "callosum/data/traces.h"

#include "callosum/data/file_error.h"
#include "callosum/data/table.h"

namespace callosum::data {

std::span<const float> Traces::trace(std::size_t i) const {
  if (i >= size())
    throw ShapeError({.where = "traces",
                      .what = "no such signal",
                      .got = std::to_string(i),
                      .expected = "an index below " + std::to_string(size())});
  return {values.data() + i * frames(), frames()};
}

Traces read_traces(const std::filesystem::path& path) {
  const Table table = read_table(path);
  if (table.columns.size() < 2)
    throw file_error(in_file(path), "there is no signal beside the times");
  Traces out;
  out.names.assign(table.columns.begin() + 1, table.columns.end());
  out.values.resize(out.size() * table.rows.size());
  for (std::size_t k = 0; k < table.rows.size(); ++k) {
    const std::string where = in_file(path) + ", row " + std::to_string(k + 1);
    const double t = number_in(table.rows[k][0], where);
    if (k > 0 && !(t > out.times_s.back()))
      throw file_error(where, "time does not ascend", table.rows[k][0],
                       "later than " + std::to_string(out.times_s.back()) + " s");
    out.times_s.push_back(t);
    for (std::size_t i = 0; i < out.size(); ++i)
      out.values[i * table.rows.size() + k] =
          static_cast<float>(number_in(table.rows[k][i + 1], where + ", '" + out.names[i] + "'"));
  }
  return out;
}

Traces load_traces(std::string_view name, Need need) {
  if (data_set(name).kind != "traces")
    throw UnsupportedError({.where = "data set '" + std::string(name) + "'",
                            .what = "it is not made of traces",
                            .got = std::string(data_set(name).kind),
                            .expected = "celegans-calcium"});
  const Location where = locate(name, need);
  Traces out = read_traces(where.file("zscored"));
  out.source = where;
  return out;
}

}  // namespace callosum::data
