#include "callosum/report/palette.h"

namespace callosum::report {

namespace {

template <class Visit>
void for_each_tone(Visit visit) {
  for (const Tone& tone : tones) visit(tone);
  for (const Tone& tone : population_tones) visit(tone);
}

std::string_view light_of(std::string_view name) {
  std::string_view found;
  for_each_tone([&](const Tone& tone) {
    if (tone.name == name) found = tone.light;
  });
  return found;
}

std::string attributes(std::string_view kind, char initial, std::string_view tone) {
  std::string out = "class=\"";
  out += initial;
  out += '-';
  out += tone;
  out += "\" ";
  out += kind;
  out += "=\"";
  out += light_of(tone);
  return out + "\"";
}

}  // namespace

std::string fill(std::string_view tone) { return attributes("fill", 'f', tone); }
std::string stroke(std::string_view tone) {
  return "fill=\"none\" " + attributes("stroke", 's', tone);
}

std::string_view population_tone(std::size_t i) {
  return population_tones[i % population_tones.size()].name;
}

std::string theme_variables(bool dark) {
  std::string out;
  for_each_tone([&](const Tone& tone) {
    out.append("--")
        .append(tone.name)
        .append(":")
        .append(dark ? tone.dark : tone.light)
        .append(";");
  });
  return out;
}

std::string figure_rules() {
  std::string out;
  for_each_tone([&](const Tone& tone) {
    const std::string name(tone.name);
    out += ".f-" + name + "{fill:var(--" + name + ")}.s-" + name + "{stroke:var(--" + name + ")}";
  });
  return out;
}

}  // namespace callosum::report
