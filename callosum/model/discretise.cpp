#include "callosum/model/discretise.h"

#include <algorithm>
#include <functional>
#include <set>
#include <utility>
#include <vector>

#include "callosum/model/symbolic.h"

namespace callosum::model {
namespace {

ExpressionPtr dt_name() {
  auto e = std::make_shared<Expression>(*Expression::name("dt"));
  e->dimension = dimension::time;
  return e;
}

}  // namespace

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
  const Value dt = emitter_.emit_constant(dt_name());
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
  const Value dt = emitter_.hoist(dt_name());
  const Value slope = step.fma(a, x, b);
  text_[s.name] = s.name + " + dt*exprel(a*dt)*(a*" + s.name +
                  " + b), a = " + to_string(*split.slope) + ", b = " + to_string(*split.rest);
  const Value gain = step.mul(dt, step.emit(Op::exprel, {step.mul(a, dt)}));
  return step.fma(slope, gain, x);
}

namespace {

// rhs = drift + sum over k of diffusion_k * xi_k.
struct Noisy {
  ExpressionPtr drift;
  std::vector<std::pair<std::string, ExpressionPtr>> diffusion;
};

void noise_names(const Expression& e, std::set<std::string>& names) {
  if (e.kind == ExprKind::name && is_noise(e.text)) names.insert(e.text);
  for (const ExpressionPtr& c : e.children) noise_names(*c, names);
}

Noisy split_noise(const FlatModel::State& s) {
  Noisy noisy{s.rhs, {}};
  std::set<std::string> names;
  noise_names(*s.rhs, names);
  for (const std::string& name : names) {
    const auto part = symbolic::affine(noisy.drift, name);
    if (!part || symbolic::mentions(*part->slope, is_noise))
      throw UnsupportedError({.where = "d" + s.name + "/dt",
                              .what = "noise must enter linearly",
                              .got = to_string(*s.rhs),
                              .expected = "... + sigma*xi",
                              .nearest = {},
                              .location = std::nullopt});
    noisy.diffusion.emplace_back(name, part->slope);
    noisy.drift = part->rest;
  }
  return noisy;
}

}  // namespace

Instant Discretiser::explicit_steps() {
  Builder& step = emitter_.step();
  std::vector<const FlatModel::State*> states;
  for (const auto& s : flat_.states) {
    const Method m = methods_.at(s.name);
    if (m != Method::exact && m != Method::exponential_euler) states.push_back(&s);
  }
  Instant next;
  if (states.empty()) return next;
  const Value dt = emitter_.hoist(dt_name());
  std::map<std::string, Noisy> parts;
  for (const auto* s : states) parts[s->name] = split_noise(*s);

  // Values of all names at an intermediate stage: explicit states replaced, the rest as at the
  // start.
  const auto at_stage = [&](const Instant& stage, const char* time_shift) -> Emitter::Environment {
    return [this, &stage, time_shift, &step, dt](const std::string& name) {
      if (const auto found = stage.find(name); found != stage.end()) return found->second;
      if (name == "t" && *time_shift != '0') {
        const double part = *time_shift == 'h' ? 0.5 : 1.0;
        return step.fma(dt, step.constant(part), start_("t"));
      }
      return start_(name);
    };
  };
  const auto slopes = [&](const Instant& stage, const char* shift) {
    Instant k;
    const auto environment = at_stage(stage, shift);
    for (const auto* s : states) k[s->name] = emitter_.emit(parts[s->name].drift, environment);
    return k;
  };
  const auto moved = [&](const Instant& k, double part) {
    Instant stage;
    const Value h = part == 1 ? dt : step.mul(dt, step.constant(part));
    for (const auto* s : states)
      stage[s->name] = clamp_free(*s, step.fma(k.at(s->name), h, start_(s->name)));
    return stage;
  };
  const Instant none;
  const Method method = methods_.at(states.front()->name);
  const Instant k1 = slopes(none, "0");
  Instant increment = k1;  // the slope over the whole step
  if (method == Method::rk2) {
    const Instant half = moved(k1, 0.5);
    increment = slopes(half, "h");
  } else if (method == Method::rk4) {
    const Instant s2 = moved(k1, 0.5);
    const Instant k2 = slopes(s2, "h");
    const Instant s3 = moved(k2, 0.5);
    const Instant k3 = slopes(s3, "h");
    const Instant s4 = moved(k3, 1);
    const Instant k4 = slopes(s4, "1");
    for (const auto* s : states) {
      const Value middle = step.add(k2.at(s->name), k3.at(s->name));
      const Value ends = step.add(k1.at(s->name), k4.at(s->name));
      increment[s->name] =
          step.mul(step.fma(middle, step.constant(2), ends), step.constant(1.0 / 6));
    }
  }
  // Noise: dW = sqrt(dt) * normal, the same draw wherever one xi of a neuron stands.
  const auto dW = [&](const std::string& xi) {
    const Value root = emitter_.derive(
        "sqrt(dt)", emitter_.constants().emit(Op::sqrt, {emitter_.emit_constant(dt_name())}), false,
        dimension::time.pow(0.5));
    return step.mul(root, step.load(step.slot({xi, SlotKind::normal, true, {}})));
  };
  for (const auto* s : states) next[s->name] = step.fma(increment[s->name], dt, start_(s->name));
  if (method == Method::heun) {  // the drift of Heun's predictor-corrector, too
    Instant predictor = next;
    for (const auto* s : states)
      for (const auto& [xi, g] : parts[s->name].diffusion)
        predictor[s->name] = step.fma(emitter_.emit(g, start_), dW(xi), predictor[s->name]);
    const bool noisy = std::any_of(states.begin(), states.end(), [&](const auto* s) {
      return !parts[s->name].diffusion.empty();
    });
    const auto there = at_stage(predictor, "1");
    for (const auto* s : states) {
      Value drift = k1.at(s->name);
      if (!noisy)
        drift = step.mul(step.constant(0.5),
                         step.add(drift, emitter_.emit(parts[s->name].drift, there)));
      next[s->name] = step.fma(drift, dt, start_(s->name));
      for (const auto& [xi, g] : parts[s->name].diffusion) {
        const Value mean = step.mul(step.constant(0.5),
                                    step.add(emitter_.emit(g, start_), emitter_.emit(g, there)));
        next[s->name] = step.fma(mean, dW(xi), next[s->name]);
      }
    }
  } else {
    Instant euler = next;
    for (const auto* s : states)
      for (const auto& [xi, g] : parts[s->name].diffusion)
        next[s->name] = step.fma(emitter_.emit(g, start_), dW(xi), next[s->name]);
    if (method == Method::milstein)
      for (const auto* s : states)
        for (const auto& [xi, g] : parts[s->name].diffusion) {
          // Derivative-free Milstein, Stratonovich sense: (g(x + f dt + g sqrt(dt)) - g(x)) dW^2 /
          // (2 sqrt(dt)).
          const Value root = emitter_.derive(
              "sqrt(dt)", emitter_.constants().emit(Op::sqrt, {emitter_.emit_constant(dt_name())}),
              false, dimension::time.pow(0.5));
          Instant support = euler;
          support[s->name] = step.fma(emitter_.emit(g, start_), root, euler.at(s->name));
          const Value change =
              step.sub(emitter_.emit(g, at_stage(support, "0")), emitter_.emit(g, start_));
          const Value w = dW(xi);
          const Value scale = step.div(step.mul(w, w), step.mul(step.constant(2), root));
          next[s->name] = step.fma(change, scale, next[s->name]);
        }
  }
  for (const auto* s : states)
    text_[s->name] = s->name + " by " + std::string(name(method)) + ": " + to_string(*s->rhs);
  return next;
}

// Within a step a clamped state stays where it is at every stage.
Value Discretiser::clamp_free(const FlatModel::State& s, Value moved) {
  if (!s.unless_refractory || refractory_ == no_value) return moved;
  return emitter_.step().select(refractory_, start_(s.name), moved);
}

}  // namespace callosum::model
