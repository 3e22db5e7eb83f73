#include "callosum/jit/code_generator.h"

#include <llvm/IR/IRBuilder.h>
#include <llvm/IR/Module.h>
#include <llvm/IR/NoFolder.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <limits>
#include <vector>

#include "callosum/jit/emit.h"
#include "callosum/jit/schedule.h"

namespace callosum::jit {
namespace {

using model::Instruction;
using model::Op;
using model::Program;
using model::SlotKind;

// Constants were folded where their meaning is known, in the program.
using Writer = llvm::IRBuilder<llvm::NoFolder>;

class Generator {
 public:
  Generator(const Program& program, int lanes, llvm::Module& module)
      : program_(program),
        lanes_(lanes),
        // A mask is stored by whole bytes, so an iteration has at least eight lanes.
        parts_(std::max(8 / lanes, 1)),
        module_(module),
        b_(module.getContext()),
        real_(program.precision == Precision::single ? b_.getFloatTy() : b_.getDoubleTy()),
        wide_(llvm::FixedVectorType::get(real_, static_cast<unsigned>(lanes))),
        varies_(program.code.size()),
        uniform_(program.code.size()),
        splat_(program.code.size()),
        columns_(program.slots.size()) {}

  void run() {
    make_function();
    find_varying();
    order_ = interleave(program_, varies_);
    before_loop();
    loop();
  }

 private:
  int step() const { return lanes_ * parts_; }

  void make_function() {
    auto* pointer = b_.getPtrTy();
    auto* type = llvm::FunctionType::get(
        b_.getVoidTy(), {pointer, pointer, pointer, b_.getInt64Ty(), b_.getInt64Ty()}, false);
    function_ =
        llvm::Function::Create(type, llvm::Function::ExternalLinkage, kernel_symbol, module_);
    function_->setDoesNotThrow();
    // Subnormals are flushed while kernels run; folding has to do as the processor does.
    function_->addFnAttr("denormal-fp-math", "preserve-sign,preserve-sign");
    function_->addFnAttr("no-trapping-math", "true");
    if (lanes_ * bytes(program_.precision) >= 64)
      function_->addFnAttr("prefer-vector-width", "512");
  }

  void find_varying() {
    for (std::size_t i = 0; i < program_.code.size(); ++i) {
      const Instruction& x = program_.code[i];
      varies_[i] = (x.op == Op::load && program_.slots[x.variable].lane) ||
                   std::any_of(x.operands.begin(), x.operands.end(),
                               [&](model::Value v) { return varies_[v]; });
    }
  }

  bool is_zeroed(std::size_t slot) const {
    return program_.slots[slot].kind == SlotKind::input && program_.slots[slot].lane;
  }

  void before_loop() {
    b_.SetInsertPoint(llvm::BasicBlock::Create(module_.getContext(), "entry", function_));
    std::vector<bool> used(program_.slots.size());
    for (std::size_t s = 0; s < used.size(); ++s) used[s] = is_zeroed(s);
    for (const Instruction& x : program_.code)
      if (x.op == Op::load && program_.slots[x.variable].lane) used[x.variable] = true;
    for (const model::Store& s : program_.stores) used[s.slot] = true;
    for (std::size_t s = 0; s < used.size(); ++s)
      if (used[s]) columns_[s] = pointer_at(function_->getArg(0), s);
    for (std::size_t m = 0; m < program_.masks.size(); ++m)
      masks_.push_back(pointer_at(function_->getArg(2), m));
    for (std::size_t i = 0; i < program_.code.size(); ++i)
      if (!varies_[i]) uniform_[i] = uniform(program_.code[i]);
    for (std::size_t i = 0; i < program_.code.size(); ++i)
      for (model::Value v : program_.code[i].operands)
        if (varies_[i]) make_splat(v);
    for (const model::Store& s : program_.stores) make_splat(s.value);
    for (const model::Mask& m : program_.masks) make_splat(m.value);
  }

  llvm::Value* pointer_at(llvm::Value* table, std::size_t index) {
    auto* at = b_.CreateConstInBoundsGEP1_64(b_.getPtrTy(), table, index);
    return b_.CreateLoad(b_.getPtrTy(), at);
  }

  llvm::Value* uniform(const Instruction& x) {
    if (x.op == Op::constant) return constant(x.constant);
    if (x.op == Op::load) {
      auto* at = b_.CreateConstInBoundsGEP1_64(real_, function_->getArg(1), x.variable);
      return b_.CreateLoad(real_, at);
    }
    std::vector<llvm::Value*> operands;
    for (model::Value v : x.operands) operands.push_back(uniform_[v]);
    return emit(b_, x.op, operands);
  }

  llvm::Constant* constant(double value) {
    if (program_.precision == Precision::twofold)
      return llvm::ConstantFP::get(module_.getContext(), llvm::APFloat(value));
    // As the interpreter's conversion while subnormals are flushed.
    float narrow = static_cast<float>(value);
    if (std::fabs(narrow) < std::numeric_limits<float>::min()) narrow = std::copysign(0.0f, narrow);
    return llvm::ConstantFP::get(module_.getContext(), llvm::APFloat(narrow));
  }

  void make_splat(model::Value v) {
    if (varies_[v] || splat_[v]) return;
    const auto count = llvm::ElementCount::getFixed(static_cast<unsigned>(lanes_));
    if (auto* number = llvm::dyn_cast<llvm::Constant>(uniform_[v]))
      splat_[v] = llvm::ConstantVector::getSplat(count, number);
    else
      splat_[v] = b_.CreateVectorSplat(count, uniform_[v]);
  }

  void loop() {
    auto& context = module_.getContext();
    auto* entry = b_.GetInsertBlock();
    auto* body = llvm::BasicBlock::Create(context, "lanes", function_);
    auto* done = llvm::BasicBlock::Create(context, "done", function_);
    auto* begin = function_->getArg(3);
    auto* end = function_->getArg(4);
    b_.CreateCondBr(b_.CreateICmpSLT(begin, end), body, done);
    b_.SetInsertPoint(body);
    auto* at = b_.CreatePHI(b_.getInt64Ty(), 2);
    at->addIncoming(begin, entry);
    step_at(at);
    auto* next = b_.CreateAdd(at, b_.getInt64(static_cast<std::uint64_t>(step())), "", true, true);
    at->addIncoming(next, body);
    b_.CreateCondBr(b_.CreateICmpSLT(next, end), body, done);
    b_.SetInsertPoint(done);
    b_.CreateRetVoid();
  }

  void step_at(llvm::Value* at) {
    std::vector<std::vector<llvm::Value*>> values(static_cast<std::size_t>(parts_), splat_);
    for (std::size_t p = 0; p < values.size(); ++p) {
      const auto offset = b_.getInt64(p * static_cast<std::uint64_t>(lanes_));
      part(values[p], p == 0 ? at : b_.CreateAdd(at, offset, "", true, true));
    }
    for (std::size_t m = 0; m < masks_.size(); ++m) {
      const auto value = program_.masks[m].value;
      llvm::Value* bits = values[0][value];
      if (parts_ == 2) bits = join(bits, values[1][value]);
      auto* type = b_.getIntNTy(static_cast<unsigned>(step()));
      auto* byte = b_.CreateLShr(at, b_.getInt64(3));
      auto* place = b_.CreateInBoundsGEP(b_.getInt8Ty(), masks_[m], byte);
      b_.CreateAlignedStore(b_.CreateBitCast(bits, type), place, llvm::Align(step() / 8));
    }
  }

  // A column is written as soon as its value is known and its own loads are done, which frees
  // registers: columns do not overlap. Of several stores to a slot the last one counts.
  void part(std::vector<llvm::Value*>& values, llvm::Value* at) {
    std::vector<int> loads(program_.slots.size());
    for (const model::Value v : order_)
      if (program_.code[v].op == Op::load) ++loads[program_.code[v].variable];
    std::vector<llvm::Value*> zeros(program_.slots.size());
    for (std::uint32_t s = 0; s < zeros.size(); ++s)
      if (is_zeroed(s)) zeros[s] = llvm::Constant::getNullValue(wide_);
    std::vector<const model::Store*> last(program_.slots.size());
    for (const model::Store& s : program_.stores) last[s.slot] = &s, zeros[s.slot] = nullptr;

    const auto write_known = [&] {
      for (std::uint32_t s = 0; s < last.size(); ++s) {
        auto* value = last[s] ? values[last[s]->value] : zeros[s];
        if (!value || loads[s] > 0) continue;
        store(value, s, at);
        last[s] = nullptr;
        zeros[s] = nullptr;
      }
    };
    write_known();
    for (const model::Value v : order_) {
      const Instruction& x = program_.code[v];
      values[v] = varying(x, values, at);
      if (x.op == Op::load) --loads[x.variable];
      write_known();
    }
  }

  llvm::Value* varying(const Instruction& x, const std::vector<llvm::Value*>& values,
                       llvm::Value* at) {
    if (x.op == Op::load) return b_.CreateAlignedLoad(wide_, place(x.variable, at), alignment());
    std::vector<llvm::Value*> operands;
    for (model::Value v : x.operands) operands.push_back(values[v]);
    return emit(b_, x.op, operands);
  }

  llvm::Value* place(std::uint32_t slot, llvm::Value* at) {
    return b_.CreateInBoundsGEP(real_, columns_[slot], at);
  }
  llvm::Align alignment() const {
    return llvm::Align(
        static_cast<std::uint64_t>(std::min(lanes_ * bytes(program_.precision), 64)));
  }
  void store(llvm::Value* value, std::uint32_t slot, llvm::Value* at) {
    b_.CreateAlignedStore(value, place(slot, at), alignment());
  }
  llvm::Value* join(llvm::Value* low, llvm::Value* high) {
    std::vector<int> order(static_cast<std::size_t>(step()));
    for (int i = 0; i < step(); ++i) order[static_cast<std::size_t>(i)] = i;
    return b_.CreateShuffleVector(low, high, order);
  }

  const Program& program_;
  const int lanes_;
  const int parts_;
  llvm::Module& module_;
  Writer b_;
  llvm::Type* real_;
  llvm::Type* wide_;
  llvm::Function* function_ = nullptr;
  std::vector<bool> varies_;
  std::vector<model::Value> order_;  // of what differs between lanes
  std::vector<llvm::Value*> uniform_;
  std::vector<llvm::Value*> splat_;
  std::vector<llvm::Value*> columns_;
  std::vector<llvm::Value*> masks_;
};

}  // namespace

void generate(const Program& program, int lanes, llvm::Module& module) {
  Generator(program, lanes, module).run();
}

}  // namespace callosum::jit
