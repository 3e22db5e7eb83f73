#pragma once

#include <gtest/gtest.h>

#include <cmath>
#include <map>
#include <string>
#include <vector>

#include "callosum/core/random.h"
#include "callosum/model/adjoint.h"
#include "callosum/model/interpret.h"
#include "callosum/model/lower.h"
#include "tests/jit/lanes.h"

namespace callosum::model {

constexpr std::int64_t gradient_lanes = 64;

/// `program` with every slot per lane, so that a change of one slot is seen lane by lane.
inline Program all_lanes(Program program) {
  for (Slot& s : program.slots) s.lane = true;
  return program;
}

/// `program` with a slot "probe" for everything that jumps: comparisons, and what rounds.
inline Program with_probes(const Program& program) {
  Program p = program;
  p.masks.clear();
  const auto push = [&](Op op, std::vector<Value> operands, double constant = 0) {
    p.code.push_back({op, 0, constant, std::move(operands)});
    return static_cast<Value>(p.code.size() - 1);
  };
  const Value zero = push(Op::constant, {}), one = push(Op::constant, {}, 1);
  const auto probe = [&](Value v) {
    const Value real = is_boolean(p.code[v].op) ? push(Op::select, {v, one, zero}) : v;
    p.slots.push_back({"probe", SlotKind::derived, true, {}});
    p.stores.push_back({static_cast<std::uint32_t>(p.slots.size() - 1), real});
  };
  for (std::size_t i = 0; i < program.code.size(); ++i) {
    const Instruction& x = program.code[i];
    const Value v = static_cast<Value>(i);
    switch (x.op) {
      case Op::floor:
      case Op::round:
      case Op::ceil:
      case Op::sign:
      case Op::floor_div:
      case Op::less:
      case Op::less_equal:
      case Op::equal:
      case Op::not_equal:
        probe(v);
        break;
      case Op::mod:
        probe(push(Op::floor_div, {x.operands[0], x.operands[1]}));
        break;
      case Op::abs:
        probe(push(Op::less, {x.operands[0], zero}));
        break;
      case Op::minimum:
      case Op::maximum:
        probe(push(Op::less, {x.operands[0], x.operands[1]}));
        break;
      default:
        break;
    }
  }
  return p;
}

using Columns = std::map<std::string, std::vector<double>>;

/// Runs `program` in double on 64 lanes; slots not named start at zero. Names with several slots
/// ("probe") come back as "probe", "probe 1" ...
inline Columns run(const Program& program, const Columns& start) {
  const Program lowered = lower_functions(program, Precision::twofold);
  test::Lanes<double> lanes(lowered, gradient_lanes);
  for (const auto& [name, values] : start)
    if (lowered.index(name) >= 0)
      std::copy(values.begin(), values.end(), lanes.column(name).begin());
  lanes.with([&](const Arguments& a) { interpret(lowered, a, 0, gradient_lanes); });
  Columns result;
  for (std::size_t s = 0; s < lowered.slots.size(); ++s) {
    std::string name = lowered.slots[s].name;
    if (result.contains(name)) name += " " + std::to_string(s);
    const auto column = lanes.column(s);
    result[name].assign(column.begin(), column.end());
  }
  return result;
}

struct GradientCheck {
  int compared = 0;  ///< derivatives compared
  int jumped = 0;    ///< left out because a choice changed within the difference
};

/// Compares adjoint(program) with sixth-order central differences of the loss
/// sum over stored x of bar(x) * x, for every slot read, at `start`, in every lane.
inline GradientCheck expect_gradient(const Program& shared, const Columns& start,
                                     double relative = 1e-6, double step = 1e-3) {
  const Program program = all_lanes(shared);
  const Program probed = with_probes(program), backward = adjoint(program);
  Columns at = start;
  Stream draw(StreamKey(1, name_hash(program.name), Purpose::user), program.code.size());
  for (const Store& s : program.stores) {
    auto& bar = at["bar(" + program.slots[s.slot].name + ")"];
    for (int i = 0; i < gradient_lanes; ++i) bar.push_back(draw.normal());
  }
  const Columns gradient = run(backward, at);
  const Columns centre = run(probed, at);
  GradientCheck check;
  for (const Slot& slot : backward.slots) {
    if (slot.kind != SlotKind::gradient) continue;
    const std::string name = slot.name.substr(5, slot.name.size() - 6);  // grad(x)
    const auto& values = at[name].empty() ? at[name] = std::vector<double>(64) : at[name];
    std::vector<double> difference(gradient_lanes), size(gradient_lanes), width(gradient_lanes);
    std::vector<bool> held(gradient_lanes, true);
    static constexpr double weights[] = {3.0 / 4, -3.0 / 20, 1.0 / 60};
    for (int k = 1; k <= 3; ++k)
      for (int side : {-1, 1}) {
        Columns moved = at;
        for (int i = 0; i < gradient_lanes; ++i) {
          width[i] = step * std::max(std::abs(values[i]), 0.1);
          moved[name][i] = values[i] + side * k * width[i];
        }
        const Columns there = run(probed, moved);
        for (int i = 0; i < gradient_lanes; ++i) {
          for (const auto& [key, column] : there)
            if (key.starts_with("probe") && column[i] != centre.at(key)[i]) held[i] = false;
          for (const Store& s : program.stores) {
            const std::string& out = program.slots[s.slot].name;
            const double term = at.at("bar(" + out + ")")[i] * there.at(out)[i];
            difference[i] += side * weights[k - 1] * term / width[i];
            size[i] = std::max(size[i], std::abs(term) / width[i]);
          }
        }
      }
    for (int i = 0; i < gradient_lanes; ++i) {
      if (!held[i]) {
        ++check.jumped;
        continue;
      }
      ++check.compared;
      const double got = gradient.at(slot.name)[i];
      // What the difference itself loses to rounding of its terms.
      const double noise = 4e-15 * size[i];
      if (!(std::abs(got - difference[i]) <= relative * std::abs(difference[i]) + noise))
        ADD_FAILURE() << program.name << ", lane " << i << ": " << slot.name << " is " << got
                      << ", by differences " << difference[i];
    }
  }
  return check;
}

/// Uniform numbers in [-1, 1] for each lane.
inline std::vector<double> random_column(std::uint64_t seed, std::string_view name, double low = -1,
                                         double high = 1) {
  Stream draw(StreamKey(seed, name_hash(name), Purpose::initial), 0);
  std::vector<double> values;
  for (int i = 0; i < gradient_lanes; ++i) values.push_back(low + (high - low) * draw.uniform());
  return values;
}

}  // namespace callosum::model
