//===- RotateLoopBuffers.cpp - Loops that compute out of place --------===//
//
// A loop that carries a tensor and computes the next one out of place, or swaps
// what it carries, bufferizes to an allocation and often a copy in every
// iteration. Here it gets its buffers before it starts and takes turns.
//
// Among the carried buffers of one size, let `d` be computed anew in each
// iteration. Each carried position has, beside the buffer that it carries now,
// one that it owns: the same, or an unused one while it still carries what came
// from outside the loop, which is not the loop's to write. There are `d` spares
// to compute into. At the end of an iteration, a new buffer becomes what its
// position carries and owns, a buffer that moves to another position takes its
// owned one with it, and what nobody owns any longer are the next spares.
//
// Bufferization copies whatever an `scf.while` forwards to its second region.
// Where all that it carries are buffers of its own, each forwarded once, and
// yielded once or not at all, nothing need be copied; what an iteration
// computes anew goes into spares, and the carried buffers that it does not
// yield are the next spares.
//
//===----------------------------------------------------------------------===//

#include "Variants.h"
#include "sym/Dialect/Sym/Transforms/Passes.h"

#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/IR/PatternMatch.h"

namespace mlir::sym {
#define GEN_PASS_DEF_SYMROTATELOOPBUFFERS
#include "sym/Dialect/Sym/Transforms/Passes.h.inc"
} // namespace mlir::sym

using namespace mlir;
using namespace mlir::sym;

namespace {
/// A carried buffer that changes from iteration to iteration.
struct Position {
  unsigned index;
  /// What the iteration allocates and yields here.
  memref::AllocOp alloc;
  /// The copy of another position's buffer that is all the allocation holds.
  memref::CopyOp copy;
  /// The position whose buffer moves here; none if it is computed anew.
  std::optional<unsigned> source;
};

struct RotateLoopBuffers
    : public sym::impl::SymRotateLoopBuffersBase<RotateLoopBuffers> {
  using Base::Base;
  void runOnOperation() override;

private:
  void runOnLoop(scf::ForOp loop);
  void runOnWhile(scf::WhileOp loop);
  scf::ForOp rotate(scf::ForOp loop, MutableArrayRef<Position> group);
};

/// A buffer that a `while` loop carries and that only it refers to.
struct WhileCarry {
  /// The position among initial values, arguments before and yields.
  unsigned index;
  /// The position among what the condition forwards, and of the result.
  unsigned forwarded;
  Value init;
  /// The copy that is forwarded instead of the argument, if one is.
  memref::CopyOp copy;
  /// Whether it has the sizes of `init` in every iteration.
  bool hasFixedSizes;
};

/// A dimension of a carried buffer.
using CarriedSize = std::pair<unsigned, int64_t>;
} // namespace

//===----------------------------------------------------------------------===//
// Sizes
//===----------------------------------------------------------------------===//

/// The value that `dim` of `buffer` is known by: a size of an allocation, or
/// the buffer itself and `dim`.
static std::pair<Value, int64_t> getSize(Value buffer, int64_t dim) {
  auto alloc = buffer.getDefiningOp<memref::AllocOp>();
  if (alloc && alloc.getType().isDynamicDim(dim)) {
    Value size = alloc.getDynamicSizes()[alloc.getType().getDynamicDimIndex(
        static_cast<unsigned>(dim))];
    if (auto dimOp = size.getDefiningOp<memref::DimOp>())
      if (std::optional<int64_t> index = dimOp.getConstantIndex())
        return getSize(dimOp.getSource(), *index);
    return {size, -1};
  }
  return {buffer, dim};
}

/// Sizes of carried buffers that no iteration changes are taken from the
/// initial buffers, so that allocations of these sizes do not depend on the
/// loop.
static void forwardSizes(scf::ForOp loop) {
  auto arguments = loop.getRegionIterArgs();
  llvm::DenseSet<CarriedSize> constant;
  for (auto [index, argument] : llvm::enumerate(arguments))
    if (auto type = dyn_cast<MemRefType>(argument.getType()))
      for (int64_t dim = 0; dim < type.getRank(); ++dim)
        if (type.isDynamicDim(dim))
          constant.insert({index, dim});
  // The size of an initial buffer that a size in the body is, if it is one.
  auto resolve = [&](std::pair<Value, int64_t> size) {
    auto argument = dyn_cast<BlockArgument>(size.first);
    if (argument && llvm::is_contained(arguments, argument)) {
      unsigned index = argument.getArgNumber() - loop.getNumInductionVars();
      if (constant.contains({index, size.second}))
        return getSize(loop.getInitArgs()[index], size.second);
    }
    return size;
  };
  // Assume all, and drop what an iteration may change until nothing does.
  for (bool changed = true; changed;) {
    changed = false;
    for (CarriedSize size : llvm::to_vector(constant)) {
      Value yielded = loop.getYieldedValues()[size.first];
      Value init = loop.getInitArgs()[size.first];
      if (resolve(getSize(yielded, size.second)) !=
          getSize(init, size.second)) {
        constant.erase(size);
        changed = true;
      }
    }
  }
  auto forward = [&](Value buffer, unsigned index) {
    for (Operation *user : llvm::make_early_inc_range(buffer.getUsers())) {
      auto dimOp = dyn_cast<memref::DimOp>(user);
      std::optional<int64_t> dim =
          dimOp ? dimOp.getConstantIndex() : std::nullopt;
      if (!dim || !constant.contains({index, *dim}))
        continue;
      OpBuilder builder(loop);
      dimOp.replaceAllUsesWith(memref::DimOp::create(builder, dimOp.getLoc(),
                                                     loop.getInitArgs()[index],
                                                     *dim)
                                   .getResult());
      dimOp.erase();
    }
  };
  for (unsigned index = 0; index < arguments.size(); ++index) {
    forward(arguments[index], index);
    forward(loop.getResult(index), index);
  }
}

//===----------------------------------------------------------------------===//
// Rotation
//===----------------------------------------------------------------------===//

/// What is known of position `index` of `loop` if each iteration allocates what
/// it yields there, of a size that does not depend on the loop.
static std::optional<Position> matchPosition(scf::ForOp loop, unsigned index) {
  auto alloc = loop.getYieldedValues()[index].getDefiningOp<memref::AllocOp>();
  if (!alloc || alloc->getBlock() != loop.getBody() ||
      !alloc.getType().getLayout().isIdentity() ||
      !llvm::all_of(alloc->getOperands(), [&](Value size) {
        return loop.isDefinedOutsideOfLoop(size);
      }))
    return std::nullopt;
  Position position{index, alloc, nullptr, std::nullopt};
  unsigned numYields = 0;
  for (OpOperand &use : alloc->getUses())
    numYields += use.getOwner() == loop.getBody()->getTerminator();
  if (numYields != 1)
    return std::nullopt;
  // One use by the terminator and one by a copy that fills it.
  if (llvm::range_size(alloc->getUses()) == 2)
    for (Operation *user : alloc->getUsers())
      if (auto copy = dyn_cast<memref::CopyOp>(user))
        if (copy.getTarget() == alloc.getResult() &&
            copy->getBlock() == loop.getBody())
          position.copy = copy;
  return position;
}

/// Decides which positions of `group` take over another one's buffer instead
/// of copying it: neither may be written by the loop's body, since the buffer
/// may have come from outside.
static void findMoves(scf::ForOp loop, MutableArrayRef<Position> group) {
  BufferViewFlowAnalysis flow(loop);
  llvm::DenseSet<Value> written;
  loop.getBody()->walk([&](Operation *op) {
    forEachWrittenBuffer(op, [&](Value buffer) { written.insert(buffer); });
  });
  // Not through what the iteration yields: that is another buffer.
  auto isWritten = [&](unsigned index) {
    SmallVector<Value> worklist = {loop.getRegionIterArgs()[index]};
    llvm::DenseSet<Value> seen;
    while (!worklist.empty()) {
      Value value = worklist.pop_back_val();
      if (!seen.insert(value).second)
        continue;
      if (written.contains(value))
        return true;
      auto next = flow.find(value);
      if (next == flow.end())
        continue;
      for (Value alias : next->second)
        if (!llvm::is_contained(loop.getRegionIterArgs(), alias) &&
            !llvm::is_contained(loop.getResults(), alias))
          worklist.push_back(alias);
    }
    return false;
  };
  llvm::SmallDenseSet<unsigned> taken;
  for (Position &position : group) {
    if (!position.copy)
      continue;
    auto argument = dyn_cast<BlockArgument>(position.copy.getSource());
    if (!argument || argument.getOwner() != loop.getBody() ||
        argument.getArgNumber() == 0)
      continue;
    unsigned source = argument.getArgNumber() - loop.getNumInductionVars();
    if (source == position.index || taken.contains(source) ||
        llvm::none_of(group, [&](Position &p) { return p.index == source; }) ||
        isWritten(source) || isWritten(position.index))
      continue;
    position.source = source;
    taken.insert(source);
  }
}

scf::ForOp RotateLoopBuffers::rotate(scf::ForOp loop,
                                     MutableArrayRef<Position> group) {
  findMoves(loop, group);
  auto isNew = [](Position &position) { return !position.source; };
  unsigned numNew = llvm::count_if(group, isNew);
  // A permutation needs no buffers; otherwise what is owned, then the spares.
  unsigned numBuffers = numNew == 0 ? 0 : group.size() + numNew;
  IRRewriter rewriter(loop);
  memref::AllocOp like = group.front().alloc;
  SmallVector<Value> buffers;
  for (unsigned i = 0; i < numBuffers; ++i)
    buffers.push_back(memref::AllocOp::create(
        rewriter, like.getLoc(), like.getType(), like.getDynamicSizes(),
        like.getAlignmentAttr()));
  auto yieldBuffers = [&](OpBuilder &, Location,
                          ArrayRef<BlockArgument> arguments) {
    SmallVector<Value> yielded;
    if (arguments.empty())
      return yielded;
    auto owned = arguments.take_front(group.size());
    auto spares = arguments.drop_front(group.size());
    unsigned nextSpare = 0;
    SmallVector<bool> isKept(group.size(), false);
    for (Position &position : group) {
      if (isNew(position)) {
        yielded.push_back(spares[nextSpare++]);
        continue;
      }
      for (auto [index, other] : llvm::enumerate(group))
        if (other.index == *position.source) {
          yielded.push_back(owned[index]);
          isKept[index] = true;
        }
    }
    for (auto [index, isOwned] : llvm::enumerate(isKept))
      if (!isOwned)
        yielded.push_back(owned[index]);
    return yielded;
  };
  auto rotated = cast<scf::ForOp>(*loop.replaceWithAdditionalYields(
      rewriter, buffers, /*replaceInitOperandUsesInLoop=*/false, yieldBuffers));
  auto spares = rotated.getRegionIterArgs().take_back(numNew);
  Operation *yield = rotated.getBody()->getTerminator();
  unsigned nextSpare = 0;
  // The operations were moved into the new loop, so the handles still hold.
  for (Position &position : group) {
    if (isNew(position)) {
      position.alloc.replaceAllUsesWith(Value(spares[nextSpare++]));
      ++numRotated;
    } else {
      yield->setOperand(position.index,
                        rotated.getRegionIterArg(*position.source));
      position.copy.erase();
      ++numMoved;
    }
    position.alloc.erase();
  }
  return rotated;
}

void RotateLoopBuffers::runOnLoop(scf::ForOp loop) {
  forwardSizes(loop);
  SmallVector<SmallVector<Position>> groups;
  for (unsigned index = 0; index < loop.getNumRegionIterArgs(); ++index) {
    std::optional<Position> position = matchPosition(loop, index);
    if (!position)
      continue;
    auto *group = llvm::find_if(groups, [&](auto &group) {
      memref::AllocOp other = group.front().alloc;
      return other.getType() == position->alloc.getType() &&
             llvm::equal(other.getDynamicSizes(),
                         position->alloc.getDynamicSizes());
    });
    if (group == groups.end())
      group = &groups.emplace_back();
    group->push_back(*position);
  }
  for (SmallVector<Position> &group : groups)
    loop = rotate(loop, group);
}

//===----------------------------------------------------------------------===//
// While loops
//===----------------------------------------------------------------------===//

/// Whether `buffer` is allocated and filled in front of `loop`, in its block,
/// and then only the loop's.
static bool belongsToLoop(Value buffer, scf::WhileOp loop) {
  auto alloc = buffer.getDefiningOp<memref::AllocOp>();
  if (!alloc || alloc->getBlock() != loop->getBlock())
    return false;
  unsigned numInits = 0;
  for (OpOperand &use : alloc->getUses()) {
    Operation *user = use.getOwner();
    if (user == loop) {
      ++numInits;
      continue;
    }
    // An operation without results makes no views, which could live on.
    Operation *inBlock = loop->getBlock()->findAncestorOpInBlock(*user);
    if (user->getNumResults() != 0 || !inBlock ||
        !inBlock->isBeforeInBlock(loop))
      return false;
  }
  return numInits == 1;
}

/// `value` and what may be a view of it inside one region of `loop`.
static llvm::DenseSet<Value> getViewsInRegion(Value value, scf::WhileOp loop,
                                              BufferViewFlowAnalysis &flow) {
  llvm::DenseSet<Value> seen;
  SmallVector<Value> worklist = {value};
  while (!worklist.empty()) {
    Value next = worklist.pop_back_val();
    if (!seen.insert(next).second)
      continue;
    auto views = flow.find(next);
    if (views == flow.end())
      continue;
    for (Value view : views->second)
      if (view.getParentBlock()->getParentOp() != loop ||
          !isa<BlockArgument>(view))
        if (view.getDefiningOp() != loop)
          worklist.push_back(view);
  }
  return seen;
}

static std::optional<WhileCarry> matchCarry(scf::WhileOp loop, unsigned index,
                                            BufferViewFlowAnalysis &flow) {
  Value init = loop.getInits()[index];
  if (!belongsToLoop(init, loop))
    return std::nullopt;
  BlockArgument argument = loop.getBeforeArguments()[index];
  scf::ConditionOp condition = loop.getConditionOp();
  std::optional<WhileCarry> carry;
  for (auto [number, value] : llvm::enumerate(condition.getArgs())) {
    memref::CopyOp copy;
    if (value != argument) {
      // One use by the condition and one by the copy that fills it.
      auto alloc = value.getDefiningOp<memref::AllocOp>();
      if (!alloc || alloc->getBlock() != loop.getBeforeBody() ||
          llvm::range_size(alloc->getUses()) != 2)
        continue;
      for (Operation *user : alloc->getUsers())
        if (auto filling = dyn_cast<memref::CopyOp>(user))
          if (filling.getSource() == argument && filling.getTarget() == value &&
              filling->getBlock() == loop.getBeforeBody())
            copy = filling;
      if (!copy)
        continue;
    }
    if (carry || value.getType() != init.getType())
      return std::nullopt;
    carry = WhileCarry{index, static_cast<unsigned>(number), init, copy, true};
  }
  if (!carry)
    return std::nullopt;
  // What is forwarded must be what was copied, and no view of it.
  llvm::DenseSet<Value> views = getViewsInRegion(argument, loop, flow);
  for (auto [number, value] : llvm::enumerate(condition.getArgs()))
    if (number != carry->forwarded && views.contains(value))
      return std::nullopt;
  bool isWritten = false;
  loop.getBefore().walk([&](Operation *op) {
    forEachWrittenBuffer(
        op, [&](Value buffer) { isWritten |= views.contains(buffer); });
  });
  if (isWritten)
    return std::nullopt;
  return carry;
}

namespace {
/// The carries of one loop, which shrink until they stay among themselves.
class WhileCarries {
public:
  explicit WhileCarries(scf::WhileOp loop);
  ArrayRef<WhileCarry> get() const { return carries; }
  /// The carry that the argument of the second region is, if it is one.
  const WhileCarry *findForwarded(Value value) const;
  /// The allocation that an iteration yields at `carry`; null if it yields
  /// another carry.
  memref::AllocOp getNew(const WhileCarry &carry) const {
    return loop.getYieldOp()
        .getResults()[carry.index]
        .getDefiningOp<memref::AllocOp>();
  }

private:
  bool staysInside(const WhileCarry &carry, BufferViewFlowAnalysis &flow) const;
  bool hasSizesOf(memref::AllocOp alloc, const WhileCarry &carry) const;
  bool keepsSizes(const WhileCarry &carry) const;

  mutable scf::WhileOp loop;
  SmallVector<WhileCarry> carries;
};
} // namespace

static bool haveEqualSizes(Value a, Value b) {
  if (a.getType() != b.getType())
    return false;
  auto type = cast<MemRefType>(a.getType());
  for (int64_t dim = 0; dim < type.getRank(); ++dim)
    if (type.isDynamicDim(dim) && getSize(a, dim) != getSize(b, dim))
      return false;
  return true;
}

/// A buffer of the type and sizes of `like`.
static Value allocateLike(OpBuilder &builder, Location loc, Value like,
                          IntegerAttr alignment) {
  auto type = cast<MemRefType>(like.getType());
  SmallVector<Value> sizes;
  for (int64_t dim = 0; dim < type.getRank(); ++dim)
    if (type.isDynamicDim(dim))
      sizes.push_back(memref::DimOp::create(builder, loc, like, dim));
  return memref::AllocOp::create(builder, loc, type, sizes, alignment);
}

const WhileCarry *WhileCarries::findForwarded(Value value) const {
  for (const WhileCarry &carry : carries)
    if (loop.getAfterArguments()[carry.forwarded] == value)
      return &carry;
  return nullptr;
}

/// Whether `alloc`, in the loop, has the sizes of `carry` before it: the same
/// values, or sizes of carried buffers that no iteration changes.
bool WhileCarries::hasSizesOf(memref::AllocOp alloc,
                              const WhileCarry &carry) const {
  MemRefType type = alloc.getType();
  for (int64_t dim = 0; dim < type.getRank(); ++dim) {
    if (!type.isDynamicDim(dim))
      continue;
    auto size = getSize(alloc, dim);
    const WhileCarry *other = findForwarded(size.first);
    if (other && other->hasFixedSizes)
      size = getSize(other->init, size.second);
    if (size != getSize(carry.init, dim))
      return false;
  }
  return true;
}

bool WhileCarries::staysInside(const WhileCarry &carry,
                               BufferViewFlowAnalysis &flow) const {
  OperandRange yielded = loop.getYieldOp().getResults();
  // The buffer itself at one carry, if anywhere; no view of it.
  auto isYieldedOnce = [&](Value buffer) {
    llvm::DenseSet<Value> views = getViewsInRegion(buffer, loop, flow);
    unsigned count = 0;
    for (auto [number, value] : llvm::enumerate(yielded)) {
      if (!views.contains(value))
        continue;
      bool isCarry = llvm::is_contained(
          llvm::map_range(carries,
                          [](const WhileCarry &other) { return other.index; }),
          number);
      if (value != buffer || !isCarry || ++count > 1)
        return false;
    }
    return true;
  };
  if (!isYieldedOnce(loop.getAfterArguments()[carry.forwarded]))
    return false;
  if (findForwarded(yielded[carry.index]))
    return true;
  memref::AllocOp alloc = getNew(carry);
  return alloc && alloc->getBlock() == loop.getAfterBody() &&
         alloc.getType() == carry.init.getType() && isYieldedOnce(alloc);
}

bool WhileCarries::keepsSizes(const WhileCarry &carry) const {
  Value next = loop.getYieldOp().getResults()[carry.index];
  if (const WhileCarry *other = findForwarded(next))
    return other->hasFixedSizes && haveEqualSizes(other->init, carry.init);
  return hasSizesOf(getNew(carry), carry);
}

WhileCarries::WhileCarries(scf::WhileOp loop) : loop(loop) {
  BufferViewFlowAnalysis flow(loop);
  for (unsigned index = 0; index < loop.getInits().size(); ++index)
    if (std::optional<WhileCarry> carry = matchCarry(loop, index, flow))
      carries.push_back(*carry);
  // Assume all, and drop what the others do not allow until nothing is.
  for (bool changed = true; changed;) {
    changed = false;
    for (const WhileCarry &carry : carries)
      if (!staysInside(carry, flow)) {
        carries.erase(carries.begin() + (&carry - carries.data()));
        changed = true;
        break;
      }
  }
  for (bool changed = true; changed;) {
    changed = false;
    for (WhileCarry &carry : carries)
      if (carry.hasFixedSizes && !keepsSizes(carry)) {
        carry.hasFixedSizes = false;
        changed = true;
      }
  }
}

void RotateLoopBuffers::runOnWhile(scf::WhileOp loop) {
  WhileCarries carries(loop);
  auto countBuffers = [](ValueRange values) {
    return static_cast<size_t>(llvm::count_if(values, [](Value value) {
      return isa<BaseMemRefType>(value.getType());
    }));
  };
  // All or nothing: where some buffers are the loop's and others are not, those
  // that are would be copied to tell who frees them.
  if (carries.get().empty() ||
      carries.get().size() != countBuffers(loop.getInits()) ||
      carries.get().size() != countBuffers(loop.getConditionOp().getArgs()))
    return;
  IRRewriter rewriter(loop);
  scf::YieldOp yield = loop.getYieldOp();
  scf::ConditionOp condition = loop.getConditionOp();

  // For each new buffer a spare, and a carried one that is free afterwards.
  SmallVector<memref::AllocOp> fresh;
  SmallVector<Value> spares, released;
  llvm::SmallDenseSet<unsigned> matched;
  for (const WhileCarry &carry : carries.get()) {
    memref::AllocOp alloc = carries.getNew(carry);
    if (!alloc || !carry.hasFixedSizes)
      continue;
    for (const WhileCarry &other : carries.get()) {
      Value buffer = loop.getAfterArguments()[other.forwarded];
      if (!other.hasFixedSizes || !haveEqualSizes(other.init, carry.init) ||
          llvm::is_contained(yield.getResults(), buffer) ||
          !matched.insert(other.forwarded).second)
        continue;
      fresh.push_back(alloc);
      spares.push_back(allocateLike(rewriter, alloc.getLoc(), carry.init,
                                    alloc.getAlignmentAttr()));
      released.push_back(buffer);
      break;
    }
  }
  for (const WhileCarry &carry : carries.get()) {
    memref::CopyOp copy = carry.copy;
    if (!copy)
      continue;
    auto alloc = copy.getTarget().getDefiningOp<memref::AllocOp>();
    rewriter.replaceAllUsesWith(alloc.getResult(), copy.getSource());
    copy->erase();
    alloc->erase();
    ++numMoved;
  }
  if (spares.empty())
    return;

  SmallVector<Value> inits(loop.getInits());
  llvm::append_range(inits, spares);
  SmallVector<Type> types(loop.getResultTypes());
  llvm::append_range(types, ValueRange(spares).getTypes());
  auto rotated = scf::WhileOp::create(rewriter, loop.getLoc(), types, inits,
                                      nullptr, nullptr);
  rotated->setDiscardableAttrs(loop->getDiscardableAttrDictionary());
  rotated.getBefore().takeBody(loop.getBefore());
  rotated.getAfter().takeBody(loop.getAfter());
  for (auto [spare, alloc, buffer] : llvm::zip(spares, fresh, released)) {
    BlockArgument before =
        rotated.getBeforeBody()->addArgument(spare.getType(), spare.getLoc());
    condition.getArgsMutable().append(before);
    BlockArgument after =
        rotated.getAfterBody()->addArgument(spare.getType(), spare.getLoc());
    yield.getResultsMutable().append(buffer);
    rewriter.replaceAllUsesWith(alloc.getResult(), after);
    rewriter.eraseOp(alloc);
    ++numRotated;
  }
  rewriter.replaceOp(loop, rotated.getResults().drop_back(spares.size()));
}

void RotateLoopBuffers::runOnOperation() {
  SmallVector<Variant> variants;
  if (failed(collectVariants(getOperation(), variants)))
    return signalPassFailure();
  for (Variant &variant : variants) {
    // Inner loops first: what they need is then allocated by the outer one.
    SmallVector<Operation *> loops;
    variant.function.walk([&](Operation *op) {
      if (isa<scf::ForOp, scf::WhileOp>(op))
        loops.push_back(op);
    });
    for (Operation *loop : loops)
      if (auto counted = dyn_cast<scf::ForOp>(loop))
        runOnLoop(counted);
      else
        runOnWhile(cast<scf::WhileOp>(loop));
  }
}
