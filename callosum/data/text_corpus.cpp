#include "callosum/data/text_corpus.h"

#include <algorithm>

#include "callosum/core/error.h"
#include "callosum/data/byte_reader.h"

namespace callosum::data {

namespace {

[[noreturn]] void not_in_alphabet(const std::string& what, std::size_t size) {
  throw ValueError({.where = "text",
                    .what = "this is not in the alphabet",
                    .got = what,
                    .expected = "one of its " + std::to_string(size) + " characters"});
}

}  // namespace

TextCorpus corpus_of(std::string text) {
  TextCorpus out;
  out.text = std::move(text);
  bool seen[256] = {};
  for (char c : out.text) seen[static_cast<unsigned char>(c)] = true;
  for (int c = 0; c < 256; ++c)
    if (seen[c]) out.alphabet += static_cast<char>(c);
  return out;
}

std::vector<std::int32_t> TextCorpus::encode(std::string_view characters) const {
  std::int32_t place[256];
  std::fill(std::begin(place), std::end(place), -1);
  for (std::size_t i = 0; i < alphabet.size(); ++i)
    place[static_cast<unsigned char>(alphabet[i])] = static_cast<std::int32_t>(i);
  std::vector<std::int32_t> out;
  out.reserve(characters.size());
  for (char c : characters) {
    out.push_back(place[static_cast<unsigned char>(c)]);
    if (out.back() < 0) not_in_alphabet("'" + std::string(1, c) + "'", alphabet.size());
  }
  return out;
}

std::string TextCorpus::decode(const std::vector<std::int32_t>& codes) const {
  std::string out;
  for (std::int32_t code : codes) {
    if (code < 0 || static_cast<std::size_t>(code) >= alphabet.size())
      not_in_alphabet("code " + std::to_string(code), alphabet.size());
    out += alphabet[static_cast<std::size_t>(code)];
  }
  return out;
}

TextCorpus load_text(std::string_view name, Need need) {
  if (data_set(name).kind != "text")
    throw UnsupportedError({.where = "data set '" + std::string(name) + "'",
                            .what = "it is no text",
                            .got = std::string(data_set(name).kind),
                            .expected = "tinyshakespeare"});
  const Location where = locate(name, need);
  TextCorpus out = corpus_of(read_text(where.file(where.edition->files.front().name)));
  out.source = where;
  return out;
}

}  // namespace callosum::data
