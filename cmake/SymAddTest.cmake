# sym_add_unittest(NAME sources... [LINK_LIBS libs...])
#   A GoogleTest program that check-sym builds and runs through lit. NAME must
#   end in "Tests": lit finds the programs by that.
find_package(GTest REQUIRED)
find_package(Threads REQUIRED)

set(SYM_UNITTEST_DIR ${SYM_BINARY_DIR}/test/UnitTests)

function(sym_add_unittest name)
  cmake_parse_arguments(PARSE_ARGV 1 ARG "" "" "LINK_LIBS")
  if(NOT name MATCHES "Tests$")
    message(FATAL_ERROR "the name of unit test '${name}' must end in 'Tests'")
  endif()
  add_executable(${name} ${ARG_UNPARSED_ARGUMENTS})
  target_include_directories(${name} PRIVATE ${SYM_SOURCE_DIR}/include)
  target_link_libraries(${name} PRIVATE
    ${ARG_LINK_LIBS} GTest::gmock GTest::gtest GTest::gtest_main Threads::Threads)
  set_target_properties(${name} PROPERTIES RUNTIME_OUTPUT_DIRECTORY ${SYM_UNITTEST_DIR})
  set_property(GLOBAL APPEND PROPERTY SYM_UNITTESTS ${name})
endfunction()
