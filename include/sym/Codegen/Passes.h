//===- Passes.h - Passes of sym/Codegen ---*- C++ -*-===//

#ifndef SYM_CODEGEN_PASSES_H
#define SYM_CODEGEN_PASSES_H

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Pass/Pass.h"

namespace mlir::sym {

/// Whether `op` computes a mathematical function that a library provides
/// (`exp`, `sin`, …; not `sqrt`, `floor` and others with instructions).
bool isMathFunction(Operation *op);

#define GEN_PASS_DECL
#include "sym/Codegen/Passes.h.inc"

#define GEN_PASS_REGISTRATION
#include "sym/Codegen/Passes.h.inc"

} // namespace mlir::sym

#endif // SYM_CODEGEN_PASSES_H
