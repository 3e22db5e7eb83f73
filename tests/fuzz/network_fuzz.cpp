#include <cstddef>
#include <cstdint>
#include <string>

#include "callosum/core/error.h"
#include "callosum/format/network_file.h"

// The bytes are a network file.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string text(reinterpret_cast<const char*>(data), size);
  try {
    (void)callosum::format::read_network_text(text, "fuzz.toml");
  } catch (const callosum::Error&) {  // what the text deserves
  }
  return 0;
}
