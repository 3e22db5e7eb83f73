#include "callosum/sim/interaction.h"

#include <algorithm>
#include <utility>

#include "callosum/core/error.h"
#include "callosum/model/evaluate.h"
#include "callosum/model/flat_model.h"
#include "callosum/model/plastic_program.h"
#include "callosum/model/symbolic.h"
#include "callosum/sim/drawn_synapses.h"

namespace callosum::sim {
namespace {

using model::ExpressionPtr;
using model::Variable;
using model::VariableKind;
namespace symbolic = model::symbolic;

class Interaction {
 public:
  Interaction(const Network& network, std::uint32_t id, std::uint64_t seed, Network& out)
      : p_(network.projections()[id]),
        synapse_(*p_.synapse.model),
        pre_(network.populations()[p_.from.population].model),
        post_(network.populations()[p_.to.population].model),
        id_(id),
        drawn_(draw_synapses(network, id, seed)),
        out_(out) {}

  std::uint64_t write() {
    const model::FlatModel flat = model::flatten(synapse_);
    for (const Variable& v : synapse_.variables()) {
      if (!v.summed) continue;
      if (v.kind != VariableKind::subexpression || !v.name.ends_with("_post"))
        refuse("a summed variable names what it adds to", v.name,
               "NAME_post = expression : unit (summed)");
      add(v, flat.subexpressions.at(v.name));
    }
    return extra_;
  }

 private:
  [[noreturn]] void refuse(std::string what, std::string got, std::string expected) const {
    throw UnsupportedError({.where = "projection '" + p_.name + "'",
                            .what = std::move(what),
                            .got = std::move(got),
                            .expected = std::move(expected)});
  }

  // The sum, a variable of the neurons at a time.
  void add(const Variable& v, const ExpressionPtr& sum) {
    const std::string target = post_.at(without(v.name, "_post")).name;
    ExpressionPtr rest = sum;
    std::vector<std::pair<std::string, ExpressionPtr>> terms;
    for (const std::string& name : neuron_variables(*sum)) {
      const auto split = symbolic::affine(rest, name);
      if (!split) not_linear(v, *sum);
      terms.emplace_back(name, split->slope);
      rest = split->rest;
    }
    if (!symbolic::is_number(*rest, 0)) not_linear(v, *sum);
    for (const auto& [name, slope] : terms)
      if (!is_constant(*slope)) not_linear(v, *sum);
    for (const auto& [name, slope] : terms)
      if (name.ends_with("_pre")) from_sources(target, pre_.at(without(name, "_pre")).name, slope);
    for (const auto& [name, slope] : terms)
      if (name.ends_with("_post"))
        from_target(target, post_.at(without(name, "_post")).name, slope);
  }
  [[noreturn]] void not_linear(const Variable& v, const model::Expression& sum) const {
    refuse(
        "'" + v.name + "' is no weighted sum of variables of the two neurons",
        model::to_string(sum),
        "a sum of x_pre and x_post, each times a constant of the synapse; what is not linear as a "
        "subexpression of the neuron model");
  }

  static std::string without(const std::string& name, std::string_view suffix) {
    return name.substr(0, name.size() - suffix.size());
  }
  std::vector<std::string> neuron_variables(const model::Expression& e) const {
    std::vector<std::string> found;
    symbolic::mentions(e, [&](const std::string& n) {
      const bool end = (n.ends_with("_pre") || n.ends_with("_post")) && !synapse_.find(n);
      if (end && std::find(found.begin(), found.end(), n) == found.end()) found.push_back(n);
      return false;
    });
    return found;
  }
  // A number that only the synapse decides.
  bool is_constant(const model::Expression& e) const {
    return !symbolic::mentions(e, [&](const std::string& n) {
      const Variable* v = synapse_.find(n);
      return v == nullptr || v->kind != VariableKind::parameter;
    });
  }

  // The slope for synapse k, internal units.
  double number(const model::Expression& slope, std::size_t k) const {
    return model::evaluate(slope, [&](const std::string& n) {
      if (n == "weight") return drawn_.weights[k];
      const auto given = p_.synapse.parameters.find(n);
      if (given == p_.synapse.parameters.end()) return synapse_.at(n).value.value_or(0);
      if (!given->second.is_constant())
        refuse("a parameter of such a synapse has one value, or is its weight", n,
               "'weight' in the equations where synapses differ");
      return given->second.first();
    });
  }
  Dimension unit(const std::string& target, Dimension source) const {
    return post_.at(target).dimension / source;
  }

  void from_sources(const std::string& target, const std::string& variable,
                    const ExpressionPtr& slope) {
    const Dimension d = unit(target, pre_.at(variable).dimension);
    SynapseOptions s{.target = target, .source_variable = variable};
    s.delay = p_.synapse.delay;
    s.velocity = p_.synapse.velocity;
    const bool as_drawn = slope->kind == model::ExprKind::name && slope->text == "weight";
    // The first takes the place of the projection, and with its name the synapses that it drew.
    if (!replaced_ && (as_drawn || !symbolic::mentions(*slope, "weight"))) {
      s.weight =
          as_drawn ? p_.synapse.weight : Values(Quantity::from_internal(number(*slope, 0), d));
      connect(p_.from, p_.rule, std::move(s));
      return;
    }
    std::vector<double> weights;
    for (std::size_t k = 0; k < drawn_.weights.size(); ++k) weights.push_back(number(*slope, k));
    s.weight = Values::array(std::move(weights), d);
    s.delay = Values::array(drawn_.delays, dimension::time);
    s.velocity = {};
    if (replaced_) extra_ += drawn_.weights.size();
    connect(p_.from, pairs(drawn_.sources, drawn_.targets), std::move(s));
  }
  void connect(const View& from, const Rule& rule, SynapseOptions s) {
    if (std::exchange(replaced_, true))
      out_.connect(from, p_.to, rule, std::move(s));
    else
      out_.replace(id_, from, p_.to, rule, std::move(s));
  }

  void from_target(const std::string& target, const std::string& variable,
                   const ExpressionPtr& slope) {
    std::vector<double> sums(p_.to.size());
    for (std::size_t k = 0; k < drawn_.targets.size(); ++k)
      sums[drawn_.targets[k]] += number(*slope, k);
    extra_ += sums.size();
    SynapseOptions s{
        .target = target,
        .weight = Values::array(std::move(sums), unit(target, post_.at(variable).dimension)),
        .source_variable = variable};
    connect(p_.to, one_to_one(), std::move(s));
  }

  const Projection& p_;
  const model::Model &synapse_, &pre_, &post_;
  std::uint32_t id_;
  DrawnSynapses drawn_;
  Network& out_;
  bool replaced_ = false;
  std::uint64_t extra_ = 0;
};

}  // namespace

bool is_interaction(const Projection& p) {
  if (!p.synapse.model || model::is_plastic(*p.synapse.model)) return false;
  const model::Model& synapse = *p.synapse.model;
  bool sums = false;
  for (const Variable& v : synapse.variables()) {
    if (v.kind == VariableKind::state) return false;
    sums = sums || v.summed;
  }
  return sums && synapse.on_pre().empty();
}

std::uint64_t expand_interaction(const Network& network, std::uint32_t id, std::uint64_t seed,
                                 Network& out) {
  return Interaction(network, id, seed, out).write();
}

}  // namespace callosum::sim
