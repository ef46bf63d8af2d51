//===- SymbolUse.cpp - Checks that several operations share -----------===//

#include "SymbolUse.h"

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "llvm/ADT/SmallPtrSet.h"

using namespace mlir;
using namespace mlir::sym;

LogicalResult mlir::sym::verifyVariableUse(Operation *op,
                                           FlatSymbolRefAttr variable,
                                           Type type, StringRef role,
                                           SymbolTableCollection &symbols) {
  Operation *symbol = symbols.lookupNearestSymbolFrom(op, variable);
  if (!symbol)
    return op->emitOpError() << "uses unknown variable " << variable;
  auto shared = dyn_cast<SharedOp>(symbol);
  if (!shared) {
    InFlightDiagnostic diagnostic = op->emitOpError()
                                    << "needs a sym.shared, but " << variable
                                    << " is a " << symbol->getName();
    diagnostic.attachNote(symbol->getLoc()) << "declared here";
    return diagnostic;
  }
  if (hasTensorType(type, shared.getTensorType()))
    return success();
  InFlightDiagnostic diagnostic =
      op->emitOpError() << role << " has type " << type << ", but " << variable
                        << " has type " << shared.getTensorType();
  diagnostic.attachNote(shared.getLoc()) << "declared here";
  return diagnostic;
}

LogicalResult mlir::sym::verifyHostOp(Operation *op) {
  Operation *parent = op->getParentOp();
  for (; parent && !isa<FunctionOpInterface>(parent);
       parent = parent->getParentOp())
    if (!isSequential(parent))
      return op->emitOpError()
             << "must not stand in a " << parent->getName()
             << ": a host program is a sequence of calls, in structured "
                "control flow";
  if (!isa_and_nonnull<func::FuncOp>(parent))
    return op->emitOpError()
           << "belongs in a host program (a func.func)"
           << (parent ? ", not in a " : "")
           << (parent ? parent->getName().getStringRef() : StringRef());
  return success();
}

LogicalResult mlir::sym::verifyDistinct(Operation *op, ArrayAttr targets,
                                        StringRef what) {
  llvm::SmallPtrSet<Attribute, 8> seen;
  for (Attribute target : targets)
    if (!seen.insert(target).second)
      return op->emitOpError() << what << " " << target << " twice";
  return success();
}
