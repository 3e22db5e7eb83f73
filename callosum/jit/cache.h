#pragma once

#include <optional>
#include <string>

namespace callosum::jit {

/// Object files on disk. An entry holds its whole key, so two keys of one hash are told apart; one
/// that is unreadable, incomplete, damaged, of another key or of another user is no entry.
/// Nothing here throws or reports: a cache that does not work only costs time.
class Cache {
 public:
  /// "" : $CALLOSUM_CACHE, else $XDG_CACHE_HOME/callosum, else ~/.cache/callosum, else no cache.
  explicit Cache(const std::string& folder);

  std::optional<std::string> find(const std::string& key) const;
  /// Readers see the old entry or the new one, never a part; the folder is made when missing.
  void store(const std::string& key, const std::string& object) const;

 private:
  std::string path(const std::string& key) const;

  std::string folder_;
};

}  // namespace callosum::jit
