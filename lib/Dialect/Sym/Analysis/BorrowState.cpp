//===- BorrowState.cpp - What is known of borrows at a point ----------===//

#include "sym/Dialect/Sym/Analysis/BorrowState.h"

#include "llvm/ADT/STLExtras.h"

using namespace mlir;
using namespace mlir::sym;

//===----------------------------------------------------------------------===//
// IndexSet
//===----------------------------------------------------------------------===//

bool IndexSet::insert(unsigned index) {
  auto *position = llvm::lower_bound(indices, index);
  if (position != indices.end() && *position == index)
    return false;
  indices.insert(position, index);
  return true;
}

bool IndexSet::insert(const IndexSet &other) {
  bool changed = false;
  for (unsigned index : other.indices)
    changed |= insert(index);
  return changed;
}

bool IndexSet::contains(unsigned index) const {
  return llvm::binary_search(indices, index);
}

bool IndexSet::intersects(const IndexSet &other) const {
  return llvm::any_of(indices,
                      [&](unsigned index) { return other.contains(index); });
}

//===----------------------------------------------------------------------===//
// Places
//===----------------------------------------------------------------------===//

bool mlir::sym::recordFirst(std::optional<Place> &known, const Place &place) {
  if (known && !(place < *known))
    return false;
  known = place;
  return true;
}

bool mlir::sym::recordFirst(PlaceMap &known, VariableIndex variable,
                            const Place &place) {
  auto [entry, isNew] = known.try_emplace(variable, place);
  if (isNew || !(place < entry->second))
    return isNew;
  entry->second = place;
  return true;
}

//===----------------------------------------------------------------------===//
// States
//===----------------------------------------------------------------------===//

static bool joinFlag(bool &into, bool from) {
  bool changed = from && !into;
  into |= from;
  return changed;
}

static bool joinPlace(std::optional<Place> &into,
                      const std::optional<Place> &from) {
  return from && recordFirst(into, *from);
}

bool TokenState::join(const TokenState &other) {
  bool changed = joinFlag(isHeld, other.isHeld);
  changed |= joinFlag(isSummary, other.isSummary);
  changed |= joinPlace(released, other.released);
  changed |= joinPlace(invalidated, other.invalidated);
  changed |= joinPlace(borrowed, other.borrowed);
  changed |= arguments.insert(other.arguments);
  changed |= variables.insert(other.variables);
  return changed;
}

bool BorrowState::join(const BorrowState &other) {
  bool changed = false;
  for (const auto &[token, state] : other.tokens) {
    auto [entry, isNew] = tokens.try_emplace(token, state);
    changed |= isNew || entry->second.join(state);
  }
  for (const auto &[value, from] : other.origins)
    changed |= origins[value].insert(from);
  for (const auto &[variable, place] : other.updated)
    changed |= recordFirst(updated, variable, place);
  return changed;
}

const IndexSet &BorrowState::getOrigins(Value value) const {
  static const IndexSet none;
  auto entry = origins.find(value);
  return entry == origins.end() ? none : entry->second;
}

void BorrowState::setOrigins(Value value, IndexSet tokens) {
  if (tokens.empty())
    origins.erase(value);
  else
    origins[value] = std::move(tokens);
}

void BorrowState::renameOrigin(unsigned from, unsigned to) {
  for (auto &entry : origins) {
    if (!entry.second.contains(from))
      continue;
    IndexSet renamed;
    for (unsigned token : entry.second)
      renamed.insert(token == from ? to : token);
    entry.second = std::move(renamed);
  }
}

TokenState *BorrowState::find(unsigned token) {
  auto entry = tokens.find(token);
  return entry == tokens.end() ? nullptr : &entry->second;
}
