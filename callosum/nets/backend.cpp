#include "callosum/nets/backend.h"

#include <ATen/Parallel.h>
#include <dlfcn.h>

#include <filesystem>

#include "callosum/core/error.h"
#include "callosum/nets/check.h"

namespace callosum::nets {
namespace {

template <class Function>
Function symbol(const char* name) {
  return reinterpret_cast<Function>(dlsym(RTLD_DEFAULT, name));
}

Blas look_up() {
  Blas found;
  Dl_info info{};
  if (void* gemm = dlsym(RTLD_DEFAULT, "dgemm_"); gemm && dladdr(gemm, &info) && info.dli_fname) {
    std::error_code none;
    const auto path = std::filesystem::canonical(info.dli_fname, none);
    found.file = none ? info.dli_fname : path.string();
  }
  found.name = blas_name(found.file);
  if (found.name == "openblas")
    if (auto config = symbol<char* (*)()>("openblas_get_config")) found.config = config();
  found.fast = found.name != "reference" && found.name != "unknown";
  return found;
}

}  // namespace

std::string_view blas_name(std::string_view path) {
  for (std::string_view name : {"openblas", "blis", "mkl", "atlas"})
    if (path.find(name) != path.npos) return name;
  if (path.find("libblas.so") != path.npos) return "reference";
  return "unknown";
}

const Blas& blas() {
  static const Blas found = look_up();
  return found;
}

void require_fast_blas() {
  const Blas& found = blas();
  if (found.fast) return;
  throw ResourceError(
      {.where = "linear algebra",
       .what = "dense products would run about 17 times slower than they can",
       .got = found.file.empty() ? "no BLAS that can be named" : found.name + " " + found.file,
       .expected = "OpenBLAS: apt-get install libopenblas0-openmp"});
}

void set_threads(int threads) {
  check::at_least("linear algebra", "threads", threads, 1);
  at::set_num_threads(threads);
  if (blas().name == "openblas")
    if (auto set = symbol<void (*)(int)>("openblas_set_num_threads")) set(threads);
}

int threads() { return at::get_num_threads(); }

void start(int threads) {
  set_threads(threads);
  require_fast_blas();
}

}  // namespace callosum::nets
