#include "callosum/jit/emit.h"

#include <llvm/IR/IRBuilder.h>
#include <llvm/IR/Intrinsics.h>

#include <cstdint>
#include <limits>
#include <stdexcept>
#include <string>

namespace callosum::jit {
namespace {

using model::Op;

// Reads and writes the exponent and fraction of numbers of one type, scalar or vector.
class Bits {
 public:
  Bits(llvm::IRBuilderBase& b, llvm::Type* real) : b_(b), real_(real) {
    const bool single = real->getScalarType()->isFloatTy();
    mantissa_bits_ =
        (single ? std::numeric_limits<float>::digits : std::numeric_limits<double>::digits) - 1;
    bias_ = (single ? std::numeric_limits<float>::max_exponent
                    : std::numeric_limits<double>::max_exponent) -
            1;
    bits_ = real->getWithNewType(b.getIntNTy(single ? 32 : 64));
  }

  // The biased exponent e, written into the fraction of 2**mantissa_bits, makes the number
  // 2**mantissa_bits + e exactly: cheaper than a conversion, which AVX2 lacks for 64 bits.
  llvm::Value* exponent(llvm::Value* a) {
    auto* e = b_.CreateAnd(b_.CreateLShr(to_bits(a), mantissa_bits_), whole(exponent_mask()));
    auto* shifted = b_.CreateOr(e, whole((mantissa_bits_ + bias_) << mantissa_bits_));
    return b_.CreateFSub(to_real(shifted), real(power(mantissa_bits_) + bias_));
  }

  llvm::Value* mantissa(llvm::Value* a) {
    auto* kept = b_.CreateAnd(to_bits(a), whole(~(exponent_mask() << mantissa_bits_)));
    return to_real(b_.CreateOr(kept, whole(bias_ << mantissa_bits_)));
  }

  // k + bias lands in the lowest bits of a sum whose exponent is mantissa_bits.
  llvm::Value* power_of_two(llvm::Value* k) {
    auto* sum = b_.CreateFAdd(k, real(1.5 * power(mantissa_bits_) + bias_));
    return to_real(b_.CreateShl(to_bits(sum), mantissa_bits_));
  }

 private:
  std::uint64_t exponent_mask() const { return 2 * bias_ + 1; }
  static double power(std::uint64_t n) { return static_cast<double>(std::uint64_t{1} << n); }
  llvm::Value* to_bits(llvm::Value* a) { return b_.CreateBitCast(a, bits_); }
  llvm::Value* to_real(llvm::Value* a) { return b_.CreateBitCast(a, real_); }
  llvm::Constant* whole(std::uint64_t value) { return llvm::ConstantInt::get(bits_, value); }
  llvm::Constant* real(double value) { return llvm::ConstantFP::get(real_, value); }

  llvm::IRBuilderBase& b_;
  llvm::Type* real_;
  llvm::Type* bits_;
  std::uint64_t mantissa_bits_;
  std::uint64_t bias_;
};

}  // namespace

llvm::Value* emit(llvm::IRBuilderBase& b, Op op, const std::vector<llvm::Value*>& in) {
  using llvm::Intrinsic::ID;
  auto* type = in.at(0)->getType();
  const auto call = [&](ID id) { return b.CreateIntrinsic(type, id, in); };
  switch (op) {
    case Op::add:
      return b.CreateFAdd(in[0], in[1]);
    case Op::sub:
      return b.CreateFSub(in[0], in[1]);
    case Op::mul:
      return b.CreateFMul(in[0], in[1]);
    case Op::div:
      return b.CreateFDiv(in[0], in[1]);
    case Op::neg:
      return b.CreateFNeg(in[0]);
    case Op::abs:
      return call(llvm::Intrinsic::fabs);
    case Op::sqrt:
      return call(llvm::Intrinsic::sqrt);
    case Op::fma:
      return call(llvm::Intrinsic::fma);
    case Op::minimum:
      return b.CreateSelect(b.CreateFCmpOLT(in[0], in[1]), in[0], in[1]);
    case Op::maximum:
      return b.CreateSelect(b.CreateFCmpOGT(in[0], in[1]), in[0], in[1]);
    case Op::floor:
      return call(llvm::Intrinsic::floor);
    case Op::round:
      return call(llvm::Intrinsic::roundeven);
    case Op::exponent:
      return Bits(b, type).exponent(in[0]);
    case Op::mantissa:
      return Bits(b, type).mantissa(in[0]);
    case Op::power_of_two:
      return Bits(b, type).power_of_two(in[0]);
    case Op::less:
      return b.CreateFCmpOLT(in[0], in[1]);
    case Op::less_equal:
      return b.CreateFCmpOLE(in[0], in[1]);
    case Op::equal:
      return b.CreateFCmpOEQ(in[0], in[1]);
    case Op::not_equal:
      return b.CreateFCmpUNE(in[0], in[1]);
    case Op::logical_and:
      return b.CreateAnd(in[0], in[1]);
    case Op::logical_or:
      return b.CreateOr(in[0], in[1]);
    case Op::logical_not:
      return b.CreateNot(in[0]);
    case Op::select:
      return b.CreateSelect(in[0], in[1], in[2]);
    default:
      throw std::logic_error("machine code: " + std::string(model::name(op)) + " is no primitive");
  }
}

}  // namespace callosum::jit
