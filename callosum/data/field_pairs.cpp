#include "callosum/data/field_pairs.h"

#include <algorithm>

#include "callosum/data/file_error.h"
#include "callosum/data/npy.h"

namespace callosum::data {

namespace {

FieldPairs read_pairs(const std::filesystem::path& inputs, const std::filesystem::path& outputs) {
  const Array x = read_npy(inputs), y = read_npy(outputs);
  if (x.shape.size() != 3 || x.shape[1] != x.shape[2] || x.shape[1] == 0)
    throw file_error(in_file(inputs), "these are no fields", x.shape_text(),
                     "pairs x side x side numbers");
  if (x.shape != y.shape)
    throw file_error(in_file(outputs), "the answers do not fit '" + inputs.string() + "'",
                     y.shape_text(), x.shape_text());
  return {x.shape[0], x.shape[1], x.to_float(), y.to_float()};
}

FieldPairs part(const FieldPairs& all, std::size_t first, std::size_t last) {
  const auto cut = [&](const std::vector<float>& from) {
    const std::size_t size = all.side * all.side;
    return std::vector<float>(from.begin() + static_cast<std::ptrdiff_t>(first * size),
                              from.begin() + static_cast<std::ptrdiff_t>(last * size));
  };
  return {last - first, all.side, cut(all.input), cut(all.output)};
}

}  // namespace

FieldSet load_fields(std::string_view name, Need need) {
  if (data_set(name).kind != "arrays")
    throw UnsupportedError({.where = "data set '" + std::string(name) + "'",
                            .what = "it is not made of pairs of fields",
                            .got = std::string(data_set(name).kind),
                            .expected = "darcy-16"});
  FieldSet set;
  set.source = locate(name, need);
  const auto pairs = [&](const std::string& stem) {
    return read_pairs(set.source.file(stem + "_x"), set.source.file(stem + "_y"));
  };
  set.test = pairs("test_16");
  if (set.source.sample()) {
    const std::size_t training = set.test.count * 4 / 5;
    set.train = part(set.test, 0, training);
    set.test = part(set.test, training, set.test.count);
  } else {
    set.train = pairs("train_16");
    set.fine = pairs("test_32");
  }
  return set;
}

}  // namespace callosum::data
