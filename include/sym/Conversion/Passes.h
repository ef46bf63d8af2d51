//===- Passes.h - Passes of sym/Conversion ---*- C++ -*-===//

#ifndef SYM_CONVERSION_PASSES_H
#define SYM_CONVERSION_PASSES_H

#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/Pass/Pass.h"

namespace mlir::sym {

#define GEN_PASS_DECL
#include "sym/Conversion/Passes.h.inc"

#define GEN_PASS_REGISTRATION
#include "sym/Conversion/Passes.h.inc"

} // namespace mlir::sym

#endif // SYM_CONVERSION_PASSES_H
