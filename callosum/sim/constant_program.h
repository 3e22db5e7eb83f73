#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "callosum/model/program.h"
#include "callosum/sim/aligned.h"

namespace callosum::sim {

/// A program run by the interpreter in double, off the hot path: the constants of a population from
/// its parameters, and their adjoint.
class ConstantProgram {
 public:
  /// `program` is not lowered; `lanes` are neurons.
  ConstantProgram(const model::Program& program, std::uint32_t lanes);

  /// One value for all lanes, or one each. Names the program does not read are passed over.
  void set(const std::string& slot, const std::vector<double>& values);
  void run();
  /// The slot's values, one or one a (padded) lane; what was last set or computed.
  std::span<const double> values(const std::string& slot) const;
  bool reads_lanes() const { return lanes_; }  ///< some slot differs between neurons
  const model::Program& program() const { return lowered_; }

 private:
  model::Program lowered_;
  std::int64_t padded_;
  bool lanes_ = false;
  std::vector<Aligned<double>> memory_;
  std::vector<void*> columns_;
  std::vector<double> uniforms_;
};

}  // namespace callosum::sim
