# The shared library of LLVM 19 as an imported target, found the same way when building Callosum
# and when using an installed one.
if(NOT TARGET callosum::llvm)
  find_library(CALLOSUM_LLVM_LIBRARY NAMES LLVM-19 HINTS /usr/lib/llvm-19/lib /usr/local/lib REQUIRED)
  add_library(callosum::llvm UNKNOWN IMPORTED)
  set_target_properties(callosum::llvm PROPERTIES IMPORTED_LOCATION ${CALLOSUM_LLVM_LIBRARY})
endif()
