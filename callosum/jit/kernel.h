#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "callosum/model/interpret.h"
#include "callosum/model/program.h"

namespace callosum::jit {

enum class Engine { machine_code, interpreter };

struct KernelOptions {
  Engine engine = Engine::machine_code;
  int lanes = 0;  ///< vector width: 4, 8, 16; 0: what this processor likes best
  /// "" : $CALLOSUM_CACHE, else $XDG_CACHE_HOME/callosum, else ~/.cache/callosum.
  std::string cache_dir = {};
  bool use_cache = true;
};

/// A lowered program made runnable. Thread-safe to run; copies share the code.
class Kernel {
 public:
  /// Throws std::logic_error unless the program is lowered (and, for machine code, stores per lane
  /// only); ValueError for other lanes; ResourceError when the processor lacks x86-64-v3 or NEON.
  /// A cache that cannot be read or written is passed over.
  Kernel(const model::Program& program, const KernelOptions& options = {});

  /// Lanes [begin, end), both multiples of model::lane_padding. A column that is written must not
  /// overlap another one.
  void run(const model::Arguments& arguments, std::int64_t begin, std::int64_t end) const;

  double compile_seconds() const;
  bool from_cache() const;
  int lanes() const;  ///< of machine code; 1 for the interpreter

 private:
  struct Code;
  std::shared_ptr<const Code> code_;
};

}  // namespace callosum::jit
