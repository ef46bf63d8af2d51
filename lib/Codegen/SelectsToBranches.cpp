//===- SelectsToBranches.cpp - One of two tensors is a branch ---------===//
//
// Canonicalization turns a branch that yields tensors into a select of them.
// As a branch, it moves a buffer instead of copying elements.
//
//===----------------------------------------------------------------------===//

#include "sym/Codegen/Passes.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/SCF/IR/SCF.h"

namespace mlir::sym {
#define GEN_PASS_DEF_SYMSELECTSTOBRANCHES
#include "sym/Codegen/Passes.h.inc"
} // namespace mlir::sym

using namespace mlir;

namespace {
struct SymSelectsToBranches
    : public sym::impl::SymSelectsToBranchesBase<SymSelectsToBranches> {
  void runOnOperation() override {
    getOperation()->walk([&](arith::SelectOp op) {
      if (!isa<RankedTensorType>(op.getType()) ||
          !op.getCondition().getType().isInteger(1))
        return;
      OpBuilder builder(op);
      auto branch = scf::IfOp::create(
          builder, op.getLoc(), op.getCondition(),
          [&](OpBuilder &then, Location loc) {
            scf::YieldOp::create(then, loc, op.getTrueValue());
          },
          [&](OpBuilder &otherwise, Location loc) {
            scf::YieldOp::create(otherwise, loc, op.getFalseValue());
          });
      op.replaceAllUsesWith(branch.getResult(0));
      op.erase();
      ++numBranches;
    });
  }
};
} // namespace
