# Options every target agrees on.

# Position-independent code everywhere, spelled as one flag: executables and
# libraries then agree on it, as a shared precompiled header demands.
# As LLVM: members behind the last initialiser are zero, which is what a
# structure that grew means by them.
add_compile_options(-fPIC -Wall -Wextra -Wno-unused-parameter
  -Wno-missing-field-initializers)

if(SYM_ENABLE_WERROR)
  add_compile_options(-Werror)
endif()

if(CMAKE_CXX_COMPILER_ID MATCHES "Clang")
  add_link_options(-fuse-ld=lld)
  add_compile_options(-fcolor-diagnostics)
endif()

if(SYM_SANITIZE)
  add_compile_options(-fsanitize=${SYM_SANITIZE} -fno-omit-frame-pointer -g1)
  add_link_options(-fsanitize=${SYM_SANITIZE})
  if(SYM_SANITIZE MATCHES "undefined")
    # The shared MLIR and LLVM libraries carry no type information for the
    # check of virtual tables.
    add_compile_options(-fno-sanitize=vptr -fno-sanitize-recover=undefined)
    add_link_options(-fno-sanitize=vptr)
  endif()
endif()
