#pragma once

#include <string>
#include <string_view>

namespace callosum {

/// Throws SyntaxError, with line and column, where a character outside ASCII stands in TOML text
/// that is neither string nor comment. TOML allows none there, and toml++ 3.3 is undefined for
/// some.
void check_toml_characters(std::string_view text, const std::string& file);

}  // namespace callosum
