#include "callosum/model/step.h"
#include "callosum/model/synapse_statements.h"

namespace callosum::model {

SynapseProgram compile_on_pre(const Model& synapse, const Model& post, const std::string& target,
                              double) {
  SynapseStatements writer(synapse.name() + ".on_pre", synapse, post, post.at(target).name, {});
  writer.emitter().keep_together();
  const auto& statements = synapse.on_pre();
  SynapseProgram result;
  result.plain = statements.size() == 1 && !writer.is_own(statements[0].target) &&
                 statements[0].op == "+=" && statements[0].value->kind == ExprKind::name &&
                 statements[0].value->text == "weight" &&
                 writer.resolved(statements[0].target) == post.at(target).name;
  writer.write(statements, synapse.text().on_pre);
  result.targets = writer.targets();
  result.program = writer.emitter().step().finish();
  return result;
}

}  // namespace callosum::model
