#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "callosum/core/random.h"
#include "callosum/core/units.h"

namespace callosum {

/// What happens to a drawn value that falls outside its bounds.
enum class OutOfBounds { clip, redraw };

/// Where the values of a set of neurons or synapses come from: one constant, a distribution, or an
/// explicit array. A value: it draws only when asked, from the stream it is given.
class Values {
 public:
  enum class Kind { constant, normal, lognormal, uniform, exponential, array };

  Values(Quantity constant);  // NOLINT: a quantity is a constant
  Values(double constant);    // NOLINT
  /// Throw UnitError when dimensions differ, ValueError unless sd >= 0, low < high, mean finite ...
  static Values normal(Quantity mean, Quantity sd);
  /// Parameters of the underlying normal are of the logarithm of value / unit.
  static Values lognormal(Quantity median, double sigma);
  static Values uniform(Quantity low, Quantity high);
  static Values exponential(Quantity mean);
  static Values array(std::vector<Quantity> values);
  static Values array(std::vector<double> internal, Dimension dimension);
  Values within(std::optional<Quantity> low, std::optional<Quantity> high,
                OutOfBounds policy) const;

  Kind kind() const { return kind_; }
  Dimension dimension() const { return dimension_; }
  bool is_constant() const { return kind_ == Kind::constant; }
  /// Constant's value, or the distribution's two numbers, in internal units.
  double first() const { return first_; }
  double second() const { return second_; }
  std::optional<double> low() const { return low_; }
  std::optional<double> high() const { return high_; }
  OutOfBounds policy() const { return policy_; }
  std::span<const double> elements() const { return elements_; }
  double mean() const;  ///< expected value without bounds, internal units

  /// One draw, internal units; `ordinal` selects an array's element. Redrawing gives up after
  /// 10,000 tries with ValueError (the bounds exclude almost everything).
  double draw(Stream& stream, std::uint64_t ordinal) const;

  bool operator==(const Values&) const = default;

 private:
  Values() = default;
  Kind kind_ = Kind::constant;
  Dimension dimension_;
  double first_ = 0, second_ = 0;
  std::optional<double> low_, high_;
  OutOfBounds policy_ = OutOfBounds::redraw;
  std::vector<double> elements_;
};

}  // namespace callosum
