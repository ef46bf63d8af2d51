//===- ThreadGlobals.h - Globals of ml_program as values -------*- C++ -*-===//

#ifndef SYM_LIB_CONVERSION_THREADGLOBALS_H
#define SYM_LIB_CONVERSION_THREADGLOBALS_H

#include "mlir/IR/BuiltinTypes.h"
#include "llvm/ADT/MapVector.h"

namespace mlir::sym {

/// The type in which a value of type `type` is stored and crosses a call: a
/// ranked tensor of storable elements is itself, a number is a tensor of rank
/// 0, and `index` becomes i64. Null for whatever else.
RankedTensorType getStoredType(Type type);

/// `value` in its stored type.
Value createStored(OpBuilder &builder, Location location, Value value);

/// A value of type `type` from its stored form.
Value createLoaded(OpBuilder &builder, Location location, Value stored,
                   Type type);

/// The globals of a module by name, with the types that the program sees.
using GlobalTypes = llvm::MapVector<StringAttr, Type>;

/// Replaces the loads and stores of globals in the only block of `body`, and in
/// the structured control flow below it, by values: a load sees the last store
/// before it, or a `sym.read` at the entry, and a store below control flow
/// becomes a result of it. `updates` receives the new value of each global
/// whose value may have changed, in its stored type, in the order of `globals`.
LogicalResult threadGlobals(Region &body, const GlobalTypes &globals,
                            llvm::MapVector<StringAttr, Value> &updates);

/// The global that an access of ml_program names; null, with a diagnostic, if
/// `globals` has none of that name and type.
StringAttr getGlobalAccessed(Operation *op, const GlobalTypes &globals);

} // namespace mlir::sym

#endif // SYM_LIB_CONVERSION_THREADGLOBALS_H
