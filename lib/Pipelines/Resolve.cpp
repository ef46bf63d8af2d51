//===- Resolve.cpp - The stage resolve ---===//

#include "sym/Pipelines/Pipelines.h"

#include "mlir/Pass/PassManager.h"

using namespace mlir;
using namespace mlir::sym;

void mlir::sym::buildResolveStage(OpPassManager &pm,
                                  const PipelineOptions &options) {}
