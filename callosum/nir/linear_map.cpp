#include "callosum/nir/linear_map.h"

#include <algorithm>
#include <array>
#include <cmath>

#include "callosum/core/error.h"

namespace callosum::nir {
namespace {

std::string text(const Shape& shape) {
  std::string all = "[";
  for (std::size_t n : shape) all += (all.size() > 1 ? ", " : "") + std::to_string(n);
  return all + "]";
}

[[noreturn]] void misfit(const std::string& where, const std::string& what, const Shape& got,
                         const std::string& expected) {
  throw ShapeError({.where = where, .what = what, .got = text(got), .expected = expected});
}

/// In ascending order, entries of equal places added up.
void settle(std::vector<LinearMap::Entry>& entries) {
  const auto key = [](const LinearMap::Entry& e) {
    return std::tuple(e.target, e.source, e.delay);
  };
  std::stable_sort(entries.begin(), entries.end(),
                   [&](const auto& a, const auto& b) { return key(a) < key(b); });
  std::size_t kept = 0;
  for (const LinearMap::Entry& e : entries) {
    if (kept > 0 && key(entries[kept - 1]) == key(e))
      entries[kept - 1].weight += e.weight;
    else
      entries[kept++] = e;
  }
  entries.resize(kept);
}

/// A parameter as a whole number of each of two dimensions.
std::array<std::int64_t, 2> pair(const NirNode& node, const std::string& name,
                                 const std::string& where) {
  const NirArray& a = node.numbers.at(name);
  const auto whole = [&](double x) {
    if (!(x == std::floor(x) && std::abs(x) < 1e9))
      throw ValueError({.where = where + ", " + name,
                        .what = "a whole number was expected",
                        .got = std::to_string(x)});
    return static_cast<std::int64_t>(x);
  };
  return {whole(a.values.front()), whole(a.values.back())};
}

/// A window that slides over a picture [channels, rows, columns]; one-dimensional: one row.
struct Window {
  std::array<std::int64_t, 2> kernel, stride, dilation = {1, 1}, before = {0, 0}, after = {0, 0};

  std::size_t out(std::size_t in, int axis) const {
    const std::int64_t reach = dilation[axis] * (kernel[axis] - 1) + 1;
    const std::int64_t room = static_cast<std::int64_t>(in) + before[axis] + after[axis] - reach;
    return room < 0 ? 0 : static_cast<std::size_t>(room / stride[axis] + 1);
  }
  /// Calls f(output row, output column, kernel row, kernel column, input row, input column).
  template <class F>
  void slide(std::size_t rows, std::size_t columns, F f) const {
    for (std::size_t r = 0; r < out(rows, 0); ++r)
      for (std::size_t c = 0; c < out(columns, 1); ++c)
        for (std::int64_t i = 0; i < kernel[0]; ++i)
          for (std::int64_t j = 0; j < kernel[1]; ++j) {
            const auto y = static_cast<std::int64_t>(r) * stride[0] + i * dilation[0] - before[0];
            const auto x = static_cast<std::int64_t>(c) * stride[1] + j * dilation[1] - before[1];
            if (y >= 0 && x >= 0 && y < static_cast<std::int64_t>(rows) &&
                x < static_cast<std::int64_t>(columns))
              f(r, c, static_cast<std::size_t>(i), static_cast<std::size_t>(j),
                static_cast<std::size_t>(y), static_cast<std::size_t>(x));
          }
  }
};

Window window_of(const NirNode& node, std::array<std::int64_t, 2> kernel,
                 const std::string& where) {
  Window w{.kernel = kernel, .stride = pair(node, "stride", where)};
  if (node.numbers.contains("dilation")) w.dilation = pair(node, "dilation", where);
  for (int axis : {0, 1})
    if (!(w.kernel[axis] > 0 && w.stride[axis] > 0 && w.dilation[axis] > 0))
      throw ValueError({.where = where,
                        .what = "kernel, stride and dilation are positive",
                        .got = std::to_string(w.kernel[axis]) + ", " +
                               std::to_string(w.stride[axis]) + ", " +
                               std::to_string(w.dilation[axis])});
  const auto same = node.texts.find("padding");
  if (same != node.texts.end() && same->second == "same") {
    for (int axis : {0, 1}) {  // as PyTorch: the odd one behind
      const std::int64_t total = w.dilation[axis] * (w.kernel[axis] - 1);
      w.before[axis] = total / 2;
      w.after[axis] = total - total / 2;
    }
  } else if (same == node.texts.end()) {
    w.before = w.after = pair(node, "padding", where);
    for (int axis : {0, 1})
      if (w.before[axis] < 0)
        throw ValueError({.where = where + ", padding",
                          .what = "padding is not negative",
                          .got = std::to_string(w.before[axis])});
  }
  return w;
}

LinearMap convolution(const NirNode& node, Shape& shape, const std::string& where) {
  const bool flat = node.type == "Conv1d";
  const std::size_t rank = flat ? 2 : 3;
  Shape weight = node.numbers.at("weight").shape;
  if (weight.size() != rank + 1)
    misfit(where + ", weight", "a convolution's weight has another rank", weight,
           flat ? "[out, in, k]" : "[out, in, k, k]");
  if (shape.size() != rank)
    misfit(where, "the input of a convolution has another rank", shape,
           flat ? "[channels, time]" : "[channels, rows, columns]");
  if (flat) weight.insert(weight.begin() + 2, 1);
  Window w = window_of(
      node, {static_cast<std::int64_t>(weight[2]), static_cast<std::int64_t>(weight[3])}, where);
  if (flat) {
    w.before[0] = w.after[0] = 0;
    w.stride[0] = w.dilation[0] = 1;
  }
  const auto groups = static_cast<std::size_t>(pair(node, "groups", where)[0]);
  const std::size_t in = shape[0], rows = flat ? 1 : shape[1], columns = shape.back();
  if (groups == 0 || weight[1] * groups != in || weight[0] % groups != 0)
    misfit(where, "channels do not fit the weight " + text(weight), shape,
           std::to_string(weight[1] * std::max<std::size_t>(groups, 1)) + " channels");
  const std::size_t out_rows = w.out(rows, 0), out_columns = w.out(columns, 1);
  if (out_rows * out_columns == 0) misfit(where, "the window is larger than the input", shape, "");
  const std::size_t per_group = weight[0] / groups;
  LinearMap map{.sources = elements(shape), .targets = weight[0] * out_rows * out_columns};
  const std::vector<double>& values = node.numbers.at("weight").values;
  w.slide(rows, columns,
          [&](std::size_t r, std::size_t c, std::size_t i, std::size_t j, std::size_t y,
              std::size_t x) {
            for (std::size_t o = 0; o < weight[0]; ++o)
              for (std::size_t m = 0; m < weight[1]; ++m) {
                const std::size_t channel = o / per_group * weight[1] + m;
                map.entries.push_back(
                    {static_cast<std::uint32_t>((o * out_rows + r) * out_columns + c),
                     static_cast<std::uint32_t>((channel * rows + y) * columns + x),
                     values[((o * weight[1] + m) * weight[2] + i) * weight[3] + j], 0});
              }
          });
  const std::vector<double>& bias = node.numbers.at("bias").values;
  if (bias.size() != 1 && bias.size() != weight[0])
    misfit(where + ", bias", "one value a channel is needed", node.numbers.at("bias").shape,
           std::to_string(weight[0]));
  for (std::size_t t = 0; t < map.targets; ++t)
    map.bias.push_back(bias.size() == 1 ? bias[0] : bias[t / (out_rows * out_columns)]);
  shape = flat ? Shape{weight[0], out_columns} : Shape{weight[0], out_rows, out_columns};
  return map;
}

LinearMap pooling(const NirNode& node, Shape& shape, const std::string& where) {
  if (shape.size() != 3)
    misfit(where, "pooling takes a picture", shape, "[channels, rows, columns]");
  const Window w = window_of(node, pair(node, "kernel_size", where), where);
  const std::size_t rows = w.out(shape[1], 0), columns = w.out(shape[2], 1);
  if (rows * columns == 0) misfit(where, "the window is larger than the input", shape, "");
  const double weight =
      node.type == "AvgPool2d" ? 1.0 / static_cast<double>(w.kernel[0] * w.kernel[1]) : 1.0;
  LinearMap map{.sources = elements(shape), .targets = shape[0] * rows * columns};
  for (std::size_t channel = 0; channel < shape[0]; ++channel)
    w.slide(
        shape[1], shape[2],
        [&](std::size_t r, std::size_t c, std::size_t, std::size_t, std::size_t y, std::size_t x) {
          map.entries.push_back(
              {static_cast<std::uint32_t>((channel * rows + r) * columns + c),
               static_cast<std::uint32_t>((channel * shape[1] + y) * shape[2] + x), weight, 0});
        });
  map.bias.assign(map.targets, 0.0);
  shape = {shape[0], rows, columns};
  return map;
}

LinearMap matrix(const NirNode& node, Shape& shape, const std::string& where) {
  const NirArray& weight = node.numbers.at("weight");
  if (weight.shape.size() != 2 || weight.shape[1] != elements(shape))
    misfit(where + ", weight", "it does not fit the input of shape " + text(shape), weight.shape,
           "[out, " + std::to_string(elements(shape)) + "]");
  const std::size_t n = weight.shape[0], m = weight.shape[1];
  LinearMap map{.sources = m, .targets = n, .bias = std::vector<double>(n, 0.0)};
  for (std::size_t t = 0; t < n; ++t)
    for (std::size_t s = 0; s < m; ++s)
      map.entries.push_back({static_cast<std::uint32_t>(t), static_cast<std::uint32_t>(s),
                             weight.values[t * m + s], 0});
  if (node.type == "Affine") {
    const std::vector<double>& bias = node.numbers.at("bias").values;
    if (bias.size() != 1 && bias.size() != n)
      misfit(where + ", bias", "one value a row is needed", node.numbers.at("bias").shape,
             std::to_string(n));
    for (std::size_t t = 0; t < n; ++t) map.bias[t] = bias.size() == 1 ? bias[0] : bias[t];
  }
  shape = {n};
  return map;
}

}  // namespace

std::size_t elements(const Shape& shape) {
  std::size_t n = 1;
  for (std::size_t k : shape) n *= k;
  return n;
}

LinearMap LinearMap::identity(std::size_t n) {
  LinearMap map{.sources = n, .targets = n, .bias = std::vector<double>(n, 0.0)};
  for (std::uint32_t i = 0; i < n; ++i) map.entries.push_back({i, i, 1.0, 0});
  return map;
}

bool LinearMap::is_identity() const {
  if (sources != targets || entries.size() != targets) return false;
  for (std::size_t i = 0; i < entries.size(); ++i) {
    const Entry& e = entries[i];
    if (e.target != i || e.source != i || e.weight != 1 || e.delay != 0 || bias[i] != 0)
      return false;
  }
  return true;
}

LinearMap compose(const LinearMap& second, const LinearMap& first, const std::string& where) {
  if (second.sources != first.targets)
    misfit(where, "numbers of elements do not fit", {first.targets},
           std::to_string(second.sources));
  std::vector<std::size_t> row(first.targets + 1, 0);
  for (const LinearMap::Entry& e : first.entries) ++row[e.target + 1];
  for (std::size_t t = 0; t < first.targets; ++t) row[t + 1] += row[t];
  LinearMap map{.sources = first.sources, .targets = second.targets, .bias = second.bias};
  for (const LinearMap::Entry& b : second.entries) {
    map.bias[b.target] += b.weight * first.bias[b.source];
    for (std::size_t k = row[b.source]; k < row[b.source + 1]; ++k) {
      const LinearMap::Entry& a = first.entries[k];
      map.entries.push_back({b.target, a.source, b.weight * a.weight, b.delay + a.delay});
    }
  }
  settle(map.entries);
  return map;
}

bool is_linear(const std::string& type) {
  static const std::vector<std::string> all = {"Input",     "Output",  "Affine", "Linear",
                                               "Scale",     "Conv1d",  "Conv2d", "SumPool2d",
                                               "AvgPool2d", "Flatten", "Delay"};
  return std::find(all.begin(), all.end(), type) != all.end();
}

LinearMap linear_map(const NirNode& node, Shape& shape, double dt, const std::string& where) {
  LinearMap map;
  if (node.type == "Affine" || node.type == "Linear") {
    map = matrix(node, shape, where);
  } else if (node.type == "Conv1d" || node.type == "Conv2d") {
    map = convolution(node, shape, where);
  } else if (node.type == "SumPool2d" || node.type == "AvgPool2d") {
    map = pooling(node, shape, where);
  } else {
    map = LinearMap::identity(elements(shape));
    if (node.type == "Scale" || node.type == "Delay") {
      const NirArray& given = node.numbers.at(node.type == "Scale" ? "scale" : "delay");
      if (given.values.size() != 1 && given.values.size() != map.targets)
        misfit(where, "one value an element is needed", given.shape, text(shape));
      for (std::size_t i = 0; i < map.targets; ++i) {
        const double value = given.values[given.values.size() == 1 ? 0 : i];
        if (node.type == "Scale") {
          map.entries[i].weight = value;
          continue;
        }
        const double steps = std::round(value / dt);
        if (!(value >= 0 && steps <= 65535))
          throw ValueError({.where = where + ", delay",
                            .what = "a delay is not negative and at most 65535 steps",
                            .got = std::to_string(value)});
        map.entries[i].delay = static_cast<std::int64_t>(steps);
      }
    } else if (node.type == "Flatten") {
      const auto rank = static_cast<std::int64_t>(shape.size());
      std::int64_t first = pair(node, "start_dim", where)[0],
                   last = pair(node, "end_dim", where)[0];
      if (first < 0) first += rank;
      if (last < 0) last += rank;
      // Writers that count a batch axis say 1 for the first axis of a vector.
      first = std::min(first, rank - 1);
      last = std::min(last, rank - 1);
      if (first >= 0 && first <= last) {
        Shape flat(shape.begin(), shape.begin() + first);
        flat.push_back(elements({shape.begin() + first, shape.begin() + last + 1}));
        flat.insert(flat.end(), shape.begin() + last + 1, shape.end());
        shape = flat;
      }
    }
  }
  settle(map.entries);
  return map;
}

}  // namespace callosum::nir
