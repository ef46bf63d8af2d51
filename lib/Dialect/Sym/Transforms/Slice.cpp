//===- Slice.cpp - Moving an operation up with what it needs ----------===//

#include "Slice.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/Utils/StaticValueUtils.h"
#include "mlir/Interfaces/SideEffectInterfaces.h"

using namespace mlir;
using namespace mlir::sym;

/// Whether `load` reads an element that exists whatever the values are, of an
/// argument that the variant does not write.
static bool isLoadOfArgument(memref::LoadOp load, const Variant &variant,
                             const SourceAccess &access) {
  auto argument = dyn_cast<BlockArgument>(load.getMemRef());
  if (!argument || argument.getOwner() != &variant.getBlock() ||
      access.isArgumentWritten(argument))
    return false;
  MemRefType type = load.getMemRefType();
  for (auto [dim, index] : llvm::enumerate(load.getIndices())) {
    std::optional<int64_t> constant = getConstantIntValue(index);
    if (!constant || *constant < 0 || type.isDynamicDim(dim) ||
        *constant >= type.getDimSize(dim))
      return false;
  }
  return true;
}

bool Slice::isMovable(Operation *op) const {
  if (op->getNumRegions() != 0)
    return false;
  if (auto load = dyn_cast<memref::LoadOp>(op))
    return isLoadOfArgument(load, variant, access);
  // A remainder is pure upstream, and yet undefined for a divisor of zero.
  return isPure(op) && !isa<arith::RemSIOp, arith::RemUIOp>(op);
}

bool Slice::addNeeded(Value value, llvm::SetVector<Operation *> &needed) const {
  if (auto argument = dyn_cast<BlockArgument>(value))
    return argument.getOwner() == &variant.getBlock();
  Operation *op = value.getDefiningOp();
  if (op == target)
    return false;
  if (needed.contains(op) || ops.contains(op) ||
      (op->getBlock() == target->getBlock() && op->isBeforeInBlock(target)))
    return true;
  if (!isMovable(op))
    return false;
  for (Value operand : op->getOperands())
    if (!addNeeded(operand, needed))
      return false;
  needed.insert(op);
  return true;
}

bool Slice::add(Value value) {
  llvm::SetVector<Operation *> needed;
  if (!addNeeded(value, needed))
    return false;
  ops.insert(needed.begin(), needed.end());
  return true;
}

bool Slice::add(Operation *op) {
  llvm::SetVector<Operation *> needed;
  for (Value operand : op->getOperands())
    if (!addNeeded(operand, needed))
      return false;
  ops.insert(needed.begin(), needed.end());
  ops.insert(op);
  return true;
}

void Slice::move() {
  for (Operation *op : ops)
    op->moveBefore(target);
}
