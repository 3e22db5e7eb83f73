#include "callosum/data/zip.h"

#include <zlib.h>

#include <algorithm>
#include <fstream>

#include "callosum/data/decode_numbers.h"
#include "callosum/data/file_error.h"

namespace callosum::data {

namespace fs = std::filesystem;

struct ZipFile::Source {
  std::ifstream file;
  std::span<const std::uint8_t> memory;
  std::uint64_t size = 0;
  bool from_file = false;

  /// Exactly `count` bytes from `at`, or nothing when they are not all there.
  std::vector<std::uint8_t> get(std::uint64_t at, std::uint64_t count) {
    if (at > size || count > size - at) return {};
    std::vector<std::uint8_t> out(count);
    if (!from_file) {
      std::copy_n(memory.begin() + static_cast<std::ptrdiff_t>(at), count, out.begin());
      return out;
    }
    file.clear();
    file.seekg(static_cast<std::streamoff>(at));
    file.read(reinterpret_cast<char*>(out.data()), static_cast<std::streamsize>(count));
    return file ? out : std::vector<std::uint8_t>{};
  }
};

namespace {

using Bytes = std::vector<std::uint8_t>;

std::uint64_t number(const Bytes& from, std::size_t at, int width) {
  std::uint64_t n = 0;
  for (int i = width; i-- > 0;) n = n << 8 | from[at + static_cast<std::size_t>(i)];
  return n;
}

constexpr std::uint32_t small_limit = 0xFFFFFFFF;

/// Sizes that do not fit 32 bits stand in the extra field of id 1, only those that do not fit.
void widen(ZipMember& member, const Bytes& extra) {
  for (std::size_t at = 0; at + 4 <= extra.size();) {
    const std::size_t length = number(extra, at + 2, 2), end = at + 4 + length;
    if (end > extra.size()) return;
    if (number(extra, at, 2) == 1) {
      std::size_t next = at + 4;
      for (std::uint64_t* size : {&member.bytes, &member.packed, &member.header}) {
        if (*size != small_limit) continue;
        if (next + 8 > end) return;
        *size = number(extra, next, 8);
        next += 8;
      }
      return;
    }
    at = end;
  }
}

/// Inflates into at most `wanted` bytes, growing with what comes out.
bool inflate_all(const Bytes& packed, std::uint64_t wanted, Bytes& out) {
  z_stream stream{};
  if (inflateInit2(&stream, -MAX_WBITS) != Z_OK) return false;
  stream.next_in = const_cast<Bytef*>(packed.data());
  std::uint64_t fed = 0;
  int state = Z_OK;
  while (state == Z_OK && out.size() <= wanted) {
    if (stream.avail_in == 0) {
      stream.avail_in = static_cast<uInt>(std::min<std::uint64_t>(packed.size() - fed, 1u << 30));
      fed += stream.avail_in;
    }
    const std::size_t have = out.size();
    const std::size_t more = std::max<std::size_t>(1 << 16, std::min<std::size_t>(have, 1u << 28));
    out.resize(have + more);
    stream.next_out = out.data() + have;
    stream.avail_out = static_cast<uInt>(more);
    state = inflate(&stream, Z_NO_FLUSH);
    out.resize(have + more - stream.avail_out);
    if (state == Z_BUF_ERROR && fed < packed.size()) state = Z_OK;
  }
  inflateEnd(&stream);
  return state == Z_STREAM_END && out.size() == wanted;
}

}  // namespace

ZipFile::ZipFile(const fs::path& path) : source_(std::make_unique<Source>()), name_(path.string()) {
  source_->from_file = true;
  source_->file.open(path, std::ios::binary);
  std::error_code problem;
  source_->size = fs::file_size(path, problem);
  if (!source_->file || problem) throw file_error(in_file(path), "cannot be opened");
  read_directory();
}

ZipFile::ZipFile(std::span<const std::uint8_t> bytes, std::string name)
    : source_(std::make_unique<Source>()), name_(std::move(name)) {
  source_->memory = bytes;
  source_->size = bytes.size();
  read_directory();
}

ZipFile::ZipFile(ZipFile&&) noexcept = default;
ZipFile::~ZipFile() = default;

void ZipFile::read_directory() {
  const auto broken = [&](std::string what) { return file_error(in_file(name_), std::move(what)); };
  constexpr std::uint64_t end_record = 22, longest_comment = 65535;
  const std::uint64_t tail_size = std::min(source_->size, end_record + longest_comment);
  const std::uint64_t tail_at = source_->size - tail_size;
  const Bytes tail = source_->get(tail_at, tail_size);
  std::size_t at = tail.size() < end_record ? 0 : tail.size() - end_record + 1;
  while (at-- > 0)
    if (number(tail, at, 4) == 0x06054b50) break;
  if (at > tail.size()) throw broken("this is no zip archive: its end record is missing");
  std::uint64_t count = number(tail, at + 10, 2), size = number(tail, at + 12, 4),
                begin = number(tail, at + 16, 4);
  const std::uint64_t end_at = tail_at + at;
  if (count == 0xFFFF || size == small_limit || begin == small_limit) {
    const Bytes locator = end_at >= 20 ? source_->get(end_at - 20, 20) : Bytes{};
    if (locator.empty() || number(locator, 0, 4) != 0x07064b50)
      throw broken("the zip archive is damaged: its 64-bit end record is missing");
    const Bytes wide = source_->get(number(locator, 8, 8), 56);
    if (wide.empty() || number(wide, 0, 4) != 0x06064b50)
      throw broken("the zip archive is damaged: its 64-bit end record is not where it should be");
    count = number(wide, 32, 8);
    size = number(wide, 40, 8);
    begin = number(wide, 48, 8);
  }
  const Bytes directory = source_->get(begin, size);
  if (directory.size() != size)
    throw broken("the zip archive is cut off: its directory is missing");
  std::size_t next = 0;
  for (std::uint64_t i = 0; i < count; ++i) {
    if (directory.size() - next < 46 || number(directory, next, 4) != 0x02014b50)
      throw broken("the directory of the zip archive is damaged at entry " + std::to_string(i));
    const std::size_t name_size = number(directory, next + 28, 2),
                      extra_size = number(directory, next + 30, 2),
                      comment_size = number(directory, next + 32, 2);
    const std::size_t name_at = next + 46, extra_at = name_at + name_size;
    if (directory.size() - name_at < name_size + extra_size + comment_size)
      throw broken("the directory of the zip archive is damaged at entry " + std::to_string(i));
    ZipMember member;
    member.name.assign(directory.begin() + static_cast<std::ptrdiff_t>(name_at),
                       directory.begin() + static_cast<std::ptrdiff_t>(extra_at));
    member.method = static_cast<int>(number(directory, next + 10, 2));
    member.crc = static_cast<std::uint32_t>(number(directory, next + 16, 4));
    member.packed = number(directory, next + 20, 4);
    member.bytes = number(directory, next + 24, 4);
    member.header = number(directory, next + 42, 4);
    widen(member, Bytes(directory.begin() + static_cast<std::ptrdiff_t>(extra_at),
                        directory.begin() + static_cast<std::ptrdiff_t>(extra_at + extra_size)));
    if (!member.name.ends_with('/')) members_.push_back(std::move(member));
    next = extra_at + extra_size + comment_size;
  }
}

Bytes ZipFile::read(const ZipMember& member, std::uint64_t limit) {
  const std::string where = "'" + member.name + "' in '" + name_ + "'";
  if (member.method != 0 && member.method != 8)
    throw UnsupportedError({.where = where,
                            .what = "this coding of a zip member is not read",
                            .got = "method " + std::to_string(member.method),
                            .expected = "stored (0) or deflated (8), not encrypted"});
  if (member.bytes > limit)
    throw file_error(where, "it is larger than it should be",
                     std::to_string(member.bytes) + " bytes",
                     "at most " + std::to_string(limit) + " bytes");
  const Bytes local = source_->get(member.header, 30);
  if (local.empty() || number(local, 0, 4) != 0x04034b50)
    throw file_error(where, "the zip archive is damaged: the member is not where it should be");
  const std::uint64_t begin = member.header + 30 + number(local, 26, 2) + number(local, 28, 2);
  Bytes packed = source_->get(begin, member.packed);
  if (packed.size() != member.packed) throw file_error(where, "the zip archive is cut off");
  Bytes out;
  if (member.method == 0)
    out = std::move(packed);
  else if (!inflate_all(packed, member.bytes, out))
    throw file_error(where, "the compressed data are corrupt");
  uLong crc = crc32(0, nullptr, 0);
  for (std::size_t done = 0; done < out.size(); done += 1u << 30)
    crc = crc32(crc, out.data() + done,
                static_cast<uInt>(std::min<std::size_t>(out.size() - done, 1u << 30)));
  if (out.size() != member.bytes || crc != member.crc)
    throw file_error(where, "the member does not have its checksum");
  return out;
}

}  // namespace callosum::data
