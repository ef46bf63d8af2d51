//===- IsolateDestinations.cpp - A destination for each operation -----===//
//
// Sharing an empty tensor or a fill is good for values and bad for buffers: the
// second operation to write it needs a copy, and a contraction no longer finds
// the zero that it could leave out.
//
//===----------------------------------------------------------------------===//

#include "sym/Codegen/Passes.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Arith/Utils/Utils.h"
#include "mlir/Dialect/Complex/IR/Complex.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/IR/Matchers.h"

namespace mlir::sym {
#define GEN_PASS_DEF_SYMISOLATEDESTINATIONS
#include "sym/Codegen/Passes.h.inc"
} // namespace mlir::sym

using namespace mlir;

/// A new tensor of the size of `value`.
static Value createEmpty(OpBuilder &builder, Location loc, Value value) {
  auto type = cast<RankedTensorType>(value.getType());
  if (auto empty = value.getDefiningOp<tensor::EmptyOp>())
    return tensor::EmptyOp::create(builder, loc, type, empty.getDynamicSizes());
  SmallVector<Value> sizes;
  for (auto [dim, size] : llvm::enumerate(type.getShape()))
    if (ShapedType::isDynamic(size))
      sizes.push_back(builder.createOrFold<tensor::DimOp>(loc, value, dim));
  return tensor::EmptyOp::create(builder, loc, type, sizes);
}

/// The scalar that a constant repeats.
static Value createSplatScalar(OpBuilder &builder, Location loc, Value value) {
  DenseElementsAttr elements;
  if (!matchPattern(value, m_Constant(&elements)) || !elements.isSplat())
    return nullptr;
  Type type = elements.getElementType();
  if (isa<ComplexType>(type))
    return complex::ConstantOp::create(builder, loc, type,
                                       elements.getSplatValue<ArrayAttr>());
  if (!type.isIntOrIndexOrFloat())
    return nullptr;
  return arith::ConstantOp::create(
      builder, loc, cast<TypedAttr>(elements.getSplatValue<Attribute>()));
}

namespace {
struct SymIsolateDestinations
    : public sym::impl::SymIsolateDestinationsBase<SymIsolateDestinations> {
  void runOnOperation() override;
  void isolate(OpOperand &operand, bool isRead);
};
} // namespace

void SymIsolateDestinations::isolate(OpOperand &operand, bool isRead) {
  Operation *owner = operand.getOwner();
  Location loc = owner->getLoc();
  OpBuilder builder(owner);
  Value value = operand.get();
  if (!isa<RankedTensorType>(value.getType()))
    return;
  if (!isRead) {
    auto empty = value.getDefiningOp<tensor::EmptyOp>();
    if (empty && empty->hasOneUse() && empty->getNextNode() == owner)
      return;
    operand.set(createEmpty(builder, loc, value));
    ++numIsolated;
    return;
  }
  if (auto fill = value.getDefiningOp<linalg::FillOp>()) {
    if (fill->hasOneUse() && fill->getNextNode() == owner)
      return;
    Value empty = createEmpty(builder, loc, fill.getOutputs()[0]);
    operand.set(
        linalg::FillOp::create(builder, loc, fill.value(), empty).getResult(0));
    ++numIsolated;
  } else if (auto empty = value.getDefiningOp<tensor::EmptyOp>()) {
    if (empty->hasOneUse() && empty->getBlock() == owner->getBlock())
      return;
    operand.set(createEmpty(builder, loc, value));
    ++numIsolated;
  } else if (Value scalar = createSplatScalar(builder, loc, value)) {
    Value empty = createEmpty(builder, loc, value);
    operand.set(
        linalg::FillOp::create(builder, loc, scalar, empty).getResult(0));
    ++numIsolated;
  }
}

/// A reduction over nothing leaves its start value, also where its body does
/// not read it: such a result is chosen between the two when sizes are known.
static void keepStartValues(linalg::LinalgOp op) {
  SmallVector<int64_t> ranges = op.getStaticLoopRanges();
  SmallVector<unsigned> uncertain;
  for (auto [loop, kind] : llvm::enumerate(op.getIteratorTypesArray()))
    if (kind == utils::IteratorType::reduction &&
        (ShapedType::isDynamic(ranges[loop]) || ranges[loop] == 0))
      uncertain.push_back(loop);
  if (uncertain.empty() || !op.hasPureTensorSemantics())
    return;
  Location loc = op.getLoc();
  OpBuilder builder(op);
  Value runs;
  for (OpOperand &init : op.getDpsInitsMutable()) {
    if (op.payloadUsesValueFromOperand(&init) ||
        init.get().getDefiningOp<tensor::EmptyOp>())
      continue;
    if (!runs) {
      SmallVector<Range> loops = op.createLoopRanges(builder, loc);
      Value zero = arith::ConstantIndexOp::create(builder, loc, 0);
      for (unsigned loop : uncertain) {
        Value size =
            getValueOrCreateConstantIndexOp(builder, loc, loops[loop].size);
        Value some = arith::CmpIOp::create(
            builder, loc, arith::CmpIPredicate::sgt, size, zero);
        runs = runs ? arith::AndIOp::create(builder, loc, runs, some) : some;
      }
      builder.setInsertionPointAfter(op);
    }
    Value start = init.get(), result = op.getTiedOpResult(&init);
    auto yield = [](Value value) {
      return [value](OpBuilder &nested, Location loc) {
        scf::YieldOp::create(nested, loc, value);
      };
    };
    auto choice =
        scf::IfOp::create(builder, loc, runs, yield(result), yield(start));
    result.replaceAllUsesExcept(choice.getResult(0), choice.thenYield());
  }
}

void SymIsolateDestinations::runOnOperation() {
  SmallVector<Operation *> owners;
  getOperation()->walk([&](Operation *op) {
    if (isa<DestinationStyleOpInterface, LoopLikeOpInterface>(op))
      owners.push_back(op);
  });
  // Backward, so that a fill has lost its other users when its own destination
  // is looked at.
  for (Operation *op : llvm::reverse(owners)) {
    if (auto loop = dyn_cast<LoopLikeOpInterface>(op)) {
      for (OpOperand &init : loop.getInitsMutable())
        isolate(init, /*isRead=*/true);
      continue;
    }
    if (isa<linalg::FillOp>(op) && op->use_empty()) {
      op->erase();
      continue;
    }
    auto structured = dyn_cast<linalg::LinalgOp>(op);
    if (structured)
      keepStartValues(structured);
    for (OpOperand &init :
         cast<DestinationStyleOpInterface>(op).getDpsInitsMutable())
      isolate(init,
              !structured || structured.payloadUsesValueFromOperand(&init));
  }
  SmallVector<Operation *> unused;
  getOperation()->walk([&](Operation *op) {
    if (isa<tensor::EmptyOp>(op) && op->use_empty())
      unused.push_back(op);
  });
  for (Operation *op : unused)
    op->erase();
}
