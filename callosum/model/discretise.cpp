#include "callosum/model/discretise.h"

#include <algorithm>
#include <functional>
#include <set>
#include <utility>
#include <vector>

#include "callosum/model/symbolic.h"

namespace callosum::model {
ExpressionPtr dt_expression() {
  auto e = std::make_shared<Expression>(*Expression::name("dt"));
  e->dimension = dimension::time;
  return e;
}

Discretiser::Discretiser(Emitter& emitter, const FlatModel& flat, const StepOptions& options,
                         const std::map<std::string, Method>& methods, Emitter::Environment start,
                         Value refractory)
    : emitter_(emitter),
      flat_(flat),
      options_(options),
      methods_(methods),
      start_(std::move(start)),
      refractory_(refractory) {
  std::vector<std::string> names;
  for (const auto& s : flat.states)
    if (methods.at(s.name) == Method::exact) names.push_back(s.name);
  const std::size_t states = names.size();
  for (const std::string& d : options.driven) names.push_back(d);
  for (std::size_t i = 0; i < states; ++i)
    rows_[names[i]] = *affine_row(flat.find(names[i])->rhs, names);
}

Instant Discretiser::integrate() {
  Instant next = explicit_steps();
  for (const auto& s : flat_.states) {
    const Method method = methods_.at(s.name);
    if (method == Method::exact) next[s.name] = exact(s);
    if (method == Method::exponential_euler) next[s.name] = exponential_euler(s);
    if (s.unless_refractory && refractory_ != no_value)
      next[s.name] = emitter_.step().select(refractory_, start_(s.name), next[s.name]);
  }
  return next;
}

bool Discretiser::reaches_clamped(const std::string& name) const {
  std::set<std::string> seen{name};
  std::vector<std::string> open{name};
  while (!open.empty()) {
    const std::string at = open.back();
    open.pop_back();
    for (const auto& [other, coefficient] : rows_.at(at).coefficients) {
      if (!rows_.contains(other) || !seen.insert(other).second) continue;
      if (flat_.find(other)->unless_refractory) return true;
      open.push_back(other);
    }
  }
  return false;
}

Value Discretiser::exact(const FlatModel::State& s) {
  const Value free = propagated(s, false);
  // While refractory the clamped states are inputs: a second propagator, for those that feel them.
  if (refractory_ == no_value || s.unless_refractory || !reaches_clamped(s.name)) return free;
  return emitter_.step().select(refractory_, propagated(s, true), free);
}

// x(t+dt) = sum_j P_ij x_j + sum_k P_ik u_k + P_i1 over the states that i feels, u the held inputs:
// a scalar through exp and exprel, a coupled set through exp([A B; 0 0] dt) (Van Loan 1978).
Value Discretiser::propagated(const FlatModel::State& s, bool refractory) {
  std::vector<std::string> states{s.name};
  std::set<std::string> inputs;
  bool offset = false;
  for (std::size_t i = 0; i < states.size(); ++i) {
    const bool clamped = refractory && flat_.find(states[i])->unless_refractory;
    if (clamped) continue;
    const Row& row = rows_.at(states[i]);
    if (!symbolic::is_number(*row.rest, 0)) offset = true;
    for (const auto& [other, coefficient] : row.coefficients) {
      if (!rows_.contains(other))
        inputs.insert(other);
      else if (std::find(states.begin(), states.end(), other) == states.end())
        states.push_back(other);
    }
  }
  Builder& step = emitter_.step();
  Builder& constants = emitter_.constants();
  const Value dt = emitter_.emit_constant(dt_expression());
  const std::string tag = refractory ? "P_ref(" : "P(";
  const auto unit = [&](const std::string& other) {
    if (other == "1") return s.dimension;
    const FlatModel::State* state = flat_.find(other);
    return state ? s.dimension / state->dimension : Dimension();
  };
  bool lane = false;
  for (const std::string& state : states) {
    const Row& row = rows_.at(state);
    lane = lane || emitter_.is_lane(*row.rest);
    for (const auto& [other, coefficient] : row.coefficients)
      lane = lane || emitter_.is_lane(*coefficient);
  }

  std::vector<std::pair<std::string, Value>>
      terms;  // name, propagator element in the program of constants
  if (states.size() == 1) {
    const Row& row = rows_.at(s.name);
    const auto own = row.coefficients.find(s.name);
    Value gain = dt;
    if (own != row.coefficients.end()) {
      const Value z = constants.mul(emitter_.emit_constant(own->second), dt);
      terms.emplace_back(s.name, constants.emit(Op::exp, {z}));
      gain = constants.mul(dt, constants.emit(Op::exprel, {z}));
    } else {
      terms.emplace_back(s.name, constants.constant(1));
    }
    for (const std::string& input : inputs)
      terms.emplace_back(input,
                         constants.mul(emitter_.emit_constant(row.coefficients.at(input)), gain));
    if (offset) terms.emplace_back("1", constants.mul(emitter_.emit_constant(row.rest), gain));
  } else {
    std::vector<std::string> columns = states;
    columns.insert(columns.end(), inputs.begin(), inputs.end());
    if (offset) columns.emplace_back("1");
    const std::size_t n = columns.size();
    const Value zero = constants.constant(0);
    std::vector<Value> matrix(n * n, zero);
    for (std::size_t i = 0; i < states.size(); ++i) {
      if (refractory && flat_.find(states[i])->unless_refractory) continue;
      const Row& row = rows_.at(states[i]);
      for (std::size_t j = 0; j < n; ++j) {
        const auto found = row.coefficients.find(columns[j]);
        if (found != row.coefficients.end())
          matrix[i * n + j] = constants.mul(emitter_.emit_constant(found->second), dt);
        else if (columns[j] == "1" && !symbolic::is_number(*row.rest, 0))
          matrix[i * n + j] = constants.mul(emitter_.emit_constant(row.rest), dt);
      }
    }
    const Value e = constants.emit(Op::expm, matrix, static_cast<std::uint32_t>(n));
    for (std::size_t j = 0; j < n; ++j)
      terms.emplace_back(columns[j],
                         constants.emit(Op::element, {e}, static_cast<std::uint32_t>(j)));
  }

  Value sum = no_value;
  std::string text;
  std::reverse(terms.begin(), terms.end());  // the offset first, the state itself last
  for (const auto& [other, element] : terms) {
    const Value p = emitter_.derive(tag + s.name + "," + other + ")", element, lane, unit(other));
    if (other == "1") {
      sum = p;
      text = tag + s.name + ",1)";
      continue;
    }
    const Value x = start_(other);
    sum = sum == no_value ? step.mul(p, x) : step.fma(p, x, sum);
    text += (text.empty() ? "" : " + ") + tag + s.name + "," + other + ")*" + other;
  }
  if (!refractory) text_[s.name] = text;
  return sum;
}

// dx/dt = a x + b with a and b held: x + (a x + b) dt exprel(a dt).
Value Discretiser::exponential_euler(const FlatModel::State& s) {
  Builder& step = emitter_.step();
  const auto split = *symbolic::affine(s.rhs, s.name);
  const Value x = start_(s.name);
  const Value a = emitter_.emit(split.slope, start_), b = emitter_.emit(split.rest, start_);
  const Value dt = emitter_.hoist(dt_expression());
  const Value slope = step.fma(a, x, b);
  text_[s.name] = s.name + " + dt*exprel(a*dt)*(a*" + s.name +
                  " + b), a = " + to_string(*split.slope) + ", b = " + to_string(*split.rest);
  const Value gain = step.mul(dt, step.emit(Op::exprel, {step.mul(a, dt)}));
  return step.fma(slope, gain, x);
}

}  // namespace callosum::model
