#pragma once

#include <string_view>
#include <vector>

namespace callosum::library {

struct ModelFile {
  std::string_view name, path, text;
};

/// The shipped model files, compiled in (cmake/EmbedModels.cmake).
const std::vector<ModelFile>& model_files();

}  // namespace callosum::library
