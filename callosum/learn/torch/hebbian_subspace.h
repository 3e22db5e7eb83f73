#pragma once

#include <ATen/core/Tensor.h>

#include <string>

#include "callosum/nets/draws.h"

namespace callosum::learn {

struct SubspaceOptions {
  double rate = 0.01, momentum = 0.9;
  std::int64_t iterations = 5;  ///< of the rule a batch
  double largest_change = 10;   ///< entries of a change are clamped to +- this
  /// Lateral neurons that spike: y becomes a count of 0 ... levels spikes of either sign over
  /// `range`. 0: real-valued.
  std::int64_t levels = 0;
  double range = 20;
  /// Without the anti-Hebbian part the rule is plain Hebb, which grows without bound (ablation).
  bool anti_hebbian = true;
};

/// Lateral neurons beside a layer that learn the principal subspace of the layer's inputs (Xiao et
/// al. 2024, arXiv 2402.11984, after Oja 1989): y = H x, x' = H^T y, dH = y (x - x')^T averaged
/// over a batch, with momentum. Rows are frozen when a task ends; x' is made of all rows, so new
/// ones learn what the old ones miss. The projection takes from an activity what the frozen rows
/// hold: a weight update made of what is left does not change what the layer answers to past
/// inputs.
class HebbianSubspace {
 public:
  /// `layer` is named in errors. ValueError for a rate, range or clamp that is not positive, a
  /// momentum outside [0, 1), negative levels, or less than one iteration.
  HebbianSubspace(std::string layer, std::int64_t inputs, SubspaceOptions options = {});

  /// Freezes the rows there are and adds `rows` random ones, orthonormal among themselves.
  /// ValueError, naming the layer, unless fewer rows than inputs result.
  void grow(std::int64_t rows, nets::Draws& draws);
  /// The same with rows of one's own, [rows, inputs].
  void grow(const at::Tensor& rows);
  void freeze() { frozen_ = rows(); }

  /// The rule on a batch, x: [samples, inputs]. NumericalError when a row is no longer finite.
  void learn(const at::Tensor& x);
  /// x - H^T (H x) by the frozen rows, x: [..., inputs]. ValueError where no row is frozen.
  at::Tensor project(const at::Tensor& x) const;

  const at::Tensor& matrix() const { return matrix_; }  ///< H, [rows, inputs]
  std::int64_t rows() const { return matrix_.size(0); }
  std::int64_t frozen() const { return frozen_; }
  std::int64_t inputs() const { return matrix_.size(1); }
  double largest_norm() const;  ///< of a row; 1 where the rule has settled
  /// |H H^T - I| / sqrt(rows), Frobenius norm: 0 for orthonormal rows.
  double distance_from_orthonormal() const;

 private:
  at::Tensor answers(const at::Tensor& x, const at::Tensor& rows) const;

  std::string layer_;
  SubspaceOptions options_;
  at::Tensor matrix_, change_;  ///< change_: of the rows that learn
  std::int64_t frozen_ = 0;
};

}  // namespace callosum::learn
