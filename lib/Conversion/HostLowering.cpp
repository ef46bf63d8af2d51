//===- HostLowering.cpp - Operations of host programs ---------------------===//
//
// Each becomes one call of the runtime, with views on the stack, and ends the
// host program if the call returns a status (T10).
//
//===----------------------------------------------------------------------===//

#include "FunctionLowering.h"

#include "sym/Dialect/Sym/IR/Placement.h"

#include "mlir/Conversion/LLVMCommon/MemRefBuilder.h"

using namespace mlir;
using namespace mlir::sym;

// Words of a sym_view.
static constexpr int64_t kViewWords = 2;

int64_t FunctionLowering::prepareView(MemRefType type, Value scratch,
                                      int64_t viewWord, int64_t sizesWord) {
  store(LLVM::ZeroOp::create(b, loc, abi.getPointerType()), scratch, viewWord);
  store(getScratchAt(sizesWord), scratch, viewWord + 1);
  return sizesWord + type.getRank();
}

int64_t FunctionLowering::storeView(Value memref, Value scratch,
                                    int64_t viewWord, int64_t sizesWord) {
  auto type = cast<MemRefType>(memref.getType());
  MemRefDescriptor descriptor(getDescriptor(memref));
  int64_t end = prepareView(type, scratch, viewWord, sizesWord);
  store(descriptor.bufferPtr(b, loc, converter, type), scratch, viewWord);
  for (int64_t i = 0; i < type.getRank(); ++i)
    store(descriptor.size(b, loc, i), scratch, sizesWord + i);
  return end;
}

Value FunctionLowering::loadView(MemRefType type, Value scratch,
                                 int64_t viewWord, int64_t sizesWord) {
  Value pointer = load(abi.getPointerType(), scratch, viewWord);
  SmallVector<Value> sizes;
  for (int64_t i = 0; i < type.getRank(); ++i)
    sizes.push_back(type.isDynamicDim(i)
                        ? load(abi.getI64(), scratch, sizesWord + i)
                        : constant(type.getDimSize(i)));
  return buildDescriptor(type, pointer, sizes);
}

void FunctionLowering::lowerCall(CallOp op) {
  int64_t numArgs = op.getArguments().size();
  int64_t numResults = op.getOutputs().size();
  int64_t sizesWord = kViewWords * (numArgs + numResults);
  int64_t words = sizesWord;
  for (Type type : op->getOperandTypes())
    words += cast<MemRefType>(type).getRank();
  for (Type type : op->getResultTypes())
    words += cast<MemRefType>(type).getRank();
  Value views = getScratch(words);

  int64_t next = sizesWord;
  for (auto [i, argument] : llvm::enumerate(op.getArguments()))
    next = storeView(argument, views, kViewWords * i, next);
  SmallVector<int64_t> resultSizes;
  for (auto [i, type] : llvm::enumerate(op->getResultTypes())) {
    resultSizes.push_back(next);
    next = prepareView(cast<MemRefType>(type), views,
                       kViewWords * (numArgs + i), next);
  }
  Value results = getScratchAt(kViewWords * numArgs);
  int32_t callee = index.functions.lookup(op.getCalleeAttr().getAttr());
  SmallVector<Value> arguments = {frame, constant32(callee), views, results};
  bool isDeviceCall = index.onDevice.contains(op.getCalleeAttr().getAttr());
  if (isDeviceCall) {
    // A byte for each argument and result: whether its data is a handle.
    std::string handles;
    for (Type type : op->getOperandTypes())
      handles.push_back(isOnDevice(type));
    for (Type type : op->getResultTypes())
      handles.push_back(isOnDevice(type));
    handles.push_back(0);
    arguments.push_back(addressOf(abi.getData(handles)));
  }
  continueIfZero(call(isDeviceCall ? "sym_rt_call_device" : "sym_rt_call",
                      abi.getI32(), arguments));
  for (auto [i, result] : llvm::enumerate(op.getOutputs())) {
    auto type = cast<MemRefType>(result.getType());
    Value descriptor =
        loadView(type, views, kViewWords * (numArgs + i), resultSizes[i]);
    result.replaceAllUsesWith(
        UnrealizedConversionCastOp::create(b, loc, type, descriptor)
            .getResult(0));
  }
}

void FunctionLowering::lowerGetValue(GetValueOp op) {
  auto type = cast<MemRefType>(op.getResult().getType());
  Value view = getScratch(kViewWords + type.getRank());
  prepareView(type, view, 0, kViewWords);
  int32_t variable = index.variables.lookup(op.getVariableAttr().getAttr());
  continueIfZero(call("sym_rt_get_value", abi.getI32(),
                      {frame, constant32(variable), view}));
  Value descriptor = loadView(type, view, 0, kViewWords);
  op.getResult().replaceAllUsesWith(
      UnrealizedConversionCastOp::create(b, loc, type, descriptor)
          .getResult(0));
}

void FunctionLowering::lowerSetValue(SetValueOp op) {
  auto type = cast<MemRefType>(op.getValue().getType());
  Value view = getScratch(kViewWords + type.getRank());
  storeView(op.getValue(), view, 0, kViewWords);
  int32_t variable = index.variables.lookup(op.getVariableAttr().getAttr());
  continueIfZero(call("sym_rt_set_value", abi.getI32(),
                      {frame, constant32(variable), view}));
}

void FunctionLowering::lowerBorrow(BorrowOp op) {
  BorrowType borrowType = op.getBorrow().getType();
  RankedTensorType tensor = borrowType.getTensor();
  auto type = MemRefType::get(tensor.getShape(), tensor.getElementType());
  constexpr int64_t viewWord = 1, sizesWord = viewWord + kViewWords;
  Value words = getScratch(sizesWord + type.getRank());
  prepareView(type, words, viewWord, sizesWord);
  Value view = getScratchAt(viewWord);
  int32_t variable = index.variables.lookup(op.getVariableAttr().getAttr());
  int32_t kind = static_cast<int32_t>(borrowType.getKind());
  continueIfZero(
      call("sym_rt_borrow", abi.getI32(),
           {frame, constant32(variable), constant32(kind), words, view}));

  LLVM::LLVMStructType structType = getBorrowStruct(converter, borrowType);
  Value borrow = LLVM::PoisonOp::create(b, loc, structType);
  borrow = LLVM::InsertValueOp::create(b, loc, borrow,
                                       load(abi.getPointerType(), words, 0),
                                       ArrayRef<int64_t>{0});
  borrow = LLVM::InsertValueOp::create(
      b, loc, borrow, loadView(type, words, viewWord, sizesWord),
      ArrayRef<int64_t>{1});
  op.getBorrow().replaceAllUsesWith(
      UnrealizedConversionCastOp::create(b, loc, borrowType, borrow)
          .getResult(0));
}

/// The structure of a borrow.
static Value getBorrow(OpBuilder &b, Location loc, Value borrow,
                       const LLVMTypeConverter &converter) {
  Type type = getBorrowStruct(converter, cast<BorrowType>(borrow.getType()));
  return UnrealizedConversionCastOp::create(b, loc, type, borrow).getResult(0);
}

void FunctionLowering::lowerView(ViewOp op) {
  Value borrow = getBorrow(b, loc, op.getBorrow(), converter);
  Value descriptor = LLVM::ExtractValueOp::create(b, loc, borrow, int64_t{1});
  Type type = op.getResult().getType();
  op.getResult().replaceAllUsesWith(
      UnrealizedConversionCastOp::create(b, loc, type, descriptor)
          .getResult(0));
}

void FunctionLowering::lowerRelease(ReleaseOp op) {
  Value borrow = getBorrow(b, loc, op.getBorrow(), converter);
  Value handle = LLVM::ExtractValueOp::create(b, loc, borrow, int64_t{0});
  Value view;
  if (Value value = op.getValue()) {
    view = getScratch(kViewWords + cast<MemRefType>(value.getType()).getRank());
    storeView(value, view, 0, kViewWords);
  } else {
    view = LLVM::ZeroOp::create(b, loc, abi.getPointerType());
  }
  continueIfZero(call("sym_rt_release", abi.getI32(), {frame, handle, view}));
}

void FunctionLowering::lowerPrint(PrintOp op) {
  auto type = cast<MemRefType>(op.getValue().getType());
  Value view = getScratch(kViewWords + type.getRank());
  storeView(op.getValue(), view, 0, kViewWords);
  Value label = op.getLabel()
                    ? addressOf(abi.getString(*op.getLabel()))
                    : Value(LLVM::ZeroOp::create(b, loc, abi.getPointerType()));
  int32_t element = *getElementCode(type.getElementType());
  continueIfZero(call(
      "sym_rt_print", abi.getI32(),
      {frame, label, constant32(element), constant32(type.getRank()), view}));
}
