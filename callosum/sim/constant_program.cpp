#include "callosum/sim/constant_program.h"

#include <algorithm>

#include "callosum/model/interpret.h"
#include "callosum/model/lower.h"
#include "callosum/sim/partition.h"

namespace callosum::sim {

ConstantProgram::ConstantProgram(const model::Program& program, std::uint32_t lanes)
    : lowered_(model::lower_functions(program, Precision::twofold)),
      padded_(padded_lanes(lanes)),
      memory_(lowered_.slots.size()),
      columns_(lowered_.slots.size(), nullptr),
      uniforms_(lowered_.slots.size(), 0.0) {
  for (std::size_t s = 0; s < lowered_.slots.size(); ++s) {
    if (!lowered_.slots[s].lane) continue;
    lanes_ = true;
    memory_[s] = Aligned<double>(static_cast<std::size_t>(padded_));
    columns_[s] = memory_[s].data();
  }
}

void ConstantProgram::set(const std::string& slot, const std::vector<double>& values) {
  const int found = lowered_.index(slot);
  if (found < 0) return;
  const auto s = static_cast<std::size_t>(found);
  if (!lowered_.slots[s].lane) {
    uniforms_[s] = values[0];
    return;
  }
  for (std::int64_t i = 0; i < padded_; ++i)
    memory_[s][static_cast<std::size_t>(i)] =
        values[std::min<std::size_t>(static_cast<std::size_t>(i), values.size() - 1)];
}

void ConstantProgram::run() {
  model::interpret(lowered_, {columns_.data(), uniforms_.data(), nullptr}, 0,
                   lanes_ ? padded_ : model::lane_padding);
}

std::span<const double> ConstantProgram::values(const std::string& slot) const {
  const auto s = static_cast<std::size_t>(lowered_.index(slot));
  if (!lowered_.slots[s].lane) return {&uniforms_[s], 1};
  return {memory_[s].data(), memory_[s].size()};
}

}  // namespace callosum::sim
