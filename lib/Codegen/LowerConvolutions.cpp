//===- LowerConvolutions.cpp - Large convolutions are contractions ----===//
//
// The windows of the input are laid out one behind the other; what remains is a
// contraction, which a library computes. The layout follows the filter and the
// output, so that loops of one kind stand side by side in all three.
//
//===----------------------------------------------------------------------===//

#include "MultiplyAdd.h"
#include "sym/Codegen/Passes.h"

#include "mlir/Dialect/Affine/IR/AffineOps.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/Linalg/Transforms/Transforms.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"

namespace mlir::sym {
#define GEN_PASS_DEF_SYMLOWERCONVOLUTIONS
#include "sym/Codegen/Passes.h.inc"
} // namespace mlir::sym

using namespace mlir;
using linalg::GenericOp;

namespace {
struct SymLowerConvolutions
    : public sym::impl::SymLowerConvolutionsBase<SymLowerConvolutions> {
  using SymLowerConvolutionsBase::SymLowerConvolutionsBase;

  void runOnOperation() override;
  bool isWorthIt(linalg::LinalgOp op,
                 const linalg::ConvolutionDimensions &dims);
  void lower(RewriterBase &rewriter, GenericOp op,
             const linalg::ConvolutionDimensions &dims);
};
} // namespace

/// The product of these loops' sizes; the largest number if one is dynamic.
static int64_t getSize(linalg::LinalgOp op, ArrayRef<unsigned> loops) {
  SmallVector<int64_t> ranges = op.getStaticLoopRanges();
  int64_t size = 1;
  for (unsigned loop : loops) {
    if (ShapedType::isDynamic(ranges[loop]))
      return std::numeric_limits<int64_t>::max();
    size = llvm::MulOverflow(size, ranges[loop], size)
               ? std::numeric_limits<int64_t>::max()
               : size;
  }
  return size;
}

bool SymLowerConvolutions::isWorthIt(
    linalg::LinalgOp op, const linalg::ConvolutionDimensions &dims) {
  if (!dims.depth.empty() || dims.outputChannel.empty())
    return false;
  SmallVector<unsigned> window(dims.filterLoop.begin(), dims.filterLoop.end());
  llvm::append_range(window, dims.inputChannel);
  return getSize(op, dims.outputChannel) >= minChannels &&
         getSize(op, window) >= minWindow;
}

void SymLowerConvolutions::lower(RewriterBase &rewriter, GenericOp op,
                                 const linalg::ConvolutionDimensions &dims) {
  Location loc = op.getLoc();
  MLIRContext *ctx = rewriter.getContext();
  rewriter.setInsertionPoint(op);
  SmallVector<AffineMap> maps = op.getIndexingMapsArray();
  AffineMap filterMap = maps[1], outputMap = maps[2];

  // Columns: what stands before the output channel, then the window in the
  // order of the filter, then what stands behind.
  SmallVector<unsigned> before, window, behind;
  bool seenChannel = false;
  for (AffineExpr expr : outputMap.getResults()) {
    unsigned loop = cast<AffineDimExpr>(expr).getPosition();
    if (llvm::is_contained(dims.outputChannel, loop))
      seenChannel = true;
    else
      (seenChannel ? behind : before).push_back(loop);
  }
  for (AffineExpr expr : filterMap.getResults()) {
    unsigned loop = cast<AffineDimExpr>(expr).getPosition();
    if (!llvm::is_contained(dims.outputChannel, loop))
      window.push_back(loop);
  }
  SmallVector<unsigned> layout(before);
  llvm::append_range(layout, window);
  llvm::append_range(layout, behind);

  SmallVector<Range> ranges =
      cast<linalg::LinalgOp>(op.getOperation()).createLoopRanges(rewriter, loc);
  SmallVector<OpFoldResult> sizes;
  SmallVector<AffineExpr> columnExprs;
  SmallVector<AffineExpr> position(op.getNumLoops(),
                                   getAffineConstantExpr(0, ctx));
  for (auto [index, loop] : llvm::enumerate(layout)) {
    sizes.push_back(ranges[loop].size);
    columnExprs.push_back(getAffineDimExpr(loop, ctx));
    position[loop] = getAffineDimExpr(index, ctx);
  }
  unsigned rank = layout.size();
  AffineMap gather = maps[0].replaceDimsAndSymbols(position, {}, rank, 0);
  Type element = getElementTypeOrSelf(op.getInputs()[0]);
  Value empty = tensor::EmptyOp::create(rewriter, loc, sizes, element);
  SmallVector<utils::IteratorType> parallel(rank,
                                            utils::IteratorType::parallel);
  auto columns = GenericOp::create(
      rewriter, loc, empty.getType(), op.getInputs()[0], empty,
      ArrayRef<AffineMap>{gather, rewriter.getMultiDimIdentityMap(rank)},
      parallel, [](OpBuilder &builder, Location loc, ValueRange args) {
        linalg::YieldOp::create(builder, loc, args[0]);
      });
  rewriter.modifyOpInPlace(op, [&] {
    op.getInputsMutable()[0].set(columns.getResult(0));
    maps[0] = AffineMap::get(op.getNumLoops(), 0, columnExprs, ctx);
    op.setIndexingMapsAttr(rewriter.getAffineMapArrayAttr(maps));
  });
}

void SymLowerConvolutions::runOnOperation() {
  SmallVector<linalg::LinalgOp> candidates;
  getOperation()->walk([&](linalg::LinalgOp op) {
    if (isa<linalg::ConvolutionOpInterface>(op.getOperation()) &&
        op.hasPureTensorSemantics())
      candidates.push_back(op);
  });
  IRRewriter rewriter(&getContext());
  for (linalg::LinalgOp op : candidates) {
    FailureOr<linalg::ConvolutionDimensions> dims =
        linalg::inferConvolutionDims(op);
    if (failed(dims) || !isWorthIt(op, *dims))
      continue;
    rewriter.setInsertionPoint(op);
    FailureOr<GenericOp> generic = linalg::generalizeNamedOp(rewriter, op);
    if (failed(generic) || !sym::isMultiplyAdd(*generic))
      continue;
    SmallVector<AffineMap> maps = generic->getIndexingMapsArray();
    if (!maps[1].isProjectedPermutation() || !maps[2].isProjectedPermutation())
      continue;
    lower(rewriter, *generic, *dims);
    ++numLowered;
  }
}
