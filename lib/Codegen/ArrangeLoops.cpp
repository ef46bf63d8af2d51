//===- ArrangeLoops.cpp - Choose the order and number of loops --------===//
//
// LLVM does not exchange loops that it cannot prove free of dependences, and
// vectorises the innermost only; here both are known. Accumulation runs in the
// order of the loops, which is fixed by shapes and strides alone (T9).
//
//===----------------------------------------------------------------------===//

#include "VectorPlan.h"
#include "sym/Codegen/Passes.h"

#include "mlir/Dialect/Affine/IR/AffineOps.h"
#include "mlir/Dialect/Linalg/Transforms/Transforms.h"

#include <limits>

namespace mlir::sym {
#define GEN_PASS_DEF_SYMARRANGELOOPS
#include "sym/Codegen/Passes.h.inc"
} // namespace mlir::sym

using namespace mlir;
using namespace mlir::sym;

namespace {
struct ArrangeLoops
    : public mlir::sym::impl::SymArrangeLoopsBase<ArrangeLoops> {
  using SymArrangeLoopsBase::SymArrangeLoopsBase;
  void runOnOperation() override;
};
} // namespace

/// The loop whose steps are the nearest in memory: its position.
static unsigned getBestInnermost(linalg::GenericOp op) {
  unsigned last = op.getNumLoops() - 1, best = last;
  int64_t bestScore = std::numeric_limits<int64_t>::min();
  SmallVector<int64_t> sizes = op.getStaticLoopRanges();
  for (int64_t dim = last; dim >= 0; --dim) {
    int64_t score = 0;
    for (OpOperand &operand : op->getOpOperands()) {
      int64_t weight = op.isDpsInit(&operand) ? 2 : 1;
      Access access = getAccess(op, operand, dim);
      score += access == Access::Contiguous ? weight
               : access == Access::Other    ? -4 * weight
                                            : 0;
    }
    // A loop of a step or two is none.
    if (ShapedType::isStatic(sizes[dim]) && sizes[dim] < 4)
      score -= 8;
    if (score > bestScore) {
      bestScore = score;
      best = dim;
    }
  }
  return best;
}

/// The runs of loops that walk all operands as one would.
static SmallVector<ReassociationIndices>
getCollapsibleRuns(linalg::GenericOp op) {
  SmallVector<AffineMap> maps = op.getIndexingMapsArray();
  if (!llvm::all_of(maps,
                    [](AffineMap map) { return map.isProjectedPermutation(); }))
    return {};
  for (OpOperand &operand : op->getOpOperands()) {
    auto type = dyn_cast<MemRefType>(operand.get().getType());
    if (!type || !type.getLayout().isIdentity())
      return {};
  }
  // A position would have to be divided into its parts again.
  if (op.hasIndexSemantics())
    return {};
  auto iterators = op.getIteratorTypesArray();
  SmallVector<ReassociationIndices> runs;
  for (int64_t dim = 0, e = op.getNumLoops(); dim < e; ++dim) {
    if (!runs.empty() && iterators[runs.back().back()] == iterators[dim]) {
      ReassociationIndices longer = runs.back();
      longer.push_back(dim);
      if (linalg::areDimSequencesPreserved(maps, {longer})) {
        runs.back() = longer;
        continue;
      }
    }
    runs.push_back({dim});
  }
  llvm::erase_if(runs, [](const auto &run) { return run.size() < 2; });
  return runs;
}

void ArrangeLoops::runOnOperation() {
  IRRewriter rewriter(&getContext());
  SmallVector<linalg::GenericOp> ops;
  getOperation()->walk([&](linalg::GenericOp op) {
    if (op.hasPureBufferSemantics() && op.getNumLoops() > 1)
      ops.push_back(op);
  });
  for (linalg::GenericOp op : ops) {
    unsigned last = op.getNumLoops() - 1;
    unsigned best = getBestInnermost(op);
    if (best != last) {
      SmallVector<unsigned> order;
      for (unsigned dim = 0; dim <= last; ++dim)
        if (dim != best)
          order.push_back(dim);
      order.push_back(best);
      rewriter.setInsertionPoint(op);
      FailureOr<linalg::GenericOp> exchanged =
          linalg::interchangeGenericOp(rewriter, op, order);
      if (succeeded(exchanged)) {
        op = *exchanged;
        ++numExchanged;
      }
    }
    SmallVector<ReassociationIndices> runs = getCollapsibleRuns(op);
    if (runs.empty())
      continue;
    rewriter.setInsertionPoint(op);
    FailureOr<linalg::CollapseResult> collapsed =
        linalg::collapseOpIterationDims(op, runs, rewriter);
    if (succeeded(collapsed)) {
      rewriter.eraseOp(op);
      ++numCollapsed;
    }
  }
}
