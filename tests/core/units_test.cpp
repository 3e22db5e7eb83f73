#include "callosum/core/units.h"

#include <gtest/gtest.h>

#include <bit>
#include <cmath>
#include <random>

#include "callosum/core/error.h"

namespace callosum {
namespace {

using namespace literals;

TEST(Units, InternalNumbersAreWhatTheUserWrote) {
  EXPECT_EQ(parse_quantity("-70 mV").internal(), -70.0);
  EXPECT_EQ(parse_quantity("0.1ms").internal(), 0.1);
  EXPECT_EQ(parse_quantity("6 nS").internal(), 6.0);
  EXPECT_EQ(parse_quantity("200 pF").internal(), 200.0);
  EXPECT_EQ(parse_quantity("0.2 nF").internal(), 200.0);
  EXPECT_EQ(parse_quantity("87.81 pA").internal(), 87.81);
  EXPECT_EQ(parse_quantity("8 Hz").internal(), 0.008);
  EXPECT_EQ(parse_quantity("1 um").internal(), 1.0);
  EXPECT_EQ(parse_quantity("3 mM").internal(), 3.0);
  EXPECT_EQ(parse_quantity("1 mole").internal(), 1e18);
  EXPECT_EQ((-70_mV).internal(), -70.0);
  EXPECT_EQ((0.1_ms).internal(), 0.1);
}

TEST(Units, InternalSystemIsCoherent) {
  for (const auto& [a, b, c] : {std::tuple{"1 nS", "1 mV", "1 pA"},
                                {"1 pF", "1 mV/ms", "1 pA"},
                                {"1 Gohm", "1 pA", "1 mV"},
                                {"1 nS", "1 ms", "1 pF"}}) {
    const Quantity x = parse_quantity(a), y = parse_quantity(b), z = parse_quantity(c);
    EXPECT_EQ(x.dimension * y.dimension, z.dimension);
    EXPECT_EQ(x.internal() * y.internal(), z.internal()) << a;
  }
}

TEST(Units, KnowsNamesSymbolsPrefixesAndPowers) {
  const std::pair<const char*, Quantity> cases[] = {
      {"volt", {1, dimension::voltage}},
      {"mvolt", {1e-3, dimension::voltage}},
      {"msiemens", {1e-3, dimension::conductance}},
      {"nS", {1e-9, dimension::conductance}},
      {"amp", {1, dimension::current}},
      {"namp", {1e-9, dimension::current}},
      {"ampere", {1, dimension::current}},
      {"Mohm", {1e6, dimension::resistance}},
      {"ufarad", {1e-6, dimension::capacitance}},
      {"metre", {1, dimension::length}},
      {"meter", {1, dimension::length}},
      {"um2", {1e-12, dimension::length * dimension::length}},
      {"cm3", {1e-6, dimension::length * dimension::length * dimension::length}},
      {"molar", {1e3, dimension::concentration}},
      {"mM", {1, dimension::concentration}},
      {"kHz", {1e3, dimension::frequency}},
      {"coulomb", {1, dimension::charge}},
      {"kilogram", {1, dimension::mass}},
      {"mg", {1e-6, dimension::mass}},
      {"kelvin", {1, dimension::temperature}},
      {"joule", {1, dimension::charge * dimension::voltage}},
      {"watt", {1, dimension::current * dimension::voltage}},
      {"µA", {1e-6, dimension::current}},
      {"mliter", {1e-6, dimension::length * dimension::length * dimension::length}},
  };
  for (const auto& [name, quantity] : cases) EXPECT_EQ(unit(name), quantity) << name;
  Quantity q;
  for (const char* name : {"celsius", "tau_m", "dV", "El", "V_m", "kkg", "mkilogram", ""})
    EXPECT_FALSE(find_unit(name, q)) << name;
}

TEST(Units, ParsesProductsQuotientsAndPowers) {
  EXPECT_EQ(parse_quantity("8 1/s"), Quantity(8, dimension::frequency));
  EXPECT_EQ(parse_quantity("2*mV"), Quantity(2e-3, dimension::voltage));
  EXPECT_EQ(parse_quantity("1.5 nS/cm2").si, 1.5e-5);
  EXPECT_EQ(parse_quantity("1.5 nS cm**-2"), parse_quantity("1.5 nS/cm2"));
  EXPECT_EQ(parse_quantity("3 / (2 ms)").si, 1500);
  EXPECT_EQ(parse_quantity("0.5"), Quantity(0.5));
  EXPECT_EQ(parse_quantity("8 Hz * 1600"), Quantity(12800, dimension::frequency));
  EXPECT_EQ(parse_quantity("4 ms**-0.5").dimension, dimension::time.pow(-0.5));
  EXPECT_NEAR(parse_quantity("4 ms**-0.5").si, 4 * std::sqrt(1000.0), 1e-12);
  EXPECT_EQ(parse_quantity("-(3 mV)").si, -3e-3);
  EXPECT_EQ(parse_quantity("2 mV^2").si, 2e-6);
}

TEST(Units, ErrorsShowTheColumnAndTheNearestName) {
  try {
    parse_quantity("20 mvlot");
    FAIL();
  } catch (const NameError& e) {
    EXPECT_EQ(e.detail().nearest, "mvolt");
    ASSERT_TRUE(e.detail().location);
    EXPECT_EQ(e.detail().location->column, 4);
  }
  for (const char* text :
       {"", "20 ms mV)", "(20 ms", "20 **", "--", "3 ms ** x", "4 $", "3 //2", "10 mV / 2 ms"})
    EXPECT_THROW(parse_quantity(text), SyntaxError) << text;
  EXPECT_THROW(parse_quantity("mV ** 0.3"), UnitError);
  EXPECT_THROW(parse_quantity(std::string(100000, '(')), SyntaxError);
  EXPECT_THROW(parse_quantity(std::string(100000, '-')), SyntaxError);
}

TEST(Units, ToStringChoosesPleasantUnits) {
  const std::pair<const char*, const char*> cases[] = {
      {"0.0001 s", "0.1 ms"},   {"20 ms", "20 ms"},
      {"1 s", "1 s"},           {"10 s", "10 s"},
      {"-70 mV", "-70 mV"},     {"0.2 nF", "200 pF"},
      {"6 nS", "6 nS"},         {"500 pA", "500 pA"},
      {"8 Hz", "8 Hz"},         {"0 mV", "0 mV"},
      {"0.000001 s", "1 us"},   {"100 Mohm", "100 Mohm"},
      {"1 uF/cm2", "1 uF/cm2"}, {"120 mS/cm2", "120 mS/cm2"},
      {"0.5", "0.5"},           {"87.81 pA", "87.81 pA"},
      {"3 um", "3 um"},         {"2 mV/ms", "2 mV/ms"},
  };
  for (const auto& [text, expected] : cases)
    EXPECT_EQ(to_string(parse_quantity(text)), expected) << text;
}

TEST(Units, ToStringReadsBackToTheSameBits) {
  std::mt19937_64 bits(3);
  std::uniform_real_distribution<double> power(-20, 20);
  const Dimension dimensions[] = {{},
                                  dimension::time,
                                  dimension::voltage,
                                  dimension::conductance,
                                  dimension::frequency,
                                  dimension::concentration,
                                  dimension::charge,
                                  dimension::conductance / dimension::length.pow(2),
                                  dimension::time.pow(-0.5),
                                  dimension::voltage * dimension::mass,
                                  dimension::length.pow(1.0 / 3)};
  for (const Dimension d : dimensions)
    for (int i = 0; i < 300; ++i) {
      double value = std::ldexp(1 + double(bits() >> 11) * 0x1p-53, int(power(bits) * 3));
      if (i % 2) value = -std::round(value * 1e3) / 1e3;
      const Quantity q(value, d), back = parse_quantity(to_string(q));
      ASSERT_EQ(back, q) << to_string(q);
    }
}

TEST(Units, DimensionsMultiplyDivideAndTakeRoots) {
  EXPECT_EQ(dimension::conductance * dimension::voltage, dimension::current);
  EXPECT_EQ(dimension::capacitance / dimension::conductance, dimension::time);
  EXPECT_EQ(dimension::time.pow(-0.5).pow(2), dimension::frequency);
  EXPECT_THROW(dimension::time.pow(0.3), UnitError);
  EXPECT_THROW(dimension::time.pow(NAN), UnitError);
  EXPECT_THROW(dimension::time.pow(1e9), UnitError);
}

TEST(Units, NamesAreReadable) {
  EXPECT_EQ(dimension::voltage.name(), "volt");
  EXPECT_EQ(dimension::one.name(), "1");
  EXPECT_EQ(dimension::frequency.name(), "hertz");
  EXPECT_EQ((dimension::voltage / dimension::time).name(), "volt/second");
  EXPECT_EQ(dimension::voltage.internal_name(), "mV");
  EXPECT_EQ(dimension::frequency.internal_name(), "1/ms");
  EXPECT_EQ((dimension::voltage / dimension::time).internal_name(), "mV/ms");
  EXPECT_EQ(dimension::time.pow(-0.5).internal_name(), "ms**-0.5");
}

TEST(Units, SumsOfDifferentUnitsAreErrors) {
  EXPECT_THROW(1_mV + 1_ms, UnitError);
  EXPECT_THROW(1_mV - Quantity(1), UnitError);
  EXPECT_EQ((1_mV + 2_mV).internal(), 3);
}

TEST(Units, InternalValueNamesWhereAndBothUnits) {
  try {
    internal_value(20_mV, dimension::time, "parameter 'tau_m' of 'lif'");
    FAIL();
  } catch (const UnitError& e) {
    const std::string text = e.what();
    EXPECT_NE(text.find("parameter 'tau_m' of 'lif'"), std::string::npos) << text;
    EXPECT_NE(text.find("20 mV"), std::string::npos) << text;
    EXPECT_NE(text.find("second"), std::string::npos) << text;
  }
}

}  // namespace
}  // namespace callosum
