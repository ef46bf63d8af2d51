//===- SymbolUse.h - Checks that several operations share --*- C++ -*-===//

#ifndef SYM_LIB_DIALECT_SYM_IR_SYMBOLUSE_H
#define SYM_LIB_DIALECT_SYM_IR_SYMBOLUSE_H

#include "sym/Dialect/Sym/IR/Sym.h"

namespace mlir::sym {

/// Verifies that `variable` names a `sym.shared` of type `type` (a tensor, or
/// a buffer of the same shape). `role` names what has that type.
LogicalResult verifyVariableUse(Operation *op, FlatSymbolRefAttr variable,
                                Type type, StringRef role,
                                SymbolTableCollection &symbols);

/// Verifies that `op` stands in a host program and in no parallel loop.
LogicalResult verifyHostOp(Operation *op);

/// Verifies that no symbol occurs twice in `targets`.
LogicalResult verifyDistinct(Operation *op, ArrayAttr targets, StringRef what);

} // namespace mlir::sym

#endif // SYM_LIB_DIALECT_SYM_IR_SYMBOLUSE_H
