//===- ChooseDestinations.cpp - Where updates and results are computed ===//
//
// One-Shot Bufferize decides whether the destination that an operation names is
// written in place; it does not look for a better one. An elementwise update
// whose destination is a fresh tensor therefore allocates, and a state that is
// also returned is never written in place. This pass names the destinations:
// naming one costs nothing where the analysis then finds a conflict, since a
// destination that is not read is replaced without a copy.
//
//===----------------------------------------------------------------------===//

#include "Checks/Dimensions.h"
#include "Variants.h"
#include "sym/Dialect/Sym/Transforms/Passes.h"

#include "mlir/Dialect/Bufferization/IR/Bufferization.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/IR/Dominance.h"

namespace mlir::sym {
#define GEN_PASS_DEF_SYMCHOOSEDESTINATIONS
#include "sym/Dialect/Sym/Transforms/Passes.h.inc"
} // namespace mlir::sym

using namespace mlir;
using namespace mlir::sym;

namespace {
struct ChooseDestinations
    : public sym::impl::SymChooseDestinationsBase<ChooseDestinations> {
  using Base::Base;
  void runOnOperation() override;

private:
  void runOnVariant(Variant &variant);
  void copyReturnedState(Variant &variant);
  bool computeInto(Value value, Value destination);
  bool hasShapeOf(Value value, Value destination);

  void collectChecked(func::FuncOp function);

  DimensionTable sizes;
  /// The operations that a check depends on.
  llvm::DenseSet<Operation *> checked;
};
} // namespace

/// Whether dimension `dim` of `value` is, for every run, that of `other`.
/// Answers no when in doubt.
static bool haveSameSize(Value value, Value other, int64_t dim) {
  if (value == other)
    return true;
  auto type = cast<RankedTensorType>(value.getType());
  auto otherType = cast<RankedTensorType>(other.getType());
  if (!type.isDynamicDim(dim) && !otherType.isDynamicDim(dim))
    return type.getDimSize(dim) == otherType.getDimSize(dim);
  auto result = dyn_cast<OpResult>(value);
  if (!result)
    return false;
  Operation *op = result.getOwner();
  if (auto empty = dyn_cast<tensor::EmptyOp>(op)) {
    if (!type.isDynamicDim(dim))
      return false;
    auto size = empty.getDynamicSize(dim).getDefiningOp<tensor::DimOp>();
    std::optional<int64_t> sizeDim =
        size ? size.getConstantIndex() : std::nullopt;
    return sizeDim == dim && haveSameSize(size.getSource(), other, dim);
  }
  if (auto structured = dyn_cast<linalg::LinalgOp>(op)) {
    OpOperand *init = structured.getDpsInitOperand(result.getResultNumber());
    // Operands that index a dimension by one iterator agree on its size.
    AffineMap map = structured.getMatchingIndexingMap(init);
    auto iterator = dyn_cast<AffineDimExpr>(map.getResult(dim));
    if (iterator)
      for (OpOperand *input : structured.getDpsInputOperands()) {
        auto inputType = dyn_cast<RankedTensorType>(input->get().getType());
        AffineMap inputMap = structured.getMatchingIndexingMap(input);
        if (inputType && dim < inputType.getRank() &&
            inputMap.getResult(dim) == iterator &&
            haveSameSize(input->get(), other, dim))
          return true;
      }
    return haveSameSize(init->get(), other, dim);
  }
  if (auto insert = dyn_cast<tensor::InsertOp>(op))
    return haveSameSize(insert.getDest(), other, dim);
  if (auto insert = dyn_cast<tensor::InsertSliceOp>(op))
    return haveSameSize(insert.getDest(), other, dim);
  if (auto alloc = dyn_cast<bufferization::AllocTensorOp>(op))
    return alloc.getCopy() && haveSameSize(alloc.getCopy(), other, dim);
  if (auto loop = dyn_cast<scf::ForOp>(op)) {
    unsigned number = result.getResultNumber();
    return haveSameSize(loop.getInitArgs()[number], other, dim) &&
           haveSameSize(loop.getYieldedValues()[number],
                        loop.getRegionIterArg(number), dim);
  }
  if (auto branch = dyn_cast<scf::IfOp>(op)) {
    unsigned number = result.getResultNumber();
    return haveSameSize(branch.thenYield().getOperand(number), other, dim) &&
           haveSameSize(branch.elseYield().getOperand(number), other, dim);
  }
  return false;
}

bool ChooseDestinations::hasShapeOf(Value value, Value destination) {
  auto type = cast<RankedTensorType>(value.getType());
  if (type != destination.getType())
    return false;
  for (int64_t dim = 0; dim < type.getRank(); ++dim)
    if (type.isDynamicDim(dim) && !haveSameSize(value, destination, dim) &&
        sizes.get(value, dim) != sizes.get(destination, dim))
      return false;
  return true;
}

/// Makes `destination` what the computation of `value` writes, where that is a
/// fresh tensor. Returns whether anything changed.
bool ChooseDestinations::computeInto(Value value, Value destination) {
  auto result = dyn_cast<OpResult>(value);
  if (!result || value.getType() != destination.getType())
    return false;
  Operation *op = result.getOwner();
  // What a loop yields may have been computed before it.
  if (!destination.getParentRegion()->isAncestor(op->getParentRegion()))
    return false;
  unsigned number = result.getResultNumber();
  if (auto structured = dyn_cast<linalg::LinalgOp>(op)) {
    OpOperand *init = structured.getDpsInitOperand(number);
    if (!init->get().getDefiningOp<tensor::EmptyOp>())
      return computeInto(init->get(), destination);
    if (checked.contains(op) || !hasShapeOf(value, destination))
      return false;
    // Two results of one operation cannot share a destination.
    for (OpOperand &other : structured.getDpsInitsMutable())
      if (other.get() == destination)
        return false;
    init->set(destination);
    ++numDestinations;
    return true;
  }
  if (auto insert = dyn_cast<tensor::InsertOp>(op))
    return computeInto(insert.getDest(), destination);
  if (auto insert = dyn_cast<tensor::InsertSliceOp>(op))
    return computeInto(insert.getDest(), destination);
  if (auto branch = dyn_cast<scf::IfOp>(op)) {
    bool changed =
        computeInto(branch.thenYield().getOperand(number), destination);
    changed |= computeInto(branch.elseYield().getOperand(number), destination);
    return changed;
  }
  if (auto loop = dyn_cast<scf::ForOp>(op)) {
    OpOperand &init = loop.getInitArgsMutable()[number];
    if (init.get().getDefiningOp<tensor::EmptyOp>() &&
        hasShapeOf(init.get(), destination)) {
      init.set(destination);
      ++numDestinations;
      return true;
    }
    return computeInto(init.get(), destination);
  }
  return false;
}

/// T3: a result that is a value from before the call, of a variable that the
/// call replaces, is copied first; so the variable can still be written in
/// place. So is a result that is also a new value (S1).
void ChooseDestinations::copyReturnedState(Variant &variant) {
  Operation *returnOp = variant.getBlock().getTerminator();
  OpBuilder builder(returnOp);
  for (unsigned index = 0; index < variant.getNumResults(); ++index) {
    OpOperand &operand = returnOp->getOpOperand(index);
    std::optional<unsigned> source = variant.getSourceIndex(operand.get());
    bool isReplaced = source && variant.getUpdateOfSource(*source);
    bool isNewValue = llvm::is_contained(
        returnOp->getOperands().drop_front(variant.getNumResults()),
        operand.get());
    // The old buffer may itself become the result.
    if (isReplaced && !variant.isWritable(*source))
      continue;
    if (isReplaced)
      builder.setInsertionPointToStart(&variant.getBlock());
    else if (isNewValue)
      builder.setInsertionPoint(returnOp);
    else
      continue;
    operand.set(bufferization::AllocTensorOp::create(
        builder, operand.get().getLoc(),
        cast<RankedTensorType>(operand.get().getType()), ValueRange(),
        /*copy=*/operand.get()));
    ++numResultCopies;
  }
}

/// T4: what a check depends on is computed before it, and so not into state.
void ChooseDestinations::collectChecked(func::FuncOp function) {
  SmallVector<Operation *> worklist;
  function.walk([&](CheckOp check) { worklist.push_back(check); });
  while (!worklist.empty()) {
    Operation *op = worklist.pop_back_val();
    if (!checked.insert(op).second)
      continue;
    // What decides whether it runs.
    if (!isa<func::FuncOp>(op->getParentOp()))
      worklist.push_back(op->getParentOp());
    op->walk([&](Operation *nested) {
      for (Value operand : nested->getOperands())
        if (Operation *def = operand.getDefiningOp())
          worklist.push_back(def);
    });
  }
}

void ChooseDestinations::runOnVariant(Variant &variant) {
  sizes = DimensionTable();
  checked.clear();
  copyReturnedState(variant);
  // A carried tensor is replaced by one that may be written over it.
  variant.function.walk([&](scf::ForOp loop) {
    for (auto [argument, yielded] :
         llvm::zip(loop.getRegionIterArgs(), loop.getYieldedValues()))
      if (isa<RankedTensorType>(argument.getType()))
        computeInto(yielded, argument);
  });
  if (!variant.inPlace)
    return;
  collectChecked(variant.function);
  Operation *returnOp = variant.getBlock().getTerminator();
  for (unsigned update = 0; update < variant.getNumUpdates(); ++update)
    if (std::optional<unsigned> source = variant.getSourceOfUpdate(update))
      computeInto(returnOp->getOperand(variant.getNumResults() + update),
                  variant.getSource(*source));
}

void ChooseDestinations::runOnOperation() {
  SmallVector<Variant> variants;
  if (failed(collectVariants(getOperation(), variants)))
    return signalPassFailure();
  for (Variant &variant : variants)
    runOnVariant(variant);
}
