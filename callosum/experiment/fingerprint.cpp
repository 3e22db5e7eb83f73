#include "callosum/experiment/fingerprint.h"

#include <filesystem>
#include <set>
#include <vector>

#include "callosum/core/random.h"
#include "callosum/core/whole_file.h"

namespace callosum::experiment {
namespace {

namespace fs = std::filesystem;

/// These decide how results look, not what they are.
bool decides_nothing(const std::string& path) {
  return path.starts_with("callosum/report/") || path.starts_with("callosum/experiment/");
}

}  // namespace

std::vector<std::string> included_paths(const std::string& text) {
  constexpr std::string_view mark = "#include \"callosum/";
  std::vector<std::string> out;
  for (std::size_t at = text.find(mark); at != std::string::npos; at = text.find(mark, at + 1)) {
    const std::size_t begin = at + 10, end = text.find('"', begin);
    if (end != std::string::npos) out.push_back(text.substr(begin, end - begin));
  }
  return out;
}

std::uint64_t program_fingerprint() {
  static const std::uint64_t once = [] {
    const auto bytes = read_whole_file("/proc/self/exe");
    return bytes ? name_hash(*bytes) : 0;
  }();
  return once;
}

std::string source_fingerprint(const std::string& root, const std::string& slug) {
  const fs::path folder = fs::path(root) / "experiments" / slug;
  std::vector<std::string> open;
  std::error_code none;
  for (const fs::directory_entry& entry : fs::directory_iterator(folder, none))
    if (entry.path().extension() == ".cpp" || entry.path().extension() == ".h")
      open.push_back("experiments/" + slug + "/" + entry.path().filename().string());
  if (open.empty()) return "";
  std::set<std::string> seen;
  std::uint64_t sum = 0;  // order-free: each file counts with its name
  while (!open.empty()) {
    const std::string path = open.back();
    open.pop_back();
    if (decides_nothing(path) || !seen.insert(path).second) continue;
    const auto text = read_whole_file((fs::path(root) / path).string());
    if (!text) continue;
    sum += mix64(name_hash(path) ^ mix64(name_hash(*text)));
    for (std::string& next : included_paths(*text)) open.push_back(std::move(next));
    if (path.ends_with(".h")) open.push_back(path.substr(0, path.size() - 2) + ".cpp");
  }
  return hexadecimal(sum);
}

std::string hexadecimal(std::uint64_t number) {
  std::string out(16, '0');
  for (std::size_t i = 16; i-- > 0; number >>= 4) out[i] = "0123456789abcdef"[number & 15];
  return out;
}

}  // namespace callosum::experiment
