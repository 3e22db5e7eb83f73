#include "callosum/data/array.h"

#include <array>

#include "callosum/core/error.h"

namespace callosum::data {

std::size_t Array::size() const {
  return std::visit([](const auto& all) { return all.size(); }, values);
}

std::string_view Array::type() const {
  constexpr std::array<std::string_view, 10> names = {"uint8",   "int8",   "uint16", "int16",
                                                      "uint32",  "int32",  "uint64", "int64",
                                                      "float32", "float64"};
  return names[values.index()];
}

std::string Array::shape_text() const {
  std::string text;
  for (std::size_t n : shape) text += (text.empty() ? "" : " x ") + std::to_string(n);
  return text.empty() ? "one number" : text;
}

std::vector<double> Array::to_double() const {
  return std::visit([](const auto& all) { return std::vector<double>(all.begin(), all.end()); },
                    values);
}

std::vector<float> Array::to_float() const {
  return std::visit([](const auto& all) { return std::vector<float>(all.begin(), all.end()); },
                    values);
}

void Array::wrong_type(std::string wanted) const {
  ErrorDetail detail;
  detail.where = name.empty() ? "array" : "array of '" + name + "'";
  detail.what = "the numbers are of another type";
  detail.got = type();
  detail.expected = std::move(wanted);
  throw ValueError(std::move(detail));
}

}  // namespace callosum::data
