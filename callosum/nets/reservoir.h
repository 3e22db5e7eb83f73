#pragma once

#include <ATen/core/Tensor.h>

#include <functional>
#include <span>
#include <vector>

#include "callosum/nets/activation.h"
#include "callosum/nets/sparse_matrix.h"

namespace callosum::nets {

/// A unit answers with f(gain (v - threshold)) to its net input v.
struct UnitOptions {
  Activation activation = Activation::tanh;
  double gain = 1, threshold = 0;
  /// Share of the new value taken each step, in (0, 1]: one number, or one per unit. A unit of
  /// time constant tau stepped by dt has leak dt / tau (Euler) or 1 - exp(-dt / tau).
  std::vector<double> leak = {1.0};
  /// Constant net input: one number, or one per unit.
  std::vector<double> bias = {0.0};
};

/// Rate units in discrete time (Jaeger 2001; leak as in Jaeger et al. 2007, eq. 5):
///   v = W r_t + W_in u_t + bias,   r_{t+1} = (1 - leak) r_t + leak f(gain (v - threshold)).
/// A value: a copy continues on its own. Steps run on one thread without a BLAS, so they are equal
/// to the bit for any number of threads.
class Reservoir {
 public:
  /// recurrent: [units, units]; input: [units, inputs]. ShapeError or ValueError otherwise.
  Reservoir(SparseMatrix recurrent, const at::Tensor& input, const UnitOptions& options = {});

  std::int64_t units() const { return recurrent_.rows(); }
  std::int64_t inputs() const { return input_.columns(); }
  /// W; its values may be changed between steps (plasticity, scaling).
  SparseMatrix& recurrent() { return recurrent_; }
  const SparseMatrix& recurrent() const { return recurrent_; }
  /// W_in, likewise.
  SparseMatrix& input() { return input_; }

  /// r, [units]; may be set between steps.
  std::span<double> state() { return state_; }
  std::span<const double> state() const { return state_; }
  void reset(double rate = 0);

  /// One step under input u, [inputs].
  void step(std::span<const double> u);
  /// One step a row of `inputs` ([T, inputs], or [T] for a single input), which must be finite.
  /// Returns [T, units]: row t is the state *after* row t of the input. `after(t)`, where given, is
  /// called after each step and may change `recurrent()`. NumericalError, naming step and unit, as
  /// soon as a rate is NaN or infinite.
  at::Tensor run(const at::Tensor& inputs, const std::function<void(std::int64_t)>& after = {});

 private:
  SparseMatrix recurrent_, input_;
  Activation activation_;
  double gain_, threshold_;
  std::vector<double> leak_, bias_, state_, net_, drive_;
};

/// Largest Lyapunov exponent per step, in nats, of a reservoir under a given input: the mean log
/// growth of the distance between two copies set `separation` apart and brought back to it after
/// every step (Benettin et al. 1980). The first `washout` steps do not count. -infinity when the
/// copies become equal to the last bit.
double largest_lyapunov_exponent(Reservoir reservoir, const at::Tensor& inputs,
                                 std::int64_t washout, Draws& draws, double separation = 1e-8);

/// Input weights [units, inputs]: each unit receives all inputs with probability `share`, else
/// none; weights are uniform in [-amplitude, amplitude].
at::Tensor input_weights(Draws& draws, std::int64_t units, std::int64_t inputs, double share,
                         double amplitude);

}  // namespace callosum::nets
