#include <functional>
#include <optional>
#include <set>
#include <utility>

#include "callosum/model/check_units.h"
#include "callosum/model/emitter.h"
#include "callosum/model/step.h"
#include "callosum/model/symbolic.h"

namespace callosum::model {
namespace {

bool ends_with(const std::string& text, std::string_view suffix) {
  return text.size() > suffix.size() && text.ends_with(suffix);
}

// Lowers the statements of on_pre for one target model.
class OnPre {
 public:
  OnPre(const Model& synapse, const Model& post, const std::string& target)
      : synapse_(synapse),
        post_(post),
        target_(target),
        emitter_(synapse.name() + ".on_pre",
                 {[](const std::string&) { return false; }, [](const std::string&) { return true; },
                  [this](const std::string& n) { return known(n)->dimension; }}) {
    scope_.lookup = [this](const std::string& n) { return known(n); };
    for (const Variable& v : synapse.variables()) scope_.candidates.push_back(v.name);
    for (const Variable& v : post.variables()) scope_.candidates.push_back(v.name + "_post");
    scope_.candidates.insert(scope_.candidates.end(), {"weight", "target"});
  }

  SynapseProgram write() {
    SynapseProgram result;
    const auto& statements = synapse_.on_pre();
    if (statements.size() == 1 && resolved(statements[0].target) == target_ &&
        statements[0].op == "+=" && statements[0].value->kind == ExprKind::name &&
        statements[0].value->text == "weight") {
      result.plain = true;
      result.targets = {target_};
    }
    Builder& b = emitter_.step();
    for (const Statement& s : statements) {
      const ExpressionPtr value = check_units(synapse_.text().on_pre, s.value, scope_);
      const bool own = is_own(s.target);
      check_dimension(s, *value);
      const Value right = emitter_.emit(value, [this](const std::string& n) { return load(n); });
      if (own) {
        const Value old = load(s.target);
        Value next = right;
        if (s.op == "+=") next = b.add(old, right);
        if (s.op == "-=") next = b.sub(old, right);
        if (s.op == "*=") next = b.mul(old, right);
        if (s.op == "/=") next = b.div(old, right);
        changed_[s.target] = next;
        b.store(b.slot({s.target, SlotKind::state, true, known(s.target)->dimension}), next);
        continue;
      }
      const std::string post = resolved(s.target);
      if (s.op != "+=" && s.op != "-=") additive_only(s);
      const std::uint32_t slot =
          b.slot({"add(" + post + ")", SlotKind::state, true, post_.at(post).dimension});
      Value term = s.op == "-=" ? b.neg(right) : right;
      if (const auto before = terms_.find(post); before != terms_.end())
        term = b.add(before->second, term);
      else
        result.targets.push_back(post);
      if (result.plain) result.targets = {post};
      terms_[post] = term;
      b.store(slot, term);
    }
    result.program = b.finish();
    return result;
  }

 private:
  bool is_own(const std::string& n) const {
    return n != "target" && !ends_with(n, "_post") &&
           (n == "weight" || synapse_.find(n) != nullptr);
  }
  // The post variable that a name means.
  std::string resolved(const std::string& n) const {
    if (n == "target") return target_;
    const std::string bare = ends_with(n, "_post") ? n.substr(0, n.size() - 5) : n;
    return post_.at(bare).name;
  }
  std::optional<Known> known(const std::string& n) const {
    if (n == "target") return Known{post_.at(target_).dimension};
    if (const Variable* v = synapse_.find(n)) return Known{v->dimension, v->type};
    if (n == "weight") return Known{post_.at(target_).dimension};
    if (ends_with(n, "_post")) return Known{post_.at(n.substr(0, n.size() - 5)).dimension};
    if (ends_with(n, "_pre")) return std::nullopt;
    if (const Variable* v = post_.find(n)) return Known{v->dimension, v->type};
    return std::nullopt;
  }
  Value load(const std::string& n) {
    Builder& b = emitter_.step();
    if (is_own(n)) {
      if (const auto found = changed_.find(n); found != changed_.end()) return found->second;
      return b.load(b.slot({n, SlotKind::state, true, known(n)->dimension}));
    }
    const std::string post = resolved(n);
    return b.load(b.slot({post + "_post", SlotKind::parameter, true, post_.at(post).dimension}));
  }
  void check_dimension(const Statement& s, const Expression& value) const {
    const auto left = known(s.target);
    if (!left) additive_only(s);
    const bool scales = s.op == "*=" || s.op == "/=";
    const Dimension expected = scales ? Dimension() : left->dimension;
    if (value.dimension != expected && !(value.kind == ExprKind::number && value.value == 0))
      throw UnitError({.where = synapse_.text().on_pre.name,
                       .what = "the unit of '" + s.target + "' does not fit",
                       .got = readable(value.dimension),
                       .expected = readable(expected),
                       .nearest = {},
                       .location = synapse_.text().on_pre.at(s.span)});
  }
  [[noreturn]] void additive_only(const Statement& s) const {
    throw UnsupportedError({.where = synapse_.text().on_pre.name,
                            .what = "a spike can only add to a variable of its target",
                            .got = s.target + " " + s.op + " " + to_string(*s.value),
                            .expected = s.target + " += ... (it may read " + s.target +
                                        ", with its value at the start of the step)",
                            .nearest = {},
                            .location = synapse_.text().on_pre.at(s.span)});
  }

  const Model& synapse_;
  const Model& post_;
  std::string target_;
  Emitter emitter_;
  Scope scope_;
  std::map<std::string, Value> changed_, terms_;
};

}  // namespace

SynapseProgram compile_on_pre(const Model& synapse, const Model& post, const std::string& target,
                              double) {
  return OnPre(synapse, post, post.at(target).name).write();
}

}  // namespace callosum::model
