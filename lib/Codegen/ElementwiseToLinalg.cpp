//===- ElementwiseToLinalg.cpp - Tensor arithmetic becomes structured -----===//
//
// Upstream's patterns, applied by a driver that folds nothing: `arith.xori %x,
// %x` on a tensor of dynamic size folds to a dense constant of a dynamic shape,
// which has no sizes and cannot be lowered. On the scalars of a linalg.generic
// the same folds are right, so whatever folds comes after this.
//
//===----------------------------------------------------------------------===//

#include "sym/Codegen/Passes.h"

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/Linalg/Transforms/Transforms.h"
#include "mlir/Transforms/WalkPatternRewriteDriver.h"

namespace mlir::sym {
#define GEN_PASS_DEF_SYMELEMENTWISETOLINALG
#include "sym/Codegen/Passes.h.inc"
} // namespace mlir::sym

using namespace mlir;
using namespace mlir::sym;

namespace {
class SymElementwiseToLinalg
    : public sym::impl::SymElementwiseToLinalgBase<SymElementwiseToLinalg> {
public:
  void runOnOperation() override {
    RewritePatternSet patterns(&getContext());
    linalg::populateElementwiseToLinalgConversionPatterns(patterns);
    walkAndApplyPatterns(getOperation(), std::move(patterns));
  }
};
} // namespace
