#include "callosum/core/archive.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <system_error>
#include <utility>

#include "callosum/core/checksum.h"
#include "callosum/core/error.h"
#include "callosum/core/random.h"

namespace callosum {
namespace {

constexpr char end_name[] = "end";
constexpr std::uint32_t longest_name = 4096;

struct Head {
  std::uint32_t name, type;  ///< length of the name; archive::type_of
  std::uint64_t count, sum;
};

std::uint64_t sum_of(const Head& head, const std::string& name) {
  const std::uint64_t start = mix64(mix64(mix64(head.name) ^ head.type) ^ head.count);
  return checksum(name.data(), name.size(), start);
}

std::string first_line(const std::string& kind, int version) {
  return "callosum " + kind + " " + std::to_string(version) + "\n";
}

}  // namespace

ArchiveWriter::ArchiveWriter(std::string path, const std::string& kind, int version)
    : path_(std::move(path)),
      temporary_(path_ + ".part" + std::to_string(getpid())),
      where_(kind + " '" + path_ + "'"),
      file_(std::fopen(temporary_.c_str(), "wb")) {
  if (!file_) fail();
  const std::string line = first_line(kind, version);
  if (std::fwrite(line.data(), 1, line.size(), file_.get()) != line.size()) fail();
}

ArchiveWriter::ArchiveWriter() = default;

ArchiveWriter::~ArchiveWriter() {
  if (file_) std::remove(temporary_.c_str());
}

void ArchiveWriter::fail() {
  throw FileError(
      {.where = where_, .what = "it cannot be written: " + std::generic_category().message(errno)});
}

void ArchiveWriter::add(const void* data, std::size_t size) {
  if (size == 0) return;  // an empty array may have no address
  const auto* bytes = static_cast<const char*>(data);
  if (!file_)
    memory_.insert(memory_.end(), bytes, bytes + size);
  else if (std::fwrite(bytes, 1, size, file_.get()) != size)
    fail();
}

std::vector<char> ArchiveWriter::records() { return std::exchange(memory_, {}); }

void ArchiveWriter::append(std::span<const char> records) {
  add(records.data(), records.size());
  for (std::size_t at = 0; at < records.size();) {
    Head head;
    std::memcpy(&head, records.data() + at, sizeof head);
    sum_ = mix64(sum_ ^ head.sum);
    ++records_;
    at += sizeof head + head.name + head.count * (head.type & 0xff);
  }
}

void ArchiveWriter::write(const std::string& name, std::uint32_t type, std::size_t size,
                          const void* data, std::uint64_t count) {
  Head head{static_cast<std::uint32_t>(name.size()), type, count, 0};
  head.sum = checksum(data, count * size, sum_of(head, name));
  sum_ = mix64(sum_ ^ head.sum);
  ++records_;
  add(&head, sizeof head);
  add(name.data(), name.size());
  add(data, size * count);
}

void ArchiveWriter::commit() {
  const std::uint64_t last[] = {records_, sum_};
  put(end_name, std::span<const std::uint64_t>(last));
  if (std::fflush(file_.get()) != 0 || fsync(fileno(file_.get())) != 0) fail();
  if (std::rename(temporary_.c_str(), path_.c_str()) != 0) fail();
  file_.reset();
  // The name itself is durable once the folder is.
  const std::string folder = std::filesystem::path(path_).parent_path().string();
  const int handle = open(folder.empty() ? "." : folder.c_str(), O_RDONLY | O_DIRECTORY);
  if (handle < 0) return;
  (void)fsync(handle);
  close(handle);
}

ArchiveReader::ArchiveReader(std::string path, const std::string& kind, int version)
    : path_(std::move(path)), kind_(kind), file_(std::fopen(path_.c_str(), "rb")) {
  if (!file_) refuse({}, "it cannot be read: " + std::generic_category().message(errno));
  if (std::filesystem::is_directory(path_)) refuse({}, "this is a folder");
  index(kind, version);
}

ArchiveReader::ArchiveReader(std::span<const std::uint8_t> bytes, std::string path,
                             const std::string& kind, int version)
    : path_(std::move(path)),
      kind_(kind),
      // Opened for reading only, so the bytes stay as they are.
      file_(bytes.empty() ? nullptr
                          : fmemopen(const_cast<std::uint8_t*>(bytes.data()), bytes.size(), "rb")) {
  if (!file_) refuse({}, "it is empty");
  index(kind, version);
}

void ArchiveReader::refuse(const std::string& name, std::string what, std::string got,
                           std::string expected) const {
  throw FileError({.where = kind_ + " '" + path_ + "'" + (name.empty() ? "" : ", '" + name + "'"),
                   .what = std::move(what),
                   .got = std::move(got),
                   .expected = std::move(expected)});
}

bool ArchiveReader::take(void* to, std::uint64_t size) const {
  return std::fread(to, 1, size, file_.get()) == size;
}

void ArchiveReader::index(const std::string& kind, int version) {
  std::fseek(file_.get(), 0, SEEK_END);
  const auto all = static_cast<std::uint64_t>(std::ftell(file_.get()));
  std::rewind(file_.get());
  const std::string wanted = first_line(kind, version), start = "callosum " + kind + " ";
  std::string line(std::min<std::uint64_t>(wanted.size(), all), '\0');
  (void)take(line.data(), line.size());
  if (!line.starts_with(start)) refuse({}, "this is no " + kind);
  if (line != wanted)
    refuse({}, "it is of another version",
           line.substr(start.size(), line.find('\n', start.size()) - start.size()),
           std::to_string(version));
  std::vector<char> piece(std::size_t{1} << 20);
  const std::string torn = "it is torn: its end is missing";
  std::uint64_t at = line.size(), sum = 0;
  for (;;) {
    Head head;
    if (!take(&head, sizeof head)) refuse({}, torn);
    at += sizeof head;
    if (head.name > longest_name || head.name > all - at) refuse({}, "it is damaged");
    std::string name(head.name, '\0');
    if (!take(name.data(), name.size())) refuse({}, torn);
    at += name.size();
    const std::uint64_t size = head.type & 0xff;
    if (size == 0 || size > 8) refuse({}, "it is damaged");
    if (head.count > (all - at) / size) refuse({}, torn);
    const Entry entry{head.type, head.count, at};
    std::uint64_t actual = sum_of(head, name);
    for (std::uint64_t left = head.count * size; left > 0;) {
      const std::uint64_t here = std::min<std::uint64_t>(left, piece.size());
      if (!take(piece.data(), here)) refuse({}, torn);
      actual = checksum(piece.data(), here, actual);
      left -= here;
      at += here;
    }
    if (actual != head.sum) refuse({}, "it is damaged: a checksum is wrong");
    const bool last = name == end_name;
    const std::uint64_t records = entries_.size();
    if (!entries_.emplace(name, entry).second) refuse(name, "it stands twice");
    if (last) {
      if (get<std::uint64_t>(name, 2) != std::vector<std::uint64_t>{records, sum} || at != all)
        refuse({}, "it is damaged: its end does not fit");
      return;
    }
    sum = mix64(sum ^ head.sum);
  }
}

const ArchiveReader::Entry& ArchiveReader::find(const std::string& name, std::uint32_t type) const {
  const auto entry = entries_.find(name);
  if (entry == entries_.end()) refuse(name, "it is missing");
  if (entry->second.type != type) refuse(name, "its numbers are of another type");
  return entry->second;
}

void ArchiveReader::expect_count(const std::string& name, std::uint64_t got,
                                 std::uint64_t expected) const {
  if (got != expected)
    refuse(name, "its length is wrong", std::to_string(got), std::to_string(expected));
}

void ArchiveReader::read(const std::string& name, void* to) const {
  const Entry& entry = entries_.at(name);
  std::fseek(file_.get(), static_cast<long>(entry.begin), SEEK_SET);
  if (!take(to, entry.count * (entry.type & 0xff))) refuse(name, "it can no longer be read");
}

}  // namespace callosum
