#pragma once

#include <cstdint>
#include <filesystem>
#include <initializer_list>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "callosum/core/random.h"
#include "callosum/data/locate.h"

namespace callosum::data {

/// Grey images of one size with their classes.
struct Images {
  std::size_t rows = 0, cols = 0;    ///< pixels
  std::vector<std::uint8_t> pixels;  ///< [image][row][column], 0 background ... 255 ink
  std::vector<std::int32_t> labels;  ///< one an image, from 0

  std::size_t size() const { return labels.size(); }
  std::size_t image_size() const { return rows * cols; }
  /// The pixels of one image. \throws ShapeError beyond the last.
  std::span<const std::uint8_t> image(std::size_t i) const;

  /// The images with these indices, in this order.
  Images chosen(std::span<const std::size_t> indices) const;
  /// The first `count` (all, where there are fewer).
  Images first(std::size_t count) const;
  /// The first `per_class` of each class, in file order.
  Images balanced(std::size_t per_class) const;
  /// `per_class` of each class drawn without replacement, in drawn order (all, where there are
  /// fewer).
  Images balanced(std::size_t per_class, Stream& stream) const;
  /// The images whose class is one of these; classes keep their numbers.
  Images of_classes(std::span<const std::int32_t> classes) const;
  /// How many images each class has, up to the largest label.
  std::vector<std::size_t> class_counts() const;
  /// All pixels times `factor`: [image][row][column].
  std::vector<float> scaled(float factor = 1.0f / 255) const;
  /// Averaged over areas onto rows x cols, rounded to the nearest level. Not larger than now.
  Images averaged(std::size_t to_rows, std::size_t to_cols) const;
};

/// Images and labels in IDX files (MNIST, Fashion-MNIST ...), plain or gzip.
/// \throws FileError when they are not images of bytes, or their counts differ, or a label is
/// negative or, with `classes` > 0, not below it.
Images read_images(const std::filesystem::path& images, const std::filesystem::path& labels,
                   std::size_t classes = 0);

/// A data set of images, split into training and test part.
struct ImageSet {
  Images train, test;
  std::vector<std::string> classes;  ///< names of the classes
  Location source;                   ///< where it was found; its description() belongs in reports
};

/// "mnist", "fashion-mnist", "photographs" (each a class of its own), or "omniglot-small" (train:
/// small1, test: small2, whose classes are others and numbered on from those of small1).
/// \throws NameError, FileError as `locate` and `read_images`; UnsupportedError for a data set that
/// is not made of images.
ImageSet load_images(std::string_view name, Need need = Need::any);
/// The first of several that is there, such as {"mnist", "fashion-mnist"}.
ImageSet load_images(std::initializer_list<std::string_view> names, Need need = Need::any);

}  // namespace callosum::data
