#include "callosum/data/class_means.h"

#include <cmath>

#include "callosum/core/error.h"

namespace callosum::data {

std::vector<std::size_t> lit_pixels(const Images& images, double share) {
  std::vector<std::size_t> lit(images.image_size()), kept;
  for (std::size_t k = 0; k < images.pixels.size(); ++k)
    lit[k % images.image_size()] += images.pixels[k] > 127;
  for (std::size_t p = 0; p < lit.size(); ++p)
    if (static_cast<double>(lit[p]) > share * static_cast<double>(images.size())) kept.push_back(p);
  return kept;
}

BinaryImages binary_images(const Images& images, std::vector<std::size_t> pixels) {
  BinaryImages out{std::move(pixels), {}, images.labels};
  out.codes.reserve(images.size() * out.pixels.size());
  for (std::size_t i = 0; i < images.size(); ++i)
    for (std::size_t p : out.pixels) out.codes.push_back(images.image(i)[p] > 127 ? 1 : -1);
  return out;
}

std::vector<float> class_means(const BinaryImages& images, std::size_t classes, bool centred) {
  const std::size_t n = images.pixels.size();
  std::vector<double> sums(classes * n), counts(classes);
  for (std::size_t i = 0; i < images.labels.size(); ++i) {
    const auto label = static_cast<std::size_t>(images.labels[i]);
    if (label >= classes) continue;
    ++counts[label];
    for (std::size_t u = 0; u < n; ++u) sums[label * n + u] += images.codes[i * n + u];
  }
  std::vector<double> mean(n);
  for (std::size_t c = 0; c < classes; ++c) {
    if (!(counts[c] > 0))
      throw ValueError(
          {.where = "class means", .what = "class " + std::to_string(c) + " has no images"});
    for (std::size_t u = 0; u < n; ++u) {
      sums[c * n + u] /= counts[c];
      mean[u] += sums[c * n + u] / static_cast<double>(classes);
    }
  }
  for (std::size_t c = 0; c < classes && centred; ++c) {
    double square = 0;
    for (std::size_t u = 0; u < n; ++u) {
      sums[c * n + u] -= mean[u];
      square += sums[c * n + u] * sums[c * n + u];
    }
    if (!(square > 0))
      throw ValueError({.where = "class means",
                        .what = "class " + std::to_string(c) + " does not differ from the mean"});
    const double scale = std::sqrt(static_cast<double>(n) / square);
    for (std::size_t u = 0; u < n; ++u) sums[c * n + u] *= scale;
  }
  return {sums.begin(), sums.end()};
}

}  // namespace callosum::data
