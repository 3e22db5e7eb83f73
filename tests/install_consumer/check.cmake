# Installs the build, configures and builds a separate project against it, runs it.
foreach(step IN ITEMS
    "${CMAKE_COMMAND};--install;${BUILD};--prefix;${WORK}/prefix"
    "${CMAKE_COMMAND};-S;${SOURCE};-B;${WORK}/consumer;-G;Ninja;-DCMAKE_PREFIX_PATH=${WORK}/prefix;-DCMAKE_CXX_STANDARD=20;-DCMAKE_EXE_LINKER_FLAGS=${LINK_FLAGS}"
    "${CMAKE_COMMAND};--build;${WORK}/consumer"
    "${CMAKE_COMMAND};-E;chdir;${WORK};${WORK}/consumer/consumer"
    "${CMAKE_COMMAND};-E;chdir;${WORK};${WORK}/consumer/converter")
  execute_process(COMMAND ${step} RESULT_VARIABLE result OUTPUT_VARIABLE out ERROR_VARIABLE out)
  if(NOT result EQUAL 0)
    message(FATAL_ERROR "${step}\n${out}")
  endif()
endforeach()
foreach(file IN ITEMS balanced.html small.nir circuit/simulation_config.json small.nwb)
  if(NOT EXISTS ${WORK}/${file})
    message(FATAL_ERROR "the program wrote no ${file}")
  endif()
endforeach()

# What docs/guide/add-a-neuron.md asks of a newcomer, from its own blocks: the model is well formed,
# runs in a network file, and from C++ with a gradient.
include(${CMAKE_CURRENT_LIST_DIR}/../docs/guide_block.cmake)
set(mine ${WORK}/newcomer)
file(REMOVE_RECURSE ${mine})
file(READ ${CMAKE_CURRENT_LIST_DIR}/../../docs/guide/add-a-neuron.md guide)
callosum_guide_block("${guide}" toml 0 model)
file(WRITE ${mine}/my_neuron.toml "${model}")
callosum_guide_block("${guide}" toml 1 network)
file(WRITE ${mine}/my_network.toml "${network}")
callosum_guide_block("${guide}" cpp 0 program)
string(FIND "${program}" "\n\n" at)
string(SUBSTRING "${program}" 0 ${at} head)
string(SUBSTRING "${program}" ${at} -1 body)
file(WRITE ${mine}/main.cpp "${head}
int main() {${body}
  return slopes.size() == 10 && slopes[0] > 0 && slopes[1] == 0 ? 0 : 1;
}
")
file(WRITE ${mine}/CMakeLists.txt "cmake_minimum_required(VERSION 3.25)
project(newcomer LANGUAGES CXX)
set(CMAKE_CXX_STANDARD 20)
find_package(callosum REQUIRED)
add_executable(mine main.cpp)
target_link_libraries(mine PRIVATE callosum::callosum)
")
foreach(step IN ITEMS
    "${WORK}/prefix/bin/callosum;model;check;my_neuron.toml"
    "${WORK}/prefix/bin/callosum;model;response;my_neuron.toml"
    "${WORK}/prefix/bin/callosum;run;my_network.toml"
    "${CMAKE_COMMAND};-S;.;-B;build;-G;Ninja;-DCMAKE_PREFIX_PATH=${WORK}/prefix;-DCMAKE_EXE_LINKER_FLAGS=${LINK_FLAGS}"
    "${CMAKE_COMMAND};--build;build"
    "build/mine")
  execute_process(COMMAND ${step} WORKING_DIRECTORY ${mine}
    RESULT_VARIABLE result OUTPUT_VARIABLE out ERROR_VARIABLE out)
  if(NOT result EQUAL 0)
    message(FATAL_ERROR "${step}\n${out}")
  endif()
endforeach()
if(NOT EXISTS ${mine}/results/my_network/report.html)
  message(FATAL_ERROR "the newcomer's network wrote no report")
endif()
