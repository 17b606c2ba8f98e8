# late_library(<target> <package>): gives a target the headers of a package that pkg-config knows, and the name that the
# loader knows its library by as a definition, <PACKAGE>_SONAME; the program loads it itself (src/base/late_library.h).
function(late_library target package)
  find_library(${package}_file NAMES ${${package}_LIBRARIES} HINTS ${${package}_LIBRARY_DIRS} REQUIRED)
  execute_process(COMMAND ${CMAKE_OBJDUMP} -p ${${package}_file} OUTPUT_VARIABLE described COMMAND_ERROR_IS_FATAL ANY)
  if(NOT described MATCHES "SONAME +([^ \n]+)")
    message(FATAL_ERROR "${${package}_file} has no name for the loader")
  endif()
  string(TOUPPER ${package} upper)
  target_compile_definitions(${target} PRIVATE ${upper}_SONAME="${CMAKE_MATCH_1}")
  target_include_directories(${target} SYSTEM PRIVATE ${${package}_INCLUDE_DIRS})
endfunction()
