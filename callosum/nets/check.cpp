#include "callosum/nets/check.h"

#include <cmath>

#include "callosum/core/error.h"
#include "callosum/core/units.h"

namespace callosum::nets::check {
namespace {

[[noreturn]] void refuse(std::string_view where, std::string_view name, std::string got,
                         std::string expected) {
  throw ValueError({.where = std::string(where),
                    .what = "'" + std::string(name) + "' is out of range",
                    .got = std::move(got),
                    .expected = std::move(expected)});
}

}  // namespace

std::string number_text(double value) { return to_string(Quantity(value)); }

void at_least(std::string_view where, std::string_view name, std::int64_t value, std::int64_t low) {
  if (value < low) refuse(where, name, std::to_string(value), "at least " + std::to_string(low));
}

void within(std::string_view where, std::string_view name, double value, double low, double high) {
  if (!(value >= low && value <= high))
    refuse(where, name, number_text(value),
           "a number from " + number_text(low) + " to " + number_text(high));
}

void positive(std::string_view where, std::string_view name, double value) {
  if (!(value > 0 && std::isfinite(value)))
    refuse(where, name, number_text(value), "a finite number above 0");
}

void not_negative(std::string_view where, std::string_view name, double value) {
  if (!(value >= 0 && std::isfinite(value)))
    refuse(where, name, number_text(value), "a finite number, 0 or above");
}

std::string shape_text(at::IntArrayRef shape) {
  std::string text = "[";
  for (std::size_t i = 0; i < shape.size(); ++i) {
    if (i) text += ", ";
    text += shape[i] == any ? "any" : std::to_string(shape[i]);
  }
  return text + "]";
}

void shape(std::string_view where, std::string_view name, const at::Tensor& tensor,
           at::IntArrayRef shape) {
  bool fits = tensor.defined() && tensor.dim() == static_cast<std::int64_t>(shape.size());
  for (std::size_t i = 0; fits && i < shape.size(); ++i)
    fits = shape[i] == any || shape[i] == tensor.size(static_cast<std::int64_t>(i));
  if (fits) return;
  throw ShapeError({.where = std::string(where),
                    .what = "'" + std::string(name) + "' does not have the shape it needs",
                    .got = tensor.defined() ? shape_text(tensor.sizes()) : "an undefined tensor",
                    .expected = shape_text(shape)});
}

void finite(std::string_view where, std::string_view name, const at::Tensor& tensor) {
  if (tensor.isfinite().all().item<bool>()) return;
  throw NumericalError({.where = std::string(where),
                        .what = "'" + std::string(name) + "' holds NaN or infinity",
                        .expected = "finite numbers"});
}

}  // namespace callosum::nets::check
