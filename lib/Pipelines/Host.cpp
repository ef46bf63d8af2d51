//===- Host.cpp - The stage host ---===//

#include "sym/Pipelines/Pipelines.h"

#include "mlir/Pass/PassManager.h"

using namespace mlir;
using namespace mlir::sym;

void mlir::sym::buildHostStage(OpPassManager &pm,
                               const PipelineOptions &options) {}
