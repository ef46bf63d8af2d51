//===- FuseElementwise.cpp - One loop nest for many operations --------===//
//
// Producers are fused into consumers bottom-up, siblings that read the same
// tensor are merged, and a producer that others still need becomes a further
// result of the fused operation. The rewriting of one pair is upstream's; what
// stands here is the decision: no value is computed more often than before
// unless that is about as cheap as loading it, and nothing is fused into a
// contraction.
//
//===----------------------------------------------------------------------===//

#include "sym/Codegen/Passes.h"
#include "sym/Dialect/Sym/IR/Sym.h"

#include "mlir/Dialect/Affine/IR/AffineOps.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/Linalg/Transforms/Transforms.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/MemRef/Transforms/Transforms.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/Transforms/GreedyPatternRewriteDriver.h"
#include "llvm/ADT/SetVector.h"

namespace mlir::sym {
#define GEN_PASS_DEF_SYMFUSEELEMENTWISE
#include "sym/Codegen/Passes.h.inc"
} // namespace mlir::sym

using namespace mlir;
using linalg::GenericOp;

//===----------------------------------------------------------------------===//
// Cost
//===----------------------------------------------------------------------===//

/// What computing one element again costs, in additions.
static unsigned getCost(Operation &op) {
  if (op.getNumRegions() != 0)
    return 100;
  if (isa<linalg::YieldOp, linalg::IndexOp, arith::ConstantOp,
          arith::IndexCastOp, arith::IndexCastUIOp, arith::BitcastOp,
          affine::AffineApplyOp>(op))
    return 0;
  if (isa<arith::DivFOp, arith::RemFOp, arith::DivSIOp, arith::DivUIOp,
          arith::RemSIOp, arith::RemUIOp, math::SqrtOp>(op))
    return 8;
  if (isa<tensor::ExtractOp>(op))
    return 2;
  if (isa<arith::ArithDialect>(op.getDialect()) ||
      isa<math::AbsFOp, math::AbsIOp, math::CopySignOp>(op))
    return 1;
  return 16;
}

static unsigned getCost(GenericOp op) {
  unsigned cost = 0;
  for (Operation &inner : *op.getBody())
    cost += getCost(inner);
  return cost;
}

/// The number of operands that a computation of all elements streams through:
/// those that are indexed by every loop.
static unsigned countStreams(GenericOp op) {
  unsigned streams = 0;
  for (OpOperand *input : op.getDpsInputOperands())
    streams +=
        isa<RankedTensorType>(input->get().getType()) &&
        op.getMatchingIndexingMap(input).getNumResults() == op.getNumLoops();
  return streams;
}

//===----------------------------------------------------------------------===//
// Legality
//===----------------------------------------------------------------------===//

static bool isParallelOnTensors(GenericOp op) {
  return op.hasPureTensorSemantics() &&
         op.getNumParallelLoops() == op.getNumLoops();
}

static bool readsInits(GenericOp op) {
  return llvm::any_of(op.getDpsInitsMutable(), [&](OpOperand &init) {
    return op.payloadUsesValueFromOperand(&init);
  });
}

/// Whether every element of this operand is used once.
static bool isReadOnce(GenericOp op, OpOperand *operand) {
  AffineMap map = op.getMatchingIndexingMap(operand);
  if (!map.isProjectedPermutation())
    return false;
  SmallVector<int64_t> ranges = op.getStaticLoopRanges();
  for (unsigned dim = 0, end = op.getNumLoops(); dim != end; ++dim)
    if (!map.isFunctionOfDim(dim) && ranges[dim] != 1)
      return false;
  return true;
}

/// Tensors that the body captures and reads at computed indices.
static void getCapturedTensors(GenericOp op, SetVector<Value> &captured) {
  op.getBody()->walk([&](Operation *inner) {
    for (Value operand : inner->getOperands())
      if (isa<TensorType>(operand.getType()) &&
          !op.getRegion().isAncestor(operand.getParentRegion()))
        captured.insert(operand);
  });
}

/// Whether the two read some tensor at different indices. One operation that
/// does so cannot replace that tensor in place.
static bool readDifferently(GenericOp a, GenericOp b) {
  SetVector<Value> capturedA, capturedB;
  getCapturedTensors(a, capturedA);
  getCapturedTensors(b, capturedB);
  for (OpOperand *inputA : a.getDpsInputOperands()) {
    if (!isa<TensorType>(inputA->get().getType()))
      continue;
    if (capturedB.contains(inputA->get()))
      return true;
    for (OpOperand *inputB : b.getDpsInputOperands())
      if (inputA->get() == inputB->get() &&
          a.getMatchingIndexingMap(inputA) != b.getMatchingIndexingMap(inputB))
        return true;
  }
  return llvm::any_of(b.getDpsInputOperands(), [&](OpOperand *inputB) {
    return capturedA.contains(inputB->get());
  });
}

/// Collects, in order, the operations between `from` and `to` that depend on
/// `from`. Fails if they cannot move behind `to`: if one has effects, such as
/// a check that guards what follows it, if `to` depends on one, or if the body
/// of `to` captures a result of `from`, which one operation could not compute.
static LogicalResult getMovable(Operation *from, Operation *to,
                                SmallVectorImpl<Operation *> &movable) {
  Block *block = from->getBlock();
  SetVector<Operation *> slice;
  SmallVector<Operation *> worklist{from};
  while (!worklist.empty()) {
    for (Operation *user : worklist.pop_back_val()->getUsers()) {
      Operation *ancestor = block->findAncestorOpInBlock(*user);
      if (ancestor == to && user != to)
        return failure();
      if (!ancestor || ancestor == to || to->isBeforeInBlock(ancestor))
        continue;
      if (!isMemoryEffectFree(ancestor))
        return failure();
      if (slice.insert(ancestor))
        worklist.push_back(ancestor);
    }
  }
  for (Operation *op : slice)
    for (Operation *user : op->getUsers())
      if (block->findAncestorOpInBlock(*user) == to)
        return failure();
  movable.assign(slice.begin(), slice.end());
  llvm::sort(movable,
             [](Operation *a, Operation *b) { return a->isBeforeInBlock(b); });
  return success();
}

/// Whether a check depends on this operation.
static bool feedsCheck(Operation *op) {
  SetVector<Operation *> slice;
  slice.insert(op);
  for (unsigned i = 0; i != slice.size(); ++i) {
    if (isa<sym::CheckOp>(slice[i]))
      return true;
    for (Operation *user : slice[i]->getUsers()) {
      // A yielded value is the parent's, and a check within an operation that
      // uses the value, say under a branch, may depend on it.
      for (Operation *outer = user; outer && !isa<func::FuncOp>(outer);
           outer = outer->getParentOp())
        slice.insert(outer);
      for (Region &region : user->getRegions())
        if (region.walk([](sym::CheckOp) { return WalkResult::interrupt(); })
                .wasInterrupted())
          return true;
    }
  }
  return false;
}

/// Whether some check in this function depends on a structured operation.
static bool hasCheckOfComputedValues(func::FuncOp function) {
  return function
      .walk([](linalg::LinalgOp op) {
        return feedsCheck(op) ? WalkResult::interrupt() : WalkResult::advance();
      })
      .wasInterrupted();
}

static void moveBehind(Operation *position, ArrayRef<Operation *> ops) {
  for (Operation *op : ops) {
    op->moveAfter(position);
    position = op;
  }
}

static bool isSmallEnough(GenericOp a, GenericOp b, unsigned maxOperands) {
  SetVector<Value> operands;
  operands.insert(a->operand_begin(), a->operand_end());
  operands.insert(b->operand_begin(), b->operand_end());
  return operands.size() <= maxOperands;
}

//===----------------------------------------------------------------------===//
// The pass
//===----------------------------------------------------------------------===//

namespace {
enum class Fusion {
  None,
  /// The producer is used by this consumer alone and disappears.
  Consume,
  /// The producer is computed here again.
  Duplicate,
  /// What others need of the producer becomes a result of the consumer.
  Preserve,
};

struct SymFuseElementwise
    : public sym::impl::SymFuseElementwiseBase<SymFuseElementwise> {
  using SymFuseElementwiseBase::SymFuseElementwiseBase;

  void runOnOperation() override;

private:
  Fusion decide(OpOperand &use, SmallVectorImpl<Operation *> &movable);
  bool canAllUsersAbsorb(GenericOp producer);
  GenericOp fuse(RewriterBase &rewriter, OpOperand &use, Fusion kind,
                 ArrayRef<Operation *> movable);
  bool fuseProducers(RewriterBase &rewriter, Block &block);
  bool mergeSiblings(RewriterBase &rewriter, Block &block);
  void merge(RewriterBase &rewriter, GenericOp first, GenericOp second);
  LogicalResult simplify();

  /// Whether one operation may compute the results of both without delaying a
  /// check behind what may be the first write to a state buffer (T4).
  bool keepsChecksEarly(GenericOp first, GenericOp second) {
    return !checksComputedValues || feedsCheck(first) == feedsCheck(second);
  }
  bool checksComputedValues = false;
};
} // namespace

/// Whether fusing into each of its users is legal and computes each element
/// once per user.
bool SymFuseElementwise::canAllUsersAbsorb(GenericOp producer) {
  return llvm::all_of(producer->getUses(), [&](OpOperand &use) {
    auto consumer = dyn_cast<GenericOp>(use.getOwner());
    return consumer && consumer->getBlock() == producer->getBlock() &&
           linalg::areElementwiseOpsFusable(&use) &&
           !linalg::isaContractionOpInterface(consumer) &&
           isReadOnce(consumer, &use) &&
           isSmallEnough(producer, consumer, maxOperands);
  });
}

Fusion SymFuseElementwise::decide(OpOperand &use,
                                  SmallVectorImpl<Operation *> &movable) {
  if (!linalg::areElementwiseOpsFusable(&use))
    return Fusion::None;
  auto producer = use.get().getDefiningOp<GenericOp>();
  auto consumer = cast<GenericOp>(use.getOwner());
  if (readsInits(producer) || !consumer.hasPureTensorSemantics() ||
      linalg::isaContractionOpInterface(consumer) ||
      !isSmallEnough(producer, consumer, maxOperands))
    return Fusion::None;

  unsigned cost = getCost(producer);
  bool sameBlock = producer->getBlock() == consumer->getBlock();
  bool parallel = isParallelOnTensors(consumer);
  bool readOnce = isReadOnce(consumer, &use);
  // Moving data is what the consumer does anyway.
  if (cost == 0)
    return parallel || readOnce ? Fusion::Duplicate : Fusion::None;
  if (!sameBlock)
    return Fusion::None;

  // Other operands of the consumer that this producer computes must be at the
  // same element, or it would be computed once for each.
  for (OpOperand *other : consumer.getDpsInputOperands())
    if (other->get().getDefiningOp() == producer &&
        consumer.getMatchingIndexingMap(other) !=
            consumer.getMatchingIndexingMap(&use))
      readOnce = false;
  if (!readOnce)
    return parallel && cost <= maxRepeatedCost && countStreams(producer) <= 1
               ? Fusion::Duplicate
               : Fusion::None;
  if (llvm::all_of(producer->getUsers(),
                   [&](Operation *user) { return user == consumer; }))
    return Fusion::Consume;
  if (parallel && consumer.getMatchingIndexingMap(&use).isIdentity() &&
      producer.getNumDpsInits() + consumer.getNumDpsInits() <= maxResults &&
      !readDifferently(producer, consumer) &&
      keepsChecksEarly(producer, consumer) &&
      succeeded(getMovable(producer, consumer, movable)))
    return Fusion::Preserve;
  if (cost <= 2 * maxRepeatedCost && countStreams(producer) <= 1 &&
      canAllUsersAbsorb(producer))
    return Fusion::Duplicate;
  return Fusion::None;
}

GenericOp SymFuseElementwise::fuse(RewriterBase &rewriter, OpOperand &use,
                                   Fusion kind, ArrayRef<Operation *> movable) {
  auto producer = use.get().getDefiningOp<GenericOp>();
  auto consumer = cast<GenericOp>(use.getOwner());
  if (kind == Fusion::Duplicate &&
      !llvm::hasSingleElement(producer->getUses())) {
    // A copy of its own, since upstream would keep the results that others use.
    rewriter.setInsertionPoint(consumer);
    Operation *copy = rewriter.clone(*producer);
    unsigned number = cast<OpResult>(use.get()).getResultNumber();
    rewriter.modifyOpInPlace(consumer,
                             [&] { use.set(copy->getResult(number)); });
    producer = cast<GenericOp>(copy);
  }
  rewriter.setInsertionPoint(consumer);
  FailureOr<linalg::ElementwiseOpFusionResult> result =
      linalg::fuseElementwiseOps(rewriter, &use);
  if (failed(result)) {
    if (producer->use_empty())
      rewriter.eraseOp(producer);
    return nullptr;
  }
  auto fused = cast<GenericOp>(result->fusedOp);
  for (auto [value, replacement] : result->replacements)
    rewriter.replaceUsesWithIf(value, replacement, [&](OpOperand &other) {
      return other.getOwner() != fused && other.getOwner() != consumer;
    });
  moveBehind(fused, movable);
  rewriter.eraseOp(consumer);
  if (producer->use_empty())
    rewriter.eraseOp(producer);
  rewriter.setInsertionPoint(fused);
  FailureOr<GenericOp> smaller =
      linalg::deduplicateOperandsAndRemoveDeadResults(rewriter, fused,
                                                      /*removeOutputs=*/true);
  return succeeded(smaller) ? *smaller : fused;
}

bool SymFuseElementwise::fuseProducers(RewriterBase &rewriter, Block &block) {
  bool changed = false;
  // From the last to the first: what stands between a producer and a consumer
  // has then been fused already.
  Operation *next = block.empty() ? nullptr : &block.back();
  while (Operation *op = next) {
    auto consumer = dyn_cast<GenericOp>(op);
    bool fusedHere = false;
    if (consumer && consumer.hasPureTensorSemantics()) {
      for (OpOperand *input : consumer.getDpsInputOperands()) {
        SmallVector<Operation *> movable;
        Fusion kind = decide(*input, movable);
        if (kind == Fusion::None)
          continue;
        GenericOp fused = fuse(rewriter, *input, kind, movable);
        if (!fused)
          continue;
        switch (kind) {
        case Fusion::Duplicate:
          ++numDuplicated;
          break;
        case Fusion::Preserve:
          ++numPreserved;
          break;
        default:
          ++numConsumed;
        }
        next = fused;
        fusedHere = changed = true;
        break;
      }
    }
    if (!fusedHere)
      next = op->getPrevNode();
  }
  return changed;
}

/// Merges two operations that run over the same space into one at the place of
/// the second.
void SymFuseElementwise::merge(RewriterBase &rewriter, GenericOp first,
                               GenericOp second) {
  SmallVector<Value> inputs(first.getInputs()), inits(first.getOutputs());
  llvm::append_range(inputs, second.getInputs());
  llvm::append_range(inits, second.getOutputs());
  SmallVector<AffineMap> maps;
  for (bool wantInputs : {true, false})
    for (GenericOp op : {first, second})
      for (OpOperand &operand : op->getOpOperands())
        if (op.isDpsInput(&operand) == wantInputs)
          maps.push_back(op.getMatchingIndexingMap(&operand));
  SmallVector<Type> types(first.getResultTypes());
  llvm::append_range(types, second.getResultTypes());

  rewriter.setInsertionPoint(second);
  Location loc = rewriter.getFusedLoc({first.getLoc(), second.getLoc()});
  auto merged = GenericOp::create(
      rewriter, loc, types, inputs, inits, maps, first.getIteratorTypesArray(),
      [&](OpBuilder &builder, Location, ValueRange args) {
        unsigned numInputs = inputs.size();
        unsigned inputBase = 0, initBase = numInputs;
        SmallVector<Value> yielded;
        for (GenericOp op : {first, second}) {
          IRMapping mapping;
          Block *body = op.getBody();
          unsigned ownInputs = op.getNumDpsInputs();
          for (BlockArgument arg : body->getArguments()) {
            unsigned number = arg.getArgNumber();
            mapping.map(arg, number < ownInputs
                                 ? args[inputBase + number]
                                 : args[initBase + number - ownInputs]);
          }
          inputBase += ownInputs;
          initBase += op.getNumDpsInits();
          for (Operation &inner : body->without_terminator())
            builder.clone(inner, mapping);
          for (Value value : body->getTerminator()->getOperands())
            yielded.push_back(mapping.lookupOrDefault(value));
        }
        linalg::YieldOp::create(builder, loc, yielded);
      });
  unsigned split = first->getNumResults();
  SmallVector<Operation *> movable;
  (void)getMovable(first, second, movable);
  rewriter.replaceAllUsesWith(first->getResults(),
                              merged->getResults().take_front(split));
  rewriter.replaceAllUsesWith(second->getResults(),
                              merged->getResults().drop_front(split));
  rewriter.eraseOp(second);
  rewriter.eraseOp(first);
  moveBehind(merged, movable);
  rewriter.setInsertionPoint(merged);
  (void)linalg::deduplicateOperandsAndRemoveDeadResults(rewriter, merged,
                                                        /*removeOutputs=*/true);
}

bool SymFuseElementwise::mergeSiblings(RewriterBase &rewriter, Block &block) {
  auto isCandidate = [](GenericOp op) {
    return op && op.getNumLoops() != 0 && isParallelOnTensors(op) &&
           !readsInits(op);
  };
  for (auto first : block.getOps<GenericOp>()) {
    if (!isCandidate(first))
      continue;
    for (OpOperand *input : first.getDpsInputOperands()) {
      // An input that both read by the identity proves the spaces equal.
      if (!first.getMatchingIndexingMap(input).isIdentity())
        continue;
      for (OpOperand &use : input->get().getUses()) {
        auto second = dyn_cast<GenericOp>(use.getOwner());
        SmallVector<Operation *> movable;
        if (!isCandidate(second) || second->getBlock() != &block ||
            !first->isBeforeInBlock(second) || !second.isDpsInput(&use) ||
            !second.getMatchingIndexingMap(&use).isIdentity() ||
            first.getNumDpsInits() + second.getNumDpsInits() > maxResults ||
            !isSmallEnough(first, second, maxOperands) ||
            readDifferently(first, second) ||
            llvm::is_contained(first->getUsers(), second.getOperation()) ||
            !keepsChecksEarly(first, second) ||
            failed(getMovable(first, second, movable)))
          continue;
        merge(rewriter, first, second);
        ++numMerged;
        return true;
      }
    }
  }
  return false;
}

namespace {
/// An unread destination becomes an empty one, unless it is the result of a
/// reduction over nothing. Upstream's pattern of this kind forgets that case.
struct DropUnreadDestination : public OpRewritePattern<GenericOp> {
  using OpRewritePattern::OpRewritePattern;

  LogicalResult matchAndRewrite(GenericOp op,
                                PatternRewriter &rewriter) const override {
    SmallVector<int64_t> ranges = op.getStaticLoopRanges();
    for (auto [kind, range] :
         llvm::zip_equal(op.getIteratorTypesArray(), ranges))
      if (kind == utils::IteratorType::reduction &&
          (ShapedType::isDynamic(range) || range == 0))
        return failure();
    bool changed = false;
    for (OpOperand &init : op.getDpsInitsMutable()) {
      auto type = dyn_cast<RankedTensorType>(init.get().getType());
      if (!type || op.payloadUsesValueFromOperand(&init) ||
          init.get().getDefiningOp<tensor::EmptyOp>())
        continue;
      rewriter.setInsertionPoint(op);
      auto empty = tensor::EmptyOp::create(
          rewriter, op.getLoc(),
          tensor::getMixedSizes(rewriter, op.getLoc(), init.get()),
          type.getElementType());
      rewriter.modifyOpInPlace(op, [&] { init.set(empty); });
      changed = true;
    }
    return success(changed);
  }
};
} // namespace

/// Folds what upstream's patterns fold: splat constants and fills into bodies,
/// unread destinations into empty ones, unused operands and results into none.
LogicalResult SymFuseElementwise::simplify() {
  RewritePatternSet patterns(&getContext());
  linalg::populateElementwiseOpsFusionPatterns(
      patterns, [](OpOperand *) { return false; });
  linalg::populateMoveInitOperandsToInputPattern(patterns);
  // The size of a result is no use of it.
  memref::populateResolveRankedShapedTypeResultDimsPatterns(patterns);
  patterns.add<DropUnreadDestination>(&getContext());
  FrozenRewritePatternSet frozen(
      std::move(patterns),
      /*disabledPatternLabels=*/{
          "(anonymous namespace)::RemoveOutsDependency"});
  return applyPatternsGreedily(getOperation(), frozen);
}

void SymFuseElementwise::runOnOperation() {
  if (failed(simplify()))
    return signalPassFailure();
  checksComputedValues = hasCheckOfComputedValues(getOperation());
  IRRewriter rewriter(&getContext());
  SmallVector<Block *> blocks;
  getOperation()->walk([&](Block *block) {
    Operation *parent = block->getParentOp();
    if (!isa<linalg::LinalgOp>(parent) &&
        !parent->getParentOfType<linalg::LinalgOp>())
      blocks.push_back(block);
  });
  for (Block *block : blocks)
    while (fuseProducers(rewriter, *block) || mergeSiblings(rewriter, *block))
      ;
  if (failed(simplify()))
    return signalPassFailure();
  getOperation()->walk([&](GenericOp) { ++numGenerics; });
}
