#include "callosum/model/plastic_program.h"

#include <algorithm>
#include <utility>

#include "callosum/model/discretise.h"
#include "callosum/model/flat_model.h"
#include "callosum/model/lower.h"
#include "callosum/model/symbolic.h"
#include "callosum/model/synapse_statements.h"

namespace callosum::model {
namespace {

// Writes the programs of one plastic synapse. All three begin by bringing the states forward.
class PlasticWriter {
 public:
  PlasticWriter(const Model& synapse, const Model& post, const std::string& target,
                const PlasticOptions& options)
      : synapse_(synapse),
        post_(post),
        target_(target.empty() ? target : post.at(target).name),
        options_(options),
        flat_(flatten(synapse)) {
    for (const auto& s : flat_.states) names_.push_back(s.name);
    for (const auto& s : flat_.states) {
      if (!synapse.at(s.name).event_driven)
        refuse(s, "states of a plastic synapse move from event to event", "(event-driven)");
      const auto row = affine_row(s.rhs, names_);
      if (!row) refuse(s, "an event-driven state is not linear", "a linear right side");
      if (symbolic::mentions(*s.rhs, [&](const std::string& n) {
            const Variable* v = synapse.find(n);
            return v != nullptr && v->linked;
          }))
        refuse(s, "a linked variable moves while no spike comes, and the state does not",
               "the linked variable in on_pre or on_post");
      rows_[s.name] = *row;
    }
    if (!options.initial.empty())
      shared_ = shared_states(synapse, post, rows_, options.uniform, options.initial);
  }

  PlasticProgram write() {
    PlasticProgram result;
    const std::set<std::string> held =
        options_.frozen ? std::set<std::string>{"weight"} : std::set<std::string>{};
    result.on_pre = part("on_pre", Moment::source_spike, [&](SynapseStatements& s) {
      s.write(synapse_.on_pre(), synapse_.text().on_pre, held);
      result.targets = s.targets();
    });
    result.on_post = part("on_post", Moment::target_spike, [&](SynapseStatements& s) {
      s.write(synapse_.on_post(), synapse_.text().on_post, held);
      if (!s.targets().empty())
        throw UnsupportedError({.where = synapse_.text().on_post.name,
                                .what = "the target's own spike adds nothing to it",
                                .got = s.targets().front() + " += ...",
                                .expected = "a reset of the neuron model"});
    });
    result.advance = part("advance", Moment::between, [](SynapseStatements&) {});
    result.show = part("show", Moment::shown, [](SynapseStatements&) {});
    result.source = side_part("source", shared_.source, synapse_.on_pre(), synapse_.text().on_pre);
    result.target =
        side_part("target", shared_.target, synapse_.on_post(), synapse_.text().on_post);
    result.shared = shared_;
    result.source_variable = summed_source();
    if (!result.source_variable.empty())
      result.sum = part("sum", Moment::sum, [&](SynapseStatements& s) { write_sums(s, result); });
    result.constants = std::move(constants_);
    result.variables = {"weight"};
    for (const Variable& v : synapse_.variables())
      if (v.kind != VariableKind::subexpression && v.name != "weight" && !v.linked &&
          !options_.uniform.contains(v.name) && !shared_.contains(v.name))
        result.variables.push_back(v.name);
    for (const Slot& slot : result.on_post.slots)
      if (slot.kind == SlotKind::parameter && slot.lane)
        result.reads.push_back(slot.name.substr(0, slot.name.size() - 5));
    return result;
  }

 private:
  /// What a program is for: it says which shared states stand as they are loaded.
  enum class Moment { source_spike, target_spike, between, sum, shown };

  [[noreturn]] void refuse(const FlatModel::State& s, std::string what, std::string expected) {
    throw UnsupportedError({.where = synapse_.text().equations.name,
                            .what = std::move(what),
                            .got = "d" + s.name + "/dt = " + to_string(*s.rhs),
                            .expected = std::move(expected),
                            .location = synapse_.text().equations.at(synapse_.at(s.name).span)});
  }

  template <class F>
  Program program(const char* name, F write) {
    SynapseStatements s(synapse_.name() + "." + name, synapse_, post_, target_, uniform());
    s.link(options_.links);
    write(s);
    merge(s.emitter().constants().finish());
    return simplify(s.emitter().step().finish());
  }

  template <class F>
  Program part(const char* name, Moment moment, F statements) {
    return program(name, [&](SynapseStatements& s) {
      if (moment != Moment::shown) {
        s.keep_elsewhere(shared_.source);
        s.keep_elsewhere(shared_.target);
      }
      bring_forward(s, moment);
      statements(s);
    });
  }

  // A spike of the side that has these states moves them, once for all its synapses.
  Program side_part(const char* name, const std::vector<std::string>& states,
                    const std::vector<Statement>& statements, const SourceText& source) {
    std::vector<Statement> own;
    for (const Statement& s : statements)
      if (std::find(states.begin(), states.end(), s.target) != states.end()) own.push_back(s);
    return program(name, [&](SynapseStatements& s) {
      if (states.empty()) return;
      Builder& b = s.emitter().step();
      const Value elapsed = b.load(b.slot({"elapsed", SlotKind::driven, true, {}}));
      std::map<std::string, Value> before;
      for (const std::string& x : states) before[x] = scalar(s, x, elapsed);
      for (const auto& [x, value] : before) {
        s.become(x, value);
        b.store(b.slot({"before " + x, SlotKind::state, true, flat_.find(x)->dimension}), value);
      }
      s.write(own, source);
    });
  }

  [[noreturn]] void refuse_sum(const Variable& v, std::string what, std::string expected) {
    throw UnsupportedError({.where = synapse_.text().equations.name,
                            .what = std::move(what),
                            .got = v.name + (v.rhs ? " = " + to_string(*v.rhs) : std::string()),
                            .expected = std::move(expected),
                            .nearest = {},
                            .location = synapse_.text().equations.at(v.span)});
  }

  // The variable of the source that all sums are proportional to: silent sources are passed over.
  std::string summed_source() {
    std::string source;
    for (const Variable& v : synapse_.variables()) {
      if (!v.summed) continue;
      if (v.kind != VariableKind::subexpression || !v.name.ends_with("_post"))
        refuse_sum(v, "a summed variable names what it adds to",
                   "NAME_post = expression : unit (summed)");
      std::set<std::string> read;
      const ExpressionPtr& e = flat_.subexpressions.at(v.name);
      symbolic::mentions(*e, [&](const std::string& n) {
        if (n.ends_with("_pre") && synapse_.find(n) == nullptr) read.insert(n);
        return false;
      });
      if (!source.empty()) read.insert(source);
      if (read.size() != 1)
        refuse_sum(v, "sums of a plastic synapse read one variable of the source",
                   "NAME_post = weight*x_pre : unit (summed)");
      source = *read.begin();
      const auto split = symbolic::affine(e, source);
      if (!split || !symbolic::is_number(*split->rest, 0))
        refuse_sum(v, "the sum is not proportional to '" + source + "'",
                   "NAME_post = weight*" + source + " : unit (summed)");
    }
    return source.empty() ? source : source.substr(0, source.size() - 4);
  }

  void write_sums(SynapseStatements& s, PlasticProgram& result) {
    for (const Variable& v : synapse_.variables()) {
      if (!v.summed) continue;
      const std::string to = post_.at(v.name.substr(0, v.name.size() - 5)).name;
      s.add(to, flat_.subexpressions.at(v.name));
      result.sums.push_back(to);
    }
  }

  // "dt" stands for time; the set is never empty, so that it counts as a constant.
  std::set<std::string> uniform() const {
    std::set<std::string> all = options_.uniform;
    all.insert("dt");
    return all;
  }

  // Derived slots have the same name and meaning in every part: one program computes them all.
  void merge(const Program& more) {
    Builder all(synapse_.name() + ".constants");
    const Program before = std::move(constants_);
    for (const Program* p : {&before, &more}) {
      std::vector<Value> moved;
      const auto slot = [&](std::uint32_t s) { return all.slot(p->slots[s]); };
      for (const Instruction& x : p->code) {
        std::vector<Value> in;
        for (Value v : x.operands) in.push_back(moved[v]);
        if (x.op == Op::constant)
          moved.push_back(all.constant(x.constant));
        else if (x.op == Op::load)
          moved.push_back(all.load(slot(x.variable)));
        else
          moved.push_back(all.emit(x.op, in, x.variable));
      }
      for (const Store& s : p->stores) all.store(slot(s.slot), moved[s.value]);
    }
    constants_ = all.finish();
  }

  // Whether an expression has one value for all synapses.
  bool is_uniform(const ExpressionPtr& e) const {
    return !symbolic::mentions(
        *e, [&](const std::string& n) { return n != "dt" && !options_.uniform.contains(n); });
  }

  void bring_forward(SynapseStatements& s, Moment moment) {
    Builder& b = s.emitter().step();
    const auto time = [&](const char* name) {
      return b.load(b.slot({name, SlotKind::driven, true, {}}));
    };
    std::map<std::string, Value> next;
    if (moment != Moment::between) {
      if (moment != Moment::source_spike)
        for (const std::string& x : shared_.source) next[x] = scalar(s, x, time("since source"));
      if (moment != Moment::target_spike)
        for (const std::string& x : shared_.target) next[x] = scalar(s, x, time("since target"));
    }
    for (const auto& state : flat_.states) {
      if (next.contains(state.name) || shared_.contains(state.name)) continue;
      if (moment == Moment::shown) continue;
      const Value elapsed = time("elapsed");
      const std::vector<std::string> group = group_of(state.name);
      if (group.size() == 1)
        next[state.name] = scalar(s, state.name, elapsed);
      else
        coupled(s, group, elapsed, next);
    }
    for (const auto& [name, value] : next) s.become(name, value);
  }

  // The states that a state depends on, directly or not, itself first.
  std::vector<std::string> group_of(const std::string& name) const {
    std::vector<std::string> group{name};
    for (std::size_t i = 0; i < group.size(); ++i)
      for (const auto& [other, coefficient] : rows_.at(group[i]).coefficients)
        if (std::find(group.begin(), group.end(), other) == group.end()) group.push_back(other);
    return group;
  }

  // dx/dt = a x + b over m steps: x exp(a dt m), or x + (a x + b) dt m exprel(a dt m).
  Value scalar(SynapseStatements& s, const std::string& name, Value m) {
    Builder& b = s.emitter().step();
    const Row& row = rows_.at(name);
    const auto own = row.coefficients.find(name);
    const Value x = s.now(name);
    const bool offset = !symbolic::is_number(*row.rest, 0);
    if (own == row.coefficients.end())
      return offset ? b.fma(s.value(symbolic::mul(row.rest, dt_expression())), m, x) : x;
    const Value z = b.mul(s.value(symbolic::mul(own->second, dt_expression())), m);
    if (!offset) return b.mul(x, b.emit(Op::exp, {z}));
    const Value slope = b.fma(s.value(own->second), x, s.value(row.rest));
    const Value time = b.mul(s.emitter().hoist(dt_expression()), m);
    return b.fma(slope, b.mul(time, b.emit(Op::exprel, {z})), x);
  }

  // x(m dt) = P^m x by the binary digits of m, P over one step by matrix exponential, an offset as
  // a further state that stays 1.
  void coupled(SynapseStatements& s, const std::vector<std::string>& group, Value m,
               std::map<std::string, Value>& next) {
    Builder& b = s.emitter().step();
    Builder& constants = s.emitter().constants();
    const std::size_t states = group.size();
    bool offset = false;
    for (const std::string& name : group) {
      const Row& row = rows_.at(name);
      offset = offset || !symbolic::is_number(*row.rest, 0);
      for (const auto& [other, coefficient] : row.coefficients)
        if (!is_uniform(coefficient))
          refuse(*flat_.find(name),
                 "coupled event-driven states need coefficients that are equal "
                 "for all synapses",
                 "parameters with one value");
      if (!is_uniform(row.rest))
        refuse(*flat_.find(name),
               "coupled event-driven states need coefficients that are equal "
               "for all synapses",
               "parameters with one value");
    }
    const std::size_t n = states + (offset ? 1 : 0);
    const Value zero = constants.constant(0), dt = s.emitter().emit_constant(dt_expression());
    std::vector<Value> matrix(n * n, zero);
    for (std::size_t i = 0; i < states; ++i) {
      const Row& row = rows_.at(group[i]);
      for (std::size_t j = 0; j < states; ++j)
        if (const auto found = row.coefficients.find(group[j]); found != row.coefficients.end())
          matrix[i * n + j] = constants.mul(s.emitter().emit_constant(found->second), dt);
      if (offset && !symbolic::is_number(*row.rest, 0))
        matrix[i * n + states] = constants.mul(s.emitter().emit_constant(row.rest), dt);
    }
    std::vector<Value> x;
    for (const std::string& name : group) x.push_back(s.now(name));
    Value left = m;
    for (int bit = 0; bit < most_elapsed_bits; ++bit) {
      const Value half = b.emit(Op::floor, {b.mul(left, b.constant(0.5))});
      const Value odd = b.emit(Op::less, {b.add(half, half), left});
      std::vector<Value> power = matrix;
      for (Value& element : power) {
        double number = 0;
        if (constants.constant_value(element, number) && number == 0) continue;
        element = constants.mul(element, constants.constant(static_cast<double>(1 << bit)));
      }
      const Value e = constants.emit(Op::expm, power, static_cast<std::uint32_t>(n));
      std::vector<Value> moved(states);
      for (std::size_t i = 0; i < states; ++i) {
        Value sum = b.constant(0);
        for (std::size_t j = n; j-- > 0;) {
          const std::string name = "P" + std::to_string(1 << bit) + "(" + group[i] + "," +
                                   (j < states ? group[j] : std::string("1")) + " of " + group[0] +
                                   ")";
          const Value element =
              constants.emit(Op::element, {e}, static_cast<std::uint32_t>(i * n + j));
          const Value p = s.emitter().derive(name, element, false, {});
          sum = j < states ? b.fma(p, x[j], sum) : p;
        }
        moved[i] = b.select(odd, sum, x[i]);
      }
      x = std::move(moved);
      left = half;
    }
    next[group[0]] = x[0];
  }

  const Model& synapse_;
  const Model& post_;
  std::string target_;
  const PlasticOptions& options_;
  FlatModel flat_;
  std::vector<std::string> names_;
  std::map<std::string, Row> rows_;
  SharedStates shared_;
  Program constants_;
};

}  // namespace

bool is_plastic(const Model& synapse) {
  const auto& variables = synapse.variables();
  const auto& on_pre = synapse.on_pre();
  return !synapse.on_post().empty() ||
         std::any_of(on_pre.begin(), on_pre.end(),
                     [](const Statement& s) { return s.target == "weight"; }) ||
         std::any_of(variables.begin(), variables.end(), [](const Variable& v) {
           return v.kind == VariableKind::state && v.event_driven;
         });
}

PlasticProgram compile_plastic(const Model& synapse, const Model& post, const std::string& target,
                               const PlasticOptions& options) {
  return PlasticWriter(synapse, post, target, options).write();
}

}  // namespace callosum::model
