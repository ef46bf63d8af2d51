//===- BufferClasses.h - Which values are the same buffer ------*- C++ -*-===//
//
// Values that may show one buffer, through views, choices, branches and loops,
// are in one memory space.
//
//===----------------------------------------------------------------------===//

#ifndef SYM_LIB_DIALECT_SYM_TRANSFORMS_BUFFERCLASSES_H
#define SYM_LIB_DIALECT_SYM_TRANSFORMS_BUFFERCLASSES_H

#include "sym/Dialect/Sym/IR/Sym.h"

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "llvm/ADT/IntEqClasses.h"

namespace mlir::sym {

/// The memrefs of one function, in classes. Valid until the function changes.
class BufferClasses {
public:
  explicit BufferClasses(func::FuncOp function);

  /// The class of a buffer of the function.
  unsigned operator[](Value buffer) const {
    return classes.findLeader(numbers.lookup(buffer));
  }
  ArrayRef<Value> getBuffers() const { return buffers; }

private:
  void add(Value value);
  void join(Value lhs, Value rhs);
  void joinAt(Operation *op);

  SmallVector<Value> buffers;
  llvm::DenseMap<Value, unsigned> numbers;
  llvm::IntEqClasses classes;
};

} // namespace mlir::sym

#endif // SYM_LIB_DIALECT_SYM_TRANSFORMS_BUFFERCLASSES_H
