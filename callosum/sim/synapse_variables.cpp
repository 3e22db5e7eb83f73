#include "callosum/sim/synapse_variables.h"

#include <algorithm>

#include "callosum/core/error.h"
#include "callosum/core/random.h"
#include "callosum/model/evaluate.h"
#include "callosum/sim/synapse_order.h"

namespace callosum::sim {
namespace {

// The model's own initial value; expressions are of parameters that have one value.
double default_value(const Projection& projection, const model::Variable* v) {
  if (v == nullptr) return 0;
  if (!v->initial) return v->value.value_or(0);
  return model::evaluate(*v->initial, [&](const std::string& name) {
    const auto given = projection.synapse.parameters.find(name);
    if (given == projection.synapse.parameters.end())
      return projection.synapse.model->at(name).value.value_or(0);
    if (!given->second.is_constant())
      throw UnsupportedError(
          {.where = "projection '" + projection.name + "', initial value of '" + v->name + "'",
           .what = "an initial value depends on what differs among synapses",
           .got = name,
           .expected = "a parameter with one value"});
    return given->second.first();
  });
}

}  // namespace

std::optional<double> common_initial_value(const Projection& projection, const std::string& name) {
  const auto given = projection.synapse.parameters.find(name);
  if (given == projection.synapse.parameters.end())
    return default_value(projection, projection.synapse.model->find(name));
  if (given->second.is_constant()) return given->second.first();
  return std::nullopt;
}

template <class T>
void draw_synapse_variable(const Projection& projection, const std::string& name,
                           const Connectivity& connectivity, const Segment& segment,
                           std::uint64_t seed, std::vector<T>& values) {
  if (name == "weight") {
    if (connectivity.constant_weight())
      std::fill(values.begin(), values.end(), static_cast<T>(connectivity.weight()));
    else
      for_each_drawn(connectivity, segment, [&](const DrawnSynapse& synapse) {
        values[synapse.stored] = static_cast<T>(synapse.weight);
      });
    return;
  }
  const auto given = projection.synapse.parameters.find(name);
  if (given == projection.synapse.parameters.end()) {
    const auto x = static_cast<T>(default_value(projection, projection.synapse.model->find(name)));
    std::fill(values.begin(), values.end(), x);
  } else if (given->second.kind() == Values::Kind::array) {
    throw UnsupportedError({.where = "projection '" + projection.name + "'",
                            .what = "an array of a synapse variable other than the weight",
                            .got = name,
                            .expected = "one value, or a distribution"});
  } else {
    const StreamKey key(seed, name_hash(projection.name + "." + name), Purpose::user);
    Stream stream(key, 0, 0);
    for_each_drawn(connectivity, segment, [&](const DrawnSynapse& synapse) {
      if (synapse.ordinal == 0) stream = Stream(key, synapse.source, synapse.block);
      values[synapse.stored] = static_cast<T>(given->second.draw(stream, 0));
    });
  }
}

template void draw_synapse_variable(const Projection&, const std::string&, const Connectivity&,
                                    const Segment&, std::uint64_t, std::vector<float>&);
template void draw_synapse_variable(const Projection&, const std::string&, const Connectivity&,
                                    const Segment&, std::uint64_t, std::vector<double>&);

}  // namespace callosum::sim
