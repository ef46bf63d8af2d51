//===- BorrowState.h - What is known of borrows at a point -----*- C++ -*-===//
//
// The lattice of the borrow checker (B5).
//
// Glossary
//   place    where something happened: an operation, and the call through
//            which it happened if that is in another function
//   variable a number: the module's shared variables first, then one symbolic
//            variable per argument of the function that is analysed ("what the
//            caller's borrow borrows")
//   token    an abstract borrow: all borrows that may meet in one block
//            argument or region result. `recent` stands for exactly one
//            run-time borrow, the last one; `earlier` for those before it,
//            which in a loop may be many.
//   origins  the tokens that a value may derive from
//
//===----------------------------------------------------------------------===//

#ifndef SYM_DIALECT_SYM_ANALYSIS_BORROWSTATE_H
#define SYM_DIALECT_SYM_ANALYSIS_BORROWSTATE_H

#include "sym/Dialect/Sym/IR/Sym.h"

#include "llvm/ADT/DenseMap.h"
#include "llvm/ADT/SmallVector.h"

#include <map>
#include <optional>

namespace mlir::sym {

/// Where something happened. `order` is the position in the function under
/// analysis, so that of several places the first is named.
struct Place {
  unsigned order = 0;
  Operation *op = nullptr;
  /// The call in the analysed function, if `op` is in another one.
  Operation *via = nullptr;

  bool operator<(const Place &other) const { return order < other.order; }
};

using VariableIndex = unsigned;

/// A sorted set of small numbers.
class IndexSet {
public:
  /// Whether the set has grown.
  bool insert(unsigned index);
  bool insert(const IndexSet &other);
  bool contains(unsigned index) const;
  bool intersects(const IndexSet &other) const;
  void clear() { indices.clear(); }
  bool empty() const { return indices.empty(); }
  size_t size() const { return indices.size(); }
  auto begin() const { return indices.begin(); }
  auto end() const { return indices.end(); }
  bool operator==(const IndexSet &other) const {
    return indices == other.indices;
  }

private:
  SmallVector<unsigned, 2> indices;
};

/// The first place per variable.
using PlaceMap = std::map<VariableIndex, Place>;

/// Records the earlier of what is known and `place`; whether that is news.
bool recordFirst(std::optional<Place> &known, const Place &place);
bool recordFirst(PlaceMap &known, VariableIndex variable, const Place &place);

/// Identifies a token: the representative of the values that its borrows meet
/// in, see the glossary.
struct Token {
  Value site;
  BorrowKind kind = BorrowKind::Scoped;
  bool isEarlier = false;
};

/// What may be true of a token at a point; a join is a union.
struct TokenState {
  /// It may not have been released.
  bool isHeld = false;
  /// It stands for several run-time borrows, of which a release ends one.
  bool isSummary = false;
  /// It may have been released, first here.
  std::optional<Place> released;
  /// Its variable may have been updated, first here.
  std::optional<Place> invalidated;
  /// It may have been borrowed by this function, or by one that it calls.
  std::optional<Place> borrowed;
  /// It may be the borrow of one of these arguments.
  IndexSet arguments;
  /// What it may borrow.
  IndexSet variables;

  bool join(const TokenState &other);
};

/// What may be true at a point of a host program.
class BorrowState {
public:
  /// Joins `other` into this; whether that has changed anything.
  bool join(const BorrowState &other);

  const IndexSet &getOrigins(Value value) const;
  void setOrigins(Value value, IndexSet tokens);
  /// Replaces `from` by `to` in the origins of every value.
  void renameOrigin(unsigned from, unsigned to);

  TokenState *find(unsigned token);
  TokenState &operator[](unsigned token) { return tokens[token]; }
  std::map<unsigned, TokenState> &getTokens() { return tokens; }

  /// The variables updated since the function began, for the sake of borrows
  /// that its caller holds.
  PlaceMap updated;

private:
  std::map<unsigned, TokenState> tokens;
  llvm::DenseMap<Value, IndexSet> origins;
};

} // namespace mlir::sym

#endif // SYM_DIALECT_SYM_ANALYSIS_BORROWSTATE_H
