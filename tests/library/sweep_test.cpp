#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "callosum/core/error.h"
#include "callosum/library/library.h"
#include "callosum/network/network.h"

// Every parameter and state of every shipped model against every kind of bad value, where a user
// gives it: a new file is covered by being one.
namespace callosum {
namespace {

using model::Model;
using model::ModelKind;
using model::Variable;
using model::VariableKind;

/// Adds or connects with `name` set to `values`; the network must not change when that throws.
struct Place {
  Network net{Quantity(1e-4, dimension::time), "sweep"};
  const Model& model;
  View exc;

  explicit Place(const Model& m) : model(m) {
    if (m.kind() == ModelKind::synapse)
      exc = net.add("exc", 3, library::neuron(sums_over_sources() ? "nalsm_lif" : "lif_syn"));
  }
  // What a plastic synapse sums in every step names a variable that few neurons have.
  bool sums_over_sources() const {
    return !model.on_post().empty() &&
           std::any_of(model.variables().begin(), model.variables().end(),
                       [](const Variable& v) { return v.summed; });
  }
  void give(const std::string& name, const Values& values, bool state) {
    if (model.kind() != ModelKind::synapse) {
      PopulationOptions options;
      (state ? options.initial : options.parameters).emplace(name, values);
      net.add("bad", 3, model, options);
    } else {
      SynapseOptions options{.model = model};
      if (model.text().on_pre.text.find("target") != std::string::npos) options.target = "V_m";
      for (const Variable& v : model.variables())
        if (v.summed) options.weight = Quantity(1e-12, v.dimension);
      if (const Variable* weight = model.find("weight"))
        options.weight = Quantity(1e-12, weight->dimension);
      if (!options.target.empty()) options.weight = Quantity(1e-3, dimension::voltage);
      options.parameters.emplace(name, values);
      for (const Variable& v : model.variables())
        if (v.linked) options.links[v.name] = {net.slice(exc, 0, 1), "x"};
      net.connect(exc, exc, all_to_all(), options);
    }
  }
  std::size_t parts() const { return net.populations().size() + net.projections().size(); }
};

template <class Expected>
void refuses(const Model& m, const std::string& name, const Values& values, bool state,
             const char* what) {
  Place place(m);
  const std::size_t before = place.parts();
  try {
    place.give(name, values, state);
    ADD_FAILURE() << m.name() << "." << name << " takes " << what;
  } catch (const Expected& error) {
    const std::string text = error.what();
    EXPECT_NE(text.find(name), std::string::npos) << m.name() << "." << name << ": " << text;
  } catch (const std::exception& error) {
    ADD_FAILURE() << m.name() << "." << name << ", " << what << ": another error: " << error.what();
  }
  EXPECT_EQ(place.parts(), before) << m.name() << "." << name << ", " << what;
}

TEST(LibrarySweep, EveryVariableRefusesEveryKindOfBadValue) {
  int cases = 0;
  for (const std::string& name : library::names()) {
    // Every projection of the sweep is onto a voltage: `x : weight` has that unit.
    const Model m = library::find(name).weighing(dimension::voltage);
    if (m.variables().empty()) continue;
    for (const Variable& v : m.variables()) {
      const bool state = v.kind == VariableKind::state;
      if (v.kind == VariableKind::subexpression || v.name == "weight") continue;
      const auto value = [&](double x) { return Values(Quantity::from_internal(x, v.dimension)); };
      // Quantity and Values refuse what is not finite at once, or the network does.
      for (double bad : {NAN, INFINITY, -INFINITY}) {
        Place place(m);
        const std::size_t before = place.parts();
        EXPECT_THROW(place.give(v.name, value(bad), state), ValueError) << name << "." << v.name;
        EXPECT_EQ(place.parts(), before);
      }
      refuses<UnitError>(m, v.name, Values(Quantity(1, v.dimension * dimension::mass)), state,
                         "another unit");
      refuses<ShapeError>(m, v.name, Values::array({1, 1}, v.dimension), state, "two for three");
      cases += 5;
      if (v.minimum) {
        refuses<ValueError>(m, v.name, value(*v.minimum - 1), state, "a value below its range");
        refuses<ValueError>(m, v.name, value(-1e30), state, "a negative value");
        if (v.minimum_open)
          refuses<ValueError>(m, v.name, value(*v.minimum), state, "the bound itself, often zero");
        cases += 3;
      }
      if (v.maximum)
        refuses<ValueError>(m, v.name, value(*v.maximum + 1), state, "a value above its range");
    }
    refuses<NameError>(m, "no_such_name", Values(Quantity(1)), false, "an unknown name");
    ++cases;
  }
  EXPECT_GT(cases, 3000);
}

}  // namespace
}  // namespace callosum
