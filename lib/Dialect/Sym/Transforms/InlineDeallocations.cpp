//===- InlineDeallocations.cpp - No calls in bodies -----------------------===//
//
// Upstream lowers a deallocation of several buffers, of which some may be the
// same, to a call of a helper that compares them. A body calls nothing, since a
// call would need the frame; so the helper goes where it is called.
//
//===----------------------------------------------------------------------===//

#include "sym/Dialect/Sym/Transforms/Passes.h"

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/IR/IRMapping.h"

namespace mlir::sym {
#define GEN_PASS_DEF_SYMINLINEDEALLOCATIONS
#include "sym/Dialect/Sym/Transforms/Passes.h.inc"
} // namespace mlir::sym

using namespace mlir;
using namespace mlir::sym;

/// The name that upstream gives the helper, with a suffix if it is taken.
static constexpr llvm::StringLiteral kHelperName = "dealloc_helper";

/// Whether `function` is upstream's: private, one block, and it returns
/// nothing.
static bool isHelper(func::FuncOp function) {
  return function && function.isPrivate() && !function.isDeclaration() &&
         function.getSymName().starts_with(kHelperName) &&
         function.getNumResults() == 0 && function.getBody().hasOneBlock();
}

namespace {
class SymInlineDeallocations
    : public sym::impl::SymInlineDeallocationsBase<SymInlineDeallocations> {
public:
  void runOnOperation() override {
    SymbolTable symbols(getOperation());
    getOperation()->walk([&](func::CallOp call) {
      auto helper = symbols.lookup<func::FuncOp>(call.getCallee());
      if (!isHelper(helper) || helper->isProperAncestor(call.getOperation()))
        return;
      OpBuilder builder(call);
      IRMapping mapping;
      mapping.map(helper.getArguments(), call.getOperands());
      for (Operation &op : helper.getBody().front().without_terminator()) {
        Operation *copy = builder.clone(op, mapping);
        copy->walk([&](Operation *inner) { inner->setLoc(call.getLoc()); });
      }
      call.erase();
      ++numInlined;
    });
    for (auto function :
         llvm::make_early_inc_range(getOperation().getOps<func::FuncOp>()))
      if (isHelper(function) &&
          SymbolTable::symbolKnownUseEmpty(function, getOperation()))
        function.erase();
  }
};
} // namespace
