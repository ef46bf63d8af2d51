//===- Functionalize.cpp - The stage functionalize ---===//

#include "sym/Dialect/Sym/Transforms/Passes.h"
#include "sym/Pipelines/Pipelines.h"

#include "mlir/Pass/PassManager.h"

using namespace mlir;
using namespace mlir::sym;

void mlir::sym::buildFunctionalizeStage(OpPassManager &pm,
                                        const PipelineOptions &options) {
  pm.addPass(createSymFunctionalize());
  pm.addPass(createSymVerifyStage({"functionalize"}));
}
