# One static library per folder of callosum/: callosum_<floor>, every .cpp below the folder. A
# folder <floor>/torch is a floor of its own, <floor>_torch.
function(callosum_floor floor)
  cmake_parse_arguments(F "" "" "USES;LINK;PRIVATE" ${ARGN})
  string(REPLACE "_torch" "/torch" folder ${floor})
  file(GLOB_RECURSE sources CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/callosum/${folder}/*.cpp)
  if(folder STREQUAL floor)
    list(FILTER sources EXCLUDE REGEX "/${floor}/torch/")
  endif()
  if(NOT sources)
    file(WRITE ${CMAKE_BINARY_DIR}/empty_${floor}.cpp "namespace callosum {}\n")
    set(sources ${CMAKE_BINARY_DIR}/empty_${floor}.cpp)
  endif()
  add_library(callosum_${floor} STATIC ${sources})
  target_include_directories(callosum_${floor} PUBLIC
    $<BUILD_INTERFACE:${CMAKE_SOURCE_DIR}> $<INSTALL_INTERFACE:include>)
  foreach(lower ${F_USES})
    target_link_libraries(callosum_${floor} PUBLIC callosum_${lower})
  endforeach()
  target_link_libraries(callosum_${floor} PUBLIC ${F_LINK})
  foreach(library ${F_PRIVATE})
    target_include_directories(callosum_${floor} SYSTEM PRIVATE
      $<TARGET_PROPERTY:${library},INTERFACE_INCLUDE_DIRECTORIES>)
    target_compile_definitions(callosum_${floor} PRIVATE
      $<TARGET_PROPERTY:${library},INTERFACE_COMPILE_DEFINITIONS>)
  endforeach()
endfunction()

# LLVM stays behind jit: its headers are private. Programs link its shared library, unless they ask
# for the archives.
function(callosum_llvm floor)
  find_path(CALLOSUM_LLVM_INCLUDE llvm/ExecutionEngine/Orc/LLJIT.h
    HINTS /usr/lib/llvm-19/include REQUIRED)
  target_include_directories(callosum_${floor} SYSTEM PRIVATE ${CALLOSUM_LLVM_INCLUDE})
  target_link_libraries(callosum_${floor} PRIVATE
    $<IF:$<BOOL:$<TARGET_PROPERTY:CALLOSUM_STATIC_LLVM>>,callosum::llvm_static,callosum::llvm>)
endfunction()

# The model files of callosum/library become string literals, so programs carry them.
function(callosum_embed_models floor)
  file(GLOB_RECURSE models CONFIGURE_DEPENDS RELATIVE ${CMAKE_SOURCE_DIR}/callosum/library
    ${CMAKE_SOURCE_DIR}/callosum/library/*.toml)
  set(out ${CMAKE_BINARY_DIR}/generated/model_files.cpp)
  set(depends)
  foreach(model ${models})
    list(APPEND depends ${CMAKE_SOURCE_DIR}/callosum/library/${model})
  endforeach()
  add_custom_command(OUTPUT ${out}
    COMMAND ${CMAKE_COMMAND} -DOUT=${out} -DROOT=${CMAKE_SOURCE_DIR}/callosum/library
      "-DMODELS=${models}" -P ${CMAKE_SOURCE_DIR}/cmake/EmbedModels.cmake
    DEPENDS ${depends} ${CMAKE_SOURCE_DIR}/cmake/EmbedModels.cmake VERBATIM)
  target_sources(callosum_${floor} PRIVATE ${out})
endfunction()
