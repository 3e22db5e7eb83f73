#include "callosum/model/synapse_statements.h"

#include <algorithm>
#include <utility>

#include "callosum/model/symbolic.h"

namespace callosum::model {
namespace {

bool ends_with(const std::string& text, std::string_view suffix) {
  return text.size() > suffix.size() && text.ends_with(suffix);
}

}  // namespace

SynapseStatements::SynapseStatements(std::string name, const Model& synapse, const Model& post,
                                     std::string target, std::set<std::string> uniform)
    : synapse_(synapse),
      post_(post),
      target_(std::move(target)),
      uniform_(std::move(uniform)),
      emitter_(std::move(name), {[this](const std::string& n) { return uniform_.contains(n); },
                                 [this](const std::string& n) { return !uniform_.contains(n); },
                                 [this](const std::string& n) {
                                   return n == "dt" ? dimension::time : known(n)->dimension;
                                 }}) {
  scope_.lookup = [this](const std::string& n) { return known(n); };
  for (const Variable& v : synapse.variables()) scope_.candidates.push_back(v.name);
  for (const Variable& v : post.variables()) scope_.candidates.push_back(v.name + "_post");
  scope_.candidates.insert(scope_.candidates.end(), {"weight", "target"});
  for (const auto& [name, e] : flatten(synapse).subexpressions) subexpressions_[name] = e;
}

void SynapseStatements::write(const std::vector<Statement>& statements, const SourceText& source,
                              const std::set<std::string>& held) {
  Builder& b = emitter_.step();
  for (std::size_t k = 0; k < statements.size(); ++k) {
    const Statement& s = statements[k];
    const ExpressionPtr value =
        check_units(source, symbolic::substitute(s.value, subexpressions_), scope_);
    if (s.op == "=" && is_helper(s.target, {statements.begin() + k + 1, statements.end()})) {
      helpers_[s.target] = {{value->dimension, value->type},
                            emitter_.emit(value, [this](const std::string& n) { return load(n); })};
      continue;
    }
    check_dimension(s, *value, source);
    const Value right = emitter_.emit(value, [this](const std::string& n) { return load(n); });
    if (is_own(s.target)) {
      if (held.contains(s.target)) continue;
      const Value old = load(s.target);
      Value next = right;
      if (s.op == "+=") next = b.add(old, right);
      if (s.op == "-=") next = b.sub(old, right);
      if (s.op == "*=") next = b.mul(old, right);
      if (s.op == "/=") next = b.div(old, right);
      become(s.target, next);
      continue;
    }
    if (s.op != "+=" && s.op != "-=") additive_only(s, source);
    add_term(resolved(s.target), s.op == "-=" ? b.neg(right) : right);
  }
}

void SynapseStatements::add(const std::string& post, const ExpressionPtr& e) {
  add_term(post, value(e));
}

void SynapseStatements::add_term(const std::string& post, Value term) {
  Builder& b = emitter_.step();
  const std::uint32_t slot =
      b.slot({"add(" + post + ")", SlotKind::state, true, post_.at(post).dimension});
  if (const auto before = terms_.find(post); before != terms_.end())
    term = b.add(before->second, term);
  else
    targets_.push_back(post);
  terms_[post] = term;
  b.store(slot, term);
}

void SynapseStatements::become(const std::string& name, Value value) {
  Builder& b = emitter_.step();
  changed_[name] = value;
  if (elsewhere_.contains(name)) return;
  b.store(b.slot({name, SlotKind::state, true, known(name)->dimension}), value);
}

Value SynapseStatements::value(const ExpressionPtr& e) {
  return emitter_.emit(e, [this](const std::string& n) { return load(n); });
}

// A name that stands for a value between two statements: assigned first, then read.
bool SynapseStatements::is_helper(const std::string& n, std::span<const Statement> later) const {
  if (helpers_.contains(n)) return true;
  return !known(n) && std::any_of(later.begin(), later.end(), [&](const Statement& s) {
    return symbolic::mentions(*s.value, n);
  });
}

bool SynapseStatements::is_own(const std::string& n) const {
  return n != "target" && !ends_with(n, "_post") && (n == "weight" || synapse_.find(n) != nullptr);
}

std::string SynapseStatements::resolved(const std::string& n) const {
  if (n == "target") return target_;
  const std::string bare = ends_with(n, "_post") ? n.substr(0, n.size() - 5) : n;
  return post_.at(bare).name;
}

std::optional<Known> SynapseStatements::known(const std::string& n) const {
  if (const auto helper = helpers_.find(n); helper != helpers_.end()) return helper->second.first;
  if (n == "target") return Known{post_.at(target_).dimension};
  if (const Variable* v = synapse_.find(n)) return Known{v->dimension, v->type};
  if (n == "weight") return Known{post_.at(target_).dimension};
  if (ends_with(n, "_post")) return Known{post_.at(n.substr(0, n.size() - 5)).dimension};
  if (ends_with(n, "_pre")) return std::nullopt;
  if (const Variable* v = post_.find(n)) return Known{v->dimension, v->type};
  return std::nullopt;
}

Value SynapseStatements::load(const std::string& n) {
  Builder& b = emitter_.step();
  if (const auto helper = helpers_.find(n); helper != helpers_.end()) return helper->second.second;
  if (const auto link = links_.find(n); link != links_.end())
    return b.load(b.slot({link->second + "_post", SlotKind::parameter, true, known(n)->dimension}));
  if (is_own(n)) {
    if (const auto found = changed_.find(n); found != changed_.end()) return found->second;
    return b.load(b.slot({n, SlotKind::state, true, known(n)->dimension}));
  }
  // A source's variable: only in sums, which have been checked against its model.
  if (ends_with(n, "_pre")) return b.load(b.slot({n, SlotKind::parameter, true, {}}));
  const std::string post = resolved(n);
  return b.load(b.slot({post + "_post", SlotKind::parameter, true, post_.at(post).dimension}));
}

void SynapseStatements::check_dimension(const Statement& s, const Expression& value,
                                        const SourceText& source) const {
  if (ends_with(s.target, "_pre"))
    throw UnsupportedError({.where = source.name,
                            .what = "a spike acts on its synapse and its target, not on its source",
                            .got = s.target + " " + s.op + " " + to_string(*s.value),
                            .expected = "the statement in the reset of the source's model",
                            .nearest = {},
                            .location = source.at(s.span)});
  if (const Variable* own = synapse_.find(s.target); own != nullptr && own->linked)
    throw UnsupportedError({.where = source.name,
                            .what = "a linked variable belongs to another population",
                            .got = s.target + " " + s.op + " " + to_string(*s.value),
                            .expected = "to read it, and to assign variables of the synapse",
                            .nearest = {},
                            .location = source.at(s.span)});
  const auto left = known(s.target);
  if (!left) additive_only(s, source);
  const bool scales = s.op == "*=" || s.op == "/=";
  const Dimension expected = scales ? Dimension() : left->dimension;
  if (value.dimension != expected && !(value.kind == ExprKind::number && value.value == 0))
    throw UnitError({.where = source.name,
                     .what = "the unit of '" + s.target + "' does not fit",
                     .got = readable(value.dimension),
                     .expected = readable(expected),
                     .nearest = {},
                     .location = source.at(s.span)});
}

void SynapseStatements::additive_only(const Statement& s, const SourceText& source) const {
  throw UnsupportedError({.where = source.name,
                          .what = "a spike can only add to a variable of its target",
                          .got = s.target + " " + s.op + " " + to_string(*s.value),
                          .expected = s.target + " += ... (it may read " + s.target +
                                      ", with its value at the start of the step)",
                          .nearest = {},
                          .location = source.at(s.span)});
}

}  // namespace callosum::model
