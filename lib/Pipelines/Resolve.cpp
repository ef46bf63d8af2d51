//===- Resolve.cpp - The stage resolve ---===//

#include "sym/Dialect/Sym/Transforms/Passes.h"
#include "sym/Pipelines/Pipelines.h"

#include "mlir/Pass/PassManager.h"
#include "mlir/Transforms/Passes.h"

using namespace mlir;
using namespace mlir::sym;

void mlir::sym::buildResolveStage(OpPassManager &pm,
                                  const PipelineOptions &options) {
  // First, while every use of a borrow stands where the program put it.
  if (options.checkBorrows)
    pm.addPass(createSymCheckBorrows());
  // Before anything may rely on them.
  pm.addPass(createSymDropFlags());
  // Gradients and givens have been expanded from here on: what is left of an
  // expression is ordinary tensor code of the function.
  pm.addPass(createSymResolveEvals());
  // Dead reads would lock variables that the result does not depend on. Nothing
  // folds before arithmetic on tensors is structured, see the stage linalg.
  pm.addPass(createCSEPass());
  pm.addPass(createSymVerifyStage({"resolve"}));
}
