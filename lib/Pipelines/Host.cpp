//===- Host.cpp - The stage host ---===//
//
// Two halves: structured operations to loops, vectors and library calls; then
// everything to the LLVM dialect.
//
//===----------------------------------------------------------------------===//

#include "sym/Pipelines/Pipelines.h"

#include "mlir/Conversion/Passes.h"
#include "mlir/Dialect/Linalg/Passes.h"
#include "mlir/Dialect/Math/Transforms/Passes.h"
#include "mlir/Dialect/MemRef/Transforms/Passes.h"
#include "mlir/Pass/PassManager.h"
#include "mlir/Transforms/Passes.h"

using namespace mlir;
using namespace mlir::sym;

/// Structured operations on buffers become loops, vectors and calls. Leaves
/// memref, vector, scf, omp, arith, the math operations that are LLVM
/// intrinsics, and calls of declared functions.
static void addLoopPasses(OpPassManager &pm, const PipelineOptions &options) {
  OpPassManager &funcs = pm.nest<func::FuncOp>();
  funcs.addPass(createConvertLinalgToLoopsPass());
  // Addresses of views are computed where the views are used.
  funcs.addPass(memref::createFoldMemRefAliasOpsPass());
  funcs.addPass(createCanonicalizerPass());
  funcs.addPass(createCSEPass());
  math::MathExpandOpsPassOptions expand;
  expand.opMnemonics = {"clampf"};
  funcs.addPass(math::createMathExpandOpsPass(expand));
  pm.addPass(createConvertMathToFuncs());
  pm.addPass(createConvertMathToLibmPass());
}

/// Everything to the LLVM dialect and the ABI.
static void addLLVMPasses(OpPassManager &pm, const PipelineOptions &options) {}

void mlir::sym::buildHostStage(OpPassManager &pm,
                               const PipelineOptions &options) {
  addLoopPasses(pm, options);
  addLLVMPasses(pm, options);
}
