#pragma once

#include <ATen/core/Tensor.h>

#include <optional>
#include <string_view>

namespace callosum::learn {

/// What a trained tensor has to obey, in internal units.
struct Constraint {
  std::optional<double> low = {}, high = {};
  /// Every weight keeps the sign it began with, or becomes zero (Dale's principle where all
  /// synapses of a source begin alike). One that begins at zero stays there.
  bool keep_signs = false;
  /// 0 where an entry stays as it is, 1 where it learns; in the tensor's shape. Undefined: all
  /// learn.
  at::Tensor mask = {};
};

/// A constraint at work on one tensor.
class Constrained {
 public:
  /// Throws ShapeError for a mask of another shape, ValueError for bounds that exclude everything
  /// or what the tensor holds at the beginning, naming the first such entry.
  Constrained(std::string_view name, const at::Tensor& tensor, Constraint constraint);

  /// Zeroes the gradient of entries that do not learn.
  void on_gradient(const at::Tensor& gradient) const;
  /// Puts every entry back where it is allowed to be.
  void on_values(at::Tensor values) const;

 private:
  Constraint constraint_;
  at::Tensor signs_, fixed_;  ///< undefined where they play no part
};

}  // namespace callosum::learn
