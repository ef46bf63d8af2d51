//===- LowerExpandShapes.cpp - Reshapes with several dynamic sizes ----===//

#include "sym/Codegen/Passes.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/Utils/StaticValueUtils.h"

namespace mlir::sym {
#define GEN_PASS_DEF_SYMLOWEREXPANDSHAPES
#include "sym/Codegen/Passes.h.inc"
} // namespace mlir::sym

using namespace mlir;
using namespace mlir::sym;

/// Whether a group of dimensions has two sizes that are known at run time only.
/// Upstream infers one from the source, and has no way for two.
static bool hasAmbiguousGroup(memref::ExpandShapeOp op) {
  MemRefType type = op.getResultType();
  return llvm::any_of(op.getReassociationIndices(),
                      [&](ArrayRef<int64_t> group) {
                        return llvm::count_if(group, [&](int64_t dimension) {
                                 return type.isDynamicDim(dimension);
                               }) > 1;
                      });
}

static LogicalResult lower(memref::ExpandShapeOp op, OpBuilder &builder) {
  MemRefType type = op.getResultType();
  SmallVector<int64_t> strides, sourceStrides;
  int64_t offset, sourceOffset;
  if (failed(type.getStridesAndOffset(strides, offset)) ||
      failed(op.getSrcType().getStridesAndOffset(sourceStrides, sourceOffset)))
    return op.emitOpError() << "has a layout without strides";

  builder.setInsertionPoint(op);
  Location loc = op.getLoc();
  auto toValue = [&](OpFoldResult size) {
    return getValueOrCreateConstantIndexOp(builder, loc, size);
  };
  auto source =
      memref::ExtractStridedMetadataOp::create(builder, loc, op.getSrc());
  SmallVector<OpFoldResult> sizes = op.getMixedOutputShape();
  // What the type says stays in the type.
  auto known = [&](int64_t fromType, Value computed) -> OpFoldResult {
    if (ShapedType::isDynamic(fromType))
      return computed;
    return builder.getIndexAttr(fromType);
  };
  SmallVector<OpFoldResult> mixedStrides(type.getRank());
  for (auto [index, group] : llvm::enumerate(op.getReassociationIndices())) {
    Value stride = ShapedType::isDynamic(sourceStrides[index])
                       ? source.getStrides()[index]
                       : toValue(builder.getIndexAttr(sourceStrides[index]));
    for (int64_t dimension : llvm::reverse(group)) {
      mixedStrides[dimension] = known(strides[dimension], stride);
      stride = arith::MulIOp::create(builder, loc, stride,
                                     toValue(sizes[dimension]));
    }
  }
  auto result = memref::ReinterpretCastOp::create(
      builder, loc, type, source.getBaseBuffer(),
      known(offset, source.getOffset()), sizes, mixedStrides);
  op.replaceAllUsesWith(result.getResult());
  op.erase();
  return success();
}

namespace {
class SymLowerExpandShapes
    : public mlir::sym::impl::SymLowerExpandShapesBase<SymLowerExpandShapes> {
public:
  using SymLowerExpandShapesBase::SymLowerExpandShapesBase;

  void runOnOperation() override {
    SmallVector<memref::ExpandShapeOp> ops;
    getOperation()->walk([&](memref::ExpandShapeOp op) {
      if (hasAmbiguousGroup(op))
        ops.push_back(op);
    });
    OpBuilder builder(&getContext());
    for (memref::ExpandShapeOp op : ops) {
      if (failed(lower(op, builder)))
        return signalPassFailure();
      ++numLowered;
    }
  }
};
} // namespace
