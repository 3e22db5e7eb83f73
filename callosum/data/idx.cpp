#include "callosum/data/idx.h"

#include <algorithm>

#include "callosum/data/decode_numbers.h"

namespace callosum::data {

namespace {

Array::Values decode(int type, std::span<const std::uint8_t> bytes) {
  switch (type) {
    case 0x08:
      return std::vector<std::uint8_t>(bytes.begin(), bytes.end());
    case 0x09:
      return decode_numbers<std::int8_t>(bytes, Endian::big);
    case 0x0B:
      return decode_numbers<std::int16_t>(bytes, Endian::big);
    case 0x0C:
      return decode_numbers<std::int32_t>(bytes, Endian::big);
    case 0x0D:
      return decode_numbers<float>(bytes, Endian::big);
    default:
      return decode_numbers<double>(bytes, Endian::big);
  }
}

std::size_t width_of(int type) {
  switch (type) {
    case 0x08:
    case 0x09:
      return 1;
    case 0x0B:
      return 2;
    case 0x0C:
    case 0x0D:
      return 4;
    case 0x0E:
      return 8;
    default:
      return 0;
  }
}

}  // namespace

Array read_idx(ByteReader& in) {
  const std::vector<std::uint8_t> magic = in.take(4, "the magic number");
  const std::size_t width = width_of(magic[2]);
  if (magic[0] != 0 || magic[1] != 0 || width == 0 || magic[3] == 0 || magic[3] > 8) {
    std::string got;
    for (std::uint8_t b : magic) got += (got.empty() ? "" : " ") + std::to_string(b);
    throw in.error("this is no IDX file", "first bytes " + got,
                   "0 0, a type among 8 9 11 12 13 14, and 1 to 8 dimensions");
  }
  Array array;
  array.name = in.name();
  std::uint64_t bytes = width;
  for (int d = 0; d < magic[3]; ++d) {
    const std::uint32_t n = in.u32_big("the sizes of the dimensions");
    array.shape.push_back(n);
    if (__builtin_mul_overflow(bytes, std::uint64_t{n}, &bytes))
      throw in.error("the dimensions claim more numbers than there can be", array.shape_text());
  }
  array.values = decode(magic[2], in.take(bytes, ("the body of " + array.shape_text()).c_str()));
  in.expect_end();
  return array;
}

Array read_idx(const std::filesystem::path& path) {
  ByteReader in(path);
  return read_idx(in);
}

}  // namespace callosum::data
