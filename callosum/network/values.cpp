#include "callosum/network/values.h"

#include <cmath>
#include <limits>

#include "callosum/core/error.h"
#include "callosum/network/draw_value.h"

namespace callosum {

namespace {

std::string in_units(double internal, Dimension d) {
  return to_string(Quantity::from_internal(internal, d));
}

double finite(Quantity q, std::string_view where) {
  const double x = q.internal();
  if (!std::isfinite(x))
    throw ValueError({.where = std::string(where),
                      .what = "not a finite number",
                      .got = to_string(q),
                      .expected = "a finite value"});
  return x;
}

void same_dimension(Quantity a, Quantity b, std::string_view where) {
  if (a.dimension != b.dimension)
    throw UnitError({.where = std::string(where),
                     .what = "units do not agree",
                     .got = to_string(a) + " and " + to_string(b),
                     .expected = "one dimension, as " + a.dimension.name()});
}

}  // namespace

DrawBounds draw_bounds(const Values& values) {
  constexpr double infinity = std::numeric_limits<double>::infinity();
  return {values.low().value_or(-infinity), values.high().value_or(infinity),
          values.policy() == OutOfBounds::redraw};
}

Values::Values(Quantity constant)
    : dimension_(constant.dimension), first_(finite(constant, "constant")) {}

Values::Values(double constant) : Values(Quantity(constant)) {}

Values Values::normal(Quantity mean, Quantity sd) {
  same_dimension(mean, sd, "normal distribution");
  Values v;
  v.kind_ = Kind::normal;
  v.dimension_ = mean.dimension;
  v.first_ = finite(mean, "normal distribution, mean");
  v.second_ = finite(sd, "normal distribution, standard deviation");
  if (!(v.second_ >= 0))
    throw ValueError({.where = "normal distribution",
                      .what = "the standard deviation is negative",
                      .got = to_string(sd),
                      .expected = "sd >= 0"});
  return v;
}

Values Values::lognormal(Quantity median, double sigma) {
  Values v;
  v.kind_ = Kind::lognormal;
  v.dimension_ = median.dimension;
  v.first_ = finite(median, "lognormal distribution, median");
  v.second_ = sigma;
  if (v.first_ == 0)
    throw ValueError({.where = "lognormal distribution",
                      .what = "the median is zero",
                      .got = to_string(median),
                      .expected = "a median that is not zero"});
  if (!(sigma >= 0 && sigma <= 50))
    throw ValueError({.where = "lognormal distribution",
                      .what = "sigma is out of range",
                      .got = to_string(Quantity(sigma)),
                      .expected = "sigma in [0, 50]"});
  return v;
}

Values Values::uniform(Quantity low, Quantity high) {
  same_dimension(low, high, "uniform distribution");
  Values v;
  v.kind_ = Kind::uniform;
  v.dimension_ = low.dimension;
  v.first_ = finite(low, "uniform distribution, low");
  v.second_ = finite(high, "uniform distribution, high");
  if (!(v.first_ < v.second_))
    throw ValueError({.where = "uniform distribution",
                      .what = "the bounds are not in order",
                      .got = to_string(low) + " to " + to_string(high),
                      .expected = "low < high"});
  return v;
}

Values Values::exponential(Quantity mean) {
  Values v;
  v.kind_ = Kind::exponential;
  v.dimension_ = mean.dimension;
  v.first_ = finite(mean, "exponential distribution, mean");
  if (v.first_ == 0)
    throw ValueError({.where = "exponential distribution",
                      .what = "the mean is zero",
                      .got = to_string(mean),
                      .expected = "a mean that is not zero"});
  return v;
}

Values Values::array(std::vector<Quantity> values) {
  if (values.empty())
    throw ShapeError({.where = "array", .what = "no values", .expected = "at least one value"});
  std::vector<double> internal(values.size());
  for (std::size_t i = 0; i < values.size(); ++i) {
    same_dimension(values[0], values[i], "array, element " + std::to_string(i));
    internal[i] = values[i].internal();
  }
  return array(std::move(internal), values[0].dimension);
}

Values Values::array(std::vector<double> internal, Dimension dimension) {
  if (internal.empty())
    throw ShapeError({.where = "array", .what = "no values", .expected = "at least one value"});
  for (std::size_t i = 0; i < internal.size(); ++i)
    if (!std::isfinite(internal[i]))
      finite(Quantity::from_internal(internal[i], dimension),
             "array, element " + std::to_string(i));
  Values v;
  v.kind_ = Kind::array;
  v.dimension_ = dimension;
  v.elements_ = std::move(internal);
  return v;
}

Values Values::within(std::optional<Quantity> low, std::optional<Quantity> high,
                      OutOfBounds policy) const {
  Values v = *this;
  const auto bound = [&](const std::optional<Quantity>& q) -> std::optional<double> {
    if (!q) return std::nullopt;
    return finite(Quantity::from_internal(internal_value(*q, dimension_, "bound"), dimension_),
                  "bound");
  };
  v.low_ = bound(low);
  v.high_ = bound(high);
  v.policy_ = policy;
  const std::string range = (v.low_ ? in_units(*v.low_, dimension_) : "-infinity") + " to " +
                            (v.high_ ? in_units(*v.high_, dimension_) : "infinity");
  const DrawBounds bounds = draw_bounds(v);
  if (!(bounds.low <= bounds.high))
    throw ValueError(
        {.where = "bounds", .what = "not in order", .got = range, .expected = "low <= high"});
  const auto keep = [&](double& x) {
    if (x >= bounds.low && x <= bounds.high) return;
    if (policy == OutOfBounds::redraw)
      throw ValueError({.where = "bounds",
                        .what = "a given value lies outside and cannot be redrawn",
                        .got = in_units(x, dimension_),
                        .expected = range});
    x = x < bounds.low ? bounds.low : bounds.high;
  };
  if (kind_ == Kind::constant) {
    keep(v.first_);
  } else if (kind_ == Kind::array) {
    for (double& x : v.elements_) keep(x);
  } else if (policy == OutOfBounds::redraw) {
    // A trial now, so that drawing a whole network later cannot fail or crawl.
    Stream trial(StreamKey(0, name_hash("bounds"), Purpose::user), 0);
    int hits = 0;
    for (int i = 0; i < redraw_limit && hits < 10; ++i) {
      const double x = draw_unbounded(kind_, first_, second_, trial);
      hits += x >= bounds.low && x <= bounds.high;
    }
    if (hits < 10)
      throw ValueError({.where = "bounds",
                        .what = "the bounds exclude almost every draw",
                        .got = range,
                        .expected = "bounds that hold at least one draw in a thousand"});
  }
  return v;
}

double Values::mean() const {
  elementary::ScalarArithmetic<double> a;
  switch (kind_) {
    case Kind::lognormal:
      return first_ * elementary::exp(a, second_ * second_ / 2);
    case Kind::uniform:
      return first_ + (second_ - first_) / 2;
    case Kind::array: {
      double sum = 0;
      for (double x : elements_) sum += x;
      return sum / static_cast<double>(elements_.size());
    }
    default:
      return first_;
  }
}

double Values::draw(Stream& stream, std::uint64_t ordinal) const {
  if (kind_ == Kind::constant) return first_;
  if (kind_ == Kind::array) {
    if (ordinal >= elements_.size())
      throw ShapeError({.where = "array",
                        .what = "element does not exist",
                        .got = std::to_string(ordinal),
                        .expected = "below " + std::to_string(elements_.size())});
    return elements_[ordinal];
  }
  bool exhausted = false;
  const double x = draw_bounded(kind_, first_, second_, draw_bounds(*this), stream, &exhausted);
  if (exhausted)
    throw ValueError({.where = "bounds",
                      .what = "no draw fell within the bounds",
                      .got = std::to_string(redraw_limit) + " tries",
                      .expected = "bounds that hold at least one draw in a thousand"});
  return x;
}

}  // namespace callosum
