#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace callosum::report {

/// The text with & < > " ' replaced, for HTML and SVG content and attributes alike; control
/// characters that XML forbids become U+FFFD.
std::string escaped(std::string_view text);

/// "77,169".
std::string grouped(std::uint64_t number);
/// About `digits` significant digits without exponent where a person would write none: "0.92",
/// "8.6", "1,250", "3.2e-07"; "n/a" for NaN.
std::string rounded(double number, int digits = 3);
/// Exactly `decimals` digits after the point.
std::string fixed(double number, int decimals);
/// "250 ms", "1 s", "2.5 s".
std::string duration(double ms);

/// The first characters of `text` that fit `pixels` at `font_size`, with an ellipsis when cut.
/// Widths are estimated: figures are made without a font at hand.
std::string fitted(std::string_view text, double pixels, double font_size);
double text_width(std::string_view text, double font_size);

}  // namespace callosum::report
