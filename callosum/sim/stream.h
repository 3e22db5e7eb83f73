#pragma once

#include <cstdint>
#include <cstdio>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "callosum/core/archive.h"
#include "callosum/sim/recording.h"

namespace callosum::sim {

/// An append-only file of one record: a line that names the format, lines "key value", an empty
/// line, then chunks, each with its length, a checksum and its bytes. What a crash cuts off is at
/// most the last chunk. Throws FileError when the file cannot be written. A new one touches no file
/// before restart() or resume().
class StreamFile {
 public:
  using Header = std::map<std::string, std::string>;
  StreamFile(std::string path, Header header)
      : path_(std::move(path)), header_(std::move(header)) {}
  void append(const void* bytes, std::size_t size);
  void restart();  ///< the header alone
  void begin();    ///< cut() what was resumed, restart() what was not
  /// Opens the file of an earlier run. Throws FileError, and changes nothing, when it is another
  /// record's or shorter than `length` bytes; cut() takes off what is longer.
  void resume(std::uint64_t length);
  void cut();
  /// Makes durable what was appended; returns the length in bytes.
  std::uint64_t sync();
  const std::string& path() const { return path_; }

 private:
  struct Close {
    void operator()(std::FILE* file) const { std::fclose(file); }
  };
  [[noreturn]] void fail() const;
  std::string header_text() const;

  std::string path_;
  Header header_;
  std::unique_ptr<std::FILE, Close> file_;
  std::uint64_t length_ = 0;
};

/// The chunks of a stream file joined, whole chunks only, of its first `length` bytes. Throws
/// FileError for a file that is missing, of another format or damaged before its last chunk.
std::string read_stream(const std::string& path, StreamFile::Header& header,
                        std::uint64_t length = ~std::uint64_t{0});

/// What a checkpoint says of the streamed record NAME in NAME.rec of `folder`: the length of its
/// file. Where that is `file`, which may be null, it is resumed; else its content is returned.
std::optional<std::string> resume_stream(const ArchiveReader& checkpoint, const std::string& name,
                                         const std::string& folder, StreamFile* file);
/// What resume_stream() reads: how much of the file is there now.
void save_stream(ArchiveWriter& checkpoint, const std::string& name, StreamFile& file);
bool is_streamed(const ArchiveReader& checkpoint, const std::string& name);

/// A number of a header; FileError naming the file otherwise.
std::int64_t whole_number(const std::string& text, const std::string& path);
/// Numbers apart by spaces.
std::string numbers(const std::vector<std::int64_t>& values);
std::vector<std::int64_t> numbers(const std::string& text, const std::string& path);
/// A dimension as exponents in twelfths.
std::string dimension_text(Dimension dimension);
Dimension dimension_of(const std::string& text, const std::string& path);
/// Doubles in a stream's bytes.
std::vector<double> doubles(const std::string& bytes);

/// A folder for streamed recordings, made when it is missing. "" : none.
std::string stream_folder(const std::string& folder);

}  // namespace callosum::sim
