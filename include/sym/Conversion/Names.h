//===- Names.h - Names of generated symbols --------------------*- C++ -*-===//

#ifndef SYM_CONVERSION_NAMES_H
#define SYM_CONVERSION_NAMES_H

#include "llvm/ADT/StringRef.h"

#include <string>

namespace mlir::sym {

/// `name` in C, as abi.h defines the escaping.
std::string escapeCName(llvm::StringRef name);

} // namespace mlir::sym

#endif // SYM_CONVERSION_NAMES_H
