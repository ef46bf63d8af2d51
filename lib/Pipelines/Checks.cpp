//===- Checks.cpp - The stage checks ---===//

#include "sym/Pipelines/Pipelines.h"

#include "mlir/Pass/PassManager.h"

using namespace mlir;
using namespace mlir::sym;

void mlir::sym::buildChecksStage(OpPassManager &pm,
                                 const PipelineOptions &options) {}
