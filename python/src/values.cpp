#include <nanobind/operators.h>

#include "convert.h"

namespace callosum::python {
namespace {

const char* kind_name(Values::Kind kind) {
  switch (kind) {
    case Values::Kind::constant:
      return "constant";
    case Values::Kind::normal:
      return "normal";
    case Values::Kind::lognormal:
      return "lognormal";
    case Values::Kind::uniform:
      return "uniform";
    case Values::Kind::exponential:
      return "exponential";
    case Values::Kind::array:
      return "array";
  }
  return "";
}

std::string text(const Values& v) {
  const auto shown = [&](double x) { return to_string(Quantity::from_internal(x, v.dimension())); };
  switch (v.kind()) {
    case Values::Kind::constant:
      return "Values(" + shown(v.first()) + ")";
    case Values::Kind::array:
      return "Values of " + std::to_string(v.elements().size()) + " elements in " +
             v.dimension().internal_name();
    case Values::Kind::exponential:
      return "Values.exponential(" + shown(v.first()) + ")";
    case Values::Kind::lognormal:
      return "Values.lognormal(" + shown(v.first()) + ", " + to_string(Quantity(v.second())) + ")";
    default:
      return std::string("Values.") + kind_name(v.kind()) + "(" + shown(v.first()) + ", " +
             shown(v.second()) + ")";
  }
}

std::optional<Quantity> bound(nb::handle value, const char* where) {
  if (value.is_none()) return std::nullopt;
  return to_quantity(value, where);
}

Rule::Profile profile(const std::string& name) {
  if (name == "gaussian") return Rule::Profile::gaussian;
  if (name == "exponential") return Rule::Profile::exponential;
  if (name == "disc") return Rule::Profile::disc;
  const std::vector<std::string> names = {"gaussian", "exponential", "disc"};
  throw NameError({.where = "distance_probability",
                   .what = "there is no such profile",
                   .got = name,
                   .expected = "gaussian, exponential or disc",
                   .nearest = nearest_name(name, names)});
}

const char* rule_name(Rule::Kind kind) {
  switch (kind) {
    case Rule::Kind::one_to_one:
      return "one_to_one";
    case Rule::Kind::all_to_all:
      return "all_to_all";
    case Rule::Kind::fixed_probability:
      return "fixed_probability";
    case Rule::Kind::fixed_indegree:
      return "fixed_indegree";
    case Rule::Kind::fixed_outdegree:
      return "fixed_outdegree";
    case Rule::Kind::fixed_total_number:
      return "fixed_total_number";
    case Rule::Kind::list:
      return "pairs";
    case Rule::Kind::distance_probability:
      return "distance_probability";
  }
  return "";
}

}  // namespace

void bind_values(nb::module_& m) {
  nb::class_<Values>(m, "Values",
                     "Where the values of neurons or synapses come from: a constant, a "
                     "distribution, or an array. Drawn values come from streams keyed by seed and "
                     "name: adding a population redraws nothing else.")
      .def(
          "__init__",
          [](Values* self, nb::handle value) { new (self) Values(to_values(value, "Values")); },
          "value"_a, "A constant, or an array (one value a neuron or synapse).")
      .def_static(
          "normal",
          [](nb::handle mean, nb::handle sd) {
            return Values::normal(to_quantity(mean, "mean"), to_quantity(sd, "sd"));
          },
          "mean"_a, "sd"_a)
      .def_static(
          "lognormal",
          [](nb::handle median, double sigma) {
            return Values::lognormal(to_quantity(median, "median"), sigma);
          },
          "median"_a, "sigma"_a, "`sigma` is the deviation of the logarithm.")
      .def_static(
          "uniform",
          [](nb::handle low, nb::handle high) {
            return Values::uniform(to_quantity(low, "low"), to_quantity(high, "high"));
          },
          "low"_a, "high"_a)
      .def_static(
          "exponential",
          [](nb::handle mean) { return Values::exponential(to_quantity(mean, "mean")); }, "mean"_a)
      .def(
          "within",
          [](const Values& v, nb::handle low, nb::handle high, const std::string& policy) {
            if (policy != "clip" && policy != "redraw")
              throw ValueError({.where = "Values.within",
                                .what = "there is no such policy",
                                .got = policy,
                                .expected = "clip or redraw"});
            return v.within(bound(low, "low"), bound(high, "high"),
                            policy == "clip" ? OutOfBounds::clip : OutOfBounds::redraw);
          },
          "low"_a = nb::none(), "high"_a = nb::none(), "policy"_a = "redraw",
          "The same with bounds; what falls outside is drawn again, or clipped.")
      .def_prop_ro("kind", [](const Values& v) { return kind_name(v.kind()); })
      .def_prop_ro("unit", [](const Values& v) { return v.dimension().internal_name(); })
      .def("__len__", [](const Values& v) { return v.elements().size(); })
      .def(nb::self == nb::self)
      .def("__repr__", &text);

  nb::class_<Rule>(m, "Rule", "How sources and targets of a projection are paired.")
      .def("without_autapses", &Rule::without_autapses, "No neuron onto itself.")
      .def("without_multapses", &Rule::without_multapses, "At most one synapse a pair.")
      .def(nb::self == nb::self)
      .def("__repr__",
           [](const Rule& r) { return std::string("<rule ") + rule_name(r.kind) + ">"; });
  m.def("one_to_one", &one_to_one);
  m.def("all_to_all", &all_to_all);
  m.def("fixed_probability", &fixed_probability, "p"_a);
  m.def("fixed_indegree", &fixed_indegree, "k"_a);
  m.def("fixed_outdegree", &fixed_outdegree, "k"_a);
  m.def("fixed_total_number", &fixed_total_number, "n"_a);
  m.def(
      "pairs",
      [](nb::handle sources, nb::handle targets) {
        return pairs(to_indices(sources, "pairs, sources"), to_indices(targets, "pairs, targets"));
      },
      "sources"_a, "targets"_a, "Explicit pairs: indices within the two views, of equal length.");
  m.def(
      "distance_probability",
      [](double p_max, nb::handle sigma, const std::string& shape, nb::handle maximum) {
        return distance_probability(
            p_max, to_quantity(sigma, "sigma"), profile(shape),
            maximum.is_none() ? Quantity(0, dimension::length) : to_quantity(maximum, "maximum"));
      },
      "p_max"_a, "sigma"_a, "profile"_a = "gaussian", "maximum"_a = nb::none(),
      "Probability that falls with distance; populations need a `space`.");
}

}  // namespace callosum::python
