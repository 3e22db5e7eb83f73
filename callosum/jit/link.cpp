#include "callosum/jit/link.h"

#include <llvm/ExecutionEngine/JITLink/JITLinkMemoryManager.h>
#include <llvm/ExecutionEngine/Orc/Core.h>
#include <llvm/ExecutionEngine/Orc/ExecutorProcessControl.h>
#include <llvm/ExecutionEngine/Orc/ObjectLinkingLayer.h>
#include <llvm/Support/MemoryBuffer.h>

#include <atomic>

#include "callosum/core/error.h"
#include "callosum/jit/code_generator.h"

namespace callosum::jit {
namespace {

namespace orc = llvm::orc;

[[noreturn]] void refuse(const std::string& program, llvm::Error error) {
  throw ResourceError({.where = "program '" + program + "'",
                       .what = "its machine code cannot be loaded",
                       .got = llvm::toString(std::move(error))});
}

template <class T>
T value_or_refuse(const std::string& program, llvm::Expected<T> value) {
  if (!value) refuse(program, value.takeError());
  return std::move(*value);
}

// One linker for the process. Never destroyed: a kernel in a static variable may outlive it.
class Linker {
 public:
  static Linker& instance(const std::string& program) {
    static Linker& linker = *new Linker(
        value_or_refuse(program, orc::SelfExecutorProcessControl::Create(
                                     nullptr, std::make_unique<orc::InPlaceTaskDispatcher>())));
    return linker;
  }

  orc::JITDylib& new_library() {
    // Names must differ, and programs may not.
    return session_.createBareJITDylib("kernel " + std::to_string(next_++));
  }
  llvm::Error add(orc::JITDylib& library, const std::string& object, const std::string& name) {
    return layer_.add(library, llvm::MemoryBuffer::getMemBufferCopy(object, name));
  }
  llvm::Expected<orc::ExecutorSymbolDef> find(orc::JITDylib& library) {
    return session_.lookup({&library}, session_.intern(kernel_symbol));
  }
  void remove(orc::JITDylib& library) { llvm::consumeError(session_.removeJITDylib(library)); }

 private:
  explicit Linker(std::unique_ptr<orc::ExecutorProcessControl> process)
      : session_(std::move(process)),
        layer_(session_, session_.getExecutorProcessControl().getMemMgr()) {
    // Failures come back from `find`; nothing is printed.
    session_.setErrorReporter([](llvm::Error error) { llvm::consumeError(std::move(error)); });
  }

  orc::ExecutionSession session_;
  orc::ObjectLinkingLayer layer_;
  std::atomic<int> next_{0};
};

class OrcCode : public LinkedCode {
 public:
  OrcCode(Linker& linker, const std::string& object, const std::string& program)
      : linker_(linker), library_(linker.new_library()) {
    if (auto error = linker.add(library_, object, program)) fail(program, std::move(error));
    auto symbol = linker.find(library_);
    if (!symbol) fail(program, symbol.takeError());
    entry_ = symbol->getAddress().toPtr<EntryPoint>();
  }
  ~OrcCode() override { linker_.remove(library_); }
  OrcCode(const OrcCode&) = delete;
  OrcCode& operator=(const OrcCode&) = delete;

 private:
  [[noreturn]] void fail(const std::string& program, llvm::Error error) {
    linker_.remove(library_);
    refuse(program, std::move(error));
  }

  Linker& linker_;
  orc::JITDylib& library_;
};

}  // namespace

std::unique_ptr<LinkedCode> link_object(const std::string& object, const std::string& program) {
  return std::make_unique<OrcCode>(Linker::instance(program), object, program);
}

}  // namespace callosum::jit
