#include "callosum/data/tar.h"

#include <algorithm>

namespace callosum::data {

namespace {

constexpr std::size_t block = 512;

/// The text of a header's field, up to its first zero.
std::string field(const std::vector<std::uint8_t>& header, std::size_t at, std::size_t length) {
  const auto begin = header.begin() + static_cast<std::ptrdiff_t>(at);
  return std::string(begin, std::find(begin, begin + static_cast<std::ptrdiff_t>(length), 0));
}

std::uint64_t octal(ByteReader& in, const std::string& text, const char* what) {
  std::uint64_t n = 0;
  bool any = false;
  for (char c : text) {
    if (c == ' ') continue;
    if (c < '0' || c > '7') throw in.error("this is no tar archive: " + std::string(what), text);
    n = n * 8 + static_cast<std::uint64_t>(c - '0');
    any = true;
  }
  if (!any) throw in.error("this is no tar archive: " + std::string(what), text);
  return n;
}

void check(ByteReader& in, const std::vector<std::uint8_t>& header) {
  std::uint64_t sum = 0;
  for (std::size_t i = 0; i < block; ++i) sum += i >= 148 && i < 156 ? ' ' : header[i];
  const std::uint64_t stated = octal(in, field(header, 148, 8), "its checksum is no number");
  if (sum != stated)
    throw in.error("a header of this tar archive is damaged", "checksum " + std::to_string(sum),
                   std::to_string(stated));
}

}  // namespace

void read_tar(
    ByteReader& in,
    const std::function<void(const std::string&, const std::vector<std::uint8_t>&)>& take) {
  while (true) {
    const std::vector<std::uint8_t> header = in.take(block, "a tar header");
    if (std::all_of(header.begin(), header.end(), [](std::uint8_t b) { return b == 0; })) return;
    check(in, header);
    const std::uint64_t size = octal(in, field(header, 124, 12), "its size is no number");
    const std::string prefix = field(header, 345, 155);
    const std::string name = (prefix.empty() ? "" : prefix + "/") + field(header, 0, 100);
    const std::vector<std::uint8_t> content = in.take(size, ("'" + name + "'").c_str());
    in.skip((block - size % block) % block, "the padding of a tar member");
    if (header[156] == '0' || header[156] == 0) take(name, content);
  }
}

}  // namespace callosum::data
