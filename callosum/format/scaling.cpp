#include <cmath>

#include "callosum/format/network_reader.h"

/// Smaller networks with the mean and the variance of the input of the full one: with in-degrees
/// times s and weights times 1/sqrt(s) the variance stays and the mean is multiplied by sqrt(s);
/// the current tau_syn * (1 - sqrt(s)) * sum(weight * K * rate) restores it.
namespace callosum::format {

void NetworkReader::read_scaling() {
  const Node* table = document_.root.find("scaling");
  if (!table) return;
  if (!values_.keys(*table, "scaling", {"preserve", "mean_rates", "current", "tau_syn"})) return;
  const Node* preserve = table->find("preserve");
  if (!preserve || preserve->text == "none") return;
  if (preserve->text != "mean_and_variance") {
    findings_.add("name", {.where = "scaling",
                           .what = "unknown way of scaling",
                           .got = preserve->shown(),
                           .expected = "\"mean_and_variance\" or \"none\"",
                           .location = findings_.place(*preserve)});
    return;
  }
  const Node* rates = values_.required(*table, "scaling", "mean_rates", "{ exc = \"5 Hz\" }");
  const Node* current = values_.required(*table, "scaling", "current", "\"I_e\"");
  const Node* tau_syn = values_.required(*table, "scaling", "tau_syn", "\"tau_syn_ex\"");
  if (!rates || !current || !tau_syn) return;
  if (!rates->is_table()) return findings_.wrong_kind(*rates, "scaling", "a table of rates");
  scaling_.current = values_.text(*current, "scaling").value_or("");
  scaling_.tau_syn = values_.text(*tau_syn, "scaling").value_or("");
  const Node* populations = document_.root.find("population");
  for (const Node& entry : rates->children) {
    const auto rate = values_.quantity(entry, "scaling", dimension::frequency);
    if (rate) scaling_.mean_rates[entry.key] = *rate;
    if (!populations || !populations->is_table() || populations->find(entry.key)) continue;
    std::vector<std::string> names;
    for (const Node& population : populations->children) names.push_back(population.key);
    findings_.add("name", {.where = "scaling",
                           .what = "no such population",
                           .got = "'" + entry.key + "'",
                           .expected = {},
                           .nearest = nearest_name(entry.key, names),
                           .location = document_.at_key(entry)});
  }
  scaling_.preserve = true;
}

Values NetworkReader::scaled_weight(const Values& weight) const {
  const double factor = 1 / std::sqrt(scaling_.scale);
  const auto scaled = [&](double internal) {
    return Quantity::from_internal(internal * factor, weight.dimension());
  };
  const auto bound = [&](std::optional<double> internal) -> std::optional<Quantity> {
    if (!internal) return std::nullopt;
    return scaled(*internal);
  };
  Values result = scaled(weight.first());
  switch (weight.kind()) {
    case Values::Kind::constant:
      return result;
    case Values::Kind::normal:
      result = Values::normal(scaled(weight.first()), scaled(weight.second()));
      break;
    case Values::Kind::lognormal:
      result = Values::lognormal(scaled(weight.first()), weight.second());
      break;
    case Values::Kind::uniform:
      result = Values::uniform(scaled(weight.first()), scaled(weight.second()));
      break;
    case Values::Kind::exponential:
      result = Values::exponential(scaled(weight.first()));
      break;
    case Values::Kind::array: {
      std::vector<Quantity> elements;
      for (double x : weight.elements()) elements.push_back(scaled(x));
      return Values::array(std::move(elements));
    }
  }
  if (!weight.low() && !weight.high()) return result;
  return result.within(bound(weight.low()), bound(weight.high()), weight.policy());
}

void NetworkReader::add_input(const Part& to, Quantity mean_weight, double indegree,
                              Quantity rate) {
  if (to.view.size() != file_.network.populations()[to.view.population].size) {
    const Node& table = *document_.root.find("scaling");
    findings_.add("unsupported", {.where = "scaling",
                                  .what = "input to a part of population '" + to.name +
                                          "' cannot be made up for by one current",
                                  .expected = "projections onto whole populations",
                                  .location = document_.at_key(table)});
    return;
  }
  const Quantity term = mean_weight * rate * Quantity(indegree);
  const auto [sum, added] = missing_input_.emplace(to.view.population, term);
  if (added) return;
  const Node& table = *document_.root.find("scaling");
  findings_.attempt(table, "scaling", [&] { sum->second = sum->second + term; });
}

void NetworkReader::finish_scaling() {
  if (!scaling_.preserve || scaling_.scale == 1) return;
  const Node& table = *document_.root.find("scaling");
  const double share = 1 - std::sqrt(scaling_.scale);
  for (const auto& [population, sum] : missing_input_) {
    const Population& p = file_.network.populations()[population];
    const std::string where = "scaling of population '" + p.name + "'";
    findings_.attempt(table, where, [&, sum = sum, population = population] {
      const auto held = [&](const std::string& name) {
        const auto& variable = p.model.at(name);
        const auto own = p.parameters.find(variable.name);
        if (own != p.parameters.end() && !own->second.is_constant())
          throw UnsupportedError({.where = where,
                                  .what = "'" + name + "' differs between neurons",
                                  .expected = "one value for the population"});
        const double value =
            own != p.parameters.end() ? own->second.first() : variable.value.value_or(0);
        return Quantity::from_internal(value, variable.dimension);
      };
      const Quantity missing = sum * held(scaling_.tau_syn) * Quantity(share);
      const Quantity base = held(scaling_.current);
      if (base.dimension != missing.dimension)
        throw UnitError(
            {.where = where,
             .what = "weight * tau_syn * rate does not have the unit of '" + scaling_.current + "'",
             .got = missing.dimension.name(),
             .expected = base.dimension.name()});
      file_.network.set(file_.network.population(p.name), scaling_.current, base + missing);
    });
  }
}

}  // namespace callosum::format
