//===- TensorConditions.cpp - When operations on tensors are undefined ===//

#include "Conditions.h"

#include "mlir/Dialect/Utils/StaticValueUtils.h"
#include "llvm/ADT/TypeSwitch.h"

using namespace mlir;
using namespace mlir::sym;
using arith::CmpIPredicate;

static std::string ofDimension(int64_t dim) {
  return "dimension " + std::to_string(dim);
}

void mlir::sym::emitElementwiseShapes(Operation *op, CheckEmitter &emitter) {
  std::optional<unsigned> first;
  for (auto [index, operand] : llvm::enumerate(op->getOperands())) {
    auto type = dyn_cast<RankedTensorType>(operand.getType());
    if (!type)
      continue;
    if (!first) {
      first = index;
      continue;
    }
    Value reference = op->getOperand(*first);
    if (cast<RankedTensorType>(reference.getType()).getRank() != type.getRank())
      continue;
    for (int64_t dim = 0; dim < type.getRank(); ++dim)
      emitter.checkEqual(emitter.dimensions.get(reference, dim),
                         emitter.dimensions.get(operand, dim),
                         ofDimension(dim) + " of operand " + Twine(index) +
                             " has size {1}, but operand " + Twine(*first) +
                             " has {0}");
  }
  if (!first)
    return;
  for (Type result : op->getResultTypes()) {
    auto type = dyn_cast<RankedTensorType>(result);
    Value operand = op->getOperand(*first);
    if (!type ||
        type.getRank() != cast<RankedTensorType>(operand.getType()).getRank())
      continue;
    for (int64_t dim = 0; dim < type.getRank(); ++dim)
      if (!type.isDynamicDim(dim))
        emitter.checkEqual(Dimension::constant(type.getDimSize(dim)),
                           emitter.dimensions.get(operand, dim),
                           ofDimension(dim) + " of operand " + Twine(*first) +
                               " has size {1}, but the result has {0}");
  }
}

/// The elements of one dimension of a slice are elements of the whole.
static void emitSliceDimension(int64_t dim, Dimension offset, Dimension size,
                               Dimension stride, Dimension whole,
                               CheckEmitter &emitter) {
  Value zero = emitter.constant(0), one = emitter.constant(1);
  // That alone makes a slice wrong, whatever the size of the whole.
  for (Dimension bound : {offset, size})
    if (!bound.isSizeOfTensor())
      emitter.imply(
          emitter.compare(CmpIPredicate::sge, emitter.size(bound), zero));
  bool isUnit = stride == Dimension::constant(1);
  if (size == Dimension::constant(1))
    return emitter.checkIndex(emitter.size(offset), whole,
                              "offset {0} of " + ofDimension(dim) +
                                  " is out of range for size {1}");
  if (isUnit && offset == Dimension::constant(0) && size == whole)
    return;
  Value o = emitter.size(offset), n = emitter.size(size);
  Value s = emitter.size(stride), w = emitter.size(whole);
  bool fromStart = offset == Dimension::constant(0);
  Value startsInside = fromStart ? emitter.boolean(true)
                                 : emitter.compare(CmpIPredicate::ule, o, w);
  if (isUnit) {
    // No sum that could overflow, and negative numbers are beyond every size.
    Value left = emitter.binary<arith::SubIOp>(w, o);
    emitter.check(emitter.both(startsInside,
                               emitter.compare(CmpIPredicate::ule, n, left)),
                  CheckKind::Index,
                  "a slice of size {0} at offset {1} is outside of " +
                      ofDimension(dim) + " of size {2}",
                  {n, o, w});
    return;
  }
  // How many steps there are from the first element to the edge.
  Value room = o;
  int64_t magnitude = stride.isConstant() ? stride.getConstant() : 1;
  if (magnitude >= 0)
    room =
        emitter.binary<arith::SubIOp>(emitter.binary<arith::SubIOp>(w, one), o);
  if (!stride.isConstant() || magnitude == 0)
    emitter.check(emitter.compare(CmpIPredicate::sgt, s, zero),
                  CheckKind::Index,
                  "stride {0} of " + ofDimension(dim) + " is not positive", s);
  Value step = stride.isConstant()
                   ? emitter.constant(std::max<int64_t>(std::abs(magnitude), 1))
                   : s;
  Value steps = emitter.binary<arith::DivUIOp>(room, step);
  Value isEmpty = emitter.compare(CmpIPredicate::eq, n, zero);
  Value last = emitter.binary<arith::SubIOp>(n, one);
  Value inside = emitter.both(emitter.compare(CmpIPredicate::ult, o, w),
                              emitter.compare(CmpIPredicate::ule, last, steps));
  emitter.check(
      emitter.either(emitter.both(isEmpty, startsInside), inside),
      CheckKind::Index,
      "a slice of size {0} at offset {1} with stride {2} is outside of " +
          ofDimension(dim) + " of size {3}",
      {n, o, s, w});
}

namespace {
/// A slice of `whole`, seen through `get`.
struct Slice {
  Value whole;
  SmallVector<OpFoldResult> offsets, sizes, strides;

  template <typename OpT>
  Slice(OpT op, Value whole, function_ref<Value(Value)> get)
      : whole(whole), offsets(op.getMixedOffsets()), sizes(op.getMixedSizes()),
        strides(op.getMixedStrides()) {
    for (auto *list : {&offsets, &sizes, &strides})
      for (OpFoldResult &entry : *list)
        if (auto value = dyn_cast<Value>(entry))
          entry = get(value);
  }
};
} // namespace

static void emitSlice(const Slice &slice, CheckEmitter &emitter) {
  DimensionTable &dimensions = emitter.dimensions;
  for (size_t dim = 0, end = slice.sizes.size(); dim != end; ++dim)
    emitSliceDimension(dim, dimensions.get(slice.offsets[dim]),
                       dimensions.get(slice.sizes[dim]),
                       dimensions.get(slice.strides[dim]),
                       dimensions.get(slice.whole, dim), emitter);
}

/// What is inserted has the sizes of the slice.
template <typename OpT>
static void emitInsertedSizes(OpT op, const Slice &slice, Value source,
                              CheckEmitter &emitter) {
  llvm::SmallBitVector dropped = op.getDroppedDims();
  int64_t kept = 0;
  int64_t rank = cast<RankedTensorType>(source.getType()).getRank();
  for (auto [dim, size] : llvm::enumerate(slice.sizes)) {
    if (dropped.test(dim) || kept == rank)
      continue;
    emitter.checkEqual(
        emitter.dimensions.get(size), emitter.dimensions.get(source, kept),
        ofDimension(kept) + " of the source has size {1}, but the slice has "
                            "{0}");
    ++kept;
  }
}

void mlir::sym::emitParallelInsertConditions(tensor::ParallelInsertSliceOp op,
                                             function_ref<Value(Value)> get,
                                             CheckEmitter &emitter) {
  Slice slice(op, get(op.getDest()), get);
  emitSlice(slice, emitter);
  emitInsertedSizes(op, slice, get(op.getSource()), emitter);
}

/// Whether `total` is the product of `factors`, none of them negative. Divides,
/// since a product could overflow.
static Value isProduct(Value total, ArrayRef<Value> factors,
                       CheckEmitter &emitter) {
  Value zero = emitter.constant(0), one = emitter.constant(1);
  Value positive = emitter.boolean(true), natural = emitter.boolean(true);
  Value anyZero = emitter.boolean(false), divides = emitter.boolean(true);
  Value rest = total;
  for (Value factor : factors) {
    positive = emitter.both(positive,
                            emitter.compare(CmpIPredicate::sgt, factor, zero));
    natural = emitter.both(natural,
                           emitter.compare(CmpIPredicate::sge, factor, zero));
    anyZero = emitter.either(anyZero,
                             emitter.compare(CmpIPredicate::eq, factor, zero));
    Value divisor = emitter.binary<arith::MaxSIOp>(factor, one);
    Value remainder = emitter.binary<arith::RemUIOp>(rest, divisor);
    divides = emitter.both(divides,
                           emitter.compare(CmpIPredicate::eq, remainder, zero));
    rest = emitter.binary<arith::DivUIOp>(rest, divisor);
  }
  Value isFull = emitter.both(emitter.both(positive, divides),
                              emitter.compare(CmpIPredicate::eq, rest, one));
  Value isEmpty = emitter.both(emitter.both(natural, anyZero),
                               emitter.compare(CmpIPredicate::eq, total, zero));
  return emitter.either(isFull, isEmpty);
}

static std::string listValues(unsigned first, unsigned count) {
  std::string text;
  for (unsigned index = first; index < first + count; ++index)
    text += (index == first ? "{" : ", {") + std::to_string(index) + "}";
  return text;
}

static void emitExpandShape(tensor::ExpandShapeOp op, CheckEmitter &emitter) {
  SmallVector<OpFoldResult> shape = op.getMixedOutputShape();
  for (auto [dim, group] : llvm::enumerate(op.getReassociationIndices())) {
    Dimension source = emitter.dimensions.get(op.getSrc(), dim);
    SmallVector<Dimension> factors;
    for (int64_t index : group)
      factors.push_back(emitter.dimensions.get(shape[index]));
    // Sizes of 1 change nothing: what is left may be just equal.
    llvm::erase(factors, Dimension::constant(1));
    if (factors.size() == 1) {
      emitter.checkEqual(source, factors[0],
                         ofDimension(dim) +
                             " has size {0}, but is expanded to {1}");
      continue;
    }
    SmallVector<Value> values;
    for (Dimension factor : factors)
      values.push_back(emitter.size(factor));
    Value total = emitter.size(source);
    Value holds = isProduct(total, values, emitter);
    values.insert(values.begin(), total);
    emitter.check(holds, CheckKind::Shape,
                  ofDimension(dim) +
                      " of size {0} cannot be expanded to the sizes " +
                      listValues(1, values.size() - 1),
                  values);
  }
}

static void emitCollapseShape(tensor::CollapseShapeOp op,
                              CheckEmitter &emitter) {
  RankedTensorType result = op.getResultType();
  for (auto [dim, group] : llvm::enumerate(op.getReassociationIndices())) {
    if (result.isDynamicDim(dim))
      continue;
    SmallVector<Value> factors;
    for (int64_t index : group)
      factors.push_back(
          emitter.size(emitter.dimensions.get(op.getSrc(), index)));
    Value total = emitter.constant(result.getDimSize(dim));
    emitter.check(isProduct(total, factors, emitter), CheckKind::Shape,
                  "the sizes " + listValues(0, factors.size()) +
                      " cannot be collapsed to size " +
                      Twine(result.getDimSize(dim)),
                  factors);
  }
}

static LogicalResult emitReshape(tensor::ReshapeOp op, CheckEmitter &emitter) {
  auto source = dyn_cast<RankedTensorType>(op.getSource().getType());
  auto shape = cast<RankedTensorType>(op.getShape().getType());
  auto result = dyn_cast<RankedTensorType>(op.getResult().getType());
  if (!source || !result || shape.getShape() != ArrayRef{result.getRank()})
    return op.emitOpError() << "must have ranks that its types tell";
  OpBuilder &builder = emitter.builder;
  Value total = emitter.constant(1);
  for (int64_t dim = 0; dim < source.getRank(); ++dim)
    total = emitter.binary<arith::MulIOp>(
        total, emitter.size(emitter.dimensions.get(op.getSource(), dim)));
  SmallVector<Value> factors;
  for (int64_t dim = 0; dim < result.getRank(); ++dim) {
    Value index = emitter.constant(dim);
    Value factor = builder.createOrFold<tensor::ExtractOp>(
        op.getLoc(), op.getShape(), ValueRange{index});
    if (!factor.getType().isIndex())
      factor = builder.createOrFold<arith::IndexCastOp>(
          op.getLoc(), builder.getIndexType(), factor);
    if (!result.isDynamicDim(dim)) {
      Value expected = emitter.constant(result.getDimSize(dim));
      emitter.check(emitter.compare(CmpIPredicate::eq, factor, expected),
                    CheckKind::Shape,
                    ofDimension(dim) + " is {0}, but the result has {1}",
                    {factor, expected});
    }
    factors.push_back(factor);
  }
  Value holds = isProduct(total, factors, emitter);
  factors.insert(factors.begin(), total);
  emitter.check(holds, CheckKind::Shape,
                "{0} elements cannot be given the sizes " +
                    listValues(1, factors.size() - 1),
                factors);
  return success();
}

static void emitConcat(tensor::ConcatOp op, CheckEmitter &emitter) {
  DimensionTable &dimensions = emitter.dimensions;
  auto along = static_cast<int64_t>(op.getDim());
  for (int64_t dim = 0; dim < op.getRank(); ++dim) {
    std::optional<Dimension> result;
    if (!op.getResultType().isDynamicDim(dim))
      result = Dimension::constant(op.getResultType().getDimSize(dim));
    if (dim == along) {
      if (!result)
        continue;
      Value sum = emitter.constant(0);
      for (Value input : op.getInputs())
        sum = emitter.binary<arith::AddIOp>(
            sum, emitter.size(dimensions.get(input, dim)));
      Value expected = emitter.size(*result);
      emitter.check(emitter.compare(CmpIPredicate::eq, sum, expected),
                    CheckKind::Shape,
                    ofDimension(dim) +
                        " of the inputs adds up to {0}, but the result has "
                        "size {1}",
                    {sum, expected});
      continue;
    }
    for (auto [index, input] : llvm::enumerate(op.getInputs())) {
      if (index == 0) {
        if (result)
          emitter.checkEqual(*result, dimensions.get(input, dim),
                             ofDimension(dim) +
                                 " of operand 0 has size {1}, but the result "
                                 "has {0}");
        continue;
      }
      emitter.checkEqual(dimensions.get(op.getInputs().front(), dim),
                         dimensions.get(input, dim),
                         ofDimension(dim) + " of operand " + Twine(index) +
                             " has size {1}, but operand 0 has {0}");
    }
  }
}

static void emitPad(tensor::PadOp op, CheckEmitter &emitter) {
  DimensionTable &dimensions = emitter.dimensions;
  SmallVector<OpFoldResult> low = op.getMixedLowPad();
  SmallVector<OpFoldResult> high = op.getMixedHighPad();
  RankedTensorType type = op.getResultType();
  SmallVector<Dimension> sizes;
  for (int64_t dim = 0; dim < type.getRank(); ++dim) {
    Dimension before = dimensions.get(low[dim]);
    Dimension after = dimensions.get(high[dim]);
    emitter.checkSize(before, "the padding before " + ofDimension(dim));
    emitter.checkSize(after, "the padding after " + ofDimension(dim));
    Dimension source = dimensions.get(op.getSource(), dim);
    Value padding = emitter.binary<arith::AddIOp>(emitter.size(before),
                                                  emitter.size(after));
    Value sum = emitter.binary<arith::AddIOp>(emitter.size(source), padding);
    // The sum of two that are not negative is negative if it overflows.
    Value zero = emitter.constant(0);
    if (!before.isConstant() || !after.isConstant())
      emitter.check(
          emitter.both(emitter.compare(CmpIPredicate::sge, padding, zero),
                       emitter.compare(CmpIPredicate::sge, sum, zero)),
          CheckKind::Shape,
          "the padding of " + ofDimension(dim) + " is too large");
    if (!type.isDynamicDim(dim)) {
      Value expected = emitter.constant(type.getDimSize(dim));
      emitter.check(
          emitter.compare(CmpIPredicate::eq, sum, expected), CheckKind::Shape,
          ofDimension(dim) + " is padded to size {0}, but the result has {1}",
          {sum, expected});
    }
    sizes.push_back(dimensions.get(OpFoldResult(sum)));
  }
  emitter.checkCount(sizes);
}

/// A tensor that is made with sizes that operands give.
static void emitSizes(RankedTensorType type, ValueRange dynamicSizes,
                      CheckEmitter &emitter) {
  SmallVector<Dimension> sizes;
  for (int64_t dim = 0; dim < type.getRank(); ++dim) {
    if (!type.isDynamicDim(dim)) {
      sizes.push_back(Dimension::constant(type.getDimSize(dim)));
      continue;
    }
    sizes.push_back(emitter.dimensions.get(
        OpFoldResult(dynamicSizes[type.getDynamicDimIndex(dim)])));
    emitter.checkSize(sizes.back(), "the size of " + ofDimension(dim));
  }
  emitter.checkCount(sizes);
}

static void emitIndices(Value tensor, ValueRange indices,
                        CheckEmitter &emitter) {
  for (auto [dim, index] : llvm::enumerate(indices))
    emitter.checkIndex(index, emitter.dimensions.get(tensor, dim),
                       "index {0} of " + ofDimension(dim) +
                           " is out of range for size {1}");
}

static void emitCast(tensor::CastOp op, CheckEmitter &emitter) {
  auto source = dyn_cast<RankedTensorType>(op.getSource().getType());
  auto result = dyn_cast<RankedTensorType>(op.getType());
  if (!source || !result)
    return;
  for (int64_t dim = 0; dim < result.getRank(); ++dim)
    if (!result.isDynamicDim(dim))
      emitter.checkEqual(Dimension::constant(result.getDimSize(dim)),
                         emitter.dimensions.get(op.getSource(), dim),
                         ofDimension(dim) +
                             " has size {1}, but the cast needs {0}");
}

LogicalResult mlir::sym::emitTensorConditions(Operation *op,
                                              CheckEmitter &emitter) {
  auto self = [](Value value) { return value; };
  return llvm::TypeSwitch<Operation *, LogicalResult>(op)
      .Case<tensor::EmptyOp, tensor::SplatOp>([&](auto op) {
        emitSizes(cast<RankedTensorType>(op.getType()), op.getDynamicSizes(),
                  emitter);
        return success();
      })
      .Case([&](tensor::GenerateOp op) {
        emitSizes(cast<RankedTensorType>(op.getType()), op.getDynamicExtents(),
                  emitter);
        return success();
      })
      .Case([&](tensor::ExtractOp op) {
        emitIndices(op.getTensor(), op.getIndices(), emitter);
        return success();
      })
      .Case([&](tensor::InsertOp op) {
        emitIndices(op.getDest(), op.getIndices(), emitter);
        return success();
      })
      .Case([&](tensor::DimOp op) {
        if (auto type = dyn_cast<RankedTensorType>(op.getSource().getType()))
          emitter.checkIndex(op.getIndex(), Dimension::constant(type.getRank()),
                             "dimension {0} is out of range for rank {1}");
        return success();
      })
      .Case([&](tensor::CastOp op) {
        emitCast(op, emitter);
        return success();
      })
      .Case([&](tensor::ExtractSliceOp op) {
        emitSlice(Slice(op, op.getSource(), self), emitter);
        return success();
      })
      .Case([&](tensor::InsertSliceOp op) {
        Slice slice(op, op.getDest(), self);
        emitSlice(slice, emitter);
        emitInsertedSizes(op, slice, op.getSource(), emitter);
        return success();
      })
      .Case([&](tensor::ExpandShapeOp op) {
        emitExpandShape(op, emitter);
        return success();
      })
      .Case([&](tensor::CollapseShapeOp op) {
        emitCollapseShape(op, emitter);
        return success();
      })
      .Case([&](tensor::ReshapeOp op) { return emitReshape(op, emitter); })
      .Case([&](tensor::ConcatOp op) {
        emitConcat(op, emitter);
        return success();
      })
      .Case([&](tensor::PadOp op) {
        emitPad(op, emitter);
        return success();
      })
      .Case([&](tensor::ScatterOp op) {
        return op.emitOpError()
               << "cannot be checked: whether its indices are unique is not "
                  "known; use tensor.insert in a loop";
      })
      .Default([](Operation *) { return success(); });
}
