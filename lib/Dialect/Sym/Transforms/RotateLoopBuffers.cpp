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
  scf::ForOp rotate(scf::ForOp loop, MutableArrayRef<Position> group);
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

void RotateLoopBuffers::runOnOperation() {
  SmallVector<Variant> variants;
  if (failed(collectVariants(getOperation(), variants)))
    return signalPassFailure();
  for (Variant &variant : variants) {
    // Inner loops first: what they need is then allocated by the outer one.
    SmallVector<scf::ForOp> loops;
    variant.function.walk([&](scf::ForOp loop) { loops.push_back(loop); });
    for (scf::ForOp loop : loops)
      runOnLoop(loop);
  }
}
