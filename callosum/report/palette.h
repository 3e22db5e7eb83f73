#pragma once

#include <array>
#include <string>
#include <string_view>

namespace callosum::report {

/// A colour by its use, in the light theme (also that of exported figures) and the dark one.
struct Tone {
  std::string_view name, light, dark;
};

/// Page and figure tones. Text reaches a contrast of 4.5 on its ground in both themes.
inline constexpr std::array tones{
    Tone{"ground", "#f5f6f8", "#0f1216"}, Tone{"sheet", "#ffffff", "#181c22"},
    Tone{"edge", "#d9dee5", "#2d343d"},   Tone{"ink", "#1c2127", "#e8ebef"},
    Tone{"soft", "#56606c", "#a3adb9"},   Tone{"rule", "#e6e9ee", "#2a3038"},
    Tone{"frame", "#8b95a1", "#6d7783"},  Tone{"accent", "#0067a3", "#6cbcf0"},
    Tone{"press", "#eaf3f9", "#1f3342"},  Tone{"good", "#00704f", "#2fc79a"},
    Tone{"bad", "#b03a00", "#f58b45"},    Tone{"doubt", "#7a5c00", "#f0b63a"},
};

/// Colours of populations: the hues of Okabe and Ito (2008), told apart with any common kind of
/// colour vision, darkened or lightened until they stand out from the sheet (contrast 3 or more).
inline constexpr std::array population_tones{
    Tone{"p0", "#0072b2", "#4da6e0"}, Tone{"p1", "#d55e00", "#f58b45"},
    Tone{"p2", "#008f68", "#2fc79a"}, Tone{"p3", "#b8528a", "#e39bc6"},
    Tone{"p4", "#b87d00", "#f0b63a"}, Tone{"p5", "#2b8bc0", "#8fd3f7"},
    Tone{"p6", "#847a00", "#e9df55"}, Tone{"p7", "#4a525c", "#c3cad3"},
};

/// Class and presentation attribute of a tone: the attribute makes an exported figure complete, the
/// class lets the page restyle it in the dark theme.
std::string fill(std::string_view tone);
std::string stroke(std::string_view tone);
/// The tone of the i-th population; repeats after eight.
std::string_view population_tone(std::size_t i);

/// `--ink:#1c2127;...` of one theme, and the rules that bind figure classes to them.
std::string theme_variables(bool dark);
std::string figure_rules();

}  // namespace callosum::report
