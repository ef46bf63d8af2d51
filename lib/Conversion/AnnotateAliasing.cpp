//===- AnnotateAliasing.cpp - Which buffers do not overlap ----------------===//

#include "sym/Conversion/Passes.h"
#include "sym/Dialect/Sym/IR/Sym.h"

#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/Dialect/LLVMIR/LLVMInterfaces.h"
#include "llvm/ADT/MapVector.h"
#include "llvm/ADT/SmallPtrSet.h"

namespace mlir::sym {
#define GEN_PASS_DEF_SYMANNOTATEALIASING
#include "sym/Conversion/Passes.h.inc"
} // namespace mlir::sym

using namespace mlir;
using namespace mlir::sym;

/// The pointer that `pointer` is computed from.
static Value getBase(Value pointer) {
  while (auto gep = pointer.getDefiningOp<LLVM::GEPOp>())
    pointer = gep.getBase();
  return pointer;
}

/// Whether `call` returns memory that overlaps no other buffer.
static bool returnsBuffer(LLVM::CallOp call) {
  std::optional<StringRef> callee = call.getCallee();
  return callee && (*callee == "sym_rt_result" || *callee == "sym_rt_arena" ||
                    *callee == "sym_rt_alloc");
}

namespace {
struct AnnotateAliasingPass
    : public mlir::sym::impl::SymAnnotateAliasingBase<AnnotateAliasingPass> {
  void runOnOperation() override {
    LLVM::LLVMFuncOp function = getOperation();
    if (function.isExternal())
      return;
    MLIRContext *context = &getContext();
    llvm::MapVector<Value, LLVM::AliasScopeAttr> scopes;
    llvm::SmallPtrSet<Value, 2> relaxed;
    for (BlockArgument argument : function.getArguments()) {
      if (function.getArgAttr(argument.getArgNumber(),
                              LLVM::LLVMDialect::getNoAliasAttrName()))
        scopes[argument] = {};
      if (function.removeArgAttr(argument.getArgNumber(),
                                 SymDialect::kRelaxedAttrName))
        relaxed.insert(argument);
    }
    function.walk([&](LLVM::CallOp call) {
      if (returnsBuffer(call))
        scopes[call.getResult()] = {};
    });
    // A single buffer has no other to be told from, but may have to be known.
    if (scopes.size() < 2 && relaxed.empty())
      return;
    auto domain = LLVM::AliasScopeDomainAttr::get(context);
    auto name = StringAttr::get(context, SymDialect::kRelaxedAttrName);
    for (auto &[buffer, scope] : scopes)
      scope = relaxed.contains(buffer) ? LLVM::AliasScopeAttr::get(domain, name)
                                       : LLVM::AliasScopeAttr::get(domain);

    function.walk([&](LLVM::AliasAnalysisOpInterface op) {
      llvm::SmallPtrSet<Attribute, 2> own;
      // An access whose buffer is not known says nothing.
      for (Value pointer : op.getAccessedOperands()) {
        auto *it = scopes.find(getBase(pointer));
        if (it == scopes.end())
          return;
        own.insert(it->second);
      }
      if (own.empty())
        return;
      SmallVector<Attribute> mine, others;
      for (const auto &entry : scopes)
        (own.contains(entry.second) ? mine : others).push_back(entry.second);
      op.setAliasScopes(ArrayAttr::get(context, mine));
      op.setNoAliasScopes(ArrayAttr::get(context, others));
      ++numAccesses;
    });
  }
};
} // namespace
