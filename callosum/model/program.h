#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "callosum/core/precision.h"
#include "callosum/core/units.h"

namespace callosum::model {

/// Operations of a program. The first group is primitive: the interpreter and the code generator
/// know exactly these. The second is replaced by primitives in `lower_functions`. The third may
/// stand only in the program of constants, which only the interpreter runs.
enum class Op : std::uint8_t {
  // Primitive. Real unless noted; IEEE at the program's precision, subnormals flushed.
  constant,  ///< Instruction::constant
  load,      ///< variable Instruction::variable at the start of the step
  add,
  sub,
  mul,
  div,
  neg,
  abs,
  sqrt,
  fma,      ///< a*b+c rounded once; exists only where a pass put it
  minimum,  ///< a < b ? a : b
  maximum,  ///< a > b ? a : b
  floor,
  round,         ///< round: to nearest, ties to even
  exponent,      ///< floor(log2 |a|) of a normal number, as a real
  mantissa,      ///< a / 2**exponent(a), in [1, 2) for a normal positive number
  power_of_two,  ///< 2**a for whole a in the normal range of the precision
  less,
  less_equal,
  equal,
  not_equal,  ///< reals -> boolean
  logical_and,
  logical_or,
  logical_not,
  select,  ///< boolean a ? b : c (reals)
  // Functions.
  exp,
  expm1,
  exprel,
  log,
  log1p,
  log10,
  sin,
  cos,
  tan,
  tanh,
  sinh,
  cosh,
  arcsin,
  arccos,
  arctan,
  power,
  floor_div,
  mod,
  sign,
  ceil,
  // Constants only.
  expm,     ///< matrix exponential of the n*n operands (row major), n = Instruction::variable
  element,  ///< element Instruction::variable (row major) of expm operand a
};

/// Index of an instruction's value within Program::code.
using Value = std::uint32_t;

/// One SSA instruction; operands are values that stand before it.
struct Instruction {
  Op op;
  std::uint32_t variable = 0;  ///< load, expm, element
  double constant = 0;
  std::vector<Value> operands;
};

/// What a program reads and writes by name.
enum class SlotKind : std::uint8_t {
  state,      ///< read and written each step
  parameter,  ///< held between steps by the engine
  driven,     ///< a parameter that the engine may change every step
  derived,    ///< computed by the program of constants from parameters
  input,      ///< this step's arrivals: read; the kernel leaves zero behind
  normal,     ///< a standard normal draw of this lane and step
  uniform,    ///< a uniform draw in (0, 1) of this lane and step
  time,       ///< t at the start of the step in ms, the same for all lanes
  cotangent,  ///< adjoint programs: derivative of the loss with respect to an output
  gradient,   ///< adjoint programs: derivative of the loss with respect to a slot read forward
};

struct Slot {
  std::string name;
  SlotKind kind = SlotKind::state;
  bool lane = true;  ///< one value per neuron, or one for all
  Dimension dimension;
};

struct Store {
  std::uint32_t slot;
  Value value;
};

/// An event's mask: one bit per lane.
struct Mask {
  std::string name;
  Value value;  ///< boolean
};

/// A straight-line, lane-wise, pure step: all loads see the start of the step, all stores happen
/// at its end. Hash-consing and constant folding happen in `Builder`.
struct Program {
  std::string name;
  std::vector<Slot> slots;
  std::vector<Instruction> code;
  std::vector<Store> stores;
  std::vector<Mask> masks;
  /// Set by lower_functions: constants are rounded to it and only primitives remain.
  bool lowered = false;
  Precision precision = Precision::twofold;

  const Slot* find(std::string_view slot) const;
  int index(std::string_view slot) const;  ///< -1 when absent
};

bool is_boolean(Op op);
bool is_primitive(Op op);
std::string_view name(Op op);

/// The text of a program: one line a slot, instruction, store, mask. Constants print so that they
/// read back to the same bits; equal programs print equal. This text keys the code cache.
std::string to_string(const Program& program);

/// Throws std::logic_error naming the instruction if an invariant of Program is broken: operand
/// order, operand types, slot indices, operations legal at this stage.
void verify(const Program& program);

}  // namespace callosum::model
