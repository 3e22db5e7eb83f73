#include "callosum/experiment/experiment.h"

#include <algorithm>
#include <charconv>
#include <cmath>

#include "callosum/core/decimal.h"
#include "callosum/core/error.h"

namespace callosum::experiment {
namespace {

[[noreturn]] void wrong(const std::string& where, const std::string& what,
                        const std::string& got = {}, const std::string& expected = {}) {
  throw ValueError({.where = where, .what = what, .got = got, .expected = expected});
}

std::string number(double value) {
  return std::isfinite(value) ? decimal::text(decimal::digits(value), 0) : std::to_string(value);
}

/// Names of all parts of one kind, checked to be different and fit for a file name.
template <class Part, class Name>
std::vector<std::string> names_of(const std::vector<Part>& parts, const std::string& kind,
                                  Name name) {
  std::vector<std::string> names;
  for (const Part& part : parts) {
    const std::string& one = name(part);
    const bool plain = !one.empty() && std::all_of(one.begin(), one.end(), [](char c) {
      return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
             c == '-' || c == '_' || c == '.';
    });
    if (!plain || one.front() == '.')
      throw SyntaxError({.where = kind,
                         .what = "the name is not fit for a file",
                         .got = one,
                         .expected = "letters, digits, - _ ."});
    if (std::find(names.begin(), names.end(), one) != names.end())
      throw NameError({.where = kind, .what = "two have the same name", .got = one});
    names.push_back(one);
  }
  return names;
}

void check_setting(const Setting& setting, double value) {
  if (!(value >= setting.low && value <= setting.high))
    wrong("setting '" + setting.name + "'", "the value is out of range", number(value),
          number(setting.low) + " to " + number(setting.high));
}

void known_arm(const std::string& claim, const std::string& arm,
               const std::vector<std::string>& arms) {
  if (std::find(arms.begin(), arms.end(), arm) != arms.end()) return;
  throw NameError({.where = "canary of claim '" + claim + "'",
                   .what = "there is no such arm",
                   .got = arm,
                   .nearest = nearest_name(arm, arms)});
}

}  // namespace

std::string_view name(Tier tier) {
  return tier == Tier::core ? "core" : tier == Tier::kit ? "kit" : "companion";
}

void check(const Experiment& e) {
  const std::string where = "experiment '" + e.slug + "'";
  const auto arms = names_of(e.arms, where + ", arms", [](const Arm& a) { return a.name; });
  names_of(e.claims, where + ", claims", [](const Claim& c) { return c.id; });
  names_of(e.settings, where + ", settings", [](const Setting& s) { return s.name; });
  if (arms.empty()) wrong(where, "it has no arms");
  if (e.claims.empty()) wrong(where, "it has no claims");
  if (!e.run) wrong(where, "it has no run function");
  if (e.quick_seeds < 1 || e.full_seeds < 1) wrong(where, "it has no seeds");
  for (const Arm& arm : e.arms)
    if (!(arm.cost > 0)) wrong(where, "the cost of arm '" + arm.name + "' is not above 0");
  for (const Setting& setting : e.settings) {
    check_setting(setting, setting.quick);
    check_setting(setting, setting.full);
  }
  for (const Claim& claim : e.claims) {
    const std::string which = "claim '" + claim.id + "'";
    const bool judged = claim.bar.side != Bar::Side::none;
    if (!claim.value) wrong(which, "it has no value function");
    if (judged && !std::isfinite(claim.bar.value)) wrong(which, "its bar is no number");
    if (judged == (claim.kind == Kind::report))
      wrong(which, judged ? "a report has no bar" : "it has no bar, and is no report");
    if (!claim.canary) continue;
    if (!judged) wrong(which, "a canary needs a bar");
    known_arm(claim.id, claim.canary->real, arms);
    known_arm(claim.id, claim.canary->fake, arms);
  }
}

Settings resolved(const Experiment& e, Size size, const std::vector<std::string>& changes) {
  Settings out;
  std::vector<std::string> names;
  for (const Setting& setting : e.settings) {
    out[setting.name] = size == Size::quick ? setting.quick : setting.full;
    names.push_back(setting.name);
  }
  for (const std::string& change : changes) {
    const auto equals = change.find('=');
    const std::string name = change.substr(0, equals);
    double value = 0;
    const char* end = change.data() + change.size();
    const char* begin = equals == std::string::npos ? end : change.data() + equals + 1;
    const auto [stop, failed] = std::from_chars(begin, end, value);
    if (begin == end || failed != std::errc{} || stop != end)
      throw SyntaxError({.where = "option --set",
                         .what = "this sets no number",
                         .got = change,
                         .expected = "name=number, as in " +
                                     (names.empty() ? "steps=1000" : names.front() + "=1")});
    const auto setting = std::find_if(e.settings.begin(), e.settings.end(),
                                      [&](const Setting& s) { return s.name == name; });
    if (setting == e.settings.end())
      throw NameError({.where = "option --set",
                       .what = "'" + e.slug + "' has no such setting",
                       .got = name,
                       .nearest = nearest_name(name, names)});
    check_setting(*setting, value);
    out[name] = value;
  }
  return out;
}

double Trial::operator[](const std::string& name) const {
  const auto found = settings_.find(name);
  if (found != settings_.end()) return found->second;
  std::vector<std::string> names;
  for (const auto& [known, value] : settings_) names.push_back(known);
  throw NameError({.where = "arm '" + arm + "'",
                   .what = "there is no such setting",
                   .got = name,
                   .nearest = nearest_name(name, names)});
}

std::int64_t Trial::whole(const std::string& name) const {
  const double value = (*this)[name];
  if (value != std::floor(value) || !(std::fabs(value) < 0x1p53))
    wrong("setting '" + name + "'", "it must be a whole number", number(value));
  return static_cast<std::int64_t>(value);
}

}  // namespace callosum::experiment
