#include "callosum/network/checks.h"

#include <algorithm>
#include <cmath>

#include "callosum/core/error.h"
#include "callosum/core/random.h"

namespace callosum::checks {

namespace {

using model::VariableKind;

bool fits(const model::Variable& v, const Kinds& kinds) {
  switch (v.kind) {
    case VariableKind::state:
      return kinds.state;
    case VariableKind::parameter:
      return kinds.parameter;
    default:
      return kinds.subexpression;
  }
}

std::string_view kind_name(VariableKind kind) {
  return kind == VariableKind::state       ? "a state"
         : kind == VariableKind::parameter ? "a parameter"
                                           : "a subexpression";
}

std::vector<std::string> names(const model::Model& model, const Kinds& kinds) {
  std::vector<std::string> result;
  for (const model::Variable& v : model.variables())
    if (fits(v, kinds)) result.push_back(v.name);
  return result;
}

std::string listed(const std::vector<std::string>& names, const std::string& plural) {
  if (names.empty()) return "(the model has no " + plural + ")";
  std::string text = "one of its " + plural + " ";
  for (std::size_t i = 0; i < names.size() && i < 12; ++i) text += (i ? ", " : "") + names[i];
  return names.size() > 12 ? text + ", ..." : text;
}

std::string in_units(double internal, Dimension d) {
  return to_string(Quantity::from_internal(internal, d));
}

std::string range_text(const model::Variable& v) {
  std::string text;
  if (v.minimum) text = (v.minimum_open ? "> " : ">= ") + in_units(*v.minimum, v.dimension);
  if (v.maximum)
    text += (text.empty() ? "" : " and ") + std::string(v.maximum_open ? "< " : "<= ") +
            in_units(*v.maximum, v.dimension);
  return text;
}

bool inside(double x, const model::Variable& v) {
  if (v.minimum && !(v.minimum_open ? x > *v.minimum : x >= *v.minimum)) return false;
  return !v.maximum || (v.maximum_open ? x < *v.maximum : x <= *v.maximum);
}

}  // namespace

void new_name(const std::string& name, const std::vector<std::string>& taken,
              const std::string& where) {
  if (name.empty())
    throw NameError({.where = where, .what = "the name is empty", .expected = "a name"});
  for (unsigned char c : name)
    if (c < 32 || c == 127)
      throw NameError({.where = where,
                       .what = "the name holds a control character",
                       .got = "character " + std::to_string(c)});
  if (std::find(taken.begin(), taken.end(), name) != taken.end())
    throw NameError({.where = where,
                     .what = "the name is taken",
                     .got = "'" + name + "'",
                     .expected = "a name of its own"});
}

std::string unique_name(const std::string& given, const std::string& described,
                        const std::vector<std::string>& taken, const std::string& where) {
  if (!given.empty()) {
    new_name(given, taken, where);
    return given;
  }
  std::string name = described;
  for (int n = 2; std::find(taken.begin(), taken.end(), name) != taken.end(); ++n)
    name = described + " (" + std::to_string(n) + ")";
  return name;
}

void view(const View& view, const std::vector<Population>& populations, const std::string& where) {
  if (view.population >= populations.size())
    throw ValueError({.where = where,
                      .what = "the view's population does not exist in this network",
                      .got = "number " + std::to_string(view.population),
                      .expected = "below " + std::to_string(populations.size())});
  const Population& p = populations[view.population];
  if (view.of != 0 && view.of != name_hash(p.name))
    throw ValueError({.where = where,
                      .what = "the view is of another network",
                      .got = "a view whose population is not called '" + p.name + "'",
                      .expected = "a view of this network's population number " +
                                  std::to_string(view.population)});
  const auto wrong = [&](std::string what, std::string got, std::string expected) {
    throw ValueError({.where = where,
                      .what = "view of '" + p.name + "': " + what,
                      .got = std::move(got),
                      .expected = std::move(expected)});
  };
  const std::string exists = "neurons 0 to " + std::to_string(p.size - 1);
  if (view.list.empty()) {
    if (view.step < 1) wrong("the step is zero", "0", "1 or more");
    if (view.end > p.size) wrong("the end is too large", std::to_string(view.end), exists);
    if (!(view.begin < view.end))
      wrong("no neuron is in it", std::to_string(view.begin) + " to " + std::to_string(view.end),
            "begin < end");
    return;
  }
  for (std::size_t i = 0; i < view.list.size(); ++i) {
    if (view.list[i] >= p.size) wrong("no such neuron", std::to_string(view.list[i]), exists);
    if (i > 0 && view.list[i] <= view.list[i - 1])
      wrong("the list does not ascend",
            std::to_string(view.list[i - 1]) + ", " + std::to_string(view.list[i]),
            "each neuron once, in ascending order");
  }
}

const model::Variable& variable(const model::Model& model, std::string_view name,
                                const Kinds& kinds, const std::string& where) {
  const model::Variable* found = model.find(name);
  const std::vector<std::string> candidates = names(model, kinds);
  if (found && fits(*found, kinds)) return *found;
  if (found)
    throw ValueError({.where = where,
                      .what = "'" + std::string(name) + "' is " +
                              std::string(kind_name(found->kind)) + " of '" + model.name() + "'",
                      .got = "'" + std::string(name) + "'",
                      .expected = listed(candidates, kinds.plural)});
  throw NameError({.where = where,
                   .what = "'" + model.name() + "' has no such variable",
                   .got = "'" + std::string(name) + "'",
                   .expected = listed(candidates, kinds.plural),
                   .nearest = nearest_name(name, candidates)});
}

void values(const Values& values, Dimension expected, std::size_t elements,
            const std::string& where) {
  if (values.dimension() != expected)
    throw UnitError({.where = where,
                     .what = "the unit does not fit",
                     .got = values.dimension().name(),
                     .expected = expected.name()});
  if (values.kind() == Values::Kind::array && values.elements().size() != elements)
    throw ShapeError({.where = where,
                      .what = "the array has the wrong size",
                      .got = std::to_string(values.elements().size()) + " values",
                      .expected = std::to_string(elements)});
}

void range(const Values& values, const model::Variable& variable, const std::string& where) {
  const auto require = [&](double x, const std::string& which) {
    if (!inside(x, variable))
      throw ValueError({.where = where,
                        .what = which + " is out of range",
                        .got = in_units(x, variable.dimension),
                        .expected = range_text(variable)});
  };
  switch (values.kind()) {
    case Values::Kind::constant:
      return require(values.first(), "the value");
    case Values::Kind::array:
      for (std::size_t i = 0; i < values.elements().size(); ++i)
        require(values.elements()[i], "element " + std::to_string(i));
      return;
    case Values::Kind::uniform:
      require(std::max(values.first(), values.low().value_or(values.first())), "the lower bound");
      require(std::min(values.second(), values.high().value_or(values.second())),
              "the upper bound");
      return;
    default: {
      double x = values.mean();
      if (values.low()) x = std::max(x, *values.low());
      if (values.high()) x = std::min(x, *values.high());
      require(x, "the mean");
    }
  }
}

std::map<std::string, Values> assignments(const std::map<std::string, Values>& given,
                                          const model::Model& model, const Kinds& kinds,
                                          std::size_t elements, const std::string& where) {
  std::map<std::string, Values> result;
  for (const auto& [name, value] : given) {
    const model::Variable& v = variable(model, name, kinds, where);
    const std::string at = where + ", '" + name + "'";
    values(value, v.dimension, elements, at);
    range(value, v, at);
    if (!result.emplace(v.name, value).second)
      throw NameError({.where = where,
                       .what = "'" + v.name + "' is given twice",
                       .got = "'" + name + "', another name of it"});
  }
  return result;
}

void open_parameters(const model::Model& model, const std::map<std::string, Values>& given,
                     const std::string& where) {
  for (const model::ParameterText& p : model.text().parameters)
    if (p.value.empty() && !given.contains(p.name))
      throw ValueError({.where = where,
                        .what = "parameter '" + p.name + "' of '" + model.name() +
                                "' has no default and must be given",
                        .expected = "a value in " + model.at(p.name).dimension.internal_name()});
}

void space(const Space& space, std::uint32_t size, const std::string& where) {
  const std::string at = where + ", space";
  if (space.dimensions < 1 || space.dimensions > 3)
    throw ValueError({.where = at,
                      .what = "wrong number of dimensions",
                      .got = std::to_string(space.dimensions),
                      .expected = "1, 2 or 3"});
  const auto axes = static_cast<std::size_t>(space.dimensions);
  const bool given = !space.positions_um.empty();
  for (std::size_t i = 0; i < axes; ++i)
    if ((!given || space.wrap) && !(space.extent_um[i] > 0 && std::isfinite(space.extent_um[i])))
      throw ValueError({.where = at,
                        .what = "the extent along axis " + std::to_string(i) + " is not positive",
                        .got = in_units(space.extent_um[i], dimension::length),
                        .expected = "a positive length"});
  if (!given) return;
  if (space.grid)
    throw ValueError({.where = at,
                      .what = "explicit positions and a grid exclude each other",
                      .expected = "one of them"});
  if (space.positions_um.size() != size * axes)
    throw ShapeError({.where = at,
                      .what = "wrong number of coordinates",
                      .got = std::to_string(space.positions_um.size()),
                      .expected = std::to_string(size * axes) + " (" + std::to_string(size) +
                                  " neurons, " + std::to_string(axes) + " dimensions)"});
  for (std::size_t k = 0; k < space.positions_um.size(); ++k) {
    const double x = space.positions_um[k];
    const double extent = space.extent_um[k % axes];
    if (!(std::isfinite(x) && (!space.wrap || (x >= 0 && x <= extent))))
      throw ValueError({.where = at,
                        .what = "neuron " + std::to_string(k / axes) + " is out of the space",
                        .got = in_units(x, dimension::length),
                        .expected = space.wrap ? "0 um to " + in_units(extent, dimension::length)
                                               : "a finite coordinate"});
  }
}

void synapse_values(const Values& given, Dimension expected, std::size_t elements,
                    const std::string& where) {
  if (given.kind() == Values::Kind::array && elements == 0)
    throw ShapeError({.where = where,
                      .what = "this rule draws its synapses and takes no array",
                      .got = std::to_string(given.elements().size()) + " values",
                      .expected = "a constant or a distribution; arrays go with one_to_one, "
                                  "all_to_all and lists"});
  values(given, expected, elements, where);
}

}  // namespace callosum::checks
