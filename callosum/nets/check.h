#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <string>
#include <string_view>

/// Checks of arguments shared by this floor. Each throws with `where` and the argument's name
/// filled in; a NaN fails every one of them.
namespace callosum::nets::check {

/// ValueError unless value >= low.
void at_least(std::string_view where, std::string_view name, std::int64_t value, std::int64_t low);
/// ValueError unless low <= value <= high.
void within(std::string_view where, std::string_view name, double value, double low, double high);
/// ValueError unless 0 < value < infinity.
void positive(std::string_view where, std::string_view name, double value);
/// ValueError unless 0 <= value < infinity.
void not_negative(std::string_view where, std::string_view name, double value);

/// A size that may be anything in `shape`.
inline constexpr std::int64_t any = -1;
/// ShapeError unless the tensor is defined and has this shape (`any` fits every size).
void shape(std::string_view where, std::string_view name, const at::Tensor& tensor,
           at::IntArrayRef shape);
/// NumericalError when a number of the tensor is NaN or infinite.
void finite(std::string_view where, std::string_view name, const at::Tensor& tensor);

/// "[3, any]".
std::string shape_text(at::IntArrayRef shape);
/// The shortest text that reads back as this double.
std::string number_text(double value);

}  // namespace callosum::nets::check
