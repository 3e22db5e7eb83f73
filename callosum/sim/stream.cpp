#include "callosum/sim/stream.h"

#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <system_error>

#include "callosum/core/checksum.h"
#include "callosum/core/error.h"
#include "callosum/core/random.h"

namespace callosum::sim {
namespace {

constexpr char first_line[] = "callosum recording 1";

struct ChunkHead {
  std::uint64_t size = 0, checksum = 0;
};

std::uint64_t chunk_sum(const char* bytes, std::size_t size) {
  return checksum(bytes, size, mix64(size));
}

[[noreturn]] void damaged(const std::string& path, std::string what) {
  throw FileError({.where = "recording '" + path + "'", .what = std::move(what)});
}

}  // namespace

std::string StreamFile::header_text() const {
  std::string text = std::string(first_line) + "\n";
  for (const auto& [key, value] : header_) text += key + " " + value + "\n";
  return text + "\n";
}

void StreamFile::restart() {
  file_.reset(std::fopen(path_.c_str(), "wb"));
  if (!file_) fail();
  const std::string text = header_text();
  if (std::fwrite(text.data(), 1, text.size(), file_.get()) != text.size() ||
      std::fflush(file_.get()) != 0)
    fail();
  length_ = text.size();
}

void StreamFile::begin() {
  if (file_)
    cut();
  else
    restart();
}

void StreamFile::resume(std::uint64_t length) {
  file_.reset(std::fopen(path_.c_str(), "r+b"));
  if (!file_) damaged(path_, "what a checkpoint counts on cannot be opened");
  const std::string expected = header_text();
  std::string found(expected.size(), '\0');
  if (std::fread(found.data(), 1, found.size(), file_.get()) != found.size() || found != expected)
    damaged(path_, "it is of another recorder than the checkpoint counts on");
  std::error_code failure;
  if (length < expected.size() || std::filesystem::file_size(path_, failure) < length || failure)
    damaged(path_, "it is shorter than the checkpoint counts on");
  length_ = length;
}

void StreamFile::cut() {
  if (ftruncate(fileno(file_.get()), static_cast<off_t>(length_)) != 0 ||
      std::fseek(file_.get(), 0, SEEK_END) != 0)
    fail();
}

std::uint64_t StreamFile::sync() {
  if (std::fflush(file_.get()) != 0 || fdatasync(fileno(file_.get())) != 0) fail();
  return length_;
}

void StreamFile::append(const void* bytes, std::size_t size) {
  if (size == 0) return;
  const ChunkHead head{size, chunk_sum(static_cast<const char*>(bytes), size)};
  if (std::fwrite(&head, sizeof head, 1, file_.get()) != 1 ||
      std::fwrite(bytes, 1, size, file_.get()) != size || std::fflush(file_.get()) != 0)
    fail();
  length_ += sizeof head + size;
}

void StreamFile::fail() const {
  throw FileError({.where = "recording '" + path_ + "'",
                   .what = "it cannot be written: " + std::generic_category().message(errno)});
}

std::string read_stream(const std::string& path, StreamFile::Header& header, std::uint64_t length) {
  std::error_code failure;
  if (std::filesystem::exists(path, failure) && !std::filesystem::is_regular_file(path, failure))
    damaged(path, "this is no recording");
  std::ifstream in(path, std::ios::binary);
  if (!in) damaged(path, "it cannot be read");
  const bool whole = length == ~std::uint64_t{0};
  if (!whole && std::filesystem::file_size(path, failure) < length)
    damaged(path, "it is shorter than the checkpoint counts on");
  const std::uint64_t all = std::min(length, std::filesystem::file_size(path, failure));
  std::string line;
  if (!std::getline(in, line) || line != first_line) damaged(path, "this is no recording");
  header.clear();
  while (std::getline(in, line) && !line.empty()) {
    const std::size_t space = line.find(' ');
    if (space == std::string::npos) damaged(path, "its header is damaged");
    header[line.substr(0, space)] = line.substr(space + 1);
  }
  std::string content;
  ChunkHead head;
  while (in.read(reinterpret_cast<char*>(&head), sizeof head)) {
    const auto here = static_cast<std::uint64_t>(in.tellg());
    if (here > all || head.size > all - here) break;  // the chunk that was being written
    const std::size_t before = content.size();
    content.resize(before + head.size);
    in.read(content.data() + before, static_cast<std::streamsize>(head.size));
    if (chunk_sum(content.data() + before, head.size) == head.checksum) continue;
    if (here + head.size < all) damaged(path, "a chunk does not have its checksum");
    content.resize(before);
  }
  return content;
}

void save_stream(ArchiveWriter& checkpoint, const std::string& name, StreamFile& file) {
  checkpoint.put(name + " bytes", file.sync());
}

bool is_streamed(const ArchiveReader& checkpoint, const std::string& name) {
  return checkpoint.has(name + " bytes");
}

std::optional<std::string> resume_stream(const ArchiveReader& checkpoint, const std::string& name,
                                         const std::string& folder, StreamFile* file) {
  const auto length = checkpoint.value<std::uint64_t>(name + " bytes");
  const std::string path = folder + "/" + name + ".rec";
  std::error_code failure;
  if (file != nullptr && std::filesystem::equivalent(path, file->path(), failure)) {
    file->resume(length);
    return std::nullopt;
  }
  StreamFile::Header header;
  return read_stream(path, header, length);
}

std::int64_t whole_number(const std::string& text, const std::string& path) {
  std::int64_t value = 0;
  const auto [end, failure] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (failure != std::errc() || end != text.data() + text.size() || value < 0)
    damaged(path, "a number of its header is damaged");
  return value;
}

std::string numbers(const std::vector<std::int64_t>& values) {
  std::string text;
  for (std::int64_t v : values) text += (text.empty() ? "" : " ") + std::to_string(v);
  return text;
}

std::vector<std::int64_t> numbers(const std::string& text, const std::string& path) {
  std::vector<std::int64_t> values;
  std::istringstream in(text);
  for (std::string word; in >> word;) values.push_back(whole_number(word, path));
  return values;
}

std::string dimension_text(Dimension d) {
  std::vector<std::int64_t> twelfths;
  for (int base = 0; base < 7; ++base)  // an offset keeps them positive
    twelfths.push_back(
        1000 + static_cast<std::int64_t>(12 * d.exponent(static_cast<Dimension::Base>(base))));
  return numbers(twelfths);
}

Dimension dimension_of(const std::string& text, const std::string& path) {
  const std::vector<std::int64_t> twelfths = numbers(text, path);
  if (twelfths.size() != 7) damaged(path, "its dimension is damaged");
  Dimension result;
  for (std::size_t base = 0; base < 7; ++base) {
    if (twelfths[base] > 2000) damaged(path, "its dimension is damaged");
    std::array<int, 7> one{};
    one[base] = 1;
    result = result * Dimension(one).pow(static_cast<double>(twelfths[base] - 1000) / 12);
  }
  return result;
}

std::vector<double> doubles(const std::string& bytes) {
  std::vector<double> values(bytes.size() / sizeof(double));
  std::memcpy(values.data(), bytes.data(), values.size() * sizeof(double));
  return values;
}

std::string stream_folder(const std::string& folder) {
  if (folder.empty()) return folder;
  std::error_code failure;
  std::filesystem::create_directories(folder, failure);
  if (failure)
    throw FileError({.where = "recordings",
                     .what = "the folder cannot be made: " + failure.message(),
                     .got = folder});
  return folder;
}

}  // namespace callosum::sim
