#include "callosum/data/byte_reader.h"

#include <zlib.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

namespace callosum::data {

namespace fs = std::filesystem;

struct ByteReader::Source {
  gzFile file = nullptr;
  std::span<const std::uint8_t> memory;

  ~Source() {
    if (file) gzclose(file);
  }
};

namespace {

FileError cannot_open(const fs::path& path, std::string reason) {
  ErrorDetail detail;
  detail.where = "file '" + path.string() + "'";
  detail.what = "cannot be opened: " + std::move(reason);
  return FileError(std::move(detail));
}

constexpr std::size_t chunk = std::size_t{1} << 20;

}  // namespace

ByteReader::ByteReader(const fs::path& path)
    : source_(std::make_unique<Source>()), name_(path.string()) {
  std::error_code unknown;
  if (fs::is_directory(path, unknown)) throw cannot_open(path, "it is a folder");
  errno = 0;
  source_->file = gzopen(path.c_str(), "rb");
  if (!source_->file) throw cannot_open(path, errno ? std::strerror(errno) : "out of memory");
  gzbuffer(source_->file, 1 << 17);
}

ByteReader::ByteReader(std::span<const std::uint8_t> bytes, std::string name)
    : source_(std::make_unique<Source>()), name_(std::move(name)) {
  source_->memory = bytes;
}

ByteReader::ByteReader(ByteReader&&) noexcept = default;
ByteReader::~ByteReader() = default;

FileError ByteReader::error(std::string what, std::string got, std::string expected) const {
  ErrorDetail detail;
  detail.where = "file '" + name_ + "', byte " + std::to_string(position_);
  detail.what = std::move(what);
  detail.got = std::move(got);
  detail.expected = std::move(expected);
  return FileError(std::move(detail));
}

std::size_t ByteReader::fill(std::uint8_t* to, std::size_t count) {
  std::size_t done = 0;
  if (count > 0 && ahead_ >= 0) {
    to[done++] = static_cast<std::uint8_t>(ahead_);
    ahead_ = -1;
  }
  if (!source_->file) {
    const std::size_t n = std::min(count - done, source_->memory.size());
    std::copy_n(source_->memory.begin(), n, to + done);
    source_->memory = source_->memory.subspan(n);
    return done + n;
  }
  while (done < count) {
    const auto part = static_cast<unsigned>(std::min(count - done, std::size_t{1} << 30));
    const int n = gzread(source_->file, to + done, part);
    int state = Z_OK;
    const char* message = gzerror(source_->file, &state);
    if (n < 0 || (state != Z_OK && state != Z_STREAM_END)) {
      if (state == Z_BUF_ERROR)
        throw error("the compressed data break off", "", "a whole gzip file");
      throw error("the compressed data are corrupt: " + std::string(message));
    }
    if (n == 0) break;
    done += static_cast<std::size_t>(n);
  }
  return done;
}

std::vector<std::uint8_t> ByteReader::take_up_to(std::uint64_t count) {
  std::vector<std::uint8_t> out;
  while (out.size() < count) {
    const std::size_t have = out.size();
    const std::size_t want =
        static_cast<std::size_t>(std::min<std::uint64_t>(count - have, std::max(chunk, have)));
    out.resize(have + want);
    const std::size_t got = fill(out.data() + have, want);
    out.resize(have + got);
    position_ += got;
    if (got < want) break;
  }
  return out;
}

std::vector<std::uint8_t> ByteReader::take(std::uint64_t count, const char* what) {
  std::vector<std::uint8_t> out = take_up_to(count);
  if (out.size() < count)
    throw error("the file ends within " + std::string(what), std::to_string(out.size()) + " bytes",
                std::to_string(count) + " bytes");
  return out;
}

void ByteReader::skip(std::uint64_t count, const char* what) {
  while (count > 0) {
    const std::uint64_t part = std::min<std::uint64_t>(count, chunk);
    take(part, what);
    count -= part;
  }
}

std::vector<std::uint8_t> ByteReader::rest(std::uint64_t limit) {
  std::vector<std::uint8_t> out = take_up_to(limit);
  if (out.size() == limit && !at_end())
    throw error("the file is too large to be what it should be", "",
                "at most " + std::to_string(limit) + " bytes");
  return out;
}

bool ByteReader::at_end() {
  if (ahead_ >= 0) return false;
  std::uint8_t next = 0;
  if (fill(&next, 1) == 0) return true;
  ahead_ = next;
  return false;
}

void ByteReader::expect_end() {
  if (!at_end()) throw error("more bytes than the header describes", "", "the end of the file");
}

std::uint32_t ByteReader::u32_big(const char* what) {
  const auto b = take(4, what);
  return std::uint32_t{b[0]} << 24 | std::uint32_t{b[1]} << 16 | std::uint32_t{b[2]} << 8 | b[3];
}

std::uint32_t ByteReader::u32_little(const char* what) {
  const auto b = take(4, what);
  return std::uint32_t{b[3]} << 24 | std::uint32_t{b[2]} << 16 | std::uint32_t{b[1]} << 8 | b[0];
}

std::string read_text(const fs::path& path, std::uint64_t limit) {
  const std::vector<std::uint8_t> bytes = ByteReader(path).rest(limit);
  return std::string(bytes.begin(), bytes.end());
}

}  // namespace callosum::data
