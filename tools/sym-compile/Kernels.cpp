//===- Kernels.cpp - The kernels of a program -----------------------------===//

#include "Kernels.h"

#include "sym/Codegen/Device/Passes.h"

#include "mlir/Pass/PassManager.h"

using namespace mlir;
using namespace mlir::sym;

/// Runs the pipeline that `build` makes.
static llvm::Error runPasses(ModuleOp module,
                             llvm::function_ref<void(OpPassManager &)> build) {
  PassManager pm(module.getContext());
  build(pm);
  if (failed(pm.run(module)))
    return llvm::createStringError("the program cannot be compiled");
  return llvm::Error::success();
}

llvm::Expected<DeviceCode>
mlir::sym::compileKernels(Source &source, const PipelineOptions &options,
                          const DeviceArguments &arguments) {
  llvm::Expected<std::string> toolkit = findCUDAToolkit(options.cudaToolkit);
  if (!toolkit)
    return toolkit.takeError();
  ModuleOp program = source.getModule();
  if (llvm::Error error = runPasses(
          program, [&](OpPassManager &pm) { buildUntilDevice(pm, options); }))
    return error;
  auto kernels = program.getOps<gpu::GPUModuleOp>();
  if (kernels.empty())
    return llvm::createStringError("the program has no kernels");
  // Apart from the program, whose launches would have to be lowered with them.
  OwningOpRef<ModuleOp> module = ModuleOp::create(program.getLoc());
  OpBuilder::atBlockEnd(module->getBody()).clone(**kernels.begin());
  if (llvm::Error error = runPasses(
          *module, [&](OpPassManager &pm) { buildKernelsToNVVM(pm); }))
    return error;
  return DeviceCode::create(*module->getOps<gpu::GPUModuleOp>().begin(),
                            arguments.chip, *toolkit);
}
