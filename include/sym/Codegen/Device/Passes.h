//===- Passes.h - Passes of sym/Codegen/Device ---*- C++ -*-===//

#ifndef SYM_CODEGEN_DEVICE_PASSES_H
#define SYM_CODEGEN_DEVICE_PASSES_H

#include "mlir/Dialect/GPU/IR/GPUDialect.h"
#include "mlir/IR/OwningOpRef.h"
#include "mlir/Pass/Pass.h"

namespace mlir::sym {

#define GEN_PASS_DECL
#include "sym/Codegen/Device/Passes.h.inc"

#define GEN_PASS_REGISTRATION
#include "sym/Codegen/Device/Passes.h.inc"

/// Kernels to the NVVM and LLVM dialects, bare pointers at their boundaries.
void buildKernelsToNVVM(OpPassManager &pm);

/// A copy of `kernels`, lowered so, in a module of its own: the launches of the
/// program would have to be lowered with them there. Failure is diagnosed.
FailureOr<OwningOpRef<ModuleOp>> lowerKernelsApart(gpu::GPUModuleOp kernels);

} // namespace mlir::sym

#endif // SYM_CODEGEN_DEVICE_PASSES_H
