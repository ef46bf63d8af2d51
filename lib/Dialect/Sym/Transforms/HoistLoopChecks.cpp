//===- HoistLoopChecks.cpp - Checks of all iterations before the first ===//
//
// A loop that updates state element by element, with a check of each index,
// would write behind a check (T4), and the state would be copied for it. Where
// what is checked does not depend on what the loop computes, a loop of the
// checks alone goes first, and the loop that computes cannot fail any more.
//
//===----------------------------------------------------------------------===//

#include "sym/Dialect/Sym/Transforms/Passes.h"

#include "sym/Dialect/Sym/IR/Sym.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/IR/IRMapping.h"
#include "mlir/Interfaces/SideEffectInterfaces.h"

namespace mlir::sym {
#define GEN_PASS_DEF_SYMHOISTLOOPCHECKS
#include "sym/Dialect/Sym/Transforms/Passes.h.inc"
} // namespace mlir::sym

using namespace mlir;
using namespace mlir::sym;

namespace {
struct HoistLoopChecks
    : public sym::impl::SymHoistLoopChecksBase<HoistLoopChecks> {
  using Base::Base;
  void runOnOperation() override;
};

/// The checks of a loop and what they need of its body.
class CheckSkeleton {
public:
  explicit CheckSkeleton(scf::ForOp loop) : loop(loop) {}

  /// Finds what all checks in the loop need. False if there are none, if one
  /// depends on what an iteration hands to the next, or if the loop has other
  /// effects.
  bool compute();
  /// Builds the loop of checks before the loop and erases its own. Returns how
  /// many there were.
  unsigned hoist();

private:
  bool addAncestors(Operation *op);
  bool addValue(Value value);
  void build(OpBuilder &builder, Operation *op);
  void build(OpBuilder &builder, Block *block);

  scf::ForOp loop;
  /// Loops, branches, and operations that yield scalars.
  llvm::DenseSet<Operation *> needed;
  SmallVector<CheckOp> checks;
  IRMapping mapping;
};
} // namespace

/// Adds what decides whether, and how often, `op` runs.
bool CheckSkeleton::addAncestors(Operation *op) {
  for (Operation *parent = op->getParentOp();; parent = parent->getParentOp()) {
    if (needed.contains(parent))
      return true;
    auto inner = dyn_cast<scf::ForOp>(parent);
    auto branch = dyn_cast<scf::IfOp>(parent);
    if (!inner && !branch)
      return false;
    needed.insert(parent);
    if (parent == loop)
      return true;
    if (branch ? !addValue(branch.getCondition())
               : !addValue(inner.getLowerBound()) ||
                     !addValue(inner.getUpperBound()) ||
                     !addValue(inner.getStep()))
      return false;
  }
}

bool CheckSkeleton::addValue(Value value) {
  if (loop.isDefinedOutsideOfLoop(value))
    return true;
  if (auto argument = dyn_cast<BlockArgument>(value)) {
    auto owner = dyn_cast<scf::ForOp>(argument.getOwner()->getParentOp());
    return owner && argument == owner.getInductionVar();
  }
  Operation *op = value.getDefiningOp();
  if (needed.contains(op))
    return true;
  // Scalars only: a tensor would be computed twice.
  if (op->getNumRegions() != 0 || !isMemoryEffectFree(op) ||
      llvm::any_of(op->getResultTypes(),
                   [](Type type) { return isa<ShapedType>(type); }))
    return false;
  needed.insert(op);
  return addAncestors(op) &&
         llvm::all_of(op->getOperands(),
                      [&](Value operand) { return addValue(operand); });
}

bool CheckSkeleton::compute() {
  // What a host program does before a check fails has happened (T10).
  bool hasEffects = false;
  loop.walk([&](Operation *op) {
    if (auto check = dyn_cast<CheckOp>(op))
      checks.push_back(check);
    else if (!op->hasTrait<OpTrait::HasRecursiveMemoryEffects>())
      hasEffects |= !isMemoryEffectFree(op);
  });
  if (hasEffects)
    return false;
  return !checks.empty() && llvm::all_of(checks, [&](CheckOp check) {
    return addAncestors(check) &&
           llvm::all_of(check->getOperands(),
                        [&](Value operand) { return addValue(operand); });
  });
}

void CheckSkeleton::build(OpBuilder &builder, Block *block) {
  for (Operation &op : block->without_terminator())
    if (needed.contains(&op) || isa<CheckOp>(op))
      build(builder, &op);
}

void CheckSkeleton::build(OpBuilder &builder, Operation *op) {
  if (auto inner = dyn_cast<scf::ForOp>(op)) {
    auto copy = scf::ForOp::create(
        builder, op->getLoc(), mapping.lookupOrDefault(inner.getLowerBound()),
        mapping.lookupOrDefault(inner.getUpperBound()),
        mapping.lookupOrDefault(inner.getStep()), ValueRange(),
        [](OpBuilder &, Location, Value, ValueRange) {},
        inner.getUnsignedCmp());
    mapping.map(inner.getInductionVar(), copy.getInductionVar());
    OpBuilder::InsertionGuard guard(builder);
    builder.setInsertionPointToStart(copy.getBody());
    build(builder, inner.getBody());
    builder.setInsertionPointToEnd(copy.getBody());
    scf::YieldOp::create(builder, op->getLoc());
    return;
  }
  if (auto branch = dyn_cast<scf::IfOp>(op)) {
    auto copy =
        scf::IfOp::create(builder, op->getLoc(), TypeRange(),
                          mapping.lookupOrDefault(branch.getCondition()),
                          /*withElseRegion=*/!branch.getElseRegion().empty());
    OpBuilder::InsertionGuard guard(builder);
    builder.setInsertionPointToStart(copy.thenBlock());
    build(builder, branch.thenBlock());
    if (!branch.getElseRegion().empty()) {
      builder.setInsertionPointToStart(copy.elseBlock());
      build(builder, branch.elseBlock());
    }
    return;
  }
  builder.clone(*op, mapping);
}

unsigned CheckSkeleton::hoist() {
  OpBuilder builder(loop);
  build(builder, loop);
  for (CheckOp check : checks)
    check.erase();
  return checks.size();
}

void HoistLoopChecks::runOnOperation() {
  SmallVector<scf::ForOp> loops;
  getOperation()->walk<WalkOrder::PreOrder>([&](scf::ForOp loop) {
    // Without a carried tensor it writes none.
    if (llvm::any_of(loop.getResultTypes(),
                     [](Type type) { return isa<TensorType>(type); }))
      loops.push_back(loop);
  });
  // The outer first: an inner one's checks then have left it.
  for (scf::ForOp loop : loops) {
    CheckSkeleton skeleton(loop);
    if (skeleton.compute())
      numHoisted += skeleton.hoist();
  }
}
