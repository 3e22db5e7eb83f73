#include "callosum/sim/on_pre.h"

#include "callosum/core/error.h"
#include "callosum/sim/plastic_code.h"

namespace callosum::sim {
namespace {

using model::VariableKind;

[[noreturn]] void unsupported(const Projection& p, std::string what, std::string got,
                              std::string expected) {
  throw UnsupportedError({.where = "projection '" + p.name + "'",
                          .what = std::move(what),
                          .got = std::move(got),
                          .expected = std::move(expected)});
}

void check_synapse(const Projection& p, const model::Model& synapse) {
  for (const model::Variable& v : synapse.variables()) {
    if (v.kind == VariableKind::subexpression)
      unsupported(p, "a synapse with a subexpression cannot run yet", v.name,
                  "the expression written out in on_pre");
    if (v.summed || v.linked)
      unsupported(p, "summed and linked variables of synapses cannot run yet", v.name,
                  "a projection with source_variable");
  }
  if (!synapse.on_post().empty())
    unsupported(p, "a synapse with on_post cannot run yet", "'" + synapse.name() + "'",
                "on_pre alone");
}

}  // namespace

std::string target_of(const Projection& p, const model::Model& synapse, const model::Model& post) {
  if (!p.synapse.target.empty()) return p.synapse.target;
  for (const model::Statement& s : synapse.on_pre()) {
    if (s.target == "target")
      unsupported(p, "the synapse model adds to 'target' and the projection names none",
                  "no target", "target = a state of '" + post.name() + "'");
    if (s.target == "weight" || synapse.find(s.target) != nullptr) continue;
    const bool helper = !s.target.ends_with("_post") && post.find(s.target) == nullptr;
    if (helper) continue;
    const bool suffixed = s.target.ends_with("_post");
    return post.at(suffixed ? s.target.substr(0, s.target.size() - 5) : s.target).name;
  }
  unsupported(p, "a spike adds to nothing", "'" + synapse.name() + "'", "target += ... in on_pre");
}

OnPre compile_on_pre(const Network& network, std::uint32_t id) {
  const Projection& p = network.projections()[id];
  if (p.synapse.model && model::is_plastic(*p.synapse.model)) {
    auto plastic =
        std::make_shared<const model::PlasticProgram>(compile_plastic(network, id, false));
    return {.plain = false, .targets = plastic->targets, .program = {}, .plastic = plastic};
  }
  if (p.synapse.state == SynapseState::per_source || p.synapse.state == SynapseState::per_synapse)
    unsupported(p, "these synapses have no states of their own to keep",
                p.synapse.state == SynapseState::per_source ? "per_source" : "per_synapse",
                "automatic or per_target");
  if (!p.synapse.model)
    return {.plain = true, .targets = {p.synapse.target}, .program = {}, .plastic = {}};
  const model::Model& synapse = *p.synapse.model;
  const model::Model& post = network.populations()[p.to.population].model;
  check_synapse(p, synapse);
  model::SynapseProgram compiled =
      model::compile_on_pre(synapse, post, target_of(p, synapse, post), network.grid().dt_ms());
  for (const model::Slot& slot : compiled.program.slots) {
    if (slot.kind != model::SlotKind::state && slot.kind != model::SlotKind::parameter)
      unsupported(p, "on_pre cannot draw numbers or read the time yet", slot.name,
                  "an expression of synapse and target variables");
    if (!slot.name.ends_with("_post") || slot.kind != model::SlotKind::parameter) continue;
    const std::string name = slot.name.substr(0, slot.name.size() - 5);
    if (post.at(name).kind == VariableKind::subexpression)
      unsupported(p, "on_pre can read states and parameters of the target only", name,
                  "the subexpression written out");
  }
  return {compiled.plain, std::move(compiled.targets), std::move(compiled.program), {}};
}

}  // namespace callosum::sim
