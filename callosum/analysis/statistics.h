#pragma once

#include <cstddef>
#include <span>
#include <vector>

namespace callosum::analysis {

/// Arithmetic mean; NaN for no values.
double mean(std::span<const double> values);
/// Sample standard deviation (divisor n - 1); NaN for fewer than two values.
double standard_deviation(std::span<const double> values);
/// Middle value, or the mean of the two in the middle; NaN for no values.
double median(std::span<const double> values);

struct Interval {
  double low = 0, high = 0;
};

/// Two-sided interval of the mean by Student's t with n - 1 degrees of freedom (Student 1908).
/// NaN at both ends for fewer than two values or where one is not finite. ValueError unless
/// 0 < confidence < 1.
Interval student_interval(std::span<const double> values, double confidence = 0.9);

/// a[i] - b[i]. ShapeError when the lengths differ.
std::vector<double> paired_differences(std::span<const double> a, std::span<const double> b);

/// Ranks from 1, ties sharing their mean rank.
std::vector<double> ranks(std::span<const double> values);

/// A statistic with its two-sided p value.
struct RankTest {
  double statistic = 0, p = 1;
  std::size_t n = 0;   ///< pairs used, or values of both samples together
  bool exact = false;  ///< from the full distribution; else the normal approximation
};

/// Wilcoxon signed-rank test (Wilcoxon 1945) of the differences being symmetric about 0: the
/// statistic is the sum of the ranks of the positive ones. Zeros are left out. Exact for up to 25
/// differences without ties, else normal with correction for ties and continuity. ValueError for
/// NaN.
RankTest wilcoxon(std::span<const double> differences);

/// Mann-Whitney test (Mann and Whitney 1947): the statistic U counts the pairs with a > b, ties as
/// a half. Exact for samples of up to 20 values each without ties. ValueError for NaN or an empty
/// sample.
RankTest mann_whitney(std::span<const double> a, std::span<const double> b);

}  // namespace callosum::analysis
