#include "callosum/format/quantity_expression.h"

#include <gtest/gtest.h>

#include "callosum/core/error.h"

namespace callosum::format {
namespace {

const std::map<std::string, Quantity> names{{"g", 5},
                                            {"J", parse_quantity("0.1 mV")},
                                            {"tau_m", parse_quantity("20 ms")},
                                            {"m", parse_quantity("3 pA")}};

Quantity value(const std::string& text) { return evaluate(text, names); }

TEST(QuantityExpression, PlainQuantitiesAreExact) {
  for (const char* text : {"-70 mV", "0.1 ms", "87.81 pA", "8 Hz", "0.5", "1.5 nS/cm2", "2*mV"})
    EXPECT_EQ(value(text), parse_quantity(text)) << text;
  EXPECT_EQ(value("-70 mV").internal(), -70);
}

TEST(QuantityExpression, KnowsVariablesFunctionsAndPrecedence) {
  EXPECT_EQ(value("-g*J").internal(), -0.5);
  EXPECT_EQ(value("8 Hz * 1600").si, 12800);
  EXPECT_EQ(value("1 + 2 * 3").si, 7);
  EXPECT_EQ(value("2 ** 3 ** 2").si, 512);
  EXPECT_EQ(value("-2 ** 2").si, -4);
  EXPECT_EQ(value("20 mV / (2 ms)").internal(), 10);
  EXPECT_EQ(value("sqrt(4 mV**2)"), parse_quantity("2 mV"));
  EXPECT_EQ(value("abs(-3 pA)"), parse_quantity("3 pA"));
  EXPECT_EQ(value("maximum(1 ms, 0.002 second)").internal(), 2);
  EXPECT_NEAR(value("exp(log(7))").si, 7, 1e-14);
  EXPECT_EQ(value("m"), parse_quantity("3 pA")) << "a variable hides the metre";
  EXPECT_EQ(value("1/tau_m").dimension, dimension::frequency);
}

TEST(QuantityExpression, ErrorsNameTheColumn) {
  const auto column = [](const char* text) {
    try {
      value(text);
    } catch (const Error& error) {
      return error.detail().location ? error.detail().location->column : -1;
    }
    return 0;
  };
  EXPECT_EQ(column("20 mvlot"), 4);
  EXPECT_EQ(column("1 mV + 2 ms"), 6);
  EXPECT_EQ(column("(1 + 2"), 7);
  EXPECT_EQ(column("1 mV / 2 ms"), 10);
  EXPECT_EQ(column("3 $"), 3);
  EXPECT_EQ(column(""), 1);
  EXPECT_EQ(column("sqr(3)"), 1);
  EXPECT_EQ(column("exp(3 mV)"), 1);
}

}  // namespace
}  // namespace callosum::format
