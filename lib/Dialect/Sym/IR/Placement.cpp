//===- Placement.cpp - What is on the host, and what on a device ----------===//

#include "sym/Dialect/Sym/IR/Placement.h"

#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"

using namespace mlir;
using namespace mlir::sym;

static constexpr StringLiteral kPlacedAttrName = "sym.placed";

bool mlir::sym::hasPlacedBuffers(ModuleOp module) {
  return module->hasAttr(kPlacedAttrName);
}

void mlir::sym::setPlacedBuffers(ModuleOp module) {
  module->setAttr(kPlacedAttrName, UnitAttr::get(module.getContext()));
}

SpaceAttr mlir::sym::getDevice(EntryOp entry) {
  return entry->getAttrOfType<SpaceAttr>(kDeviceAttrName);
}

void mlir::sym::setDevice(EntryOp entry, SpaceAttr device) {
  entry->setAttr(kDeviceAttrName, device);
}

SpaceAttr mlir::sym::getDevice(SharedOp variable) {
  SpaceAttr space = variable.getSpaceAttr();
  return space && space.getKind() == SpaceKind::Cuda ? space : SpaceAttr();
}

bool mlir::sym::isHostArgument(EntryOp entry, unsigned index) {
  auto type = cast<RankedTensorType>(entry.getFunctionType().getInput(index));
  if (type.getRank() != 0)
    return false;
  ArrayAttr attributes = entry.getArgAttrsAttr();
  return !attributes || !cast<DictionaryAttr>(attributes[index])
                             .contains(SymDialect::kMutableAttrName);
}

MemRefType mlir::sym::withSpace(MemRefType type, Attribute space) {
  return MemRefType::get(type.getShape(), type.getElementType(),
                         type.getLayout(), space);
}

bool mlir::sym::isOnDevice(Type type) {
  auto buffer = dyn_cast<BaseMemRefType>(type);
  auto space = buffer ? dyn_cast_or_null<SpaceAttr>(buffer.getMemorySpace())
                      : SpaceAttr();
  return space && space.getKind() == SpaceKind::Cuda;
}

bool mlir::sym::readsDevice(Operation *op) {
  // A load in the body of a structured operation is its kernel's.
  if (auto load = dyn_cast<memref::LoadOp>(op))
    return isOnDevice(load.getMemRef()) &&
           !op->getParentOfType<linalg::LinalgOp>();
  if (auto copy = dyn_cast<memref::CopyOp>(op))
    return isOnDevice(copy.getSource()) && !isOnDevice(copy.getTarget());
  return false;
}
