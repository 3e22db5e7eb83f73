# Serial HDF5 through its C interface: the target callosum::hdf5.
find_path(CALLOSUM_HDF5_INCLUDE hdf5.h PATH_SUFFIXES hdf5/serial REQUIRED)
find_library(CALLOSUM_HDF5_LIBRARY NAMES hdf5_serial hdf5 PATH_SUFFIXES hdf5/serial REQUIRED)
add_library(callosum::hdf5 INTERFACE IMPORTED)
target_include_directories(callosum::hdf5 SYSTEM INTERFACE ${CALLOSUM_HDF5_INCLUDE})
target_link_libraries(callosum::hdf5 INTERFACE ${CALLOSUM_HDF5_LIBRARY})
