#pragma once

#include <map>
#include <string>
#include <tuple>
#include <vector>

#include "callosum/model/program.h"

namespace callosum::model {

/// Writes programs. Equal instructions become one (hash-consing), constants fold when the result is
/// exact in the same arithmetic, x+0, x*1, x*0 (of a finite constant system), x/1 and the like
/// vanish. Boolean constants are `equal(0, 0)` folded: use `boolean`.
class Builder {
 public:
  explicit Builder(std::string name);

  std::uint32_t slot(Slot slot);  ///< adds, or finds the one of the same name and kind
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

 private:
  Program program_;
  std::map<std::tuple<Op, std::uint32_t, std::uint64_t, std::vector<Value>>, Value> known_;
};

}  // namespace callosum::model
