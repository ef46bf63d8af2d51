//===- SummarizeChecks.cpp - Loops of checks that seldom fail ---------===//
//
// A check ends the call at once, so that a loop around it has an exit in every
// iteration, which no vectoriser takes. Here one loop without exits gathers
// whether any check fails, and the loop as it was finds out which one, if so.
//
//===----------------------------------------------------------------------===//

#include "sym/Codegen/Passes.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/IR/ImplicitLocOpBuilder.h"
#include "mlir/Interfaces/SideEffectInterfaces.h"
#include "sym/Dialect/Sym/IR/Sym.h"

namespace mlir::sym {
#define GEN_PASS_DEF_SYMSUMMARIZECHECKS
#include "sym/Codegen/Passes.h.inc"
} // namespace mlir::sym

using namespace mlir;
using namespace mlir::sym;

namespace {
struct SummarizeChecks
    : public mlir::sym::impl::SymSummarizeChecksBase<SummarizeChecks> {
  using SymSummarizeChecksBase::SymSummarizeChecksBase;
  void runOnOperation() override;
};
} // namespace

/// Whether `loop` reads, computes and checks, so that every iteration may run
/// though a check of an earlier one, or of its own, has failed.
static bool isSummarizable(scf::ForOp loop) {
  if (loop.getNumResults() != 0)
    return false;
  bool checked = false;
  for (Operation &op : loop.getBody()->without_terminator()) {
    if (isa<CheckOp>(op)) {
      checked = true;
      continue;
    }
    if (isa<memref::LoadOp>(op)) {
      // Behind a check it may be that check which makes the position right, and
      // a position that was read is as right as a check of this loop says.
      if (checked)
        return false;
      for (Value index : op.getOperands().drop_front())
        if (Operation *source = index.getDefiningOp())
          if (loop->isAncestor(source))
            return false;
      continue;
    }
    if (op.getNumRegions() != 0 || !isPure(&op))
      return false;
  }
  return checked;
}

static void summarize(scf::ForOp loop) {
  ImplicitLocOpBuilder b(loop.getLoc(), loop);
  Value none = arith::ConstantIntOp::create(b, b.getI32Type(), 0);
  auto first = scf::ForOp::create(b, loop.getLowerBound(), loop.getUpperBound(),
                                  loop.getStep(), ValueRange{none});
  b.setInsertionPointToStart(first.getBody());
  IRMapping mapping;
  mapping.map(loop.getInductionVar(), first.getInductionVar());
  Value failed = first.getRegionIterArg(0);
  Value yes = arith::ConstantIntOp::create(b, b.getI1Type(), 1);
  for (Operation &op : loop.getBody()->without_terminator()) {
    auto check = dyn_cast<CheckOp>(op);
    if (!check) {
      b.clone(op, mapping);
      continue;
    }
    Value fails = arith::XOrIOp::create(
        b, mapping.lookupOrDefault(check.getCondition()), yes);
    failed = arith::OrIOp::create(
        b, failed, arith::ExtUIOp::create(b, b.getI32Type(), fails));
  }
  scf::YieldOp::create(b, failed);
  b.setInsertionPointAfter(first);
  Value any = arith::CmpIOp::create(b, arith::CmpIPredicate::ne,
                                    first.getResult(0), none);
  auto branch = scf::IfOp::create(b, any, /*withElseRegion=*/false);
  loop->moveBefore(branch.thenBlock()->getTerminator());
}

void SummarizeChecks::runOnOperation() {
  SmallVector<scf::ForOp> loops;
  getOperation()->walk([&](scf::ForOp loop) {
    if (isSummarizable(loop))
      loops.push_back(loop);
  });
  for (scf::ForOp loop : loops)
    summarize(loop);
  numSummarized += loops.size();
}
