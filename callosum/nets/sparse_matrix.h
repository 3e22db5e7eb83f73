#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <span>
#include <vector>

#include "callosum/nets/draws.h"

namespace callosum::nets {

/// A real matrix by rows, columns ascending within a row. Row i holds the weights onto unit i.
/// Its pattern is fixed; the values may be changed in place. Products run on one thread in a fixed
/// order, so they are equal to the bit on every machine.
class SparseMatrix {
 public:
  /// ShapeError or ValueError unless start has rows + 1 ascending entries from 0 to column.size(),
  /// columns ascend within each row and lie in [0, columns), and there is one value per column.
  SparseMatrix(std::int64_t columns, std::vector<std::int64_t> start,
               std::vector<std::int32_t> column, std::vector<double> value);
  /// The nonzero entries of a matrix.
  explicit SparseMatrix(const at::Tensor& dense);

  std::int64_t rows() const { return static_cast<std::int64_t>(start_.size()) - 1; }
  std::int64_t columns() const { return columns_; }
  std::int64_t entries() const { return static_cast<std::int64_t>(value_.size()); }

  std::span<const std::int32_t> row_columns(std::int64_t row) const;
  std::span<const double> row(std::int64_t row) const;
  std::span<double> row(std::int64_t row);
  std::span<double> values() { return value_; }
  std::span<const double> values() const { return value_; }

  /// y = A x. x: [columns], y: [rows], not overlapping.
  void multiply(std::span<const double> x, std::span<double> y) const;
  at::Tensor dense() const;

 private:
  std::int64_t columns_;
  std::vector<std::int64_t> start_;
  std::vector<std::int32_t> column_;
  std::vector<double> value_;
};

/// Where `degree` entries in each of `rows` rows lie, drawn without replacement among columns
/// [first, last) with, if asked, the diagonal left out; values 0. ValueError when there are fewer
/// columns than `degree`.
struct FixedDegree {
  std::int64_t rows = 0, columns = 0, degree = 0;
  std::int64_t first = 0, last = -1;  ///< last = -1: columns
  bool diagonal = true;
};
SparseMatrix fixed_in_degree(Draws& draws, const FixedDegree& pattern);

/// A network that obeys Dale's law: columns [0, excitatory) are >= 0, the rest <= 0. Weights are
/// |normal(mean, sd)| with the sign of their column.
struct DaleWiring {
  std::int64_t units = 0, excitatory = 0;             ///< excitatory units come first
  std::int64_t in_excitatory = 0, in_inhibitory = 0;  ///< in-degrees
  double mean_excitatory = 0, mean_inhibitory = 0;    ///< magnitudes
  double relative_sd = 0.2;                           ///< sd / mean
  bool self = true;                                   ///< a unit may contact itself
};
SparseMatrix dale_matrix(Draws& draws, const DaleWiring& wiring);

}  // namespace callosum::nets
