#pragma once

#include <ATen/core/Tensor.h>

#include <functional>
#include <map>
#include <string>

#include "callosum/model/adjoint.h"
#include "callosum/model/program.h"

namespace callosum::learn {

/// By slot or mask name. Shapes broadcast: [] where all lanes and samples share a value, [unit],
/// [batch, unit].
using SlotTensors = std::map<std::string, at::Tensor>;

/// What a program stores and which events it raises (numbers 0 and 1).
struct ProgramTensors {
  SlotTensors stores, masks;
};

/// Runs a program (not lowered) in libtorch's own operations, so that autograd can differentiate
/// it: slow, general, and the oracle of the fused path. Where a spike is, the derivative is that of
/// `model::adjoint` with the same options.
ProgramTensors run_program(const model::Program& program,
                           const std::function<at::Tensor(const model::Slot&)>& load,
                           const model::AdjointOptions& surrogate, at::ScalarType type);

/// The Heaviside step of x (1 where x > 0, or, with `closed`, x >= 0) whose derivative is the
/// surrogate's at x / width, over width.
at::Tensor spike_step(const at::Tensor& x, bool closed, const model::AdjointOptions& surrogate);

}  // namespace callosum::learn
