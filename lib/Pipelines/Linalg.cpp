//===- Linalg.cpp - The stage linalg ----------------------------------===//
//
// Tensor arithmetic becomes structured operations, few and fused.
//
//===----------------------------------------------------------------------===//

#include "sym/Codegen/Passes.h"
#include "sym/Dialect/Sym/Transforms/Passes.h"
#include "sym/Pipelines/Pipelines.h"

#include "mlir/Conversion/AffineToStandard/AffineToStandard.h"
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
  body.addPass(createCSEPass());
  // Few forms, each of which is a loop nest. Before anything folds: arithmetic
  // on tensors of dynamic size folds to constants that have no sizes.
  body.addPass(createSymElementwiseToLinalg());
  body.addPass(createSymLowerConvolutions());
  body.addPass(createSymDecomposeTensorOps());
  // Nothing is fused into what a library may compute.
  body.addPass(createSymNormalizeContractions());
  // The constants and sizes that fusion looks through.
  body.addPass(createCanonicalizerPass());
  body.addPass(createCSEPass());
  body.addPass(createSymFuseElementwise());
  // A product that was fused into a sum.
  body.addPass(createSymNormalizeContractions());
  // Within fused bodies too.
  body.addPass(createCanonicalizerPass());
  body.addPass(createCSEPass());
  // Indices of fused operations are affine expressions of those before.
  body.addPass(createLowerAffinePass());
  // T4: a loop that checks as it goes could not update in place.
  body.addPass(createSymHoistLoopChecks());
  // Canonicalization made selects of branches.
  body.addPass(createSymSelectsToBranches());
  // Bufferization keeps the order and the destinations that it finds.
  body.addPass(createSymIsolateDestinations());
  pm.addPass(createSymOrderReaders());
  pm.addPass(createSymVerifyStage({"linalg"}));
}
