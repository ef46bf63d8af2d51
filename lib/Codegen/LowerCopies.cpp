//===- LowerCopies.cpp - Copies of strided buffers become loops -----------===//
//
// A copy between dense buffers stays what it is: LLVM's memcpy. For any other,
// LLVM's lowering calls a function of MLIR's execution engine, which no program
// of ours links.
//
//===----------------------------------------------------------------------===//

#include "sym/Codegen/Passes.h"

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/Linalg/Utils/Utils.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"

namespace mlir::sym {
#define GEN_PASS_DEF_SYMLOWERCOPIES
#include "sym/Codegen/Passes.h.inc"
} // namespace mlir::sym

using namespace mlir;
using namespace mlir::sym;

namespace {
class SymLowerCopies : public sym::impl::SymLowerCopiesBase<SymLowerCopies> {
public:
  void runOnOperation() override {
    auto isDense = [](Value buffer) {
      auto type = dyn_cast<MemRefType>(buffer.getType());
      return !type || type.getLayout().isIdentity();
    };
    getOperation()->walk([&](memref::CopyOp copy) {
      if (isDense(copy.getSource()) && isDense(copy.getTarget()))
        return;
      OpBuilder builder(copy);
      linalg::makeMemRefCopyOp(builder, copy.getLoc(), copy.getSource(),
                               copy.getTarget());
      copy.erase();
      ++numLoops;
    });
  }
};
} // namespace
