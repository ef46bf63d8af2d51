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

/// Takes `source` through the stage device, and compiles its kernels if it has
/// any.
static llvm::Expected<std::optional<DeviceCode>>
compile(Source &source, const PipelineOptions &options,
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
    return std::nullopt;
  // Apart from the program, whose launches would have to be lowered with them.
  OwningOpRef<ModuleOp> module = ModuleOp::create(program.getLoc());
  OpBuilder::atBlockEnd(module->getBody()).clone(**kernels.begin());
  if (llvm::Error error = runPasses(
          *module, [&](OpPassManager &pm) { buildKernelsToNVVM(pm); }))
    return error;
  auto code = DeviceCode::create(*module->getOps<gpu::GPUModuleOp>().begin(),
                                 arguments.chip, *toolkit);
  if (!code)
    return code.takeError();
  return std::optional<DeviceCode>(std::move(*code));
}

llvm::Expected<DeviceCode>
mlir::sym::compileKernels(Source &source, const PipelineOptions &options,
                          const DeviceArguments &arguments) {
  auto code = compile(source, options, arguments);
  if (!code)
    return code.takeError();
  if (!*code)
    return llvm::createStringError("the program has no kernels");
  return std::move(**code);
}

llvm::Expected<std::optional<DeviceCode>>
mlir::sym::compileWithKernels(Source &source, const PipelineOptions &options,
                              const DeviceArguments &arguments) {
  auto code = compile(source, options, arguments);
  if (!code)
    return code;
  if (llvm::Error error = runPasses(source.getModule(), [&](OpPassManager &pm) {
        buildLaunchingHost(pm, options);
      }))
    return error;
  return code;
}
