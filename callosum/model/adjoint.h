#pragma once

#include <string>
#include <vector>

#include "callosum/model/program.h"

namespace callosum::model {

/// Derivative put in the place of the Heaviside step of a spike, as a function of
/// x = (left side - right side of the threshold) / width; each integrates to 1 over x unless noted.
enum class Surrogate {
  none,          ///< the mask carries no gradient
  fast_sigmoid,  ///< 1 / (1 + |x|)^2 (SuperSpike, Zenke and Ganguli 2018; peak 1)
  arctan,        ///< 1 / (1 + (pi x)^2)
  triangle,      ///< max(0, 1 - |x|)
  gaussian,      ///< exp(-x^2 / 2) / sqrt(2 pi)
  sigmoid,       ///< s(x) (1 - s(x))
  rectangle,     ///< 1 for |x| < 1/2
};

struct AdjointOptions {
  Surrogate surrogate = Surrogate::none;
  double width = 1;           ///< internal units of the threshold's sides
  bool detach_reset = false;  ///< no gradient through the choice that a spike makes
};

/// Reverse mode. The result reads every slot the forward program reads, plus a `cotangent` slot
/// "bar(x)" for each stored slot x and "bar(spike)" for each mask, and stores a `gradient` slot
/// "grad(x)" for each real slot read: always per lane, the gradient of a shared x being their sum.
/// Terms without a derivative (floor, round, mod, comparisons other than an event's) pass zero;
/// UnsupportedError names a term that has none at all.
Program adjoint(const Program& forward, const AdjointOptions& options = {});

}  // namespace callosum::model
