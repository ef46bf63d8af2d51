//===- BorrowTransfer.cpp - What operations do to borrows -------------===//
//
// B5, operation by operation. Facts that callers need go to the summary; faults
// are reported only once the fixed point is reached.
//
//===----------------------------------------------------------------------===//

#include "FunctionBorrows.h"

#include "mlir/Interfaces/CallInterfaces.h"
#include "mlir/Interfaces/SideEffectInterfaces.h"
#include "mlir/Transforms/RegionUtils.h"
#include "llvm/ADT/TypeSwitch.h"

using namespace mlir;
using namespace mlir::sym;

void FunctionBorrows::fault(BorrowFault fault, unsigned token,
                            const TokenState &state, std::optional<Place> ended,
                            const Place &used) {
  if (!reporter)
    return;
  // Once for the last borrow of a loop and those before it.
  unsigned recent = tokenOf(tokens[token].site, tokens[token].kind, false);
  Operation *cause = ended ? ended->op : used.op;
  if (!reported.insert({fault, recent, cause}).second)
    return;
  BorrowReport report{fault,          "",    tokens[token].kind,
                      state.borrowed, ended, used};
  for (VariableIndex variable : state.variables) {
    if (!report.variable.empty())
      report.variable += " or ";
    report.variable += module.getVariableName(variable);
  }
  (*reporter)(report);
}

//===----------------------------------------------------------------------===//
// Tokens
//===----------------------------------------------------------------------===//

IndexSet FunctionBorrows::originsOf(ValueRange values,
                                    const BorrowState &state) {
  IndexSet origins;
  for (Value value : values)
    origins.insert(state.getOrigins(value));
  return origins;
}

/// The most recent borrow of a site begins; the one before it, if any, becomes
/// an earlier one, also in the values that derive from it.
unsigned FunctionBorrows::create(Value site, BorrowKind kind,
                                 const TokenState &fresh, BorrowState &state) {
  unsigned recent = tokenOf(site, kind, /*isEarlier=*/false);
  if (TokenState *previous = state.find(recent)) {
    unsigned earlier = tokenOf(site, kind, /*isEarlier=*/true);
    if (TokenState *known = state.find(earlier)) {
      known->join(*previous);
      known->isSummary = true;
    } else {
      state[earlier] = *previous;
    }
    state.renameOrigin(recent, earlier);
  }
  state[recent] = fresh;
  return recent;
}

void FunctionBorrows::release(const IndexSet &released, const Place &place,
                              bool mayStayHeld, BorrowState &state) {
  bool isCertain = released.size() == 1 && !mayStayHeld;
  for (unsigned token : released) {
    TokenState &borrow = state[token];
    recordFirst(borrow.released, place);
    if (isCertain && !borrow.isSummary)
      borrow.isHeld = false;
  }
}

void FunctionBorrows::enter(BorrowState &state) {
  for (BlockArgument argument : function.getArguments()) {
    if (!canCarryBorrow(argument.getType()))
      continue;
    auto type = dyn_cast<BorrowType>(argument.getType());
    TokenState borrow;
    borrow.isHeld = true;
    borrow.arguments.insert(argument.getArgNumber());
    borrow.variables.insert(argumentVariable(argument.getArgNumber()));
    IndexSet origins;
    origins.insert(create(argument, type ? type.getKind() : BorrowKind::Scoped,
                          borrow, state));
    state.setOrigins(argument, std::move(origins));
  }
}

//===----------------------------------------------------------------------===//
// Uses and updates
//===----------------------------------------------------------------------===//

void FunctionBorrows::use(Operation *op, ValueRange values,
                          BorrowState &state) {
  Place place = placeOf(op);
  for (Value value : values) {
    const IndexSet &origins = state.getOrigins(value);
    for (unsigned token : origins) {
      TokenState &borrow = state[token];
      if (borrow.released) {
        bool isCertain = !borrow.isHeld && origins.size() == 1;
        fault(isCertain ? BorrowFault::UseAfterRelease
                        : BorrowFault::MaybeUseAfterRelease,
              token, borrow, borrow.released, place);
      } else if (borrow.invalidated) {
        fault(BorrowFault::UseAfterUpdate, token, borrow, borrow.invalidated,
              place);
      }
      for (unsigned argument : borrow.arguments)
        for (const auto &[variable, updated] : state.updated)
          summary.arguments[argument].usedAfter.try_emplace(
              variable, BorrowSummary::Use{updated, place});
    }
  }
}

/// An operation takes `values` and updates variables: no scoped borrow proves
/// that it reads before it writes.
void FunctionBorrows::useByUpdate(Operation *op, ValueRange values,
                                  const IndexSet &updated, BorrowState &state) {
  Place place = placeOf(op);
  for (unsigned token : originsOf(values, state)) {
    TokenState &borrow = state[token];
    if (tokens[token].kind != BorrowKind::Scoped)
      continue;
    if (borrow.variables.intersects(updated))
      fault(BorrowFault::UseByUpdate, token, borrow, place, place);
    for (unsigned argument : borrow.arguments)
      for (VariableIndex variable : updated)
        summary.arguments[argument].usedAfter.try_emplace(
            variable, BorrowSummary::Use{place, place});
  }
}

/// The tensor type that a token borrows.
static Type tensorOf(Value site) {
  if (auto borrow = dyn_cast<BorrowType>(site.getType()))
    return borrow.getTensor();
  return site.getType();
}

void FunctionBorrows::update(VariableIndex variable, const Place &place,
                             const IndexSet &exempt, BorrowState &state) {
  for (auto &[token, borrow] : state.getTokens()) {
    bool isSame = borrow.variables.contains(variable);
    // What a borrow from the caller borrows is not known here: any variable of
    // its type.
    if (isArgumentVariable(variable) && borrow.borrowed)
      isSame |=
          tensorOf(tokens[token].site) ==
          tensorOf(function.getArgument(variable - module.getNumVariables()));
    bool isHeld = borrow.isHeld && !exempt.contains(token);
    if (isHeld)
      for (unsigned argument : borrow.arguments)
        recordFirst(summary.arguments[argument].touchedWhileHeld, variable,
                    place);
    if (!isSame)
      continue;
    switch (tokens[token].kind) {
    case BorrowKind::Scoped:
      recordFirst(borrow.invalidated, place);
      break;
    case BorrowKind::Exclusive:
      if (isHeld && borrow.variables.contains(variable))
        fault(BorrowFault::UpdateWhileExclusive, token, borrow, std::nullopt,
              place);
      break;
    case BorrowKind::Pinned:
      // Storing a value copies in any case; only a call loses its update in
      // place.
      if (isHeld && borrow.borrowed && isa<CallOp>(place.op))
        fault(BorrowFault::UpdateWhilePinned, token, borrow, std::nullopt,
              place);
      break;
    }
  }
  recordFirst(state.updated, variable, place);
  recordFirst(summary.updates, variable, place);
}

void FunctionBorrows::acquire(VariableIndex variable, const Place &place,
                              const IndexSet &exempt, BorrowState &state) {
  for (auto &[token, borrow] : state.getTokens()) {
    if (tokens[token].kind != BorrowKind::Exclusive || !borrow.isHeld ||
        exempt.contains(token))
      continue;
    if (borrow.variables.contains(variable))
      fault(BorrowFault::ExclusiveTwice, token, borrow, std::nullopt, place);
    for (unsigned argument : borrow.arguments)
      recordFirst(summary.arguments[argument].touchedWhileHeld, variable,
                  place);
  }
  recordFirst(summary.acquires, variable, place);
}

//===----------------------------------------------------------------------===//
// Operations
//===----------------------------------------------------------------------===//

bool FunctionBorrows::transfer(Operation *op, BorrowState &state) {
  if (auto call = dyn_cast<func::CallOp>(op))
    return transferCall(call, state);
  TypeSwitch<Operation *>(op)
      .Case([&](BorrowOp borrow) { transferBorrow(borrow, state); })
      .Case([&](ReleaseOp release) { transferRelease(release, state); })
      .Case([&](CallOp call) {
        use(call, call.getArguments(), state);
        const IndexSet &updated = module.getUpdates(call);
        useByUpdate(call, call.getArguments(), updated, state);
        for (VariableIndex variable : updated)
          update(variable, placeOf(call), {}, state);
        // Results are copies of what they derive from (T3).
        for (Value result : call.getResults())
          state.setOrigins(result, {});
      })
      .Case([&](SetValueOp set) {
        use(set, set.getValue(), state);
        auto variable = module.getVariable(set, set.getVariableAttr());
        if (!variable)
          return;
        IndexSet updated;
        updated.insert(*variable);
        useByUpdate(set, set.getValue(), updated, state);
        update(*variable, placeOf(set), {}, state);
      })
      .Case([&](GetValueOp get) { state.setOrigins(get.getResult(), {}); })
      .Default([&](Operation *) { transferOther(op, state); });
  return true;
}

void FunctionBorrows::transferBorrow(BorrowOp op, BorrowState &state) {
  Place place = placeOf(op);
  BorrowKind kind = op.getBorrow().getType().getKind();
  auto variable = module.getVariable(op, op.getVariableAttr());
  TokenState fresh;
  fresh.isHeld = true;
  fresh.borrowed = place;
  if (variable) {
    if (kind == BorrowKind::Exclusive)
      acquire(*variable, place, {}, state);
    fresh.variables.insert(*variable);
  }
  IndexSet origins;
  origins.insert(create(op.getBorrow(), kind, fresh, state));
  state.setOrigins(op.getBorrow(), std::move(origins));
}

void FunctionBorrows::transferRelease(ReleaseOp op, BorrowState &state) {
  Place place = placeOf(op);
  IndexSet released = state.getOrigins(op.getBorrow());
  for (unsigned token : released) {
    TokenState &borrow = state[token];
    if (!borrow.released)
      continue;
    bool isCertain = !borrow.isHeld && released.size() == 1;
    fault(isCertain ? BorrowFault::ReleaseTwice
                    : BorrowFault::MaybeReleaseTwice,
          token, borrow, borrow.released, place);
  }
  if (Value value = op.getValue()) {
    use(op, value, state);
    IndexSet updated;
    for (unsigned token : released)
      updated.insert(state[token].variables);
    useByUpdate(op, value, updated, state);
    for (VariableIndex variable : updated)
      update(variable, place, /*exempt=*/released, state);
  }
  release(released, place, /*mayStayHeld=*/false, state);
}

void FunctionBorrows::transferOther(Operation *op, BorrowState &state) {
  SetVector<Value> used(op->operand_begin(), op->operand_end());
  if (op->getNumRegions() != 0)
    getUsedValuesDefinedAbove(op->getRegions(), used);
  use(op, used.getArrayRef(), state);

  bool isCall = isa<CallOpInterface>(op);
  if (!isa<ViewOp>(op) && (isCall || !isMemoryEffectFree(op)))
    for (Value value : used) {
      if (!isa<BorrowType>(value.getType()))
        continue;
      for (unsigned token : state.getOrigins(value))
        fault(BorrowFault::Unknown, token, state[token], std::nullopt,
              placeOf(op));
    }
  // A call through a value may reach any function of the module.
  if (isCall &&
      !isa<SymbolRefAttr>(cast<CallOpInterface>(op).getCallableForCallee()))
    for (VariableIndex variable = 0, end = module.getNumVariables();
         variable != end; ++variable)
      update(variable, placeOf(op), {}, state);

  IndexSet origins = originsOf(used.getArrayRef(), state);
  for (Value result : op->getResults())
    state.setOrigins(result,
                     canCarryBorrow(result.getType()) ? origins : IndexSet());
}

void FunctionBorrows::transferReturn(func::ReturnOp op, BorrowState &state) {
  Place place = placeOf(op);
  use(op, op.getOperands(), state);
  summary.returns = true;

  IndexSet returned;
  for (auto [operand, result] : llvm::zip(op.getOperands(), summary.results)) {
    const IndexSet &origins = state.getOrigins(operand);
    for (unsigned token : origins) {
      TokenState &borrow = state[token];
      result.arguments.insert(borrow.arguments);
      if (borrow.borrowed)
        for (VariableIndex variable : borrow.variables)
          if (!isArgumentVariable(variable))
            result.borrows.try_emplace({variable, tokens[token].kind},
                                       *borrow.borrowed);
      if (!isa<BorrowType>(operand.getType()))
        continue;
      if (origins.size() == 1 && !borrow.isSummary && !returned.insert(token))
        fault(BorrowFault::ReturnTwice, token, borrow, std::nullopt, place);
    }
  }

  for (auto &[token, borrow] : state.getTokens()) {
    for (unsigned argument : borrow.arguments) {
      BorrowSummary::Argument &known = summary.arguments[argument];
      known.isHeld |= borrow.isHeld;
      if (borrow.released)
        recordFirst(known.released, *borrow.released);
    }
    if (!borrow.isHeld || !borrow.borrowed || returned.contains(token))
      continue;
    if (tokens[token].kind == BorrowKind::Exclusive)
      fault(borrow.released ? BorrowFault::MaybeExclusiveLeak
                            : BorrowFault::ExclusiveLeak,
            token, borrow, borrow.released, place);
    if (tokens[token].kind == BorrowKind::Pinned)
      fault(BorrowFault::PinnedLeak, token, borrow, borrow.released, place);
  }
}
