//===- MemoryAccess.h - What launches and copies touch ---------*- C++ -*-===//
//
// Which memory an operation of a device function reads and writes, so that one
// can say whether two of them may change places.
//
//===----------------------------------------------------------------------===//

#ifndef SYM_LIB_CODEGEN_DEVICE_MEMORYACCESS_H
#define SYM_LIB_CODEGEN_DEVICE_MEMORYACCESS_H

#include "mlir/Dialect/GPU/IR/GPUDialect.h"
#include "mlir/IR/BuiltinOps.h"
#include "mlir/IR/SymbolTable.h"
#include "llvm/ADT/DenseMap.h"
#include "llvm/ADT/SmallPtrSet.h"

#include <optional>

namespace mlir::sym {

/// Reads or writes a part of a buffer.
struct MemoryAccess {
  /// The buffer that it is a view of; null if that is not known.
  Value root;
  /// Of a view of an arena: where the part begins, and its bytes if they are
  /// static.
  OpFoldResult offset;
  std::optional<int64_t> bytes;
  bool writes = false;
};

/// Whether the order of `lhs` and `rhs` matters. Two arguments of a variant of
/// an entry do not overlap if one of them is written, and neither do views of
/// an arena that begin at different places, unless both begin at static ones:
/// so the stage buffers leaves them.
bool mayConflict(const MemoryAccess &lhs, const MemoryAccess &rhs);
bool mayConflict(ArrayRef<MemoryAccess> lhs, ArrayRef<MemoryAccess> rhs);

/// What operations access. Remembers what kernels do with their parameters, so
/// it holds as long as these do not change.
class MemoryAccesses {
public:
  explicit MemoryAccesses(ModuleOp program);

  /// What `op` reads and writes of the memory that others know: nothing if it
  /// only allocates, computes, or may end the call. None if that is not known.
  std::optional<SmallVector<MemoryAccess>> get(Operation *op);
  /// An access to all of `buffer`.
  MemoryAccess getAccess(Value buffer, bool writes) const;

private:
  struct Parameter {
    bool reads = false, writes = false;
  };
  ArrayRef<Parameter> getParameters(gpu::GPUFuncOp kernel);
  bool isOwnMemory(Value root) const;

  /// The functions whose arguments are a call's and variables'.
  llvm::SmallPtrSet<Operation *, 8> variants;
  llvm::DenseMap<Operation *, SmallVector<Parameter>> kernels;
  SymbolTableCollection symbols;
};

} // namespace mlir::sym

#endif // SYM_LIB_CODEGEN_DEVICE_MEMORYACCESS_H
