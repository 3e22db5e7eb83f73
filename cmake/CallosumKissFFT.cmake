# KISS FFT in single precision: the target callosum::kissfft.
find_path(CALLOSUM_KISSFFT_INCLUDE kissfft/kiss_fft.h REQUIRED)
find_library(CALLOSUM_KISSFFT_LIBRARY kissfft-float REQUIRED)
add_library(callosum::kissfft INTERFACE IMPORTED)
target_include_directories(callosum::kissfft SYSTEM INTERFACE ${CALLOSUM_KISSFFT_INCLUDE})
target_link_libraries(callosum::kissfft INTERFACE ${CALLOSUM_KISSFFT_LIBRARY})
