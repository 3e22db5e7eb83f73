#include <algorithm>
#include <cmath>
#include <optional>

#include "callosum/data/audio.h"
#include "callosum/data/decode_numbers.h"

namespace callosum::data {

namespace {

using Bytes = std::vector<std::uint8_t>;

struct Format {
  int coding = 0, channels = 0, bits = 0;  ///< coding 1: whole numbers, 3: floats
  std::uint32_t rate = 0;
};

constexpr int extensible = 0xFFFE;

Format read_format(ByteReader& in, const Bytes& chunk) {
  if (chunk.size() < 16)
    throw in.error("the fmt chunk is too short", std::to_string(chunk.size()), "16 bytes or more");
  const auto two = [&](std::size_t at) {
    return int{decode_number<std::uint16_t>(chunk.data() + at, Endian::little)};
  };
  Format format{two(0), two(2), two(14),
                decode_number<std::uint32_t>(chunk.data() + 4, Endian::little)};
  if (format.coding == extensible && chunk.size() >= 26) format.coding = two(24);
  const int bits = format.bits;
  const bool whole = format.coding == 1 && (bits == 8 || bits == 16 || bits == 24 || bits == 32);
  const bool real = format.coding == 3 && (bits == 32 || bits == 64);
  if (!whole && !real) {
    ErrorDetail detail;
    detail.where = "file '" + in.name() + "'";
    detail.what = "this coding of sound is not read";
    detail.got =
        "coding " + std::to_string(format.coding) + " with " + std::to_string(bits) + " bits";
    detail.expected = "PCM of 8, 16, 24 or 32 bits, or float of 32 or 64";
    throw UnsupportedError(std::move(detail));
  }
  if (format.channels == 0 || format.rate == 0)
    throw in.error(
        "the fmt chunk is impossible",
        std::to_string(format.channels) + " channels at " + std::to_string(format.rate) + " Hz");
  return format;
}

float sample(const std::uint8_t* at, const Format& format) {
  switch (format.coding * 100 + format.bits) {
    case 108:
      return static_cast<float>(*at - 128) / 128;
    case 116:
      return static_cast<float>(decode_number<std::int16_t>(at, Endian::little)) / 32768;
    case 124: {
      const std::int32_t high = at[2] << 16 | at[1] << 8 | at[0];
      return static_cast<float>(high >= 1 << 23 ? high - (1 << 24) : high) / (1 << 23);
    }
    case 132:
      return static_cast<float>(decode_number<std::int32_t>(at, Endian::little) / 2147483648.0);
    case 332:
      return decode_number<float>(at, Endian::little);
    default:
      return static_cast<float>(decode_number<double>(at, Endian::little));
  }
}

Audio decode(ByteReader& in, const Format& format, const Bytes& body) {
  const std::size_t width = static_cast<std::size_t>(format.bits) / 8;
  const std::size_t frame = width * static_cast<std::size_t>(format.channels);
  if (body.size() % frame != 0)
    throw in.error("the sound breaks off within a frame", std::to_string(body.size()) + " bytes",
                   "a multiple of " + std::to_string(frame));
  Audio audio;
  audio.rate_Hz = format.rate;
  audio.channels = static_cast<std::size_t>(format.channels);
  audio.samples.reserve(body.size() / width);
  for (std::size_t at = 0; at < body.size(); at += width) {
    audio.samples.push_back(sample(body.data() + at, format));
    if (!std::isfinite(audio.samples.back())) throw in.error("a sample is not a finite number");
  }
  return audio;
}

std::string tag(ByteReader& in) {
  const Bytes four = in.take(4, "the name of a chunk");
  return std::string(four.begin(), four.end());
}

}  // namespace

Audio read_wav(ByteReader& in) {
  const std::string riff = tag(in);
  in.u32_little("the size of the file");
  const std::string wave = tag(in);
  if (riff != "RIFF" || wave != "WAVE")
    throw in.error("this is no WAVE file", riff + " ... " + wave, "RIFF ... WAVE");
  std::optional<Format> format;
  while (!in.at_end()) {
    const std::string name = tag(in);
    const std::uint32_t size = in.u32_little("the size of a chunk");
    if (name == "fmt ") {
      format = read_format(in, in.take(size, "the fmt chunk"));
    } else if (name == "data") {
      if (!format) throw in.error("the sound comes before its fmt chunk");
      return decode(in, *format, in.take(size, "the sound"));
    } else {
      in.skip(size, ("the chunk '" + name + "'").c_str());
    }
    if (size % 2 && !in.at_end()) in.skip(1, "the padding of a chunk");
  }
  throw in.error("there is no sound in this file", "", "a data chunk");
}

Audio read_wav(const std::filesystem::path& path) {
  ByteReader in(path);
  return read_wav(in);
}

Audio Audio::mono() const {
  Audio out{rate_Hz, 1, std::vector<float>(frames())};
  for (std::size_t i = 0; i < out.samples.size(); ++i) {
    double sum = 0;
    for (std::size_t c = 0; c < channels; ++c) sum += samples[i * channels + c];
    out.samples[i] = static_cast<float>(sum / static_cast<double>(channels));
  }
  return out;
}

}  // namespace callosum::data
