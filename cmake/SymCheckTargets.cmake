# check-sym-docs, update-sym-docs and check-sym-format; check-sym is in test/.
if(SYM_BUILD_COMPILER)
  get_property(doc_targets GLOBAL PROPERTY SYM_DOC_TARGETS)
  get_property(doc_files GLOBAL PROPERTY SYM_DOC_FILES)
  foreach(mode check update)
    add_custom_target(${mode}-sym-docs
      COMMAND ${CMAKE_COMMAND} -DMODE=${mode}
        "-DGENERATED=${doc_files}"
        -DCHECKED_IN_DIR=${SYM_SOURCE_DIR}/docs/generated
        -P ${SYM_SOURCE_DIR}/cmake/SymCompareDocs.cmake
      VERBATIM)
    if(doc_targets)
      add_dependencies(${mode}-sym-docs ${doc_targets})
    endif()
  endforeach()
endif()

find_program(SYM_CLANG_FORMAT NAMES clang-format-22 clang-format)
add_custom_target(check-sym-format
  COMMAND ${CMAKE_COMMAND} -DCLANG_FORMAT=${SYM_CLANG_FORMAT}
    -P ${SYM_SOURCE_DIR}/cmake/SymCheckFormat.cmake
  WORKING_DIRECTORY ${SYM_SOURCE_DIR}
  VERBATIM)
