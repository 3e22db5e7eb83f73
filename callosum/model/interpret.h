#pragma once

#include <cstdint>

#include "callosum/model/program.h"

namespace callosum::model {

/// The calling convention of programs, shared by the interpreter and machine code.
/// T is float or double as the program's precision says.
struct Arguments {
  /// Per slot: array of lanes, 64-byte aligned and padded to a multiple of `lane_padding`;
  /// null where the slot is not per lane.
  void* const* columns;
  /// Per slot: the shared value at the program's precision (an array of T, slot-indexed).
  /// A program that stores a slot that is not per lane is only run by the interpreter.
  void* uniforms;
  /// Per mask: bit i % 64 of word i / 64 is lane i.
  std::uint64_t* const* masks;
};

/// Lanes are processed in multiples of this; begin and end of a range must be.
inline constexpr std::int64_t lane_padding = 64;

/// Runs a lowered program on lanes [begin, end): the oracle of all machine code. Input slots are
/// left zero. A store to a slot that is not per lane takes its value from lane `begin` and happens
/// after the last lane, so all lanes read the old value. Throws std::logic_error unless the program
/// is lowered and begin and end are multiples of lane_padding.
void interpret(const Program& program, const Arguments& arguments, std::int64_t begin,
               std::int64_t end);

}  // namespace callosum::model
