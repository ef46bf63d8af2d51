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
  OpPassManager &functions = pm.nest<func::FuncOp>();
  functions.addPass(createSymInsertChecks());
  // What guards copied and no check needs. Nothing folds yet, see the stage
  // linalg.
  functions.addPass(createCSEPass());
  // A check in a loop that has written state would cost a copy of it (T4).
  functions.addPass(createSymHoistChecks());
  // Equal conditions become one value.
  functions.addPass(createCSEPass());
  functions.addPass(createSymMergeChecks());
  // The conditions of merged checks, and loops that hold nothing any more.
  functions.addPass(createCSEPass());
  pm.addPass(createSymVerifyStage({"checks"}));
}
