//===- ExportVariants.cpp - The symbols of a unit -------------------------===//

#include "sym/Conversion/Passes.h"
#include "sym/Dialect/Sym/IR/Sym.h"

#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "llvm/ADT/SmallPtrSet.h"

namespace mlir::sym {
#define GEN_PASS_DEF_SYMEXPORTVARIANTS
#include "sym/Conversion/Passes.h.inc"
} // namespace mlir::sym

using namespace mlir;
using namespace mlir::sym;

namespace {
struct ExportVariantsPass
    : public mlir::sym::impl::SymExportVariantsBase<ExportVariantsPass> {
  void runOnOperation() override {
    llvm::SmallPtrSet<Attribute, 2> variants;
    for (Operation &op :
         llvm::make_early_inc_range(*getOperation().getBody())) {
      if (auto entry = dyn_cast<EntryOp>(op))
        for (FlatSymbolRefAttr name :
             {entry.getInplaceAttr(), entry.getOutofplaceAttr()})
          if (name)
            variants.insert(name.getAttr());
      if (isa<EntryOp, SharedOp>(op))
        op.erase();
    }
    for (auto function : getOperation().getOps<LLVM::LLVMFuncOp>()) {
      if (function.isExternal())
        continue;
      bool isVariant = variants.contains(function.getSymNameAttr());
      function.setLinkage(isVariant ? LLVM::Linkage::External
                                    : LLVM::Linkage::Internal);
      SymbolTable::setSymbolVisibility(
          function, isVariant ? SymbolTable::Visibility::Public
                              : SymbolTable::Visibility::Private);
    }
  }
};
} // namespace
