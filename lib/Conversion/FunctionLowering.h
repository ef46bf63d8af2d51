//===- FunctionLowering.h - One function on its way to the ABI -*- C++ -*-===//

#ifndef SYM_LIB_CONVERSION_FUNCTIONLOWERING_H
#define SYM_LIB_CONVERSION_FUNCTIONLOWERING_H

#include "RuntimeABI.h"

#include "sym/Dialect/Sym/IR/Sym.h"

#include "mlir/Conversion/LLVMCommon/TypeConverter.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/GPU/IR/GPUDialect.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"

namespace mlir::sym {

/// The LLVM type of a borrow: its handle and the descriptor of its view.
LLVM::LLVMStructType getBorrowStruct(const LLVMTypeConverter &converter,
                                     BorrowType type);

/// Memory of any space is a plain pointer: services of the runtime alone touch
/// a device's.
void convertSpaces(LLVMTypeConverter &converter);

/// What the functions of a program must know of each other.
struct ProgramIndex {
  explicit ProgramIndex(ModuleOp module);
  /// Positions in the descriptor of the program.
  llvm::DenseMap<StringAttr, int32_t> variables, functions;
  /// Of the functions, those that run on a device.
  llvm::DenseSet<StringAttr> onDevice;
  /// Calls that may be nested without bound, or stand in a chain of many: those
  /// that ask first whether the stack is deep enough.
  llvm::DenseSet<Operation *> deepCalls;
  /// Positions in the table of kernels.
  llvm::DenseMap<SymbolRefAttr, int32_t> kernels;

private:
  void findKernels(ModuleOp module);
  void findDeepCalls(ModuleOp module);
};

/// Rewrites the body of one function: see the pass `sym-lower-to-runtime`.
class FunctionLowering {
public:
  FunctionLowering(func::FuncOp function, RuntimeABI &abi,
                   const LLVMTypeConverter &converter,
                   const ProgramIndex &index)
      : function(function), abi(abi), converter(converter), index(index),
        b(function.getContext()), loc(function.getLoc()) {}

  /// Says what cannot be lowered, and changes nothing. For a variant, `entry`
  /// is what it is a variant of.
  LogicalResult check(EntryOp entry);
  /// To be called after every function of the module has passed the check.
  void run(EntryOp entry);

  int64_t getNumChecks() const { return numChecks; }
  int64_t getNumAllocations() const { return numAllocations; }

private:
  void changeSignature(EntryOp entry);
  /// The function of the ABI that takes the frame apart for the variant.
  void createWrapper(ArrayRef<Type> bufferTypes, size_t numSources);
  void lower(Operation *op);

  // Operations of variants.
  void lowerCheck(CheckOp op);
  void lowerAllocResult(AllocResultOp op);
  void lowerSelectResult(SelectResultOp op);
  void lowerMoveResult(MoveResultOp op);
  void lowerArena(ArenaOp op);
  void lowerAlloc(memref::AllocOp op);
  void lowerDealloc(memref::DeallocOp op);
  void lowerFuncCall(func::CallOp op);

  // Memory of devices (DeviceLowering.cpp).
  void lowerDeviceLoad(memref::LoadOp op);
  void lowerDeviceStore(memref::StoreOp op);
  void lowerDeviceCopy(memref::CopyOp op);
  void lowerDeviceConstant(memref::GetGlobalOp op);
  Value getElementPointer(Value memref, ValueRange indices);

  void lowerReturn(func::ReturnOp op);

  // Of variants that compute on a device (LaunchLowering.cpp).
  LogicalResult checkLaunch(gpu::LaunchFuncOp op, EntryOp entry);
  void lowerLaunch(gpu::LaunchFuncOp op);

  // Operations of host programs (HostLowering.cpp).
  void lowerCall(CallOp op);
  void lowerGetValue(GetValueOp op);
  void lowerSetValue(SetValueOp op);
  void lowerBorrow(BorrowOp op);
  void lowerView(ViewOp op);
  void lowerRelease(ReleaseOp op);
  void lowerPrint(PrintOp op);

  /// Ends the function with `status` unless `ok`; goes on building behind it.
  void continueIf(Value ok, Value status);
  void continueIfZero(Value status);
  void continueIfNonNull(Value pointer);
  Block *getFailBlock();

  /// Eight-byte words on the stack, shared by all operations of the function:
  /// no two use them at once.
  Value getScratch(int64_t words);
  Value getScratchAt(int64_t word);

  Value constant(int64_t value);
  Value constant32(int32_t value);
  Value addressOf(StringRef symbol);
  Value call(StringRef name, Type result, ValueRange arguments);
  /// The buffer at `pointer` as a memref of `type`; `sizes` has all sizes.
  Value buildMemRef(MemRefType type, Value pointer, ValueRange sizes);
  Value buildDescriptor(MemRefType type, Value pointer, ValueRange sizes);
  Value getDescriptor(Value memref);
  /// All sizes: the static ones as constants, the others from `dynamic`.
  SmallVector<Value> getSizes(MemRefType type, ValueRange dynamic);
  /// The size in bytes; a size that overflows becomes the largest int64, which
  /// the runtime refuses.
  Value getBytes(MemRefType type, ValueRange sizes);
  Value asI64(Value index);
  void store(Value value, Value base, int64_t word);
  Value load(Type type, Value base, int64_t word);

  /// Writes a `sym_view` of `memref` at word `viewWord` of `scratch` and its
  /// sizes from `sizesWord` on; returns the first word behind those.
  int64_t storeView(Value memref, Value scratch, int64_t viewWord,
                    int64_t sizesWord);
  /// Makes a `sym_view` with space for sizes, without data.
  int64_t prepareView(MemRefType type, Value scratch, int64_t viewWord,
                      int64_t sizesWord);
  /// The memref that the runtime has put into a view that was prepared so.
  Value loadView(MemRefType type, Value scratch, int64_t viewWord,
                 int64_t sizesWord);

  func::FuncOp function;
  RuntimeABI &abi;
  const LLVMTypeConverter &converter;
  const ProgramIndex &index;
  OpBuilder b;
  Location loc;
  Value frame;
  Block *failBlock = nullptr;
  LLVM::AllocaOp scratch;
  int64_t scratchWords = 0;
  int64_t numChecks = 0, numAllocations = 0;
};

} // namespace mlir::sym

#endif // SYM_LIB_CONVERSION_FUNCTIONLOWERING_H
