# The shared library of LLVM 19 as an imported target, found the same way when building Callosum
# and when using an installed one.
if(NOT TARGET callosum::llvm)
  find_library(CALLOSUM_LLVM_LIBRARY NAMES LLVM-19 HINTS /usr/lib/llvm-19/lib /usr/local/lib REQUIRED)
  add_library(callosum::llvm UNKNOWN IMPORTED)
  set_target_properties(callosum::llvm PROPERTIES IMPORTED_LOCATION ${CALLOSUM_LLVM_LIBRARY})
endif()
# The same from LLVM's archives, where they and what they need are installed: a program that sets
# the property CALLOSUM_STATIC_LLVM links it. The shared library costs 20-30 ms at every start, for
# 360,000 relocations and the options of parts that are never used.
if(NOT TARGET callosum::llvm_static)
  add_library(callosum::llvm_static INTERFACE IMPORTED)
  set(CALLOSUM_HAS_STATIC_LLVM OFF)
  find_program(CALLOSUM_LLVM_CONFIG NAMES llvm-config-19 HINTS /usr/lib/llvm-19/bin)
  find_library(CALLOSUM_ZSTD_LIBRARY zstd)
  find_library(CALLOSUM_Z_LIBRARY z)
  if(CALLOSUM_LLVM_CONFIG AND CALLOSUM_ZSTD_LIBRARY AND CALLOSUM_Z_LIBRARY)
    execute_process(COMMAND ${CALLOSUM_LLVM_CONFIG} --link-static --libfiles orcjit native
      RESULT_VARIABLE failed OUTPUT_VARIABLE archives ERROR_QUIET OUTPUT_STRIP_TRAILING_WHITESPACE)
    if(NOT failed)
      separate_arguments(archives)
      target_link_libraries(callosum::llvm_static INTERFACE
        ${archives} ${CALLOSUM_Z_LIBRARY} ${CALLOSUM_ZSTD_LIBRARY} ${CMAKE_DL_LIBS})
      set(CALLOSUM_HAS_STATIC_LLVM ON)
    endif()
  endif()
endif()
