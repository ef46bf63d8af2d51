//===- MangleSymbols.cpp - The program's names apart from C's -------------===//

#include "sym/Conversion/Names.h"
#include "sym/Conversion/Passes.h"
#include "sym/Dialect/Sym/IR/Sym.h"

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/IR/SymbolTable.h"

namespace mlir::sym {
#define GEN_PASS_DEF_SYMMANGLESYMBOLS
#include "sym/Conversion/Passes.h.inc"
} // namespace mlir::sym

using namespace mlir;
using namespace mlir::sym;

namespace {
struct MangleSymbolsPass
    : public mlir::sym::impl::SymMangleSymbolsBase<MangleSymbolsPass> {
  void runOnOperation() override {
    ModuleOp module = getOperation();
    SymbolTableCollection tables;
    SymbolTable &table = tables.getSymbolTable(module);
    SymbolUserMap users(tables, module);
    for (Operation &op : *module.getBody()) {
      auto function = dyn_cast<func::FuncOp>(op);
      if (!isa<SharedOp, EntryOp>(op) && (!function || function.isExternal()))
        continue;
      std::string name =
          (SymbolTable::getSymbolName(&op).getValue() + kNameSuffix).str();
      while (table.lookup(name))
        name += kNameSuffix;
      auto attr = StringAttr::get(&getContext(), name);
      users.replaceAllUsesWith(&op, attr);
      if (failed(table.rename(&op, attr)))
        return signalPassFailure();
    }
  }
};
} // namespace
