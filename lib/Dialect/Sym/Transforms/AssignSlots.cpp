//===- AssignSlots.cpp - What each result and update is (C1) ----------===//
//
// After bufferization a variant returns buffers. This pass says of each what it
// is: the variable's own buffer, written in place; the untouched buffer of a
// source, which moves, or of one of several, which is selected; or a buffer of
// the slot's own. A result can also be the old buffer of a variable that gets
// another one. What is none of these (a view, a constant, an argument handed
// back, one buffer returned twice) is copied into a buffer of the slot's own
// (S1).
//
//===----------------------------------------------------------------------===//

#include "Variants.h"
#include "sym/Dialect/Sym/Transforms/Passes.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/SCF/IR/SCF.h"

namespace mlir::sym {
#define GEN_PASS_DEF_SYMASSIGNSLOTS
#include "sym/Dialect/Sym/Transforms/Passes.h.inc"
} // namespace mlir::sym

using namespace mlir;
using namespace mlir::sym;

namespace {
struct AssignSlots : public sym::impl::SymAssignSlotsBase<AssignSlots> {
  using Base::Base;
  void runOnOperation() override;

private:
  LogicalResult runOnVariant(Variant &variant);
  void keepScratchOutOfSources(Variant &variant);
  void assignInPlace(Variant &variant);
  void assignMoved(Variant &variant);
  void assignSelected(Variant &variant);
  bool canSelect(Variant &variant, ArrayRef<unsigned> selected);
  bool assignMovedResult(Variant &variant, unsigned slot);
  void assignFresh(Variant &variant, unsigned slot);
  void mergeVariants(EntryOp entry, SymbolTable &symbols);

  /// Of the variant at hand: null while a slot has no kind.
  SmallVector<Attribute> slots;
};
} // namespace

/// The buffer itself, behind casts that change its static shape only.
static Value stripCasts(Value buffer) {
  while (auto cast = buffer.getDefiningOp<memref::CastOp>())
    buffer = cast.getSource();
  return buffer;
}

static Value getReturned(Variant &variant, unsigned slot) {
  return stripCasts(variant.getBlock().getTerminator()->getOperand(slot));
}

static SmallVector<Value> createDynamicSizes(OpBuilder &builder, Location loc,
                                             Value buffer) {
  SmallVector<Value> sizes;
  auto type = cast<MemRefType>(buffer.getType());
  for (int64_t dim = 0; dim < type.getRank(); ++dim)
    if (type.isDynamicDim(dim))
      sizes.push_back(memref::DimOp::create(builder, loc, buffer, dim));
  return sizes;
}

/// Bufferization may use the buffer of a variable that is replaced as scratch
/// for something else. Only a buffer that becomes the new value may be written,
/// since only of those the runtime makes sure that nobody else holds them.
void AssignSlots::keepScratchOutOfSources(Variant &variant) {
  SourceAccess access(variant);
  for (unsigned source = 0; source < variant.getNumSources(); ++source) {
    BlockArgument buffer = variant.getSource(source);
    std::optional<unsigned> update = variant.getUpdateOfSource(source);
    if (!access.isWritten(source) ||
        (variant.inPlace && update &&
         getReturned(variant, variant.getNumResults() + *update) == buffer))
      continue;
    OpBuilder builder = OpBuilder::atBlockBegin(&variant.getBlock());
    Location loc = buffer.getLoc();
    SmallVector<Value> sizes = createDynamicSizes(builder, loc, buffer);
    Value copy = memref::AllocOp::create(
        builder, loc, cast<MemRefType>(buffer.getType()), sizes);
    auto copyOp = memref::CopyOp::create(builder, loc, buffer, copy);
    buffer.replaceUsesWithIf(copy, [&](OpOperand &use) {
      return use.getOwner() != copyOp && !isa<memref::DimOp>(use.getOwner());
    });
    ++numCopies;
  }
}

void AssignSlots::assignInPlace(Variant &variant) {
  if (!variant.inPlace)
    return;
  for (unsigned update = 0; update < variant.getNumUpdates(); ++update) {
    unsigned slot = variant.getNumResults() + update;
    std::optional<unsigned> source = variant.getSourceOfUpdate(update);
    if (!source || getReturned(variant, slot) != variant.getSource(*source))
      continue;
    slots[slot] = SlotAttr::get(&getContext(), SlotKind::InPlace, -1);
    ++numInPlace;
  }
}

/// A source moves to the first slot that returns it, if the variable that it
/// is taken from gets another buffer.
void AssignSlots::assignMoved(Variant &variant) {
  llvm::SmallDenseSet<unsigned> moved;
  for (unsigned update = 0; update < variant.getNumUpdates(); ++update) {
    unsigned slot = variant.getNumResults() + update;
    std::optional<unsigned> source =
        variant.getSourceIndex(getReturned(variant, slot));
    if (slots[slot] || !source || moved.contains(*source))
      continue;
    std::optional<unsigned> loser = variant.getUpdateOfSource(*source);
    // A slot without a kind yet will be moved or fresh.
    if (!loser || slots[variant.getNumResults() + *loser])
      if (!loser ||
          cast<SlotAttr>(slots[variant.getNumResults() + *loser]).getKind() ==
              SlotKind::InPlace)
        continue;
    moved.insert(*source);
    slots[slot] = SlotAttr::get(&getContext(), SlotKind::Moved, *source);
    ++numMoved;
  }
}

namespace {
/// The ways in which branches can decide what a tuple of buffers is.
class Paths {
public:
  /// Calls `callback` for each tuple of buffers that branches no longer decide.
  /// False if a callback returns false, or if there are too many.
  bool forEach(ArrayRef<Value> tuple,
               function_ref<bool(ArrayRef<Value>)> callback) {
    if (++numVisited > kMaxVisited)
      return false;
    for (Value value : tuple) {
      auto result = dyn_cast<OpResult>(stripCasts(value));
      if (!result)
        continue;
      Operation *op = result.getOwner();
      if (auto select = dyn_cast<arith::SelectOp>(op))
        return forEachCase(tuple, select.getCondition(), callback);
      if (auto branch = dyn_cast<scf::IfOp>(op))
        return forEachCase(tuple, branch.getCondition(), callback);
    }
    return callback(tuple);
  }

private:
  /// One condition decides alike wherever it stands.
  bool forEachCase(ArrayRef<Value> tuple, Value condition,
                   function_ref<bool(ArrayRef<Value>)> callback) {
    for (bool taken : {true, false}) {
      SmallVector<Value> decided;
      for (Value value : tuple) {
        value = stripCasts(value);
        while (Value next = decide(value, condition, taken))
          value = stripCasts(next);
        decided.push_back(value);
      }
      if (!forEach(decided, callback))
        return false;
    }
    return true;
  }

  static Value decide(Value value, Value condition, bool taken) {
    auto result = dyn_cast<OpResult>(value);
    if (!result)
      return {};
    if (auto select = dyn_cast<arith::SelectOp>(result.getOwner()))
      if (select.getCondition() == condition)
        return taken ? select.getTrueValue() : select.getFalseValue();
    if (auto branch = dyn_cast<scf::IfOp>(result.getOwner()))
      if (branch.getCondition() == condition)
        return (taken ? branch.thenYield() : branch.elseYield())
            .getOperand(result.getResultNumber());
    return {};
  }

  static constexpr unsigned kMaxVisited = 256;
  unsigned numVisited = 0;
};
} // namespace

/// Whether on every path these slots take different sources, none of which
/// another slot moves, and each of a variable that gets another buffer.
bool AssignSlots::canSelect(Variant &variant, ArrayRef<unsigned> selected) {
  llvm::SmallDenseSet<unsigned> moved;
  for (Attribute slot : slots)
    if (slot && cast<SlotAttr>(slot).getKind() == SlotKind::Moved)
      moved.insert(cast<SlotAttr>(slot).getSource());
  SmallVector<Value> tuple;
  for (unsigned slot : selected)
    tuple.push_back(getReturned(variant, slot));
  return Paths().forEach(tuple, [&](ArrayRef<Value> buffers) {
    llvm::SmallDenseSet<unsigned> taken = moved;
    return llvm::all_of(buffers, [&](Value buffer) {
      std::optional<unsigned> source = variant.getSourceIndex(buffer);
      if (!source || !taken.insert(*source).second)
        return false;
      std::optional<unsigned> loser = variant.getUpdateOfSource(*source);
      if (!loser)
        return false;
      Attribute slot = slots[variant.getNumResults() + *loser];
      return !slot || cast<SlotAttr>(slot).getKind() != SlotKind::InPlace;
    });
  });
}

void AssignSlots::assignSelected(Variant &variant) {
  SmallVector<unsigned> candidates;
  for (unsigned update = 0; update < variant.getNumUpdates(); ++update) {
    unsigned slot = variant.getNumResults() + update;
    Value buffer = getReturned(variant, slot);
    if (!slots[slot] &&
        (variant.getSourceIndex(buffer) ||
         isa_and_present<arith::SelectOp, scf::IfOp>(buffer.getDefiningOp())))
      candidates.push_back(slot);
  }
  SmallVector<unsigned> selected;
  for (unsigned slot : candidates) {
    selected.push_back(slot);
    if (!canSelect(variant, selected))
      selected.pop_back();
  }
  OpBuilder builder(variant.getBlock().getTerminator());
  for (unsigned slot : selected) {
    Value buffer = getReturned(variant, slot);
    SelectResultOp::create(builder, buffer.getLoc(), slot, buffer);
    slots[slot] = SlotAttr::get(&getContext(), SlotKind::Selected, -1);
    ++numSelected;
  }
}

/// An old value that is returned: the buffer itself, if its variable gets
/// another one and nothing else takes the old. A slot without a kind yet will
/// be fresh.
bool AssignSlots::assignMovedResult(Variant &variant, unsigned slot) {
  if (slot >= variant.getNumResults())
    return false;
  std::optional<unsigned> source =
      variant.getSourceIndex(getReturned(variant, slot));
  std::optional<unsigned> update =
      source ? variant.getUpdateOfSource(*source) : std::nullopt;
  // T7: a relaxed buffer may be written by others even now.
  if (!update || isRelaxed(variant.entry, variant.entry.getReads()[*source]))
    return false;
  Attribute kind = slots[variant.getNumResults() + *update];
  if (kind && cast<SlotAttr>(kind).getKind() == SlotKind::InPlace)
    return false;
  auto moved = SlotAttr::get(&getContext(), SlotKind::Moved, *source);
  if (llvm::is_contained(slots, moved))
    return false;
  // What is selected may be any source.
  if (llvm::any_of(slots, [](Attribute other) {
        return other && cast<SlotAttr>(other).getKind() == SlotKind::Selected;
      }))
    return false;
  OpBuilder builder = OpBuilder::atBlockBegin(&variant.getBlock());
  MoveResultOp::create(builder, variant.getSource(*source).getLoc(), slot,
                       *source);
  slots[slot] = moved;
  ++numMovedResults;
  return true;
}

void AssignSlots::assignFresh(Variant &variant, unsigned slot) {
  slots[slot] = SlotAttr::get(&getContext(), SlotKind::Fresh, -1);
  Operation *returnOp = variant.getBlock().getTerminator();
  Value buffer = getReturned(variant, slot);
  Location loc = buffer.getLoc();
  auto alloc = buffer.getDefiningOp<memref::AllocOp>();
  if (alloc && alloc->getBlock() == &variant.getBlock() &&
      alloc.getType().getLayout().isIdentity() &&
      alloc.getSymbolOperands().empty()) {
    // The slot's own buffer from the start: what fills it needs no copy.
    OpBuilder builder(alloc);
    auto result = AllocResultOp::create(builder, loc, alloc.getType(), slot,
                                        alloc.getDynamicSizes());
    alloc.replaceAllUsesWith(result.getResult());
    alloc.erase();
    ++numFresh;
    return;
  }
  OpBuilder builder(returnOp);
  Value returned = returnOp->getOperand(slot);
  auto type = cast<MemRefType>(returned.getType());
  SmallVector<Value> sizes = createDynamicSizes(builder, loc, returned);
  auto result = AllocResultOp::create(
      builder, loc, MemRefType::get(type.getShape(), type.getElementType()),
      slot, sizes);
  memref::CopyOp::create(builder, loc, returned, result);
  ++numFresh;
  ++numCopies;
}

LogicalResult AssignSlots::runOnVariant(Variant &variant) {
  Operation *returnOp = variant.getBlock().getTerminator();
  unsigned numSlots = variant.getNumResults() + variant.getNumUpdates();
  if (!variant.getSlots().empty() || numSlots == 0)
    return success();
  for (Type type :
       llvm::concat<const Type>(variant.function.getArgumentTypes(),
                                variant.function.getResultTypes())) {
    auto buffer = dyn_cast<MemRefType>(type);
    if (!buffer || !buffer.getLayout().isIdentity())
      return variant.function.emitOpError()
             << "must take and return buffers of identity layout, but has "
             << type;
  }
  slots.assign(numSlots, Attribute());
  keepScratchOutOfSources(variant);
  assignInPlace(variant);
  assignMoved(variant);
  assignSelected(variant);
  for (unsigned slot = 0; slot < numSlots; ++slot)
    if (!slots[slot] && !assignMovedResult(variant, slot))
      assignFresh(variant, slot);

  returnOp->setOperands({});
  variant.function.setFunctionType(FunctionType::get(
      &getContext(), variant.function.getArgumentTypes(), TypeRange()));
  variant.function.removeResAttrsAttr();
  variant.setSlots(slots);
  return success();
}

/// A variant that writes nothing in place is no other than the one that must
/// not.
void AssignSlots::mergeVariants(EntryOp entry, SymbolTable &symbols) {
  if (entry.getInplace() == entry.getOutofplace() ||
      llvm::any_of(*entry.getInplaceSlots(), [](Attribute slot) {
        return cast<SlotAttr>(slot).getKind() == SlotKind::InPlace;
      }))
    return;
  Operation *inPlace = symbols.lookup(*entry.getInplace());
  entry.setInplaceAttr(entry.getOutofplaceAttr());
  entry.setInplaceSlotsAttr(*entry.getOutofplaceSlots());
  if (SymbolTable::symbolKnownUseEmpty(inPlace, getOperation()))
    symbols.erase(inPlace);
  ++numMerged;
}

void AssignSlots::runOnOperation() {
  SmallVector<Variant> variants;
  if (failed(collectVariants(getOperation(), variants)))
    return signalPassFailure();
  for (Variant &variant : variants)
    if (failed(runOnVariant(variant)))
      return signalPassFailure();
  SymbolTable symbols(getOperation());
  for (auto entry : getOperation().getOps<EntryOp>())
    mergeVariants(entry, symbols);
}
