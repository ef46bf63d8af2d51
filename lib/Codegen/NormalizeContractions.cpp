//===- NormalizeContractions.cpp - Contractions by their names --------===//
//
// A generic operation that multiplies and sums is written as one of five named
// operations, whatever the order and the number of its loops: transpositions
// and broadcasts of operands go into indexing maps, loops of one kind are
// collapsed into one.
//
//===----------------------------------------------------------------------===//

#include "MultiplyAdd.h"
#include "sym/Codegen/Passes.h"

#include "mlir/Dialect/Affine/IR/AffineOps.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Complex/IR/Complex.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/Dialect/Tensor/Transforms/Transforms.h"
#include "mlir/Transforms/GreedyPatternRewriteDriver.h"

namespace mlir::sym {
#define GEN_PASS_DEF_SYMNORMALIZECONTRACTIONS
#include "sym/Codegen/Passes.h.inc"
} // namespace mlir::sym

using namespace mlir;
using linalg::GenericOp;

namespace {
/// `c[mapC] += a[mapA] * b[mapB]`. A loop is in the batch, the rows (of `a`
/// and `c`), the columns (of `b` and `c`) or the sum (of `a` and `b`).
struct Contraction {
  Value a, b, c;
  AffineMap mapA, mapB, mapC;
  SmallVector<unsigned> batch, rows, columns, sum;

  LogicalResult classify();
  LogicalResult fit();
  void swapOperands() {
    std::swap(a, b);
    std::swap(mapA, mapB);
    std::swap(rows, columns);
  }
};
} // namespace

bool mlir::sym::isMultiplyAdd(GenericOp op) {
  if (op.getNumDpsInputs() != 2 || op.getNumDpsInits() != 1)
    return false;
  Block *body = op.getBody();
  Type type = body->getArgument(2).getType();
  // On one bit, `linalg.matmul` is an or of ands.
  if (type.isInteger(1) ||
      llvm::any_of(body->getArgumentTypes(),
                   [&](Type other) { return other != type; }))
    return false;
  Operation *add = body->getTerminator()->getOperand(0).getDefiningOp();
  if (!add || add->getBlock() != body ||
      !isa<arith::AddFOp, arith::AddIOp, complex::AddOp>(add))
    return false;
  Value sum = body->getArgument(2);
  Value product = add->getOperand(add->getOperand(0) == sum);
  if (add->getOperand(add->getOperand(0) != sum) != sum)
    return false;
  Operation *mul = product.getDefiningOp();
  if (!mul || mul->getBlock() != body ||
      !isa<arith::MulFOp, arith::MulIOp, complex::MulOp>(mul))
    return false;
  Value a = body->getArgument(0), b = body->getArgument(1);
  return (mul->getOperand(0) == a && mul->getOperand(1) == b) ||
         (mul->getOperand(0) == b && mul->getOperand(1) == a);
}

/// Puts every loop into its class; fails if one belongs to none.
LogicalResult Contraction::classify() {
  batch.clear(), rows.clear(), columns.clear(), sum.clear();
  for (AffineMap map : {mapA, mapB, mapC})
    if (!map.isProjectedPermutation())
      return failure();
  // In the order of `c`, the sum in that of `a`.
  auto inOrder = [](AffineMap map, auto &&visit) {
    for (AffineExpr expr : map.getResults())
      if (failed(visit(cast<AffineDimExpr>(expr).getPosition())))
        return failure();
    return success();
  };
  if (failed(inOrder(mapC, [&](unsigned dim) {
        bool inA = mapA.isFunctionOfDim(dim), inB = mapB.isFunctionOfDim(dim);
        if (!inA && !inB)
          return failure();
        (inA && inB ? batch : inA ? rows : columns).push_back(dim);
        return success();
      })))
    return failure();
  if (failed(inOrder(mapA,
                     [&](unsigned dim) {
                       if (mapC.isFunctionOfDim(dim))
                         return success();
                       sum.push_back(dim);
                       return success(mapB.isFunctionOfDim(dim));
                     })) ||
      failed(inOrder(mapB, [&](unsigned dim) {
        return success(mapC.isFunctionOfDim(dim) || mapA.isFunctionOfDim(dim));
      })))
    return failure();
  return success(!sum.empty());
}

/// Where the loops of a group stand in the map, one behind the other and in
/// this order; nothing if they do not.
static std::optional<unsigned> findGroup(AffineMap map,
                                         ArrayRef<unsigned> group) {
  std::optional<unsigned> first =
      map.getResultPosition(getAffineDimExpr(group[0], map.getContext()));
  if (!first || *first + group.size() > map.getNumResults())
    return std::nullopt;
  for (auto [offset, dim] : llvm::enumerate(group))
    if (map.getDimPosition(*first + offset) != dim)
      return std::nullopt;
  return first;
}

/// Chooses the batch so that each class is one run of dimensions wherever it
/// occurs, and the batch leads; fails if there is no such choice.
LogicalResult Contraction::fit() {
  auto isRun = [](ArrayRef<unsigned> group, AffineMap map) {
    return group.empty() || findGroup(map, group);
  };
  // The batch leads an operand or is not in it.
  auto leads = [&](AffineMap map) {
    if (llvm::none_of(batch,
                      [&](unsigned dim) { return map.isFunctionOfDim(dim); }))
      return true;
    std::optional<unsigned> at = findGroup(map, batch);
    return at && *at == 0;
  };
  // A memref.expand_shape with two dynamic dimensions of one is more than
  // upstream's lowering of it takes.
  auto canExpand = [&](ArrayRef<unsigned> group) {
    auto type = cast<RankedTensorType>(c.getType());
    return llvm::count_if(group, [&](unsigned dim) {
             auto expr = getAffineDimExpr(dim, mapC.getContext());
             return type.isDynamicDim(*mapC.getResultPosition(expr));
           }) <= 1;
  };
  while (true) {
    if (canExpand(rows) && canExpand(columns) && canExpand(batch) &&
        isRun(rows, mapA) && isRun(rows, mapC) && isRun(columns, mapB) &&
        isRun(columns, mapC) && isRun(sum, mapA) && isRun(sum, mapB) &&
        leads(mapA) && leads(mapB) && leads(mapC))
      return success();
    // The leading dimension of the result may become one of the batch.
    if (batch.size() >= mapC.getNumResults())
      return failure();
    unsigned dim = mapC.getDimPosition(batch.size());
    SmallVector<unsigned> &group =
        llvm::is_contained(rows, dim) ? rows : columns;
    auto *it = llvm::find(group, dim);
    if (it == group.end() || group.size() == 1)
      return failure();
    group.erase(it);
    batch.push_back(dim);
  }
}

//===----------------------------------------------------------------------===//
// Operands
//===----------------------------------------------------------------------===//

/// Whether the operation only reorders or repeats its input.
static bool isMovement(GenericOp op) {
  return op && op.hasPureTensorSemantics() && op.getNumDpsInputs() == 1 &&
         op.getNumDpsInits() == 1 &&
         op.getNumParallelLoops() == op.getNumLoops() &&
         isa<RankedTensorType>(op.getInputs()[0].getType()) &&
         op.getIndexingMapsArray()[0].isProjectedPermutation() &&
         op.getIndexingMapsArray()[1].isPermutation() &&
         op.getBody()->getTerminator()->getOperand(0) ==
             op.getBody()->getArgument(0);
}

/// Reads the source of a movement instead of its result.
static bool lookThrough(Value &value, AffineMap &map) {
  auto producer = value.getDefiningOp<GenericOp>();
  if (!producer || !isMovement(producer))
    return false;
  SmallVector<AffineMap> maps = producer.getIndexingMapsArray();
  map = maps[0].compose(inversePermutation(maps[1])).compose(map);
  value = producer.getInputs()[0];
  return true;
}

static linalg::FillOp getFill(Value value) {
  return value.getDefiningOp<linalg::FillOp>();
}

/// The dimensions of an operand, one list for each that remains.
static SmallVector<ReassociationIndices>
getReassociation(AffineMap map, ArrayRef<ArrayRef<unsigned>> groups) {
  SmallVector<ReassociationIndices> result;
  unsigned position = 0;
  while (position != map.getNumResults()) {
    unsigned dim = map.getDimPosition(position);
    const auto *group = llvm::find_if(groups, [&](ArrayRef<unsigned> other) {
      return llvm::is_contained(other, dim);
    });
    ReassociationIndices indices;
    for (size_t i = 0; i != group->size(); ++i)
      indices.push_back(position++);
    result.push_back(indices);
  }
  return result;
}

static Value collapse(OpBuilder &builder, Location loc, Value value,
                      ArrayRef<ReassociationIndices> reassociation) {
  if (reassociation.size() ==
      static_cast<size_t>(cast<RankedTensorType>(value.getType()).getRank()))
    return value;
  return tensor::CollapseShapeOp::create(builder, loc, value, reassociation);
}

//===----------------------------------------------------------------------===//
// Rewriting
//===----------------------------------------------------------------------===//

/// The named operation over one loop per class; `c` is the collapsed result.
static Value emit(OpBuilder &builder, Location loc, Contraction con, Value c) {
  SmallVector<ArrayRef<unsigned>> groups{con.batch, con.rows, con.columns,
                                         con.sum};
  Value a = collapse(builder, loc, con.a, getReassociation(con.mapA, groups));
  Value b = collapse(builder, loc, con.b, getReassociation(con.mapB, groups));
  Type type = c.getType();
  auto before = [](AffineMap map, ArrayRef<unsigned> x, ArrayRef<unsigned> y) {
    return *findGroup(map, x) < *findGroup(map, y);
  };

  if (con.rows.empty() && con.columns.empty())
    return linalg::DotOp::create(builder, loc, type, ValueRange{a, b}, c)
        .getResult(0);
  if (con.columns.empty())
    return before(con.mapA, con.rows, con.sum)
               ? linalg::MatvecOp::create(builder, loc, type, ValueRange{a, b},
                                          c)
                     .getResult(0)
               : linalg::VecmatOp::create(builder, loc, type, ValueRange{b, a},
                                          c)
                     .getResult(0);

  bool transposedA = !before(con.mapA, con.rows, con.sum);
  bool transposedB = !before(con.mapB, con.sum, con.columns);
  MLIRContext *ctx = builder.getContext();
  bool hasBatch = !con.batch.empty();
  unsigned numLoops = hasBatch ? 4 : 3;
  unsigned base = hasBatch ? 1 : 0;
  auto dim = [&](unsigned i) { return getAffineDimExpr(base + i, ctx); };
  auto getMap = [&](AffineMap map, AffineExpr first, AffineExpr second,
                    bool transposed) {
    SmallVector<AffineExpr> exprs;
    if (hasBatch && map.isFunctionOfDim(con.batch[0]))
      exprs.push_back(getAffineDimExpr(0, ctx));
    exprs.push_back(transposed ? second : first);
    exprs.push_back(transposed ? first : second);
    return AffineMap::get(numLoops, 0, exprs, ctx);
  };
  ArrayAttr maps = builder.getAffineMapArrayAttr(
      {getMap(con.mapA, dim(0), dim(2), transposedA),
       getMap(con.mapB, dim(2), dim(1), transposedB),
       getMap(con.mapC, dim(0), dim(1), false)});
  if (hasBatch) {
    auto op = linalg::BatchMatmulOp::create(builder, loc, type,
                                            ValueRange{a, b}, ValueRange{c});
    op.setIndexingMapsAttr(maps);
    return op.getResult(0);
  }
  auto op = linalg::MatmulOp::create(builder, loc, type, ValueRange{a, b},
                                     ValueRange{c});
  op.setIndexingMapsAttr(maps);
  return op.getResult(0);
}

namespace {
struct NormalizeContraction : OpRewritePattern<GenericOp> {
  using OpRewritePattern::OpRewritePattern;

  LogicalResult matchAndRewrite(GenericOp op,
                                PatternRewriter &rewriter) const override {
    if (!op.hasPureTensorSemantics() || op.getNumReductionLoops() == 0 ||
        !llvm::all_of(op.getInputs(),
                      [](Value value) {
                        return isa<RankedTensorType>(value.getType());
                      }) ||
        !sym::isMultiplyAdd(op))
      return failure();
    SmallVector<AffineMap> maps = op.getIndexingMapsArray();
    Contraction con{op.getInputs()[0],
                    op.getInputs()[1],
                    op.getOutputs()[0],
                    maps[0],
                    maps[1],
                    maps[2],
                    {},
                    {},
                    {},
                    {}};
    if (failed(con.classify()))
      return failure();
    // A broadcast may leave a loop without a class: then its result is read.
    for (bool first : {true, false}) {
      Contraction other = con;
      while (lookThrough(first ? other.a : other.b,
                         first ? other.mapA : other.mapB) &&
             succeeded(other.classify()))
        con = other;
    }

    // A transposition of the result goes into the map of the result.
    GenericOp transposition = getTransposition(op);
    if (transposition) {
      SmallVector<AffineMap> moved = transposition.getIndexingMapsArray();
      con.mapC =
          moved[1].compose(inversePermutation(moved[0])).compose(con.mapC);
      con.c = transposition.getOutputs()[0];
    }
    if (failed(con.classify()) || failed(con.fit()) ||
        (!con.batch.empty() && (con.rows.empty() || con.columns.empty())))
      return failure();
    // The rows lead in the result, and a vector is the second operand.
    if (con.rows.empty() ||
        (!con.columns.empty() &&
         *findGroup(con.mapC, con.columns) < *findGroup(con.mapC, con.rows)))
      con.swapOperands();

    Operation *replaced = transposition ? transposition : op;
    Location loc = op.getLoc();
    rewriter.setInsertionPoint(replaced);
    SmallVector<ArrayRef<unsigned>> groups{con.batch, con.rows, con.columns,
                                           con.sum};
    SmallVector<ReassociationIndices> reassociation =
        getReassociation(con.mapC, groups);
    if (transposition)
      con.c = linalg::FillOp::create(rewriter, loc,
                                     getFill(op.getOutputs()[0]).value(), con.c)
                  .getResult(0);
    auto type = cast<RankedTensorType>(con.c.getType());
    Value collapsed = collapse(rewriter, loc, con.c, reassociation);
    Value result = emit(rewriter, loc, con, collapsed);
    if (collapsed != con.c) {
      SmallVector<OpFoldResult> sizes =
          tensor::getMixedSizes(rewriter, loc, con.c);
      result = tensor::ExpandShapeOp::create(rewriter, loc, type, result,
                                             reassociation, sizes);
    }
    rewriter.replaceOp(replaced, result);
    return success();
  }

  /// The transposition that alone reads the result of a contraction into a
  /// filled destination.
  static GenericOp getTransposition(GenericOp op) {
    if (!op->hasOneUse() || !getFill(op.getOutputs()[0]))
      return nullptr;
    auto user = dyn_cast<GenericOp>(*op->user_begin());
    if (!user || !isMovement(user) || user->getBlock() != op->getBlock() ||
        user.getInputs()[0] != op.getResult(0) ||
        !user.getIndexingMapsArray()[0].isPermutation())
      return nullptr;
    return user;
  }
};

struct SymNormalizeContractions
    : public sym::impl::SymNormalizeContractionsBase<SymNormalizeContractions> {
  void runOnOperation() override {
    RewritePatternSet patterns(&getContext());
    patterns.add<NormalizeContraction>(&getContext());
    // A collapsed fill is a fill of a collapsed tensor.
    linalg::FillOp::getCanonicalizationPatterns(patterns, &getContext());
    tensor::populateFoldTensorEmptyPatterns(patterns);
    if (failed(applyPatternsGreedily(getOperation(), std::move(patterns))))
      signalPassFailure();
  }
};
} // namespace
