//===- Device.cpp - The stage device --------------------------------------===//
//
// Structured operations on buffers become kernels and their launches; then
// kernels become what NVPTX compiles.
//
//===----------------------------------------------------------------------===//

#include "sym/Codegen/Device/Passes.h"
#include "sym/Codegen/Passes.h"
#include "sym/Conversion/Passes.h"
#include "sym/Dialect/Sym/Transforms/Passes.h"
#include "sym/Pipelines/Pipelines.h"

#include "mlir/Dialect/Linalg/Passes.h"
#include "mlir/Pass/PassManager.h"
#include "mlir/Transforms/Passes.h"

using namespace mlir;
using namespace mlir::sym;

void mlir::sym::buildDeviceKernels(OpPassManager &pm,
                                   const PipelineOptions &options) {
  OpPassManager &funcs = pm.nest<func::FuncOp>();
  funcs.addPass(createSymLowerCopies());
  // One kind of structured operation for all that follows.
  funcs.addPass(createLinalgGeneralizeNamedOpsPass());
  // While loops are as the program has them, and can be matched.
  pm.addPass(createSymRowKernels());
  // The innermost loop is the one whose steps are nearest in memory: threads
  // run along it.
  OpPassManager &rest = pm.nest<func::FuncOp>();
  rest.addPass(createSymArrangeLoops());
  rest.addPass(createSymInsertTransfers());
  // What programs write as loops over elements.
  pm.addPass(createSymLoopKernels());
  // T4: reads of the device are all there now.
  pm.addPass(createSymCommitOutOfPlace());
  // What needs shared memory first.
  pm.addPass(createSymContractionKernels());
  pm.addPass(createSymTransposeKernels());
  pm.addPass(createSymElementwiseKernels());
  pm.addPass(createSymReductionKernels());
  // Operands that are equal are the same, which shows what overlaps and keeps
  // parameters few.
  pm.addPass(createCanonicalizerPass());
  pm.addPass(createCSEPass());
  pm.addPass(createSymMergeLaunches());
  pm.addPass(createCanonicalizerPass());
}

void mlir::sym::buildDeviceStage(OpPassManager &pm,
                                 const PipelineOptions &options) {
  if (options.target != "cuda")
    return;
  SymPlaceBuffersOptions place;
  place.device = options.device;
  pm.addPass(createSymPlaceBuffers(place));
  buildDeviceKernels(pm, options);
  SymCompileKernelsOptions kernels;
  kernels.chips = options.chips;
  kernels.cudaToolkit = options.cudaToolkit;
  pm.addPass(createSymCompileKernels(kernels));
}

void mlir::sym::buildUntilDevice(OpPassManager &pm,
                                 const PipelineOptions &options) {
  buildResolveStage(pm, options);
  buildFunctionalizeStage(pm, options);
  buildChecksStage(pm, options);
  buildLinalgStage(pm, options);
  buildBuffersStage(pm, options);
  buildDeviceKernels(pm, options);
}
