# project_options: what every target of ours is compiled with.
add_library(project_options INTERFACE)
target_compile_features(project_options INTERFACE cxx_std_20)
set(CMAKE_CXX_EXTENSIONS ON)  # statement expressions, used by TRY
target_include_directories(project_options INTERFACE ${PROJECT_SOURCE_DIR}/src)
target_compile_definitions(project_options INTERFACE _GLIBCXX_ASSERTIONS _FILE_OFFSET_BITS=64)
# Warnings are errors with the compilers that the project is tested with. What a later one warns of as well must not stop
# someone who only wants to build.
set(warnings_are_errors "")
if((CMAKE_CXX_COMPILER_ID STREQUAL "GNU" AND CMAKE_CXX_COMPILER_VERSION VERSION_LESS 13) OR
   (CMAKE_CXX_COMPILER_ID STREQUAL "Clang" AND CMAKE_CXX_COMPILER_VERSION VERSION_LESS 15))
  set(warnings_are_errors -Werror)
endif()
target_compile_options(project_options INTERFACE
  -Wall -Wextra ${warnings_are_errors} -Wconversion -Wshadow -Wold-style-cast -Wnon-virtual-dtor -Woverloaded-virtual
  -fstack-protector-strong -fPIE)
target_link_options(project_options INTERFACE -pie -Wl,-z,relro,-z,now -Wl,-z,noexecstack)
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
  target_compile_options(project_options INTERFACE -fcf-protection=full -fstack-clash-protection)
else()
  target_compile_options(project_options INTERFACE -Wno-missing-braces)  # of a base class; gcc does not ask for them
endif()
if(CMAKE_BUILD_TYPE MATCHES "Rel" AND NOT SANITIZE)
  target_compile_options(project_options INTERFACE -U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=2)
endif()
if(SANITIZE)
  target_compile_options(project_options INTERFACE -fsanitize=${SANITIZE} -fno-sanitize-recover=all
                                                   -fno-omit-frame-pointer -g1)
  target_link_options(project_options INTERFACE -fsanitize=${SANITIZE})
  if(SANITIZE MATCHES "undefined" AND NOT FUZZ)
    # A third of the compile time. The address sanitizer sees what the first two would, and the fuzz preset, which reads
    # the hostile bytes, keeps all three. A test's own file is left out: what it calls has the checks. Nor is it optimised, which would take
    # half as long again.
    target_compile_options(project_options INTERFACE -fno-sanitize=null,object-size,alignment
                           $<$<BOOL:$<TARGET_PROPERTY:IS_TEST>>:-fno-sanitize=undefined\;-O0>)
  endif()
  if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
    # gcc warns of code that its own instrumentation hides from it (std::variant under -O1); its manual says so.
    target_compile_options(project_options INTERFACE -Wno-maybe-uninitialized)
  endif()
endif()
if(FUZZ)
  target_compile_options(project_options INTERFACE -fsanitize=fuzzer-no-link)
endif()
if(COVERAGE)
  target_compile_options(project_options INTERFACE --coverage -O0)
  target_link_options(project_options INTERFACE --coverage)
endif()
