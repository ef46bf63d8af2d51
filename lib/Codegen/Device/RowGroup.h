//===- RowGroup.h - Operations that one kernel computes -----*- C++ -*-===//
//
// A reduction, and what it is computed from and what is computed from it, as
// far as all of it runs over the same rows: a thread has the same elements of a
// row in every operation, so values pass from one to the next in registers, and
// what nobody else reads is never stored.
//
//===----------------------------------------------------------------------===//

#ifndef SYM_LIB_CODEGEN_DEVICE_ROWGROUP_H
#define SYM_LIB_CODEGEN_DEVICE_ROWGROUP_H

#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "llvm/ADT/DenseSet.h"

#include <optional>

namespace mlir::sym {

/// What loops run over, or what indexes a value: nothing, the rows, or the
/// elements of all rows.
enum class Extent { Scalar, Row, Element };

/// A result of a member.
struct Definition {
  unsigned member, result;
  bool operator==(const Definition &other) const {
    return member == other.member && result == other.result;
  }
};

/// An operation of a group.
struct RowMember {
  // A handle: what it names can be changed through a const one.
  mutable linalg::GenericOp op;
  /// The group's loop of each loop.
  SmallVector<unsigned> loops;
  /// What the loops run over, and what indexes the results.
  Extent over, of;
  /// What accumulates each result, if it reduces.
  SmallVector<Operation *> combiners;

  /// What computes each operand; none if memory or the host has it.
  SmallVector<std::optional<Definition>> sources;
  /// Whether each result must be in memory afterwards.
  SmallVector<bool> stored;
  /// How many reductions of the row must be complete before.
  unsigned level = 0;
  /// Computed from sums of everything, when all rows are done.
  bool late = false;
  /// A value by row that all threads of the row need; others only the first.
  bool shared = false;

  bool reduces() const { return over != of; }
  /// Whether all threads must meet for it.
  bool reducesRow() const { return reduces() && of == Extent::Row; }
  bool reducesAll() const { return reduces() && of == Extent::Scalar; }
};

/// Who computes a row.
enum class RowLayout {
  Rows,    ///< Neighbours in memory are elements of a row.
  Columns, ///< Neighbours in memory are rows.
  Grid,    ///< There is one row, and all threads of the grid share it.
};

/// What a function says about overlapping buffers.
class BufferFacts {
public:
  /// `distinctArguments`: whether buffers that are different arguments do not
  /// overlap.
  explicit BufferFacts(bool distinctArguments)
      : distinctArguments(distinctArguments) {}

  bool mayOverlap(Value lhs, Value rhs) const;

private:
  bool distinctArguments;
};

/// Members in the order of their block.
class RowGroup {
public:
  /// The group of `seed`, a reduction; none if its elements cannot be shared.
  static std::optional<RowGroup> create(linalg::GenericOp seed,
                                        const BufferFacts &facts);
  /// Adds `op` if the group can compute it; else changes nothing.
  bool add(linalg::GenericOp op);
  bool contains(Operation *op) const;

  /// Moves all members before the last one.
  void gather();

  ArrayRef<RowMember> getMembers() const { return members; }
  Operation *getLast() const { return members.back().op; }
  RowLayout getLayout() const { return layout; }
  unsigned getNumRowLoops() const { return numRows; }
  unsigned getNumLoops() const { return numRows + numColumns; }
  unsigned getNumLevels() const;
  /// The member that has the sizes of all loops.
  const RowMember &getSeed() const;

  /// The index of `operand` in terms of the group's loops.
  AffineMap getMap(const RowMember &member, OpOperand &operand) const;
  /// Whether `operand` of `member` is the same for all elements of a row.
  bool isRowInvariant(const RowMember &member, OpOperand &operand) const;
  /// Whether memory is touched for `operand`.
  bool isAccessed(const RowMember &member, OpOperand &operand) const;

private:
  explicit RowGroup(const BufferFacts &facts) : facts(&facts) {}
  bool matchLoops(RowMember &member);
  bool classify(RowMember &member);
  /// Fills in what members pass to each other. False if one kernel would
  /// compute something else than the members one after the other.
  bool plan();
  bool connect();
  void decideStores();
  bool canShareRows();
  bool canGather();

  const BufferFacts *facts;
  SmallVector<RowMember, 0> members;
  Operation *seed = nullptr;
  unsigned numRows = 0, numColumns = 0;
  RowLayout layout = RowLayout::Rows;
};

} // namespace mlir::sym

#endif // SYM_LIB_CODEGEN_DEVICE_ROWGROUP_H
