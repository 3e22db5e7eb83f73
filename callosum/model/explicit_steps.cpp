#include <algorithm>
#include <optional>
#include <set>
#include <utility>
#include <vector>

#include "callosum/model/discretise.h"
#include "callosum/model/symbolic.h"

namespace callosum::model {
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
  const std::vector<const FlatModel::State*> states = explicit_states();
  Instant at;
  if (states.empty()) return at;
  const int parts = count_parts(states);
  for (int part = 0; part < parts; ++part) {
    at = explicit_part(states, at, part, parts);
    if (part + 1 < parts)
      for (const auto* s : states) at[s->name] = clamp_free(*s, at[s->name]);
  }
  return at;
}

std::vector<const FlatModel::State*> Discretiser::explicit_states() const {
  std::vector<const FlatModel::State*> states;
  for (const auto& s : flat_.states) {
    const Method m = methods_.at(s.name);
    if (m != Method::exact && m != Method::exponential_euler) states.push_back(&s);
  }
  return states;
}

// States that are integrated together take one number of parts; noise is drawn once a step.
int Discretiser::count_parts(const std::vector<const FlatModel::State*>& states) const {
  int parts = 1;
  for (const auto* s : states)
    if (const auto found = options_.substeps.find(s->name); found != options_.substeps.end())
      parts = std::max(parts, found->second);
  if (parts == 1) return 1;
  for (const auto* s : states) {
    const auto found = options_.substeps.find(s->name);
    const int own = found == options_.substeps.end() ? 1 : found->second;
    if (own != parts)
      throw UnsupportedError({.where = "substeps of '" + s->name + "'",
                              .what = "states that are integrated together need equal substeps",
                              .got = std::to_string(own),
                              .expected = std::to_string(parts),
                              .nearest = {},
                              .location = std::nullopt});
    if (symbolic::mentions(*s->rhs, is_noise))
      throw UnsupportedError({.where = "substeps of '" + s->name + "'",
                              .what = "an equation with noise takes no substeps",
                              .got = std::to_string(parts),
                              .expected = "1, or a smaller dt",
                              .nearest = {},
                              .location = std::nullopt});
  }
  return parts;
}

// One of `parts` equal parts of the step, from the states `base` (empty: the start of the step).
Instant Discretiser::explicit_part(const std::vector<const FlatModel::State*>& states,
                                   const Instant& base, int part, int parts) {
  Builder& step = emitter_.step();
  Instant next;
  Value dt = emitter_.hoist(dt_expression());
  const Value whole = dt;
  if (parts > 1)
    dt = emitter_.derive("dt/" + std::to_string(parts),
                         emitter_.constants().div(emitter_.emit_constant(dt_expression()),
                                                  emitter_.constants().constant(parts)),
                         false, dimension::time);
  const Emitter::Environment from = [&, this](const std::string& name) {
    if (const auto found = base.find(name); found != base.end()) return found->second;
    if (name == "t" && part > 0)
      return step.fma(whole, step.constant(static_cast<double>(part) / parts), start_("t"));
    return start_(name);
  };
  std::map<std::string, Noisy> split;
  for (const auto* s : states) split[s->name] = split_noise(*s);

  // Values of all names at an intermediate stage: explicit states replaced, the rest as at the
  // start.
  const auto at_stage = [&](const Instant& stage, const char* time_shift) -> Emitter::Environment {
    return [&from, &stage, time_shift, &step, dt](const std::string& name) {
      if (const auto found = stage.find(name); found != stage.end()) return found->second;
      if (name == "t" && *time_shift != '0') {
        const double shift = *time_shift == 'h' ? 0.5 : 1.0;
        return step.fma(dt, step.constant(shift), from("t"));
      }
      return from(name);
    };
  };
  const auto slopes = [&](const Instant& stage, const char* shift) {
    Instant k;
    const auto environment = at_stage(stage, shift);
    for (const auto* s : states) k[s->name] = emitter_.emit(split[s->name].drift, environment);
    return k;
  };
  const auto moved = [&](const Instant& k, double share) {
    Instant stage;
    const Value h = share == 1 ? dt : step.mul(dt, step.constant(share));
    for (const auto* s : states)
      stage[s->name] = clamp_free(*s, step.fma(k.at(s->name), h, from(s->name)));
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
        "sqrt(dt)", emitter_.constants().emit(Op::sqrt, {emitter_.emit_constant(dt_expression())}),
        false, dimension::time.pow(0.5));
    return step.mul(root, step.load(step.slot({xi, SlotKind::normal, true, {}})));
  };
  for (const auto* s : states) next[s->name] = step.fma(increment[s->name], dt, from(s->name));
  if (method == Method::heun) {  // the drift of Heun's predictor-corrector, too
    Instant predictor = next;
    for (const auto* s : states)
      for (const auto& [xi, g] : split[s->name].diffusion)
        predictor[s->name] = step.fma(emitter_.emit(g, from), dW(xi), predictor[s->name]);
    const bool noisy = std::any_of(states.begin(), states.end(), [&](const auto* s) {
      return !split[s->name].diffusion.empty();
    });
    const auto there = at_stage(predictor, "1");
    for (const auto* s : states) {
      Value drift = k1.at(s->name);
      if (!noisy)
        drift = step.mul(step.constant(0.5),
                         step.add(drift, emitter_.emit(split[s->name].drift, there)));
      next[s->name] = step.fma(drift, dt, from(s->name));
      for (const auto& [xi, g] : split[s->name].diffusion) {
        const Value mean =
            step.mul(step.constant(0.5), step.add(emitter_.emit(g, from), emitter_.emit(g, there)));
        next[s->name] = step.fma(mean, dW(xi), next[s->name]);
      }
    }
  } else {
    for (const auto* s : states)
      for (const auto& [xi, g] : split[s->name].diffusion)
        next[s->name] = step.fma(emitter_.emit(g, from), dW(xi), next[s->name]);
    if (method == Method::milstein)
      for (const auto* s : states)
        for (const auto& [xi, g] : split[s->name].diffusion) {
          // Milstein in Stratonovich's sense (Kloeden and Platen 1992, ch. 11), g g' by a central
          // difference: a one-sided one leaves a term of order dt^1.5 whose mean is not zero.
          const Value root = emitter_.derive(
              "sqrt(dt)",
              emitter_.constants().emit(Op::sqrt, {emitter_.emit_constant(dt_expression())}), false,
              dimension::time.pow(0.5));
          const Value here = emitter_.emit(g, from), x = from(s->name);
          const Instant above{{s->name, step.fma(here, root, x)}};
          const Instant below{{s->name, step.fma(step.neg(here), root, x)}};
          const Value change = step.sub(emitter_.emit(g, at_stage(above, "0")),
                                        emitter_.emit(g, at_stage(below, "0")));
          const Value w = dW(xi);
          const Value scale = step.div(step.mul(w, w), step.mul(step.constant(4), root));
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
