//===- SymStageOps.cpp - What stages leave for later ones -------------===//

#include "SymbolUse.h"

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "llvm/ADT/SmallPtrSet.h"

using namespace mlir;
using namespace mlir::sym;

//===----------------------------------------------------------------------===//
// EntryOp
//===----------------------------------------------------------------------===//

/// entry_c3
static LogicalResult verifySlots(EntryOp op, ArrayAttr slots, bool inPlace) {
  unsigned numResults = op.getFunctionType().getNumResults();
  // Not assigned yet: the variants return their values (verifySymbolUses).
  if (slots.empty())
    return success();
  if (slots.size() != numResults + op.getUpdates().size())
    return op.emitOpError()
           << "has " << slots.size() << " slots, but " << numResults
           << " results and " << op.getUpdates().size() << " updates";
  /// The kind of the slot that updates `variable`, if any does.
  auto kindOfUpdate = [&](Attribute variable) -> std::optional<SlotKind> {
    for (auto [index, update] : llvm::enumerate(op.getUpdates()))
      if (update == variable)
        return cast<SlotAttr>(slots[numResults + index]).getKind();
    return std::nullopt;
  };
  llvm::SmallPtrSet<Attribute, 8> moved;
  for (size_t index = 0, end = slots.size(); index != end; ++index) {
    auto slot = cast<SlotAttr>(slots[index]);
    auto fail = [&](const Twine &why) -> LogicalResult {
      return op.emitOpError() << "slot #" << index << " " << why;
    };
    if (index < numResults && slot.getKind() != SlotKind::Fresh &&
        slot.getKind() != SlotKind::Moved)
      return fail("is a result and must be fresh or moved");
    if (slot.getKind() == SlotKind::InPlace) {
      if (!inPlace)
        return fail("is in place in the out-of-place variant");
      if (!llvm::is_contained(op.getReads(),
                              op.getUpdates()[index - numResults]))
        return fail("is in place, but its variable is not read");
    }
    if ((slot.getKind() == SlotKind::Moved) != (slot.getSource() >= 0))
      return fail("has a source if and only if it is moved");
    if (slot.getKind() != SlotKind::Moved)
      continue;
    if (slot.getSource() >= static_cast<int32_t>(op.getReads().size()))
      return fail("moves a source that does not exist");
    Attribute source = op.getReads()[slot.getSource()];
    if (!moved.insert(source).second)
      return fail("moves a source that another slot moves");
    std::optional<SlotKind> kind = kindOfUpdate(source);
    if (!kind || *kind == SlotKind::InPlace)
      return fail("moves the buffer of a variable that keeps it");
  }
  return success();
}

LogicalResult EntryOp::verify() {
  // entry_c1
  if (failed(verifyDistinct(*this, getReads(), "reads")) ||
      failed(verifyDistinct(*this, getUpdates(), "updates")))
    return failure();
  // entry_c2
  if (getInplace().has_value() != getOutofplace().has_value() ||
      getInplace().has_value() == getBody().has_value())
    return emitOpError() << "must have either a body or both variants";
  if (getInplace().has_value() != getInplaceSlots().has_value() ||
      getOutofplace().has_value() != getOutofplaceSlots().has_value())
    return emitOpError() << "must have slots for each variant, and only those";
  // entry_c4
  FunctionType type = getFunctionType();
  for (Type crossing :
       llvm::concat<const Type>(type.getInputs(), type.getResults())) {
    auto tensor = dyn_cast<RankedTensorType>(crossing);
    if (!tensor || !isStorable(tensor))
      return emitOpError() << "must take and return storable ranked tensors, "
                              "but got "
                           << crossing;
  }
  auto verifyFlags = [&](std::optional<ArrayAttr> dictionaries, size_t expected,
                         StringRef what, bool isResult) -> LogicalResult {
    if (!dictionaries)
      return success();
    if (dictionaries->size() != expected)
      return emitOpError() << "has attributes for " << dictionaries->size()
                           << " " << what << "s, but " << expected << " "
                           << what << "s";
    for (Attribute dictionary : *dictionaries)
      for (NamedAttribute flag : cast<DictionaryAttr>(dictionary))
        if (!isa<UnitAttr>(flag.getValue()) ||
            (flag.getName() != SymDialect::kBorrowAttrName &&
             (isResult || flag.getName() != SymDialect::kMutableAttrName)))
          return emitOpError()
                 << what << " attribute '" << flag.getName().getValue()
                 << "' is neither sym.borrow nor, for arguments, sym.mutable";
    return success();
  };
  if (failed(verifyFlags(getArgAttrs(), type.getNumInputs(), "argument",
                         /*isResult=*/false)) ||
      failed(verifyFlags(getResAttrs(), type.getNumResults(), "result",
                         /*isResult=*/true)))
    return failure();
  if (!getInplace())
    return success();
  if (failed(verifySlots(*this, *getInplaceSlots(), /*inPlace=*/true)))
    return failure();
  return verifySlots(*this, *getOutofplaceSlots(), /*inPlace=*/false);
}

LogicalResult EntryOp::verifySymbolUses(SymbolTableCollection &symbols) {
  FunctionType type = getFunctionType();
  SmallVector<RankedTensorType> arguments, results;
  auto addTensors = [](TypeRange types,
                       SmallVectorImpl<RankedTensorType> &into) {
    for (Type type : types)
      into.push_back(cast<RankedTensorType>(type));
  };
  auto addVariables =
      [&](ArrayAttr variables,
          SmallVectorImpl<RankedTensorType> &into) -> LogicalResult {
    for (Attribute attribute : variables) {
      auto variable = symbols.lookupNearestSymbolFrom<SharedOp>(
          *this, cast<FlatSymbolRefAttr>(attribute));
      if (!variable)
        return emitOpError()
               << "uses " << attribute << ", which is not a sym.shared";
      into.push_back(variable.getTensorType());
    }
    return success();
  };
  addTensors(type.getInputs(), arguments);
  addTensors(type.getResults(), results);
  if (failed(addVariables(getReads(), arguments)) ||
      failed(addVariables(getUpdates(), results)))
    return failure();

  // entry_c2
  auto matches = [](TypeRange found, ArrayRef<RankedTensorType> expected) {
    return found.size() == expected.size() &&
           llvm::all_of_zip(found, expected, [](Type type, auto tensor) {
             return hasTensorType(type, tensor);
           });
  };
  auto check = [&](std::optional<StringRef> name,
                   bool returnsValues) -> LogicalResult {
    if (!name)
      return success();
    auto symbol = FlatSymbolRefAttr::get(getContext(), *name);
    // What a function has been lowered to (llvm.func) is the next stage's.
    Operation *function = symbols.lookupNearestSymbolFrom(*this, symbol);
    if (!function)
      return emitOpError() << "names unknown function " << symbol;
    auto func = dyn_cast<func::FuncOp>(function);
    if (func && (!matches(func.getArgumentTypes(), arguments) ||
                 !matches(func.getResultTypes(),
                          returnsValues ? ArrayRef(results)
                                        : ArrayRef<RankedTensorType>())))
      return emitOpError() << "does not fit the type of " << symbol << ", "
                           << func.getFunctionType();
    return success();
  };
  auto isEmpty = [](std::optional<ArrayAttr> slots) {
    return slots && slots->empty();
  };
  if (failed(check(getBody(), true)) ||
      failed(check(getInplace(), isEmpty(getInplaceSlots()))) ||
      failed(check(getOutofplace(), isEmpty(getOutofplaceSlots()))))
    return failure();
  return success();
}

bool mlir::sym::isRelaxed(EntryOp entry, Attribute variable) {
  auto shared = SymbolTable::lookupNearestSymbolFrom<SharedOp>(
      entry, cast<FlatSymbolRefAttr>(variable));
  return shared && shared.getPolicy() == UpdatePolicy::Relaxed;
}

//===----------------------------------------------------------------------===//
// AllocResultOp
//===----------------------------------------------------------------------===//

LogicalResult AllocResultOp::verify() {
  // alloc_result_c1
  auto type = cast<MemRefType>(getType());
  if (static_cast<size_t>(type.getNumDynamicDims()) != getDynamicSizes().size())
    return emitOpError() << "has " << getDynamicSizes().size() << " sizes, but "
                         << type << " has " << type.getNumDynamicDims()
                         << " dynamic dimensions";
  if (!type.getLayout().isIdentity())
    return emitOpError() << "needs a buffer of identity layout, but got "
                         << type;
  // alloc_result_c2
  if (static_cast<int32_t>(getSlot()) < 0)
    return emitOpError() << "has the negative slot "
                         << static_cast<int32_t>(getSlot());
  return success();
}

//===----------------------------------------------------------------------===//
// SelectResultOp, MoveResultOp and ArenaOp
//===----------------------------------------------------------------------===//

LogicalResult SelectResultOp::verify() {
  // select_result_c1
  if (static_cast<int32_t>(getSlot()) < 0)
    return emitOpError() << "has the negative slot "
                         << static_cast<int32_t>(getSlot());
  return success();
}

LogicalResult MoveResultOp::verify() {
  // move_result_c1
  for (uint32_t number : {getSlot(), getSource()})
    if (static_cast<int32_t>(number) < 0)
      return emitOpError() << "has the negative number "
                           << static_cast<int32_t>(number);
  return success();
}

LogicalResult ArenaOp::verify() {
  // arena_c1
  auto type = cast<MemRefType>(getType());
  if (type.getRank() != 1 || !type.isDynamicDim(0) ||
      !type.getLayout().isIdentity())
    return emitOpError() << "needs a buffer of type memref<?xi8>, but got "
                         << type;
  return success();
}
