#pragma once

#include <string_view>

namespace callosum {

enum class Precision { single, twofold };

constexpr std::string_view name(Precision p) { return p == Precision::single ? "float" : "double"; }
constexpr int bytes(Precision p) { return p == Precision::single ? 4 : 8; }

/// While one of these lives, the calling thread flushes subnormal results and operands to zero.
/// Every worker and the interpreter hold one, so results do not depend on who computes them.
class FlushSubnormals {
 public:
  FlushSubnormals();
  ~FlushSubnormals();
  FlushSubnormals(const FlushSubnormals&) = delete;
  FlushSubnormals& operator=(const FlushSubnormals&) = delete;

 private:
  unsigned saved_;
};

}  // namespace callosum
