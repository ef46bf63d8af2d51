//===- Linalg.cpp - The stage linalg ----------------------------------===//
//
// Tensor arithmetic becomes structured operations, few and fused.
//
//===----------------------------------------------------------------------===//

#include "sym/Pipelines/Pipelines.h"

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/Linalg/Passes.h"
#include "mlir/Pass/PassManager.h"
#include "mlir/Transforms/Passes.h"

using namespace mlir;
using namespace mlir::sym;

void mlir::sym::buildLinalgStage(OpPassManager &pm,
                                 const PipelineOptions &options) {
  OpPassManager &body = pm.nest<func::FuncOp>();
  // Two equal operations would fuse separately.
  body.addPass(createCanonicalizerPass());
  body.addPass(createCSEPass());
  // One loop nest per operation, to be fused below.
  body.addPass(createConvertElementwiseToLinalgPass());
  body.addPass(createLinalgElementwiseOpFusionPass());
  body.addPass(createCanonicalizerPass());
  body.addPass(createCSEPass());
}
