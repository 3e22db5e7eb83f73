#include "callosum/jit/cache.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <string_view>

#include "callosum/core/random.h"

namespace callosum::jit {
namespace {

struct Header {
  std::array<char, 16> mark;
  std::uint64_t key_bytes;
  std::uint64_t object_bytes;
  std::uint64_t checksum;  // of key and object
};
constexpr std::array<char, 16> mark{"callosum code 1"};
constexpr std::uint64_t largest_entry = std::uint64_t{64} << 20;

// Finds damage; not meant against a forger.
std::uint64_t checksum(const std::string& key, const std::string& object) {
  return mix64(name_hash(key)) ^ name_hash(object);
}

class File {
 public:
  explicit File(int descriptor) : descriptor_(descriptor) {}
  ~File() {
    if (descriptor_ >= 0) ::close(descriptor_);
  }
  File(const File&) = delete;
  File& operator=(const File&) = delete;

  bool open() const { return descriptor_ >= 0; }
  // The size of a regular file of this user or of root that is not too large to be an entry, else
  // 0.
  std::uint64_t size() const {
    struct stat status;
    if (::fstat(descriptor_, &status) != 0 || !S_ISREG(status.st_mode)) return 0;
    if (status.st_uid != ::geteuid() && status.st_uid != 0) return 0;
    const auto bytes = static_cast<std::uint64_t>(status.st_size);
    return bytes > largest_entry ? 0 : bytes;
  }
  bool read(char* to, std::uint64_t bytes) const {
    while (bytes > 0) {
      const auto n = ::read(descriptor_, to, bytes);
      if (n <= 0) return false;
      to += n;
      bytes -= static_cast<std::uint64_t>(n);
    }
    return true;
  }
  bool write(std::string_view bytes) const {
    while (!bytes.empty()) {
      const auto n = ::write(descriptor_, bytes.data(), bytes.size());
      if (n <= 0) return false;
      bytes.remove_prefix(static_cast<std::size_t>(n));
    }
    return true;
  }
  bool close() {
    const int done = ::close(descriptor_);
    descriptor_ = -1;
    return done == 0;
  }

 private:
  int descriptor_;
};

std::string variable(const char* name) {
  const char* value = std::getenv(name);
  return value ? value : "";
}

std::string default_folder() {
  if (const auto own = variable("CALLOSUM_CACHE"); !own.empty()) return own;
  if (const auto shared = variable("XDG_CACHE_HOME"); !shared.empty()) return shared + "/callosum";
  if (const auto home = variable("HOME"); !home.empty()) return home + "/.cache/callosum";
  return "";
}

}  // namespace

Cache::Cache(const std::string& folder) : folder_(folder.empty() ? default_folder() : folder) {}

std::string Cache::path(const std::string& key) const {
  std::array<char, 17> name;
  std::snprintf(name.data(), name.size(), "%016llx",
                static_cast<unsigned long long>(name_hash(key)));
  return folder_ + "/" + name.data() + ".code";
}

std::optional<std::string> Cache::find(const std::string& key) const {
  if (folder_.empty()) return std::nullopt;
  const File file(::open(path(key).c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
  if (!file.open()) return std::nullopt;
  const std::uint64_t size = file.size();
  Header header;
  if (size < sizeof header || !file.read(reinterpret_cast<char*>(&header), sizeof header))
    return std::nullopt;
  const std::uint64_t rest = size - sizeof header;
  if (header.mark != mark || header.key_bytes != key.size() || header.key_bytes > rest ||
      header.object_bytes != rest - header.key_bytes)
    return std::nullopt;
  std::string held(key.size(), '\0');
  if (!file.read(held.data(), held.size()) || held != key) return std::nullopt;
  std::string object(header.object_bytes, '\0');
  if (!file.read(object.data(), object.size())) return std::nullopt;
  if (checksum(key, object) != header.checksum) return std::nullopt;
  return object;
}

void Cache::store(const std::string& key, const std::string& object) const {
  if (folder_.empty()) return;
  std::error_code ignored;
  std::filesystem::create_directories(folder_, ignored);
  std::string temporary = folder_ + "/new-XXXXXX";
  File file(::mkostemp(temporary.data(), O_CLOEXEC));
  if (!file.open()) return;
  const Header header{mark, key.size(), object.size(), checksum(key, object)};
  const std::string_view head(reinterpret_cast<const char*>(&header), sizeof header);
  const bool written = file.write(head) && file.write(key) && file.write(object) && file.close();
  if (!written || std::rename(temporary.c_str(), path(key).c_str()) != 0)
    ::unlink(temporary.c_str());
}

}  // namespace callosum::jit
