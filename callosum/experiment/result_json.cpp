#include <algorithm>
#include <array>

#include "callosum/core/error.h"
#include "callosum/experiment/json.h"
#include "callosum/experiment/json_values.h"

namespace callosum::experiment {
namespace {

constexpr std::array kinds = {Kind::result, Kind::ablation, Kind::baseline, Kind::report};
constexpr std::array verdicts = {Verdict::holds, Verdict::fails, Verdict::inconclusive,
                                 Verdict::reported};

template <class Enum, std::size_t n>
Enum enum_from(const std::array<Enum, n>& all, const Json& json) {
  const auto& text = json.get_ref<const std::string&>();
  const auto found =
      std::find_if(all.begin(), all.end(), [&](Enum one) { return name(one) == text; });
  return found == all.end() ? all.back() : *found;
}

using Entries = std::vector<std::pair<std::string, std::string>>;

Json entries_json(const Entries& entries) {
  Json json = Json::object();
  for (const auto& [name, text] : entries) json[name] = text;
  return json;
}

Entries entries_from(const Json& json) {
  Entries out;
  for (const auto& [name, text] : json.items()) out.emplace_back(name, text.get<std::string>());
  return out;
}

Json judgement_json(const Judgement& j) {
  return {{"values", to_json(j.values)}, {"mean", to_json(j.mean)}, {"sd", to_json(j.sd)},
          {"n", j.values.size()},        {"low", to_json(j.low)},   {"high", to_json(j.high)},
          {"verdict", name(j.verdict)}};
}

Judgement judgement_from(const Json& json) {
  return {numbers_from(json.at("values")), number_from(json.at("mean")),
          number_from(json.at("sd")),      number_from(json.at("low")),
          number_from(json.at("high")),    enum_from(verdicts, json.at("verdict"))};
}

Json claim_json(const JudgedClaim& claim) {
  Json json{
      {"id", claim.id}, {"text", claim.text}, {"kind", name(claim.kind)}, {"canary", claim.canary}};
  json["paper"] = {{"where", claim.paper.where}, {"checked", claim.paper.checked}};
  if (claim.paper.checked) json["paper"]["text"] = claim.paper.text;
  json["measure"] = claim.measure;
  json["bar"] = claim.bar;
  json["log"] = claim.log;
  json.update(judgement_json(claim.result));
  if (claim.canary) {
    json["fake"] = judgement_json(claim.fake);
    json["fake"]["text"] = claim.fake_text;
    json["canary_passes"] = claim.canary_passes();
  }
  return json;
}

JudgedClaim claim_from(const Json& json) {
  JudgedClaim claim;
  claim.id = json.at("id").get<std::string>();
  claim.text = json.at("text").get<std::string>();
  claim.measure = json.at("measure").get<std::string>();
  claim.bar = json.at("bar").get<std::string>();
  claim.kind = enum_from(kinds, json.at("kind"));
  claim.paper = {json.at("paper").at("where").get<std::string>(),
                 json.at("paper").value("text", std::string()),
                 json.at("paper").at("checked").get<bool>()};
  claim.log = json.at("log").get<bool>();
  claim.result = judgement_from(json);
  claim.canary = json.at("canary").get<bool>();
  if (claim.canary) {
    claim.fake = judgement_from(json.at("fake"));
    claim.fake_text = json.at("fake").at("text").get<std::string>();
  }
  return claim;
}

}  // namespace

std::string result_text(const Result& r) {
  Json json;
  json["format"] = format_version;
  json["slug"] = r.slug;
  json["title"] = r.title;
  json["summary"] = r.summary;
  json["paper"] = r.paper;
  json["size"] = r.size;
  json["tier"] = r.tier;
  json["our_reading"] = r.our_reading;
  json["capability"] = r.capability;
  json["leaves"] = r.leaves;
  json["data"] = r.data;
  json["seeds"] = r.seeds;
  json["seconds"] = to_json(r.seconds);
  json["settings"] = Json::object();
  for (const auto& [name, value] : r.settings) json["settings"][name] = to_json(value);
  json["arms"] = entries_json(r.arms);
  json["claims"] = Json::array();
  for (const JudgedClaim& claim : r.claims) json["claims"].push_back(claim_json(claim));
  json["values"] = Json::array();
  for (const ValueRow& row : r.values)
    json["values"].push_back(
        {{"arm", row.arm}, {"value", row.value}, {"values", to_json(row.values)}});
  json["notes"] = r.notes;
  json["provenance"] = entries_json(r.provenance);
  json["charts"] = Json::array();
  for (const report::Chart& chart : r.charts) json["charts"].push_back(to_json(chart));
  return json.dump(1, ' ', false, Json::error_handler_t::replace) + "\n";
}

Result read_result(const std::string& text, const std::string& file) {
  const auto broken = [&](const std::string& got) {
    return FileError({.where = file,
                      .what = "this is no result of an experiment",
                      .got = got,
                      .expected = "result.json, format " + std::to_string(format_version)});
  };
  try {
    const Json json = Json::parse(text);
    if (json.at("format") != format_version) throw broken("format " + json.at("format").dump());
    Result r;
    const auto take = [&](const char* key) { return json.at(key).get<std::string>(); };
    r.slug = take("slug");
    r.title = take("title");
    r.summary = take("summary");
    r.paper = take("paper");
    r.size = take("size");
    r.tier = take("tier");
    r.our_reading = json.at("our_reading").get<bool>();
    r.capability = take("capability");
    r.leaves = take("leaves");
    r.data = take("data");
    r.seeds = json.at("seeds").get<std::vector<std::uint64_t>>();
    r.seconds = number_from(json.at("seconds"));
    for (const auto& [name, value] : json.at("settings").items())
      r.settings[name] = number_from(value);
    r.arms = entries_from(json.at("arms"));
    for (const Json& claim : json.at("claims")) r.claims.push_back(claim_from(claim));
    for (const Json& row : json.at("values"))
      r.values.push_back({row.at("arm").get<std::string>(), row.at("value").get<std::string>(),
                          numbers_from(row.at("values"))});
    r.notes = json.at("notes").get<std::vector<std::string>>();
    r.provenance = entries_from(json.at("provenance"));
    for (const Json& chart : json.at("charts")) r.charts.push_back(chart_from(chart));
    return r;
  } catch (const Json::exception& error) {
    throw broken(error.what());
  }
}

std::string description_text(const Experiment& e) {
  Json json{{"slug", e.slug},
            {"title", e.title},
            {"summary", e.summary},
            {"paper", e.paper},
            {"tier", name(e.tier)},
            {"our_reading", e.our_reading},
            {"quick_minutes", e.quick_minutes},
            {"full_minutes", e.full_minutes}};
  json["claims"] = Json::array();
  for (const Claim& claim : e.claims)
    json["claims"].push_back({{"id", claim.id},
                              {"text", claim.text},
                              {"kind", name(claim.kind)},
                              {"canary", claim.canary.has_value()},
                              {"bar", text(claim.bar)}});
  json["settings"] = Json::array();
  for (const Setting& setting : e.settings)
    json["settings"].push_back({{"name", setting.name},
                                {"quick", setting.quick},
                                {"full", setting.full},
                                {"low", setting.low},
                                {"high", setting.high},
                                {"doc", setting.doc}});
  return json.dump(1, ' ', false, Json::error_handler_t::replace) + "\n";
}

}  // namespace callosum::experiment
