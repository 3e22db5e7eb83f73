#include "callosum/learn/torch/program_tensors.h"

#include <ATen/ATen.h>
#include <torch/csrc/autograd/custom_function.h>

#include <cmath>
#include <numbers>
#include <stdexcept>
#include <vector>

#include "callosum/core/error.h"

namespace callosum::learn {
namespace {

using model::Instruction;
using model::Op;
using model::Program;
using model::Surrogate;
using model::Value;

at::Tensor slope(Surrogate surrogate, const at::Tensor& x) {
  switch (surrogate) {
    case Surrogate::none:
      break;
    case Surrogate::fast_sigmoid:
      return x.abs().add(1).square().reciprocal();
    case Surrogate::arctan:
      return x.mul(std::numbers::pi).square().add(1).reciprocal();
    case Surrogate::triangle:
      return at::relu(1 - x.abs());
    case Surrogate::gaussian:
      return x.square().mul(-0.5).exp().mul(std::numbers::inv_sqrtpi / std::numbers::sqrt2);
    case Surrogate::sigmoid:
      return at::sigmoid(x).mul(at::sigmoid(-x));
    case Surrogate::rectangle:
      return x.abs().lt(0.5).to(x.scalar_type());
    case Surrogate::straight_through:
      return at::ones_like(x);
  }
  return at::zeros_like(x);
}

struct SpikeStep : torch::autograd::Function<SpikeStep> {
  static at::Tensor forward(torch::autograd::AutogradContext* ctx, const at::Tensor& x, bool closed,
                            std::int64_t surrogate, double width, double scale) {
    ctx->save_for_backward({x});
    ctx->saved_data["surrogate"] = surrogate;
    ctx->saved_data["width"] = width;
    ctx->saved_data["scale"] = scale;
    return (closed ? x.ge(0) : x.gt(0)).to(x.scalar_type());
  }
  static torch::autograd::variable_list backward(torch::autograd::AutogradContext* ctx,
                                                 torch::autograd::variable_list bars) {
    const auto surrogate = static_cast<Surrogate>(ctx->saved_data["surrogate"].toInt());
    const double width = ctx->saved_data["width"].toDouble();
    const double scale = ctx->saved_data["scale"].toDouble();
    const at::Tensor x = ctx->get_saved_variables()[0];
    return {bars[0].mul(slope(surrogate, x.div(width))).mul(scale / width), {}, {}, {}, {}};
  }
};

// (e^x - 1)/x, near 0 by its series, which autograd differentiates as it stands.
at::Tensor exprel(const at::Tensor& x) {
  const at::Tensor small = x.abs().lt(0.25);
  const at::Tensor near = at::where(small, x, at::zeros_like(x));
  at::Tensor series = at::zeros_like(x);
  double factorial = 87178291200.0;  // 14!
  for (int k = 13; k >= 0; --k) {
    series = series.mul(near).add(1 / factorial);
    factorial /= k + 1;
  }
  const at::Tensor far = at::where(small, at::ones_like(x), x);
  return at::where(small, series, at::expm1(far).div(far));
}

class Run {
 public:
  Run(const Program& program, const std::function<at::Tensor(const model::Slot&)>& load,
      const model::AdjointOptions& surrogate, at::ScalarType type)
      : p_(program), load_(load), surrogate_(surrogate), type_(type) {
    std::vector<bool> event(p_.code.size());
    for (const model::Mask& m : p_.masks) event[m.value] = true;
    for (std::size_t i = p_.code.size(); i-- > 0;)
      if (event[i])
        for (const Value v : p_.code[i].operands)
          if (model::is_boolean(p_.code[v].op)) event[v] = true;
    for (std::size_t i = 0; i < p_.code.size(); ++i) {
      const Instruction& x = p_.code[i];
      const bool order = x.op == Op::less || x.op == Op::less_equal;
      carries_.push_back(order && event[i] && !counts_steps(x.operands[0]) &&
                         !counts_steps(x.operands[1]));
      if (!order && model::is_boolean(x.op))
        for (const Value v : x.operands) carries_[i] = carries_[i] || carries_[v];
    }
  }

  ProgramTensors operator()() {
    for (std::size_t i = 0; i < p_.code.size(); ++i) x_.push_back(value(i));
    ProgramTensors result;
    for (const model::Store& s : p_.stores) result.stores[p_.slots[s.slot].name] = x_[s.value];
    for (const model::Mask& m : p_.masks) result.masks[m.name] = x_[m.value];
    return result;
  }

 private:
  bool counts_steps(Value v) const {
    const Instruction& x = p_.code[v];
    return x.op == Op::load && p_.slots[x.variable].name == "refractory_steps";
  }
  at::Tensor number(const at::Tensor& boolean) const { return boolean.to(type_); }

  at::Tensor value(std::size_t i) {
    const Instruction& x = p_.code[i];
    const auto in = [&](std::size_t k) -> const at::Tensor& { return x_[x.operands[k]]; };
    switch (x.op) {
      case Op::constant:
        return at::scalar_tensor(x.constant, type_);
      case Op::load:
        return load_(p_.slots[x.variable]);
      case Op::add:
        return in(0) + in(1);
      case Op::sub:
        return in(0) - in(1);
      case Op::mul:
        return in(0) * in(1);
      case Op::div:
        return in(0) / in(1);
      case Op::neg:
        return -in(0);
      case Op::abs:
        return in(0).abs();
      case Op::sqrt:
        return in(0).sqrt();
      case Op::fma:
        return in(0) * in(1) + in(2);
      case Op::minimum:
        return at::where(in(0).lt(in(1)), in(0), in(1));
      case Op::maximum:
        return at::where(in(0).gt(in(1)), in(0), in(1));
      case Op::floor:
        return in(0).floor();
      case Op::round:
        return in(0).round();
      case Op::ceil:
        return in(0).ceil();
      case Op::sign:
        return in(0).sign();
      case Op::less:
      case Op::less_equal: {
        const bool closed = x.op == Op::less_equal;
        if (carries_[i]) return spike_step(in(1) - in(0), closed, surrogate_);
        return number(closed ? in(0).le(in(1)) : in(0).lt(in(1)));
      }
      case Op::equal:
        return number(in(0).eq(in(1)));
      case Op::not_equal:
        return number(in(0).ne(in(1)));
      case Op::logical_and:
        return in(0) * in(1);
      case Op::logical_or:
        return in(0) + in(1) - in(0) * in(1);
      case Op::logical_not:
        return 1 - in(0);
      case Op::select: {
        const at::Tensor taken = at::where(in(0).ne(0), in(1), in(2));
        if (!carries_[x.operands[0]] || surrogate_.detach_reset) return taken;
        return taken + (in(0) - in(0).detach()) * (in(1) - in(2)).detach();
      }
      case Op::exp:
        return in(0).exp();
      case Op::expm1:
        return in(0).expm1();
      case Op::exprel:
        return exprel(in(0));
      case Op::log:
        return in(0).log();
      case Op::log1p:
        return in(0).log1p();
      case Op::log10:
        return in(0).log10();
      case Op::sin:
        return in(0).sin();
      case Op::cos:
        return in(0).cos();
      case Op::tan:
        return in(0).tan();
      case Op::tanh:
        return in(0).tanh();
      case Op::sinh:
        return in(0).sinh();
      case Op::cosh:
        return in(0).cosh();
      case Op::arcsin:
        return in(0).asin();
      case Op::arccos:
        return in(0).acos();
      case Op::arctan:
        return in(0).atan();
      case Op::power:
        return at::pow(in(0), in(1));
      case Op::floor_div:
        return in(0).div(in(1)).floor();
      case Op::mod:
        return in(0) - in(1) * in(0).div(in(1)).floor().detach();
      case Op::expm: {
        std::vector<at::Tensor> elements;
        for (std::size_t k = 0; k < x.operands.size(); ++k) elements.push_back(in(k));
        const auto n = static_cast<std::int64_t>(x.variable);
        const at::Tensor flat = at::stack(at::broadcast_tensors(elements), -1);
        auto shape = flat.sizes().vec();
        shape.back() = n;
        shape.push_back(n);
        return at::linalg_matrix_exp(flat.reshape(shape));
      }
      case Op::element:
        return in(0).flatten(-2).select(-1, x.variable);
      case Op::exponent:
      case Op::mantissa:
      case Op::power_of_two:
        break;
    }
    throw std::logic_error("only programs that are not lowered run on tensors");
  }

  const Program& p_;
  const std::function<at::Tensor(const model::Slot&)>& load_;
  const model::AdjointOptions& surrogate_;
  at::ScalarType type_;
  std::vector<bool> carries_;  ///< booleans through which a spike's derivative passes
  std::vector<at::Tensor> x_;
};

}  // namespace

at::Tensor spike_step(const at::Tensor& x, bool closed, const model::AdjointOptions& surrogate) {
  return SpikeStep::apply(x, closed, static_cast<std::int64_t>(surrogate.surrogate),
                          surrogate.width, surrogate.scale);
}

ProgramTensors run_program(const model::Program& program,
                           const std::function<at::Tensor(const model::Slot&)>& load,
                           const model::AdjointOptions& surrogate, at::ScalarType type) {
  return Run(program, load, surrogate, type)();
}

}  // namespace callosum::learn
