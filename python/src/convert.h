#pragma once

#include <nanobind/nanobind.h>
#include <nanobind/ndarray.h>
#include <nanobind/stl/map.h>
#include <nanobind/stl/optional.h>
#include <nanobind/stl/shared_ptr.h>
#include <nanobind/stl/string.h>
#include <nanobind/stl/string_view.h>
#include <nanobind/stl/vector.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <map>
#include <memory>
#include <string>

#include "callosum/callosum.h"

namespace callosum::python {

namespace nb = nanobind;
using namespace nb::literals;

/// A quantity as Python users write one: a `Quantity`, a text ("20 ms"), or a plain number.
Quantity to_quantity(nb::handle value, const std::string& where);
/// Values as Python users write them: `Values`, a quantity, or a sequence or array of numbers,
/// quantities or texts (one an element).
Values to_values(nb::handle value, const std::string& where);
std::map<std::string, Values> to_values_by_name(const nb::dict& values, const std::string& where);
/// A view, or the name of a population.
View to_view(const Network& network, nb::handle value, const std::string& where);
/// A duration in steps of the grid.
std::int64_t to_steps(nb::handle value, const TimeGrid& grid, const std::string& where);
/// Whole numbers of an array or sequence; `what` names one of them in messages.
std::vector<std::uint32_t> to_indices(nb::handle values, const std::string& where);
/// Numbers of an array or sequence of any layout and number type.
std::vector<double> to_numbers(nb::handle values, const std::string& where);

/// A model, or the name of a shipped one of this kind.
model::Model to_model(nb::handle value, model::ModelKind kind);

/// A new NumPy array that owns its numbers.
template <class T>
nb::object new_array(std::vector<T> values, std::vector<std::size_t> shape) {
  auto* const kept = new std::vector<T>(std::move(values));
  nb::capsule owner(kept, [](void* p) noexcept { delete static_cast<std::vector<T>*>(p); });
  return nb::cast(
      nb::ndarray<nb::numpy, T>(kept->data(), shape.size(), shape.data(), std::move(owner)));
}
/// A read-only view of numbers that `owner` keeps alive: nothing is copied.
template <class T>
nb::object array_view(const std::vector<T>& values, std::vector<std::size_t> shape,
                      nb::handle owner) {
  return nb::cast(
      nb::ndarray<nb::numpy, const T>(values.data(), shape.size(), shape.data(), owner));
}

// What each noun adds to the module.
void bind_errors(nb::module_& m);
void bind_quantities(nb::module_& m);
void bind_values(nb::module_& m);
void bind_views(nb::module_& m);
void bind_models(nb::module_& m);
void bind_network(nb::module_& m);
void bind_network_file(nb::module_& m);
void bind_nir(nb::module_& m);
void bind_recording(nb::module_& m);
void bind_sonata(nb::module_& m);
void bind_simulation(nb::module_& m);
void bind_unroll(nb::module_& m);

}  // namespace callosum::python
