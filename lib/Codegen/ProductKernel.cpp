//===- ProductKernel.cpp - Matrix products in vector registers --------===//
//
// For products too small or too thin for a library: a tile of C stays in
// registers while k runs, rows of B come as vectors, elements of A as
// broadcasts. Nothing is packed, so there is nothing to set up.
//
//===----------------------------------------------------------------------===//

#include "Contraction.h"

#include "mlir/Dialect/Affine/IR/AffineOps.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"

using namespace mlir;
using namespace mlir::sym;

/// Vectors of a row of C that are computed together.
static int64_t getColumns(const Contraction &product) {
  return product.m ? 3 : 8;
}

namespace {
class KernelEmitter {
public:
  KernelEmitter(ImplicitLocOpBuilder &b, const Contraction &product,
                const TargetCPU &cpu, ArrayRef<Value> sizes,
                ArrayRef<Value> ivs)
      : b(b), product(product), sizes(sizes), ivs(ivs), fma(cpu.fma) {
    Type element = product.getElementType();
    width = cpu.vectorBits / element.getIntOrFloatBitWidth();
    vector = VectorType::get({width}, element);
  }
  void emit(Value begin, Value end);

private:
  Value index(int64_t value) {
    return arith::ConstantIndexOp::create(b, value);
  }
  Value add(Value base, int64_t offset) {
    return offset ? arith::AddIOp::create(b, base, index(offset)).getResult()
                  : base;
  }
  /// Where `operand` has the element at (i, j, k).
  SmallVector<Value> at(OpOperand *operand, Value i, Value j, Value k);
  Value load(OpOperand *operand, ArrayRef<Value> indices, Value mask);
  /// The tile of `rows` rows from `i` and `columns` vectors from `j`.
  void emitTile(Value i, Value j, int64_t rows, int64_t columns, Value mask);
  /// All rows, for `columns` vectors from `j`.
  void emitRows(Value j, int64_t columns, Value mask);
  void emitLoop(Value begin, Value end, int64_t step,
                llvm::function_ref<void(Value)> body);
  Value roundDown(Value size, int64_t unit);

  ImplicitLocOpBuilder &b;
  Contraction product;
  ArrayRef<Value> sizes;
  ArrayRef<Value> ivs;
  bool fma;
  int64_t width;
  VectorType vector;
};
} // namespace

SmallVector<Value> KernelEmitter::at(OpOperand *operand, Value i, Value j,
                                     Value k) {
  AffineMap map = product.op.getMatchingIndexingMap(operand);
  SmallVector<Value> indices;
  for (unsigned r = 0, e = map.getNumResults(); r != e; ++r) {
    unsigned dim = map.getDimPosition(r);
    indices.push_back(dim == product.k                 ? k
                      : dim == product.n               ? j
                      : product.m && dim == *product.m ? i
                                                       : ivs[dim]);
  }
  return indices;
}

Value KernelEmitter::load(OpOperand *operand, ArrayRef<Value> indices,
                          Value mask) {
  if (!mask)
    return vector::LoadOp::create(b, vector, operand->get(), indices);
  Value zero = arith::ConstantOp::create(b, b.getZeroAttr(vector));
  return vector::MaskedLoadOp::create(b, vector, operand->get(), indices, mask,
                                      zero);
}

void KernelEmitter::emitLoop(Value begin, Value end, int64_t step,
                             llvm::function_ref<void(Value)> body) {
  OpBuilder::InsertionGuard guard(b);
  auto loop = scf::ForOp::create(b, begin, end, index(step));
  b.setInsertionPointToStart(loop.getBody());
  body(loop.getInductionVar());
}

Value KernelEmitter::roundDown(Value size, int64_t unit) {
  AffineExpr expr = b.getAffineSymbolExpr(0);
  OpFoldResult rounded = affine::makeComposedFoldedAffineApply(
      b, b.getLoc(), AffineMap::get(0, 1, expr.floorDiv(unit) * unit),
      getAsOpFoldResult(size));
  return getValueOrCreateConstantIndexOp(b, b.getLoc(), rounded);
}

void KernelEmitter::emitTile(Value i, Value j, int64_t rows, int64_t columns,
                             Value mask) {
  OpBuilder::InsertionGuard guard(b);
  SmallVector<Value> sums;
  for (int64_t row = 0; row != rows; ++row)
    for (int64_t column = 0; column != columns; ++column) {
      if (product.zero)
        sums.push_back(arith::ConstantOp::create(b, b.getZeroAttr(vector)));
      else
        sums.push_back(load(
            product.c,
            at(product.c, add(i, row), add(j, column * width), nullptr), mask));
    }

  auto loop = scf::ForOp::create(b, index(0), sizes[product.k], index(1), sums);
  {
    OpBuilder::InsertionGuard inner(b);
    b.setInsertionPointToStart(loop.getBody());
    Value k = loop.getInductionVar();
    SmallVector<Value> next;
    SmallVector<Value> loaded;
    for (int64_t column = 0; column != columns; ++column)
      loaded.push_back(load(
          product.b, at(product.b, nullptr, add(j, column * width), k), mask));
    for (int64_t row = 0; row != rows; ++row) {
      Value scalar = memref::LoadOp::create(
          b, product.a->get(), at(product.a, add(i, row), nullptr, k));
      Value factor = vector::BroadcastOp::create(b, vector, scalar);
      for (int64_t column = 0; column != columns; ++column) {
        Value sum = loop.getRegionIterArg(row * columns + column);
        // Not vector.fma, which LLVM may split.
        next.push_back(
            fma ? math::FmaOp::create(b, factor, loaded[column], sum)
                      .getResult()
                : arith::AddFOp::create(
                      b, sum, arith::MulFOp::create(b, factor, loaded[column]))
                      .getResult());
      }
    }
    scf::YieldOp::create(b, next);
  }

  for (int64_t row = 0; row != rows; ++row)
    for (int64_t column = 0; column != columns; ++column) {
      Value sum = loop.getResult(row * columns + column);
      SmallVector<Value> indices =
          at(product.c, add(i, row), add(j, column * width), nullptr);
      if (mask)
        vector::MaskedStoreOp::create(b, product.c->get(), indices, mask, sum);
      else
        vector::StoreOp::create(b, sum, product.c->get(), indices);
    }
}

void KernelEmitter::emitRows(Value j, int64_t columns, Value mask) {
  if (!product.m) {
    emitTile(index(0), j, 1, columns, mask);
    return;
  }
  // Four rows and three vectors: twelve sums, three of B and one of A fill
  // sixteen registers. A lone vector takes eight rows, since one sum waits for
  // the one before.
  Value size = sizes[*product.m];
  auto fixed = getConstantIntValue(size);
  Value begin = index(0);
  int64_t done = 0;
  SmallVector<int64_t> heights = {4, 1};
  if (columns == 1)
    heights.insert(heights.begin(), 8);
  for (int64_t rows : heights) {
    if (fixed && *fixed - done < rows)
      continue;
    Value end = roundDown(size, rows);
    emitLoop(begin, end, rows,
             [&](Value i) { emitTile(i, j, rows, columns, mask); });
    begin = end;
    done = fixed ? *fixed / rows * rows : 0;
  }
}

void KernelEmitter::emit(Value begin, Value end) {
  Value size = end;
  auto fixed = getConstantIntValue(end);
  if (getConstantIntValue(begin) != 0) {
    size = b.createOrFold<arith::SubIOp>(end, begin);
    fixed = std::nullopt;
  }
  auto getEnd = [&](int64_t unit) -> Value {
    Value rounded = roundDown(size, unit);
    if (fixed)
      return rounded;
    return b.createOrFold<arith::AddIOp>(begin, rounded);
  };
  // A lone row has registers to spare, and takes whole lines of B.
  int64_t columns = getColumns(product);
  Value blocksEnd = begin;
  if (!fixed || *fixed >= columns * width) {
    blocksEnd = getEnd(columns * width);
    emitLoop(begin, blocksEnd, columns * width,
             [&](Value j) { emitRows(j, columns, nullptr); });
  }
  Value wholeEnd = getEnd(width);
  if (!fixed || *fixed % (columns * width) >= width)
    emitLoop(blocksEnd, wholeEnd, width,
             [&](Value j) { emitRows(j, 1, nullptr); });
  // Parts begin at whole vectors.
  auto all = getConstantIntValue(sizes[product.n]);
  if (all && *all % width == 0)
    return;
  auto emitTail = [&]() {
    Value count = arith::SubIOp::create(b, end, wholeEnd);
    Value mask = vector::CreateMaskOp::create(
        b, VectorType::get({width}, b.getI1Type()), ValueRange{count});
    emitRows(wholeEnd, 1, mask);
  };
  if (fixed) {
    emitTail();
    return;
  }
  Value some =
      arith::CmpIOp::create(b, arith::CmpIPredicate::ne, end, wholeEnd);
  auto branch = scf::IfOp::create(b, some, /*withElseRegion=*/false);
  OpBuilder::InsertionGuard guard(b);
  b.setInsertionPointToStart(branch.thenBlock());
  emitTail();
}

int64_t mlir::sym::getKernelColumns(const Contraction &product,
                                    const TargetCPU &cpu) {
  return getColumns(product) * cpu.vectorBits /
         product.getElementType().getIntOrFloatBitWidth();
}

void mlir::sym::emitProductKernel(ImplicitLocOpBuilder &b,
                                  const Contraction &product,
                                  const TargetCPU &cpu, ArrayRef<Value> sizes,
                                  ArrayRef<Value> ivs, Value begin, Value end) {
  KernelEmitter(b, product, cpu, sizes, ivs).emit(begin, end);
}
