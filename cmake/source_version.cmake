# source_version(<target> <namespace> <constant> FOLDERS <dir>...): compiles into <target> a std::string_view constant that
# changes whenever the sources of the folders do, so that what a cache remembers is never taken for another version's.
set(SOURCE_VERSION_SCRIPT ${CMAKE_CURRENT_LIST_DIR}/write_source_version.cmake)
function(source_version target namespace constant)
  cmake_parse_arguments(ARG "" "" "FOLDERS" ${ARGN})
  set(sources "")
  foreach(folder IN LISTS ARG_FOLDERS)
    file(GLOB_RECURSE found CONFIGURE_DEPENDS ${folder}/*.cc ${folder}/*.h)
    list(APPEND sources ${found})
  endforeach()
  list(FILTER sources EXCLUDE REGEX "_(test|fuzz)\\.cc$")
  list(JOIN sources "\n" lines)
  set(list_file ${CMAKE_CURRENT_BINARY_DIR}/${constant}_sources.txt)
  set(out ${CMAKE_CURRENT_BINARY_DIR}/${constant}.cc)
  file(CONFIGURE OUTPUT ${list_file} CONTENT "${lines}\n")
  add_custom_command(
    OUTPUT ${out}
    COMMAND ${CMAKE_COMMAND} -D OUT=${out} -D LIST=${list_file} -D NAMESPACE=${namespace} -D CONSTANT=${constant}
            -P ${SOURCE_VERSION_SCRIPT}
    DEPENDS ${sources} ${SOURCE_VERSION_SCRIPT} ${list_file}
    VERBATIM)
  target_sources(${target} PRIVATE ${out})
endfunction()
