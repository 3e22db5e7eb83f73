#include "callosum/report/text.h"

#include <gtest/gtest.h>

#include <cmath>

#include "callosum/report/palette.h"
#include "callosum/report/svg.h"

namespace callosum::report {
namespace {

TEST(Escaped, ReplacesWhatMarkupReads) {
  EXPECT_EQ(escaped("<b>&\"'"), "&lt;b&gt;&amp;&quot;&#39;");
  EXPECT_EQ(escaped("plain é µ"), "plain é µ");
  EXPECT_EQ(escaped(std::string("a\0b", 3)),
            "a\xef\xbf\xbd"
            "b");
}

TEST(Numbers, AreWrittenAsAPersonWould) {
  EXPECT_EQ(grouped(0), "0");
  EXPECT_EQ(grouped(999), "999");
  EXPECT_EQ(grouped(77169), "77,169");
  EXPECT_EQ(grouped(299000000), "299,000,000");
  EXPECT_EQ(rounded(0.8640001), "0.864");
  EXPECT_EQ(rounded(8.0), "8");
  EXPECT_EQ(rounded(-1234.6), "-1,235");
  EXPECT_EQ(rounded(3.14e-7), "3.14e-07");
  EXPECT_EQ(rounded(0), "0");
  EXPECT_EQ(rounded(NAN), "n/a");
  EXPECT_EQ(fixed(-0.0001, 2), "0.00");
  EXPECT_EQ(duration(250), "250 ms");
  EXPECT_EQ(duration(2500), "2.5 s");
}

TEST(Fitted, CutsBetweenLettersAndSaysSo) {
  EXPECT_EQ(fitted("L4E", 100, 12), "L4E");
  const std::string cut = fitted("a population with a very long name", 60, 12);
  EXPECT_TRUE(cut.ends_with("…"));
  EXPECT_LE(text_width(cut, 12), 60 + 12);
  EXPECT_EQ(fitted("éééééééééé", 40, 12), "ééé…");  // never half a letter
}

TEST(Coordinate, KeepsATenthOfAPixel) {
  const auto text = [](double value) {
    std::string out;
    append_coordinate(out, value);
    return out;
  };
  EXPECT_EQ(text(0), "0");
  EXPECT_EQ(text(12), "12");
  EXPECT_EQ(text(12.34), "12.3");
  EXPECT_EQ(text(-0.26), "-0.3");
  EXPECT_EQ(text(1e6), "1000000");
}

double channel(std::string_view hex, std::size_t at) {
  const double c = std::stoi(std::string(hex.substr(at, 2)), nullptr, 16) / 255.0;
  return c <= 0.04045 ? c / 12.92 : std::pow((c + 0.055) / 1.055, 2.4);
}

double luminance(std::string_view hex) {
  return 0.2126 * channel(hex, 1) + 0.7152 * channel(hex, 3) + 0.0722 * channel(hex, 5);
}

/// Contrast ratio as WCAG 2 defines it.
double contrast(std::string_view a, std::string_view b) {
  const double x = luminance(a), y = luminance(b);
  return (std::max(x, y) + 0.05) / (std::min(x, y) + 0.05);
}

const Tone& tone(std::string_view name) {
  for (const Tone& one : tones)
    if (one.name == name) return one;
  throw std::out_of_range(std::string(name));
}

TEST(Palette, StandsOutInBothThemes) {
  for (const char* text : {"ink", "soft", "accent"})
    for (const char* ground : {"sheet", "ground"}) {
      EXPECT_GE(contrast(tone(text).light, tone(ground).light), 4.5) << text;
      EXPECT_GE(contrast(tone(text).dark, tone(ground).dark), 4.5) << text;
    }
  for (const Tone& population : population_tones) {
    EXPECT_GE(contrast(population.light, tone("sheet").light), 3) << population.name;
    EXPECT_GE(contrast(population.dark, tone("sheet").dark), 3) << population.name;
  }
}

}  // namespace
}  // namespace callosum::report
