#pragma once

#include <cstdint>
#include <vector>

#include "callosum/data/images.h"

namespace callosum::data {

/// Images as +-1: +1 for a pixel above 127, -1 else, on the pixels kept.
struct BinaryImages {
  std::vector<std::size_t> pixels;   ///< kept, indices into an image
  std::vector<std::int8_t> codes;    ///< [image][kept pixel]
  std::vector<std::int32_t> labels;  ///< one an image
};

/// Pixels lit in more than `share` of the images.
std::vector<std::size_t> lit_pixels(const Images& images, double share);
BinaryImages binary_images(const Images& images, std::vector<std::size_t> pixels);

/// Mean code of each class, [class][pixel]. Centred: the mean over classes is taken off, and all
/// classes are scaled to the norm sqrt(pixels). \throws ValueError for a class without images, or
/// one whose centred mean is 0.
std::vector<float> class_means(const BinaryImages& images, std::size_t classes, bool centred);

}  // namespace callosum::data
