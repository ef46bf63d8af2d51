//===- InsertTransfers.cpp - What no kernel computes ----------------------===//
//
// A structured operation on elements that kernels do not know runs on the host,
// on copies of its operands: right, slow, and counted.
//
//===----------------------------------------------------------------------===//

#include "KernelBuilder.h"
#include "sym/Codegen/Device/Passes.h"
#include "sym/Dialect/Sym/IR/Placement.h"

#include "mlir/Dialect/Affine/IR/AffineOps.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/Linalg/Transforms/Transforms.h"
#include "mlir/Dialect/Linalg/Utils/Utils.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"
#include "mlir/Interfaces/FunctionInterfaces.h"
#include "llvm/ADT/SetVector.h"

namespace mlir::sym {
#define GEN_PASS_DEF_SYMINSERTTRANSFERS
#include "sym/Codegen/Device/Passes.h.inc"
} // namespace mlir::sym

using namespace mlir;
using namespace mlir::sym;

namespace {
struct InsertTransfers
    : public mlir::sym::impl::SymInsertTransfersBase<InsertTransfers> {
  using SymInsertTransfersBase::SymInsertTransfersBase;
  void runOnOperation() override;

private:
  void copy(ImplicitLocOpBuilder &b, Value from, Value to);
  void moveToHost(linalg::GenericOp op);
};
} // namespace

/// The buffers on a device that `op` uses, also in its body.
static SmallVector<Value> getDeviceBuffers(linalg::GenericOp op) {
  llvm::SetVector<Value> buffers;
  op->walk([&](Operation *nested) {
    for (Value operand : nested->getOperands())
      if (isOnDevice(operand))
        buffers.insert(operand);
  });
  return buffers.takeVector();
}

void InsertTransfers::copy(ImplicitLocOpBuilder &b, Value from, Value to) {
  ++numCopies;
  auto isDense = [](Value buffer) {
    return cast<MemRefType>(buffer.getType()).getLayout().isIdentity();
  };
  if (isDense(from) && isDense(to)) {
    memref::CopyOp::create(b, from, to);
    return;
  }
  // One element after the other: services copy dense memory.
  auto elements = linalg::makeMemRefCopyOp(b, b.getLoc(), from, to);
  IRRewriter rewriter(b);
  rewriter.setInsertionPoint(elements);
  (void)linalg::linalgOpToLoops(rewriter, elements);
  rewriter.eraseOp(elements);
}

void InsertTransfers::moveToHost(linalg::GenericOp op) {
  ++numOnHost;
  ImplicitLocOpBuilder before(op.getLoc(), op);
  ImplicitLocOpBuilder after(op.getLoc(), op->getContext());
  after.setInsertionPointAfter(op);
  for (Value buffer : getDeviceBuffers(op)) {
    auto type = cast<MemRefType>(buffer.getType());
    SmallVector<Value> sizes;
    for (int64_t dim = 0; dim < type.getRank(); ++dim)
      if (type.isDynamicDim(dim))
        sizes.push_back(memref::DimOp::create(before, buffer, dim));
    Value onHost = memref::AllocOp::create(
        before, MemRefType::get(type.getShape(), type.getElementType()), sizes);
    copy(before, buffer, onHost);
    buffer.replaceUsesWithIf(
        onHost, [&](OpOperand &use) { return op->isAncestor(use.getOwner()); });
    if (llvm::is_contained(op.getDpsInits(), onHost))
      copy(after, onHost, buffer);
    memref::DeallocOp::create(after, onHost);
  }
}

void InsertTransfers::runOnOperation() {
  SmallVector<linalg::GenericOp> ops;
  getOperation()->walk([&](linalg::GenericOp op) {
    if (!isKernelizable(op) && !getDeviceBuffers(op).empty())
      ops.push_back(op);
  });
  for (linalg::GenericOp op : ops)
    moveToHost(op);
}
