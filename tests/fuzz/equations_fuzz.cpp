#include <cstddef>
#include <cstdint>
#include <string>

#include "callosum/core/error.h"
#include "callosum/model/model.h"
#include "callosum/model/step.h"

namespace {

void read(const callosum::model::ModelText& text) {
  try {
    const callosum::model::Model model(text);
    (void)model.to_string();
    (void)callosum::model::compile_step(model, {});
  } catch (const callosum::Error&) {  // what the text deserves
  }
}

}  // namespace

// The first byte chooses what the rest is: a model file, or equations, threshold, reset and
// refractory separated by bars.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const std::string rest(reinterpret_cast<const char*>(data) + 1, size - 1);
  callosum::model::ModelText text;
  if (data[0] == 'f') {
    try {
      text = callosum::model::read_model_text(rest, "fuzz.toml");
    } catch (const callosum::Error&) {
      return 0;
    }
    read(text);
    return 0;
  }
  text.name = "fuzz";
  callosum::model::SourceText* parts[] = {&text.equations, &text.threshold, &text.reset,
                                          &text.refractory};
  std::size_t begin = 0;
  for (auto* part : parts) {
    const std::size_t end = rest.find('|', begin);
    part->name = "part";
    part->text = rest.substr(begin, end == std::string::npos ? end : end - begin);
    if (end == std::string::npos) break;
    begin = end + 1;
  }
  text.parameters.push_back({"tau", "10 ms", "", "> 0 ms", {}});
  read(text);
  return 0;
}
