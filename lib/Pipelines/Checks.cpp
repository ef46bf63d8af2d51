//===- Checks.cpp - The stage checks ---===//

#include "sym/Dialect/Sym/Transforms/Passes.h"
#include "sym/Pipelines/Pipelines.h"

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Pass/PassManager.h"
#include "mlir/Transforms/Passes.h"

using namespace mlir;
using namespace mlir::sym;

void mlir::sym::buildChecksStage(OpPassManager &pm,
                                 const PipelineOptions &options) {
  pm.addNestedPass<func::FuncOp>(createSymInsertChecks());
  // What guards copied and no check needs. Nothing folds yet, see the stage
  // linalg.
  pm.addPass(createCSEPass());
  pm.addPass(createSymVerifyStage({"checks"}));
}
