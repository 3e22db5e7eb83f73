#pragma once

#include <filesystem>

#include "callosum/data/array.h"
#include "callosum/data/byte_reader.h"

namespace callosum::data {

/// An IDX file (Y. LeCun, the format of MNIST), plain or gzip: two zero bytes, a type code, the
/// number of dimensions, their sizes, the numbers; all big-endian.
/// \throws FileError for a wrong magic number, a type or rank nobody uses, a short or long body.
Array read_idx(const std::filesystem::path& path);
Array read_idx(ByteReader& in);

}  // namespace callosum::data
