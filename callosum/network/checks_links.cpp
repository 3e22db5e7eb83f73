#include <algorithm>
#include <utility>

#include "callosum/core/error.h"
#include "callosum/network/checks.h"
#include "callosum/network/delays.h"

namespace callosum::checks {
namespace {

std::vector<std::string> linked_variables(const SynapseOptions& synapse) {
  std::vector<std::string> linked;
  if (synapse.model)
    for (const model::Variable& v : synapse.model->variables())
      if (v.linked) linked.push_back(v.name);
  return linked;
}

void one_link(Link& link, const model::Variable& linked, const View& to,
              const std::vector<Population>& populations, const TimeGrid& grid,
              const std::string& where) {
  view(link.from, populations, where);
  const model::Variable& source =
      variable(populations[link.from.population].model, link.variable,
               {.state = true, .subexpression = true, .plural = "states and subexpressions"},
               where + ", variable");
  link.variable = source.name;
  if (!link.rule) {
    if (link.from.size() != 1 && link.from.size() != to.size())
      throw ShapeError({.where = where,
                        .what = "which of them each target reads is not said",
                        .got = std::to_string(link.from.size()) + " neurons for " +
                               std::to_string(to.size()) + " targets",
                        .expected = "one neuron, as many as targets, or a rule"});
    link.rule = link.from.size() == 1 ? all_to_all() : one_to_one();
  }
  checks::rule(*link.rule, link.from, to, where);
  const std::size_t each = elements(*link.rule, link.from, to);
  synapse_values(link.weight, linked.dimension / source.dimension, each, where + ", weight");
  if (!link.delay) return;
  synapse_values(*link.delay, dimension::time, each, where + ", delay");
  SynapseOptions as_projection;
  as_projection.delay = link.delay;
  if (const Delays delays(grid, as_projection, 0, where); delays.minimum() == 0)
    throw ValueError({.where = where + ", delay",
                      .what = "what is read is at least a step old",
                      .got = "0 ms",
                      .expected = "at least " + to_string(grid.dt())});
}

}  // namespace

void links(SynapseOptions& synapse, const View& to, const std::vector<Population>& populations,
           const TimeGrid& grid, const std::string& where) {
  const std::vector<std::string> linked = linked_variables(synapse);
  for (auto& [name, link] : synapse.links)
    if (std::find(linked.begin(), linked.end(), name) == linked.end())
      throw NameError({.where = where + ", links",
                       .what = synapse.model ? "'" + synapse.model->name() +
                                                   "' has no linked variable of this name"
                                             : "a static synapse has no linked variables",
                       .got = "'" + name + "'",
                       .expected = "a line such as '" + name + " : 1 (linked)' in its equations",
                       .nearest = nearest_name(name, linked)});
  for (const std::string& name : linked) {
    const auto link = synapse.links.find(name);
    if (link == synapse.links.end())
      throw NameError({.where = where,
                       .what = "the third factor '" + name + "' of '" + synapse.model->name() +
                               "' is linked to nothing",
                       .got = "no link",
                       .expected = "links = { " + name +
                                   " = { from = \"POPULATION\", variable = \"VARIABLE\" } }"});
    one_link(link->second, synapse.model->at(name), to, populations, grid,
             where + ", link '" + name + "'");
  }
}

}  // namespace callosum::checks
