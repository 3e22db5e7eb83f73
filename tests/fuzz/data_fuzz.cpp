#include <cstddef>
#include <cstdint>
#include <span>
#include <string>

#include "callosum/core/error.h"
#include "callosum/data/audio.h"
#include "callosum/data/events.h"
#include "callosum/data/idx.h"
#include "callosum/data/npy.h"
#include "callosum/data/table.h"
#include "callosum/data/tar.h"
#include "callosum/data/workbook.h"
#include "callosum/data/zip.h"

namespace {

using namespace callosum::data;

void read(char kind, std::span<const std::uint8_t> bytes) {
  ByteReader in(bytes, "fuzz");
  switch (kind) {
    case 'i':
      read_idx(in);
      break;
    case 'n':
      read_npy(in);
      break;
    case 't':
      read_tar(in, [](const auto&, const auto&) {});
      break;
    case 'w':
      read_wav(in);
      break;
    case 'e':
      read_events(in, 34, 34);
      break;
    case 'c':
      parse_table(std::string(bytes.begin(), bytes.end()), "fuzz");
      break;
    case 'x':
      parse_workbook(bytes, "fuzz");
      break;
    case 'z': {
      ZipFile zip(bytes, "fuzz");
      for (const ZipMember& member : zip.members()) zip.read(member, 1 << 22);
      break;
    }
    default:
      break;
  }
}

}  // namespace

// The first byte chooses the format of the rest: idx, npy, tar, wav, events, csv, xlsx, zip.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  try {
    read(static_cast<char>(data[0]), {data + 1, size - 1});
  } catch (const callosum::Error&) {  // what the bytes deserve
  }
  return 0;
}
