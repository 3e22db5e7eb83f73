#include "callosum/sim/synaptic_states.h"

#include <algorithm>
#include <utility>

#include "callosum/core/error.h"
#include "callosum/model/flat_model.h"
#include "callosum/model/plastic_program.h"
#include "callosum/model/symbolic.h"
#include "callosum/sim/drawn_synapses.h"
#include "callosum/sim/interaction.h"

namespace callosum::sim {
namespace {

using model::ExpressionPtr;
using model::Variable;
using model::VariableKind;
namespace symbolic = model::symbolic;

[[noreturn]] void unsupported(const Projection& p, std::string what, std::string got,
                              std::string expected) {
  throw UnsupportedError({.where = "projection '" + p.name + "'",
                          .what = std::move(what),
                          .got = std::move(got),
                          .expected = std::move(expected)});
}

/// The synapse model taken apart: what lives on, what a spike does to it, what the target reads.
class Parts {
 public:
  Parts(const Network& network, const Projection& p)
      : projection_(p), synapse_(*p.synapse.model), inside_(lane_model()) {
    flat_ = model::flatten(inside_);
    const model::Model& post = network.populations()[p.to.population].model;
    for (const Variable& v : synapse_.variables()) {
      if (v.kind == VariableKind::state) states_.push_back(v.name);
      if (!v.summed) continue;
      if (v.kind != VariableKind::subexpression || !v.name.ends_with("_post"))
        unsupported(p, "a summed variable names what it adds to", v.name,
                    "NAME_post = expression : unit (summed)");
      const std::string target = v.name.substr(0, v.name.size() - 5);
      summed_.emplace_back(v.name, post.at(target).name);
    }
    for (const Variable& v : synapse_.variables())
      if (v.of_ends)
        unsupported(p, "a synapse with states of its own cannot read those of its neurons", v.name,
                    "states of the synapse alone, or a synapse without states");
    if (summed_.empty())
      unsupported(p, "the target receives nothing of the synapse's states", states_.front(),
                  "a line such as 'g_post = " + states_.front() + " : unit (summed)'");
    if (!synapse_.on_post().empty())
      unsupported(p, "a synapse with on_post cannot run yet", "'" + synapse_.name() + "'",
                  "on_pre alone");
    for (const model::Statement& s : synapse_.on_pre())
      if (std::find(states_.begin(), states_.end(), s.target) == states_.end())
        unsupported(p, "a spike adds to the states of a synapse that has some", s.target,
                    "'" + states_.front() + " += ...'");
  }

  SynapseState choose() const {
    const SynapseState wanted = projection_.synapse.state;
    const std::string target = against_target(), source = against_source();
    if (wanted == SynapseState::per_target && !target.empty())
      unsupported(projection_, "states cannot be kept once per target", target,
                  "per_synapse or automatic");
    if (wanted == SynapseState::per_source && !source.empty())
      unsupported(projection_, "states cannot be kept once per source", source,
                  "per_synapse or automatic");
    if (wanted != SynapseState::automatic) return wanted;
    if (target.empty()) return SynapseState::per_target;
    return source.empty() ? SynapseState::per_source : SynapseState::per_synapse;
  }

  /// The equations as those of a population, a lane each.
  const model::Model& inside() const { return inside_; }
  /// What a spike does, the states being its target's.
  model::Model on_pre() const {
    model::ModelText text = synapse_.text();
    std::string& equations = text.equations.text;
    const Variable* weight = synapse_.find("weight");
    equations = weight && weight->declared && weight_on_arrival() ? line_at(equations, weight->span)
                                                                  : std::string();
    std::erase_if(text.parameters, [&](const auto& p) { return inside_.find(p.name) != nullptr; });
    text.initial.clear();
    return model::Model(text);
  }
  const std::string& first_state() const { return synapse_.on_pre().front().target; }
  /// Subexpression of inside() and the variable of the target to which it is added.
  const std::vector<std::pair<std::string, std::string>>& summed() const { return summed_; }
  bool weight_inside() const { return inside_.find("weight") != nullptr; }
  bool weight_on_arrival() const {
    return std::any_of(synapse_.on_pre().begin(), synapse_.on_pre().end(),
                       [](const auto& s) { return symbolic::mentions(*s.value, "weight"); });
  }

 private:
  model::Model lane_model() const {
    model::ModelText text = synapse_.text();
    text.kind = model::ModelKind::neuron;
    const auto on_arrival_only = [&](const std::string& name) {
      const auto names = [&](const Variable& v) {
        return v.rhs != nullptr && symbolic::mentions(*v.rhs, name);
      };
      return std::none_of(synapse_.variables().begin(), synapse_.variables().end(), names) &&
             std::none_of(text.initial.begin(), text.initial.end(),
                          [&](const auto& i) { return i.value.find(name) != std::string::npos; });
    };
    std::erase_if(text.parameters, [&](const auto& p) { return on_arrival_only(p.name); });
    text.on_pre = text.on_post = {};
    return model::Model(text);
  }

  static std::string line_at(const std::string& text, model::Span span) {
    const auto begin = static_cast<std::size_t>(span.begin);
    return text.substr(begin, text.find('\n', begin) - begin);
  }
  bool is_state(const std::string& name) const {
    return std::find(states_.begin(), states_.end(), name) != states_.end();
  }
  std::string drawn_parameter() const {
    for (const auto& [name, values] : projection_.synapse.parameters)
      if (!values.is_constant()) return "'" + name + "' differs among synapses";
    return {};
  }
  /// "" when `e` is linear in the states, without a constant term.
  std::string not_homogeneous(const ExpressionPtr& e, const std::string& name) const {
    const auto row = model::affine_row(e, states_);
    const std::string shown = "'" + name + "' = " + model::to_string(*e);
    if (!row || !symbolic::is_number(*row->rest, 0)) return shown + " is not a sum of states";
    for (const auto& [state, coefficient] : row->coefficients)
      if (symbolic::mentions(*coefficient, [&](const std::string& n) {
            return is_state(n) || n == "weight" || model::is_moving(n);
          }))
        return shown + " has a coefficient that changes";
    return {};
  }

  /// Why one set of states a target would be wrong; "" when it is right.
  std::string against_target() const {
    if (const std::string drawn = drawn_parameter(); !drawn.empty()) return drawn;
    for (const auto& state : flat_.states) {
      if (const std::string no = not_homogeneous(state.rhs, "d" + state.name + "/dt"); !no.empty())
        return no;
      const Variable& v = inside_.at(state.name);
      if (v.initial || v.value.value_or(0) != 0) return "'" + state.name + "' does not start at 0";
      const auto given = projection_.synapse.parameters.find(state.name);
      if (given != projection_.synapse.parameters.end() && given->second.first() != 0)
        return "'" + state.name + "' does not start at 0";
    }
    for (const auto& [name, target] : summed_)
      if (const std::string no = not_homogeneous(flat_.subexpressions.at(name), name); !no.empty())
        return no;
    for (const model::Statement& s : synapse_.on_pre()) {
      const bool adds = s.op == "+=" || s.op == "-=";
      if (!adds || symbolic::mentions(*s.value, [&](const auto& n) { return is_state(n); }))
        return "'" + s.target + " " + s.op + " " + model::to_string(*s.value) +
               "' depends on the state";
    }
    return {};
  }

  /// Why one set of states a source would be wrong; "" when it is right.
  std::string against_source() const {
    if (const std::string drawn = drawn_parameter(); !drawn.empty()) return drawn;
    const auto& delay = projection_.synapse.delay;
    if ((delay && !delay->is_constant()) || projection_.synapse.velocity)
      return "delays differ among a source's synapses";
    if (weight_on_arrival()) return "what a spike does depends on the weight";
    for (const auto& state : flat_.states)
      if (symbolic::mentions(*state.rhs,
                             [](const auto& n) { return n == "weight" || model::is_noise(n); }))
        return "'d" + state.name + "/dt' holds the weight or noise";
    for (const auto& [name, target] : summed_) {
      const ExpressionPtr& e = flat_.subexpressions.at(name);
      if (!symbolic::mentions(*e, "weight")) continue;
      const auto by_weight = symbolic::affine(e, "weight");
      if (!by_weight || !symbolic::is_number(*by_weight->rest, 0) ||
          symbolic::mentions(*by_weight->slope, "weight"))
        return "'" + name + "' is not proportional to the weight";
    }
    return {};
  }

  const Projection& projection_;
  const model::Model& synapse_;
  model::Model inside_;
  model::FlatModel flat_;
  std::vector<std::string> states_;
  std::vector<std::pair<std::string, std::string>> summed_;
};

/// Replaces one projection of `net`, drawn as in `original`.
class Expansion {
 public:
  Expansion(const Network& original, std::uint32_t id, std::uint64_t seed, ExpandedNetwork& out)
      : p_(original.projections()[id]),
        id_(id),
        parts_(original, p_),
        drawn_(draw_synapses(original, id, seed)),
        out_(out) {}

  void write() {
    switch (parts_.choose()) {
      case SynapseState::per_source:
        return per_source();
      case SynapseState::per_synapse:
        return per_synapse();
      default:
        return per_target();
    }
  }

 private:
  View hidden(std::size_t size, std::vector<double> weights = {}) {
    PopulationOptions options;
    for (const auto& [name, values] : p_.synapse.parameters)
      if (const Variable* v = parts_.inside().find(name))
        (v->kind == VariableKind::state ? options.initial : options.parameters)
            .emplace(v->name, values);
    if (parts_.weight_inside()) {
      const Dimension d = parts_.inside().at("weight").dimension;
      options.parameters.insert_or_assign("weight", weights.empty()
                                                        ? Values(Quantity::from_internal(1, d))
                                                        : Values::array(std::move(weights), d));
    }
    return out_.network.add(p_.name + " (synapses)", static_cast<std::uint32_t>(size),
                            parts_.inside(), std::move(options));
  }
  SynapseOptions arriving(Values delay) const {
    SynapseOptions s;
    s.target = parts_.first_state();
    s.model = parts_.on_pre();
    s.delay = std::move(delay);
    for (const auto& [name, values] : p_.synapse.parameters)
      if (s.model->find(name) != nullptr) s.parameters.emplace(name, values);
    return s;
  }
  Values delays() const { return Values::array(drawn_.delays, dimension::time); }
  Values weights(Dimension d) const { return Values::array(drawn_.weights, d); }
  void read(const View& from, const Rule& rule, const std::optional<Values>& weight) {
    for (const auto& [name, target] : parts_.summed()) {
      SynapseOptions s{.target = target, .source_variable = name};
      if (weight) s.weight = *weight;
      out_.network.connect(from, p_.to, rule, std::move(s));
    }
  }

  void per_target() {
    const View states = hidden(p_.to.size());
    SynapseOptions s = arriving(delays());
    if (parts_.weight_on_arrival()) s.weight = weights(p_.synapse.weight.dimension());
    out_.network.replace(id_, p_.from, states, pairs(drawn_.sources, drawn_.targets), std::move(s));
    read(states, one_to_one(), {});
    out_.extra_synapses += parts_.summed().size() * p_.to.size();
  }
  void per_source() {
    const View states = hidden(p_.from.size());
    out_.network.replace(id_, p_.from, states, one_to_one(),
                         arriving(p_.synapse.delay.value_or(Values(Quantity::from_internal(
                             out_.network.grid().dt_ms(), dimension::time)))));
    // The states were computed with weight 1.
    std::optional<Values> weight;
    if (parts_.weight_inside()) weight = Values::array(drawn_.weights, {});
    read(states, pairs(drawn_.sources, drawn_.targets), weight);
    out_.extra_synapses += p_.from.size() + (parts_.summed().size() - 1) * drawn_.sources.size();
  }
  void per_synapse() {
    std::vector<std::uint32_t> lanes(drawn_.sources.size());
    for (std::uint32_t k = 0; k < lanes.size(); ++k) lanes[k] = k;
    const View states = hidden(lanes.size(), drawn_.weights);
    SynapseOptions s = arriving(delays());
    if (parts_.weight_on_arrival()) s.weight = weights(p_.synapse.weight.dimension());
    out_.network.replace(id_, p_.from, states, pairs(drawn_.sources, lanes), std::move(s));
    read(states, pairs(lanes, drawn_.targets), {});
    out_.extra_synapses += parts_.summed().size() * lanes.size();
  }

  const Projection& p_;
  std::uint32_t id_;
  Parts parts_;
  DrawnSynapses drawn_;
  ExpandedNetwork& out_;
};

}  // namespace

bool has_synaptic_states(const Projection& p) {
  if (!p.synapse.model || model::is_plastic(*p.synapse.model)) return false;
  const auto& variables = p.synapse.model->variables();
  return is_interaction(p) ||
         std::any_of(variables.begin(), variables.end(),
                     [](const Variable& v) { return v.kind == VariableKind::state; });
}

std::optional<ExpandedNetwork> expand_synaptic_states(const Network& network, std::uint64_t seed) {
  const auto& projections = network.projections();
  if (std::none_of(projections.begin(), projections.end(), has_synaptic_states))
    return std::nullopt;
  ExpandedNetwork expanded{network};
  for (std::uint32_t id = 0; id < projections.size(); ++id)
    if (is_interaction(projections[id]))
      expanded.extra_synapses += expand_interaction(network, id, seed, expanded.network);
    else if (has_synaptic_states(projections[id]))
      Expansion(network, id, seed, expanded).write();
  return expanded;
}

}  // namespace callosum::sim
