# Find MLIR, by default next to llvm-config-22, and its TableGen functions.
find_program(SYM_LLVM_CONFIG NAMES llvm-config-22 llvm-config)
if(NOT MLIR_DIR AND SYM_LLVM_CONFIG)
  execute_process(COMMAND ${SYM_LLVM_CONFIG} --cmakedir
    OUTPUT_VARIABLE llvm_cmake_dir OUTPUT_STRIP_TRAILING_WHITESPACE)
  get_filename_component(MLIR_DIR ${llvm_cmake_dir}/../mlir ABSOLUTE)
endif()

find_package(MLIR REQUIRED CONFIG)
message(STATUS "Using MLIR ${LLVM_PACKAGE_VERSION} in ${MLIR_DIR}")
if(NOT LLVM_VERSION_MAJOR EQUAL 22)
  message(FATAL_ERROR "sym needs MLIR 22, found ${LLVM_PACKAGE_VERSION}")
endif()
if(NOT TARGET MLIR OR NOT TARGET LLVM)
  message(FATAL_ERROR "sym links the shared MLIR and LLVM libraries, which this MLIR was built without")
endif()
if(NOT LLVM_ENABLE_RTTI)
  message(FATAL_ERROR "sym needs an MLIR built with RTTI")
endif()

list(APPEND CMAKE_MODULE_PATH ${MLIR_CMAKE_DIR} ${LLVM_CMAKE_DIR})
include(TableGen)
include(AddLLVM)
include(AddMLIR)

# mlir_tablegen takes its search path from the directory property.
include_directories(${SYM_SOURCE_DIR}/include ${SYM_BINARY_DIR}/include)
include_directories(SYSTEM ${MLIR_INCLUDE_DIRS} ${LLVM_INCLUDE_DIRS})
separate_arguments(SYM_LLVM_DEFINITIONS NATIVE_COMMAND "${LLVM_DEFINITIONS}")
