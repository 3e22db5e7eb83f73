#pragma once

#include <cstdint>
#include <memory>
#include <string>

namespace callosum::jit {

using EntryPoint = void (*)(void* const* columns, const void* uniforms, std::uint64_t* const* masks,
                            std::int64_t begin, std::int64_t end);

/// An object file in executable memory; the memory is returned when this dies.
class LinkedCode {
 public:
  virtual ~LinkedCode() = default;
  EntryPoint entry() const { return entry_; }

 protected:
  EntryPoint entry_ = nullptr;
};

/// Links an object file that `compile_object` made. Thread-safe. Throws ResourceError naming
/// `program` when it cannot.
std::unique_ptr<LinkedCode> link_object(const std::string& object, const std::string& program);

}  // namespace callosum::jit
