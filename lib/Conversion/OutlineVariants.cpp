//===- OutlineVariants.cpp - A module for each variant --------------------===//
//
// What is compiled when it is first called has to be a program of its own: the
// variant, what it refers to, and its row of the table, which tells the passes
// behind which of its buffers are sources.
//
//===----------------------------------------------------------------------===//

#include "sym/Conversion/Names.h"
#include "sym/Conversion/Passes.h"
#include "sym/Dialect/Sym/IR/Sym.h"

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/IR/SymbolTable.h"
#include "llvm/ADT/SetVector.h"

namespace mlir::sym {
#define GEN_PASS_DEF_SYMOUTLINEVARIANTS
#include "sym/Conversion/Passes.h.inc"
} // namespace mlir::sym

using namespace mlir;
using namespace mlir::sym;

namespace {
struct OutlineVariantsPass
    : public mlir::sym::impl::SymOutlineVariantsBase<OutlineVariantsPass> {
  void runOnOperation() override;

private:
  LogicalResult outline(EntryOp entry, func::FuncOp variant,
                        SymbolTable &symbols);
};
} // namespace

/// `roots` and every symbol that they refer to, themselves or through others.
static FailureOr<llvm::SetVector<Operation *>>
getClosure(ArrayRef<Operation *> roots, SymbolTable &symbols) {
  llvm::SetVector<Operation *> closure(roots.begin(), roots.end());
  for (size_t i = 0; i < closure.size(); ++i) {
    // The table refers to more than its variants need of it.
    if (isa<EntryOp>(closure[i]))
      continue;
    auto uses = SymbolTable::getSymbolUses(closure[i]);
    if (!uses)
      return closure[i]->emitOpError("refers to symbols that are not known");
    for (const SymbolTable::SymbolUse &use : *uses)
      if (Operation *symbol =
              symbols.lookup(use.getSymbolRef().getRootReference()))
        closure.insert(symbol);
  }
  return closure;
}

/// Declares `name` as what a variant becomes: a function of the ABI.
static void declare(OpBuilder &b, Location loc, StringRef name) {
  auto type = LLVM::LLVMFunctionType::get(
      b.getI32Type(), {LLVM::LLVMPointerType::get(b.getContext())});
  LLVM::LLVMFuncOp::create(b, loc, name, type);
}

LogicalResult OutlineVariantsPass::outline(EntryOp entry, func::FuncOp variant,
                                           SymbolTable &symbols) {
  SmallVector<Operation *> roots = {entry, variant};
  for (ArrayAttr variables : {entry.getReads(), entry.getUpdates()})
    for (auto name : variables.getAsRange<FlatSymbolRefAttr>())
      roots.push_back(symbols.lookup(name.getAttr()));
  FailureOr<llvm::SetVector<Operation *>> closure = getClosure(roots, symbols);
  if (failed(closure))
    return failure();

  OpBuilder b(variant);
  auto unit = ModuleOp::create(b, variant.getLoc(),
                               (variant.getSymName() + kUnitSuffix).str());
  unit->setDiscardableAttrs(getOperation()->getDiscardableAttrDictionary());
  b.setInsertionPointToEnd(unit.getBody());
  for (Operation *op : *closure)
    b.clone(*op);
  for (FlatSymbolRefAttr name :
       {entry.getInplaceAttr(), entry.getOutofplaceAttr()})
    if (name.getAttr() != variant.getSymNameAttr())
      declare(b, entry.getLoc(), name.getValue());
  ++numVariants;
  return success();
}

void OutlineVariantsPass::runOnOperation() {
  ModuleOp module = getOperation();
  SymbolTable symbols(module);
  llvm::SetVector<func::FuncOp> variants;
  for (auto entry : module.getOps<EntryOp>()) {
    if (!entry.getInplaceAttr() || !entry.getOutofplaceAttr()) {
      entry.emitOpError("has no variants; the stage 'buffers' makes them");
      return signalPassFailure();
    }
    for (FlatSymbolRefAttr name :
         {entry.getInplaceAttr(), entry.getOutofplaceAttr()}) {
      auto variant = symbols.lookup<func::FuncOp>(name.getAttr());
      if (variant && !variant.isExternal() && variants.insert(variant) &&
          failed(outline(entry, variant, symbols)))
        return signalPassFailure();
    }
  }
  for (func::FuncOp variant : variants) {
    OpBuilder b(variant);
    declare(b, variant.getLoc(), variant.getSymName());
    symbols.erase(variant);
  }
}
