//===- ParallelToOpenMP.cpp - Parallel loops become OpenMP constructs -===//
//
// Upstream's conversion puts every body into a memref.alloca_scope, which has
// one block and so would stand in the way of branches. The bodies made in this
// stage allocate nothing on the stack, and a scope without allocations means
// nothing.
//
//===----------------------------------------------------------------------===//

#include "sym/Codegen/Passes.h"

#include "mlir/Conversion/SCFToOpenMP/SCFToOpenMP.h"
#include "mlir/Dialect/OpenMP/OpenMPDialect.h"

namespace mlir::sym {
#define GEN_PASS_DEF_SYMPARALLELTOOPENMP
#include "sym/Codegen/Passes.h.inc"
} // namespace mlir::sym

using namespace mlir;

namespace {
struct ParallelToOpenMP
    : public mlir::sym::impl::SymParallelToOpenMPBase<ParallelToOpenMP> {
  using SymParallelToOpenMPBase::SymParallelToOpenMPBase;
  LogicalResult initialize(MLIRContext *context) override {
    convert.addPass(createConvertSCFToOpenMPPass());
    return success();
  }
  void getDependentDialects(DialectRegistry &registry) const override {
    SymParallelToOpenMPBase::getDependentDialects(registry);
    registry
        .insert<LLVM::LLVMDialect, memref::MemRefDialect, omp::OpenMPDialect>();
  }
  void runOnOperation() override;

private:
  OpPassManager convert{ModuleOp::getOperationName()};
};
} // namespace

void ParallelToOpenMP::runOnOperation() {
  // Most modules have none; they pay nothing.
  bool found =
      getOperation()
          .walk([](scf::ParallelOp) { return WalkResult::interrupt(); })
          .wasInterrupted();
  if (!found)
    return;
  if (failed(runPipeline(convert, getOperation())))
    return signalPassFailure();
  SmallVector<memref::AllocaScopeOp> scopes;
  getOperation().walk([&](omp::LoopNestOp loop) {
    for (auto scope : loop.getRegion().getOps<memref::AllocaScopeOp>())
      if (scope.getNumResults() == 0 &&
          !scope.walk([](memref::AllocaOp) { return WalkResult::interrupt(); })
               .wasInterrupted())
        scopes.push_back(scope);
  });
  IRRewriter rewriter(&getContext());
  for (memref::AllocaScopeOp scope : scopes) {
    Block *body = scope.getBody();
    rewriter.eraseOp(body->getTerminator());
    rewriter.inlineBlockBefore(body, scope);
    rewriter.eraseOp(scope);
  }
}
