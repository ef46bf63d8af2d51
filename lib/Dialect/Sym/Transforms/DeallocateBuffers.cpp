//===- DeallocateBuffers.cpp - Host programs and loops free memory ----===//
//
// Runs upstream's ownership-based deallocation on host programs and on the
// variants in which sym-plan-memory left allocations.
//
//===----------------------------------------------------------------------===//

#include "sym/Dialect/Sym/Transforms/Passes.h"

#include "sym/Dialect/Sym/IR/Sym.h"

#include "mlir/Dialect/Bufferization/IR/BufferDeallocationOpInterface.h"
#include "mlir/Dialect/Bufferization/IR/Bufferization.h"
#include "mlir/Dialect/Bufferization/Transforms/Passes.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"

namespace mlir::sym {
#define GEN_PASS_DEF_SYMDEALLOCATEBUFFERS
#include "sym/Dialect/Sym/Transforms/Passes.h.inc"
} // namespace mlir::sym

using namespace mlir;
using namespace mlir::sym;

namespace {
struct DeallocateBuffers
    : public sym::impl::SymDeallocateBuffersBase<DeallocateBuffers> {
  using Base::Base;
  void runOnOperation() override;
};
} // namespace

void DeallocateBuffers::runOnOperation() {
  ModuleOp module = getOperation();
  llvm::SmallDenseSet<StringRef> compiled;
  for (auto entry : module.getOps<EntryOp>())
    for (std::optional<StringRef> name :
         {entry.getBody(), entry.getInplace(), entry.getOutofplace()})
      if (name)
        compiled.insert(*name);
  SymbolTableCollection symbols;
  for (auto function : module.getOps<func::FuncOp>()) {
    if (function.isDeclaration())
      continue;
    if (compiled.contains(function.getSymName()) &&
        !function.walk([](memref::AllocOp) { return WalkResult::interrupt(); })
             .wasInterrupted())
      continue;
    if (failed(bufferization::deallocateBuffersOwnershipBased(
            function, bufferization::DeallocationOptions(), symbols)))
      return signalPassFailure();
  }
}
