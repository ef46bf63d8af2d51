//===- CheckEmitter.h - Builds conditions and checks -------*- C++ -*-===//
//
// What the conditions of all operations are written with. Conditions fold while
// they are built, and what is always true emits nothing, so that programs of
// fixed shapes get no checks.
//
//===----------------------------------------------------------------------===//

#ifndef SYM_TRANSFORMS_CHECKS_CHECKEMITTER_H
#define SYM_TRANSFORMS_CHECKS_CHECKEMITTER_H

#include "Folding.h"
#include "sym/Dialect/Sym/IR/Sym.h"

#include "mlir/Dialect/Arith/IR/Arith.h"

namespace mlir::sym {

class CheckEmitter {
public:
  explicit CheckEmitter(MLIRContext *context) : builder(context) {}

  OpBuilder builder;
  DimensionTable dimensions;
  Folding folding{dimensions};
  unsigned numChecks = 0;
  /// Conditions are collected, but nothing is checked: a guard does that.
  bool isGuarded = false;

  /// From here on checks are those of `op` and stand before it.
  void setSubject(Operation *op) {
    subject = op;
    builder.setInsertionPoint(op);
    conditions.clear();
  }
  /// The same, but the name and the location are those of another operation.
  void setSubject(Operation *named, Block::iterator before, Block *block) {
    subject = named;
    builder.setInsertionPoint(block, before);
    conditions.clear();
  }
  Location getLoc() const { return subject->getLoc(); }

  /// Emits a check unless `condition` is known to hold. The message starts with
  /// the name of the operation, and ends with the indices at which it works if
  /// it stands in a parallel loop.
  void check(Value condition, CheckKind kind, const Twine &message,
             ValueRange values = {});

  /// States what a check implies already, for `getFoldable`.
  void imply(Value condition) { conditions.push_back(condition); }
  /// The conjunction of those conditions on the subject that folding may find
  /// not to hold; null if there are none.
  Value getFoldable();

  /// Both sizes are equal, here and in the rest of the scope. The message has
  /// `a` as {0} and `b` as {1}.
  void checkEqual(Dimension a, Dimension b, const Twine &message);
  /// A size that an operand gives is not negative.
  void checkSize(Dimension size, const Twine &what);
  /// A tensor of these sizes, each of which is not negative, has an address.
  void checkCount(ArrayRef<Dimension> sizes);
  /// 0 <= index < size.
  void checkIndex(Value index, Dimension size, const Twine &message);

  // Conditions and index arithmetic, folded where possible.
  Value constant(int64_t value);
  Value constant(Type type, const APInt &value);
  Value boolean(bool value);
  Value size(Dimension dimension) {
    return dimensions.materialize(builder, getLoc(), dimension);
  }
  Value compare(arith::CmpIPredicate predicate, Value lhs, Value rhs) {
    return builder.createOrFold<arith::CmpIOp>(getLoc(), predicate, lhs, rhs);
  }
  Value compare(arith::CmpFPredicate predicate, Value lhs, Value rhs) {
    return builder.createOrFold<arith::CmpFOp>(getLoc(), predicate, lhs, rhs);
  }
  template <typename OpT> Value binary(Value lhs, Value rhs) {
    return builder.createOrFold<OpT>(getLoc(), lhs, rhs);
  }
  Value both(Value lhs, Value rhs) { return binary<arith::AndIOp>(lhs, rhs); }
  Value either(Value lhs, Value rhs) { return binary<arith::OrIOp>(lhs, rhs); }

  /// The indices of the parallel loops around, for messages.
  SmallVector<Value> loopIndices;

private:
  Operation *subject = nullptr;
  SmallVector<Value> conditions;
};

/// Whether `index` is the induction variable of a loop over 0 … size - 1 or a
/// part of it.
bool isIndexOfLoopOver(Value index, Dimension size, DimensionTable &dimensions);

} // namespace mlir::sym

#endif // SYM_TRANSFORMS_CHECKS_CHECKEMITTER_H
