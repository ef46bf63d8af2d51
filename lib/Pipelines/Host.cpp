//===- Host.cpp - The stage host ---===//
//
// Two halves: structured operations to loops, vectors and library calls; then
// everything to the LLVM dialect.
//
//===----------------------------------------------------------------------===//

#include "sym/Codegen/Passes.h"
#include "sym/Conversion/Passes.h"
#include "sym/Pipelines/Pipelines.h"

#include "mlir/Conversion/Passes.h"
#include "mlir/Dialect/Linalg/Passes.h"
#include "mlir/Dialect/Math/Transforms/Passes.h"
#include "mlir/Dialect/MemRef/Transforms/Passes.h"
#include "mlir/Pass/PassManager.h"
#include "mlir/Transforms/Passes.h"
#include "llvm/TargetParser/Host.h"

using namespace mlir;
using namespace mlir::sym;

/// The triple and the CPU that the code is made for.
static std::string getTargetName(const PipelineOptions &options) {
  std::string cpu = options.cpu;
  if (cpu == "native")
    cpu = llvm::sys::getHostCPUName();
  return llvm::sys::getDefaultTargetTriple() + " " + cpu;
}

void mlir::sym::buildHostLoops(OpPassManager &pm,
                               const PipelineOptions &options) {
  pm.addPass(createSymLowerContractions(
      {options.cpu, options.blas, options.parallel, options.parallelWork}));
  OpPassManager &funcs = pm.nest<func::FuncOp>();
  funcs.addPass(createSymLowerCopies());
  // One kind of structured operation for all that follows.
  funcs.addPass(createLinalgGeneralizeNamedOpsPass());
  funcs.addPass(createSymArrangeLoops());
  funcs.addPass(createSymParallelize({options.parallel, options.parallelWork}));
  // Of each piece; what is left over are operations for what follows.
  funcs.addPass(createSymLowerTransposes({options.cpu}));
  funcs.addPass(createSymVectorize({options.cpu}));
  funcs.addPass(createConvertLinalgToLoopsPass());
  funcs.addPass(createSymSummarizeChecks());
  // Views stay: folding a collapsed shape into its users would divide in the
  // innermost loop.
  funcs.addPass(createCanonicalizerPass());
  funcs.addPass(createCSEPass());
  math::MathExpandOpsPassOptions expand;
  expand.opMnemonics = {"clampf"};
  funcs.addPass(math::createMathExpandOpsPass(expand));
  // Before branches: a power by squaring is a structured loop.
  pm.addPass(createSymVectorMath({options.cpu, options.math}));
  // Functions of bf16 are calls with conversions around them by now.
  pm.addNestedPass<func::FuncOp>(createSymWidenBFloats());
  pm.addNestedPass<func::FuncOp>(createSymLowerVectors());
  // Before branches too: OpenMP takes structured loops.
  pm.addPass(createSymParallelToOpenMP());
}

/// Everything to the LLVM dialect and the ABI; `addExports` turns the table
/// into what the linker sees.
static void
addLLVMPasses(OpPassManager &pm,
              llvm::function_ref<void(OpPassManager &)> addExports) {
  // Before upstream's, which crashes on two dynamic sizes of one group.
  pm.addPass(createSymLowerExpandShapes());
  // Offsets and strides of views become index arithmetic.
  pm.addPass(memref::createExpandStridedMetadataPass());
  pm.addPass(createLowerAffinePass());
  // Checks return early, which takes branches.
  pm.addPass(createSCFToControlFlowPass());
  pm.addPass(createSymLowerToRuntime());
  pm.addPass(createSymConvertToLLVM());
  pm.addPass(createReconcileUnrealizedCastsPass());
  addExports(pm);
  pm.addPass(createCanonicalizerPass());
  pm.addPass(createCSEPass());
  // Addresses are now computed from the pointers that the runtime gave.
  pm.addNestedPass<LLVM::LLVMFuncOp>(createSymAnnotateAliasing());
}

void mlir::sym::buildHostProgram(OpPassManager &pm,
                                 const PipelineOptions &options) {
  buildHostLoops(pm, options);
  addLLVMPasses(pm, [&](OpPassManager &pm) {
    SymEmitProgramOptions program;
    program.target = getTargetName(options);
    pm.addPass(createSymEmitProgram(program));
  });
}

void mlir::sym::buildHostUnit(OpPassManager &pm,
                              const PipelineOptions &options) {
  buildHostLoops(pm, options);
  addLLVMPasses(
      pm, [](OpPassManager &pm) { pm.addPass(createSymExportVariants()); });
}

void mlir::sym::buildHostStage(OpPassManager &pm,
                               const PipelineOptions &options) {
  // From here on there are calls of C functions.
  pm.addPass(createSymMangleSymbols());
  buildHostProgram(pm, options);
}

void mlir::sym::buildOutlineUnits(OpPassManager &pm) {
  pm.addPass(createSymMangleSymbols());
  pm.addPass(createSymOutlineVariants());
}
