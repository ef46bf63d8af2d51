//===- Names.h - Names of generated symbols --------------------*- C++ -*-===//

#ifndef SYM_CONVERSION_NAMES_H
#define SYM_CONVERSION_NAMES_H

#include "llvm/ADT/StringRef.h"

#include <string>

namespace mlir::sym {

/// What `sym-mangle-symbols` puts behind a name.
inline constexpr llvm::StringLiteral kNameSuffix = ".sym";

/// The name before `sym-mangle-symbols`.
inline llvm::StringRef getOriginalName(llvm::StringRef name) {
  name.consume_back(kNameSuffix);
  return name;
}

/// What `sym-outline-variants` puts behind a variant's name for its module's.
inline constexpr llvm::StringLiteral kUnitSuffix = ".unit";

/// Marks an object of a gpu.binary as an image for the simulated driver.
inline constexpr llvm::StringLiteral kSimulatedAttrName = "sym.simulated";

/// `name` in C, as abi.h defines the escaping.
std::string escapeCName(llvm::StringRef name);

} // namespace mlir::sym

#endif // SYM_CONVERSION_NAMES_H
