//===- LaunchLowering.cpp - Launches become requests to the runtime -------===//
//
// A variant writes its launches down; the runtime enqueues them when it has
// returned.
//
//===----------------------------------------------------------------------===//

#include "FunctionLowering.h"

#include "sym/Dialect/Sym/IR/Placement.h"
#include "sym/Runtime/abi.h"

#include "mlir/Conversion/LLVMCommon/MemRefBuilder.h"
#include "mlir/Dialect/Arith/IR/Arith.h"

using namespace mlir;
using namespace mlir::sym;

void ProgramIndex::findKernels(ModuleOp module) {
  for (auto binary : module.getOps<gpu::BinaryOp>())
    for (auto object : binary.getObjects().getAsRange<gpu::ObjectAttr>())
      if (gpu::KernelTableAttr table = object.getKernels())
        for (gpu::KernelMetadataAttr kernel : table)
          kernels.try_emplace(
              SymbolRefAttr::get(binary.getNameAttr(),
                                 FlatSymbolRefAttr::get(kernel.getName())),
              kernels.size());
}

LogicalResult FunctionLowering::checkLaunch(gpu::LaunchFuncOp op,
                                            EntryOp entry) {
  if (op.getAsyncToken() || !op.getAsyncDependencies().empty() ||
      op.getAsyncObject() || op.getDynamicSharedMemorySize() ||
      op.hasClusterSize())
    return op.emitOpError("expected a launch without tokens, streams, clusters "
                          "and dynamic shared memory");
  // Only the record of such a call holds launches.
  if (!entry || !getDevice(entry))
    return op.emitOpError("launches a kernel in what does not run on a device; "
                          "a function that does names it in '")
           << kDeviceAttrName << "'";
  if (!index.kernels.contains(op.getKernel()))
    return op.emitOpError("launches ")
           << op.getKernel()
           << ", which no gpu.binary holds; 'sym-compile-kernels' makes it";
  for (Value operand : op.getKernelOperands()) {
    Type type = operand.getType();
    if (auto memref = dyn_cast<MemRefType>(type); memref && !memref.getRank())
      continue;
    int64_t bytes = getElementBytes(type);
    if (bytes < 1 || bytes > 8)
      return op.emitOpError("expected pointers and numbers of at most eight "
                            "bytes as parameters, found ")
             << type;
  }
  return success();
}

void FunctionLowering::lowerLaunch(gpu::LaunchFuncOp op) {
  // sym_grid, the addresses of the parameters, the parameters.
  constexpr int64_t kGridWords = sizeof(sym_grid) / sizeof(int64_t);
  auto numParameters = static_cast<int64_t>(op.getNumKernelOperands());
  Value words = getScratch(kGridWords + 2 * numParameters);
  auto store32 = [&](Value value, int32_t position) {
    Value place =
        LLVM::GEPOp::create(b, loc, abi.getPointerType(), abi.getI32(), words,
                            ArrayRef<LLVM::GEPArg>{position});
    LLVM::StoreOp::create(
        b, loc, LLVM::TruncOp::create(b, loc, abi.getI32(), asI64(value)),
        place);
  };
  gpu::KernelDim3 grid = op.getGridSizeOperandValues();
  gpu::KernelDim3 block = op.getBlockSizeOperandValues();
  Value sizes[] = {grid.x, grid.y, grid.z, block.x, block.y, block.z};
  for (auto [i, size] : llvm::enumerate(sizes))
    store32(size, static_cast<int32_t>(i));

  for (auto [i, operand] : llvm::enumerate(op.getKernelOperands())) {
    Value value = operand;
    if (isa<MemRefType>(value.getType()))
      value = MemRefDescriptor(getDescriptor(value)).alignedPtr(b, loc);
    else if (value.getType().isIndex())
      value = asI64(value);
    else if (value.getType().isBF16())
      value = arith::BitcastOp::create(b, loc, b.getI16Type(), value);
    int64_t position = kGridWords + numParameters + static_cast<int64_t>(i);
    store(value, words, position);
    store(getScratchAt(position), words, kGridWords + static_cast<int64_t>(i));
  }
  call("sym_rt_launch", LLVM::LLVMVoidType::get(b.getContext()),
       {frame, constant32(index.kernels.lookup(op.getKernel())), words,
        getScratchAt(kGridWords)});
}
