//===- Passes.h - Passes of sym/Dialect/Sym/Transforms ---*- C++ -*-===//

#ifndef SYM_DIALECT_SYM_TRANSFORMS_PASSES_H
#define SYM_DIALECT_SYM_TRANSFORMS_PASSES_H

#include "mlir/Pass/Pass.h"

namespace mlir::sym {

#define GEN_PASS_DECL
#include "sym/Dialect/Sym/Transforms/Passes.h.inc"

#define GEN_PASS_REGISTRATION
#include "sym/Dialect/Sym/Transforms/Passes.h.inc"

} // namespace mlir::sym

#endif // SYM_DIALECT_SYM_TRANSFORMS_PASSES_H
