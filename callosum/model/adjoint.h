#pragma once

#include <string>
#include <vector>

#include "callosum/model/program.h"

namespace callosum::model {

/// Derivative put in the place of the Heaviside step of a spike, as a function of
/// x = (left side - right side of the threshold) / width; each integrates to 1 over x unless noted.
enum class Surrogate {
  none,              ///< the mask carries no gradient
  fast_sigmoid,      ///< 1 / (1 + |x|)^2 (SuperSpike, Zenke and Ganguli 2018; peak 1, integral 2)
  arctan,            ///< 1 / (1 + (pi x)^2)
  triangle,          ///< max(0, 1 - |x|)
  gaussian,          ///< exp(-x^2 / 2) / sqrt(2 pi)
  sigmoid,           ///< s(x) (1 - s(x))
  rectangle,         ///< 1 for |x| < 1/2
  straight_through,  ///< 1 (no integral; Bengio, Leonard and Courville 2013, arXiv:1308.3432)
};

struct AdjointOptions {
  Surrogate surrogate = Surrogate::none;
  double width = 1;           ///< internal units of the threshold's sides, positive
  bool detach_reset = false;  ///< no gradient through the choice that a spike makes
  /// Multiplies the derivative, finite and positive: below 1 it keeps gradients of recurrent
  /// networks from growing through time (Bellec et al. 2018, arXiv:1803.09574, eq. 3: 0.3).
  double scale = 1;
};

/// Reverse mode. The result reads every slot the forward program reads, plus a `cotangent` slot
/// "bar(x)" for each stored slot x and, with a surrogate, "bar(spike)" for each mask, and stores a
/// `gradient` slot "grad(x)" for each slot read.
///
/// Cotangents and gradients are always per lane. Of a slot that all lanes share, the derivative is
/// the sum over lanes, in "bar" and "grad" alike: so the gradients of a step are the cotangents of
/// its program of constants as they stand, and are summed once, at the end.
///
/// Terms that are flat almost everywhere (floor, ceil, round, sign, floor_div, comparisons other
/// than an event's) pass zero. An event's comparisons a > b pass scale surrogate((a -
/// b)/width)/width, through logic with all other conditions held, and on to it from every select
/// they decide; those of the counter "refractory_steps", which is whole, pass none. A branch not
/// taken passes zero also where its slope is not finite.
///
/// Throws UnsupportedError naming an operation that has no derivative at all (those on bits, which
/// only lowered programs hold), ValueError unless the width is positive and finite, and the scale.
Program adjoint(const Program& forward, const AdjointOptions& options = {});

}  // namespace callosum::model
