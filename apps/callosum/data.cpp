#include <algorithm>
#include <iostream>
#include <nlohmann/json.hpp>
#include <optional>

#include "apps/common/interrupt.h"
#include "callosum/core/error.h"
#include "callosum/core/progress.h"
#include "callosum/data/digest.h"
#include "callosum/data/download.h"
#include "callosum/data/locate.h"
#include "commands.h"

namespace callosum::app {

namespace {

using nlohmann::ordered_json;

std::optional<data::Location> found(const data::DataSet& set) {
  try {
    return data::locate(set.name);
  } catch (const FileError&) {
    return std::nullopt;  // it is not here
  }
}

std::string_view origin_name(data::Origin origin) {
  switch (origin) {
    case data::Origin::environment:
      return "CALLOSUM_DATA";
    case data::Origin::cache:
      return "cache";
    case data::Origin::shipped:
      return "shipped";
  }
  return "";
}

bool fetchable(const data::DataSet& set) {
  return std::any_of(set.editions.begin(), set.editions.end(),
                     [](const data::Edition& e) { return e.downloadable(); });
}

ordered_json as_json(const data::DataSet& set) {
  ordered_json out = {{"name", set.name},       {"title", set.title},       {"kind", set.kind},
                      {"licence", set.licence}, {"citation", set.citation}, {"page", set.page}};
  const auto here = found(set);
  out["edition"] = here ? ordered_json(here->edition->name) : ordered_json();
  out["origin"] = here ? ordered_json(origin_name(here->origin)) : ordered_json();
  out["folder"] = here ? ordered_json(here->folder.string()) : ordered_json();
  for (const data::Edition& edition : set.editions) {
    ordered_json one = {{"name", edition.name},
                        {"content", edition.content},
                        {"downloadable", edition.downloadable()}};
    for (const data::DataFile& file : edition.files)
      one["files"].push_back(
          {{"name", file.name}, {"bytes", file.bytes}, {"digest", file.digest}, {"url", file.url}});
    out["editions"].push_back(std::move(one));
  }
  return out;
}

void list(const DataCommand& command) {
  if (command.json) {
    ordered_json all = ordered_json::array();
    for (const data::DataSet& set : data::data_sets()) all.push_back(as_json(set));
    std::cout << all.dump(2) << '\n';
    return;
  }
  std::size_t longest = 0;
  for (const data::DataSet& set : data::data_sets()) longest = std::max(longest, set.name.size());
  const auto line = [&](std::string_view name, std::string state, std::string_view title) {
    state.resize(std::max<std::size_t>(state.size(), 28), ' ');
    std::cout << name << std::string(longest + 2 - name.size(), ' ') << state << ' ' << title
              << '\n';
  };
  line("name", "here", "what");
  for (const data::DataSet& set : data::data_sets()) {
    const auto here = found(set);
    std::string state = fetchable(set) ? "no (data get)" : "no";
    if (here)
      state =
          std::string(here->edition->name) + " (" + std::string(origin_name(here->origin)) + ")";
    line(set.name, state, set.title);
  }
}

void info(const DataCommand& command) {
  const data::DataSet& set = data::data_set(command.name);
  const auto here = found(set);
  const int unknown = command.verify ? data::verify(data::locate(set.name)) : 0;
  if (command.json) {
    ordered_json out = as_json(set);
    if (command.verify) out["verified"] = unknown == 0;
    std::cout << out.dump(2) << '\n';
    return;
  }
  std::cout << set.name << ": " << set.title << "\n  kind      " << set.kind << "\n  licence   "
            << set.licence << "\n  citation  " << set.citation << "\n  page      " << set.page
            << "\n  here      ";
  if (here)
    std::cout << here->edition->name << " in " << here->folder.string() << '\n';
  else
    std::cout << "no\n";
  for (const data::Edition& edition : set.editions) {
    std::cout << "  " << edition.name << ": " << edition.content
              << (edition.downloadable() ? " (callosum data get)" : "") << '\n';
    for (const data::DataFile& file : edition.files)
      std::cout << "    " << file.name << "  "
                << (file.bytes ? readable_bytes(static_cast<double>(file.bytes)) : "size unknown")
                << "  " << file.digest.substr(0, file.digest.starts_with("md5:") ? 16 : 12)
                << "...\n";
  }
  if (command.verify && unknown == 0) std::cout << "all files have their checksums\n";
  if (command.verify && unknown > 0)
    std::cout << unknown
              << " unpacked files were not compared: only the packed ones have checksums\n";
}

const data::Edition& chosen(const data::DataSet& set, const std::string& wanted) {
  std::vector<std::string> names;
  for (const data::Edition& edition : set.editions) {
    if (wanted.empty() ? edition.downloadable() : edition.name == wanted) return edition;
    names.emplace_back(edition.name);
  }
  if (wanted.empty()) return set.editions.front();  // refused by name when it is fetched
  throw NameError({.where = "data set '" + std::string(set.name) + "'",
                   .what = "no such edition",
                   .got = wanted,
                   .nearest = nearest_name(wanted, names)});
}

void get(const DataCommand& command) {
  const data::DataSet& set = data::data_set(command.name);
  const data::Edition& edition = chosen(set, command.edition);
  const std::filesystem::path base =
      command.folder.empty() ? data::cache_folder() : std::filesystem::path(command.folder);
  const std::filesystem::path folder = base / set.name;
  if (!command.json)
    std::cerr << set.name << ": " << edition.content << "; licence: " << set.licence << '\n';
  ProgressPrinter printer;
  watch_for_interrupt();
  data::DownloadOptions options;
  options.progress = [&](const Progress& progress) { return printer(progress) && !interrupted(); };
  data::download(set, edition, folder, options);
  printer.finish();
  if (command.json)
    std::cout << ordered_json{{"name", set.name},
                              {"edition", edition.name},
                              {"folder", folder.string()}}
                     .dump()
              << '\n';
  else
    std::cout << folder.string() << '\n';
}

}  // namespace

int data(const DataCommand& command) {
  switch (command.action) {
    case DataCommand::Action::list:
      list(command);
      break;
    case DataCommand::Action::info:
      info(command);
      break;
    case DataCommand::Action::path:
      std::cout << data::locate(command.name, command.full ? data::Need::full : data::Need::any)
                       .folder.string()
                << '\n';
      break;
    case DataCommand::Action::get:
      get(command);
      break;
  }
  return success;
}

}  // namespace callosum::app
