#include "callosum/model/adjoint_surrogate.h"

#include <cmath>
#include <numbers>

namespace callosum::model {

Value surrogate_slope(Builder& b, Surrogate surrogate, Value x) {
  const Value one = b.constant(1);
  const auto size = [&] { return b.emit(Op::abs, {x}); };
  switch (surrogate) {
    case Surrogate::none:
      break;
    case Surrogate::fast_sigmoid: {
      const Value further = b.add(one, size());
      return b.div(one, b.mul(further, further));
    }
    case Surrogate::arctan: {
      const Value scaled = b.mul(b.constant(std::numbers::pi), x);
      return b.div(one, b.fma(scaled, scaled, one));
    }
    case Surrogate::triangle: {
      const Value height = b.sub(one, size());
      return b.emit(Op::maximum, {height, b.constant(0)});
    }
    case Surrogate::gaussian: {
      const Value power = b.mul(b.mul(x, x), b.constant(-0.5));
      const Value peak = b.constant(std::numbers::inv_sqrtpi / std::numbers::sqrt2);
      return b.mul(b.emit(Op::exp, {power}), peak);
    }
    case Surrogate::sigmoid: {
      // Even in x: by -|x| the exponential cannot overflow and nothing cancels.
      const Value e = b.emit(Op::exp, {b.neg(size())});
      const Value sum = b.add(one, e);
      return b.div(e, b.mul(sum, sum));
    }
    case Surrogate::rectangle: {
      const Value inside = b.emit(Op::less, {size(), b.constant(0.5)});
      return b.select(inside, one, b.constant(0));
    }
    case Surrogate::straight_through:
      return one;
  }
  return b.constant(0);
}

}  // namespace callosum::model
