//===- DeallocateHostBuffers.cpp - Host programs free their buffers ---===//
//
// Runs upstream's ownership-based deallocation on host programs. Variants are
// left out: their memory is planned (sym-plan-memory).
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
#define GEN_PASS_DEF_SYMDEALLOCATEHOSTBUFFERS
#include "sym/Dialect/Sym/Transforms/Passes.h.inc"
} // namespace mlir::sym

using namespace mlir;
using namespace mlir::sym;

namespace {
struct DeallocateHostBuffers
    : public sym::impl::SymDeallocateHostBuffersBase<DeallocateHostBuffers> {
  using Base::Base;
  void runOnOperation() override;
};
} // namespace

void DeallocateHostBuffers::runOnOperation() {
  ModuleOp module = getOperation();
  llvm::SmallDenseSet<StringRef> compiled;
  for (auto entry : module.getOps<EntryOp>())
    for (std::optional<StringRef> name :
         {entry.getBody(), entry.getInplace(), entry.getOutofplace()})
      if (name)
        compiled.insert(*name);
  SymbolTableCollection symbols;
  for (auto function : module.getOps<func::FuncOp>()) {
    if (function.isDeclaration() || compiled.contains(function.getSymName()))
      continue;
    if (failed(bufferization::deallocateBuffersOwnershipBased(
            function, bufferization::DeallocationOptions(), symbols)))
      return signalPassFailure();
  }
}
