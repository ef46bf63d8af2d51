//===- MergeChecks.cpp - Erases checks that others cover --------------===//
//
// The pass `sym-merge-checks`. CSE does not do it, since a check has an effect;
// upstream's range optimizations fold everything else, too.
//
//===----------------------------------------------------------------------===//

#include "sym/Dialect/Sym/IR/Sym.h"
#include "sym/Dialect/Sym/Transforms/Passes.h"

#include "mlir/Analysis/DataFlow/DeadCodeAnalysis.h"
#include "mlir/Analysis/DataFlow/IntegerRangeAnalysis.h"
#include "mlir/Analysis/DataFlowFramework.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/IR/Dominance.h"
#include "mlir/IR/Matchers.h"

namespace mlir::sym {
#define GEN_PASS_DEF_SYMMERGECHECKS
#include "sym/Dialect/Sym/Transforms/Passes.h.inc"
} // namespace mlir::sym

using namespace mlir;
using namespace mlir::sym;

/// Erases the checks whose condition holds by the ranges of integers.
static unsigned eraseDecided(func::FuncOp function) {
  SmallVector<CheckOp> checks;
  function.walk([&](CheckOp check) { checks.push_back(check); });
  if (checks.empty())
    return 0;
  // Upstream takes the range of a dense constant from its first element.
  WalkResult empty = function->walk([](Operation *op) {
    DenseElementsAttr dense;
    return matchPattern(op, m_Constant(&dense)) && dense.empty()
               ? WalkResult::interrupt()
               : WalkResult::advance();
  });
  if (empty.wasInterrupted())
    return 0;
  DataFlowSolver solver;
  solver.load<dataflow::DeadCodeAnalysis>();
  solver.load<dataflow::IntegerRangeAnalysis>();
  if (failed(solver.initializeAndRun(function)))
    return 0;
  auto holds = [&](Value condition) {
    if (matchPattern(condition, m_One()))
      return true;
    auto *lattice =
        solver.lookupState<dataflow::IntegerValueRangeLattice>(condition);
    if (!lattice || lattice->getValue().isUninitialized())
      return false;
    std::optional<APInt> value =
        lattice->getValue().getValue().getConstantValue();
    return value && value->isOne();
  };
  unsigned numErased = 0;
  for (CheckOp check : checks)
    if (holds(check.getCondition())) {
      check.erase();
      ++numErased;
    }
  return numErased;
}

namespace {
struct MergeChecks : public sym::impl::SymMergeChecksBase<MergeChecks> {
  void runOnOperation() override {
    if (getOperation().isExternal())
      return;
    numDecided += eraseDecided(getOperation());
    auto &dominance = getAnalysis<DominanceInfo>();
    llvm::DenseMap<Value, SmallVector<CheckOp>> checks;
    getOperation()->walk(
        [&](CheckOp check) { checks[check.getCondition()].push_back(check); });
    for (auto &[condition, users] : checks) {
      SmallVector<CheckOp> kept;
      for (CheckOp check : users) {
        if (llvm::any_of(kept, [&](CheckOp earlier) {
              return dominance.properlyDominates(earlier.getOperation(),
                                                 check.getOperation());
            })) {
          check.erase();
          ++numMerged;
          continue;
        }
        kept.push_back(check);
      }
    }
    markAnalysesPreserved<DominanceInfo>();
  }
};
} // namespace
