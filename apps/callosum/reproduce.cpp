#include "reproduce.h"

#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <iostream>
#include <nlohmann/json.hpp>

#include "apps/common/exit_codes.h"
#include "callosum/core/error.h"
#include "callosum/core/progress.h"
#include "callosum/core/whole_file.h"

namespace callosum::app {

namespace {

namespace fs = std::filesystem;
using Json = nlohmann::ordered_json;

/// Where the programs of the experiments lie: beside this one.
fs::path programs_folder() {
  std::error_code none;
  return fs::read_symlink("/proc/self/exe", none).parent_path() / "experiments";
}

/// A program counts when its description lies beside it: both are made together.
std::vector<std::string> known_slugs() {
  std::vector<std::string> slugs;
  std::error_code none;
  for (const fs::directory_entry& entry : fs::directory_iterator(programs_folder(), none))
    if (entry.path().extension() == ".json" &&
        fs::exists(fs::path(entry.path()).replace_extension(), none))
      slugs.push_back(entry.path().stem().string());
  std::sort(slugs.begin(), slugs.end());
  return slugs;
}

Json description(const std::string& slug) {
  const std::string path = (programs_folder() / (slug + ".json")).string();
  const auto text = read_whole_file(path);
  const Json json = text ? Json::parse(*text, nullptr, false) : Json();
  if (!json.is_object())
    throw FileError({.where = "experiment '" + slug + "'",
                     .what = "its description cannot be read; build it again",
                     .got = path});
  return json;
}

void check_slug(const std::string& slug, const std::vector<std::string>& known) {
  if (std::find(known.begin(), known.end(), slug) != known.end()) return;
  throw NameError({.where = "reproduce",
                   .what = "there is no such experiment",
                   .got = slug,
                   .expected = known.empty() ? "experiments need libtorch when callosum is built "
                                               "(make test installs it)"
                                             : "one of those `callosum reproduce list` shows",
                   .nearest = nearest_name(slug, known)});
}

std::string text_at(const Json& json, const char* key) { return json.value(key, std::string()); }

void list_all(const std::vector<std::string>& known, bool as_json) {
  Json all = Json::array();
  for (const std::string& slug : known) all.push_back(description(slug));
  if (as_json) {
    std::cout << all.dump(2) << '\n';
    return;
  }
  for (const Json& one : all)
    std::cout << text_at(one, "slug") << "  (" << text_at(one, "tier") << "; quick about "
              << readable_duration(60 * one.value("quick_minutes", 0.0)) << ", full about "
              << readable_duration(60 * one.value("full_minutes", 0.0)) << ")\n    "
              << text_at(one, "title") << ". " << text_at(one, "paper") << '\n';
  std::cout << "`callosum reproduce list SLUG` shows claims and settings.\n";
}

void list_one(const std::string& slug, bool as_json) {
  const Json one = description(slug);
  if (as_json) {
    std::cout << one.dump(2) << '\n';
    return;
  }
  std::cout << text_at(one, "title") << ": " << text_at(one, "summary") << '\n'
            << text_at(one, "paper") << "\n\nClaims:\n";
  for (const Json& claim : one.at("claims"))
    std::cout << "  " << text_at(claim, "id") << " (" << text_at(claim, "kind")
              << (claim.value("canary", false) ? ", canary" : "") << ") " << text_at(claim, "text")
              << (text_at(claim, "bar").empty() ? "" : " Bar: " + text_at(claim, "bar")) << '\n';
  std::cout << "\nSettings (--set NAME=VALUE):\n";
  for (const Json& setting : one.at("settings"))
    std::cout << "  " << text_at(setting, "name") << "  " << text_at(setting, "doc") << " (quick "
              << setting.at("quick") << ", full " << setting.at("full") << "; " << setting.at("low")
              << " to " << setting.at("high") << ")\n";
}

std::vector<std::string> arguments(const ReproduceCommand& command) {
  std::vector<std::string> out = {"--out", command.out};
  if (command.full) out.push_back("--full");
  if (command.strict) out.push_back("--strict");
  if (command.canaries) out.push_back("--canaries");
  if (command.seeds > 0) out.insert(out.end(), {"--seeds", std::to_string(command.seeds)});
  if (command.jobs > 0) out.insert(out.end(), {"--jobs", std::to_string(command.jobs)});
  for (const std::string& change : command.set) out.insert(out.end(), {"--set", change});
  return out;
}

/// Runs a program and waits for it; its standard output goes to standard error if asked.
int start(const fs::path& program, const std::vector<std::string>& arguments, bool to_error) {
  std::vector<std::string> words = {program.string()};
  words.insert(words.end(), arguments.begin(), arguments.end());
  std::vector<char*> argv;
  for (std::string& word : words) argv.push_back(word.data());
  argv.push_back(nullptr);
  std::cout.flush();
  const pid_t child = fork();
  if (child < 0) throw ResourceError({.where = "reproduce", .what = "cannot start a process"});
  if (child == 0) {
    prctl(PR_SET_PDEATHSIG, SIGTERM);  // who ends this program ends the experiment
    if (to_error) dup2(2, 1);
    execv(argv[0], argv.data());
    _exit(127);
  }
  signal(SIGINT, SIG_IGN);  // a Ctrl-C reaches the experiment itself
  int status = 0;
  waitpid(child, &status, 0);
  signal(SIGINT, SIG_DFL);
  if (WIFEXITED(status) && WEXITSTATUS(status) != 127) return WEXITSTATUS(status);
  std::cerr << "error: [experiment '" << program.filename().string() << "'] its program "
            << (WIFSIGNALED(status) ? "was ended by signal " + std::to_string(WTERMSIG(status))
                                    : "cannot be started")
            << '\n';
  return internal_error;
}

std::string result_of(const ReproduceCommand& command, const std::string& slug) {
  const fs::path folder = fs::path(command.out) / (slug + (command.full ? "-full" : ""));
  const std::string text = read_whole_file((folder / "result.json").string()).value_or("null\n");
  return text.substr(0, text.find_last_not_of('\n') + 1);
}

}  // namespace

int reproduce(const ReproduceCommand& command) {
  const std::vector<std::string> known = known_slugs();
  std::vector<std::string> slugs = command.slugs;
  const bool list = !slugs.empty() && slugs.front() == "list";
  if (list) slugs.erase(slugs.begin());
  for (const std::string& slug : slugs) check_slug(slug, known);
  if (list) {
    if (slugs.empty()) list_all(known, command.json);
    for (const std::string& slug : slugs) list_one(slug, command.json);
    return success;
  }
  if (command.all) slugs = known;
  if (command.full && slugs.size() > 1) {
    double minutes = 0;
    for (const std::string& slug : slugs) minutes += description(slug).value("full_minutes", 0.0);
    std::cerr << slugs.size() << " experiments at full size: about "
              << readable_duration(60 * minutes) << '\n';
  }
  int worst = success;
  std::string json;
  for (const std::string& slug : slugs) {
    const int code = start(programs_folder() / slug, arguments(command), command.json);
    if (code == interrupted_exit) return code;
    // An error outweighs a claim that fails.
    if (code != success && (worst == success || worst == claim_failed)) worst = code;
    if (command.json && (code == success || code == claim_failed))
      json += (json.empty() ? "" : ",\n") + result_of(command, slug);
  }
  if (command.json) std::cout << (slugs.size() == 1 ? json : "[" + json + "]") << '\n';
  return worst;
}

}  // namespace callosum::app
