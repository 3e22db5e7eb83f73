#include <nanobind/operators.h>

#include "convert.h"

namespace callosum::python {

View to_view(const Network& network, nb::handle value, const std::string& where) {
  if (nb::isinstance<View>(value)) return nb::cast<View>(value);
  if (nb::isinstance<nb::str>(value)) return network.population(nb::cast<std::string>(value));
  throw nb::type_error(message({.where = where,
                                .what = "this is no population",
                                .got = nb::repr(value).c_str(),
                                .expected = "a View or a population's name"})
                           .c_str());
}

namespace {

View sub_view(const View& view, nb::handle key) {
  View result = view;
  result.list.clear();
  if (PySlice_Check(key.ptr())) {
    const auto [start, stop, step, length] = nb::borrow<nb::slice>(key).compute(view.size());
    if (length == 0 || step < 1)
      throw ValueError({.where = "slice of a view",
                        .what = length == 0 ? "it is empty" : "it runs backwards",
                        .got = nb::repr(key).c_str(),
                        .expected = "at least one of " + std::to_string(view.size()) + " neurons"});
    if (view.list.empty()) {
      result.begin = view.begin + static_cast<std::uint32_t>(start) * view.step;
      result.step = view.step * static_cast<std::uint32_t>(step);
      result.end = result.begin + static_cast<std::uint32_t>(length - 1) * result.step + 1;
    } else {
      for (std::size_t i = 0; i < length; ++i)
        result.list.push_back(
            view.list[static_cast<std::size_t>(start) + i * static_cast<std::size_t>(step)]);
    }
    return result;
  }
  nb::object keys = nb::borrow(key);
  if (PyLong_Check(key.ptr())) {
    long i = nb::cast<long>(key);
    if (i < 0) i += view.size();
    keys = nb::make_tuple(i);
  } else if (nb::hasattr(key, "dtype") &&
             nb::cast<std::string>(key.attr("dtype").attr("kind")) == "b") {
    if (nb::len(key) != view.size())
      throw ShapeError({.where = "mask of a view",
                        .what = "it has another length",
                        .got = std::to_string(nb::len(key)),
                        .expected = std::to_string(view.size())});
    keys = nb::module_::import_("numpy").attr("flatnonzero")(key);
  }
  std::vector<std::uint32_t> chosen;
  for (std::uint32_t i : to_indices(keys, "neurons of a view")) {
    if (!(i < view.size()))
      throw ValueError({.where = "neurons of a view",
                        .what = "there is no such neuron",
                        .got = std::to_string(i),
                        .expected = "below " + std::to_string(view.size())});
    chosen.push_back(view.index(i));
  }
  std::sort(chosen.begin(), chosen.end());
  chosen.erase(std::unique(chosen.begin(), chosen.end()), chosen.end());
  if (chosen.empty())
    throw ValueError({.where = "neurons of a view",
                      .what = "none is chosen",
                      .got = "nothing",
                      .expected = "at least one neuron"});
  result.begin = chosen.front();
  result.end = chosen.back() + 1;
  result.step = 1;
  result.list = std::move(chosen);
  return result;
}

Space space(nb::handle extent, bool wrap, bool grid, nb::handle positions, int dimensions) {
  Space s;
  s.wrap = wrap;
  s.grid = grid;
  s.dimensions = dimensions;
  if (!extent.is_none()) {
    const Values edges = to_values(extent, "Space, extent");
    std::vector<double> all(edges.elements().begin(), edges.elements().end());
    if (edges.is_constant()) all.assign(static_cast<std::size_t>(dimensions), edges.first());
    if (edges.dimension() != dimension::length || all.empty() || all.size() > 3)
      throw UnitError({.where = "Space, extent",
                       .what = "this is no extent",
                       .got = nb::repr(extent).c_str(),
                       .expected = "one to three lengths, such as [1000, 1000] * um"});
    s.dimensions = static_cast<int>(all.size());
    std::copy(all.begin(), all.end(), s.extent_um.begin());
  }
  if (!positions.is_none()) {
    const Values places = to_values(positions, "Space, positions");
    if (places.dimension() != dimension::length)
      throw UnitError({.where = "Space, positions",
                       .what = "positions are lengths",
                       .got = places.dimension().internal_name(),
                       .expected = "um"});
    s.positions_um.assign(places.elements().begin(), places.elements().end());
  }
  return s;
}

}  // namespace

void bind_views(nb::module_& m) {
  nb::class_<View>(m, "View",
                   "Neurons of one population. view[10:20], view[::2], view[[3, 5]] and "
                   "view[mask] are views as well.")
      .def("__len__", &View::size)
      .def("__getitem__", &sub_view, "key"_a)
      .def_prop_ro(
          "indices",
          [](const View& v) {
            std::vector<std::uint32_t> all;
            for (std::uint32_t i = 0; i < v.size(); ++i) all.push_back(v.index(i));
            const std::size_t n = all.size();
            return new_array(std::move(all), {n});
          },
          "Index of each neuron within its population.")
      .def(nb::self == nb::self)
      .def("__repr__", [](const View& v) {
        return "<view of " + std::to_string(v.size()) + " neurons of population " +
               std::to_string(v.population) + ">";
      });

  nb::class_<Space>(m, "Space", "Where the neurons of a population stand.")
      .def(
          "__init__",
          [](Space* self, nb::handle extent, bool wrap, bool grid, nb::handle positions,
             int dimensions) {
            new (self) Space(space(extent, wrap, grid, positions, dimensions));
          },
          "extent"_a = nb::none(), nb::kw_only(), "wrap"_a = false, "grid"_a = false,
          "positions"_a = nb::none(), "dimensions"_a = 2,
          "extent: edge lengths, [1000, 1000]*um. Neurons stand at random, on a lattice (grid), or "
          "at `positions` [neurons, dimensions] times a length.");
}

}  // namespace callosum::python
