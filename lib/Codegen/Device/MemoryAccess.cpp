//===- MemoryAccess.cpp - What launches and copies touch ------------------===//

#include "MemoryAccess.h"

#include "sym/Dialect/Sym/IR/Sym.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/Utils/StaticValueUtils.h"
#include "mlir/Interfaces/FunctionInterfaces.h"
#include "mlir/Interfaces/SideEffectInterfaces.h"
#include "mlir/Interfaces/ViewLikeInterface.h"

using namespace mlir;
using namespace mlir::sym;

MemoryAccesses::MemoryAccesses(ModuleOp program) {
  for (auto entry : program.getOps<EntryOp>())
    for (FlatSymbolRefAttr name :
         {entry.getInplaceAttr(), entry.getOutofplaceAttr()})
      if (name)
        if (Operation *variant = symbols.lookupSymbolIn(program, name))
          variants.insert(variant);
}

/// Whether `root` is memory that a view of another root is no part of.
bool MemoryAccesses::isOwnMemory(Value root) const {
  if (auto argument = dyn_cast<BlockArgument>(root))
    return argument.getOwner()->isEntryBlock() &&
           variants.contains(argument.getOwner()->getParentOp());
  return isa_and_nonnull<memref::AllocOp, memref::AllocaOp, memref::GetGlobalOp,
                         AllocResultOp, ArenaOp>(root.getDefiningOp());
}

MemoryAccess MemoryAccesses::getAccess(Value buffer, bool writes) const {
  MemoryAccess access;
  access.writes = writes;
  bool isNested = false;
  while (Operation *definition = buffer.getDefiningOp()) {
    if (auto view = dyn_cast<memref::ViewOp>(definition)) {
      isNested = static_cast<bool>(access.offset);
      access.offset = getAsOpFoldResult(view.getByteShift());
      MemRefType type = view.getType();
      if (type.hasStaticShape())
        access.bytes = llvm::divideCeil(type.getElementTypeBitWidth(), 8) *
                       type.getNumElements();
      buffer = view.getSource();
    } else if (auto view = dyn_cast<ViewLikeOpInterface>(definition)) {
      buffer = view.getViewSource();
    } else if (auto metadata =
                   dyn_cast<memref::ExtractStridedMetadataOp>(definition)) {
      buffer = metadata.getSource();
    } else {
      break;
    }
  }
  if (isOwnMemory(buffer))
    access.root = buffer;
  if (isNested)
    access.offset = {};
  return access;
}

/// Whether parts of one arena may overlap.
static bool mayOverlapInArena(const MemoryAccess &lhs,
                              const MemoryAccess &rhs) {
  if (!lhs.offset || !rhs.offset || lhs.offset == rhs.offset)
    return true;
  std::optional<int64_t> left = getConstantIntValue(lhs.offset),
                         right = getConstantIntValue(rhs.offset);
  if (!left || !right)
    return false;
  const MemoryAccess &first = *left <= *right ? lhs : rhs;
  return !first.bytes ||
         std::min(*left, *right) + *first.bytes > std::max(*left, *right);
}

bool mlir::sym::mayConflict(const MemoryAccess &lhs, const MemoryAccess &rhs) {
  if (!lhs.writes && !rhs.writes)
    return false;
  if (!lhs.root || !rhs.root)
    return true;
  return lhs.root == rhs.root && mayOverlapInArena(lhs, rhs);
}

bool mlir::sym::mayConflict(ArrayRef<MemoryAccess> lhs,
                            ArrayRef<MemoryAccess> rhs) {
  return llvm::any_of(lhs, [&](const MemoryAccess &left) {
    return llvm::any_of(rhs, [&](const MemoryAccess &right) {
      return mayConflict(left, right);
    });
  });
}

ArrayRef<MemoryAccesses::Parameter>
MemoryAccesses::getParameters(gpu::GPUFuncOp kernel) {
  auto [entry, isNew] = kernels.try_emplace(kernel);
  if (!isNew)
    return entry->second;
  // Shared memory comes behind them.
  unsigned number = kernel.getFunctionType().getNumInputs();
  SmallVector<Parameter> parameters(number);
  for (BlockArgument argument : kernel.getArguments().take_front(number)) {
    if (!isa<BaseMemRefType>(argument.getType()))
      continue;
    Parameter &parameter = parameters[argument.getArgNumber()];
    SmallVector<Value> views = {argument};
    while (!views.empty()) {
      Value buffer = views.pop_back_val();
      for (Operation *user : buffer.getUsers()) {
        auto view = dyn_cast<ViewLikeOpInterface>(user);
        if (view && view.getViewSource() == buffer) {
          views.push_back(view.getViewDest());
          continue;
        }
        auto effects = dyn_cast<MemoryEffectOpInterface>(user);
        // A buffer that is handed on may be anything's.
        if (!effects || user->hasTrait<OpTrait::IsTerminator>() ||
            llvm::any_of(user->getResultTypes(),
                         llvm::IsaPred<BaseMemRefType>)) {
          parameter = {true, true};
          continue;
        }
        SmallVector<MemoryEffects::EffectInstance> instances;
        effects.getEffectsOnValue(buffer, instances);
        for (const auto &instance : instances)
          (isa<MemoryEffects::Read>(instance.getEffect()) ? parameter.reads
                                                          : parameter.writes) =
              true;
      }
    }
  }
  return kernels[kernel] = std::move(parameters);
}

std::optional<SmallVector<MemoryAccess>> MemoryAccesses::get(Operation *op) {
  SmallVector<MemoryAccess> accesses;
  if (auto launch = dyn_cast<gpu::LaunchFuncOp>(op)) {
    auto kernel = symbols.lookupNearestSymbolFrom<gpu::GPUFuncOp>(
        launch, launch.getKernel());
    if (!kernel || launch.getAsyncToken() ||
        !launch.getAsyncDependencies().empty() ||
        kernel.getFunctionType().getNumInputs() !=
            launch.getNumKernelOperands())
      return std::nullopt;
    for (auto [operand, parameter] :
         llvm::zip_equal(launch.getKernelOperands(), getParameters(kernel))) {
      if (parameter.reads)
        accesses.push_back(getAccess(operand, false));
      if (parameter.writes)
        accesses.push_back(getAccess(operand, true));
    }
    return accesses;
  }
  // New memory has no other user yet.
  if (isMemoryEffectFree(op) || isa<AllocResultOp, ArenaOp, CheckOp>(op))
    return accesses;
  auto effects = dyn_cast<MemoryEffectOpInterface>(op);
  if (!effects || op->getNumRegions() != 0)
    return std::nullopt;
  SmallVector<MemoryEffects::EffectInstance> instances;
  effects.getEffects(instances);
  for (const auto &instance : instances) {
    if (isa<MemoryEffects::Allocate>(instance.getEffect()))
      continue;
    Value buffer = instance.getValue();
    if (!buffer || !isa<BaseMemRefType>(buffer.getType()))
      return std::nullopt;
    // Freeing goes behind every use, as a write does.
    accesses.push_back(
        getAccess(buffer, !isa<MemoryEffects::Read>(instance.getEffect())));
  }
  return accesses;
}
