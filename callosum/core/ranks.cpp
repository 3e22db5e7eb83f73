#include "callosum/core/ranks.h"

#include <dlfcn.h>

#include <bit>
#include <cstdlib>
#include <filesystem>
#include <string>
#include <string_view>

#include "callosum/core/error.h"

namespace callosum {
namespace {

constexpr char module_name[] = "libcallosum_mpi.so";
std::shared_ptr<Ranks> loaded;

/// What the launcher says of the number of processes; 0: it does not say; -1: there is none.
int launched_size() {
  for (const char* name : {"OMPI_COMM_WORLD_SIZE", "PMI_SIZE"})
    if (const char* value = std::getenv(name)) return std::atoi(value);
  return std::getenv("PMIX_RANK") != nullptr ? 0 : -1;
}

/// Where the module may be: as told, or about the file this code is in.
std::vector<std::string> places() {
  if (const char* told = std::getenv("CALLOSUM_MPI"); told && *told) return {told};
  Dl_info here = {};
  if (dladdr(reinterpret_cast<void*>(&launched_size), &here) == 0) return {};
  std::error_code failure;
  // A program's own name may be without its folder.
  const bool named = std::string_view(here.dli_fname).find('/') != std::string_view::npos;
  const auto folder =
      std::filesystem::canonical(named ? here.dli_fname : "/proc/self/exe", failure).parent_path();
  std::vector<std::string> all;
  for (const char* from : {"", "../lib", "../lib/x86_64-linux-gnu", "../lib/aarch64-linux-gnu"})
    all.push_back((folder / from / module_name).lexically_normal().string());
  return all;
}

std::shared_ptr<Ranks> load(int expected) {
  std::string tried;
  for (const std::string& path : places()) {
    std::error_code failure;
    if (!std::filesystem::exists(path, failure)) {
      tried += (tried.empty() ? "" : ", ") + path;
      continue;
    }
    // Global, because MPI loads parts of its own that look for it.
    void* module = dlopen(path.c_str(), RTLD_NOW | RTLD_GLOBAL);
    if (module == nullptr)
      throw ResourceError({.where = "MPI", .what = "it cannot be loaded", .got = dlerror()});
    const auto make = reinterpret_cast<Ranks* (*)()>(dlsym(module, "callosum_mpi_ranks"));
    if (make == nullptr)
      throw ResourceError({.where = "MPI", .what = "this is no part of callosum", .got = path});
    std::shared_ptr<Ranks> ranks(make());
    if (expected > 0 && ranks->size() != expected)
      throw ResourceError(
          {.where = "MPI",
           .what = "the launcher is of another MPI than the one callosum was built with",
           .got = std::to_string(ranks->size()) + " processes",
           .expected = std::to_string(expected) + ", as the launcher says"});
    return ranks;
  }
  throw ResourceError(
      {.where = "MPI",
       .what = "the process was started by an MPI launcher, but callosum's part for MPI is missing",
       .got = "no " + tried,
       .expected = "a build with MPI (scripts/setup mpi), or CALLOSUM_MPI=/path/to/" +
                   std::string(module_name)});
}

}  // namespace

void merge(Ranks& ranks, std::span<double> values) {
  std::vector<std::uint64_t> bits(values.size());
  for (std::size_t k = 0; k < bits.size(); ++k) bits[k] = std::bit_cast<std::uint64_t>(values[k]);
  ranks.sum(bits);
  for (std::size_t k = 0; k < bits.size(); ++k) values[k] = std::bit_cast<double>(bits[k]);
}

int count_of(Ranks& ranks, bool yes) {
  std::uint64_t count = yes ? 1 : 0;
  ranks.sum({&count, 1});
  return static_cast<int>(count);
}

std::shared_ptr<Ranks> launched_ranks() {
  const int size = launched_size();
  if (size < 0 || size == 1) return nullptr;
  if (!loaded) loaded = load(size);
  return loaded;
}

std::shared_ptr<Ranks> loaded_ranks() { return loaded; }

}  // namespace callosum
