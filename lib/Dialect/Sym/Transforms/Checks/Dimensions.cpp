//===- Dimensions.cpp - Which sizes of tensors are equal --------------===//

#include "Dimensions.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/Dialect/Utils/StaticValueUtils.h"
#include "mlir/Interfaces/DestinationStyleOpInterface.h"
#include "llvm/ADT/TypeSwitch.h"

using namespace mlir;
using namespace mlir::sym;

// Deeper chains of producers give a size of their own: correct, and the stack
// does not depend on the program.
static constexpr unsigned kMaxDepth = 200;

/// The dynamic size that belongs to dimension `dim` of `type`.
static Value getDynamicSize(RankedTensorType type, ValueRange sizes,
                            int64_t dim) {
  return sizes[type.getDynamicDimIndex(dim)];
}

/// Whether `dimension` is visible where `op` stands, seen from inside of it.
static bool isDefinedOutside(Dimension dimension, Operation *op) {
  return dimension.isConstant() ||
         dimension.getValue().getParentRegion()->isAncestor(
             op->getParentRegion());
}

Dimension DimensionTable::get(Value tensor, int64_t dim) {
  return find(resolve(tensor, dim));
}

Dimension DimensionTable::get(OpFoldResult size) { return find(resolve(size)); }

Dimension DimensionTable::resolve(OpFoldResult size) {
  if (std::optional<int64_t> constant = getConstantIntValue(size))
    return Dimension::constant(*constant);
  Value value = cast<Value>(size);
  if (auto dimOp = value.getDefiningOp<tensor::DimOp>()) {
    std::optional<int64_t> dim = dimOp.getConstantIndex();
    auto type = dyn_cast<RankedTensorType>(dimOp.getSource().getType());
    if (dim && type && *dim >= 0 && *dim < type.getRank())
      return resolve(dimOp.getSource(), *dim);
  }
  return Dimension::index(value);
}

Dimension DimensionTable::resolve(Value tensor, int64_t dim) {
  auto type = cast<RankedTensorType>(tensor.getType());
  if (!type.isDynamicDim(dim))
    return Dimension::constant(type.getDimSize(dim));
  Key k{tensor, dim};
  if (auto known = resolved.find(k); known != resolved.end())
    return known->second;
  if (depth > kMaxDepth)
    return Dimension::ofTensor(tensor, dim);
  ++depth;
  Dimension result = compute(tensor, dim);
  --depth;
  resolved[k] = result;
  if (numAssumptions)
    derived.push_back(k);
  return result;
}

Dimension DimensionTable::computeLoopCarried(OpOperand &init, Value argument,
                                             Value yielded, int64_t dim) {
  // By induction: if the argument has the size of the initial value, does what
  // is yielded have it, too?
  Dimension unknown = Dimension::ofTensor(argument, dim);
  if (init.get().getType() != argument.getType())
    return unknown;
  Dimension initial = resolve(init.get(), dim);
  size_t numDerived = derived.size();
  ++numAssumptions;
  resolved[{argument, dim}] = initial;
  derived.push_back({argument, dim});
  bool holds = resolve(yielded, dim) == initial;
  --numAssumptions;
  while (!holds && derived.size() > numDerived)
    resolved.erase(derived.pop_back_val());
  if (numAssumptions == 0)
    derived.clear();
  return holds ? initial : unknown;
}

Dimension DimensionTable::compute(Value tensor, int64_t dim) {
  Dimension self = Dimension::ofTensor(tensor, dim);
  if (auto argument = dyn_cast<BlockArgument>(tensor)) {
    Operation *parent = argument.getOwner()->getParentOp();
    if (auto loop = dyn_cast_or_null<scf::ForOp>(parent)) {
      OpOperand *init = loop.getTiedLoopInit(argument);
      OpOperand *yielded = loop.getTiedLoopYieldedValue(argument);
      if (init && yielded)
        return computeLoopCarried(*init, argument, yielded->get(), dim);
    }
    if (auto loop = dyn_cast_or_null<scf::ForallOp>(parent))
      return resolve(loop.getTiedOpOperand(argument)->get(), dim);
    return self;
  }

  auto result = cast<OpResult>(tensor);
  Operation *op = result.getOwner();
  auto type = cast<RankedTensorType>(tensor.getType());
  // One condition chooses one tensor or the other, whatever their sizes.
  if (isa<arith::SelectOp>(op) && op->getOperand(0).getType().isInteger(1)) {
    Dimension chosen = resolve(op->getOperand(1), dim);
    return chosen == resolve(op->getOperand(2), dim) ? chosen : self;
  }
  if (OpTrait::hasElementwiseMappableTraits(op)) {
    for (Value operand : op->getOperands())
      if (auto source = dyn_cast<RankedTensorType>(operand.getType());
          source && source.getRank() == type.getRank())
        return resolve(operand, dim);
    return self;
  }
  return llvm::TypeSwitch<Operation *, Dimension>(op)
      .Case([&](tensor::EmptyOp empty) {
        return resolve(getDynamicSize(type, empty.getDynamicSizes(), dim));
      })
      .Case([&](tensor::SplatOp splat) {
        return resolve(getDynamicSize(type, splat.getDynamicSizes(), dim));
      })
      .Case([&](tensor::GenerateOp generate) {
        return resolve(getDynamicSize(type, generate.getDynamicExtents(), dim));
      })
      .Case<tensor::CastOp, tensor::BitcastOp>([&](auto cast) {
        auto source = dyn_cast<RankedTensorType>(cast.getSource().getType());
        return source ? resolve(cast.getSource(), dim) : self;
      })
      .Case([&](tensor::ExtractSliceOp slice) {
        llvm::SmallBitVector dropped = slice.getDroppedDims();
        int64_t kept = -1;
        for (auto [index, size] : llvm::enumerate(slice.getMixedSizes()))
          if (!dropped.test(index) && ++kept == dim)
            return resolve(size);
        return self;
      })
      .Case([&](tensor::ExpandShapeOp expand) {
        return resolve(expand.getMixedOutputShape()[dim]);
      })
      .Case([&](tensor::CollapseShapeOp collapse) {
        // The size of the one dimension that is not 1.
        std::optional<int64_t> only;
        RankedTensorType source = collapse.getSrcType();
        for (int64_t from : collapse.getReassociationIndices()[dim]) {
          if (source.getDimSize(from) == 1)
            continue;
          if (only)
            return self;
          only = from;
        }
        return only ? resolve(collapse.getSrc(), *only) : self;
      })
      .Case([&](tensor::ConcatOp concat) {
        return dim != static_cast<int64_t>(concat.getDim())
                   ? resolve(concat.getInputs().front(), dim)
                   : self;
      })
      .Case([&](scf::IfOp branch) {
        if (branch.getElseRegion().empty())
          return self;
        unsigned index = result.getResultNumber();
        Dimension onTrue = resolve(branch.thenYield().getOperand(index), dim);
        Dimension onFalse = resolve(branch.elseYield().getOperand(index), dim);
        return onTrue == onFalse && isDefinedOutside(onTrue, op) ? onTrue
                                                                 : self;
      })
      .Case([&](scf::ForOp loop) {
        Dimension carried = resolve(loop.getTiedLoopRegionIterArg(result), dim);
        return isDefinedOutside(carried, op) ? carried : self;
      })
      .Default([&](Operation *) {
        auto destination = dyn_cast<DestinationStyleOpInterface>(op);
        if (!destination || destination.getNumDpsInits() != op->getNumResults())
          return self;
        Value init = destination.getTiedOpOperand(result)->get();
        return init.getType() == type ? resolve(init, dim) : self;
      });
}

Dimension DimensionTable::find(Dimension dimension) const {
  for (auto parent = parents.find(key(dimension)); parent != parents.end();
       parent = parents.find(key(dimension)))
    dimension = parent->second;
  return dimension;
}

void DimensionTable::addFact(Dimension a, Dimension b) {
  a = find(a);
  b = find(b);
  if (a == b)
    return;
  // A constant is the best representative, then a size that exists: it is not
  // negative.
  if (b.isConstant() || (!a.isConstant() && a.isIndex()))
    std::swap(a, b);
  if (b.isConstant())
    return; // Two constants that differ: what follows is never reached.
  parents[key(b)] = a;
  undo.push_back(key(b));
}

void DimensionTable::popScope() {
  size_t size = scopes.pop_back_val();
  while (undo.size() > size)
    parents.erase(undo.pop_back_val());
}

Value DimensionTable::materialize(OpBuilder &builder, Location loc,
                                  Dimension dimension) {
  if (dimension.isConstant())
    return arith::ConstantIndexOp::create(builder, loc,
                                          dimension.getConstant());
  if (dimension.isIndex())
    return dimension.getValue();
  Value dim = arith::ConstantIndexOp::create(builder, loc, dimension.getDim());
  return builder.createOrFold<tensor::DimOp>(loc, dimension.getValue(), dim);
}
