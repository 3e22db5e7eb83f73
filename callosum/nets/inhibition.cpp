#include "callosum/nets/inhibition.h"

#include <algorithm>
#include <cmath>
#include <string>

#include "callosum/core/error.h"

namespace callosum::nets {
namespace {

/// The entries of a row that are inhibitory: columns ascend, so they are its end.
std::size_t first_inhibitory(std::span<const std::int32_t> columns, std::int64_t excitatory) {
  return static_cast<std::size_t>(std::lower_bound(columns.begin(), columns.end(), excitatory) -
                                  columns.begin());
}

void check_sizes(const SparseMatrix& recurrent, std::int64_t excitatory, std::size_t a,
                 std::size_t b, const char* where) {
  const auto units = static_cast<std::size_t>(recurrent.rows());
  if (a != units || b != units)
    throw ShapeError({.where = where,
                      .what = "one value a unit is needed",
                      .got = std::to_string(a) + " and " + std::to_string(b),
                      .expected = std::to_string(units)});
  if (!(excitatory >= 0 && excitatory <= recurrent.columns()))
    throw ValueError({.where = where,
                      .what = "there are not so many units",
                      .got = std::to_string(excitatory) + " excitatory",
                      .expected = "0 to " + std::to_string(recurrent.columns())});
}

}  // namespace

std::int64_t adapt_inhibition(SparseMatrix& recurrent, std::int64_t excitatory,
                              std::span<const double> rates, std::span<const double> targets,
                              double rate) {
  check_sizes(recurrent, excitatory, rates.size(), targets.size(), "adapt_inhibition");
  std::int64_t stopped = 0;
  for (std::int64_t i = 0; i < recurrent.rows(); ++i) {
    const auto at = static_cast<std::size_t>(i);
    const double more = rate * (rates[at] - targets[at]);
    const auto weights = recurrent.row(i);
    for (std::size_t k = first_inhibitory(recurrent.row_columns(i), excitatory); k < weights.size();
         ++k) {
      weights[k] -= more;
      if (weights[k] > 0) {
        weights[k] = 0;
        ++stopped;
      }
    }
  }
  return stopped;
}

std::int64_t balance_inhibition(SparseMatrix& recurrent, std::int64_t excitatory,
                                std::span<const double> targets, std::span<const double> drive,
                                double gain, double threshold) {
  check_sizes(recurrent, excitatory, targets.size(), drive.size(), "balance_inhibition");
  for (std::size_t i = 0; i < targets.size(); ++i)
    if (!(targets[i] > 0 && targets[i] < 1))
      throw ValueError({.where = "balance_inhibition, target of unit " + std::to_string(i),
                        .what = "a logistic unit cannot have this rate",
                        .got = std::to_string(targets[i]),
                        .expected = "a rate between 0 and 1, both excluded"});
  std::int64_t impossible = 0;
  for (std::int64_t i = 0; i < recurrent.rows(); ++i) {
    const auto columns = recurrent.row_columns(i);
    const auto weights = recurrent.row(i);
    const std::size_t first = first_inhibitory(columns, excitatory);
    double excitation = 0, inhibition = 0;
    for (std::size_t k = 0; k < weights.size(); ++k)
      (k < first ? excitation : inhibition) +=
          weights[k] * targets[static_cast<std::size_t>(columns[k])];
    const auto at = static_cast<std::size_t>(i);
    const double wanted = threshold + std::log(targets[at] / (1 - targets[at])) / gain;
    const double surplus = excitation + drive[at] - wanted;
    const bool possible = surplus >= 0 && inhibition < 0;
    if (!possible) ++impossible;
    for (std::size_t k = first; k < weights.size(); ++k)
      weights[k] *= possible ? surplus / -inhibition : 0;
  }
  return impossible;
}

}  // namespace callosum::nets
