#include "callosum/data/images.h"

#include <algorithm>
#include <numeric>

#include "callosum/core/error.h"
#include "callosum/data/file_error.h"
#include "callosum/data/idx.h"

namespace callosum::data {

namespace fs = std::filesystem;

namespace {

ShapeError no_image(std::size_t i, std::size_t count) {
  ErrorDetail detail;
  detail.where = "images";
  detail.what = "no such image";
  detail.got = std::to_string(i);
  detail.expected = "an index below " + std::to_string(count);
  return ShapeError(std::move(detail));
}

/// Row or column `i` of `to` covers `share[k]` of the source's rows first, first + 1, ...
struct Cover {
  std::size_t first;
  std::vector<double> share;
};

std::vector<Cover> covers(std::size_t from, std::size_t to) {
  std::vector<Cover> out(to);
  const double step = static_cast<double>(from) / static_cast<double>(to);
  for (std::size_t i = 0; i < to; ++i) {
    // Borders as exact fractions of `to`: i * from / to.
    const std::size_t begin = i * from, end = (i + 1) * from;
    out[i].first = begin / to;
    for (std::size_t k = out[i].first; k * to < end; ++k)
      out[i].share.push_back(
          static_cast<double>(std::min(end, (k + 1) * to) - std::max(begin, k * to)) /
          (static_cast<double>(to) * step));
  }
  return out;
}

}  // namespace

std::span<const std::uint8_t> Images::image(std::size_t i) const {
  if (i >= size()) throw no_image(i, size());
  return {pixels.data() + i * image_size(), image_size()};
}

Images Images::chosen(std::span<const std::size_t> indices) const {
  Images out{rows, cols, {}, {}};
  out.pixels.reserve(indices.size() * image_size());
  for (std::size_t i : indices) {
    const auto one = image(i);
    out.pixels.insert(out.pixels.end(), one.begin(), one.end());
    out.labels.push_back(labels[i]);
  }
  return out;
}

Images Images::first(std::size_t count) const {
  std::vector<std::size_t> indices(std::min(count, size()));
  std::iota(indices.begin(), indices.end(), std::size_t{0});
  return chosen(indices);
}

Images Images::balanced(std::size_t per_class) const {
  std::vector<std::size_t> indices, taken(class_counts().size());
  for (std::size_t i = 0; i < size(); ++i)
    if (taken[static_cast<std::size_t>(labels[i])]++ < per_class) indices.push_back(i);
  return chosen(indices);
}

Images Images::balanced(std::size_t per_class, Stream& stream) const {
  std::vector<std::size_t> order(size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  for (std::size_t i = order.size(); i > 1; --i) std::swap(order[i - 1], order[stream.below(i)]);
  return chosen(order).balanced(per_class);
}

Images Images::of_classes(std::span<const std::int32_t> classes) const {
  std::vector<std::size_t> indices;
  for (std::size_t i = 0; i < size(); ++i)
    if (std::find(classes.begin(), classes.end(), labels[i]) != classes.end()) indices.push_back(i);
  return chosen(indices);
}

std::vector<std::size_t> Images::class_counts() const {
  std::vector<std::size_t> counts;
  for (std::int32_t label : labels) {
    const auto k = static_cast<std::size_t>(label);
    if (k >= counts.size()) counts.resize(k + 1);
    ++counts[k];
  }
  return counts;
}

std::vector<float> Images::scaled(float factor) const {
  std::vector<float> out(pixels.size());
  std::transform(pixels.begin(), pixels.end(), out.begin(),
                 [factor](std::uint8_t p) { return factor * static_cast<float>(p); });
  return out;
}

Images Images::averaged(std::size_t to_rows, std::size_t to_cols) const {
  if (to_rows == 0 || to_cols == 0 || to_rows > rows || to_cols > cols) {
    ErrorDetail detail;
    detail.where = "images";
    detail.what = "averaging makes images smaller";
    detail.got = std::to_string(to_rows) + " x " + std::to_string(to_cols);
    detail.expected = "1 x 1 to " + std::to_string(rows) + " x " + std::to_string(cols);
    throw ShapeError(std::move(detail));
  }
  const std::vector<Cover> down = covers(rows, to_rows), across = covers(cols, to_cols);
  Images out{to_rows, to_cols, {}, labels};
  out.pixels.reserve(size() * to_rows * to_cols);
  for (std::size_t i = 0; i < size(); ++i) {
    const std::uint8_t* from = pixels.data() + i * image_size();
    for (const Cover& r : down)
      for (const Cover& c : across) {
        double sum = 0;
        for (std::size_t y = 0; y < r.share.size(); ++y)
          for (std::size_t x = 0; x < c.share.size(); ++x)
            sum += r.share[y] * c.share[x] * from[(r.first + y) * cols + c.first + x];
        out.pixels.push_back(static_cast<std::uint8_t>(sum + 0.5));
      }
  }
  return out;
}

Images read_images(const fs::path& images, const fs::path& labels, std::size_t classes) {
  Array pixels = read_idx(images);
  const Array numbers = read_idx(labels);
  if (pixels.shape.size() != 3 || pixels.type() != "uint8" || pixels.shape[1] == 0 ||
      pixels.shape[2] == 0)
    throw file_error(in_file(images), "these are no images",
                     pixels.shape_text() + " of " + std::string(pixels.type()),
                     "images x rows x columns of uint8");
  const bool whole = numbers.type() != "float32" && numbers.type() != "float64";
  if (numbers.shape.size() != 1 || !whole)
    throw file_error(in_file(labels), "these are no labels",
                     numbers.shape_text() + " of " + std::string(numbers.type()),
                     "one whole number an image");
  if (numbers.shape[0] != pixels.shape[0])
    throw file_error(in_file(labels),
                     "there are not as many labels as images in '" + images.string() + "'",
                     std::to_string(numbers.shape[0]), std::to_string(pixels.shape[0]));
  Images out;
  out.rows = pixels.shape[1];
  out.cols = pixels.shape[2];
  out.pixels = std::move(std::get<std::vector<std::uint8_t>>(pixels.values));
  constexpr double most = 1 << 24;  // class counts are kept by class
  for (double label : numbers.to_double()) {
    if (!(label >= 0 && label < (classes > 0 ? static_cast<double>(classes) : most)))
      throw file_error(in_file(labels), "a label is no class",
                       std::to_string(static_cast<long>(label)),
                       classes > 0 ? "0 to " + std::to_string(classes - 1) : "0 or more");
    out.labels.push_back(static_cast<std::int32_t>(label));
  }
  return out;
}

}  // namespace callosum::data
