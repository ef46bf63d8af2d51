//===- LowerContractions.cpp - Matrix products to CBLAS or vectors ----===//
//
// Large products are library calls, on tiles that never split k and whose
// bounds depend on the sizes only (T9); OpenMP runs the tiles, and the library
// itself is single-threaded, so that no process-wide setting is touched. Small
// products are vector code, which costs no call and packs nothing. Sizes that
// are known only at run time are compared there.
//
//===----------------------------------------------------------------------===//

#include "Contraction.h"
#include "sym/Codegen/Passes.h"

#include "mlir/Dialect/Affine/IR/AffineOps.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"

#include <limits>

namespace mlir::sym {
#define GEN_PASS_DEF_SYMLOWERCONTRACTIONS
#include "sym/Codegen/Passes.h.inc"
} // namespace mlir::sym

using namespace mlir;
using namespace mlir::sym;

// Multiply-adds from which a library call pays, measured on one core. Where
// there is no vector code for the form, the loops are slower.
static constexpr int64_t kLibraryProduct = 1 << 22;
static constexpr int64_t kLibraryProductTransposed = 1 << 11;
static constexpr int64_t kLibraryVectorProduct = 1 << 17;
// Thinner products leave the library's kernels half empty, and are faster in
// vector code for as long as B stays in the second cache and its rows do not
// each take an entry of the TLB: the library packs B, vector code does not
// (0.38 to 0.72 of its speed from twice this size on, with 2 to 32 rows).
static constexpr int64_t kLibraryRows = 48;
static constexpr int64_t kLibraryMatrix = 1 << 19;
// Multiply-adds from which tiles are worth threads, as a multiple of the work
// that is worth them in plain loops, and the size of a tile: large enough for
// 96 % of the speed of one whole product.
static constexpr int64_t kParallelProduct = 32;
static constexpr int64_t kTileRows = 256;
static constexpr int64_t kTileColumns = 1024;
// The columns of a piece of a product with a vector: in narrower ones every row
// of the matrix is a jump (0.65 of the speed at 256).
static constexpr int64_t kTileVector = 1024;
// The same for vector code, and its pieces at most.
static constexpr int64_t kParallelKernel = 4;
static constexpr int64_t kKernelPieces = 16;

namespace {
struct LowerContractions
    : public mlir::sym::impl::SymLowerContractionsBase<LowerContractions> {
  using SymLowerContractionsBase::SymLowerContractionsBase;
  void runOnOperation() override;
};

class ProductEmitter {
public:
  ProductEmitter(Contraction product, const TargetCPU &cpu, bool blas,
                 bool parallel, int64_t work)
      : product(std::move(product)), cpu(cpu), blas(blas), parallel(parallel),
        work(work), tileRows(std::min(kTileRows, std::max<int64_t>(work, 16))),
        tileColumns(std::min(kTileColumns, std::max<int64_t>(work, 16))),
        b(this->product.op.getLoc(), this->product.op) {}
  /// False if the operation is left as it is.
  bool emit();
  unsigned numCalls = 0, numKernels = 0;

private:
  Value index(int64_t value) {
    return arith::ConstantIndexOp::create(b, value);
  }
  Value integer(int32_t value) {
    return arith::ConstantIntOp::create(b, b.getI32Type(), value);
  }
  Value toI32(Value value) {
    return arith::IndexCastOp::create(b, b.getI32Type(), value);
  }
  Value isAtLeast(Value value, int64_t bound) {
    return arith::CmpIOp::create(b, arith::CmpIPredicate::sge, value,
                                 index(bound));
  }
  Value both(Value lhs, Value rhs) {
    return arith::AndIOp::create(b, lhs, rhs);
  }
  Value size(std::optional<unsigned> dim) {
    return dim ? sizes[*dim] : index(1);
  }
  /// The distance of two elements of `operand` along `dim`.
  Value getStride(OpOperand *operand, unsigned dim);
  /// The address of the element at `row` of dimension `m`, `column` of `n`, in
  /// the current batch, as a pointer.
  Value getPointer(OpOperand *operand, Value row, Value column);
  Value getLeading(OpOperand *operand);
  /// The dimension that moves from row to row of a matrix in memory.
  std::optional<unsigned> getRowDim(OpOperand *operand);
  Value isWalkable(OpOperand *operand);
  void call(StringRef name, ArrayRef<Value> args);
  void emitCall(Value row, Value column, Value rows, Value columns);
  /// `value / by`, rounded up.
  Value ceilDiv(Value value, int64_t by);
  /// The multiply-adds of all batches.
  Value getVolume();
  /// Runs `piece` for every batch and all positions below `pieces` in parallel
  /// if that is worth threads, else `whole` for one batch after the other.
  void emitParallel(ArrayRef<Value> pieces, Value worthThreads,
                    llvm::function_ref<void(ValueRange)> piece,
                    llvm::function_ref<void()> whole);
  void emitLibrary();
  bool isWorthCutting();
  void emitKernel();
  void emitBatches(llvm::function_ref<void()> body);
  /// Moves the operation, and the fill before it, into the current block.
  void moveOriginal();

  Contraction product;
  const TargetCPU &cpu;
  bool blas;
  bool parallel;
  /// What is worth threads, in simple operations.
  int64_t work;
  int64_t tileRows, tileColumns;
  ImplicitLocOpBuilder b;
  SmallVector<Value> sizes;
  SmallVector<Value> ivs;
};
} // namespace

Value ProductEmitter::getStride(OpOperand *operand, unsigned dim) {
  AffineMap map = product.op.getMatchingIndexingMap(operand);
  auto metadata = memref::ExtractStridedMetadataOp::create(b, operand->get());
  for (unsigned r = 0, e = map.getNumResults(); r != e; ++r)
    if (map.getDimPosition(r) == dim) {
      auto type = cast<MemRefType>(operand->get().getType());
      auto [strides, offset] = type.getStridesAndOffset();
      if (!ShapedType::isDynamic(strides[r]))
        return index(strides[r]);
      return metadata.getStrides()[r];
    }
  return index(0);
}

Value ProductEmitter::getPointer(OpOperand *operand, Value row, Value column) {
  auto metadata = memref::ExtractStridedMetadataOp::create(b, operand->get());
  Value position = metadata.getOffset();
  auto advance = [&](unsigned dim, Value by) {
    Value distance = arith::MulIOp::create(b, getStride(operand, dim), by);
    position = arith::AddIOp::create(b, position, distance);
  };
  for (unsigned dim : product.batch)
    advance(dim, ivs[dim]);
  if (product.m)
    advance(*product.m, row);
  advance(product.n, column);
  int64_t bytes = product.getElementType().getIntOrFloatBitWidth() / 8;
  Value base =
      memref::ExtractAlignedPointerAsIndexOp::create(b, operand->get());
  Value address = arith::AddIOp::create(
      b, base, arith::MulIOp::create(b, position, index(bytes)));
  Value bits = arith::IndexCastOp::create(b, b.getI64Type(), address);
  return LLVM::IntToPtrOp::create(b, LLVM::LLVMPointerType::get(b.getContext()),
                                  bits);
}

/// The distance of the rows of a matrix. Of a single row it may be anything,
/// but the library wants at least its length.
Value ProductEmitter::getLeading(OpOperand *operand) {
  AffineMap map = product.op.getMatchingIndexingMap(operand);
  Value width = sizes[map.getDimPosition(map.getNumResults() - 1)];
  std::optional<unsigned> row = getRowDim(operand);
  Value leading = row ? getStride(operand, *row) : index(1);
  return arith::MaxSIOp::create(b, arith::MaxSIOp::create(b, leading, index(1)),
                                width);
}

std::optional<unsigned> ProductEmitter::getRowDim(OpOperand *operand) {
  AffineMap map = product.op.getMatchingIndexingMap(operand);
  unsigned last = map.getDimPosition(map.getNumResults() - 1);
  for (std::optional<unsigned> dim :
       {product.m, std::optional<unsigned>(product.n),
        std::optional<unsigned>(product.k)})
    if (dim && *dim != last && map.isFunctionOfDim(*dim))
      return dim;
  return std::nullopt;
}

/// Whether the library can walk the matrix: in 32 bits, and its rows do not
/// overlap, as those of a view may.
Value ProductEmitter::isWalkable(OpOperand *operand) {
  constexpr int64_t limit = std::numeric_limits<int32_t>::max();
  Value leading = getLeading(operand);
  Value walkable = arith::CmpIOp::create(b, arith::CmpIPredicate::sle, leading,
                                         index(limit));
  std::optional<unsigned> row = getRowDim(operand);
  if (row &&
      !cast<MemRefType>(operand->get().getType()).getLayout().isIdentity())
    walkable = both(walkable,
                    arith::CmpIOp::create(b, arith::CmpIPredicate::eq, leading,
                                          getStride(operand, *row)));
  return walkable;
}

void ProductEmitter::call(StringRef name, ArrayRef<Value> args) {
  auto module = product.op->getParentOfType<ModuleOp>();
  if (!module.lookupSymbol(name)) {
    OpBuilder::InsertionGuard guard(b);
    b.setInsertionPointToStart(module.getBody());
    auto type = LLVM::LLVMFunctionType::get(
        LLVM::LLVMVoidType::get(b.getContext()),
        llvm::to_vector(ValueRange(args).getTypes()));
    auto function = LLVM::LLVMFuncOp::create(b, name, type);
    function.setNoUnwind(true);
    function.setWillReturn(true);
  }
  LLVM::CallOp::create(b, TypeRange(), name, args);
  ++numCalls;
}

void ProductEmitter::emitCall(Value row, Value column, Value rows,
                              Value columns) {
  // cblas.h: CblasRowMajor, CblasNoTrans and CblasTrans.
  constexpr int32_t rowMajor = 101, plain = 111, transposed = 112;
  Type element = product.getElementType();
  bool isSingle = element.isF32();
  Value one = arith::ConstantOp::create(b, b.getFloatAttr(element, 1.0));
  Value beta = product.zero
                   ? arith::ConstantOp::create(b, b.getFloatAttr(element, 0.0))
                         .getResult()
                   : one;
  Value zero = index(0);
  Value k = toI32(sizes[product.k]);
  Value ptrA = getPointer(product.a, row, zero);
  Value ptrB = getPointer(product.b, zero, column);
  Value ptrC = getPointer(product.c, row, column);
  if (!product.m) {
    // The vector times B: a column times the transpose, which is stored as k
    // rows of n.
    call(isSingle ? "cblas_sgemv" : "cblas_dgemv",
         {integer(rowMajor), integer(transposed), k, toI32(columns), one, ptrB,
          toI32(getLeading(product.b)), ptrA, integer(1), beta, ptrC,
          integer(1)});
    return;
  }
  call(isSingle ? "cblas_sgemm" : "cblas_dgemm",
       {integer(rowMajor), integer(product.transposedA ? transposed : plain),
        integer(product.transposedB ? transposed : plain), toI32(rows),
        toI32(columns), k, one, ptrA, toI32(getLeading(product.a)), ptrB,
        toI32(getLeading(product.b)), beta, ptrC,
        toI32(getLeading(product.c))});
}

Value ProductEmitter::ceilDiv(Value value, int64_t by) {
  AffineExpr expr = b.getAffineSymbolExpr(0);
  OpFoldResult result = affine::makeComposedFoldedAffineApply(
      b, b.getLoc(), AffineMap::get(0, 1, expr.ceilDiv(by)),
      getAsOpFoldResult(value));
  return getValueOrCreateConstantIndexOp(b, b.getLoc(), result);
}

Value ProductEmitter::getVolume() {
  Value volume = arith::MulIOp::create(
      b, arith::MulIOp::create(b, size(product.m), size(product.n)),
      size(product.k));
  for (unsigned dim : product.batch)
    volume = arith::MulIOp::create(b, volume, sizes[dim]);
  return volume;
}

void ProductEmitter::emitParallel(ArrayRef<Value> pieces, Value worthThreads,
                                  llvm::function_ref<void(ValueRange)> piece,
                                  llvm::function_ref<void()> whole) {
  SmallVector<Value> ends;
  for (unsigned dim : product.batch)
    ends.push_back(sizes[dim]);
  llvm::append_range(ends, pieces);
  Value count = index(1);
  for (Value end : ends)
    count = arith::MulIOp::create(b, count, end);
  auto branch = scf::IfOp::create(b, both(worthThreads, isAtLeast(count, 2)),
                                  /*withElseRegion=*/true);
  OpBuilder::InsertionGuard guard(b);
  b.setInsertionPointToStart(branch.elseBlock());
  emitBatches(whole);
  b.setInsertionPointToStart(branch.thenBlock());
  SmallVector<Value> zeros(ends.size(), index(0)), ones(ends.size(), index(1));
  auto loop = scf::ParallelOp::create(b, zeros, ends, ones);
  b.setInsertionPointToStart(loop.getBody());
  SmallVector<Value> positions(loop.getInductionVars());
  for (auto [dim, position] : llvm::zip(product.batch, positions))
    ivs[dim] = position;
  piece(ValueRange(positions).drop_front(product.batch.size()));
}

void ProductEmitter::emitLibrary() {
  Value zero = index(0);
  auto emitWhole = [&]() {
    emitCall(zero, zero, size(product.m), size(product.n));
  };
  if (!parallel)
    return emitBatches(emitWhole);
  // A vector's product waits for memory, so that less of it is worth threads.
  constexpr int64_t most = std::numeric_limits<int64_t>::max();
  int64_t least =
      product.m ? std::min(work, most / kParallelProduct) * kParallelProduct
                : work;
  int64_t width = product.m ? tileColumns : std::min(kTileVector, tileColumns);
  Value large = isAtLeast(getVolume(), least);
  auto getPart = [&](Value position, int64_t tile, Value total) {
    Value begin = arith::MulIOp::create(b, position, index(tile));
    Value rest = arith::SubIOp::create(b, total, begin);
    Value count = arith::MinSIOp::create(b, rest, index(tile));
    return std::make_pair(begin, count);
  };
  emitParallel(
      {ceilDiv(size(product.m), tileRows), ceilDiv(size(product.n), width)},
      large,
      [&](ValueRange positions) {
        auto [row, rows] = getPart(positions[0], tileRows, size(product.m));
        auto [column, columns] = getPart(positions[1], width, size(product.n));
        emitCall(row, column, rows, columns);
      },
      emitWhole);
}

/// Whether the code of a kernel is worth having twice, serially and in pieces.
bool ProductEmitter::isWorthCutting() {
  if (!parallel)
    return false;
  auto n = getConstantIntValue(sizes[product.n]);
  auto k = getConstantIntValue(sizes[product.k]);
  if (n && k) {
    int64_t known = *n * *k;
    if (auto m = getConstantIntValue(size(product.m)))
      return !product.batch.empty() || known * *m >= work;
    return !product.batch.empty() || known >= work / 8;
  }
  return !product.batch.empty() || work == 1;
}

void ProductEmitter::emitKernel() {
  Value zero = index(0);
  auto emitColumns = [&](Value begin, Value end) {
    emitProductKernel(b, product, cpu, sizes, ivs, begin, end);
  };
  auto emitWhole = [&]() { emitColumns(zero, size(product.n)); };
  ++numKernels;
  if (!isWorthCutting())
    return emitBatches(emitWhole);
  constexpr int64_t most = std::numeric_limits<int64_t>::max();
  Value large = isAtLeast(getVolume(), std::min(work, most / kParallelKernel) *
                                           kParallelKernel);
  // Batches are pieces enough.
  if (!product.batch.empty())
    return emitParallel({}, large, [&](ValueRange) { emitWhole(); }, emitWhole);
  // Whole blocks of columns, and at most so many pieces.
  int64_t unit = getKernelColumns(product, cpu);
  Value piece = arith::MulIOp::create(
      b, ceilDiv(size(product.n), kKernelPieces * unit), index(unit));
  // Nothing is cut where there are no columns.
  Value pieces = arith::CeilDivUIOp::create(
      b, size(product.n), arith::MaxUIOp::create(b, piece, index(1)));
  emitParallel(
      {pieces}, large,
      [&](ValueRange positions) {
        Value begin = arith::MulIOp::create(b, positions[0], piece);
        Value end = arith::MinSIOp::create(
            b, arith::AddIOp::create(b, begin, piece), size(product.n));
        emitColumns(begin, end);
      },
      emitWhole);
}

void ProductEmitter::emitBatches(llvm::function_ref<void()> body) {
  OpBuilder::InsertionGuard guard(b);
  for (unsigned dim : product.batch) {
    auto loop = scf::ForOp::create(b, index(0), sizes[dim], index(1));
    b.setInsertionPointToStart(loop.getBody());
    ivs[dim] = loop.getInductionVar();
  }
  body();
}

void ProductEmitter::moveOriginal() {
  Operation *op = product.op;
  Block *block = b.getInsertionBlock();
  op->moveBefore(block, b.getInsertionPoint());
  if (product.zero)
    product.zero->moveBefore(op);
}

bool ProductEmitter::emit() {
  bool hasKernel = !product.transposedB;
  bool hasLibrary = blas && (product.m || !product.transposedB);
  if (!hasKernel && !hasLibrary)
    return false;

  for (Range range : product.op.createLoopRanges(b, b.getLoc()))
    sizes.push_back(getValueOrCreateConstantIndexOp(b, b.getLoc(), range.size));
  ivs.assign(sizes.size(), nullptr);

  Operation *original = product.op;
  Operation *fill = product.zero;
  bool keepsOriginal = false;
  if (!hasLibrary) {
    emitKernel();
  } else {
    int64_t threshold = !product.m  ? kLibraryVectorProduct
                        : hasKernel ? kLibraryProduct
                                    : kLibraryProductTransposed;
    // The library counts in 32 bits.
    constexpr int64_t limit = std::numeric_limits<int32_t>::max();
    Value fits = both(isWalkable(product.b), isWalkable(product.c));
    if (product.m)
      fits = both(fits, isWalkable(product.a));
    for (Value count : {size(product.m), size(product.n), size(product.k)})
      fits = both(fits, arith::CmpIOp::create(b, arith::CmpIPredicate::sle,
                                              count, index(limit)));
    // Below 2^31 each, so that the product of all three wraps only where two
    // of them exceed the threshold already.
    Value area = arith::MulIOp::create(b, size(product.m), size(product.n));
    Value volume = arith::MulIOp::create(b, area, size(product.k));
    Value large = arith::OrIOp::create(
        b, isAtLeast(volume, threshold),
        both(isAtLeast(area, threshold), isAtLeast(size(product.k), 1)));
    if (product.m && hasKernel) {
      // No wrap: both are below 2^31.
      Value matrix = arith::MulIOp::create(b, size(product.k), size(product.n));
      large =
          both(large,
               arith::OrIOp::create(b, isAtLeast(size(product.m), kLibraryRows),
                                    isAtLeast(matrix, kLibraryMatrix)));
    }
    auto branch = scf::IfOp::create(b, both(fits, large),
                                    /*withElseRegion=*/true);
    OpBuilder::InsertionGuard guard(b);
    b.setInsertionPointToStart(branch.thenBlock());
    emitLibrary();
    b.setInsertionPointToStart(branch.elseBlock());
    if (hasKernel) {
      emitKernel();
    } else {
      moveOriginal();
      keepsOriginal = true;
    }
  }
  if (!keepsOriginal) {
    original->erase();
    if (fill)
      fill->erase();
  }
  return true;
}

void LowerContractions::runOnOperation() {
  FailureOr<TargetCPU> target = TargetCPU::get(cpu, getOperation());
  if (failed(target))
    return signalPassFailure();
  SmallVector<linalg::LinalgOp> ops;
  getOperation().walk([&](linalg::LinalgOp op) { ops.push_back(op); });
  for (linalg::LinalgOp op : ops) {
    std::optional<Contraction> product = Contraction::match(op);
    if (!product)
      continue;
    ProductEmitter emitter(*product, *target, blas, parallel, work);
    emitter.emit();
    numCalls += emitter.numCalls;
    numKernels += emitter.numKernels;
  }
}
