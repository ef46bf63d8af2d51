//===- Buffers.cpp - The stage buffers --------------------------------===//
//
// Tensors become buffers: each update in place where that is possible, and
// nothing that can fail behind the first write to state.
//
//===----------------------------------------------------------------------===//

#include "sym/Dialect/Sym/Transforms/Passes.h"
#include "sym/Pipelines/Pipelines.h"

#include "mlir/Conversion/BufferizationToMemRef/BufferizationToMemRef.h"
#include "mlir/Dialect/Bufferization/Transforms/Passes.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Pass/PassManager.h"
#include "mlir/Transforms/Passes.h"

using namespace mlir;
using namespace mlir::sym;

/// Tensors to buffers of identity layout, also at function boundaries.
static std::unique_ptr<Pass> createBufferize() {
  bufferization::OneShotBufferizePassOptions options;
  options.bufferizeFunctionBoundaries = true;
  options.functionBoundaryTypeConversion =
      bufferization::LayoutMapOption::IdentityLayoutMap;
  options.unknownTypeConversion =
      bufferization::LayoutMapOption::IdentityLayoutMap;
  // A loop that carries a tensor of varying size allocates in each iteration.
  options.allowReturnAllocsFromLoops = true;
  return bufferization::createOneShotBufferizePass(options);
}

void mlir::sym::buildBuffersStage(OpPassManager &pm,
                                  const PipelineOptions &options) {
  // Pins are known only at the call: one variant for each case.
  pm.addPass(createSymMakeVariants({options.forceCopies}));
  // The analysis below takes destinations as they are named.
  pm.addPass(createSymChooseDestinations());
  pm.addPass(createBufferize());
  // Sizes in terms of arguments, so that allocations can move up.
  pm.addNestedPass<func::FuncOp>(createCanonicalizerPass());
  pm.addNestedPass<func::FuncOp>(createCSEPass());
  // C1
  pm.addPass(createSymAssignSlots());
  pm.addNestedPass<func::FuncOp>(createCanonicalizerPass());
  // Loops allocate nothing; then the sizes of most temporaries are known.
  pm.addPass(createSymRotateLoopBuffers());
  pm.addNestedPass<func::FuncOp>(createCanonicalizerPass());
  pm.addNestedPass<func::FuncOp>(createCSEPass());
  // C2
  pm.addPass(createSymPlanMemory());

  // Host programs own what they get from calls; they free it.
  pm.addPass(createSymDeallocateBuffers());
  pm.addNestedPass<func::FuncOp>(createCanonicalizerPass());
  pm.addNestedPass<func::FuncOp>(
      bufferization::createBufferDeallocationSimplificationPass());
  pm.addPass(bufferization::createLowerDeallocationsPass());
  pm.addPass(createSymInlineDeallocations());
  pm.addPass(createConvertBufferizationToMemRefPass());
  pm.addNestedPass<func::FuncOp>(createCSEPass());
  pm.addNestedPass<func::FuncOp>(createCanonicalizerPass());

  // T4
  pm.addPass(createSymScheduleCommit());
  pm.addPass(createSymVerifyCommit());
  pm.addPass(createSymVerifyStage({"buffers"}));
  if (options.reportBuffers)
    pm.addPass(createSymReportBuffers());
}
