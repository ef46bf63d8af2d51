//===- ReportBuffers.cpp - Remarks on what is copied (C1, C2) ---------===//

#include "Variants.h"
#include "sym/Dialect/Sym/Transforms/Passes.h"

#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"

namespace mlir::sym {
#define GEN_PASS_DEF_SYMREPORTBUFFERS
#include "sym/Dialect/Sym/Transforms/Passes.h.inc"
} // namespace mlir::sym

using namespace mlir;
using namespace mlir::sym;

/// Whether `op` moves the elements of a buffer to another one of its shape and
/// does nothing else.
static bool isCopy(Operation *op) {
  if (isa<memref::CopyOp, linalg::CopyOp>(op))
    return true;
  auto generic = dyn_cast<linalg::GenericOp>(op);
  if (!generic || generic.getNumDpsInputs() != 1 ||
      generic.getNumDpsInits() != 1 ||
      !llvm::all_of(generic.getIndexingMapsArray(),
                    [](AffineMap map) { return map.isIdentity(); }))
    return false;
  auto yield = cast<linalg::YieldOp>(generic.getBody()->getTerminator());
  return yield.getOperand(0) == generic.getBody()->getArgument(0);
}

static void report(const Variant &variant) {
  int64_t updates[4] = {};
  for (Attribute slot :
       variant.getSlots().getValue().drop_front(variant.getNumResults()))
    ++updates[static_cast<int>(cast<SlotAttr>(slot).getKind())];
  int64_t copies = 0, allocations = 0;
  variant.function.walk([&](Operation *op) {
    copies += isCopy(op);
    allocations += isa<memref::AllocOp>(op);
  });
  auto count = [&](SlotKind kind) { return updates[static_cast<int>(kind)]; };
  variant.entry.emitRemark(variant.inPlace ? "in place" : "out of place")
      << ": updates: " << count(SlotKind::InPlace) << " in place, "
      << count(SlotKind::Moved) << " moved, " << count(SlotKind::Selected)
      << " selected, " << count(SlotKind::Fresh) << " fresh; copies: " << copies
      << "; allocations: " << allocations;
}

namespace {
struct ReportBuffers : public sym::impl::SymReportBuffersBase<ReportBuffers> {
  void runOnOperation() override {
    SmallVector<Variant> variants;
    if (failed(collectVariants(getOperation(), variants)))
      return signalPassFailure();
    for (const Variant &variant : variants)
      report(variant);
    markAllAnalysesPreserved();
  }
};
} // namespace
