//===- LowerVectors.cpp - Vector operations become those LLVM has -----===//
//
// The conversion to the LLVM dialect takes vectors of rank 1 and operations
// with an instruction; upstream's own conversion pass first runs the rewrites
// below, and would then convert everything at once, functions excepted.
//
//===----------------------------------------------------------------------===//

#include "sym/Codegen/Passes.h"

#include "mlir/Conversion/VectorToLLVM/ConvertVectorToLLVM.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"
#include "mlir/Dialect/Vector/Transforms/LoweringPatterns.h"
#include "mlir/Dialect/Vector/Transforms/VectorRewritePatterns.h"
#include "mlir/Dialect/Vector/Transforms/VectorTransforms.h"
#include "mlir/Transforms/GreedyPatternRewriteDriver.h"

namespace mlir::sym {
#define GEN_PASS_DEF_SYMLOWERVECTORS
#include "sym/Codegen/Passes.h.inc"
} // namespace mlir::sym

using namespace mlir;

namespace {
struct LowerVectors
    : public mlir::sym::impl::SymLowerVectorsBase<LowerVectors> {
  using SymLowerVectorsBase::SymLowerVectorsBase;
  void runOnOperation() override;
};
} // namespace

void LowerVectors::runOnOperation() {
  RewritePatternSet patterns(&getContext());
  vector::populateVectorBroadcastLoweringPatterns(patterns);
  vector::populateVectorBitCastLoweringPatterns(patterns);
  vector::populateVectorShapeCastLoweringPatterns(patterns);
  vector::populateVectorStepLoweringPatterns(patterns);
  vector::populateVectorInsertExtractStridedSliceTransforms(patterns);
  vector::populateVectorRankReducingFMAPattern(patterns);
  vector::populateVectorMaskOpLoweringPatterns(patterns);
  // Positions in a mask are below the number of lanes.
  vector::populateVectorMaskMaterializationPatterns(
      patterns, /*force32BitVectorIndices=*/true);
  if (failed(applyPatternsGreedily(getOperation(), std::move(patterns))))
    signalPassFailure();
}
