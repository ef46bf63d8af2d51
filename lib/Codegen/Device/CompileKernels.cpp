//===- CompileKernels.cpp - Kernels become images -------------------------===//
//
// What the driver loads travels in the IR from here on, as the objects of a
// gpu.binary, which also says what parameters each kernel has. A kernel is
// known by its position there.
//
//===----------------------------------------------------------------------===//

#include "sym/Codegen/Device/Passes.h"
#include "sym/Conversion/Names.h"
#include "sym/Target/Device.h"
#include "sym/Target/Target.h"

#include "mlir/Conversion/Passes.h"
#include "mlir/Dialect/Affine/IR/AffineOps.h"
#include "mlir/Dialect/Index/IR/IndexDialect.h"
#include "mlir/Dialect/LLVMIR/NVVMDialect.h"
#include "mlir/Dialect/MemRef/Transforms/Passes.h"
#include "mlir/IR/OwningOpRef.h"
#include "mlir/Pass/PassManager.h"
#include "mlir/Transforms/Passes.h"

namespace mlir::sym {
#define GEN_PASS_DEF_SYMCOMPILEKERNELS
#include "sym/Codegen/Device/Passes.h.inc"
} // namespace mlir::sym

using namespace mlir;
using namespace mlir::sym;

void mlir::sym::buildKernelsToNVVM(OpPassManager &pm) {
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

FailureOr<OwningOpRef<ModuleOp>>
mlir::sym::lowerKernelsApart(gpu::GPUModuleOp kernels) {
  OwningOpRef<ModuleOp> apart = ModuleOp::create(kernels.getLoc());
  OpBuilder::atBlockEnd(apart->getBody()).clone(*kernels);
  PassManager pm(kernels.getContext());
  buildKernelsToNVVM(pm);
  if (failed(pm.run(*apart)))
    return failure();
  return apart;
}

namespace {
struct CompileKernels
    : public mlir::sym::impl::SymCompileKernelsBase<CompileKernels> {
  using SymCompileKernelsBase::SymCompileKernelsBase;
  void runOnOperation() override;

private:
  LogicalResult compile(gpu::GPUModuleOp kernels);
  /// An object of the binary: `kernels`, lowered, for one of `chips`.
  llvm::Expected<Attribute> compileFor(gpu::GPUModuleOp kernels, StringRef chip,
                                       StringRef toolkit);
};
} // namespace

llvm::Expected<Attribute> CompileKernels::compileFor(gpu::GPUModuleOp kernels,
                                                     StringRef chip,
                                                     StringRef toolkit) {
  bool isText = chip == "ptx", isSimulated = chip == "sim";
  // PTX for the oldest, which later ones read; the simulator is one of the
  // newest that have the same kernels.
  StringRef name = isText ? "sm_80" : isSimulated ? "sm_90" : chip;
  auto code = DeviceCode::create(kernels, name, toolkit);
  if (!code)
    return code.takeError();
  llvm::Expected<std::string> bytes =
      isText ? code->emitPTX() : llvm::Expected<std::string>("");
  if (isSimulated) {
    auto target = Target::create("native");
    if (!target)
      return target.takeError();
    bytes = code->emitImage(**target, checkAccesses);
  } else if (!isText) {
    bytes = code->emitCubin();
  }
  if (!bytes)
    return bytes.takeError();

  Builder b(&getContext());
  auto target = NVVM::NVVMTargetAttr::get(&getContext(), /*O=*/3,
                                          "nvptx64-nvidia-cuda", name);
  DictionaryAttr properties;
  if (isSimulated)
    properties = b.getDictionaryAttr(
        b.getNamedAttr(kSimulatedAttrName, b.getUnitAttr()));
  return gpu::ObjectAttr::get(&getContext(), target,
                              isText ? gpu::CompilationTarget::Assembly
                                     : gpu::CompilationTarget::Binary,
                              b.getStringAttr(*bytes), properties, nullptr);
}

LogicalResult CompileKernels::compile(gpu::GPUModuleOp kernels) {
  auto fail = [&](llvm::Error error) {
    return kernels.emitError(llvm::toString(std::move(error)));
  };
  llvm::Expected<std::string> toolkit = findCUDAToolkit(cudaToolkit);
  if (!toolkit)
    return fail(toolkit.takeError());

  FailureOr<OwningOpRef<ModuleOp>> apart = lowerKernelsApart(kernels);
  if (failed(apart))
    return failure();
  gpu::GPUModuleOp lowered = *(*apart)->getOps<gpu::GPUModuleOp>().begin();

  SmallVector<gpu::KernelMetadataAttr> table;
  for (auto function : lowered.getOps<LLVM::LLVMFuncOp>())
    if (function->hasAttr(NVVM::NVVMDialect::getKernelFuncAttrName()))
      table.push_back(gpu::KernelMetadataAttr::get(function.getSymNameAttr(),
                                                   function.getFunctionType()));
  auto tableAttr = gpu::KernelTableAttr::get(&getContext(), table);

  SmallVector<Attribute> objects;
  SmallVector<StringRef> names;
  StringRef(chips).split(names, ',');
  for (StringRef chip : names) {
    llvm::Expected<Attribute> object =
        compileFor(lowered, chip.trim(), *toolkit);
    if (!object)
      return fail(object.takeError());
    objects.push_back(*object);
    ++numImages;
  }
  // Once: every image has the same.
  auto first = cast<gpu::ObjectAttr>(objects.front());
  objects.front() =
      gpu::ObjectAttr::get(&getContext(), first.getTarget(), first.getFormat(),
                           first.getObject(), first.getProperties(), tableAttr);

  OpBuilder b(kernels);
  gpu::BinaryOp::create(b, kernels.getLoc(), kernels.getName(),
                        /*offloadingHandler=*/nullptr, objects);
  kernels.erase();
  return success();
}

void CompileKernels::runOnOperation() {
  for (auto kernels :
       llvm::make_early_inc_range(getOperation().getOps<gpu::GPUModuleOp>()))
    if (failed(compile(kernels)))
      return signalPassFailure();
}
