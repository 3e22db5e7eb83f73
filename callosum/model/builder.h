#pragma once

#include <map>
#include <optional>
#include <string>
#include <tuple>
#include <vector>

#include "callosum/model/program.h"

namespace callosum::model {

/// Writes programs. Equal instructions become one (hash-consing). Primitives of constants fold in
/// the arithmetic of `fold_at`, subnormals flushed, so a folded lowered program gives the bits of
/// an unfolded one; functions do not fold. x+0, x-0, 0-x, x*1, x*-1, x/1, --x, fma with a factor of
/// 1 or a sum of 0, selects and logic of known conditions vanish; a zero so reached may have the
/// other sign. x*0 stays: it hides no NaN. Booleans known in advance are those of `boolean`.
class Builder {
 public:
  explicit Builder(std::string name);

  std::uint32_t slot(Slot slot);      ///< adds, or finds the one of the same name and kind
  std::uint32_t add_slot(Slot slot);  ///< adds in any case: for passes that keep slot numbers
  /// Constants fold in this precision (double unless said): a lowered program's own.
  void fold_at(Precision precision) { precision_ = precision; }
  Value load(std::uint32_t slot);
  Value constant(double value);
  Value boolean(bool value);
  Value emit(Op op, std::vector<Value> operands, std::uint32_t variable = 0);

  Value add(Value a, Value b) { return emit(Op::add, {a, b}); }
  Value sub(Value a, Value b) { return emit(Op::sub, {a, b}); }
  Value mul(Value a, Value b) { return emit(Op::mul, {a, b}); }
  Value div(Value a, Value b) { return emit(Op::div, {a, b}); }
  Value neg(Value a) { return emit(Op::neg, {a}); }
  Value fma(Value a, Value b, Value c) { return emit(Op::fma, {a, b, c}); }
  Value select(Value c, Value a, Value b) { return emit(Op::select, {c, a, b}); }

  void store(std::uint32_t slot, Value value);  ///< a later store to the same slot replaces
  void mask(std::string name, Value value);

  const Program& program() const { return program_; }
  /// The program without what nothing uses.
  Program finish();

  /// Whether `v` is a constant, and which.
  bool constant_value(Value v, double& value) const;

 private:
  std::optional<bool> boolean_value(Value v) const;
  std::optional<Value> shortcut(Op op, const std::vector<Value>& operands);

  Program program_;
  Precision precision_ = Precision::twofold;
  std::map<std::tuple<Op, std::uint32_t, std::uint64_t, std::vector<Value>>, Value> known_;
};

}  // namespace callosum::model
