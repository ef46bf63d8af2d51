//===- Header.h - The C header of a program -------------------*- C++ -*-===//

#ifndef SYM_TOOLS_SYM_COMPILE_HEADER_H
#define SYM_TOOLS_SYM_COMPILE_HEADER_H

#include "mlir/IR/BuiltinOps.h"
#include "llvm/Support/raw_ostream.h"

namespace mlir::sym {

/// Writes a C header, which C++ reads too, with one typed function for each
/// sym.func, variable and host program of a parsed module. `source` is where
/// the module came from.
void writeHeader(ModuleOp module, llvm::StringRef name, llvm::StringRef source,
                 llvm::raw_ostream &os);

} // namespace mlir::sym

#endif // SYM_TOOLS_SYM_COMPILE_HEADER_H
