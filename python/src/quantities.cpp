#include <nanobind/operators.h>

#include "convert.h"

namespace callosum::python {
namespace {

/// An array times a unit: values, one for each neuron or synapse.
Values array_of(nb::handle numbers, const Quantity& unit) {
  std::vector<double> internal = to_numbers(numbers, "array times unit");
  const double factor = unit.internal();  // 1 for mV: what the user wrote stays what it was
  for (double& x : internal) x *= factor;
  return Values::array(std::move(internal), unit.dimension);
}

bool is_array(nb::handle value) {
  return nb::isinstance<nb::list>(value) || nb::isinstance<nb::tuple>(value) ||
         (nb::hasattr(value, "shape") && nb::len(nb::object(value.attr("shape"))) > 0);
}

nb::object times(const Quantity& a, nb::handle b) {
  if (is_array(b)) return nb::cast(array_of(b, a));
  return nb::cast(a * to_quantity(b, "factor"));
}

double in_unit(const Quantity& q, nb::handle unit_given) {
  const Quantity u = nb::isinstance<nb::str>(unit_given) ? unit(nb::cast<std::string>(unit_given))
                                                         : to_quantity(unit_given, "unit");
  internal_value(q, u.dimension, "quantity");
  return q.si / u.si;
}

}  // namespace

void bind_quantities(nb::module_& m) {
  nb::class_<Quantity>(
      m, "Quantity",
      "A number with a unit, kept in SI. Made by multiplying with a unit, `20*ms` "
      "(callosum.units), or from a text, `Quantity(\"20 ms\")`. Wherever the library takes a "
      "quantity it also takes such a text, or a plain number where no unit is needed.")
      .def(
          "__init__",
          [](Quantity* self, nb::handle value) {
            new (self) Quantity(to_quantity(value, "Quantity"));
          },
          "value"_a, "From a text such as \"20 ms\", a number, or another quantity.")
      .def_ro("si", &Quantity::si, "The number in SI units.")
      .def_prop_ro(
          "unit", [](const Quantity& q) { return q.dimension.internal_name(); },
          "The unit in which the library counts this dimension: \"ms\", \"mV\", \"pA\" ...")
      .def_prop_ro("internal", &Quantity::internal, "The number in `unit`.")
      .def("to", &in_unit, "unit"_a,
           "The number in a unit (a quantity, or its name: \"mV\"). UnitError when the dimension "
           "differs.")
      .def("__mul__", &times, "other"_a)
      .def("__rmul__", &times, "other"_a)
      .def("__truediv__",
           [](const Quantity& a, nb::handle b) { return a / to_quantity(b, "divisor"); })
      .def("__rtruediv__",
           [](const Quantity& a, nb::handle b) { return to_quantity(b, "dividend") / a; })
      .def("__add__", [](const Quantity& a, nb::handle b) { return a + to_quantity(b, "sum"); })
      .def("__radd__", [](const Quantity& a, nb::handle b) { return to_quantity(b, "sum") + a; })
      .def("__sub__",
           [](const Quantity& a, nb::handle b) { return a - to_quantity(b, "difference"); })
      .def("__rsub__",
           [](const Quantity& a, nb::handle b) { return to_quantity(b, "difference") - a; })
      .def("__neg__", [](const Quantity& a) { return -a; })
      .def("__pow__", [](const Quantity& a,
                         double p) { return Quantity(std::pow(a.si, p), a.dimension.pow(p)); })
      .def("__float__",
           [](const Quantity& a) {
             return internal_value(a, dimension::one, "float() of a quantity");
           })
      .def("__lt__", [](const Quantity& a, const Quantity& b) { return (a - b).si < 0; })
      .def("__le__", [](const Quantity& a, const Quantity& b) { return (a - b).si <= 0; })
      .def("__gt__", [](const Quantity& a, const Quantity& b) { return (a - b).si > 0; })
      .def("__ge__", [](const Quantity& a, const Quantity& b) { return (a - b).si >= 0; })
      .def(nb::self == nb::self)
      .def("__hash__", [](const Quantity& a) { return std::hash<double>()(a.si); })
      .def("__repr__", [](const Quantity& a) { return to_string(a); })
      // NumPy leaves array * unit to us instead of multiplying element by element.
      .def_prop_ro_static("__array_ufunc__", [](nb::handle) { return nb::none(); });
  m.def("unit", &unit, "name"_a,
        "The unit of this name: unit(\"mV\"). NameError names the nearest.");
}

}  // namespace callosum::python
