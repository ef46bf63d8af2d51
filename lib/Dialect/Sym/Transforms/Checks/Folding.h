//===- Folding.h - What later passes may find to be constant -*- C++ -*-===//
//
// Folding a size or an offset to a constant can make an operation that does not
// verify: a slice at -1, a sum of two and three elements. It is never reached,
// since its check fails, and yet it must be compiled. Here is decided for which
// operations that can come about; `sym-insert-checks` puts them into branches.
//
//===----------------------------------------------------------------------===//

#ifndef SYM_TRANSFORMS_CHECKS_FOLDING_H
#define SYM_TRANSFORMS_CHECKS_FOLDING_H

#include "Dimensions.h"

#include "llvm/ADT/DenseSet.h"

namespace mlir::sym {

/// Answers err on one side: what it denies does not fold, short of equal values
/// that are computed in different ways. Answers change when operations do.
class Folding {
public:
  explicit Folding(DimensionTable &dimensions) : dimensions(dimensions) {}

  /// Whether folding may make a constant of a number, of an element of a
  /// tensor, or of a size.
  bool mayFold(Value value);
  bool mayFold(Dimension dimension);
  /// Whether folding may find that a condition does not hold.
  bool mayFail(Value condition);

private:
  /// A number that may be unknown for ever: the size of an argument, the index
  /// of a loop, or (neither of them) a value that might turn out to be equal to
  /// another one.
  struct Unknown {
    Value value;
    enum Kind { Size, Index, Other } kind;
    int64_t dim = 0;
    bool operator==(const Unknown &other) const {
      return value == other.value && kind == other.kind && dim == other.dim;
    }
  };
  /// Numbers as sums of unknowns times coefficients that are not zero. The
  /// constants are left out: a sum of constants alone is empty.
  struct Sum {
    SmallVector<std::pair<Unknown, uint64_t>, 2> terms;

    static Sum of(Unknown unknown) { return {{{unknown, 1}}}; }
    bool mayFold() const;
    void add(const Sum &other, uint64_t factor);
  };

  Sum getSum(Value value);
  Sum computeSum(Value value);
  Sum getSum(Dimension dimension);
  bool isLoopIndex(Value value);
  bool mayFoldLoopCarried(Operation *loop, unsigned position);

  DimensionTable &dimensions;
  llvm::DenseSet<Value> assumed;
  unsigned depth = 0, steps = 0;
};

} // namespace mlir::sym

#endif // SYM_TRANSFORMS_CHECKS_FOLDING_H
