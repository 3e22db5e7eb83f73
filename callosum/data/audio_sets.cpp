#include <algorithm>
#include <tuple>

#include "callosum/core/error.h"
#include "callosum/data/audio.h"
#include "callosum/data/table.h"
#include "callosum/data/tar.h"

namespace callosum::data {

namespace {

/// "7_george_12.wav".
Utterance named(const std::string& name, const std::string& archive) {
  const std::size_t slash = name.rfind('/');
  const std::string stem = name.substr(slash == std::string::npos ? 0 : slash + 1);
  const std::size_t first = stem.find('_'), last = stem.rfind('_');
  const std::string where = "'" + name + "' in '" + archive + "'";
  if (first != 1 || last <= first || !stem.ends_with(".wav") || stem[0] < '0' || stem[0] > '9') {
    ErrorDetail detail;
    detail.where = where;
    detail.what = "the name of a recording does not say what it is";
    detail.expected = "{digit}_{speaker}_{take}.wav";
    throw FileError(std::move(detail));
  }
  Utterance one;
  one.label = stem[0] - '0';
  one.speaker = stem.substr(2, last - 2);
  const double take = number_in(stem.substr(last + 1, stem.size() - last - 5), where);
  one.take = static_cast<int>(std::clamp(take, 0.0, 1e6));
  return one;
}

std::vector<Utterance> read_part(const std::filesystem::path& path) {
  std::vector<Utterance> all;
  ByteReader archive(path);
  read_tar(archive, [&](const std::string& name, const std::vector<std::uint8_t>& content) {
    if (!name.ends_with(".wav")) return;
    ByteReader in(content, name + "' in '" + path.string());
    all.push_back(named(name, path.string()));
    all.back().audio = read_wav(in);
  });
  std::sort(all.begin(), all.end(), [](const Utterance& a, const Utterance& b) {
    return std::tie(a.label, a.speaker, a.take) < std::tie(b.label, b.speaker, b.take);
  });
  return all;
}

}  // namespace

AudioSet load_spoken_digits(Need need) {
  AudioSet set;
  set.source = locate("fsdd", need);
  for (int digit = 0; digit < 10; ++digit) set.classes.push_back(std::to_string(digit));
  set.train = read_part(set.source.file("train"));
  set.test = read_part(set.source.file("test"));
  return set;
}

}  // namespace callosum::data
