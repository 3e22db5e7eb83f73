#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "callosum/data/locate.h"

namespace callosum::data {

/// A text by characters.
struct TextCorpus {
  std::string text;
  std::string alphabet;  ///< its different bytes, ascending
  Location source = {};

  /// Each character's place in the alphabet. \throws ValueError for one that is not in it.
  std::vector<std::int32_t> encode(std::string_view characters) const;
  std::vector<std::int32_t> codes() const { return encode(text); }
  /// The characters of these codes. \throws ValueError for one outside the alphabet.
  std::string decode(const std::vector<std::int32_t>& codes) const;
};

TextCorpus corpus_of(std::string text);
/// "tinyshakespeare". \throws NameError, FileError as `locate`; UnsupportedError for others.
TextCorpus load_text(std::string_view name, Need need = Need::any);

}  // namespace callosum::data
