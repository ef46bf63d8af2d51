//===- Link.h - Executables and shared libraries ---------------*- C++ -*-===//

#ifndef SYM_TOOLS_SYM_COMPILE_LINK_H
#define SYM_TOOLS_SYM_COMPILE_LINK_H

#include "llvm/ADT/ArrayRef.h"
#include "llvm/ADT/StringRef.h"
#include "llvm/Support/Error.h"

namespace mlir::sym {

struct LinkOptions {
  bool shared = false;
  /// Link the runtime; a shared library may leave it to the process.
  bool runtime = true;
  /// The program computes on a device.
  bool device = false;
  /// The object is instrumented for ThreadSanitizer, so link its runtime, and
  /// our own in the form that is instrumented too.
  bool sanitizeThread = false;
  /// The linking compiler; empty: the first that is found.
  std::string linker;
  /// Where the archives of the runtime are; empty: beside this tool.
  std::string libraryDir;
};

/// Links `object` to `output` with the runtime and the options in `libraries`.
llvm::Error link(llvm::StringRef object, llvm::StringRef output,
                 llvm::ArrayRef<llvm::StringRef> libraries,
                 const LinkOptions &options, const char *argv0);

} // namespace mlir::sym

#endif // SYM_TOOLS_SYM_COMPILE_LINK_H
