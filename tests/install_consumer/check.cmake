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
