# sym_add_library(NAME sources... [DEPENDS targets...] [LINK_LIBS libs...])
#   A static library of the compiler.
# sym_add_tool(NAME sources... [DEPENDS targets...] [LINK_LIBS libs...])
#   An executable of the compiler, built into bin/.
# sym_add_runtime_library(NAME sources... [SHARED] [LINK_LIBS libs...])
#   A library of the runtime: no LLVM, no exceptions.

function(sym_add_library name)
  cmake_parse_arguments(PARSE_ARGV 1 ARG "" "" "DEPENDS;LINK_LIBS")
  add_library(${name} STATIC ${ARG_UNPARSED_ARGUMENTS})
  sym_configure_compiler_target(${name} PUBLIC "${ARG_DEPENDS}" "${ARG_LINK_LIBS}")
endfunction()

function(sym_add_tool name)
  cmake_parse_arguments(PARSE_ARGV 1 ARG "" "" "DEPENDS;LINK_LIBS")
  add_executable(${name} ${ARG_UNPARSED_ARGUMENTS})
  sym_configure_compiler_target(${name} PRIVATE "${ARG_DEPENDS}" "${ARG_LINK_LIBS}")
  set_property(GLOBAL APPEND PROPERTY SYM_TOOLS ${name})
endfunction()

function(sym_add_runtime_library name)
  cmake_parse_arguments(PARSE_ARGV 1 ARG "SHARED" "" "LINK_LIBS")
  set(kind STATIC)
  if(ARG_SHARED)
    set(kind SHARED)
  endif()
  add_library(${name} ${kind} ${ARG_UNPARSED_ARGUMENTS})
  target_include_directories(${name} PUBLIC ${SYM_SOURCE_DIR}/include)
  # Sections, so that an executable keeps only what it uses.
  target_compile_options(${name} PRIVATE -ffunction-sections -fdata-sections
    $<$<COMPILE_LANGUAGE:CXX>:-fno-exceptions>)
  target_link_libraries(${name} PUBLIC ${ARG_LINK_LIBS})
endfunction()

function(sym_configure_compiler_target name visibility depends link_libs)
  sym_set_compiler_options(${name})
  target_link_libraries(${name} ${visibility} ${link_libs} MLIR LLVM)
  if(depends)
    add_dependencies(${name} ${depends})
  endif()
  if(SYM_ENABLE_PCH)
    sym_use_pch(${name})
  endif()
endfunction()

# What a target must share with the precompiled header to use it.
function(sym_set_compiler_options name)
  target_include_directories(${name} PRIVATE
    ${SYM_SOURCE_DIR}/include ${SYM_BINARY_DIR}/include)
  target_include_directories(${name} SYSTEM PRIVATE
    ${MLIR_INCLUDE_DIRS} ${LLVM_INCLUDE_DIRS})
  target_compile_definitions(${name} PRIVATE ${SYM_LLVM_DEFINITIONS})
  target_compile_options(${name} PRIVATE -fno-exceptions)
  # The packaged libraries are built so, and the layout of passes, which hold
  # statistics, depends on it.
  if(NOT CMAKE_BUILD_TYPE MATCHES "Rel")
    target_compile_definitions(${name} PRIVATE NDEBUG)
  endif()
  if(SYM_ENABLE_PCH)
    target_compile_options(${name} PRIVATE "SHELL:-Xclang -fno-pch-timestamp")
  endif()
endfunction()

# The precompiled header is named relative to where the compiler starts, which
# only Ninja holds the same for every target, in a form only Clang reads.
if(NOT CMAKE_GENERATOR STREQUAL "Ninja" OR NOT CMAKE_CXX_COMPILER_ID MATCHES "Clang")
  set(SYM_ENABLE_PCH OFF)
endif()
if(SYM_BUILD_COMPILER AND SYM_ENABLE_PCH)
  include(SymPCH)
endif()
