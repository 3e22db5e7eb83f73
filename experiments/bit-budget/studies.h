#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "callosum/experiment/outcome.h"
#include "callosum/experiment/trial.h"

namespace callosum::experiment {

/// Time steps, bits of a spike, bits of a weight. 0 bits: not quantised.
struct Bits {
  std::int64_t steps = 1;
  int spike = 1, weight = 8;

  /// "t2-s4-w2"; "full" for the parts that are not quantised.
  std::string name() const;
  std::int64_t budget() const { return steps * spike * weight; }
};

/// All of T in {1, 2, 4, 8}, b_s in {1, 2, 4}, b_w in {1, 2, 4, 8} with this product.
std::vector<Bits> splits(std::int64_t budget);

/// Counts of spikes against a uniform quantiser: every neuron whose constants are small whole
/// numbers, and random ones. `hard`: reset to zero.
void equivalence_study(const Trial& t, bool hard, Outcome& out);

enum class Shape {
  dense,         ///< 784-256-256-10 ("network B" of the specification)
  convolutional  ///< conv 16 - pool - conv 32 - pool - 128 - 10 ("network A")
};

/// Trains on images under these bits: accuracy, costs, and for quantised networks the same answers
/// from whole numbers alone. `random_labels`: there is nothing to learn.
void image_study(const Trial& t, Shape shape, const Bits& bits, bool random_labels, Outcome& out);

/// Trains 64-128-128-2 on bars that move left or right through eight frames, of which steps frames'
/// sums are seen one after another.
void order_study(const Trial& t, const Bits& bits, Outcome& out);

}  // namespace callosum::experiment
