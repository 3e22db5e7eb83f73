#pragma once

#include <filesystem>

#include "callosum/data/array.h"
#include "callosum/data/byte_reader.h"

namespace callosum::data {

/// A NumPy file, format version 1 to 3, either byte order, C or Fortran order (given back in C
/// order). Half floats become float32, booleans uint8.
/// \throws FileError for anything that is no such file, or is short or long; UnsupportedError for
/// types without a number in them (objects, text, complex, records).
Array read_npy(const std::filesystem::path& path);
Array read_npy(ByteReader& in);

/// Writes version 1.0, C order, little-endian; `array.size()` must fit its shape.
/// \throws ShapeError; FileError when it cannot be written (no half file is left).
void write_npy(const std::filesystem::path& path, const Array& array);

}  // namespace callosum::data
