//===- ElementwiseKernels.cpp - Parallel loops become kernels -------------===//
//
// Threads stride through the iterations, so that a grid of any size computes
// any number of elements, and neighbours in a warp touch neighbours in memory.
//
//===----------------------------------------------------------------------===//

#include "KernelBuilder.h"
#include "sym/Codegen/Device/Passes.h"

#include "mlir/Dialect/Affine/IR/AffineOps.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"

namespace mlir::sym {
#define GEN_PASS_DEF_SYMELEMENTWISEKERNELS
#include "sym/Codegen/Device/Passes.h.inc"
} // namespace mlir::sym

using namespace mlir;
using namespace mlir::sym;

namespace {
struct ElementwiseKernels
    : public mlir::sym::impl::SymElementwiseKernelsBase<ElementwiseKernels> {
  using SymElementwiseKernelsBase::SymElementwiseKernelsBase;
  void runOnOperation() override;
};
} // namespace

static void makeKernel(linalg::GenericOp op, int64_t mostBlocks) {
  KernelBuilder kernel(op);
  ImplicitLocOpBuilder &b = kernel.b;
  SmallVector<OpFoldResult> hostSizes = getLoopSizes(kernel.host, op);
  OpFoldResult hostTotal = getProduct(kernel.host, op.getLoc(), hostSizes);

  BodyEmitter body(kernel, op);
  SmallVector<Value> sizes;
  for (OpFoldResult size : hostSizes)
    sizes.push_back(kernel.capture(size));
  Value total = kernel.index(1);
  for (Value size : sizes)
    total = arith::MulIOp::create(b, total, size);

  Value thread = arith::AddIOp::create(
      b, arith::MulIOp::create(b, kernel.blockId(), kernel.index(kBlockSize)),
      kernel.threadId());
  Value threads =
      arith::MulIOp::create(b, kernel.gridDim(), kernel.index(kBlockSize));
  auto emitLoop = [&](Value begin, Value end, int64_t lanes) {
    auto loop = scf::ForOp::create(b, begin, end, threads);
    OpBuilder::InsertionGuard guard(b);
    b.setInsertionPointToStart(loop.getBody());
    Value linear =
        arith::MulIOp::create(b, loop.getInductionVar(), kernel.index(lanes));
    body.emitIteration(delinearize(b, linear, sizes), lanes, lanes > 1);
  };

  int64_t width = body.getVectorWidth();
  Value begin = thread;
  if (width > 1) {
    // As many as there are, or none where an address is odd: the same
    // elements are computed either way.
    Value vectors = arith::SelectOp::create(
        b, body.emitIsAligned(sizes),
        arith::DivUIOp::create(b, total, kernel.index(width)), kernel.index(0));
    emitLoop(thread, vectors, width);
    begin = arith::AddIOp::create(
        b, arith::MulIOp::create(b, vectors, kernel.index(width)), thread);
  }
  emitLoop(begin, total, 1);
  kernel.launch(getGridSize(kernel.host, op.getLoc(), hostTotal,
                            kBlockSize * width, mostBlocks),
                kBlockSize);
}

void ElementwiseKernels::runOnOperation() {
  SmallVector<linalg::GenericOp> ops;
  getOperation().walk([&](linalg::GenericOp op) {
    if (isElementwise(op) && isKernelizable(op))
      ops.push_back(op);
  });
  for (linalg::GenericOp op : ops) {
    makeKernel(op, blocks);
    op.erase();
    ++numKernels;
  }
}
