#include "callosum/data/npy.h"

#include <charconv>
#include <cmath>
#include <fstream>
#include <optional>

#include "callosum/data/decode_numbers.h"

namespace callosum::data {

namespace fs = std::filesystem;

namespace {

struct Header {
  std::string type;  ///< as in "<f4"
  bool fortran = false;
  std::vector<std::size_t> shape;
};

/// The value after 'key': in the header's Python dictionary.
std::optional<std::string_view> value_of(std::string_view text, std::string_view key) {
  for (const char quote : {'\'', '"'}) {
    const std::string quoted = quote + std::string(key) + quote;
    const std::size_t at = text.find(quoted);
    if (at == std::string_view::npos) continue;
    const std::size_t colon = text.find(':', at + quoted.size());
    if (colon == std::string_view::npos) return std::nullopt;
    const std::size_t begin = text.find_first_not_of(' ', colon + 1);
    if (begin == std::string_view::npos) return std::nullopt;
    return text.substr(begin);
  }
  return std::nullopt;
}

std::optional<std::vector<std::size_t>> shape_of(std::string_view text) {
  if (!text.starts_with('(')) return std::nullopt;
  const std::size_t end = text.find(')');
  if (end == std::string_view::npos) return std::nullopt;
  std::vector<std::size_t> shape;
  const char* at = text.data() + 1;
  const char* const last = text.data() + end;
  while (true) {
    while (at < last && (*at == ' ' || *at == ',')) ++at;
    if (at == last) return shape;
    std::uint64_t n = 0;
    const auto [after, problem] = std::from_chars(at, last, n);
    if (problem != std::errc() || shape.size() == 32) return std::nullopt;
    shape.push_back(n);
    at = after < last && *after == 'L' ? after + 1 : after;  // written by Python 2
  }
}

Header parse(ByteReader& in, const std::string& text) {
  const auto type = value_of(text, "descr"), order = value_of(text, "fortran_order"),
             shape = value_of(text, "shape");
  const auto numbers = shape ? shape_of(*shape) : std::nullopt;
  if (!type || !order || !numbers || !(order->starts_with("True") || order->starts_with("False")))
    throw in.error("the header of this NumPy file cannot be read", text.substr(0, 80),
                   "a dictionary of descr, fortran_order and shape");
  Header header;
  header.fortran = order->starts_with("True");
  header.shape = *numbers;
  if (type->size() > 1 && (type->front() == '\'' || type->front() == '"'))
    header.type = type->substr(1, type->find(type->front(), 1) - 1);
  return header;
}

float half(std::uint16_t bits) {
  const int exponent = bits >> 10 & 31, fraction = bits & 1023;
  float size = 0;
  if (exponent == 31)
    size = fraction ? std::nanf("") : INFINITY;
  else
    size = exponent ? std::ldexp(static_cast<float>(1024 + fraction), exponent - 25)
                    : std::ldexp(static_cast<float>(fraction), -24);
  return bits & 0x8000 ? -size : size;
}

using Bytes = std::span<const std::uint8_t>;

std::size_t width_of(const std::string& type) {
  return type.size() == 3 && type[2] >= '1' && type[2] <= '8'
             ? static_cast<std::size_t>(type[2] - '0')
             : 0;
}

std::optional<Array::Values> decode(const std::string& type, Bytes bytes) {
  const Endian order = type[0] == '>' ? Endian::big : Endian::little;
  const std::string kind = type.substr(1);
  if (kind == "u1" || kind == "b1") return std::vector<std::uint8_t>(bytes.begin(), bytes.end());
  if (kind == "i1") return decode_numbers<std::int8_t>(bytes, order);
  if (kind == "u2") return decode_numbers<std::uint16_t>(bytes, order);
  if (kind == "i2") return decode_numbers<std::int16_t>(bytes, order);
  if (kind == "u4") return decode_numbers<std::uint32_t>(bytes, order);
  if (kind == "i4") return decode_numbers<std::int32_t>(bytes, order);
  if (kind == "u8") return decode_numbers<std::uint64_t>(bytes, order);
  if (kind == "i8") return decode_numbers<std::int64_t>(bytes, order);
  if (kind == "f4") return decode_numbers<float>(bytes, order);
  if (kind == "f8") return decode_numbers<double>(bytes, order);
  if (kind != "f2") return std::nullopt;
  std::vector<float> out;
  for (std::uint16_t bits : decode_numbers<std::uint16_t>(bytes, order)) out.push_back(half(bits));
  return out;
}

[[noreturn]] void unsupported(const std::string& name, const std::string& type) {
  ErrorDetail detail;
  detail.where = "file '" + name + "'";
  detail.what = "numbers of this type are not read";
  detail.got = type.empty() ? "a record" : type;
  detail.expected = "whole numbers, floats or booleans";
  throw UnsupportedError(std::move(detail));
}

/// The same numbers with the last index running fastest instead of the first.
template <class T>
std::vector<T> row_major(const std::vector<T>& from, const std::vector<std::size_t>& shape) {
  std::vector<T> to(from.size());
  std::vector<std::size_t> index(shape.size());
  std::vector<std::size_t> stride(shape.size(), 1);
  for (std::size_t d = shape.size() - 1; d-- > 0;) stride[d] = stride[d + 1] * shape[d + 1];
  std::size_t at = 0;
  for (const T& value : from) {
    to[at] = value;
    for (std::size_t d = 0; d < shape.size(); ++d) {
      at += stride[d];
      if (++index[d] < shape[d]) break;
      at -= stride[d] * shape[d];
      index[d] = 0;
    }
  }
  return to;
}

}  // namespace

Array read_npy(ByteReader& in) {
  const std::vector<std::uint8_t> magic = in.take(8, "the magic number");
  const std::string start(magic.begin(), magic.begin() + 6);
  if (start != "\x93NUMPY" || magic[6] < 1 || magic[6] > 3)
    throw in.error("this is no NumPy file", "", "\\x93NUMPY and version 1 to 3");
  std::uint64_t length = 0;
  if (magic[6] == 1) {
    const auto two = in.take(2, "the length of the header");
    length = decode_number<std::uint16_t>(two.data(), Endian::little);
  } else {
    length = in.u32_little("the length of the header");
  }
  const std::vector<std::uint8_t> text = in.take(length, "the header");
  const Header header = parse(in, std::string(text.begin(), text.end()));

  const std::size_t width = width_of(header.type);
  if (width == 0 || !decode(header.type, {})) unsupported(in.name(), header.type);
  Array array;
  array.name = in.name();
  array.shape = header.shape;
  std::uint64_t bytes = width;
  for (std::size_t n : array.shape)
    if (__builtin_mul_overflow(bytes, std::uint64_t{n}, &bytes))
      throw in.error("the shape claims more numbers than there can be", array.shape_text());
  const auto body = in.take(bytes, ("the body of " + array.shape_text()).c_str());
  in.expect_end();
  auto values = decode(header.type, body);
  if (!values) unsupported(in.name(), header.type);
  array.values = std::move(*values);
  if (header.fortran && array.shape.size() > 1)
    std::visit([&](auto& all) { all = row_major(all, array.shape); }, array.values);
  return array;
}

Array read_npy(const fs::path& path) {
  ByteReader in(path);
  return read_npy(in);
}

void write_npy(const fs::path& path, const Array& array) {
  std::size_t count = 1;
  std::string shape;
  for (std::size_t n : array.shape) {
    count *= n;
    shape += std::to_string(n) + ", ";
  }
  if (count != array.size()) {
    ErrorDetail detail;
    detail.where = "file '" + path.string() + "'";
    detail.what = "the shape does not fit the numbers";
    detail.got = array.shape_text();
    detail.expected = std::to_string(array.size()) + " numbers";
    throw ShapeError(std::move(detail));
  }
  static_assert(std::endian::native == std::endian::little);
  constexpr std::string_view types[] = {"|u1", "|i1", "<u2", "<i2", "<u4",
                                        "<i4", "<u8", "<i8", "<f4", "<f8"};
  std::string header = "{'descr': '" + std::string(types[array.values.index()]) +
                       "', 'fortran_order': False, 'shape': (" + shape + "), }";
  while ((10 + header.size() + 1) % 64 != 0) header += ' ';
  header += '\n';
  const fs::path unfinished = path.string() + ".unfinished";
  {
    std::ofstream out(unfinished, std::ios::binary);
    out << "\x93NUMPY" << '\1' << '\0' << static_cast<char>(header.size() & 255)
        << static_cast<char>(header.size() >> 8) << header;
    std::visit(
        [&](const auto& all) {
          out.write(reinterpret_cast<const char*>(all.data()),
                    static_cast<std::streamsize>(all.size() * sizeof(all[0])));
        },
        array.values);
    out.close();
    std::error_code problem;
    if (out) fs::rename(unfinished, path, problem);
    if (out && !problem) return;
  }
  std::error_code ignored;
  fs::remove(unfinished, ignored);
  ErrorDetail detail;
  detail.where = "file '" + path.string() + "'";
  detail.what = "cannot be written";
  throw FileError(std::move(detail));
}

}  // namespace callosum::data
