//===- DeviceLowering.cpp - Memory of devices in host code ----------------===//
//
// The host computes with addresses of a device and never follows one: each
// access is a call of the runtime. One that reads waits, and ends the call if
// the device fails.
//
//===----------------------------------------------------------------------===//

#include "FunctionLowering.h"

#include "sym/Dialect/Sym/IR/Placement.h"

#include "mlir/Conversion/LLVMCommon/MemRefBuilder.h"
#include "mlir/Conversion/LLVMCommon/Pattern.h"

using namespace mlir;
using namespace mlir::sym;

// An element has 16 bytes at most.
static constexpr int64_t kElementWords = 2;

void mlir::sym::convertSpaces(LLVMTypeConverter &converter) {
  converter.addTypeAttributeConversion([](BaseMemRefType type, SpaceAttr) {
    return IntegerAttr::get(IntegerType::get(type.getContext(), 64), 0);
  });
}

Value FunctionLowering::getElementPointer(Value memref, ValueRange indices) {
  SmallVector<Value> positions;
  for (Value index : indices)
    positions.push_back(asI64(index));
  return LLVM::getStridedElementPtr(b, loc, converter,
                                    cast<MemRefType>(memref.getType()),
                                    getDescriptor(memref), positions);
}

void FunctionLowering::lowerDeviceLoad(memref::LoadOp op) {
  Type element = op.getType();
  Value from = getElementPointer(op.getMemRef(), op.getIndices());
  Value to = getScratch(kElementWords);
  continueIfZero(call("sym_rt_copy_to_host", abi.getI32(),
                      {frame, to, from, constant(getElementBytes(element))}));
  Type converted = converter.convertType(element);
  Value value = LLVM::LoadOp::create(b, loc, converted, to);
  if (converted != element)
    value =
        UnrealizedConversionCastOp::create(b, loc, element, value).getResult(0);
  op.getResult().replaceAllUsesWith(value);
}

void FunctionLowering::lowerDeviceStore(memref::StoreOp op) {
  Type element = op.getValue().getType();
  Type converted = converter.convertType(element);
  Value value = op.getValue();
  if (converted != element)
    value = UnrealizedConversionCastOp::create(b, loc, converted, value)
                .getResult(0);
  Value from = getScratch(kElementWords);
  // A boolean is a byte, the others of which are its own.
  if (converted.isInteger(1))
    value = LLVM::ZExtOp::create(b, loc, b.getI8Type(), value);
  LLVM::StoreOp::create(b, loc, value, from);
  Value to = getElementPointer(op.getMemRef(), op.getIndices());
  call("sym_rt_copy_to_device", LLVM::LLVMVoidType::get(b.getContext()),
       {frame, to, from, constant(getElementBytes(element))});
}

void FunctionLowering::lowerDeviceCopy(memref::CopyOp op) {
  auto type = cast<MemRefType>(op.getSource().getType());
  MemRefDescriptor source(getDescriptor(op.getSource()));
  MemRefDescriptor target(getDescriptor(op.getTarget()));
  SmallVector<Value> sizes;
  for (int64_t dim = 0; dim < type.getRank(); ++dim)
    sizes.push_back(source.size(b, loc, dim));
  SmallVector<Value> arguments = {
      frame,
      target.bufferPtr(b, loc, converter,
                       cast<MemRefType>(op.getTarget().getType())),
      source.bufferPtr(b, loc, converter, type), getBytes(type, sizes)};
  auto none = LLVM::LLVMVoidType::get(b.getContext());
  if (!isOnDevice(op.getTarget()))
    continueIfZero(call("sym_rt_copy_to_host", abi.getI32(), arguments));
  else if (isOnDevice(op.getSource()))
    call("sym_rt_copy_on_device", none, arguments);
  else
    call("sym_rt_copy_to_device", none, arguments);
}

/// The global's data is the host's; the runtime keeps a copy of it on the
/// device.
void FunctionLowering::lowerDeviceConstant(memref::GetGlobalOp op) {
  auto type = cast<MemRefType>(op.getType());
  Value global =
      memref::GetGlobalOp::create(b, loc, type, op.getName()).getResult();
  MemRefDescriptor descriptor(getDescriptor(global));
  SmallVector<Value> sizes = getSizes(type, {});
  Value pointer =
      call("sym_rt_device_constant", abi.getPointerType(),
           {frame, descriptor.alignedPtr(b, loc), getBytes(type, sizes)});
  continueIfNonNull(pointer);
  op.replaceAllUsesWith(buildMemRef(type, pointer, sizes));
}
