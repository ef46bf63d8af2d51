//===- Device.cpp - The stage device --------------------------------------===//
//
// Structured operations on buffers become kernels and their launches; then
// kernels become what NVPTX compiles.
//
//===----------------------------------------------------------------------===//

#include "sym/Codegen/Device/Passes.h"
#include "sym/Codegen/Passes.h"
#include "sym/Conversion/Passes.h"
#include "sym/Pipelines/Pipelines.h"

#include "mlir/Conversion/Passes.h"
#include "mlir/Dialect/Linalg/Passes.h"
#include "mlir/Dialect/MemRef/Transforms/Passes.h"
#include "mlir/Pass/PassManager.h"
#include "mlir/Transforms/Passes.h"

using namespace mlir;
using namespace mlir::sym;

void mlir::sym::buildDeviceStage(OpPassManager &pm,
                                 const PipelineOptions &options) {
  OpPassManager &funcs = pm.nest<func::FuncOp>();
  funcs.addPass(createSymLowerCopies());
  // One kind of structured operation for all that follows.
  funcs.addPass(createLinalgGeneralizeNamedOpsPass());
  // The innermost loop is the one whose steps are nearest in memory: threads
  // run along it.
  funcs.addPass(createSymArrangeLoops());
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

void mlir::sym::buildKernelsToNVVM(OpPassManager &pm,
                                   const PipelineOptions &options) {
  OpPassManager &kernels = pm.nest<gpu::GPUModuleOp>();
  kernels.addPass(memref::createExpandStridedMetadataPass());
  kernels.addPass(createLowerAffinePass());
  kernels.addPass(createSCFToControlFlowPass());
  kernels.addPass(createCanonicalizerPass());
  kernels.addPass(createCSEPass());
  ConvertGpuOpsToNVVMOpsOptions nvvm;
  nvvm.indexBitwidth = 64;
  nvvm.useBarePtrCallConv = true;
  kernels.addPass(createConvertGpuOpsToNVVMOps(nvvm));
  kernels.addPass(createCanonicalizerPass());
  kernels.addPass(createCSEPass());
  kernels.addPass(createReconcileUnrealizedCastsPass());
}

void mlir::sym::buildUntilDevice(OpPassManager &pm,
                                 const PipelineOptions &options) {
  buildResolveStage(pm, options);
  buildFunctionalizeStage(pm, options);
  buildChecksStage(pm, options);
  buildLinalgStage(pm, options);
  buildBuffersStage(pm, options);
  buildDeviceStage(pm, options);
}

void mlir::sym::buildLaunchingHost(OpPassManager &pm,
                                   const PipelineOptions &options) {
  pm.addPass(createSymMangleSymbols());
  pm.addPass(createSymLowerLaunches());
  buildHostProgram(pm, options);
}
