//===- LowerLaunches.cpp - Launches become calls of a C function ----------===//
//
// The function is sym_kernel_launch: the kernel's name, the sizes of the grid
// and of a block, and a pointer to each parameter, as cuLaunchKernel takes
// them.
//
//===----------------------------------------------------------------------===//

#include "sym/Codegen/Device/Passes.h"

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/IR/ImplicitLocOpBuilder.h"

namespace mlir::sym {
#define GEN_PASS_DEF_SYMLOWERLAUNCHES
#include "sym/Codegen/Device/Passes.h.inc"
} // namespace mlir::sym

using namespace mlir;
using namespace mlir::sym;

namespace {
struct LowerLaunches
    : public mlir::sym::impl::SymLowerLaunchesBase<LowerLaunches> {
  using SymLowerLaunchesBase::SymLowerLaunchesBase;
  void runOnOperation() override;

private:
  void lower(gpu::LaunchFuncOp launch);
  /// A pointer to the kernel's name, a C string.
  Value getName(ImplicitLocOpBuilder &b, StringRef name);
};
} // namespace

static constexpr StringLiteral kFunction = "sym_kernel_launch";

Value LowerLaunches::getName(ImplicitLocOpBuilder &b, StringRef name) {
  std::string symbol = ("kernel_name." + name).str();
  ModuleOp module = getOperation();
  if (!module.lookupSymbol<LLVM::GlobalOp>(symbol)) {
    OpBuilder::InsertionGuard guard(b);
    b.setInsertionPointToStart(module.getBody());
    std::string text = name.str() + '\0';
    LLVM::GlobalOp::create(b,
                           LLVM::LLVMArrayType::get(b.getI8Type(), text.size()),
                           /*isConstant=*/true, LLVM::Linkage::Internal, symbol,
                           b.getStringAttr(text));
  }
  return LLVM::AddressOfOp::create(
      b, LLVM::LLVMPointerType::get(b.getContext()), symbol);
}

void LowerLaunches::lower(gpu::LaunchFuncOp launch) {
  ImplicitLocOpBuilder b(launch.getLoc(), launch);
  auto pointer = LLVM::LLVMPointerType::get(b.getContext());
  // In the entry block: a launch in a loop must not take more of the stack
  // each time.
  auto function = launch->getParentOfType<FunctionOpInterface>();
  ImplicitLocOpBuilder entry(launch.getLoc(), launch.getContext());
  entry.setInsertionPointToStart(&function.getFunctionBody().front());
  Value one = LLVM::ConstantOp::create(entry, entry.getI64IntegerAttr(1));
  auto reserve = [&](Type type) -> Value {
    return LLVM::AllocaOp::create(entry, pointer, type, one);
  };

  auto list = LLVM::LLVMArrayType::get(
      pointer, std::max<size_t>(1, launch.getNumKernelOperands()));
  Value parameters = reserve(list);
  for (auto [i, operand] : llvm::enumerate(launch.getKernelOperands())) {
    Value value = operand;
    if (isa<MemRefType>(value.getType())) {
      value = memref::ExtractAlignedPointerAsIndexOp::create(b, value);
      value = arith::IndexCastOp::create(b, b.getI64Type(), value);
      value = LLVM::IntToPtrOp::create(b, pointer, value);
    } else if (value.getType().isIndex()) {
      value = arith::IndexCastOp::create(b, b.getI64Type(), value);
    }
    Value slot = reserve(value.getType());
    LLVM::StoreOp::create(b, value, slot);
    Value place =
        LLVM::GEPOp::create(b, pointer, list, parameters,
                            ArrayRef<LLVM::GEPArg>{0, static_cast<int32_t>(i)});
    LLVM::StoreOp::create(b, slot, place);
  }
  SmallVector<Value> arguments = {
      getName(b, launch.getKernelName().getValue())};
  gpu::KernelDim3 grid = launch.getGridSizeOperandValues();
  gpu::KernelDim3 block = launch.getBlockSizeOperandValues();
  for (Value size : {grid.x, grid.y, grid.z, block.x, block.y, block.z})
    arguments.push_back(arith::IndexCastOp::create(b, b.getI32Type(), size));
  arguments.push_back(parameters);

  ModuleOp module = getOperation();
  auto callee = module.lookupSymbol<LLVM::LLVMFuncOp>(kFunction);
  if (!callee) {
    OpBuilder::InsertionGuard guard(b);
    b.setInsertionPointToStart(module.getBody());
    SmallVector<Type> types(ValueRange(arguments).getTypes());
    callee = LLVM::LLVMFuncOp::create(
        b, kFunction,
        LLVM::LLVMFunctionType::get(LLVM::LLVMVoidType::get(b.getContext()),
                                    types));
  }
  LLVM::CallOp::create(b, callee, arguments);
  launch.erase();
}

void LowerLaunches::runOnOperation() {
  SmallVector<gpu::LaunchFuncOp> launches;
  getOperation().walk(
      [&](gpu::LaunchFuncOp launch) { launches.push_back(launch); });
  for (gpu::LaunchFuncOp launch : launches) {
    if (launch.getAsyncToken() || !launch.getAsyncDependencies().empty() ||
        launch.getDynamicSharedMemorySize()) {
      launch.emitOpError("expected a launch without tokens and dynamic shared "
                         "memory");
      return signalPassFailure();
    }
    lower(launch);
  }
  for (auto module :
       llvm::make_early_inc_range(getOperation().getOps<gpu::GPUModuleOp>()))
    module.erase();
  getOperation()->removeAttr(gpu::GPUDialect::getContainerModuleAttrName());
}
