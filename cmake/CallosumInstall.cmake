# `cmake --install` gives headers, libraries, the program, the networks, and a package that
# find_package(callosum) finds; users link callosum::callosum.
include(GNUInstallDirs)
include(CMakePackageConfigHelpers)

set(floors core model jit library network sim learn memory format report)
# Files of other programs: callosum::interchange, with HDF5 and what else the data floor needs.
set(interchange analysis data nir sonata nwb)
add_library(callosum_all INTERFACE)
set_target_properties(callosum_all PROPERTIES EXPORT_NAME callosum)
add_library(callosum_interchange INTERFACE)
set_target_properties(callosum_interchange PROPERTIES EXPORT_NAME interchange)
target_link_libraries(callosum_interchange INTERFACE callosum_all)
foreach(floor ${floors})
  target_link_libraries(callosum_all INTERFACE callosum_${floor})
endforeach()
foreach(floor ${interchange})
  target_link_libraries(callosum_interchange INTERFACE callosum_${floor})
endforeach()
foreach(floor ${floors} ${interchange})
  set_target_properties(callosum_${floor} PROPERTIES EXPORT_NAME ${floor})
  list(APPEND targets callosum_${floor})
endforeach()
install(TARGETS callosum_all callosum_interchange ${targets} EXPORT callosum ARCHIVE DESTINATION ${CMAKE_INSTALL_LIBDIR})
if(TARGET callosum_mpi)
  install(TARGETS callosum_mpi LIBRARY DESTINATION ${CMAKE_INSTALL_LIBDIR})
endif()
install(TARGETS callosum RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR})
install(DIRECTORY ${CMAKE_SOURCE_DIR}/callosum DESTINATION include FILES_MATCHING PATTERN "*.h")
install(DIRECTORY ${CMAKE_SOURCE_DIR}/networks ${CMAKE_SOURCE_DIR}/data DESTINATION share/callosum)
install(EXPORT callosum NAMESPACE callosum:: DESTINATION ${CMAKE_INSTALL_LIBDIR}/cmake/callosum
  FILE callosumTargets.cmake)
configure_package_config_file(${CMAKE_SOURCE_DIR}/cmake/callosumConfig.cmake.in
  ${CMAKE_BINARY_DIR}/callosumConfig.cmake
  INSTALL_DESTINATION ${CMAKE_INSTALL_LIBDIR}/cmake/callosum)
write_basic_package_version_file(${CMAKE_BINARY_DIR}/callosumConfigVersion.cmake
  COMPATIBILITY SameMinorVersion)
install(FILES ${CMAKE_BINARY_DIR}/callosumConfig.cmake
  ${CMAKE_BINARY_DIR}/callosumConfigVersion.cmake ${CMAKE_SOURCE_DIR}/cmake/CallosumLLVM.cmake
  ${CMAKE_SOURCE_DIR}/cmake/CallosumHDF5.cmake ${CMAKE_SOURCE_DIR}/cmake/CallosumKissFFT.cmake
  DESTINATION ${CMAKE_INSTALL_LIBDIR}/cmake/callosum)
