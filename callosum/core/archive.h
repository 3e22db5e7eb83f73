#pragma once

#include <concepts>
#include <cstdint>
#include <cstdio>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <vector>

namespace callosum {

/// What an archive holds arrays of.
template <class T>
concept ArchiveNumber =
    std::same_as<T, char> || std::same_as<T, std::uint8_t> || std::same_as<T, std::uint16_t> ||
    std::same_as<T, std::uint32_t> || std::same_as<T, std::uint64_t> ||
    std::same_as<T, std::int64_t> || std::same_as<T, float> || std::same_as<T, double>;

namespace archive {

/// Kind of a number (c, u, i, f) and its bytes.
template <ArchiveNumber T>
constexpr std::uint32_t type_of() {
  const char kind = std::same_as<T, char>           ? 'c'
                    : std::floating_point<T>        ? 'f'
                    : std::same_as<T, std::int64_t> ? 'i'
                                                    : 'u';
  return static_cast<std::uint32_t>(kind) << 8 | static_cast<std::uint32_t>(sizeof(T));
}

struct Close {
  void operator()(std::FILE* file) const { std::fclose(file); }
};
using File = std::unique_ptr<std::FILE, Close>;

}  // namespace archive

/// Writes an archive: a line "callosum KIND VERSION", then records (type, count, checksum, name,
/// numbers as they stand in memory, little-endian), then a record that says how many there were.
/// The file appears whole, by a rename, or not at all. Throws FileError.
class ArchiveWriter {
 public:
  ArchiveWriter(std::string path, const std::string& kind, int version);
  /// Writes no file: records() are for another writer.
  ArchiveWriter();
  ~ArchiveWriter();
  ArchiveWriter(const ArchiveWriter&) = delete;
  ArchiveWriter& operator=(const ArchiveWriter&) = delete;

  template <ArchiveNumber T>
  void put(const std::string& name, std::span<const T> values) {
    write(name, archive::type_of<T>(), sizeof(T), values.data(), values.size());
  }
  template <ArchiveNumber T>
  void put(const std::string& name, const std::vector<T>& values) {
    put(name, std::span<const T>(values));
  }
  template <ArchiveNumber T>
  void put(const std::string& name, T value) {
    put(name, std::span<const T>(&value, 1));
  }
  void put(const std::string& name, const std::string& text) {
    put(name, std::span<const char>(text));
  }
  /// What was put into a writer without a file; it is empty then.
  std::vector<char> records();
  /// Puts what another writer's records() gave.
  void append(std::span<const char> records);
  /// Ends the file, makes it durable and gives it its name.
  void commit();

 private:
  void write(const std::string& name, std::uint32_t type, std::size_t size, const void* data,
             std::uint64_t count);
  void add(const void* data, std::size_t size);
  [[noreturn]] void fail();

  std::string path_, temporary_, where_;
  std::vector<char> memory_;  ///< in place of a file
  archive::File file_;
  std::uint64_t records_ = 0, sum_ = 0;
};

/// Reads an archive. All checksums are verified on opening: a file that is torn, damaged, of
/// another kind or version is a FileError that says so. A count that the file cannot hold costs no
/// memory.
class ArchiveReader {
 public:
  ArchiveReader(std::string path, const std::string& kind, int version);
  /// Reads bytes, which must outlive the reader; `path` stands in errors.
  ArchiveReader(std::span<const std::uint8_t> bytes, std::string path, const std::string& kind,
                int version);

  const std::string& path() const { return path_; }
  bool has(const std::string& name) const { return entries_.contains(name); }
  /// Throws FileError when the record is missing or holds numbers of another type.
  template <ArchiveNumber T>
  std::vector<T> get(const std::string& name) const {
    std::vector<T> values(find(name, archive::type_of<T>()).count);
    read(name, values.data());
    return values;
  }
  /// The same, of a known length.
  template <ArchiveNumber T>
  std::vector<T> get(const std::string& name, std::uint64_t count) const {
    expect_count(name, find(name, archive::type_of<T>()).count, count);
    return get<T>(name);
  }
  template <ArchiveNumber T>
  T value(const std::string& name) const {
    return get<T>(name, 1).front();
  }
  std::string text(const std::string& name) const {
    const std::vector<char> characters = get<char>(name);
    return {characters.begin(), characters.end()};
  }
  /// What is wrong with a record, or with the file where it is "".
  [[noreturn]] void refuse(const std::string& name, std::string what, std::string got = {},
                           std::string expected = {}) const;

 private:
  struct Entry {
    std::uint32_t type;
    std::uint64_t count, begin;  ///< numbers; place in the file
  };
  void index(const std::string& kind, int version);
  const Entry& find(const std::string& name, std::uint32_t type) const;
  void expect_count(const std::string& name, std::uint64_t got, std::uint64_t expected) const;
  void read(const std::string& name, void* to) const;
  bool take(void* to, std::uint64_t size) const;

  std::string path_, kind_;
  archive::File file_;
  std::map<std::string, Entry> entries_;
};

}  // namespace callosum
