//===- BorrowCalls.cpp - Calls between host programs ------------------===//
//
// B5 through func.call: the summary of the callee, seen from the caller.
//
//===----------------------------------------------------------------------===//

#include "FunctionBorrows.h"

using namespace mlir;
using namespace mlir::sym;

bool FunctionBorrows::transferCall(func::CallOp call, BorrowState &state) {
  func::FuncOp callee = module.getCallee(call);
  if (!callee) {
    // A declaration is foreign code: it knows no variable.
    transferOther(call, state);
    return true;
  }
  use(call, call.getOperands(), state);
  const BorrowSummary &known = *module.getSummary(callee);
  SmallVector<IndexSet> origins;
  for (Value operand : call.getOperands())
    origins.push_back(state.getOrigins(operand));

  Place here = placeOf(call);
  auto lift = [&](const Place &place) -> Place {
    return {here.order, place.op, call};
  };
  // The variables of the caller that a variable of the callee may be.
  auto resolve = [&](VariableIndex variable) {
    IndexSet resolved;
    if (!isArgumentVariable(variable))
      resolved.insert(variable);
    else
      for (unsigned token : origins[variable - module.getNumVariables()])
        resolved.insert(state[token].variables);
    return resolved;
  };

  // Arguments that the callee uses after an update of what they borrow.
  for (auto [index, argument] : llvm::enumerate(known.arguments)) {
    for (const auto &[variable, use] : argument.usedAfter) {
      IndexSet resolved = resolve(variable);
      for (unsigned token : origins[index]) {
        TokenState &borrow = state[token];
        if (tokens[token].kind != BorrowKind::Scoped)
          continue;
        if (borrow.variables.intersects(resolved))
          fault(BorrowFault::UseAfterUpdate, token, borrow, lift(use.updated),
                lift(use.used));
        for (unsigned outer : borrow.arguments)
          for (VariableIndex updated : resolved)
            summary.arguments[outer].usedAfter.try_emplace(
                updated, BorrowSummary::Use{lift(use.updated), lift(use.used)});
      }
    }
    if (!argument.released)
      continue;
    for (auto [other, others] : llvm::enumerate(origins))
      for (unsigned token : origins[index])
        if (other != index && others.contains(token))
          fault(BorrowFault::ReleaseOfAlias, token, state[token],
                lift(*argument.released), here);
  }

  // A borrow that is passed may be released before the callee updates; only
  // what it does meanwhile counts for that one.
  IndexSet passed;
  for (auto [operand, tokens] : llvm::zip(call.getOperands(), origins))
    if (isa<BorrowType>(operand.getType()) && tokens.size() == 1 &&
        !state[*tokens.begin()].isSummary)
      passed.insert(tokens);
  for (auto [index, argument] : llvm::enumerate(known.arguments)) {
    if (!isa<BorrowType>(call.getOperand(index).getType()))
      continue;
    for (unsigned token : origins[index]) {
      if (!passed.contains(token))
        continue;
      TokenState &borrow = state[token];
      for (const auto &[variable, place] : argument.touchedWhileHeld) {
        for (VariableIndex touched : resolve(variable)) {
          for (unsigned outer : borrow.arguments)
            recordFirst(summary.arguments[outer].touchedWhileHeld, touched,
                        lift(place));
          if (!borrow.variables.contains(touched))
            continue;
          if (tokens[token].kind == BorrowKind::Exclusive)
            fault(isa<BorrowOp>(place.op) ? BorrowFault::ExclusiveTwice
                                          : BorrowFault::UpdateWhileExclusive,
                  token, borrow, std::nullopt, lift(place));
          if (tokens[token].kind == BorrowKind::Pinned && borrow.borrowed &&
              isa<CallOp>(place.op))
            fault(BorrowFault::UpdateWhilePinned, token, borrow, std::nullopt,
                  lift(place));
        }
      }
    }
  }
  for (const auto &[variable, place] : known.acquires)
    for (VariableIndex acquired : resolve(variable))
      acquire(acquired, lift(place), passed, state);
  for (const auto &[variable, place] : known.updates)
    for (VariableIndex updated : resolve(variable))
      update(updated, lift(place), passed, state);

  for (auto [index, argument] : llvm::enumerate(known.arguments))
    if (argument.released)
      release(origins[index], lift(*argument.released), argument.isHeld, state);

  for (auto [result, from] : llvm::zip(call.getResults(), known.results)) {
    std::map<BorrowKind, TokenState> borrows;
    for (const auto &[key, place] : from.borrows) {
      TokenState &borrow = borrows[key.second];
      borrow.isHeld = true;
      recordFirst(borrow.borrowed, lift(place));
      borrow.variables.insert(key.first);
    }
    IndexSet fresh;
    for (const auto &[kind, borrow] : borrows)
      fresh.insert(create(result, kind, borrow, state));
    // Asked again, since what was recent may have become earlier.
    for (unsigned argument : from.arguments)
      fresh.insert(state.getOrigins(call.getOperand(argument)));
    state.setOrigins(result, std::move(fresh));
  }
  return known.returns;
}
