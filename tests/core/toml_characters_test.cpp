#include "callosum/core/toml_characters.h"

#include <gtest/gtest.h>

#include "callosum/core/error.h"

namespace callosum {
namespace {

TEST(TomlCharacters, MayBeAnyInStringsAndComments) {
  for (const char* text :
       {"a = \"ä\" # ö", "a = 'ä'", "a = \"\"\"\nä \"\" é\"\"\"\nb = 1", "a = '''ä'''", "\"ü\" = 1",
        "\xEF\xBB\xBF"
        "a = 1",
        "a = \"\\\"ä\"", "a = \"\"\"x\"\"\"\"\" # ß", ""})
    EXPECT_NO_THROW(check_toml_characters(text, "f")) << text;
}

TEST(TomlCharacters, OutsideStringsAreRefusedWithTheirPlace) {
  try {
    check_toml_characters("a = 1\nb = \"ä\"\nü = 2\n", "f.toml");
    FAIL();
  } catch (const SyntaxError& error) {
    ASSERT_TRUE(error.detail().location);
    EXPECT_EQ(error.detail().location->line, 3);
    EXPECT_EQ(error.detail().location->column, 1);
    EXPECT_EQ(error.detail().location->text, "ü = 2");
    EXPECT_EQ(error.detail().location->file, "f.toml");
  }
  for (const char* text : {"é", "a = \"x\nü", "a = \"x\\", "[ä]"}) {
    const std::string whole = std::string(text) + "\nö";
    EXPECT_THROW(check_toml_characters(whole, "f"), SyntaxError) << text;
  }
}

}  // namespace
}  // namespace callosum
