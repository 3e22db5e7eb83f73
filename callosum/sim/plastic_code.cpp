#include "callosum/sim/plastic_code.h"

#include <algorithm>
#include <functional>
#include <utility>

#include "callosum/core/error.h"
#include "callosum/model/evaluate.h"
#include "callosum/model/lower.h"
#include "callosum/model/symbolic.h"
#include "callosum/sim/links.h"
#include "callosum/sim/on_pre.h"
#include "callosum/sim/synapse_variables.h"

namespace callosum::sim {
namespace {

using model::SlotKind;

// The value that a parameter has for all synapses of the projection; null where it differs.
const double* uniform_value(const Projection& p, const model::Variable& v, double& out) {
  if (v.kind != model::VariableKind::parameter || v.name == "weight" || v.linked) return nullptr;
  const auto assigned = [&](const std::vector<model::Statement>& list) {
    for (const model::Statement& s : list)
      if (s.target == v.name) return true;
    return false;
  };
  if (assigned(p.synapse.model->on_pre()) || assigned(p.synapse.model->on_post())) return nullptr;
  const auto given = p.synapse.parameters.find(v.name);
  if (given == p.synapse.parameters.end())
    out = v.value.value_or(0);
  else if (given->second.is_constant())
    out = given->second.first();
  else
    return nullptr;
  return &out;
}

std::map<std::string, double> uniform_values(const Projection& p) {
  std::map<std::string, double> values;
  double x = 0;
  for (const model::Variable& v : p.synapse.model->variables())
    if (uniform_value(p, v, x)) values[v.name] = x;
  return values;
}

// States that begin alike in all synapses of the projection.
std::map<std::string, double> common_states(const Projection& p) {
  std::map<std::string, double> values;
  for (const model::Variable& v : p.synapse.model->variables())
    if (v.kind == model::VariableKind::state)
      if (const auto x = common_initial_value(p, v.name)) values[v.name] = *x;
  return values;
}

// Bounds known before the run are in order.
void check_bounds(const Projection& p, const std::map<std::string, double>& values) {
  const std::function<void(const model::Expression&)> walk = [&](const model::Expression& e) {
    for (const auto& child : e.children) walk(*child);
    if (e.kind != model::ExprKind::call || e.text != "clip" || e.children.size() != 3) return;
    for (const auto& bound : {e.children[1], e.children[2]})
      if (model::symbolic::mentions(*bound,
                                    [&](const std::string& n) { return !values.contains(n); }))
        return;
    const auto value = [&](const model::ExpressionPtr& bound) {
      return model::evaluate(*bound, [&](const std::string& n) { return values.at(n); });
    };
    const double low = value(e.children[1]), high = value(e.children[2]);
    if (!(low <= high))
      throw ValueError({.where = "projection '" + p.name + "', " + model::to_string(e),
                        .what = "the lower bound is not below the upper one",
                        .got = to_string(Quantity(low)) + " and " + to_string(Quantity(high)),
                        .expected = "lower <= upper, in internal units"});
  };
  for (const auto* list : {&p.synapse.model->on_pre(), &p.synapse.model->on_post()})
    for (const model::Statement& s : *list) walk(*s.value);
}

PlasticCode::Part make_part(const model::Program& program, const model::Program& constants,
                            const std::map<std::string, double>& values, Precision precision,
                            const jit::KernelOptions& options) {
  // The program of constants, in double.
  const model::Program lowered = model::lower_functions(constants, Precision::twofold);
  std::vector<double> derived(lowered.slots.size());
  for (std::size_t s = 0; s < derived.size(); ++s)
    if (lowered.slots[s].kind == SlotKind::parameter) derived[s] = values.at(lowered.slots[s].name);
  const std::vector<void*> none(derived.size(), nullptr);
  model::interpret(lowered, {none.data(), derived.data(), nullptr}, 0, model::lane_padding);

  PlasticCode::Part part;
  part.program = model::lower_functions(program, precision);
  part.kernel = std::make_shared<jit::Kernel>(part.program, options);
  for (const model::Slot& slot : part.program.slots) {
    double x = 0;
    if (slot.kind == SlotKind::derived)
      x = derived[static_cast<std::size_t>(lowered.index(slot.name))];
    else if (!slot.lane)
      x = values.at(slot.name);
    part.uniforms.push_back(x);
  }
  return part;
}

}  // namespace

model::PlasticProgram compile_plastic(const Network& network, std::uint32_t id, bool frozen,
                                      KeptStates states) {
  const Projection& p = network.projections()[id];
  const auto refuse = [&](std::string what, std::string got, std::string expected) {
    throw UnsupportedError({.where = "projection '" + p.name + "'",
                            .what = std::move(what),
                            .got = std::move(got),
                            .expected = std::move(expected)});
  };
  if (p.synapse.state == SynapseState::per_target || p.synapse.state == SynapseState::per_source)
    refuse("every plastic synapse has states of its own",
           p.synapse.state == SynapseState::per_source ? "per_source" : "per_target",
           "automatic or per_synapse");
  const std::map<std::string, double> values = uniform_values(p);
  check_bounds(p, values);
  model::PlasticOptions options{.uniform = {}, .frozen = frozen};
  for (const auto& [name, value] : values) options.uniform.insert(name);
  for (const auto& [name, link] : p.synapse.links) options.links[name] = link_name(p, name);
  const model::Model& post = network.populations()[p.to.population].model;
  const model::Model& synapse = *p.synapse.model;
  // What a deferring rule shows of a state is what its own last visit left.
  if (states == KeptStates::shared && !synapse.deferred()) options.initial = common_states(p);
  const bool sums = std::any_of(synapse.variables().begin(), synapse.variables().end(),
                                [](const model::Variable& v) { return v.summed; });
  // What is summed names where it goes; a spike need add to nothing.
  const std::string target =
      sums && p.synapse.target.empty() ? std::string() : target_of(p, synapse, post);
  model::PlasticProgram program = model::compile_plastic(synapse, post, target, options);
  for (const std::string& sum : program.sums)
    if (post.at(sum).kind != model::VariableKind::parameter)
      refuse("a summed variable drives a parameter", sum, "a parameter that the equations read");
  for (const model::Program* part :
       {&program.on_pre, &program.on_post, &program.source, &program.target, &program.sum})
    for (const model::Slot& slot : part->slots) {
      if (slot.kind == SlotKind::time || slot.kind == SlotKind::normal ||
          slot.kind == SlotKind::uniform)
        refuse("a synapse cannot draw numbers or read the time yet", slot.name,
               "an expression of synapse and target variables");
      if (slot.kind != SlotKind::parameter || !slot.lane || !slot.name.ends_with("_post")) continue;
      const std::string name = slot.name.substr(0, slot.name.size() - 5);
      if (name.find(' ') != std::string::npos) continue;  // a link
      if (post.at(name).kind == model::VariableKind::subexpression)
        refuse("a synapse can read states and parameters of the target only", name,
               "the subexpression written out");
    }
  return program;
}

PlasticCode make_plastic_code(const Network& network, std::uint32_t id, Precision precision,
                              const jit::KernelOptions& options, bool frozen, KeptStates states) {
  const Projection& p = network.projections()[id];
  model::PlasticProgram program = compile_plastic(network, id, frozen, states);
  std::map<std::string, double> values = uniform_values(p);
  values["dt"] = network.grid().dt_ms();
  PlasticCode code;
  code.on_pre = make_part(program.on_pre, program.constants, values, precision, options);
  code.on_post = make_part(program.on_post, program.constants, values, precision, options);
  code.advance = make_part(program.advance, program.constants, values, precision, options);
  const auto part_if = [&](bool wanted, PlasticCode::Part& part, const model::Program& of) {
    if (wanted) part = make_part(of, program.constants, values, precision, options);
  };
  part_if(!program.shared.source.empty(), code.source, program.source);
  part_if(!program.shared.target.empty(), code.target, program.target);
  part_if(code.source.kernel || code.target.kernel, code.show, program.show);
  part_if(!program.sums.empty(), code.sum, program.sum);
  code.source_variable = program.source_variable;
  code.variables = std::move(program.variables);
  code.shared = std::move(program.shared);
  code.reads = std::move(program.reads);
  code.targets = std::move(program.targets);
  for (const std::string& name : code.variables) {
    const auto stores = [&](const model::Program& part) {
      for (const model::Store& s : part.stores)
        if (part.slots[s.slot].name == name) return true;
      return false;
    };
    const model::Variable* v = p.synapse.model->find(name);
    code.written.push_back(stores(program.on_pre) || stores(program.on_post));
    code.is_state.push_back(v != nullptr && v->kind == model::VariableKind::state);
  }
  code.has_states = !program.advance.stores.empty();
  code.post_first = p.synapse.model->post_first();
  code.frozen = frozen;
  code.separate = states == KeptStates::by_synapse;
  code.deferred = p.synapse.model->deferred();
  return code;
}

}  // namespace callosum::sim
