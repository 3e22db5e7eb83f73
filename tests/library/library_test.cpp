#include "callosum/library/library.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>

#include "callosum/core/error.h"
#include "callosum/model/step.h"

namespace callosum::library {
namespace {

using model::Model;
using model::ModelKind;
using model::VariableKind;

TEST(Library, HoldsEveryFileOfItsFolder) {
  const std::pair<const char*, ModelKind> folders[] = {{"neurons", ModelKind::neuron},
                                                       {"synapses", ModelKind::synapse},
                                                       {"sources", ModelKind::source}};
  for (const auto& [folder, kind] : folders) {
    std::size_t files = 0;
    for (const auto& file : std::filesystem::directory_iterator(std::string(CALLOSUM_SOURCE_DIR) +
                                                                "/callosum/library/" + folder)) {
      const std::string name = file.path().stem();
      ++files;
      EXPECT_EQ(find(name).kind(), kind) << name;
      EXPECT_EQ(find(name).name(), name);
      EXPECT_FALSE(file_text(name).empty());
    }
    EXPECT_EQ(names(kind).size(), files) << folder;
  }
}

TEST(Library, EveryModelIsDocumented) {
  for (const std::string& name : names()) {
    const Model m = find(name);
    EXPECT_FALSE(m.text().doc.empty()) << name;
    if (m.kind() == ModelKind::neuron) {
      EXPECT_FALSE(m.text().reference.empty()) << name;
    }
    for (const model::Variable& v : m.variables()) {
      const bool given = v.kind == VariableKind::parameter && !v.declared;
      EXPECT_FALSE(given && v.doc.empty()) << name << "." << v.name;
    }
  }
}

TEST(Library, TheGuideListsEveryModelWithItsFirstSentence) {
  std::ifstream in(CALLOSUM_SOURCE_DIR "/docs/guide/library.md");
  const std::string guide{std::istreambuf_iterator<char>(in), {}};
  for (const std::string& name : names()) {
    const std::string& doc = find(name).text().doc;
    std::string sentence = doc.substr(0, doc.find(". "));
    std::replace(sentence.begin(), sentence.end(), '\n', ' ');
    while (sentence.ends_with(' ') || sentence.ends_with('.')) sentence.pop_back();
    EXPECT_NE(guide.find("| `" + name + "` | " + sentence + " |"), std::string::npos)
        << name << ": " << sentence;
  }
}

TEST(Library, CapacitancesAndTimesHaveRanges) {
  for (const std::string& name : names(ModelKind::neuron))
    for (const model::Variable& v : neuron(name).variables()) {
      const bool positive =
          v.kind == VariableKind::parameter &&
          (v.dimension == dimension::time || v.dimension == dimension::capacitance);
      EXPECT_TRUE(v.minimum || !positive) << name << "." << v.name;
    }
}

TEST(Library, EveryParameterRefusesBadValues) {
  for (const std::string& name : names()) {
    const Model m = find(name);
    for (const model::Variable& v : m.variables()) {
      if (v.kind != VariableKind::parameter || v.type != model::ValueType::real) continue;
      for (double bad : {NAN, INFINITY, -INFINITY})
        EXPECT_THROW((void)m.checked(v.name, Quantity(bad, v.dimension)), ValueError)
            << name << "." << v.name;
      EXPECT_THROW((void)m.checked(v.name, Quantity(1, v.dimension * dimension::mass)), UnitError);
      if (v.minimum) {
        const Quantity below = Quantity::from_internal(*v.minimum - 1, v.dimension);
        EXPECT_THROW((void)m.checked(v.name, below), ValueError) << name << "." << v.name;
      }
      if (v.value) {
        const Quantity standard = Quantity::from_internal(*v.value, v.dimension);
        EXPECT_EQ(m.checked(v.name, standard), *v.value) << name << "." << v.name;
      }
    }
  }
}

TEST(Library, NeuronsCompile) {
  for (const std::string& name : names(ModelKind::neuron))
    EXPECT_NO_THROW((void)model::compile_step(neuron(name), {})) << name;
}

TEST(Library, NamesOfNestAndPyNNResolve) {
  const std::pair<const char*, const char*> aliases[] = {
      {"iaf_psc_exp", "lif_psc_exp"},     {"IF_curr_exp", "lif_psc_exp"},
      {"iaf_cond_exp", "lif_cond_exp"},   {"IF_cond_exp", "lif_cond_exp"},
      {"iaf_psc_alpha", "lif_psc_alpha"}, {"IF_curr_alpha", "lif_psc_alpha"},
      {"iaf_psc_delta", "lif_psc_delta"}};
  for (const auto& [other, own] : aliases) EXPECT_EQ(find(other).name(), own);
}

TEST(Library, PyNNParameterNamesResolve) {
  const Model m = neuron("IF_curr_exp");
  const std::pair<const char*, const char*> aliases[] = {
      {"cm", "C_m"},        {"v_rest", "E_L"},      {"tau_syn_E", "tau_syn_ex"},
      {"v_thresh", "V_th"}, {"v_reset", "V_reset"}, {"tau_refrac", "t_ref"},
      {"i_offset", "I_e"}};
  for (const auto& [other, own] : aliases) EXPECT_EQ(m.at(other).name, own);
}

TEST(Library, UnknownNamesOfferTheNearest) {
  try {
    (void)neuron("lif_psc_epx");
    FAIL();
  } catch (const NameError& error) {
    EXPECT_EQ(error.detail().nearest, "lif_psc_exp");
  }
  EXPECT_THROW((void)neuron("static"), NameError);
  EXPECT_THROW((void)synapse("lif_psc_exp"), NameError);
}

}  // namespace
}  // namespace callosum::library
