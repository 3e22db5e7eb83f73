#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "callosum/data/byte_reader.h"

namespace callosum::data {

/// Calls `take(name, content)` for each regular file of a tar archive (USTAR, POSIX.1-1988; GNU and
/// pax headers for long names are read over), in its order. Compression is undone by the reader.
/// \throws FileError for a wrong header checksum or an archive that breaks off.
void read_tar(ByteReader& in,
              const std::function<void(const std::string& name,
                                       const std::vector<std::uint8_t>& content)>& take);

}  // namespace callosum::data
