//===- VerifyCommit.cpp - What the stage buffers leaves ---------------===//
//
// Proves, from the operations alone and not from what earlier passes meant to
// do, that a variant keeps T4 and S1 and that its slots are what the entry says
// (C1).
//
//===----------------------------------------------------------------------===//

#include "Variants.h"
#include "sym/Dialect/Sym/Transforms/Passes.h"

#include "mlir/Dialect/MemRef/IR/MemRef.h"

namespace mlir::sym {
#define GEN_PASS_DEF_SYMVERIFYCOMMIT
#include "sym/Dialect/Sym/Transforms/Passes.h.inc"
} // namespace mlir::sym

using namespace mlir;
using namespace mlir::sym;

namespace {
struct VerifyCommit : public sym::impl::SymVerifyCommitBase<VerifyCommit> {
  using Base::Base;
  void runOnOperation() override;

private:
  LogicalResult verifyForm(Variant &variant);
  LogicalResult verifyCommit(Variant &variant, const SourceAccess &access);
  LogicalResult verifySlots(Variant &variant, const SourceAccess &access);
};
} // namespace

static constexpr StringLiteral kStage = "after stage buffers: ";

static StringRef describe(Operation *op) {
  if (isa<CheckOp>(op))
    return "a check";
  if (isa<CallOpInterface>(op))
    return "a call";
  return "an allocation";
}

LogicalResult VerifyCommit::verifyForm(Variant &variant) {
  for (Type type : variant.function.getArgumentTypes()) {
    auto buffer = dyn_cast<MemRefType>(type);
    if (!buffer || !buffer.getLayout().isIdentity())
      return variant.function.emitError()
             << kStage << "an argument of a variant must be a buffer of "
             << "identity layout, but found " << type;
  }
  if (variant.function.getNumResults() != 0)
    return variant.function.emitError()
           << kStage << "a variant returns nothing, but this one has type "
           << variant.function.getFunctionType();
  WalkResult result = variant.function.walk([&](Operation *op) {
    auto isTensor = [](Type type) { return isa<TensorType>(type); };
    if (llvm::none_of(op->getOperandTypes(), isTensor) &&
        llvm::none_of(op->getResultTypes(), isTensor))
      return WalkResult::advance();
    op->emitError() << kStage << "'" << op->getName()
                    << "' still computes on tensors";
    return WalkResult::interrupt();
  });
  return failure(result.wasInterrupted());
}

/// T4
LogicalResult VerifyCommit::verifyCommit(Variant &variant,
                                         const SourceAccess &access) {
  WalkResult result = variant.function.walk([&](Operation *op) {
    if (!isFallible(op))
      return WalkResult::advance();
    for (const SourceAccess::Write &write : access.getWrites()) {
      if (!mayRunAfter(write.op, op))
        continue;
      InFlightDiagnostic diagnostic =
          op->emitError() << kStage << describe(op) << " may fail after @"
                          << variant.entry.getSymName()
                          << " has written state (T4)";
      diagnostic.attachNote(write.op->getLoc())
          << "variable " << variant.entry.getReads()[write.source]
          << " is written here";
      return WalkResult::interrupt();
    }
    return WalkResult::advance();
  });
  return failure(result.wasInterrupted());
}

/// C1, S1
LogicalResult VerifyCommit::verifySlots(Variant &variant,
                                        const SourceAccess &access) {
  unsigned numSlots = variant.getNumResults() + variant.getNumUpdates();
  ArrayAttr slots = variant.getSlots();
  if (slots.size() != numSlots)
    return variant.entry.emitError()
           << kStage << "has " << slots.size() << " slots, but needs "
           << numSlots << " (C1)";
  // Fresh slots have a sym.alloc_result, selected ones a sym.select_result, and
  // results that are moved a sym.move_result.
  SmallVector<Operation *> buffers(numSlots);
  auto isMovedFrom = [&](MoveResultOp move) {
    auto slot = cast<SlotAttr>(slots[move.getSlot()]);
    return move.getSlot() < variant.getNumResults() &&
           slot.getSource() == static_cast<int32_t>(move.getSource());
  };
  WalkResult result = variant.function.walk([&](Operation *op) {
    auto alloc = dyn_cast<AllocResultOp>(op);
    auto select = dyn_cast<SelectResultOp>(op);
    auto move = dyn_cast<MoveResultOp>(op);
    if (!alloc && !select && !move)
      return WalkResult::advance();
    uint32_t slot = alloc    ? alloc.getSlot()
                    : select ? select.getSlot()
                             : move.getSlot();
    SlotKind kind = alloc    ? SlotKind::Fresh
                    : select ? SlotKind::Selected
                             : SlotKind::Moved;
    if (slot >= numSlots || buffers[slot] ||
        cast<SlotAttr>(slots[slot]).getKind() != kind ||
        (move && !isMovedFrom(move))) {
      op->emitError() << kStage << "slot " << slot << " of @"
                      << variant.entry.getSymName() << " is not a "
                      << stringifySlotKind(kind)
                      << " one without a buffer (C1)";
      return WalkResult::interrupt();
    }
    // S1: a buffer of its own on every path, so at the top.
    if (op->getBlock() != &variant.getBlock()) {
      op->emitError() << kStage << "the buffer of slot " << slot
                      << " is not chosen on every path (C1)";
      return WalkResult::interrupt();
    }
    buffers[slot] = op;
    return WalkResult::advance();
  });
  if (result.wasInterrupted())
    return failure();
  for (unsigned slot = 0; slot < numSlots; ++slot) {
    SlotKind kind = cast<SlotAttr>(slots[slot]).getKind();
    bool isMovedUpdate =
        kind == SlotKind::Moved && slot >= variant.getNumResults();
    if (kind != SlotKind::InPlace && !isMovedUpdate && !buffers[slot])
      return variant.function.emitError()
             << kStage << "slot " << slot << " of @"
             << variant.entry.getSymName() << " gets no buffer (C1)";
  }

  // B2: only what the runtime has made sure of may be written.
  for (const SourceAccess::Write &write : access.getWrites()) {
    std::optional<unsigned> update = variant.getUpdateOfSource(write.source);
    if (update &&
        cast<SlotAttr>(slots[variant.getNumResults() + *update]).getKind() ==
            SlotKind::InPlace)
      continue;
    return write.op->emitError()
           << kStage << "writes the buffer of "
           << variant.entry.getReads()[write.source] << ", which @"
           << variant.entry.getSymName() << " does not update in place (B2)";
  }
  return success();
}

void VerifyCommit::runOnOperation() {
  SmallVector<Variant> variants;
  if (failed(collectVariants(getOperation(), variants)))
    return signalPassFailure();
  for (Variant &variant : variants) {
    if (failed(verifyForm(variant)))
      return signalPassFailure();
    SourceAccess access(variant);
    if (failed(verifySlots(variant, access)) ||
        failed(verifyCommit(variant, access)))
      return signalPassFailure();
  }
}
