//===- Dimensions.h - Which sizes of tensors are equal -----*- C++ -*-===//
//
// Two sizes are equal since the operations make them so (the result of an
// addition has the sizes of its operands), or since a check has established it
// here. The first holds everywhere, the second in a scope.
//
//===----------------------------------------------------------------------===//

#ifndef SYM_TRANSFORMS_CHECKS_DIMENSIONS_H
#define SYM_TRANSFORMS_CHECKS_DIMENSIONS_H

#include "mlir/IR/Builders.h"
#include "mlir/IR/OpDefinition.h"
#include "llvm/ADT/DenseMap.h"

#include <optional>

namespace mlir::sym {

/// A size: a constant, an SSA value of type `index`, or a dimension of a
/// tensor. Equal representations are equal sizes; the converse need not hold.
class Dimension {
public:
  Dimension() = default;
  static Dimension constant(int64_t size) { return {Value(), size}; }
  static Dimension index(Value value) { return {value, kIndex}; }
  static Dimension ofTensor(Value tensor, int64_t dim) { return {tensor, dim}; }

  bool isConstant() const { return !value; }
  bool isIndex() const { return value && dim == kIndex; }
  int64_t getConstant() const { return dim; }
  Value getValue() const { return value; }
  int64_t getDim() const { return dim; }

  /// Never negative: it is the size of a tensor that exists.
  bool isSizeOfTensor() const { return value && dim != kIndex; }

  bool operator==(const Dimension &other) const {
    return value == other.value && dim == other.dim;
  }
  bool operator!=(const Dimension &other) const { return !(*this == other); }

private:
  static constexpr int64_t kIndex = -1;
  Dimension(Value value, int64_t dim) : value(value), dim(dim) {}

  friend class DimensionTable;
  Value value;
  int64_t dim = 0;
};

class DimensionTable {
public:
  /// The representative of a size: what it is by the operations that made the
  /// tensor and by the facts in scope. `dim` is less than the rank.
  Dimension get(Value tensor, int64_t dim);
  Dimension get(OpFoldResult size);

  /// From here to the end of the scope, both are equal.
  void addFact(Dimension a, Dimension b);

  void pushScope() { scopes.push_back(undo.size()); }
  void popScope();

  /// The size as a value of type `index`, at the insertion point.
  Value materialize(OpBuilder &builder, Location loc, Dimension dimension);

private:
  using Key = std::pair<Value, int64_t>;
  static Key key(Dimension d) { return {d.value, d.dim}; }

  Dimension resolve(Value tensor, int64_t dim);
  Dimension compute(Value tensor, int64_t dim);
  Dimension computeLoopCarried(OpOperand &init, Value argument, Value yielded,
                               int64_t dim);
  Dimension resolve(OpFoldResult size);
  Dimension find(Dimension dimension) const;

  /// What operations say; holds everywhere. `derived` holds its keys in order
  /// while a loop-carried size is assumed, to take back what was derived.
  llvm::DenseMap<Key, Dimension> resolved;
  SmallVector<Key> derived;
  /// What checks say, as a forest; `undo` holds its edges in order.
  llvm::DenseMap<Key, Dimension> parents;
  SmallVector<Key> undo;
  SmallVector<size_t> scopes;
  unsigned numAssumptions = 0;
  unsigned depth = 0;
};

} // namespace mlir::sym

#endif // SYM_TRANSFORMS_CHECKS_DIMENSIONS_H
