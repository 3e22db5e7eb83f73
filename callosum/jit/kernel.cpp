#include "callosum/jit/kernel.h"

#include <chrono>
#include <optional>
#include <stdexcept>
#include <utility>

#include "callosum/core/error.h"
#include "callosum/core/precision.h"
#include "callosum/jit/cache.h"
#include "callosum/jit/code_generator.h"
#include "callosum/jit/compile.h"
#include "callosum/jit/host.h"
#include "callosum/jit/link.h"

#if defined(__x86_64__)
#include <xmmintrin.h>
#endif

namespace callosum::jit {
namespace {

// Workers flush already; reading the mode costs less than writing it twice a call.
bool flushes_subnormals() {
#if defined(__x86_64__)
  return (_mm_getcsr() & 0x8040) == 0x8040;
#else
  return false;
#endif
}

// All that machine code depends on.
std::string cache_key(const model::Program& program, int lanes) {
  return host().compiler + "\n" + host().triple + " " + host().processor + " " +
         host().feature_list() + "\ngenerator " + std::to_string(code_generator_version) +
         " lanes " + std::to_string(lanes) + "\n" + model::to_string(program);
}

void check(const model::Program& program, const KernelOptions& options) {
  const auto wrong = [&](const std::string& what) {
    throw std::logic_error("kernel of program " + program.name + ": " + what);
  };
  if (!program.lowered) wrong("not lowered");
  if (options.lanes != 0 && options.lanes != 4 && options.lanes != 8 && options.lanes != 16)
    throw ValueError({.where = "kernel of program '" + program.name + "'",
                      .what = "no such vector width",
                      .got = std::to_string(options.lanes),
                      .expected = "4, 8, 16, or 0 for this processor's own"});
  if (options.engine == Engine::interpreter) return;
  model::verify(program);
  for (const model::Instruction& x : program.code)
    if (!model::is_primitive(x.op)) wrong("only the interpreter runs " + std::string(name(x.op)));
  for (const model::Store& s : program.stores)
    if (!program.slots[s.slot].lane) wrong("only the interpreter stores what all lanes share");
}

}  // namespace

struct Kernel::Code {
  std::unique_ptr<LinkedCode> machine;
  std::optional<model::Program> program;  // what the interpreter runs
  EntryPoint entry = nullptr;
  double compile_seconds = 0;
  bool from_cache = false;
  int lanes = 1;
};

namespace {

using Clock = std::chrono::steady_clock;

std::unique_ptr<LinkedCode> cached_code(const Cache& cache, const std::string& key,
                                        const std::string& program) {
  const auto object = cache.find(key);
  if (!object) return nullptr;
  try {
    return link_object(*object, program);
  } catch (const ResourceError&) {
    return nullptr;
  }
}

}  // namespace

Kernel::Kernel(const model::Program& program, const KernelOptions& options) {
  const auto start = Clock::now();
  check(program, options);
  auto code = std::make_shared<Code>();
  if (options.engine == Engine::interpreter) {
    code->program = program;
  } else {
    require_floor(host());
    code->lanes = options.lanes ? options.lanes : preferred_lanes(host(), program.precision);
    const std::string key = cache_key(program, code->lanes);
    const Cache cache(options.cache_dir);
    if (options.use_cache) code->machine = cached_code(cache, key, program.name);
    code->from_cache = code->machine != nullptr;
    if (!code->machine) {
      const std::string object = compile_object(program, code->lanes);
      code->machine = link_object(object, program.name);
      if (options.use_cache) cache.store(key, object);
    }
    code->entry = code->machine->entry();
  }
  code->compile_seconds = std::chrono::duration<double>(Clock::now() - start).count();
  code_ = std::move(code);
}

void Kernel::run(const model::Arguments& arguments, std::int64_t begin, std::int64_t end) const {
  if (begin % model::lane_padding != 0 || end % model::lane_padding != 0)
    throw std::logic_error("kernel: a range must begin and end at multiples of 64");
  if (!code_->entry) return model::interpret(*code_->program, arguments, begin, end);
  const auto call = [&] {
    code_->entry(arguments.columns, arguments.uniforms, arguments.masks, begin, end);
  };
  if (flushes_subnormals()) return call();
  const FlushSubnormals flush;
  call();
}

double Kernel::compile_seconds() const { return code_->compile_seconds; }
bool Kernel::from_cache() const { return code_->from_cache; }
int Kernel::lanes() const { return code_->lanes; }

}  // namespace callosum::jit
