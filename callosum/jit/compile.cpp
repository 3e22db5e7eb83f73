#include "callosum/jit/compile.h"

#include <llvm/ADT/SmallVector.h>
#include <llvm/IR/LLVMContext.h>
#include <llvm/IR/LegacyPassManager.h>
#include <llvm/IR/Module.h>
#include <llvm/IR/Verifier.h>
#include <llvm/MC/TargetRegistry.h>
#include <llvm/Support/TargetSelect.h>
#include <llvm/Support/raw_ostream.h>
#include <llvm/Target/TargetMachine.h>

#include <memory>
#include <mutex>

#include "callosum/core/error.h"
#include "callosum/jit/code_generator.h"
#include "callosum/jit/host.h"

namespace callosum::jit {
namespace {

[[noreturn]] void refuse(const model::Program& program, std::string reason) {
  throw ResourceError({.where = "program '" + program.name + "'",
                       .what = "LLVM makes no machine code of it",
                       .got = std::move(reason)});
}

std::unique_ptr<llvm::TargetMachine> target_machine(const model::Program& program) {
  static std::once_flag once;
  std::call_once(once, [] {
    llvm::InitializeNativeTarget();
    llvm::InitializeNativeTargetAsmPrinter();
  });
  std::string reason;
  const auto* target = llvm::TargetRegistry::lookupTarget(host().triple, reason);
  if (!target) refuse(program, reason);
  llvm::TargetOptions options;
  options.AllowFPOpFusion = llvm::FPOpFusion::Strict;
  std::unique_ptr<llvm::TargetMachine> machine(target->createTargetMachine(
      host().triple, host().processor, host().feature_list(), options, llvm::Reloc::PIC_,
      llvm::CodeModel::Small, llvm::CodeGenOptLevel::Default, true));
  if (!machine) refuse(program, "no target machine for " + host().processor);
  return machine;
}

}  // namespace

std::string compile_object(const model::Program& program, int lanes) {
  const auto machine = target_machine(program);
  llvm::LLVMContext context;
  llvm::Module module(program.name, context);
  module.setTargetTriple(host().triple);
  module.setDataLayout(machine->createDataLayout());
  generate(program, lanes, module);
  std::string reason;
  llvm::raw_string_ostream broken(reason);
  if (llvm::verifyModule(module, &broken)) refuse(program, reason);

  // The code is written as it shall be: vectors explicit, nothing computed twice. So no passes over
  // LLVM's intermediate form, only instruction selection, scheduling and register allocation.
  llvm::SmallVector<char, 0> object;
  llvm::raw_svector_ostream out(object);
  llvm::legacy::PassManager passes;
  if (machine->addPassesToEmitFile(passes, out, nullptr, llvm::CodeGenFileType::ObjectFile))
    refuse(program, "it cannot write object files here");
  passes.run(module);
  return {object.begin(), object.end()};
}

}  // namespace callosum::jit
