//===- ReductionKernels.cpp - Loops that accumulate become kernels --------===//
//
// The elements of a thread and the tree that combines threads follow from the
// operation and its sizes, never from the device or from when threads run, so
// that the bits are the same every time (T9).
//
//===----------------------------------------------------------------------===//

#include "../VectorPlan.h"
#include "Combine.h"
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
  /// Accumulates the reductions numbered `from`, `from + step`, … below `to`,
  /// `lanes` neighbours at a time.
  Values accumulate(KernelBuilder &kernel, Value parallel, Value from, Value to,
                    Value step, int64_t lanes, bool wide, Values start);
  /// The same for all reductions of a parallel iteration: of thread `thread`
  /// out of `threads`.
  Values accumulateRow(KernelBuilder &kernel, Value parallel, Value size,
                       Value thread, Value threads);
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
      accumulators[i] = combine(kernel, combiners[i], accumulators[i], value);
    }
  }
  scf::YieldOp::create(b, accumulators);
  return Values(loop.getResults());
}

Reducer::Values Reducer::accumulateRow(KernelBuilder &kernel, Value parallel,
                                       Value size, Value thread,
                                       Value threads) {
  ImplicitLocOpBuilder &b = kernel.b;
  Values start = getNeutralElements(kernel, combiners);
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

void Reducer::combineIntoResult(KernelBuilder &kernel, Value parallel,
                                ArrayRef<Value> values) {
  Values ivs = getIndices(kernel, parallel, kernel.index(0));
  for (auto [i, init] : llvm::enumerate(op.getDpsInitsMutable())) {
    Value before = body->load(init, ivs, 1, false).front();
    body->store(init, ivs, combine(kernel, combiners[i], before, values[i]),
                false);
  }
}

void Reducer::emitRows(int64_t threads) {
  KernelBuilder kernel(op);
  begin(kernel);
  ImplicitLocOpBuilder &b = kernel.b;
  int64_t rowsPerBlock = kBlockSize / threads;
  Values buffers;
  if (rowsPerBlock == 1)
    buffers = addCombinerBuffers(kernel, combiners);
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
    values = rowsPerBlock == 1 ? reduceBlock(kernel, combiners, values, buffers)
                               : reduceWarp(kernel, combiners, values);
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
  Values buffers =
      addCombinerBuffers(kernel, combiners, kWarpSize * kColumnThreads);
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
                 getNeutralElements(kernel, combiners));
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
      totals.push_back(combineTree(kernel, combiners[i], parts));
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
  Values partials = addPartials(op, combiners);
  OpBuilder host(op);
  OpFoldResult blocks =
      getGridSize(host, op.getLoc(), getProduct(host, op.getLoc(), hostSizes),
                  kPartialWork, kMostPartials);
  {
    KernelBuilder kernel(op);
    begin(kernel);
    ImplicitLocOpBuilder &b = kernel.b;
    Values buffers = addCombinerBuffers(kernel, combiners);
    Value thread = kernel.threadId(), block = kernel.blockId();
    Value number = arith::AddIOp::create(
        b, arith::MulIOp::create(b, block, kernel.index(kBlockSize)), thread);
    Value threads =
        arith::MulIOp::create(b, kernel.gridDim(), kernel.index(kBlockSize));
    Values values = accumulateRow(kernel, kernel.index(0),
                                  getSize(kernel, reductions), number, threads);
    values = reduceBlock(kernel, combiners, values, buffers);
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
  Values values = reducePartials(kernel, combiners, partials, blocks);
  onlyIfZero(kernel, kernel.threadId());
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
