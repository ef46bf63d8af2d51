# sym_add_doc(OUTPUT_NAME TD_FILE mlir-tblgen arguments...)
#   Generates docs/generated/OUTPUT_NAME.md in the build tree; check-sym-docs
#   compares it with the file checked in, update-sym-docs writes that file.
set(SYM_GENERATED_DOCS_DIR ${SYM_BINARY_DIR}/docs/generated)
file(MAKE_DIRECTORY ${SYM_GENERATED_DOCS_DIR})

function(sym_add_doc output_name td_file)
  set(LLVM_TARGET_DEFINITIONS ${td_file})
  mlir_tablegen(${output_name}.md ${ARGN})
  set(generated ${SYM_GENERATED_DOCS_DIR}/${output_name}.md)
  add_custom_command(OUTPUT ${generated}
    COMMAND ${CMAKE_COMMAND} -E copy ${CMAKE_CURRENT_BINARY_DIR}/${output_name}.md ${generated}
    DEPENDS ${CMAKE_CURRENT_BINARY_DIR}/${output_name}.md)
  add_custom_target(Sym${output_name}Doc DEPENDS ${generated})
  set_property(GLOBAL APPEND PROPERTY SYM_DOC_TARGETS Sym${output_name}Doc)
  set_property(GLOBAL APPEND PROPERTY SYM_DOC_FILES ${generated})
endfunction()
