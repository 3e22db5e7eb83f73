#include "callosum/experiment/index.h"

#include <sqlite3.h>

#include <algorithm>
#include <filesystem>
#include <memory>

#include "callosum/core/error.h"
#include "callosum/core/whole_file.h"
#include "callosum/experiment/json.h"

namespace callosum::experiment {
namespace {

namespace fs = std::filesystem;

struct Close {
  void operator()(sqlite3* base) const { sqlite3_close(base); }
  void operator()(sqlite3_stmt* statement) const { sqlite3_finalize(statement); }
};
using Base = std::unique_ptr<sqlite3, Close>;
using Statement = std::unique_ptr<sqlite3_stmt, Close>;

constexpr const char* columns =
    "run, stamp, slug, size, date, version, problem, seeds, holds, fails, inconclusive, reported, "
    "seconds";

/// The index; without a base (it cannot be written) every look-up finds nothing.
class Index {
 public:
  explicit Index(const std::string& path) {
    if (!open(path)) {
      std::error_code none;
      fs::remove(path, none);  // broken, or of another layout: made anew
      if (!open(path)) base_.reset();
    }
  }

  bool find(const std::string& run, const std::string& stamp, RunEntry& entry) const {
    if (!base_) return false;
    const Statement found =
        prepare(std::string("SELECT ") + columns + " FROM runs WHERE run = ?1 AND stamp = ?2");
    if (!found) return false;
    bind(found, 1, run);
    bind(found, 2, stamp);
    if (sqlite3_step(found.get()) != SQLITE_ROW) return false;
    const auto text = [&](int column) {
      const auto* bytes = sqlite3_column_text(found.get(), column);
      return std::string(bytes ? reinterpret_cast<const char*>(bytes) : "");
    };
    const auto count = [&](int column) {
      return static_cast<std::size_t>(sqlite3_column_int64(found.get(), column));
    };
    entry = {text(0),
             text(2),
             text(3),
             text(4),
             text(5),
             count(7),
             count(8),
             count(9),
             count(10),
             count(11),
             sqlite3_column_double(found.get(), 12),
             text(6)};
    return true;
  }

  void store(const RunEntry& entry, const std::string& stamp) const {
    if (!base_) return;
    const Statement put = prepare(std::string("INSERT OR REPLACE INTO runs (") + columns +
                                  ") VALUES (?1,?2,?3,?4,?5,?6,?7,?8,?9,?10,?11,?12,?13)");
    if (!put) return;
    int column = 0;
    for (const std::string& text :
         {entry.run, stamp, entry.slug, entry.size, entry.date, entry.version, entry.problem})
      bind(put, ++column, text);
    for (std::size_t count :
         {entry.seeds, entry.holds, entry.fails, entry.inconclusive, entry.reported})
      sqlite3_bind_int64(put.get(), ++column, static_cast<sqlite3_int64>(count));
    sqlite3_bind_double(put.get(), ++column, entry.seconds);
    sqlite3_step(put.get());
  }

 private:
  bool open(const std::string& path) {
    sqlite3* raw = nullptr;
    const int code = sqlite3_open(path.c_str(), &raw);
    base_.reset(raw);
    if (code != SQLITE_OK) return false;
    const std::string make =
        "CREATE TABLE IF NOT EXISTS runs (run TEXT PRIMARY KEY, stamp TEXT, slug TEXT, size TEXT, "
        "date TEXT, version TEXT, problem TEXT, seeds INTEGER, holds INTEGER, fails INTEGER, "
        "inconclusive INTEGER, reported INTEGER, seconds REAL)";
    return sqlite3_exec(raw, make.c_str(), nullptr, nullptr, nullptr) == SQLITE_OK &&
           prepare(std::string("SELECT ") + columns + " FROM runs") != nullptr;
  }
  Statement prepare(const std::string& text) const {
    sqlite3_stmt* raw = nullptr;
    sqlite3_prepare_v2(base_.get(), text.c_str(), -1, &raw, nullptr);
    return Statement(raw);
  }
  static void bind(const Statement& statement, int place, const std::string& text) {
    sqlite3_bind_text(statement.get(), place, text.data(), static_cast<int>(text.size()),
                      SQLITE_TRANSIENT);
  }
  Base base_;
};

/// Changes when the file does.
std::string stamp_of(const fs::path& file) {
  std::error_code none;
  return std::to_string(fs::last_write_time(file, none).time_since_epoch().count()) + " " +
         std::to_string(fs::file_size(file, none));
}

RunEntry entry_of(const std::string& run, const fs::path& file) {
  RunEntry entry;
  entry.run = run;
  try {
    const Result result = read_result(read_whole_file(file.string()).value_or(""), file.string());
    entry.slug = result.slug;
    entry.size = result.size;
    for (const auto& [name, text] : result.provenance) {
      if (name == "date") entry.date = text;
      if (name == "version") entry.version = text;
    }
    entry.seeds = result.seeds.size();
    entry.seconds = result.seconds;
    for (const JudgedClaim& claim : result.claims) {
      const Verdict verdict = claim.result.verdict;
      ++(verdict == Verdict::holds          ? entry.holds
         : verdict == Verdict::fails        ? entry.fails
         : verdict == Verdict::inconclusive ? entry.inconclusive
                                            : entry.reported);
    }
  } catch (const Error& error) {
    entry.problem = error.what();
  }
  return entry;
}

}  // namespace

std::vector<RunEntry> list_runs(const std::string& folder) {
  std::error_code failed;
  std::vector<RunEntry> runs;
  fs::directory_iterator there(folder, failed);
  if (failed)
    throw FileError({.where = "runs",
                     .what = "there is no such results folder",
                     .got = folder,
                     .expected = "the --out of `callosum reproduce`"});
  const Index index((fs::path(folder) / "index.sqlite").string());
  for (const fs::directory_entry& entry : there) {
    const fs::path file = entry.path() / "result.json";
    std::error_code none;
    if (!fs::is_regular_file(file, none)) continue;
    const std::string run = entry.path().filename().string(), stamp = stamp_of(file);
    RunEntry one;
    if (!index.find(run, stamp, one)) {
      one = entry_of(run, file);
      index.store(one, stamp);
    }
    runs.push_back(std::move(one));
  }
  std::sort(runs.begin(), runs.end(),
            [](const RunEntry& a, const RunEntry& b) { return a.run < b.run; });
  return runs;
}

}  // namespace callosum::experiment
