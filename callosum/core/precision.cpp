#include "callosum/core/precision.h"

#include <cstdint>

#if defined(__x86_64__) || defined(_M_X64)
#include <xmmintrin.h>
#endif

namespace callosum {
namespace {

#if defined(__x86_64__) || defined(_M_X64)
constexpr unsigned flush_bits = 0x8040;  // MXCSR: flush to zero (15), denormals are zero (6)
unsigned control() { return _mm_getcsr(); }
void set_control(unsigned value) { _mm_setcsr(value); }
#elif defined(__aarch64__)
constexpr unsigned flush_bits = 1u << 24;  // FPCR.FZ: results and operands
unsigned control() {
  std::uint64_t value;
  asm volatile("mrs %0, fpcr" : "=r"(value));
  return static_cast<unsigned>(value);
}
void set_control(unsigned value) {
  asm volatile("msr fpcr, %0" : : "r"(static_cast<std::uint64_t>(value)));
}
#else
#error "Callosum runs on x86-64 and on 64-bit ARM"
#endif

}  // namespace

FlushSubnormals::FlushSubnormals() : saved_(control()) { set_control(saved_ | flush_bits); }

FlushSubnormals::~FlushSubnormals() { set_control(saved_); }

}  // namespace callosum
