//===- Functionalize.cpp - Functions over state become pure functions -===//
//
// The pass `sym-functionalize`. The order of reads and updates is the module's
// order of declaration, so that it depends on nothing that an optimization may
// change.
//
//===----------------------------------------------------------------------===//

#include "sym/Dialect/Sym/IR/Sym.h"
#include "sym/Dialect/Sym/Transforms/Passes.h"

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/IR/Builders.h"
#include "mlir/IR/SymbolTable.h"

namespace mlir::sym {
#define GEN_PASS_DEF_SYMFUNCTIONALIZE
#include "sym/Dialect/Sym/Transforms/Passes.h.inc"
} // namespace mlir::sym

using namespace mlir;
using namespace mlir::sym;

namespace {
/// The variables of a module by name, with their place in it.
using VariableOrder = llvm::DenseMap<StringAttr, unsigned>;

struct Functionalize : public sym::impl::SymFunctionalizeBase<Functionalize> {
  void runOnOperation() override {
    // Symbols are flat, so that each module is on its own.
    WalkResult result = getOperation().walk([&](ModuleOp module) {
      return failed(functionalizeModule(module)) ? WalkResult::interrupt()
                                                 : WalkResult::advance();
    });
    if (result.wasInterrupted())
      signalPassFailure();
  }

  LogicalResult functionalizeModule(ModuleOp module);
  LogicalResult functionalize(FuncOp function, SymbolTable &symbols,
                              const VariableOrder &order);
};
} // namespace

/// The reads of `function`, by variable and in the order of `order`. The block
/// argument that stands for a variable has the location of its first read.
static SmallVector<SmallVector<ReadOp>> getReads(FuncOp function,
                                                 const VariableOrder &order) {
  SmallVector<SmallVector<ReadOp>> reads(order.size());
  function.walk([&](ReadOp read) {
    reads[order.lookup(read.getVariableAttr().getAttr())].push_back(read);
  });
  llvm::erase_if(reads, [](const auto &group) { return group.empty(); });
  return reads;
}

LogicalResult Functionalize::functionalize(FuncOp function,
                                           SymbolTable &symbols,
                                           const VariableOrder &order) {
  WalkResult result = function.walk([&](EvalOp eval) {
    eval.emitOpError() << "must have been resolved before functionalizing";
    return WalkResult::interrupt();
  });
  if (result.wasInterrupted())
    return failure();

  OpBuilder builder(function);
  MLIRContext *context = builder.getContext();
  Location loc = function.getLoc();
  FunctionType type = function.getFunctionType();
  SmallVector<Type> argumentTypes(type.getInputs());
  SmallVector<Type> resultTypes(type.getResults());

  // Reads become arguments.
  Block &block = function.getBody().front();
  SmallVector<Attribute> readVariables;
  for (ArrayRef<ReadOp> group : getReads(function, order)) {
    ReadOp first = group.front();
    readVariables.push_back(first.getVariableAttr());
    argumentTypes.push_back(first.getType());
    Value argument = block.addArgument(first.getType(), first.getLoc());
    numMergedReads += group.size() - 1;
    for (ReadOp read : group) {
      read.getResult().replaceAllUsesWith(argument);
      read.erase();
    }
  }

  // Updates become results.
  ReturnOp terminator = function.getReturn();
  SmallVector<std::pair<FlatSymbolRefAttr, Value>> updates;
  for (auto [target, value] :
       llvm::zip_equal(terminator.getTargets(), terminator.getNewValues()))
    updates.emplace_back(cast<FlatSymbolRefAttr>(target), value);
  llvm::sort(updates, [&](const auto &lhs, const auto &rhs) {
    return order.lookup(lhs.first.getAttr()) <
           order.lookup(rhs.first.getAttr());
  });
  SmallVector<Attribute> updatedVariables;
  SmallVector<Value> results(terminator.getOutputs());
  for (auto [target, value] : updates) {
    updatedVariables.push_back(target);
    results.push_back(value);
    resultTypes.push_back(value.getType());
  }
  builder.setInsertionPoint(terminator);
  func::ReturnOp::create(builder, terminator.getLoc(), results);
  terminator.erase();

  builder.setInsertionPoint(function);
  auto entry = EntryOp::create(
      builder, loc, function.getSymNameAttr(), function.getFunctionTypeAttr(),
      function.getArgAttrsAttr(), function.getResAttrsAttr(),
      builder.getArrayAttr(readVariables),
      builder.getArrayAttr(updatedVariables), FlatSymbolRefAttr(),
      FlatSymbolRefAttr(), ArrayAttr(), FlatSymbolRefAttr(), ArrayAttr());
  entry->setDiscardableAttrs(function->getDiscardableAttrDictionary());
  // A table has no visibility of its own among its properties.
  if (StringAttr visibility = function.getSymVisibilityAttr())
    entry->setDiscardableAttr(SymbolTable::getVisibilityAttrName(), visibility);
  auto body = func::FuncOp::create(
      builder, loc, (function.getSymName() + ".body").str(),
      FunctionType::get(context, argumentTypes, resultTypes));
  body.setPrivate();
  body.getBody().takeBody(function.getBody());

  // The table keeps the function's name; the body gets one that nothing has.
  symbols.erase(function);
  symbols.insert(entry);
  symbols.insert(body);
  entry.setBodyAttr(FlatSymbolRefAttr::get(body.getSymNameAttr()));
  ++numFunctions;
  return success();
}

LogicalResult Functionalize::functionalizeModule(ModuleOp module) {
  VariableOrder order;
  for (auto variable : module.getOps<SharedOp>())
    order.try_emplace(variable.getSymNameAttr(), order.size());
  SymbolTable symbols(module);
  for (FuncOp function : llvm::make_early_inc_range(module.getOps<FuncOp>()))
    if (failed(functionalize(function, symbols, order)))
      return failure();
  return success();
}
