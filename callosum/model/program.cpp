#include "callosum/model/program.h"

#include <array>
#include <charconv>
#include <cmath>
#include <limits>
#include <set>
#include <stdexcept>

namespace callosum::model {
namespace {

struct OpInfo {
  std::string_view name;
  int operands;  // -1: any number
  bool boolean;
  std::uint32_t boolean_operands;  // bit i: operand i is boolean
};

constexpr std::array<OpInfo, 47> ops{{
    {"constant", 0, false, 0},
    {"load", 0, false, 0},
    {"add", 2, false, 0},
    {"sub", 2, false, 0},
    {"mul", 2, false, 0},
    {"div", 2, false, 0},
    {"neg", 1, false, 0},
    {"abs", 1, false, 0},
    {"sqrt", 1, false, 0},
    {"fma", 3, false, 0},
    {"minimum", 2, false, 0},
    {"maximum", 2, false, 0},
    {"floor", 1, false, 0},
    {"round", 1, false, 0},
    {"exponent", 1, false, 0},
    {"mantissa", 1, false, 0},
    {"power_of_two", 1, false, 0},
    {"less", 2, true, 0},
    {"less_equal", 2, true, 0},
    {"equal", 2, true, 0},
    {"not_equal", 2, true, 0},
    {"and", 2, true, 3},
    {"or", 2, true, 3},
    {"not", 1, true, 1},
    {"select", 3, false, 1},
    {"exp", 1, false, 0},
    {"expm1", 1, false, 0},
    {"exprel", 1, false, 0},
    {"log", 1, false, 0},
    {"log1p", 1, false, 0},
    {"log10", 1, false, 0},
    {"sin", 1, false, 0},
    {"cos", 1, false, 0},
    {"tan", 1, false, 0},
    {"tanh", 1, false, 0},
    {"sinh", 1, false, 0},
    {"cosh", 1, false, 0},
    {"arcsin", 1, false, 0},
    {"arccos", 1, false, 0},
    {"arctan", 1, false, 0},
    {"power", 2, false, 0},
    {"floor_div", 2, false, 0},
    {"mod", 2, false, 0},
    {"sign", 1, false, 0},
    {"ceil", 1, false, 0},
    {"expm", -1, false, 0},
    {"element", 1, false, 0},
}};
static_assert(ops.size() == static_cast<std::size_t>(Op::element) + 1);

const OpInfo& info(Op op) { return ops[static_cast<std::size_t>(op)]; }

constexpr std::array<std::string_view, 10> slot_kinds{
    "state",  "parameter", "driven", "derived",   "input",
    "normal", "uniform",   "time",   "cotangent", "gradient"};

std::string number(double value) {
  std::array<char, 32> buffer;
  const auto end = std::to_chars(buffer.data(), buffer.data() + buffer.size(), value).ptr;
  return {buffer.data(), end};
}

[[noreturn]] void broken(const Program& program, std::size_t at, const std::string& what) {
  throw std::logic_error("program " + program.name + ", %" + std::to_string(at) + ": " + what);
}

}  // namespace

bool is_boolean(Op op) { return info(op).boolean; }
bool is_primitive(Op op) { return op <= Op::select; }
std::string_view name(Op op) { return info(op).name; }

const Slot* Program::find(std::string_view slot) const {
  const int i = index(slot);
  return i < 0 ? nullptr : &slots[static_cast<std::size_t>(i)];
}

int Program::index(std::string_view slot) const {
  for (std::size_t i = 0; i < slots.size(); ++i)
    if (slots[i].name == slot) return static_cast<int>(i);
  return -1;
}

std::string to_string(const Program& program) {
  std::string text = "program " + program.name;
  if (program.lowered) text += " lowered " + std::string(callosum::name(program.precision));
  text += "\n";
  for (const Slot& slot : program.slots) {
    text += "  " + std::string(slot_kinds[static_cast<std::size_t>(slot.kind)]);
    text += (slot.lane ? " lane " : " shared ") + slot.name + " : " +
            slot.dimension.internal_name() + "\n";
  }
  for (std::size_t i = 0; i < program.code.size(); ++i) {
    const Instruction& x = program.code[i];
    text += "  %" + std::to_string(i) + " = " + std::string(name(x.op));
    if (x.op == Op::constant) text += " " + number(x.constant);
    if (x.op == Op::load) text += " " + program.slots.at(x.variable).name;
    if (x.op == Op::expm || x.op == Op::element) text += " " + std::to_string(x.variable);
    for (Value v : x.operands) text += " %" + std::to_string(v);
    text += "\n";
  }
  for (const Store& s : program.stores)
    text += "  store " + program.slots.at(s.slot).name + " %" + std::to_string(s.value) + "\n";
  for (const Mask& m : program.masks)
    text += "  mask " + m.name + " %" + std::to_string(m.value) + "\n";
  return text;
}

namespace {

void verify_operands(const Program& program, std::size_t i) {
  const Instruction& x = program.code[i];
  const OpInfo& op = info(x.op);
  if (x.op == Op::expm && x.operands.size() != std::size_t{x.variable} * x.variable)
    broken(program, i, "expm needs n*n operands");
  if (op.operands >= 0 && x.operands.size() != static_cast<std::size_t>(op.operands))
    broken(program, i, "wrong number of operands");
  for (std::size_t k = 0; k < x.operands.size(); ++k) {
    if (x.operands[k] >= i) broken(program, i, "operand does not stand before it");
    const Instruction& operand = program.code[x.operands[k]];
    const bool wanted = k < 32 && (op.boolean_operands >> k & 1) != 0;
    if (is_boolean(operand.op) != wanted) broken(program, i, "operand of the wrong type");
    if ((operand.op == Op::expm) != (x.op == Op::element))
      broken(program, i, "expm goes with element");
  }
  if (x.op == Op::element) {
    const std::uint32_t n = program.code[x.operands[0]].variable;
    if (x.variable >= std::size_t{n} * n) broken(program, i, "no such element");
  }
}

// Whether the interpreter reads the constant as it is written.
bool fits(double value, Precision precision) {
  if (std::isnan(value)) return true;
  const bool narrow = precision == Precision::single;
  const double smallest =
      narrow ? std::numeric_limits<float>::min() : std::numeric_limits<double>::min();
  if (value != 0 && !(std::abs(value) >= smallest)) return false;
  return !narrow || static_cast<double>(static_cast<float>(value)) == value;
}

void verify_stage(const Program& program, std::size_t i) {
  const Instruction& x = program.code[i];
  const bool matrix = x.op == Op::expm || x.op == Op::element;
  if (program.lowered && !is_primitive(x.op) && !matrix)
    broken(program, i, std::string(name(x.op)) + " is no primitive");
  if (program.lowered && x.op == Op::constant && !fits(x.constant, program.precision))
    broken(program, i, "constant is not a normal number of the program's precision");
  if (!matrix) return;
  // Machine code knows no matrices: only what the interpreter runs between steps may hold them.
  if (!program.masks.empty()) broken(program, i, "a matrix in a program with masks");
  for (const Store& s : program.stores)
    if (const SlotKind kind = program.slots[s.slot].kind;
        kind != SlotKind::derived && kind != SlotKind::gradient)
      broken(program, i, "a matrix in a program that stores more than derived values");
}

}  // namespace

void verify(const Program& program) {
  for (std::size_t i = 0; i < program.code.size(); ++i)
    if (program.code[i].op > Op::element) broken(program, i, "no such operation");
  std::set<std::uint32_t> stored;
  for (const Store& s : program.stores) {
    if (s.slot >= program.slots.size()) broken(program, s.value, "store to no slot");
    if (s.value >= program.code.size()) broken(program, s.value, "store of no value");
    const Op op = program.code[s.value].op;
    if (is_boolean(op) || op == Op::expm) broken(program, s.value, "store of no real value");
    if (!stored.insert(s.slot).second) broken(program, s.value, "second store to its slot");
  }
  std::set<std::string_view> masks;
  for (const Mask& m : program.masks) {
    if (m.value >= program.code.size() || !is_boolean(program.code[m.value].op))
      broken(program, m.value, "mask of no boolean value");
    if (!masks.insert(m.name).second) broken(program, m.value, "second mask of its name");
  }
  for (std::size_t i = 0; i < program.code.size(); ++i) {
    const Instruction& x = program.code[i];
    if (x.op == Op::load && x.variable >= program.slots.size()) broken(program, i, "no such slot");
    verify_operands(program, i);
    verify_stage(program, i);
  }
}

}  // namespace callosum::model
