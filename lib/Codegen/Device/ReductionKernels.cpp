//===- ReductionKernels.cpp - Loops that accumulate become kernels --------===//
//
// The elements of a thread and the tree that combines threads follow from the
// operation and its sizes, never from the device or from when threads run, so
// that the bits are the same every time (T9).
//
//===----------------------------------------------------------------------===//

#include "../VectorPlan.h"
#include "KernelBuilder.h"
#include "sym/Codegen/Device/Passes.h"

#include "mlir/Dialect/Affine/IR/AffineOps.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"

namespace mlir::sym {
#define GEN_PASS_DEF_SYMREDUCTIONKERNELS
#include "sym/Codegen/Device/Passes.h.inc"
} // namespace mlir::sym

using namespace mlir;
using namespace mlir::sym;

/// Rows up to this length are a warp's, longer ones and those whose length is
/// not known a block's.
static constexpr int64_t kWarpRow = 512;
/// Threads that share a column.
static constexpr int64_t kColumnThreads = 8;
/// The most blocks that share a reduction of everything, and the elements that
/// are worth one more.
static constexpr int64_t kMostPartials = 1024;
static constexpr int64_t kPartialWork = 4096;

namespace {
struct ReductionKernels
    : public mlir::sym::impl::SymReductionKernelsBase<ReductionKernels> {
  using SymReductionKernelsBase::SymReductionKernelsBase;
  void runOnOperation() override;
};

/// The kernels of one operation.
class Reducer {
public:
  Reducer(linalg::GenericOp op, int64_t mostBlocks);

  /// Whether threads may share an element of each result.
  bool hasCombiners() const { return shared; }
  void emit();

private:
  using Values = SmallVector<Value>;

  void emitSerial();
  void emitRows(int64_t threads);
  void emitColumns();
  void emitAll();

  /// The kernel's own part: sizes inside, and the body.
  void begin(KernelBuilder &kernel);
  Value getSize(KernelBuilder &kernel, ArrayRef<unsigned> dims);
  /// Indices of all loops, from a number of the parallel iterations and one of
  /// the reductions.
  Values getIndices(KernelBuilder &kernel, Value parallel, Value reduction);
  Values getNeutral(KernelBuilder &kernel);
  Value combine(KernelBuilder &kernel, unsigned i, Value lhs, Value rhs);
  /// Accumulates the reductions numbered `from`, `from + step`, … below `to`,
  /// `lanes` neighbours at a time.
  Values accumulate(KernelBuilder &kernel, Value parallel, Value from, Value to,
                    Value step, int64_t lanes, bool wide, Values start);
  /// The same for all reductions of a parallel iteration: of thread `thread`
  /// out of `threads`.
  Values accumulateRow(KernelBuilder &kernel, Value parallel, Value size,
                       Value thread, Value threads);
  /// Combines the threads of a warp; every thread has the result.
  Values reduceWarp(KernelBuilder &kernel, Values values);
  /// Combines the threads of a block; the first warp has the result. `buffers`
  /// is shared memory for each value.
  Values reduceBlock(KernelBuilder &kernel, Values values,
                     ArrayRef<Value> buffers);
  Values addBuffers(KernelBuilder &kernel, int64_t size);
  void combineIntoResult(KernelBuilder &kernel, Value parallel,
                         ArrayRef<Value> values);

  linalg::GenericOp op;
  int64_t mostBlocks;
  SmallVector<unsigned> parallels, reductions;
  SmallVector<Operation *> combiners;
  bool shared = true;
  SmallVector<OpFoldResult> hostSizes;
  Values sizes;
  std::optional<BodyEmitter> body;
};
} // namespace

Reducer::Reducer(linalg::GenericOp op, int64_t mostBlocks)
    : op(op), mostBlocks(mostBlocks) {
  for (auto [dim, type] : llvm::enumerate(op.getIteratorTypesArray()))
    (type == utils::IteratorType::parallel ? parallels : reductions)
        .push_back(dim);
  for (OpOperand &init : op.getDpsInitsMutable()) {
    combiners.push_back(
        getCombiner(op, init.getOperandNumber() - op.getNumDpsInputs()));
    AffineMap map = op.getMatchingIndexingMap(&init);
    shared &= combiners.back() != nullptr && map.isProjectedPermutation() &&
              map.getNumResults() == parallels.size() &&
              llvm::all_of(parallels, [&](unsigned dim) {
                return map.isFunctionOfDim(dim);
              });
  }
  shared &= !reductions.empty();
}

void Reducer::begin(KernelBuilder &kernel) {
  body.emplace(kernel, op);
  sizes.clear();
  for (OpFoldResult size : hostSizes)
    sizes.push_back(kernel.capture(size));
}

Value Reducer::getSize(KernelBuilder &kernel, ArrayRef<unsigned> dims) {
  Value size = kernel.index(1);
  for (unsigned dim : dims)
    size = arith::MulIOp::create(kernel.b, size, sizes[dim]);
  return size;
}

Reducer::Values Reducer::getIndices(KernelBuilder &kernel, Value parallel,
                                    Value reduction) {
  Values indices(op.getNumLoops());
  auto place = [&](ArrayRef<unsigned> dims, Value linear) {
    Values dimSizes;
    for (unsigned dim : dims)
      dimSizes.push_back(sizes[dim]);
    for (auto [dim, index] :
         llvm::zip_equal(dims, delinearize(kernel.b, linear, dimSizes)))
      indices[dim] = index;
  };
  place(parallels, parallel);
  place(reductions, reduction);
  return indices;
}

Reducer::Values Reducer::getNeutral(KernelBuilder &kernel) {
  Values values;
  for (Operation *combiner : combiners)
    values.push_back(
        arith::ConstantOp::create(kernel.b, getNeutralElement(combiner)));
  return values;
}

Value Reducer::combine(KernelBuilder &kernel, unsigned i, Value lhs,
                       Value rhs) {
  IRMapping mapping;
  mapping.map(combiners[i]->getOperand(0), lhs);
  mapping.map(combiners[i]->getOperand(1), rhs);
  return kernel.b.clone(*combiners[i], mapping)->getResult(0);
}

Reducer::Values Reducer::accumulate(KernelBuilder &kernel, Value parallel,
                                    Value from, Value to, Value step,
                                    int64_t lanes, bool wide, Values start) {
  ImplicitLocOpBuilder &b = kernel.b;
  auto loop = scf::ForOp::create(b, from, to, step, start);
  OpBuilder::InsertionGuard guard(b);
  b.setInsertionPointToStart(loop.getBody());
  Values accumulators(loop.getRegionIterArgs());
  Values ivs = getIndices(
      kernel, parallel,
      arith::MulIOp::create(b, loop.getInductionVar(), kernel.index(lanes)));
  SmallVector<Values> elements;
  for (OpOperand &operand : op->getOpOperands())
    elements.push_back(op.isDpsInit(&operand) ||
                               op.getMatchingBlockArgument(&operand).use_empty()
                           ? Values(lanes)
                           : body->load(operand, ivs, lanes, wide));
  for (int64_t lane = 0; lane != lanes; ++lane) {
    Values arguments;
    for (Values &element : elements)
      arguments.push_back(element[lane]);
    Values moved = ivs;
    if (lane)
      moved.back() = arith::AddIOp::create(b, moved.back(), kernel.index(lane));
    IRMapping mapping = body->emit(moved, arguments, combiners);
    for (auto [i, combiner] : llvm::enumerate(combiners)) {
      bool first = combiner->getOperand(0) == op.getRegionOutputArgs()[i];
      Value value =
          mapping.lookupOrDefault(combiner->getOperand(first ? 1 : 0));
      accumulators[i] = combine(kernel, i, accumulators[i], value);
    }
  }
  scf::YieldOp::create(b, accumulators);
  return Values(loop.getResults());
}

Reducer::Values Reducer::accumulateRow(KernelBuilder &kernel, Value parallel,
                                       Value size, Value thread,
                                       Value threads) {
  ImplicitLocOpBuilder &b = kernel.b;
  Values start = getNeutral(kernel);
  int64_t width = body->getVectorWidth();
  if (width == 1)
    return accumulate(kernel, parallel, thread, size, threads, 1, false, start);
  // A thread has the same elements, in the same order, whether it reads them
  // at once or not: an address does not change the bits of a sum.
  Value vectors = arith::DivUIOp::create(b, size, kernel.index(width));
  Value whole = arith::MulIOp::create(b, vectors, kernel.index(width));
  // Vectors cross no end of the innermost loop.
  if (reductions.size() > 1) {
    Value fits = arith::CmpIOp::create(
        b, arith::CmpIPredicate::eq,
        arith::RemUIOp::create(b, sizes.back(), kernel.index(width)),
        kernel.index(0));
    vectors = arith::SelectOp::create(b, fits, vectors, kernel.index(0));
    whole = arith::SelectOp::create(b, fits, whole, kernel.index(0));
  }
  Value aligned = body->emitIsAligned(sizes);
  auto choice =
      scf::IfOp::create(b, TypeRange(ValueRange(start)), aligned, true);
  for (bool wide : {true, false}) {
    OpBuilder::InsertionGuard guard(b);
    b.setInsertionPointToStart(wide ? choice.thenBlock() : choice.elseBlock());
    scf::YieldOp::create(b, accumulate(kernel, parallel, thread, vectors,
                                       threads, width, wide, start));
  }
  return accumulate(kernel, parallel, arith::AddIOp::create(b, whole, thread),
                    size, threads, 1, false, Values(choice.getResults()));
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

Reducer::Values Reducer::reduceWarp(KernelBuilder &kernel, Values values) {
  for (int64_t distance = kWarpSize / 2; distance > 0; distance /= 2)
    for (auto [i, value] : llvm::enumerate(values))
      value = combine(kernel, i, value, shuffle(kernel, value, distance));
  return values;
}

Reducer::Values Reducer::addBuffers(KernelBuilder &kernel, int64_t size) {
  Values buffers;
  for (Operation *combiner : combiners)
    buffers.push_back(kernel.addShared(
        MemRefType::get({size}, combiner->getResult(0).getType())));
  return buffers;
}

Reducer::Values Reducer::reduceBlock(KernelBuilder &kernel, Values values,
                                     ArrayRef<Value> buffers) {
  ImplicitLocOpBuilder &b = kernel.b;
  values = reduceWarp(kernel, values);
  Value thread = kernel.threadId();
  Value lane = arith::RemUIOp::create(b, thread, kernel.index(kWarpSize));
  Value warp = arith::DivUIOp::create(b, thread, kernel.index(kWarpSize));
  auto isFirst =
      arith::CmpIOp::create(b, arith::CmpIPredicate::eq, lane, kernel.index(0));
  auto leader = scf::IfOp::create(b, isFirst, /*withElseRegion=*/false);
  {
    OpBuilder::InsertionGuard guard(b);
    b.setInsertionPointToStart(leader.thenBlock());
    for (auto [value, buffer] : llvm::zip_equal(values, buffers))
      memref::StoreOp::create(b, value, buffer, warp);
  }
  gpu::BarrierOp::create(b);
  // Every warp does the same: a shuffle must not stand in a branch.
  Value inside = arith::CmpIOp::create(b, arith::CmpIPredicate::ult, lane,
                                       kernel.index(kBlockSize / kWarpSize));
  Value place = arith::SelectOp::create(b, inside, lane, kernel.index(0));
  Values neutral = getNeutral(kernel);
  for (auto [i, value] : llvm::enumerate(values))
    value = arith::SelectOp::create(
        b, inside, memref::LoadOp::create(b, buffers[i], place), neutral[i]);
  // Before the buffers are written again.
  gpu::BarrierOp::create(b);
  return reduceWarp(kernel, values);
}

void Reducer::combineIntoResult(KernelBuilder &kernel, Value parallel,
                                ArrayRef<Value> values) {
  Values ivs = getIndices(kernel, parallel, kernel.index(0));
  for (auto [i, init] : llvm::enumerate(op.getDpsInitsMutable())) {
    Value before = body->load(init, ivs, 1, false).front();
    body->store(init, ivs, combine(kernel, i, before, values[i]), false);
  }
}

/// `value == 0` as the condition of what follows, which the builder enters.
static void onlyIfZero(KernelBuilder &kernel, Value value) {
  ImplicitLocOpBuilder &b = kernel.b;
  Value isZero = arith::CmpIOp::create(b, arith::CmpIPredicate::eq, value,
                                       kernel.index(0));
  auto branch = scf::IfOp::create(b, isZero, /*withElseRegion=*/false);
  b.setInsertionPointToStart(branch.thenBlock());
}

void Reducer::emitRows(int64_t threads) {
  KernelBuilder kernel(op);
  begin(kernel);
  ImplicitLocOpBuilder &b = kernel.b;
  int64_t rowsPerBlock = kBlockSize / threads;
  Values buffers;
  if (rowsPerBlock == 1)
    buffers = addBuffers(kernel, kBlockSize / kWarpSize);
  Value rows = getSize(kernel, parallels), length = getSize(kernel, reductions);
  Value thread = kernel.threadId();
  Value within = arith::RemUIOp::create(b, thread, kernel.index(threads));
  Value first = arith::AddIOp::create(
      b, arith::MulIOp::create(b, kernel.blockId(), kernel.index(rowsPerBlock)),
      arith::DivUIOp::create(b, thread, kernel.index(threads)));
  Value step =
      arith::MulIOp::create(b, kernel.gridDim(), kernel.index(rowsPerBlock));
  auto loop = scf::ForOp::create(b, first, rows, step);
  {
    OpBuilder::InsertionGuard guard(b);
    b.setInsertionPointToStart(loop.getBody());
    Value row = loop.getInductionVar();
    Values values =
        accumulateRow(kernel, row, length, within, kernel.index(threads));
    values = rowsPerBlock == 1 ? reduceBlock(kernel, values, buffers)
                               : reduceWarp(kernel, values);
    onlyIfZero(kernel, within);
    combineIntoResult(kernel, row, values);
  }
  SmallVector<OpFoldResult> hostRows;
  for (unsigned dim : parallels)
    hostRows.push_back(hostSizes[dim]);
  kernel.launch(getGridSize(kernel.host, op.getLoc(),
                            getProduct(kernel.host, op.getLoc(), hostRows),
                            rowsPerBlock, mostBlocks),
                kBlockSize);
}

void Reducer::emitColumns() {
  KernelBuilder kernel(op);
  begin(kernel);
  ImplicitLocOpBuilder &b = kernel.b;
  Values buffers = addBuffers(kernel, kWarpSize * kColumnThreads);
  Value columns = getSize(kernel, parallels);
  Value length = getSize(kernel, reductions);
  Value x = kernel.threadId(), y = kernel.threadId(gpu::Dimension::y);
  // All threads of a block stay together: they meet at barriers.
  auto loop = scf::ForOp::create(
      b, arith::MulIOp::create(b, kernel.blockId(), kernel.index(kWarpSize)),
      columns,
      arith::MulIOp::create(b, kernel.gridDim(), kernel.index(kWarpSize)));
  OpBuilder::InsertionGuard guard(b);
  b.setInsertionPointToStart(loop.getBody());
  Value column = arith::AddIOp::create(b, loop.getInductionVar(), x);
  Value exists =
      arith::CmpIOp::create(b, arith::CmpIPredicate::ult, column, columns);
  Value end = arith::SelectOp::create(b, exists, length, kernel.index(0));
  Values values =
      accumulate(kernel, column, y, end, kernel.index(kColumnThreads), 1, false,
                 getNeutral(kernel));
  auto getPlace = [&](Value row) -> Value {
    return arith::AddIOp::create(
        b, arith::MulIOp::create(b, row, kernel.index(kWarpSize)), x);
  };
  for (auto [value, buffer] : llvm::zip_equal(values, buffers))
    memref::StoreOp::create(b, value, buffer, getPlace(y));
  gpu::BarrierOp::create(b);
  {
    OpBuilder::InsertionGuard guard(b);
    // The first row combines the others, in a tree.
    Value mine = arith::AndIOp::create(
        b, exists,
        arith::CmpIOp::create(b, arith::CmpIPredicate::eq, y, kernel.index(0)));
    auto branch = scf::IfOp::create(b, mine, /*withElseRegion=*/false);
    b.setInsertionPointToStart(branch.thenBlock());
    Values totals;
    for (auto [i, buffer] : llvm::enumerate(buffers)) {
      Values parts;
      for (int64_t row = 0; row != kColumnThreads; ++row)
        parts.push_back(
            memref::LoadOp::create(b, buffer, getPlace(kernel.index(row))));
      while (parts.size() > 1) {
        size_t half = parts.size() / 2;
        for (size_t j = 0; j != half; ++j)
          parts[j] = combine(kernel, i, parts[j], parts[j + half]);
        parts.resize(half);
      }
      totals.push_back(parts.front());
    }
    combineIntoResult(kernel, column, totals);
  }
  gpu::BarrierOp::create(b);
  SmallVector<OpFoldResult> hostColumns;
  for (unsigned dim : parallels)
    hostColumns.push_back(hostSizes[dim]);
  kernel.launch(getGridSize(kernel.host, op.getLoc(),
                            getProduct(kernel.host, op.getLoc(), hostColumns),
                            kWarpSize, mostBlocks),
                kWarpSize, kColumnThreads);
}

void Reducer::emitAll() {
  // One value of each block; freed where the function returns. Allocated at
  // the function's entry: nothing may fail behind the first write (T4).
  auto function = op->getParentOfType<func::FuncOp>();
  Values partials;
  for (Operation *combiner : combiners) {
    OpBuilder entry = OpBuilder::atBlockBegin(&function.getBody().front());
    partials.push_back(memref::AllocOp::create(
        entry, op.getLoc(),
        MemRefType::get({kMostPartials}, combiner->getResult(0).getType())));
    function.walk([&](func::ReturnOp exit) {
      OpBuilder b(exit);
      memref::DeallocOp::create(b, op.getLoc(), partials.back());
    });
  }
  OpBuilder host(op);
  OpFoldResult blocks =
      getGridSize(host, op.getLoc(), getProduct(host, op.getLoc(), hostSizes),
                  kPartialWork, kMostPartials);
  {
    KernelBuilder kernel(op);
    begin(kernel);
    ImplicitLocOpBuilder &b = kernel.b;
    Values buffers = addBuffers(kernel, kBlockSize / kWarpSize);
    Value thread = kernel.threadId(), block = kernel.blockId();
    Value number = arith::AddIOp::create(
        b, arith::MulIOp::create(b, block, kernel.index(kBlockSize)), thread);
    Value threads =
        arith::MulIOp::create(b, kernel.gridDim(), kernel.index(kBlockSize));
    Values values = accumulateRow(kernel, kernel.index(0),
                                  getSize(kernel, reductions), number, threads);
    values = reduceBlock(kernel, values, buffers);
    Values inside;
    for (Value partial : partials)
      inside.push_back(kernel.capture(partial));
    onlyIfZero(kernel, thread);
    for (auto [value, partial] : llvm::zip_equal(values, inside))
      memref::StoreOp::create(b, value, partial, block);
    kernel.launch(blocks, kBlockSize);
  }
  KernelBuilder kernel(op);
  begin(kernel);
  ImplicitLocOpBuilder &b = kernel.b;
  Values buffers = addBuffers(kernel, kBlockSize / kWarpSize);
  Values inside;
  for (Value partial : partials)
    inside.push_back(kernel.capture(partial));
  Value thread = kernel.threadId();
  auto loop = scf::ForOp::create(b, thread, kernel.capture(blocks),
                                 kernel.index(kBlockSize), getNeutral(kernel));
  {
    OpBuilder::InsertionGuard guard(b);
    b.setInsertionPointToStart(loop.getBody());
    Values next;
    for (auto [i, partial] : llvm::enumerate(inside))
      next.push_back(
          combine(kernel, i, loop.getRegionIterArg(i),
                  memref::LoadOp::create(b, partial, loop.getInductionVar())));
    scf::YieldOp::create(b, next);
  }
  Values values = reduceBlock(kernel, Values(loop.getResults()), buffers);
  onlyIfZero(kernel, thread);
  combineIntoResult(kernel, kernel.index(0), values);
  kernel.launch(b.getIndexAttr(1), kBlockSize);
}

void Reducer::emitSerial() {
  // Iterations of the parallel loops are threads' if they write different
  // elements, and read none that others write.
  bool apart = llvm::all_of(op.getDpsInitsMutable(), [&](OpOperand &init) {
    AffineMap map = op.getMatchingIndexingMap(&init);
    return map.isProjectedPermutation() &&
           llvm::all_of(parallels,
                        [&](unsigned dim) { return map.isFunctionOfDim(dim); });
  });
  KernelBuilder kernel(op);
  begin(kernel);
  ImplicitLocOpBuilder &b = kernel.b;
  Value count = getSize(kernel, parallels);
  int64_t threads = apart ? kBlockSize : 1;
  Value thread = arith::AddIOp::create(
      b, arith::MulIOp::create(b, kernel.blockId(), kernel.index(threads)),
      kernel.threadId());
  auto outer = scf::ForOp::create(
      b, thread, count,
      arith::MulIOp::create(b, kernel.gridDim(), kernel.index(threads)));
  {
    OpBuilder::InsertionGuard guard(b);
    b.setInsertionPointToStart(outer.getBody());
    auto inner = scf::ForOp::create(
        b, kernel.index(0), getSize(kernel, reductions), kernel.index(1));
    b.setInsertionPointToStart(inner.getBody());
    body->emitIteration(
        getIndices(kernel, outer.getInductionVar(), inner.getInductionVar()), 1,
        false);
  }
  SmallVector<OpFoldResult> hostCount;
  for (unsigned dim : parallels)
    hostCount.push_back(hostSizes[dim]);
  OpFoldResult grid = b.getIndexAttr(1);
  if (apart)
    grid = getGridSize(kernel.host, op.getLoc(),
                       getProduct(kernel.host, op.getLoc(), hostCount),
                       kBlockSize, mostBlocks);
  kernel.launch(grid, threads);
}

void Reducer::emit() {
  OpBuilder host(op);
  hostSizes = getLoopSizes(host, op);
  if (!shared)
    return emitSerial();
  if (parallels.empty())
    return emitAll();
  if (!llvm::is_contained(reductions, op.getNumLoops() - 1))
    return emitColumns();
  int64_t length = 1;
  for (unsigned dim : reductions) {
    std::optional<int64_t> size = getConstantIntValue(hostSizes[dim]);
    length = size && length <= kWarpRow ? length * *size : kWarpRow + 1;
  }
  emitRows(length <= kWarpRow ? kWarpSize : kBlockSize);
}

void ReductionKernels::runOnOperation() {
  SmallVector<linalg::GenericOp> ops;
  getOperation().walk([&](linalg::GenericOp op) {
    if (isKernelizable(op))
      ops.push_back(op);
  });
  for (linalg::GenericOp op : ops) {
    Reducer reducer(op, blocks);
    reducer.emit();
    ++numKernels;
    if (!reducer.hasCombiners())
      ++numSerial;
    op.erase();
  }
}
