# One precompiled header, of upstream headers only, for all compiler targets.
#
# Not target_precompile_headers: that names files of the build folder inside
# the header, so that two checkouts never share a compilation in ccache. Here
# one upstream header is the source, the rest come by -include, and the result
# is named relative to the build folder, where Ninja starts the compiler.
set(SYM_PCH_HEADERS
  mlir/Dialect/Arith/IR/Arith.h
  mlir/Dialect/Bufferization/IR/BufferizableOpInterface.h
  mlir/Dialect/Bufferization/IR/Bufferization.h
  mlir/Dialect/ControlFlow/IR/ControlFlowOps.h
  mlir/Dialect/Func/IR/FuncOps.h
  mlir/Dialect/LLVMIR/LLVMDialect.h
  mlir/Dialect/Linalg/IR/Linalg.h
  mlir/Dialect/MemRef/IR/MemRef.h
  mlir/Dialect/SCF/IR/SCF.h
  mlir/Dialect/Tensor/IR/Tensor.h
  mlir/IR/Builders.h
  mlir/IR/BuiltinOps.h
  mlir/IR/DialectImplementation.h
  mlir/IR/OpImplementation.h
  mlir/IR/PatternMatch.h
  mlir/Interfaces/ControlFlowInterfaces.h
  mlir/Interfaces/SideEffectInterfaces.h
  mlir/Pass/Pass.h
  mlir/Pass/PassManager.h
  mlir/Transforms/DialectConversion.h
  llvm/ADT/STLExtras.h
  llvm/ADT/SmallVector.h
  llvm/ADT/StringRef.h
  llvm/ADT/TypeSwitch.h
  llvm/Support/raw_ostream.h)

list(GET MLIR_INCLUDE_DIRS 0 mlir_include_dir)
set(pch_source ${mlir_include_dir}/mlir/Support/LLVM.h)
set_source_files_properties(${pch_source} PROPERTIES LANGUAGE CXX)
add_library(SymPCH OBJECT ${pch_source})
sym_set_compiler_options(SymPCH)
set_target_properties(SymPCH PROPERTIES INCLUDE_DIRECTORIES "")
target_include_directories(SymPCH SYSTEM PRIVATE ${MLIR_INCLUDE_DIRS} ${LLVM_INCLUDE_DIRS})
target_compile_options(SymPCH PRIVATE -xc++-header)
foreach(header IN LISTS SYM_PCH_HEADERS)
  target_compile_options(SymPCH PRIVATE "SHELL:-include ${header}")
endforeach()
set(SYM_PCH CMakeFiles/SymPCH.dir${pch_source}.o)

function(sym_use_pch name)
  target_compile_options(${name} PRIVATE "SHELL:-include-pch ${SYM_PCH}")
  add_dependencies(${name} SymPCH)
  get_target_property(sources ${name} SOURCES)
  set_property(SOURCE ${sources} APPEND PROPERTY
    OBJECT_DEPENDS ${SYM_BINARY_DIR}/${SYM_PCH})
endfunction()
