//===- Linalg.cpp - The stage linalg ---===//

#include "sym/Pipelines/Pipelines.h"

#include "mlir/Pass/PassManager.h"

using namespace mlir;
using namespace mlir::sym;

void mlir::sym::buildLinalgStage(OpPassManager &pm,
                                 const PipelineOptions &options) {}
