//===- DecomposeTensorOps.cpp - Few forms for the stages below --------===//
//
// Structured and tensor operations of which there are many become those of
// which there are few: generic operations, fills, slices and contractions.
//
//===----------------------------------------------------------------------===//

#include "sym/Codegen/Passes.h"

#include "mlir/Dialect/Affine/IR/AffineOps.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/Linalg/Transforms/Transforms.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/Dialect/Tensor/Transforms/Transforms.h"
#include "mlir/Transforms/GreedyPatternRewriteDriver.h"

namespace mlir::sym {
#define GEN_PASS_DEF_SYMDECOMPOSETENSOROPS
#include "sym/Codegen/Passes.h.inc"
} // namespace mlir::sym

using namespace mlir;

/// The coordinates in a source of gather or scatter: those of the gathered
/// dimensions come from the indices, the others from the loops behind the
/// leading ones.
static SmallVector<Value> getCoordinates(OpBuilder &builder, Location loc,
                                         Value indices, ArrayRef<int64_t> dims,
                                         unsigned sourceRank, bool rankReduced,
                                         ValueRange loops) {
  unsigned leading = cast<RankedTensorType>(indices.getType()).getRank() - 1;
  SmallVector<Value> coordinates(sourceRank);
  for (auto [number, dim] : llvm::enumerate(dims)) {
    SmallVector<Value> at(loops.take_front(leading));
    at.push_back(arith::ConstantIndexOp::create(builder, loc, number));
    Value coordinate = tensor::ExtractOp::create(builder, loc, indices, at);
    if (!coordinate.getType().isIndex())
      coordinate = arith::IndexCastOp::create(
          builder, loc, builder.getIndexType(), coordinate);
    coordinates[dim] = coordinate;
  }
  unsigned next = leading;
  for (auto [dim, coordinate] : llvm::enumerate(coordinates)) {
    if (!coordinate)
      coordinates[dim] = loops[next++];
    else if (!rankReduced)
      ++next;
  }
  return coordinates;
}

namespace {
/// A gather reads the source at computed indices.
struct LowerGather : OpRewritePattern<tensor::GatherOp> {
  using OpRewritePattern::OpRewritePattern;
  LogicalResult matchAndRewrite(tensor::GatherOp op,
                                PatternRewriter &rewriter) const override {
    Location loc = op.getLoc();
    RankedTensorType type = op.getResultType();
    unsigned sourceRank = op.getSourceType().getRank();
    unsigned leading = op.getIndicesType().getRank() - 1;
    ArrayRef<int64_t> dims = op.getGatherDims();
    bool rankReduced = type.getRank() != leading + sourceRank;

    SmallVector<Value> sizes;
    for (unsigned dim = 0; dim != leading; ++dim)
      if (type.isDynamicDim(dim))
        sizes.push_back(
            tensor::DimOp::create(rewriter, loc, op.getIndices(), dim));
    unsigned next = leading;
    for (unsigned dim = 0; dim != sourceRank; ++dim) {
      bool gathered = llvm::is_contained(dims, dim);
      if (gathered && rankReduced)
        continue;
      if (type.isDynamicDim(next++))
        sizes.push_back(
            gathered ? Value(arith::ConstantIndexOp::create(rewriter, loc, 1))
                     : Value(tensor::DimOp::create(rewriter, loc,
                                                   op.getSource(), dim)));
    }
    Value empty = tensor::EmptyOp::create(rewriter, loc, type, sizes);
    SmallVector<utils::IteratorType> iterators(type.getRank(),
                                               utils::IteratorType::parallel);
    rewriter.replaceOpWithNewOp<linalg::GenericOp>(
        op, type, ValueRange(), empty,
        rewriter.getMultiDimIdentityMap(type.getRank()), iterators,
        [&](OpBuilder &builder, Location loc, ValueRange) {
          SmallVector<Value> loops;
          for (unsigned dim = 0; dim != type.getRank(); ++dim)
            loops.push_back(linalg::IndexOp::create(builder, loc, dim));
          SmallVector<Value> at =
              getCoordinates(builder, loc, op.getIndices(), dims, sourceRank,
                             rankReduced, loops);
          Value element =
              tensor::ExtractOp::create(builder, loc, op.getSource(), at);
          linalg::YieldOp::create(builder, loc, element);
        });
    return success();
  }
};

/// A scatter is a loop nest of insertions.
struct LowerScatter : OpRewritePattern<tensor::ScatterOp> {
  using OpRewritePattern::OpRewritePattern;
  LogicalResult matchAndRewrite(tensor::ScatterOp op,
                                PatternRewriter &rewriter) const override {
    Location loc = op.getLoc();
    RankedTensorType sourceType = op.getSourceType();
    unsigned rank = op.getDestType().getRank();
    bool rankReduced =
        sourceType.getRank() != op.getIndicesType().getRank() - 1 + rank;
    Value zero = arith::ConstantIndexOp::create(rewriter, loc, 0);
    Value one = arith::ConstantIndexOp::create(rewriter, loc, 1);
    SmallVector<Value> lower(sourceType.getRank(), zero);
    SmallVector<Value> steps(sourceType.getRank(), one);
    SmallVector<Value> upper;
    for (int64_t dim = 0; dim != sourceType.getRank(); ++dim)
      upper.push_back(
          rewriter.createOrFold<tensor::DimOp>(loc, op.getSource(), dim));
    scf::LoopNest nest = scf::buildLoopNest(
        rewriter, loc, lower, upper, steps, op.getDest(),
        [&](OpBuilder &builder, Location loc, ValueRange loops,
            ValueRange carried) -> scf::ValueVector {
          Value element =
              tensor::ExtractOp::create(builder, loc, op.getSource(), loops);
          SmallVector<Value> at =
              getCoordinates(builder, loc, op.getIndices(), op.getScatterDims(),
                             rank, rankReduced, loops);
          return {tensor::InsertOp::create(builder, loc, element,
                                           carried.front(), at)};
        });
    rewriter.replaceOp(op, nest.results);
    return success();
  }
};

struct LowerSplat : OpRewritePattern<tensor::SplatOp> {
  using OpRewritePattern::OpRewritePattern;
  LogicalResult matchAndRewrite(tensor::SplatOp op,
                                PatternRewriter &rewriter) const override {
    Value empty = tensor::EmptyOp::create(rewriter, op.getLoc(), op.getType(),
                                          op.getDynamicSizes());
    rewriter.replaceOpWithNewOp<linalg::FillOp>(op, op.getInput(), empty);
    return success();
  }
};

struct LowerGenerate : OpRewritePattern<tensor::GenerateOp> {
  using OpRewritePattern::OpRewritePattern;
  LogicalResult matchAndRewrite(tensor::GenerateOp op,
                                PatternRewriter &rewriter) const override {
    return linalg::rewriteInDestinationPassingStyle(rewriter, op);
  }
};

struct DecomposeSoftmax : OpRewritePattern<linalg::SoftmaxOp> {
  using OpRewritePattern::OpRewritePattern;
  LogicalResult matchAndRewrite(linalg::SoftmaxOp op,
                                PatternRewriter &rewriter) const override {
    // The verifier accepts integers, and the decomposition crashes on them.
    Type type = op.getInputOperandType().getElementType();
    if (!isa<FloatType>(type) ||
        op.getOutputOperandType().getElementType() != type)
      return rewriter.notifyMatchFailure(op, "not of one type of floats");
    FailureOr<SmallVector<Value>> results = op.decomposeOperation(rewriter);
    if (failed(results))
      return failure();
    rewriter.replaceOp(op, *results);
    return success();
  }
};

struct LowerPack : OpRewritePattern<linalg::PackOp> {
  using OpRewritePattern::OpRewritePattern;
  LogicalResult matchAndRewrite(linalg::PackOp op,
                                PatternRewriter &rewriter) const override {
    return linalg::lowerPack(rewriter, op);
  }
};

struct LowerUnPack : OpRewritePattern<linalg::UnPackOp> {
  using OpRewritePattern::OpRewritePattern;
  LogicalResult matchAndRewrite(linalg::UnPackOp op,
                                PatternRewriter &rewriter) const override {
    return linalg::lowerUnPack(rewriter, op);
  }
};

/// Everything but fills.
struct Generalize : OpInterfaceRewritePattern<linalg::LinalgOp> {
  using OpInterfaceRewritePattern::OpInterfaceRewritePattern;
  LogicalResult matchAndRewrite(linalg::LinalgOp op,
                                PatternRewriter &rewriter) const override {
    if (isa<linalg::GenericOp, linalg::FillOp>(op))
      return failure();
    return linalg::generalizeNamedOp(rewriter, op);
  }
};

struct SymDecomposeTensorOps
    : public sym::impl::SymDecomposeTensorOpsBase<SymDecomposeTensorOps> {
  void runOnOperation() override {
    RewritePatternSet patterns(&getContext());
    patterns.add<LowerGather, LowerScatter, LowerSplat, LowerGenerate,
                 DecomposeSoftmax, LowerPack, LowerUnPack, Generalize>(
        &getContext());
    linalg::populateDecomposePadPatterns(patterns);
    tensor::populateDecomposeTensorConcatPatterns(patterns);
    if (failed(applyPatternsGreedily(getOperation(), std::move(patterns))))
      signalPassFailure();
  }
};
} // namespace
