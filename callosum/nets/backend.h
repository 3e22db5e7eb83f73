#pragma once

#include <string>
#include <string_view>

namespace callosum::nets {

/// The dense linear algebra that libtorch found at run time.
struct Blas {
  std::string name;    ///< "openblas", "blis", "mkl", "atlas", "reference" or "unknown"
  std::string file;    ///< the shared object its symbols come from
  std::string config;  ///< what OpenBLAS says of itself; empty for others
  bool fast = false;   ///< false for the reference BLAS, 17 times slower per core than OpenBLAS
};

/// Looked up once.
const Blas& blas();
/// Which BLAS a shared object at this (resolved) path is; empty paths are "unknown".
std::string_view blas_name(std::string_view path);

/// Throws ResourceError, with the command that cures it, when the BLAS is the reference one or
/// cannot be told.
void require_fast_blas();

/// Threads for libtorch's own loops and for OpenBLAS together; libtorch alone starts with one.
/// Results of libtorch are equal to the bit only for equal thread counts. ValueError unless
/// threads >= 1.
void set_threads(int threads);
int threads();

/// What a program that uses this floor calls first: `set_threads` and `require_fast_blas`.
void start(int threads);

}  // namespace callosum::nets
