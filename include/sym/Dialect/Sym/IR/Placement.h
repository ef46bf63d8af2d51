//===- Placement.h - What is on the host, and what on a device -*- C++ -*-===//
//
// Behind `sym-place-buffers` the memory space of a memref says where its buffer
// is: none for the host, `#sym.space<cuda, N>` for a device. An entry whose
// variants run on a device names it in the attribute `sym.device`, and the
// module has the attribute `sym.placed`.
//
//===----------------------------------------------------------------------===//

#ifndef SYM_DIALECT_SYM_IR_PLACEMENT_H
#define SYM_DIALECT_SYM_IR_PLACEMENT_H

#include "sym/Dialect/Sym/IR/Sym.h"

#include "mlir/IR/BuiltinOps.h"

namespace mlir::sym {

/// What `getDevice` reads of an entry.
inline constexpr StringLiteral kDeviceAttrName = "sym.device";

/// The device on which the variants of `entry` launch kernels; null if it is a
/// function of the host.
SpaceAttr getDevice(EntryOp entry);
void setDevice(EntryOp entry, SpaceAttr device);

/// Whether `sym-place-buffers` has run on `module`.
bool hasPlacedBuffers(ModuleOp module);
void setPlacedBuffers(ModuleOp module);

/// Whether a device function takes argument `index` on the host: a scalar that
/// it does not write. All others, and all results, are on the device.
bool isHostArgument(EntryOp entry, unsigned index);

/// Where `variable` is, if that is a device.
SpaceAttr getDevice(SharedOp variable);

/// `type` in `space`; a null space is the host's.
MemRefType withSpace(MemRefType type, Attribute space);

/// Whether a type is a memref on a device, or a value is of such a type.
bool isOnDevice(Type type);
inline bool isOnDevice(Value value) { return isOnDevice(value.getType()); }

/// Whether `op` waits for a device, to read what it computed: this can fail.
bool readsDevice(Operation *op);

} // namespace mlir::sym

#endif // SYM_DIALECT_SYM_IR_PLACEMENT_H
