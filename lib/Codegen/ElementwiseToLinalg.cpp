//===- ElementwiseToLinalg.cpp - Tensor arithmetic becomes structured -----===//
//
// Upstream's patterns, applied by a driver that folds nothing: `arith.xori %x,
// %x` on a tensor of dynamic size folds to a dense constant of a dynamic shape,
// which has no sizes and cannot be lowered. On the scalars of a linalg.generic
// the same folds are right, so whatever folds comes after this.
//
//===----------------------------------------------------------------------===//

#include "sym/Codegen/Passes.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/Linalg/Transforms/Transforms.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Transforms/WalkPatternRewriteDriver.h"

namespace mlir::sym {
#define GEN_PASS_DEF_SYMELEMENTWISETOLINALG
#include "sym/Codegen/Passes.h.inc"
} // namespace mlir::sym

using namespace mlir;
using namespace mlir::sym;

/// A condition that chooses one tensor or the other does so whatever their
/// sizes; it is elementwise only where these are known to be the same. And
/// where both are there already, choosing a buffer costs less than copying one.
static bool isBranch(arith::SelectOp select) {
  auto type = dyn_cast<RankedTensorType>(select.getType());
  if (!type || !select.getCondition().getType().isInteger(1))
    return false;
  return !type.hasStaticShape() || (isa<BlockArgument>(select.getTrueValue()) &&
                                    isa<BlockArgument>(select.getFalseValue()));
}

static void turnIntoBranch(arith::SelectOp select) {
  OpBuilder builder(select);
  auto yield = [](Value value) {
    return [value](OpBuilder &nested, Location loc) {
      scf::YieldOp::create(nested, loc, value);
    };
  };
  auto branch = scf::IfOp::create(
      builder, select.getLoc(), select.getCondition(),
      yield(select.getTrueValue()), yield(select.getFalseValue()));
  select.replaceAllUsesWith(branch.getResult(0));
  select.erase();
}

namespace {
class SymElementwiseToLinalg
    : public sym::impl::SymElementwiseToLinalgBase<SymElementwiseToLinalg> {
public:
  void runOnOperation() override {
    getOperation()->walk([](arith::SelectOp select) {
      if (isBranch(select))
        turnIntoBranch(select);
    });
    RewritePatternSet patterns(&getContext());
    linalg::populateElementwiseToLinalgConversionPatterns(patterns);
    walkAndApplyPatterns(getOperation(), std::move(patterns));
  }
};
} // namespace
