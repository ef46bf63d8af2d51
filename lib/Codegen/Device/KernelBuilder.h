//===- KernelBuilder.h - One kernel and its launch ---------*- C++ -*-===//
//
// A kernel takes bare pointers and numbers: the pointer of a buffer, and of its
// offset, sizes and strides those that its type does not state. Inside, the
// buffer has the type that it has outside, so that what is computed there is
// what would be computed on the host.
//
//===----------------------------------------------------------------------===//

#ifndef SYM_LIB_CODEGEN_DEVICE_KERNELBUILDER_H
#define SYM_LIB_CODEGEN_DEVICE_KERNELBUILDER_H

#include "mlir/Dialect/GPU/IR/GPUDialect.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/IR/ImplicitLocOpBuilder.h"

namespace mlir::sym {

/// Threads of a block, unless a kernel says otherwise. Every device that we
/// compile for can run eight such blocks on each multiprocessor.
constexpr int64_t kBlockSize = 256;
/// Threads that move in step and exchange registers.
constexpr int64_t kWarpSize = 32;
/// The widest access of a thread, in bytes.
constexpr int64_t kAccessBytes = 16;

/// Builds the kernel that computes `op`, and its launch before `op`.
class KernelBuilder {
public:
  /// The kernel's name is that of the function around `op` and a number.
  explicit KernelBuilder(Operation *op);

  /// `value` of the host, inside the kernel: a constant again, a number as a
  /// parameter, a buffer in its own type. Computed at the kernel's entry.
  Value capture(Value value);
  Value capture(OpFoldResult value);

  /// Memory that the threads of a block share.
  Value addShared(MemRefType type);

  Value index(int64_t value) {
    return arith::ConstantIndexOp::create(b, value);
  }
  Value threadId(gpu::Dimension dim = gpu::Dimension::x);
  Value blockId(gpu::Dimension dim = gpu::Dimension::x);
  Value gridDim(gpu::Dimension dim = gpu::Dimension::x);

  /// Ends the kernel and launches it with `grid` blocks of `blockX` by
  /// `blockY` threads.
  gpu::LaunchFuncOp launch(OpFoldResult grid, int64_t blockX,
                           int64_t blockY = 1);

  /// On the host, before the operation.
  ImplicitLocOpBuilder host;
  /// In the kernel.
  ImplicitLocOpBuilder b;

private:
  Value addParameter(Value value);
  Value captureBuffer(Value buffer);

  gpu::GPUModuleOp module;
  gpu::GPUFuncOp kernel;
  SmallVector<Value> operands;
  DenseMap<Value, Value> captured;
  /// Sizes of buffers: equal ones are one parameter.
  DenseMap<std::pair<Value, int64_t>, Value> sizes;
  /// The last operation of the part that holds what was captured.
  Operation *lastCapture = nullptr;
};

/// Whether kernels know numbers of `type`, and buffers of them.
bool isDeviceNumber(Type type);
bool isDeviceBuffer(Type type);

/// Whether `op` can be computed by kernels: elements that a device knows, and
/// a body that touches memory only by reading buffers from outside.
bool isKernelizable(linalg::GenericOp op);

/// Whether iterations of `op` write different elements: all its loops are
/// parallel, and index each result.
bool isElementwise(linalg::GenericOp op);

/// Whether `op` is a sum of products of two operands along one loop, with a
/// loop of its own for each operand.
bool isMatrixProduct(linalg::GenericOp op);

/// The sizes of the loops of `op`, on the host.
SmallVector<OpFoldResult> getLoopSizes(OpBuilder &b, linalg::GenericOp op);

/// The product of `sizes`.
OpFoldResult getProduct(OpBuilder &b, Location loc,
                        ArrayRef<OpFoldResult> sizes);

/// As many blocks as `work` needs at `perBlock` each, from 1 to `most`.
OpFoldResult getGridSize(OpBuilder &b, Location loc, OpFoldResult work,
                         int64_t perBlock, int64_t most);

/// The indices of iteration `linear` in loops of `sizes`, the last one
/// innermost.
SmallVector<Value> delinearize(ImplicitLocOpBuilder &b, Value linear,
                               ValueRange sizes);

/// Emits iterations of a structured operation in a kernel.
class BodyEmitter {
public:
  /// Captures everything that the body uses.
  BodyEmitter(KernelBuilder &kernel, linalg::GenericOp op);
  /// Neighbours are neighbours along the loop `innermost`. Operands that are
  /// not accessed are not captured.
  BodyEmitter(KernelBuilder &kernel, linalg::GenericOp op, unsigned innermost,
              llvm::function_ref<bool(OpOperand &)> isAccessed);

  /// How many neighbours of the innermost loop a thread computes with one
  /// access of `kAccessBytes` per operand; 1 if that is impossible.
  int64_t getVectorWidth() const { return width; }
  /// For a body that shares neighbours with others.
  void setVectorWidth(int64_t neighbours) { width = neighbours; }
  /// The bytes of the widest element that neighbours access at once; 0 if there
  /// is none.
  unsigned getWidestElement() const { return widest; }
  /// Whether, at run time, every access of `getVectorWidth()` elements is
  /// aligned; i1.
  Value emitIsAligned(ArrayRef<Value> sizes);

  /// Elements of `operand` at `ivs` and `lanes - 1` neighbours along the
  /// innermost loop, by one access if `wide`.
  SmallVector<Value> load(OpOperand &operand, ArrayRef<Value> ivs,
                          int64_t lanes, bool wide);
  void store(OpOperand &operand, ArrayRef<Value> ivs, ArrayRef<Value> values,
             bool wide);
  /// The body's values for the iteration at `ivs`, given its arguments, up to
  /// the values yielded. The operations in `skipped` are left out.
  IRMapping emit(ArrayRef<Value> ivs, ArrayRef<Value> arguments,
                 ArrayRef<Operation *> skipped = {});
  /// A whole iteration of `lanes` neighbours: loads, bodies, stores. An operand
  /// for which `getElement` returns a value is not loaded (one lane only).
  void
  emitIteration(ArrayRef<Value> ivs, int64_t lanes, bool wide,
                llvm::function_ref<Value(OpOperand &)> getElement = nullptr);

  /// `ivs` moved by `lane` along the innermost loop.
  SmallVector<Value> getLane(ArrayRef<Value> ivs, int64_t lane);
  /// Whether neighbours of `operand` can be one access.
  bool isWide(OpOperand &operand);

private:
  SmallVector<Value> getIndices(OpOperand &operand, ArrayRef<Value> ivs);

  KernelBuilder &kernel;
  ImplicitLocOpBuilder &b;
  linalg::GenericOp op;
  unsigned innermost;
  IRMapping captures;
  unsigned widest = 0;
  int64_t width = 1;
};

} // namespace mlir::sym

#endif // SYM_LIB_CODEGEN_DEVICE_KERNELBUILDER_H
