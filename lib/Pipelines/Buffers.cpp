//===- Buffers.cpp - The stage buffers ---===//

#include "sym/Pipelines/Pipelines.h"

#include "mlir/Pass/PassManager.h"

using namespace mlir;
using namespace mlir::sym;

void mlir::sym::buildBuffersStage(OpPassManager &pm,
                                  const PipelineOptions &options) {}
