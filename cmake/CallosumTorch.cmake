# libtorch, where it is installed: the target callosum::torch. Floors that need it are left out of
# the build otherwise, so that who only simulates needs none of it.
find_path(CALLOSUM_TORCH_INCLUDE ATen/ATen.h)
find_path(CALLOSUM_TORCH_API_INCLUDE torch/torch.h PATH_SUFFIXES torch/csrc/api/include)
find_library(CALLOSUM_TORCH_LIBRARY torch)
find_library(CALLOSUM_TORCH_CPU_LIBRARY torch_cpu)
find_library(CALLOSUM_C10_LIBRARY c10)
set(CALLOSUM_HAS_TORCH OFF)
if(CALLOSUM_TORCH_INCLUDE AND CALLOSUM_TORCH_API_INCLUDE AND CALLOSUM_TORCH_LIBRARY)
  set(CALLOSUM_HAS_TORCH ON)
  add_library(callosum::torch INTERFACE IMPORTED)
  # As system headers: their warnings are not ours.
  target_include_directories(callosum::torch SYSTEM INTERFACE
    ${CALLOSUM_TORCH_INCLUDE} ${CALLOSUM_TORCH_API_INCLUDE})
  target_link_libraries(callosum::torch INTERFACE
    ${CALLOSUM_TORCH_LIBRARY} ${CALLOSUM_TORCH_CPU_LIBRARY} ${CALLOSUM_C10_LIBRARY})
else()
  message(STATUS "libtorch is not installed: nets and what stands on it are not built (`make test` installs it)")
endif()
