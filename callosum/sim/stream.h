#pragma once

#include <cstdint>
#include <cstdio>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "callosum/sim/recording.h"

namespace callosum::sim {

/// An append-only file of one record: a line that names the format, lines "key value", an empty
/// line, then chunks, each with its length, a checksum and its bytes. What a crash cuts off is at
/// most the last chunk. Throws FileError when the file cannot be written.
class StreamFile {
 public:
  using Header = std::map<std::string, std::string>;
  StreamFile(std::string path, Header header);
  void append(const void* bytes, std::size_t size);
  void restart();  ///< back to the header alone
  const std::string& path() const { return path_; }

 private:
  struct Close {
    void operator()(std::FILE* file) const { std::fclose(file); }
  };
  [[noreturn]] void fail() const;

  std::string path_;
  Header header_;
  std::unique_ptr<std::FILE, Close> file_;
};

/// The chunks of a stream file joined, whole chunks only. Throws FileError for a file that is
/// missing, of another format or damaged before its last chunk.
std::string read_stream(const std::string& path, StreamFile::Header& header);

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
