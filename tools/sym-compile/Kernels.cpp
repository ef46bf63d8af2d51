//===- Kernels.cpp - The kernels of a program -----------------------------===//

#include "Kernels.h"

#include "sym/Codegen/Device/Passes.h"

#include "mlir/Pass/PassManager.h"

using namespace mlir;
using namespace mlir::sym;

llvm::Expected<DeviceCode>
mlir::sym::compileKernels(Source &source, const PipelineOptions &options,
                          const DeviceArguments &arguments) {
  llvm::Expected<std::string> toolkit = findCUDAToolkit(options.cudaToolkit);
  if (!toolkit)
    return toolkit.takeError();
  ModuleOp program = source.getModule();
  PassManager pm(program.getContext());
  buildUntilDevice(pm, options);
  if (failed(pm.run(program)))
    return llvm::createStringError("the program cannot be compiled");
  auto kernels = program.getOps<gpu::GPUModuleOp>();
  if (kernels.empty())
    return llvm::createStringError("the program has no kernels");
  FailureOr<OwningOpRef<ModuleOp>> apart = lowerKernelsApart(*kernels.begin());
  if (failed(apart))
    return llvm::createStringError("the program cannot be compiled");
  return DeviceCode::create(*(*apart)->getOps<gpu::GPUModuleOp>().begin(),
                            arguments.chip, *toolkit);
}
