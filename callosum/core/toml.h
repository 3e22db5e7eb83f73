#pragma once

#include <stdexcept>

/// toml++ with its assertions made exceptions: version 3.3 finds some broken texts ("[%") by an
/// assertion only, and a library must not abort on a file. Every source that reads TOML includes
/// this instead of toml++ itself, since its functions are inline and must be the same everywhere.
namespace callosum {

/// What a reader catches beside toml::parse_error.
class BrokenToml : public std::logic_error {
 public:
  BrokenToml() : std::logic_error("a key or value is malformed") {}
};

[[noreturn]] inline void broken_toml() { throw BrokenToml(); }

}  // namespace callosum

#pragma push_macro("NDEBUG")
#undef NDEBUG
#define TOML_ASSERT(condition) \
  (static_cast<bool>(condition) ? static_cast<void>(0) : ::callosum::broken_toml())
#include <toml++/toml.h>
#pragma pop_macro("NDEBUG")
