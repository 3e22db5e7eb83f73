#include "callosum/nets/sparse_matrix.h"

#include <ATen/ops/zeros.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "callosum/core/error.h"
#include "callosum/nets/check.h"

namespace callosum::nets {
namespace {

constexpr std::string_view where = "sparse matrix";

[[noreturn]] void malformed(std::string what) {
  throw ShapeError({.where = std::string(where), .what = std::move(what)});
}

void check_columns(std::int64_t columns) {
  check::within(where, "columns", static_cast<double>(columns), 0,
                std::numeric_limits<std::int32_t>::max());
}

}  // namespace

SparseMatrix::SparseMatrix(std::int64_t columns, std::vector<std::int64_t> start,
                           std::vector<std::int32_t> column, std::vector<double> value)
    : columns_(columns),
      start_(std::move(start)),
      column_(std::move(column)),
      value_(std::move(value)) {
  check_columns(columns);
  if (start_.empty() || start_.front() != 0 ||
      start_.back() != static_cast<std::int64_t>(column_.size()))
    malformed("the row starts do not run from 0 to the number of entries");
  if (column_.size() != value_.size()) malformed("there is not one value per column index");
  // All of them before the first is used: only then do they lie within the entries.
  if (!std::is_sorted(start_.begin(), start_.end())) malformed("the row starts do not ascend");
  for (std::int64_t i = 0; i < rows(); ++i) {
    for (std::int64_t k = start_[i]; k < start_[i + 1]; ++k)
      if (column_[k] < 0 || column_[k] >= columns ||
          (k > start_[i] && column_[k] <= column_[k - 1]))
        malformed("the columns of row " + std::to_string(i) + " do not ascend within the matrix");
  }
}

SparseMatrix::SparseMatrix(const at::Tensor& dense) : columns_(0), start_{0} {
  check::shape(where, "dense", dense, {check::any, check::any});
  columns_ = dense.size(1);
  check_columns(columns_);
  const at::Tensor flat = dense.detach().to(at::kDouble).contiguous();
  const double* entry = flat.data_ptr<double>();
  for (std::int64_t i = 0; i < dense.size(0); ++i) {
    for (std::int64_t j = 0; j < columns_; ++j, ++entry) {
      if (*entry == 0) continue;
      column_.push_back(static_cast<std::int32_t>(j));
      value_.push_back(*entry);
    }
    start_.push_back(static_cast<std::int64_t>(column_.size()));
  }
}

std::span<const std::int32_t> SparseMatrix::row_columns(std::int64_t row) const {
  return std::span(column_).subspan(start_[row], start_[row + 1] - start_[row]);
}

std::span<const double> SparseMatrix::row(std::int64_t row) const {
  return std::span(value_).subspan(start_[row], start_[row + 1] - start_[row]);
}

std::span<double> SparseMatrix::row(std::int64_t row) {
  return std::span(value_).subspan(start_[row], start_[row + 1] - start_[row]);
}

void SparseMatrix::multiply(std::span<const double> x, std::span<double> y) const {
  if (static_cast<std::int64_t>(x.size()) != columns_ ||
      static_cast<std::int64_t>(y.size()) != rows())
    throw ShapeError({.where = std::string(where),
                      .what = "the vectors of a product do not fit the matrix",
                      .got = std::to_string(x.size()) + " and " + std::to_string(y.size()),
                      .expected = std::to_string(columns_) + " and " + std::to_string(rows())});
  const std::int32_t* const column = column_.data();
  const double* const value = value_.data();
  for (std::int64_t i = 0; i < rows(); ++i) {
    std::int64_t k = start_[i];
    const std::int64_t end = start_[i + 1];
    // Four partial sums hide the latency of the additions; their order is part of the result.
    double a = 0, b = 0, c = 0, d = 0;
    for (; k + 4 <= end; k += 4) {
      a += value[k] * x[column[k]];
      b += value[k + 1] * x[column[k + 1]];
      c += value[k + 2] * x[column[k + 2]];
      d += value[k + 3] * x[column[k + 3]];
    }
    for (; k < end; ++k) a += value[k] * x[column[k]];
    y[i] = (a + b) + (c + d);
  }
}

at::Tensor SparseMatrix::dense() const {
  at::Tensor out = at::zeros({rows(), columns_}, at::kDouble);
  double* entry = out.data_ptr<double>();
  for (std::int64_t i = 0; i < rows(); ++i)
    for (std::int64_t k = start_[i]; k < start_[i + 1]; ++k)
      entry[i * columns_ + column_[k]] = value_[k];
  return out;
}

SparseMatrix fixed_in_degree(Draws& draws, const FixedDegree& pattern) {
  const auto [rows, columns, degree, first, last_given, diagonal] = pattern;
  const std::int64_t last = last_given == -1 ? columns : last_given;
  check::at_least(where, "rows", rows, 0);
  check_columns(columns);
  check::within(where, "first", static_cast<double>(first), 0, static_cast<double>(columns));
  check::within(where, "last", static_cast<double>(last), static_cast<double>(first),
                static_cast<double>(columns));
  std::vector<std::int64_t> start{0};
  std::vector<std::int32_t> column;
  for (std::int64_t i = 0; i < rows; ++i) {
    const bool skip = !diagonal && i >= first && i < last;
    const std::int64_t free = last - first - (skip ? 1 : 0);
    check::within(where, "in-degree", static_cast<double>(degree), 0, static_cast<double>(free));
    for (std::int64_t j : draws.choose(free, degree)) {
      j += first;
      if (skip && j >= i) ++j;
      column.push_back(static_cast<std::int32_t>(j));
    }
    start.push_back(static_cast<std::int64_t>(column.size()));
  }
  std::vector<double> value(column.size(), 0.0);
  return SparseMatrix(columns, std::move(start), std::move(column), std::move(value));
}

SparseMatrix dale_matrix(Draws& draws, const DaleWiring& wiring) {
  check::at_least(where, "units", wiring.units, 1);
  check::within(where, "excitatory", static_cast<double>(wiring.excitatory), 0,
                static_cast<double>(wiring.units));
  check::not_negative(where, "mean_excitatory", wiring.mean_excitatory);
  check::not_negative(where, "mean_inhibitory", wiring.mean_inhibitory);
  check::not_negative(where, "relative_sd", wiring.relative_sd);
  const auto part = [&](std::int64_t first, std::int64_t last, std::int64_t degree, double mean) {
    SparseMatrix matrix =
        fixed_in_degree(draws, {wiring.units, wiring.units, degree, first, last, wiring.self});
    for (double& w : matrix.values())
      w = std::abs(mean + wiring.relative_sd * mean * draws.stream().normal());
    return matrix;
  };
  const SparseMatrix excitatory =
      part(0, wiring.excitatory, wiring.in_excitatory, wiring.mean_excitatory);
  const SparseMatrix inhibitory =
      part(wiring.excitatory, wiring.units, wiring.in_inhibitory, wiring.mean_inhibitory);
  std::vector<std::int64_t> start{0};
  std::vector<std::int32_t> column;
  std::vector<double> value;
  for (std::int64_t i = 0; i < wiring.units; ++i) {
    for (const auto* matrix : {&excitatory, &inhibitory}) {
      const auto columns = matrix->row_columns(i);
      column.insert(column.end(), columns.begin(), columns.end());
      for (double w : matrix->row(i)) value.push_back(matrix == &excitatory ? w : -w);
    }
    start.push_back(static_cast<std::int64_t>(column.size()));
  }
  return SparseMatrix(wiring.units, std::move(start), std::move(column), std::move(value));
}

}  // namespace callosum::nets
