//===- ScheduleCommit.cpp - Nothing fails after the first write (T4) --===//
//
// A call that fails must leave its variables as they were. This pass moves what
// can fail (checks, allocations) before the first write to a source; a variable
// for which that is not possible is computed in a buffer of its own and
// committed by exchanging pointers.
//
//===----------------------------------------------------------------------===//

#include "Slice.h"
#include "sym/Dialect/Sym/Transforms/Passes.h"

#include "mlir/Dialect/MemRef/IR/MemRef.h"

namespace mlir::sym {
#define GEN_PASS_DEF_SYMSCHEDULECOMMIT
#include "sym/Dialect/Sym/Transforms/Passes.h.inc"
} // namespace mlir::sym

using namespace mlir;
using namespace mlir::sym;

namespace {
struct ScheduleCommit
    : public sym::impl::SymScheduleCommitBase<ScheduleCommit> {
  using Base::Base;
  void runOnOperation() override;

private:
  void runOnVariant(Variant &variant);
  void computeOutOfPlace(Variant &variant, unsigned source);
};
} // namespace

/// Gives the new value of the variable of `source` a buffer of its own that
/// starts as a copy.
void ScheduleCommit::computeOutOfPlace(Variant &variant, unsigned source) {
  BlockArgument buffer = variant.getSource(source);
  unsigned slot = variant.getNumResults() + *variant.getUpdateOfSource(source);
  OpBuilder builder = OpBuilder::atBlockBegin(&variant.getBlock());
  Location loc = buffer.getLoc();
  auto type = cast<MemRefType>(buffer.getType());
  SmallVector<Value> sizes;
  for (int64_t dim = 0; dim < type.getRank(); ++dim)
    if (type.isDynamicDim(dim))
      sizes.push_back(memref::DimOp::create(builder, loc, buffer, dim));
  auto result = AllocResultOp::create(builder, loc, type, slot, sizes);
  auto copy = memref::CopyOp::create(builder, loc, buffer, result);
  buffer.replaceUsesWithIf(result, [&](OpOperand &use) {
    return use.getOwner() != copy && !isa<memref::DimOp>(use.getOwner());
  });
  SmallVector<Attribute> slots(variant.getSlots().getValue());
  slots[slot] = SlotAttr::get(&getContext(), SlotKind::Fresh, -1);
  variant.setSlots(slots);
  ++numOutOfPlace;
}

void ScheduleCommit::runOnVariant(Variant &variant) {
  SourceAccess access(variant);
  if (access.getWrites().empty())
    return;
  Operation *firstWrite =
      variant.getBlock().findAncestorOpInBlock(*access.getWrites().front().op);
  SmallVector<Operation *> fallible;
  variant.function.walk([&](Operation *op) {
    if (isFallible(op))
      fallible.push_back(op);
  });
  for (Operation *op : fallible) {
    if (op->getBlock() != &variant.getBlock() ||
        !firstWrite->isBeforeInBlock(op) || isa<CallOpInterface>(op))
      continue;
    Slice slice(variant, firstWrite, access);
    if (slice.add(op)) {
      slice.move();
      ++numMovedUp;
    }
  }
  for (unsigned source = 0; source < variant.getNumSources(); ++source) {
    bool mayFailAfterWrite =
        llvm::any_of(access.getWrites(), [&](const SourceAccess::Write &write) {
          return write.source == source &&
                 llvm::any_of(fallible, [&](Operation *op) {
                   return mayRunAfter(write.op, op);
                 });
        });
    if (mayFailAfterWrite)
      computeOutOfPlace(variant, source);
  }
}

void ScheduleCommit::runOnOperation() {
  SmallVector<Variant> variants;
  if (failed(collectVariants(getOperation(), variants)))
    return signalPassFailure();
  for (Variant &variant : variants)
    runOnVariant(variant);
}
