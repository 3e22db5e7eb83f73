#include "convert.h"

#include <cmath>

namespace callosum::python {
namespace {

std::string shown(nb::handle value) { return nb::repr(value).c_str(); }

[[noreturn]] void refuse(const std::string& where, nb::handle value, const char* expected) {
  throw nb::type_error(
      message({.where = where,
               .what = "this is of the wrong type",
               .got = shown(value) + " (" + nb::type_name(value.type()).c_str() + ")",
               .expected = expected})
          .c_str());
}

bool is_number(nb::handle value) {
  return !nb::isinstance<nb::bool_>(value) && !nb::isinstance<nb::str>(value) &&
         !nb::hasattr(value, "shape") && PyNumber_Check(value.ptr()) &&
         !nb::isinstance<Quantity>(value);
}

/// A NumPy scalar has a shape as an array has, but no length.
bool is_scalar_array(nb::handle value) {
  return nb::hasattr(value, "shape") && nb::len(nb::object(value.attr("shape"))) == 0 &&
         !nb::isinstance<nb::bool_>(value.attr("item")());
}

bool is_sequence(nb::handle value) {
  return !nb::isinstance<nb::str>(value) && !nb::isinstance<nb::dict>(value) &&
         (PySequence_Check(value.ptr()) || nb::hasattr(value, "__array__"));
}

/// A contiguous array of doubles, or an error that names what was given instead.
nb::ndarray<const double, nb::c_contig, nb::device::cpu> doubles(nb::handle values,
                                                                 const std::string& where) {
  try {
    nb::object numpy = nb::module_::import_("numpy");
    nb::object given = numpy.attr("asarray")(values);
    const std::string kind = nb::cast<std::string>(given.attr("dtype").attr("kind"));
    if (kind != "f" && kind != "i" && kind != "u")
      refuse(where, values, "an array or a sequence of real numbers");
    return nb::cast<nb::ndarray<const double, nb::c_contig, nb::device::cpu>>(
        numpy.attr("ascontiguousarray")(given, "dtype"_a = "float64"));
  } catch (const nb::python_error&) {
    refuse(where, values, "an array or a sequence of numbers, all rows equally long");
  } catch (const nb::cast_error&) {
    refuse(where, values, "an array or a sequence of numbers");
  }
}

}  // namespace

Quantity to_quantity(nb::handle value, const std::string& where) {
  if (nb::isinstance<Quantity>(value)) return nb::cast<Quantity>(value);
  if (nb::isinstance<nb::str>(value)) return parse_quantity(nb::cast<std::string>(value));
  if (is_number(value) || is_scalar_array(value)) {
    const double number = PyFloat_AsDouble(value.ptr());
    if (number == -1.0 && PyErr_Occurred()) {
      PyErr_Clear();
      refuse(where, value, "a real number");
    }
    return number;
  }
  refuse(where, value, "a quantity such as 20*ms or \"20 ms\", or a number");
}

Values to_values(nb::handle value, const std::string& where) {
  if (nb::isinstance<Values>(value)) return nb::cast<Values>(value);
  if (!is_sequence(value) || is_scalar_array(value)) return to_quantity(value, where);
  nb::object first = nb::len(value) > 0 ? nb::object(value[0]) : nb::none();
  if (nb::isinstance<Quantity>(first) || nb::isinstance<nb::str>(first)) {
    std::vector<Quantity> all;
    for (nb::handle element : nb::iter(value)) all.push_back(to_quantity(element, where));
    return Values::array(std::move(all));
  }
  return Values::array(to_numbers(value, where), dimension::one);
}

std::map<std::string, Values> to_values_by_name(const nb::dict& values, const std::string& where) {
  std::map<std::string, Values> result;
  for (auto [key, value] : values) {
    if (!nb::isinstance<nb::str>(key)) refuse(where, key, "a name");
    const std::string name = nb::cast<std::string>(key);
    result.emplace(name, to_values(value, where + ", '" + name + "'"));
  }
  return result;
}

std::int64_t to_steps(nb::handle value, const TimeGrid& grid, const std::string& where) {
  return grid.steps(to_quantity(value, where), where);
}

std::vector<double> to_numbers(nb::handle values, const std::string& where) {
  const auto array = doubles(values, where);
  return {array.data(), array.data() + array.size()};
}

std::vector<std::uint32_t> to_indices(nb::handle values, const std::string& where) {
  const auto array = doubles(values, where);
  if (array.ndim() != 1)
    throw ShapeError({.where = where,
                      .what = "indices must be one row of numbers",
                      .got = std::to_string(array.ndim()) + " dimensions",
                      .expected = "1 dimension"});
  std::vector<std::uint32_t> result;
  result.reserve(array.size());
  for (std::size_t i = 0; i < array.size(); ++i) {
    const double x = array.data()[i];
    if (!(x >= 0 && x <= 4294967295.0 && x == std::floor(x)))
      throw ValueError({.where = where,
                        .what = "element " + std::to_string(i) + " is no index",
                        .got = std::to_string(x),
                        .expected = "a whole number, 0 or more"});
    result.push_back(static_cast<std::uint32_t>(x));
  }
  return result;
}

model::Model to_model(nb::handle value, model::ModelKind kind) {
  if (nb::isinstance<model::Model>(value)) return nb::cast<model::Model>(value);
  if (!nb::isinstance<nb::str>(value))
    refuse("model", value, "a Model or the name of a shipped one");
  const std::string name = nb::cast<std::string>(value);
  switch (kind) {
    case model::ModelKind::synapse:
      return library::synapse(name);
    case model::ModelKind::source:
      return library::source(name);
    case model::ModelKind::neuron:
      break;
  }
  return library::neuron(name);
}

}  // namespace callosum::python
