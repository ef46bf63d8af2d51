//===- Slice.h - Moving an operation up with what it needs -*- C++ -*-===//

#ifndef SYM_LIB_DIALECT_SYM_TRANSFORMS_SLICE_H
#define SYM_LIB_DIALECT_SYM_TRANSFORMS_SLICE_H

#include "Variants.h"

#include "llvm/ADT/SetVector.h"

namespace mlir::sym {

/// Operations of a variant that move before `target`, which stands in its entry
/// block and is not itself needed by any of them.
class Slice {
public:
  Slice(Variant &variant, Operation *target, const SourceAccess &access)
      : variant(variant), target(target), access(access) {}

  /// Adds `op` and all that it needs, wherever it stands. False, and nothing is
  /// added, if one of these has to stay: `op` itself may have effects, but what
  /// it needs must be free of them and defined for all operands.
  bool add(Operation *op);
  /// Adds what `value` needs.
  bool add(Value value);
  /// Moves what was added.
  void move();

private:
  bool addNeeded(Value value, llvm::SetVector<Operation *> &needed) const;
  bool isMovable(Operation *op) const;

  Variant &variant;
  Operation *target;
  const SourceAccess &access;
  llvm::SetVector<Operation *> ops;
};

} // namespace mlir::sym

#endif // SYM_LIB_DIALECT_SYM_TRANSFORMS_SLICE_H
