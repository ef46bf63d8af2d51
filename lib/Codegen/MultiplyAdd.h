//===- MultiplyAdd.h - What multiplies and adds -----------*- C++ -*-===//

#ifndef SYM_LIB_CODEGEN_MULTIPLYADD_H
#define SYM_LIB_CODEGEN_MULTIPLYADD_H

#include "mlir/Dialect/Linalg/IR/Linalg.h"

namespace mlir::sym {

/// Whether the body adds the product of the two inputs to the output, all of
/// one element type, as `linalg.matmul` does.
bool isMultiplyAdd(linalg::GenericOp op);

} // namespace mlir::sym

#endif // SYM_LIB_CODEGEN_MULTIPLYADD_H
