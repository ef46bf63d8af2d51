//===- Passes.h - Passes of sym/Codegen ---*- C++ -*-===//

#ifndef SYM_CODEGEN_PASSES_H
#define SYM_CODEGEN_PASSES_H

#include "mlir/Pass/Pass.h"

namespace mlir::sym {

#define GEN_PASS_DECL
#include "sym/Codegen/Passes.h.inc"

#define GEN_PASS_REGISTRATION
#include "sym/Codegen/Passes.h.inc"

} // namespace mlir::sym

#endif // SYM_CODEGEN_PASSES_H
