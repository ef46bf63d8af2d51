//===- BorrowAnalysis.cpp - The borrow checker's analysis -------------===//

#include "sym/Dialect/Sym/Analysis/BorrowAnalysis.h"

#include "FunctionBorrows.h"

using namespace mlir;
using namespace mlir::sym;

template <typename MapT>
static bool hasSameKeys(const MapT &lhs, const MapT &rhs) {
  return lhs.size() == rhs.size() &&
         llvm::all_of_zip(lhs, rhs, [](const auto &left, const auto &right) {
           return left.first == right.first;
         });
}

bool BorrowSummary::hasSameFacts(const BorrowSummary &other) const {
  return returns == other.returns && hasSameKeys(updates, other.updates) &&
         hasSameKeys(acquires, other.acquires) &&
         llvm::all_of_zip(
             arguments, other.arguments,
             [](const Argument &lhs, const Argument &rhs) {
               return hasSameKeys(lhs.usedAfter, rhs.usedAfter) &&
                      hasSameKeys(lhs.touchedWhileHeld, rhs.touchedWhileHeld) &&
                      lhs.isHeld == rhs.isHeld &&
                      lhs.released.has_value() == rhs.released.has_value();
             }) &&
         llvm::all_of_zip(results, other.results,
                          [](const Result &lhs, const Result &rhs) {
                            return lhs.arguments == rhs.arguments &&
                                   hasSameKeys(lhs.borrows, rhs.borrows);
                          });
}

BorrowAnalysis::BorrowAnalysis(ModuleOp module) {
  module.walk([&](Operation *op) {
    if (auto shared = dyn_cast<SharedOp>(op)) {
      variables[shared] = names.size();
      names.push_back(("@" + shared.getSymName()).str());
    } else if (auto function = dyn_cast<func::FuncOp>(op)) {
      if (!function.isExternal())
        functions.push_back(function);
    }
  });
  orderFunctions();
  findAccesses();

  // Summaries only grow, over finitely many facts: this ends.
  std::set<unsigned> worklist;
  llvm::DenseMap<Operation *, unsigned> positions;
  for (unsigned index = 0, end = calleesFirst.size(); index != end; ++index) {
    func::FuncOp function = calleesFirst[index];
    positions[function] = index;
    worklist.insert(index);
    BorrowSummary &summary = summaries[function];
    summary.arguments.resize(function.getNumArguments());
    summary.results.resize(function.getNumResults());
  }
  while (!worklist.empty()) {
    func::FuncOp function = calleesFirst[*worklist.begin()];
    worklist.erase(worklist.begin());
    BorrowSummary summary = FunctionBorrows(*this, function).run();
    if (summary.hasSameFacts(summaries[function]))
      continue;
    summaries[function] = std::move(summary);
    for (Operation *caller : callers[function])
      worklist.insert(positions[caller]);
  }
}

/// Fills `calleesFirst` and `callers`. Iterative, since a chain of calls may be
/// longer than a stack is deep.
void BorrowAnalysis::orderFunctions() {
  llvm::DenseMap<Operation *, SmallVector<func::FuncOp>> callees;
  for (func::FuncOp function : functions)
    function.walk([&](func::CallOp call) {
      func::FuncOp callee = getCallee(call);
      if (!callee)
        return;
      callees[function].push_back(callee);
      callers[callee].push_back(function);
    });
  llvm::SmallPtrSet<Operation *, 16> seen;
  for (func::FuncOp root : functions) {
    if (!seen.insert(root).second)
      continue;
    SmallVector<std::pair<func::FuncOp, size_t>> stack = {{root, 0}};
    while (!stack.empty()) {
      auto &[function, next] = stack.back();
      ArrayRef<func::FuncOp> called = callees[function];
      if (next == called.size()) {
        calleesFirst.push_back(function);
        stack.pop_back();
        continue;
      }
      func::FuncOp callee = called[next++];
      if (seen.insert(callee).second)
        stack.push_back({callee, 0});
    }
  }
}

void BorrowAnalysis::findAccesses() {
  SmallVector<Operation *> worklist;
  for (func::FuncOp function : functions) {
    WalkResult result = function.walk([&](Operation *op) {
      if (!isa<CallOp, GetValueOp, SetValueOp, BorrowOp, ReleaseOp, PrintOp>(
              op))
        return WalkResult::advance();
      accesses[function] = op;
      return WalkResult::interrupt();
    });
    if (result.wasInterrupted())
      worklist.push_back(function);
  }
  while (!worklist.empty()) {
    Operation *callee = worklist.pop_back_val();
    Operation *access = accesses.lookup(callee);
    for (Operation *caller : callers.lookup(callee))
      if (accesses.try_emplace(caller, access).second)
        worklist.push_back(caller);
  }
}

/// What call_c3 says of host operations holds for the programs that have them.
void BorrowAnalysis::reportCallsOutOfSequence(func::FuncOp function,
                                              BorrowReporter report) {
  function.walk([&](func::CallOp call) {
    func::FuncOp callee = getCallee(call);
    Operation *access = callee ? accesses.lookup(callee) : nullptr;
    if (!access)
      return;
    for (Operation *parent = call->getParentOp(); parent != function;
         parent = parent->getParentOp()) {
      if (isSequential(parent))
        continue;
      report({BorrowFault::CallOutOfSequence, ("@" + callee.getSymName()).str(),
              BorrowKind::Scoped, std::nullopt, Place{0, access, nullptr},
              Place{0, call, nullptr}});
      return;
    }
  });
}

void BorrowAnalysis::report(BorrowReporter report) {
  for (func::FuncOp function : functions) {
    reportCallsOutOfSequence(function, report);
    FunctionBorrows borrows(*this, function);
    borrows.run();
    borrows.report(report);
  }
}

const BorrowSummary *BorrowAnalysis::getSummary(func::FuncOp function) const {
  auto entry = summaries.find(function);
  return entry == summaries.end() ? nullptr : &entry->second;
}

std::optional<VariableIndex>
BorrowAnalysis::getVariable(Operation *from, FlatSymbolRefAttr variable) {
  auto entry = variables.find(symbols.lookupNearestSymbolFrom(from, variable));
  if (entry == variables.end())
    return std::nullopt;
  return entry->second;
}

std::string BorrowAnalysis::getVariableName(VariableIndex index) const {
  if (index < names.size())
    return names[index];
  return "argument #" + std::to_string(index - names.size());
}

const IndexSet &BorrowAnalysis::getUpdates(CallOp call) {
  Operation *callee =
      symbols.lookupNearestSymbolFrom(call, call.getCalleeAttr());
  auto [entry, isNew] = updates.try_emplace(callee);
  if (!isNew)
    return entry->second;
  ArrayAttr targets;
  if (auto function = dyn_cast_or_null<FuncOp>(callee))
    targets = function.getReturn().getTargets();
  else if (auto table = dyn_cast_or_null<EntryOp>(callee))
    targets = table.getUpdates();
  if (targets)
    for (Attribute target : targets)
      if (auto index = getVariable(callee, cast<FlatSymbolRefAttr>(target)))
        entry->second.insert(*index);
  return entry->second;
}

func::FuncOp BorrowAnalysis::getCallee(func::CallOp call) {
  auto callee =
      symbols.lookupNearestSymbolFrom<func::FuncOp>(call, call.getCalleeAttr());
  return callee && !callee.isExternal() ? callee : func::FuncOp();
}
