# The C++ of the guide compiles as it stands: every block of it becomes a function here. What a
# block takes as given are the function's parameters.

include(${CMAKE_CURRENT_LIST_DIR}/guide_block.cmake)
set(snippet_sources)
set(snippets_seen 0)
function(callosum_snippet document index parameters)
  file(READ ${CMAKE_SOURCE_DIR}/${document} text)
  set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/${document})
  callosum_guide_block("${text}" cpp ${index} block)
  string(REGEX MATCHALL "#include [^\n]*\n" includes "${block}")
  list(JOIN includes "" includes)
  string(REGEX REPLACE "#include [^\n]*\n" "" block "${block}")
  foreach(header ${ARGN})
    string(PREPEND includes "#include \"callosum/${header}\"\n")
  endforeach()
  string(REGEX REPLACE "[/.-]" "_" stem "${document}_${index}")
  set(source ${CMAKE_BINARY_DIR}/snippets/${stem}.cpp)
  file(CONFIGURE OUTPUT ${source} CONTENT "#include <callosum/callosum.h>
${includes}
using namespace callosum;
using namespace callosum::literals;
void snippet(${parameters}) {
${block}}
" @ONLY)
  set(snippet_sources ${snippet_sources} ${source} PARENT_SCOPE)
endfunction()

callosum_snippet(README.md 0 "")
callosum_snippet(docs/guide/add-a-neuron.md 0 "")
callosum_snippet(docs/guide/cpp.md 0 "Network net")
callosum_snippet(docs/guide/learning.md 0
  "const learn::SpikeBits& spikes, const std::vector<float>& derivative" learn/unroll.h)
callosum_snippet(docs/guide/long-runs.md 0 "Network net")
callosum_snippet(docs/guide/parallel.md 0 "Network net" core/ranks.h)
callosum_snippet(docs/guide/plasticity.md 0 "Network net, View exc, View astrocytes")
callosum_snippet(docs/guide/plasticity.md 1
  "Network net, View input, const std::vector<std::vector<double>>& images, Values (*probabilities)(std::size_t), std::vector<std::vector<double>>& features, std::vector<double> (*spike_counts)(const Recording&)"
  sim/presentation.h)
callosum_snippet(docs/guide/plasticity.md 2 "Network net, View exc")
callosum_snippet(docs/guide/plasticity.md 3 "Network net, View exc")
callosum_snippet(docs/guide/plasticity.md 4 "const std::vector<memory::CamDrive>& drives"
  memory/cam_memory.h)
if(CALLOSUM_HAS_TORCH)
  callosum_snippet(docs/guide/training.md 0
    "Network net, const learn::SpikeSamples& training, const learn::SpikeSamples& validation, const learn::SpikeSamples& test"
    learn/torch/fit.h)
  callosum_snippet(docs/guide/other-ways-to-learn.md 1
    "const nets::Mlp& mlp, const at::Tensor& samples")
  callosum_snippet(docs/guide/other-ways-to-learn.md 3
    "nets::Draws& draws, const at::Tensor& x, const at::Tensor& labels"
    learn/torch/quantised_network.h nets/training.h)
  callosum_snippet(docs/guide/other-ways-to-learn.md 5
    "const at::Tensor& weights, const at::Tensor& bias, const at::Tensor& events, const at::Tensor& list, std::int64_t T, std::int64_t rows, std::int64_t columns"
    nets/delay_layer.h)
endif()
# That of docs/guide/experiments.md is a sketch with gaps.
file(GLOB documents CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/docs/guide/*.md)
foreach(document ${documents} ${CMAKE_SOURCE_DIR}/README.md)
  file(READ ${document} text)
  string(REGEX MATCHALL "```cpp\n" blocks "${text}")
  list(LENGTH blocks count)
  math(EXPR snippets_seen "${snippets_seen} + ${count}")
endforeach()
list(LENGTH snippet_sources compiled)
math(EXPR open "${snippets_seen} - ${compiled}")
if(open GREATER 1)
  message(STATUS "${open} blocks of C++ in the guide are not compiled: tests/docs/snippets.cmake")
endif()

add_library(guide_snippets OBJECT ${snippet_sources})
target_include_directories(guide_snippets PRIVATE ${CMAKE_SOURCE_DIR})
target_compile_options(guide_snippets PRIVATE -Wno-unused)
if(CALLOSUM_HAS_TORCH)
  target_link_libraries(guide_snippets PRIVATE callosum::torch)
endif()
