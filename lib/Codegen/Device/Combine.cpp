//===- Combine.cpp - Trees that combine the values of threads -------------===//

#include "Combine.h"

#include "../VectorPlan.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"

using namespace mlir;
using namespace mlir::sym;
using Values = SmallVector<Value>;

Value mlir::sym::combine(KernelBuilder &kernel, Operation *combiner, Value lhs,
                         Value rhs) {
  IRMapping mapping;
  mapping.map(combiner->getOperand(0), lhs);
  mapping.map(combiner->getOperand(1), rhs);
  return kernel.b.clone(*combiner, mapping)->getResult(0);
}

Values mlir::sym::getNeutralElements(KernelBuilder &kernel,
                                     ArrayRef<Operation *> combiners) {
  Values values;
  for (Operation *combiner : combiners)
    values.push_back(
        arith::ConstantOp::create(kernel.b, getNeutralElement(combiner)));
  return values;
}

/// `value` of the lane whose number differs by `distance`.
static Value shuffle(KernelBuilder &kernel, Value value, int64_t distance) {
  ImplicitLocOpBuilder &b = kernel.b;
  Type type = value.getType();
  auto exchange = [&](Value word) -> Value {
    return gpu::ShuffleOp::create(b, word, distance, kWarpSize,
                                  gpu::ShuffleMode::XOR)
        .getShuffleResult();
  };
  if (type.isIndex())
    return arith::IndexCastOp::create(
        b, type,
        shuffle(kernel, arith::IndexCastOp::create(b, b.getI64Type(), value),
                distance));
  unsigned bits = type.getIntOrFloatBitWidth();
  Type integer = b.getIntegerType(bits), word = b.getI32Type();
  Value raw = isa<FloatType>(type)
                  ? arith::BitcastOp::create(b, integer, value).getResult()
                  : value;
  if (bits < 32) {
    raw = arith::TruncIOp::create(
        b, integer, exchange(arith::ExtUIOp::create(b, word, raw)));
  } else if (bits == 32) {
    raw = exchange(raw);
  } else {
    Value shift = arith::ConstantIntOp::create(b, integer, 32);
    Value low = exchange(arith::TruncIOp::create(b, word, raw));
    Value high = exchange(arith::TruncIOp::create(
        b, word, arith::ShRUIOp::create(b, raw, shift)));
    raw = arith::OrIOp::create(
        b, arith::ExtUIOp::create(b, integer, low),
        arith::ShLIOp::create(b, arith::ExtUIOp::create(b, integer, high),
                              shift));
  }
  return isa<FloatType>(type)
             ? arith::BitcastOp::create(b, type, raw).getResult()
             : raw;
}

Values mlir::sym::reduceWarp(KernelBuilder &kernel,
                             ArrayRef<Operation *> combiners, Values values,
                             int64_t most, int64_t least) {
  for (int64_t distance = most; distance >= least; distance /= 2)
    for (auto [combiner, value] : llvm::zip_equal(combiners, values))
      value =
          combine(kernel, combiner, value, shuffle(kernel, value, distance));
  return values;
}

Values mlir::sym::addCombinerBuffers(KernelBuilder &kernel,
                                     ArrayRef<Operation *> combiners,
                                     int64_t size) {
  Values buffers;
  for (Operation *combiner : combiners)
    buffers.push_back(kernel.addShared(
        MemRefType::get({size}, combiner->getResult(0).getType())));
  return buffers;
}

Values mlir::sym::reduceBlock(KernelBuilder &kernel,
                              ArrayRef<Operation *> combiners, Values values,
                              ArrayRef<Value> buffers) {
  ImplicitLocOpBuilder &b = kernel.b;
  values = reduceWarp(kernel, combiners, values);
  Value thread = kernel.threadId();
  Value lane = arith::RemUIOp::create(b, thread, kernel.index(kWarpSize));
  Value warp = arith::DivUIOp::create(b, thread, kernel.index(kWarpSize));
  {
    OpBuilder::InsertionGuard guard(b);
    onlyIfZero(kernel, lane);
    for (auto [value, buffer] : llvm::zip_equal(values, buffers))
      memref::StoreOp::create(b, value, buffer, warp);
  }
  gpu::BarrierOp::create(b);
  // Every warp does the same: a shuffle must not stand in a branch.
  Value inside = arith::CmpIOp::create(b, arith::CmpIPredicate::ult, lane,
                                       kernel.index(kBlockSize / kWarpSize));
  Value place = arith::SelectOp::create(b, inside, lane, kernel.index(0));
  Values neutral = getNeutralElements(kernel, combiners);
  for (auto [i, value] : llvm::enumerate(values))
    value = arith::SelectOp::create(
        b, inside, memref::LoadOp::create(b, buffers[i], place), neutral[i]);
  // Before the buffers are written again.
  gpu::BarrierOp::create(b);
  return reduceWarp(kernel, combiners, values);
}

Value mlir::sym::combineTree(KernelBuilder &kernel, Operation *combiner,
                             Values parts) {
  while (parts.size() > 1) {
    size_t half = parts.size() / 2;
    for (size_t i = 0; i != half; ++i)
      parts[i] = combine(kernel, combiner, parts[i], parts[i + half]);
    parts.resize(half);
  }
  return parts.front();
}

void mlir::sym::onlyIfZero(KernelBuilder &kernel, Value value) {
  ImplicitLocOpBuilder &b = kernel.b;
  Value isZero = arith::CmpIOp::create(b, arith::CmpIPredicate::eq, value,
                                       kernel.index(0));
  auto branch = scf::IfOp::create(b, isZero, /*withElseRegion=*/false);
  b.setInsertionPointToStart(branch.thenBlock());
}

Values mlir::sym::addPartials(Operation *op, ArrayRef<Operation *> combiners) {
  auto function = op->getParentOfType<func::FuncOp>();
  auto results = cast<DestinationStyleOpInterface>(op).getDpsInits();
  Attribute space =
      cast<MemRefType>(results.front().getType()).getMemorySpace();
  Values partials;
  for (Operation *combiner : combiners) {
    OpBuilder entry = OpBuilder::atBlockBegin(&function.getBody().front());
    partials.push_back(memref::AllocOp::create(
        entry, op->getLoc(),
        MemRefType::get({kMostPartials}, combiner->getResult(0).getType(),
                        AffineMap(), space)));
    function.walk([&](func::ReturnOp exit) {
      OpBuilder b(exit);
      memref::DeallocOp::create(b, op->getLoc(), partials.back());
    });
  }
  return partials;
}

Values mlir::sym::reducePartials(KernelBuilder &kernel,
                                 ArrayRef<Operation *> combiners,
                                 ArrayRef<Value> partials,
                                 OpFoldResult blocks) {
  ImplicitLocOpBuilder &b = kernel.b;
  Values buffers = addCombinerBuffers(kernel, combiners);
  Values inside;
  for (Value partial : partials)
    inside.push_back(kernel.capture(partial));
  auto loop = scf::ForOp::create(b, kernel.threadId(), kernel.capture(blocks),
                                 kernel.index(kBlockSize),
                                 getNeutralElements(kernel, combiners));
  {
    OpBuilder::InsertionGuard guard(b);
    b.setInsertionPointToStart(loop.getBody());
    Values next;
    for (auto [i, partial] : llvm::enumerate(inside))
      next.push_back(
          combine(kernel, combiners[i], loop.getRegionIterArg(i),
                  memref::LoadOp::create(b, partial, loop.getInductionVar())));
    scf::YieldOp::create(b, next);
  }
  return reduceBlock(kernel, combiners, Values(loop.getResults()), buffers);
}
