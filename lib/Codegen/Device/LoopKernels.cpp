//===- LoopKernels.cpp - Loops over single elements become kernels --------===//
//
// Scatters, and whatever else a program writes as loops that load and store.
// The iterations keep their order, so duplicates of an index add up as on the
// host, to the bit (T9). Threads share what cannot meet: a loop whose counter
// is an index of everything that is written.
//
//===----------------------------------------------------------------------===//

#include "KernelBuilder.h"
#include "MemoryAccess.h"
#include "sym/Codegen/Device/Passes.h"
#include "sym/Dialect/Sym/IR/Placement.h"

#include "mlir/Dialect/Affine/IR/AffineOps.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "llvm/ADT/MapVector.h"

namespace mlir::sym {
#define GEN_PASS_DEF_SYMLOOPKERNELS
#include "sym/Codegen/Device/Passes.h.inc"
} // namespace mlir::sym

using namespace mlir;
using namespace mlir::sym;

namespace {
struct LoopKernels : public mlir::sym::impl::SymLoopKernelsBase<LoopKernels> {
  using SymLoopKernelsBase::SymLoopKernelsBase;
  void runOnOperation() override;

private:
  void makeKernel(scf::ForOp nest, scf::ForOp shared);
};
} // namespace

/// Whether all of `nest` can run in a kernel, and stores there.
static bool isKernelizable(scf::ForOp nest) {
  if (nest.getNumResults() != 0)
    return false;
  bool stores = false;
  // Where buffers have been placed, what uses the host's stays there.
  bool isPlaced = hasPlacedBuffers(nest->getParentOfType<ModuleOp>());
  WalkResult result = nest.walk([&](Operation *op) {
    stores |= isa<memref::StoreOp>(op);
    bool isKnown = isa<scf::ForOp, scf::IfOp, scf::WhileOp, memref::LoadOp,
                       memref::StoreOp>(op) ||
                   (op->getNumRegions() == 0 && isMemoryEffectFree(op));
    for (Value operand : op->getOperands())
      isKnown &=
          isDeviceNumber(operand.getType()) ||
          (isDeviceBuffer(operand.getType()) &&
           (!isPlaced || isOnDevice(operand)) &&
           operand.getParentRegion()->isProperAncestor(&nest.getRegion()));
    for (Type type : op->getResultTypes())
      isKnown &= isDeviceNumber(type);
    return isKnown ? WalkResult::advance() : WalkResult::interrupt();
  });
  return stores && !result.wasInterrupted();
}

/// A loop of `nest` whose iterations touch different elements of what the nest
/// writes, and outside of which it only reads other buffers; null if none is
/// known.
static scf::ForOp findShared(scf::ForOp nest, const MemoryAccesses &memory) {
  // Indices of each access, by buffer.
  llvm::MapVector<Value, SmallVector<std::pair<Operation *, ValueRange>>> uses;
  SetVector<Value> written;
  nest.walk([&](Operation *op) {
    if (auto load = dyn_cast<memref::LoadOp>(op)) {
      uses[load.getMemRef()].push_back({op, load.getIndices()});
    } else if (auto store = dyn_cast<memref::StoreOp>(op)) {
      uses[store.getMemRef()].push_back({op, store.getIndices()});
      written.insert(store.getMemRef());
    }
  });
  for (Value buffer : written)
    for (auto &[other, accesses] : uses)
      if (other != buffer && mayConflict(memory.getAccess(buffer, true),
                                         memory.getAccess(other, true)))
        return nullptr;

  auto isApart = [&](scf::ForOp loop, Value buffer) {
    int64_t rank = cast<MemRefType>(buffer.getType()).getRank();
    return llvm::any_of(llvm::seq<int64_t>(0, rank), [&](int64_t dim) {
      return llvm::all_of(uses[buffer], [&](auto &use) {
        return loop->isProperAncestor(use.first) &&
               use.second[dim] == loop.getInductionVar();
      });
    });
  };
  scf::ForOp found;
  nest.walk<WalkOrder::PreOrder>([&](scf::ForOp loop) {
    // Bounds that cannot overflow when threads begin further on.
    if (loop.getNumResults() != 0 ||
        getConstantIntValue(loop.getLowerBound()) != 0 ||
        getConstantIntValue(loop.getStep()) != 1 ||
        !loop.getInductionVar().getType().isIndex() ||
        !llvm::all_of(written,
                      [&](Value buffer) { return isApart(loop, buffer); }))
      return WalkResult::advance();
    found = loop;
    return WalkResult::interrupt();
  });
  return found;
}

void LoopKernels::makeKernel(scf::ForOp nest, scf::ForOp shared) {
  KernelBuilder kernel(nest);
  ImplicitLocOpBuilder &b = kernel.b;
  IRMapping mapping;
  auto capture = [&](Value value) {
    if (value.getParentRegion()->isProperAncestor(&nest.getRegion()))
      mapping.map(value, kernel.capture(value));
  };
  nest.walk([&](Operation *op) { llvm::for_each(op->getOperands(), capture); });
  Value thread, threads;
  if (shared) {
    thread = arith::AddIOp::create(
        b, arith::MulIOp::create(b, kernel.blockId(), kernel.index(kBlockSize)),
        kernel.threadId());
    threads =
        arith::MulIOp::create(b, kernel.gridDim(), kernel.index(kBlockSize));
  }
  // Found again in the copy by its number.
  int64_t number = 0, next = 0;
  nest.walk([&](scf::ForOp loop) {
    number = loop == shared ? next : number;
    ++next;
  });
  auto copy = cast<scf::ForOp>(b.clone(*nest, mapping));
  OpFoldResult grid = b.getIndexAttr(1);
  if (shared) {
    next = 0;
    copy.walk([&](scf::ForOp loop) {
      if (next++ != number)
        return;
      loop.setLowerBound(thread);
      loop.setStep(threads);
    });
    Value end = shared.getUpperBound();
    if (end.getParentRegion()->isProperAncestor(&nest.getRegion()))
      grid = getGridSize(kernel.host, nest.getLoc(), getAsOpFoldResult(end),
                         kBlockSize, blocks);
  }
  kernel.launch(grid, shared ? kBlockSize : 1);
}

void LoopKernels::runOnOperation() {
  SmallVector<scf::ForOp> nests;
  for (auto function : getOperation().getOps<func::FuncOp>())
    function.walk<WalkOrder::PreOrder>([&](scf::ForOp nest) {
      if (!isKernelizable(nest))
        return WalkResult::advance();
      nests.push_back(nest);
      return WalkResult::skip();
    });
  MemoryAccesses memory(getOperation());
  for (scf::ForOp nest : nests) {
    scf::ForOp shared = findShared(nest, memory);
    makeKernel(nest, shared);
    nest.erase();
    ++numKernels;
    if (!shared)
      ++numSerial;
  }
}
