#include <map>

#include "callosum/data/events.h"
#include "callosum/data/file_error.h"
#include "callosum/data/table.h"
#include "callosum/data/tar.h"
#include "callosum/data/zip.h"

namespace callosum::data {

namespace {

namespace fs = std::filesystem;
using Bytes = std::vector<std::uint8_t>;

constexpr std::uint16_t side = 34;

std::vector<Event> parse(const Bytes& content, const std::string& name, const fs::path& archive) {
  ByteReader in(content, name + "' in '" + archive.string());
  return read_events(in, side, side);
}

/// Number and class of every recording, from an index of lines "number <tab> class".
std::map<std::string, std::int32_t> read_index(const Bytes& content, const std::string& name) {
  const Table table =
      parse_table(std::string(content.begin(), content.end()), name, Separator::blanks);
  std::map<std::string, std::int32_t> classes;
  for (std::size_t i = 0; i < table.rows.size(); ++i) {
    const std::string where = "line " + std::to_string(i + 2) + " of '" + name + "'";
    if (table.columns.size() != 2) throw file_error(where, "the index does not have two columns");
    const double label = number_in(table.rows[i][1], where);
    if (!(label >= 0 && label <= 9))
      throw file_error(where, "no digit", table.rows[i][1], "0 to 9");
    classes[table.rows[i][0]] = static_cast<std::int32_t>(label);
  }
  return classes;
}

/// `<number>.bs2` files with an index before them.
std::vector<EventRecording> read_tar_part(const fs::path& path, std::size_t wanted) {
  std::vector<EventRecording> out;
  std::map<std::string, std::int32_t> classes;
  ByteReader archive(path);
  read_tar(archive, [&](const std::string& name, const Bytes& content) {
    if (name.ends_with(".txt")) {
      classes = read_index(content, name + "' in '" + path.string());
    } else if (name.ends_with(".bs2") && out.size() < wanted) {
      const auto found = classes.find(name.substr(0, name.size() - 4));
      if (found == classes.end())
        throw file_error("'" + name + "' in '" + path.string() + "'",
                         "the index before it does not name its class");
      out.push_back({parse(content, name, path), found->second});
    }
  });
  return out;
}

/// `Train/<digit>/<number>.bin`.
std::vector<EventRecording> read_zip_part(const fs::path& path, std::size_t wanted) {
  std::vector<EventRecording> out;
  ZipFile archive(path);
  for (const ZipMember& member : archive.members()) {
    if (out.size() == wanted) break;
    if (!member.name.ends_with(".bin")) continue;
    const std::size_t slash = member.name.rfind('/');
    const bool digit = slash != std::string::npos && slash >= 1 &&
                       (slash == 1 || member.name[slash - 2] == '/') &&
                       member.name[slash - 1] >= '0' && member.name[slash - 1] <= '9';
    if (!digit)
      throw file_error("'" + member.name + "' in '" + path.string() + "'",
                       "its folder does not name its class", "", "a digit");
    constexpr std::uint64_t longest = 1 << 24;
    out.push_back(
        {parse(archive.read(member, longest), member.name, path), member.name[slash - 1] - '0'});
  }
  return out;
}

}  // namespace

EventSet load_events(std::string_view name, EventSelection wanted, Need need) {
  const DataSet& known = data_set(name);
  if (known.kind != "events")
    throw UnsupportedError({.where = "data set '" + std::string(name) + "'",
                            .what = "it is not made of events",
                            .got = std::string(known.kind),
                            .expected = "n-mnist or n-mnist-small"});
  EventSet set;
  set.source = locate(name, need);
  set.width = set.height = side;
  for (int digit = 0; digit < 10; ++digit) set.classes.push_back(std::to_string(digit));
  const auto part = [&](const char* file, std::size_t count) {
    const fs::path path = set.source.file(file);
    return path.extension() == ".zip" ? read_zip_part(path, count) : read_tar_part(path, count);
  };
  const bool zipped = name == "n-mnist";
  set.train = part(zipped ? "Train" : "train", wanted.train);
  set.test = part(zipped ? "Test" : "test", wanted.test);
  return set;
}

}  // namespace callosum::data
