//===- SymHostOps.cpp - Operations of host programs -------------------===//

#include "SymbolUse.h"

using namespace mlir;
using namespace mlir::sym;

LogicalResult CallOp::verifySymbolUses(SymbolTableCollection &symbols) {
  // call_c3
  if (failed(verifyHostOp(*this)))
    return failure();
  // call_c1
  Operation *callee = symbols.lookupNearestSymbolFrom(*this, getCalleeAttr());
  if (!callee)
    return emitOpError() << "calls unknown function " << getCalleeAttr();
  FunctionType type;
  if (auto function = dyn_cast<FuncOp>(callee))
    type = function.getFunctionType();
  else if (auto entry = dyn_cast<EntryOp>(callee))
    type = entry.getFunctionType();
  if (!type) {
    InFlightDiagnostic diagnostic = emitOpError() << "needs a sym.func, but "
                                                  << getCalleeAttr() << " is a "
                                                  << callee->getName();
    diagnostic.attachNote(callee->getLoc()) << "declared here";
    return diagnostic;
  }
  // call_c2
  auto matches = [](TypeRange found, TypeRange expected) {
    return found.size() == expected.size() &&
           llvm::all_of_zip(found, expected, [](Type lhs, Type rhs) {
             return hasTensorType(lhs, cast<RankedTensorType>(rhs));
           });
  };
  if (!matches(getArguments().getTypes(), type.getInputs()) ||
      !matches(getOutputs().getTypes(), type.getResults()))
    return emitOpError() << "has type "
                         << FunctionType::get(getContext(),
                                              getArguments().getTypes(),
                                              getOutputs().getTypes())
                         << ", but " << getCalleeAttr() << " has type " << type;
  return success();
}

/// A buffer that an operation yields is its user's to free.
static void addAllocations(
    ResultRange results,
    SmallVectorImpl<SideEffects::EffectInstance<MemoryEffects::Effect>>
        &effects) {
  for (OpResult result : results)
    if (isa<MemRefType>(result.getType()))
      effects.emplace_back(MemoryEffects::Allocate::get(), result);
}

void CallOp::getEffects(
    SmallVectorImpl<SideEffects::EffectInstance<MemoryEffects::Effect>>
        &effects) {
  effects.emplace_back(MemoryEffects::Read::get());
  effects.emplace_back(MemoryEffects::Write::get());
  addAllocations(getOperation()->getResults(), effects);
  // Written too: who sees nothing but an allocation takes the call away with
  // results that are only freed.
  for (OpResult result : getOperation()->getResults())
    if (isa<MemRefType>(result.getType()))
      effects.emplace_back(MemoryEffects::Write::get(), result);
}

void GetValueOp::getEffects(
    SmallVectorImpl<SideEffects::EffectInstance<MemoryEffects::Effect>>
        &effects) {
  effects.emplace_back(MemoryEffects::Read::get());
  addAllocations(getOperation()->getResults(), effects);
}

LogicalResult GetValueOp::verifySymbolUses(SymbolTableCollection &symbols) {
  // get_value_c2, get_value_c1
  if (failed(verifyHostOp(*this)))
    return failure();
  return verifyVariableUse(*this, getVariableAttr(), getType(), "the result",
                           symbols);
}

LogicalResult SetValueOp::verifySymbolUses(SymbolTableCollection &symbols) {
  // set_value_c2, set_value_c1
  if (failed(verifyHostOp(*this)))
    return failure();
  return verifyVariableUse(*this, getVariableAttr(), getValue().getType(),
                           "the value", symbols);
}

LogicalResult BorrowOp::verifySymbolUses(SymbolTableCollection &symbols) {
  // borrow_c2, borrow_c1
  if (failed(verifyHostOp(*this)))
    return failure();
  return verifyVariableUse(*this, getVariableAttr(),
                           getBorrow().getType().getTensor(), "the borrow",
                           symbols);
}

LogicalResult ViewOp::verify() {
  // view_c2
  if (failed(verifyHostOp(*this)))
    return failure();
  // view_c1
  if (!hasTensorType(getType(), getBorrow().getType().getTensor()))
    return emitOpError() << "has type " << getType() << ", but borrows "
                         << getBorrow().getType().getTensor();
  return success();
}

LogicalResult ReleaseOp::verify() {
  // release_c2
  if (failed(verifyHostOp(*this)))
    return failure();
  // release_c1
  if (!getValue())
    return success();
  BorrowType borrow = getBorrow().getType();
  if (borrow.getKind() != BorrowKind::Exclusive)
    return emitOpError() << "commits a value, but a "
                         << stringifyBorrowKind(borrow.getKind())
                         << " borrow cannot be written";
  if (!hasTensorType(getValue().getType(), borrow.getTensor()))
    return emitOpError() << "commits a value of type " << getValue().getType()
                         << ", but borrows " << borrow.getTensor();
  return success();
}

LogicalResult PrintOp::verify() {
  // print_c1
  return verifyHostOp(*this);
}
