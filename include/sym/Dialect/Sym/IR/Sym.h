//===- Sym.h - The sym dialect -----------------------------*- C++ -*-===//

#ifndef SYM_DIALECT_SYM_IR_SYM_H
#define SYM_DIALECT_SYM_IR_SYM_H

#include "mlir/Bytecode/BytecodeOpInterface.h"
#include "mlir/IR/BuiltinTypes.h"
#include "mlir/IR/Dialect.h"
#include "mlir/IR/OpDefinition.h"
#include "mlir/IR/OpImplementation.h"
#include "mlir/IR/SymbolTable.h"
#include "mlir/Interfaces/CallInterfaces.h"
#include "mlir/Interfaces/ControlFlowInterfaces.h"
#include "mlir/Interfaces/FunctionInterfaces.h"
#include "mlir/Interfaces/InferTypeOpInterface.h"
#include "mlir/Interfaces/SideEffectInterfaces.h"

#include <optional>

namespace mlir::sym {

/// Whether a call goes on: what `sym.check` writes.
struct CheckResource : public SideEffects::Resource::Base<CheckResource> {
  StringRef getName() final { return "<SymCheck>"; }
};

/// The output of host programs: what `sym.print` writes.
struct PrintResource : public SideEffects::Resource::Base<PrintResource> {
  StringRef getName() final { return "<SymPrint>"; }
};

/// The SYM_ELEMENT_* code of a storable element type; none for `index` and
/// whatever else the ABI has no code for.
std::optional<int32_t> getElementCode(Type type);

/// Whether `type` may cross a call: its elements are storable, it has no
/// encoding, and the size in bytes of its static dimensions fits into 63 bits.
bool isStorable(RankedTensorType type);

/// Whether the regions of `op` run one at a time, in an order that its
/// interfaces describe: structured control flow, no parallel loop.
bool isSequential(Operation *op);

/// Whether `type`, a tensor or a buffer, has the shape and element of `tensor`.
bool hasTensorType(Type type, RankedTensorType tensor);

} // namespace mlir::sym

#include "sym/Dialect/Sym/IR/SymDialect.h.inc"
#include "sym/Dialect/Sym/IR/SymEnums.h.inc"

#define GET_ATTRDEF_CLASSES
#include "sym/Dialect/Sym/IR/SymAttrs.h.inc"

#define GET_TYPEDEF_CLASSES
#include "sym/Dialect/Sym/IR/SymTypes.h.inc"

#define GET_OP_CLASSES
#include "sym/Dialect/Sym/IR/SymOps.h.inc"

namespace mlir::sym {

/// Whether `variable`, a symbol that `entry` names, is of policy relaxed (T7).
bool isRelaxed(EntryOp entry, Attribute variable);

} // namespace mlir::sym

namespace mlir::sym {

/// The variables that `expr` reads, itself and through the expressions that it
/// evaluates, less those that are given there; in order of first use. Follows
/// only symbols that resolve, so that verifiers can use it.
SmallVector<FlatSymbolRefAttr> getVariablesRead(ExprOp expr,
                                                SymbolTableCollection &symbols);

} // namespace mlir::sym

#endif // SYM_DIALECT_SYM_IR_SYM_H
