#include <gtest/gtest.h>

#include "callosum/core/error.h"
#include "tests/format/network_texts.h"

// Third factors in network files.
namespace callosum::format {
namespace {

std::string with_links(const std::string& links) {
  return "dt = \"1 ms\"\n"
         "[population.in]\nsize = 3\nmodel = \"nalsm_lif\"\n"
         "[population.out]\nsize = 5\nmodel = \"nalsm_lif\"\n"
         "[population.astrocyte]\nsize = 1\nmodel = \"nalsm_astrocyte\"\n"
         "[[projection]]\nname = \"learning\"\nfrom = \"in\"\nto = \"out\"\n"
         "rule = \"all_to_all\"\nsynapse = \"stdp_astrocyte\"\nweight = 2\n" +
         links;
}
const std::string good =
    "links = { depression = { from = \"astrocyte\", variable = \"A\" },"
    "  potentiation = { from = \"astrocyte\", variable = \"eta_next\", rule = \"all_to_all\","
    "    weight = -1, delay = \"2 ms\" } }\n";

TEST(Links, AreReadWithTheirDefaults) {
  const NetworkFile file = read(with_links(good));
  const auto& links = file.network.projections().at(0).synapse.links;
  ASSERT_EQ(links.size(), 2u);
  EXPECT_EQ(links.at("depression").variable, "A");
  EXPECT_EQ(links.at("depression").rule, all_to_all());
  EXPECT_FALSE(links.at("depression").delay);
  EXPECT_EQ(links.at("potentiation").weight, Values(-1.0));
  EXPECT_EQ(links.at("potentiation").delay->first(), 2);
}

TEST(Links, SurviveTheResolvedFile) {
  const NetworkFile file = read(with_links(good));
  EXPECT_EQ(read(file.resolved).network.hash(), file.network.hash());
  const std::string other = with_links(
      "links = { depression = { from = \"astrocyte\", variable = \"A\" },"
      "  potentiation = { from = \"astrocyte\", variable = \"eta\" } }\n");
  EXPECT_NE(read(other).network.hash(), file.network.hash()) << "links decide results";
}

TEST(Links, ThatAreWrongAreNamed) {
  const auto message = [](const std::string& links) -> std::string {
    try {
      read(with_links(links));
    } catch (const Error& error) {
      return error.what();
    } catch (const std::exception& error) {
      return error.what();
    }
    return {};
  };
  const std::string depression = "depression = { from = \"astrocyte\", variable = \"A\" }";
  EXPECT_NE(message("").find("'depression'"), std::string::npos) << message("");
  EXPECT_NE(message("links = { " + depression + " }\n").find("'potentiation'"), std::string::npos);
  EXPECT_NE(message("links = { " + depression + ", potentiation = { from = \"astrocyte\" } }\n")
                .find("variable"),
            std::string::npos);
  EXPECT_NE(message("links = { " + depression +
                    ", potentiation = { form = \"astrocyte\", variable = \"eta\" } }\n")
                .find("from"),
            std::string::npos);
  EXPECT_NE(message("links = { " + depression +
                    ", potentiation = { from = \"astrocite\", variable = \"eta\" } }\n")
                .find("astrocyte"),
            std::string::npos);
}

}  // namespace
}  // namespace callosum::format
