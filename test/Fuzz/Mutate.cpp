//===- Mutate.cpp - Changes programs at random ----------------------------===//
//
// Changes that keep most of a program as it is, so that many of the results
// verify and get far. Text is changed elsewhere.
//
//===----------------------------------------------------------------------===//

#include "Mutate.h"

#include "mlir/IR/Builders.h"
#include "mlir/IR/BuiltinTypes.h"
#include "mlir/Interfaces/FunctionInterfaces.h"

#include <functional>

using namespace mlir;
using namespace mlir::sym;

namespace {
class Mutator {
public:
  Mutator(ModuleOp module, std::mt19937_64 &rng) : module(module), rng(rng) {}

  void change();

private:
  size_t below(size_t bound) { return bound ? rng() % bound : 0; }
  template <typename RangeT> auto &pick(RangeT &range) {
    return range[below(range.size())];
  }

  int64_t getNumber();
  Attribute getOther(Attribute attribute);
  Type getOther(Type type);
  Value getAlike(Value value, bool anyType);

  void changeOperand(Operation *op);
  void changeAttribute(Operation *op);
  void changeType(Operation *op);
  void changeTypeEverywhere();
  void move(Operation *op);
  void duplicate(Operation *op);
  void erase(Operation *op);
  void replaceByOperand(Operation *op);
  void swapOperands(Operation *op);

  ModuleOp module;
  std::mt19937_64 &rng;
};
} // namespace

int64_t Mutator::getNumber() {
  static const int64_t numbers[] = {0,
                                    1,
                                    -1,
                                    2,
                                    3,
                                    4,
                                    5,
                                    7,
                                    8,
                                    16,
                                    31,
                                    33,
                                    64,
                                    127,
                                    128,
                                    255,
                                    1000,
                                    1 << 16,
                                    int64_t(1) << 31,
                                    int64_t(1) << 40,
                                    int64_t(1) << 62,
                                    std::numeric_limits<int64_t>::max(),
                                    std::numeric_limits<int64_t>::min()};
  // Small ones go further.
  return below(4) ? numbers[below(10)] : numbers[below(std::size(numbers))];
}

Attribute Mutator::getOther(Attribute attribute) {
  Builder builder(attribute.getContext());
  if (auto integer = dyn_cast<IntegerAttr>(attribute)) {
    unsigned width = integer.getType().isIndex()
                         ? 64
                         : integer.getType().getIntOrFloatBitWidth();
    APInt value(64, getNumber(), true);
    return IntegerAttr::get(integer.getType(), value.sextOrTrunc(width));
  }
  if (auto number = dyn_cast<FloatAttr>(attribute)) {
    static const double numbers[] = {0.0,   -0.0,   1.0, -1.0, 0.5,
                                     1e300, 1e-300, 3e9, -3e9, 1e19};
    if (below(4) == 0)
      return FloatAttr::get(
          number.getType(),
          APFloat::getNaN(
              cast<FloatType>(number.getType()).getFloatSemantics()));
    return FloatAttr::get(number.getType(), numbers[below(std::size(numbers))]);
  }
  if (auto array = dyn_cast<DenseI64ArrayAttr>(attribute)) {
    SmallVector<int64_t> values(array.asArrayRef());
    if (values.empty() || below(8) == 0)
      values.push_back(getNumber());
    else if (below(8) == 0)
      values.pop_back();
    else
      pick(values) = below(4) ? getNumber() : ShapedType::kDynamic;
    return builder.getDenseI64ArrayAttr(values);
  }
  if (auto array = dyn_cast<ArrayAttr>(attribute)) {
    SmallVector<Attribute> values(array.getValue());
    if (values.empty())
      return attribute;
    if (below(4) == 0)
      values.erase(values.begin() + below(values.size()));
    else if (below(4) == 0)
      std::swap(pick(values), pick(values));
    else {
      Attribute &value = pick(values);
      value = getOther(value);
    }
    return builder.getArrayAttr(values);
  }
  if (auto dense = dyn_cast<DenseElementsAttr>(attribute)) {
    if (dense.getType().getNumElements() == 0)
      return attribute;
    Type type = dense.getElementType();
    if (!type.isIntOrIndexOrFloat())
      return attribute;
    Attribute one = getOther(isa<FloatType>(type)
                                 ? Attribute(builder.getFloatAttr(type, 0))
                                 : Attribute(builder.getIntegerAttr(type, 0)));
    if (below(2) || dense.getType().getNumElements() > 1000)
      return DenseElementsAttr::get(dense.getType(), one);
    SmallVector<Attribute> values(dense.getValues<Attribute>());
    pick(values) = one;
    return DenseElementsAttr::get(dense.getType(), values);
  }
  if (auto map = dyn_cast<AffineMapAttr>(attribute)) {
    SmallVector<AffineExpr> results(map.getValue().getResults());
    unsigned dims = map.getValue().getNumDims();
    AffineExpr dim = dims
                         ? getAffineDimExpr(below(dims), attribute.getContext())
                         : getAffineConstantExpr(0, attribute.getContext());
    if (results.empty() || below(4) == 0)
      results.push_back(dim);
    else if (below(4) == 0)
      results.pop_back();
    else if (below(3) == 0)
      pick(results) = pick(results) + getNumber();
    else
      pick(results) = dim;
    return AffineMapAttr::get(AffineMap::get(
        dims, map.getValue().getNumSymbols(), results, attribute.getContext()));
  }
  if (auto type = dyn_cast<TypeAttr>(attribute))
    return TypeAttr::get(getOther(type.getValue()));
  if (isa<UnitAttr>(attribute))
    return {};
  if (isa<FlatSymbolRefAttr>(attribute)) {
    // Another symbol of the module.
    SmallVector<StringAttr> names;
    for (Operation &op : *module.getBody())
      if (auto name = op.getAttrOfType<StringAttr>("sym_name"))
        names.push_back(name);
    return names.empty() ? attribute
                         : Attribute(FlatSymbolRefAttr::get(pick(names)));
  }
  return attribute;
}

Type Mutator::getOther(Type type) {
  Builder builder(type.getContext());
  if (auto tensor = dyn_cast<RankedTensorType>(type)) {
    SmallVector<int64_t> shape(tensor.getShape());
    switch (below(6)) {
    case 0:
      return RankedTensorType::get(shape, getOther(tensor.getElementType()));
    case 1:
      shape.push_back(below(2) ? 1 : ShapedType::kDynamic);
      break;
    case 2:
      if (!shape.empty())
        shape.pop_back();
      break;
    default: {
      static const int64_t sizes[] = {0, 1, 2, 3, 5, 17, ShapedType::kDynamic};
      if (!shape.empty())
        pick(shape) = sizes[below(std::size(sizes))];
    }
    }
    return RankedTensorType::get(shape, tensor.getElementType());
  }
  if (isa<IntegerType, FloatType, IndexType>(type)) {
    static const unsigned widths[] = {1, 4, 8, 16, 32, 64, 128};
    const Type others[] = {
        builder.getIntegerType(widths[below(std::size(widths))]),
        builder.getF16Type(),
        builder.getBF16Type(),
        builder.getF32Type(),
        builder.getF64Type(),
        builder.getIndexType(),
        ComplexType::get(builder.getF32Type())};
    return others[below(std::size(others))];
  }
  return type;
}

Value Mutator::getAlike(Value value, bool anyType) {
  SmallVector<Value> alike;
  auto consider = [&](Value other) {
    if (other != value && (anyType || other.getType() == value.getType()))
      alike.push_back(other);
  };
  Operation *function = value.getParentRegion()->getParentOp();
  while (function && !isa_and_nonnull<ModuleOp>(function->getParentOp()))
    function = function->getParentOp();
  if (!function)
    return value;
  function->walk([&](Operation *op) {
    llvm::for_each(op->getResults(), consider);
    for (Region &region : op->getRegions())
      for (Block &block : region)
        llvm::for_each(block.getArguments(), consider);
  });
  return alike.empty() ? value : pick(alike);
}

void Mutator::changeOperand(Operation *op) {
  if (op->getNumOperands() == 0)
    return changeAttribute(op);
  OpOperand &operand = op->getOpOperand(below(op->getNumOperands()));
  operand.set(getAlike(operand.get(), below(8) == 0));
}

void Mutator::swapOperands(Operation *op) {
  if (op->getNumOperands() < 2)
    return changeOperand(op);
  OpOperand &one = op->getOpOperand(below(op->getNumOperands()));
  OpOperand &other = op->getOpOperand(below(op->getNumOperands()));
  Value value = one.get();
  one.set(other.get());
  other.set(value);
}

void Mutator::changeAttribute(Operation *op) {
  SmallVector<NamedAttribute> attributes(op->getAttrs());
  if (attributes.empty())
    return move(op);
  NamedAttribute attribute = pick(attributes);
  Attribute other = getOther(attribute.getValue());
  if (other)
    op->setAttr(attribute.getName(), other);
  else
    op->removeAttr(attribute.getName());
}

void Mutator::changeType(Operation *op) {
  if (op->getNumResults() == 0)
    return changeTypeEverywhere();
  OpResult result = op->getResult(below(op->getNumResults()));
  result.setType(getOther(result.getType()));
}

/// Operations that agree on a type still do.
void Mutator::changeTypeEverywhere() {
  SmallVector<Type> types;
  module.walk([&](Operation *op) {
    llvm::append_range(types, op->getResultTypes());
    for (Region &region : op->getRegions())
      for (Block &block : region)
        llvm::append_range(types, block.getArgumentTypes());
  });
  if (types.empty())
    return;
  Type from = pick(types), to = getOther(from);
  AttrTypeReplacer replacer;
  replacer.addReplacement([&](Type type) -> std::optional<Type> {
    return type == from ? std::optional<Type>(to) : std::nullopt;
  });
  // A constant is of a type, too.
  replacer.addReplacement([&](DenseElementsAttr dense)
                              -> AttrTypeReplacer::ReplaceFnResult<Attribute> {
    auto shaped = dyn_cast<RankedTensorType>(to);
    if (Type(dense.getType()) != from || !shaped || !shaped.hasStaticShape() ||
        shaped.getElementType() != dense.getElementType() || !dense.isSplat())
      return std::pair(Attribute(dense), WalkResult::skip());
    return std::pair(Attribute(DenseElementsAttr::get(
                         shaped, dense.getSplatValue<Attribute>())),
                     WalkResult::skip());
  });
  replacer.recursivelyReplaceElementsIn(module, /*replaceAttrs=*/true,
                                        /*replaceLocs=*/false,
                                        /*replaceTypes=*/true);
}

void Mutator::move(Operation *op) {
  Block *block = op->getBlock();
  if (!block || op->hasTrait<OpTrait::IsTerminator>())
    return;
  size_t steps = 1 + below(4);
  bool up = below(2);
  auto at = Block::iterator(op);
  while (steps-- &&
         (up ? at != block->begin() : std::next(at) != std::prev(block->end())))
    at = up ? std::prev(at) : std::next(at);
  if (&*at == op)
    return;
  if (up)
    op->moveBefore(&*at);
  else
    op->moveAfter(&*at);
}

void Mutator::duplicate(Operation *op) {
  if (op->hasTrait<OpTrait::IsTerminator>() || op == module)
    return;
  OpBuilder builder(op);
  builder.setInsertionPointAfter(op);
  Operation *copy = builder.clone(*op);
  // Some uses are of the copy.
  for (auto [old, result] : llvm::zip(op->getResults(), copy->getResults()))
    old.replaceUsesWithIf(result, [&](OpOperand &use) {
      return use.getOwner() != copy && below(2) != 0;
    });
}

void Mutator::erase(Operation *op) {
  if (op->hasTrait<OpTrait::IsTerminator>())
    return;
  for (Value result : op->getResults()) {
    Value other = getAlike(result, false);
    if (other == result && !result.use_empty())
      return;
    result.replaceAllUsesWith(other);
  }
  // Its own operands may have been meant.
  op->dropAllReferences();
  op->dropAllUses();
  // Not freed: what stands elsewhere by now may refer to what it holds.
  op->remove();
}

void Mutator::replaceByOperand(Operation *op) {
  for (Value result : op->getResults())
    for (Value operand : op->getOperands())
      if (operand.getType() == result.getType())
        return result.replaceAllUsesExcept(operand, op);
  changeOperand(op);
}

void Mutator::change() {
  SmallVector<Operation *> ops;
  module.walk([&](Operation *op) {
    if (op != module)
      ops.push_back(op);
  });
  if (ops.empty())
    return;
  Operation *op = pick(ops);
  switch (below(12)) {
  case 0:
  case 1:
    return changeOperand(op);
  case 2:
    return swapOperands(op);
  case 3:
  case 4:
  case 5:
    return changeAttribute(op);
  case 6:
    return changeType(op);
  case 7:
  case 8:
    return changeTypeEverywhere();
  case 9:
    return below(2) ? move(op) : erase(op);
  case 10:
    return duplicate(op);
  default:
    return replaceByOperand(op);
  }
}

void mlir::sym::mutate(ModuleOp module, std::mt19937_64 &rng, unsigned count) {
  for (unsigned i = 0; i < count; ++i)
    Mutator(module, rng).change();
}
