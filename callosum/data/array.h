#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace callosum::data {

/// Numbers of one type in row-major order, as IDX and NumPy files hold them.
struct Array {
  using Values =
      std::variant<std::vector<std::uint8_t>, std::vector<std::int8_t>, std::vector<std::uint16_t>,
                   std::vector<std::int16_t>, std::vector<std::uint32_t>, std::vector<std::int32_t>,
                   std::vector<std::uint64_t>, std::vector<std::int64_t>, std::vector<float>,
                   std::vector<double>>;

  std::vector<std::size_t> shape;  ///< empty: one number
  Values values;
  std::string name = {};  ///< where it came from, for errors

  std::size_t size() const;        ///< how many numbers
  std::string_view type() const;   ///< "uint8", "float32", ...
  std::string shape_text() const;  ///< "60000 x 28 x 28"

  /// The numbers without a copy. \throws ValueError when they are of another type.
  template <class T>
  std::span<const T> as() const {
    const auto* found = std::get_if<std::vector<T>>(&values);
    if (!found) wrong_type(std::string(Array{{}, std::vector<T>{}}.type()));
    return *found;
  }
  /// The numbers as doubles, whatever their type (64-bit integers are rounded beyond 2^53).
  std::vector<double> to_double() const;
  std::vector<float> to_float() const;

 private:
  [[noreturn]] void wrong_type(std::string wanted) const;
};

}  // namespace callosum::data
