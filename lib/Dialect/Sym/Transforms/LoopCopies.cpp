//===- LoopCopies.cpp - Copies in loops that nothing needs ------------===//
//
// Bufferization copies what a loop hands to another position, whatever an
// `scf.while` forwards to its second region, and what that starts from. A copy
// can go for one of three reasons. Nobody writes either buffer, nor any that
// may be the same memory, once it is handed on. Or two positions of an
// `scf.for` exchange buffers that no iteration writes, each going to one place.
// Or all that an `scf.while` carries are buffers of its own, each forwarded
// once and yielded once or not at all, so that there is no other to see writes.
//
//===----------------------------------------------------------------------===//

#include "LoopBuffers.h"

using namespace mlir;
using namespace mlir::sym;

/// The copy that fills `alloc`, in its block and before anything else uses it.
static memref::CopyOp getFillingCopy(memref::AllocOp alloc) {
  memref::CopyOp filling;
  for (Operation *user : alloc->getUsers())
    if (auto copy = dyn_cast<memref::CopyOp>(user))
      if (copy.getTarget() == alloc.getResult() &&
          copy.getSource() != alloc.getResult() &&
          copy->getBlock() == alloc->getBlock() &&
          (!filling || copy->isBeforeInBlock(filling)))
        filling = copy;
  if (!filling ||
      filling.getSource().getType() != filling.getTarget().getType())
    return nullptr;
  for (Operation *user : alloc->getUsers()) {
    Operation *inBlock = alloc->getBlock()->findAncestorOpInBlock(*user);
    if (inBlock != filling && inBlock->isBeforeInBlock(filling))
      return nullptr;
  }
  return filling;
}

/// Makes the source of `copy` what its target was.
static void elide(memref::CopyOp copy) {
  auto alloc = copy.getTarget().getDefiningOp<memref::AllocOp>();
  alloc.replaceAllUsesWith(copy.getSource());
  copy->erase();
  alloc->erase();
}

//===----------------------------------------------------------------------===//
// Buffers that nobody writes
//===----------------------------------------------------------------------===//

/// All that may be memory of `value`, whichever was made from which.
static llvm::DenseSet<Value> getRelated(Value value,
                                        const BufferViewFlowAnalysis &flow) {
  llvm::DenseSet<Value> related;
  SmallVector<Value> worklist = {value};
  while (!worklist.empty()) {
    Value next = worklist.pop_back_val();
    if (!related.insert(next).second)
      continue;
    llvm::append_range(worklist, flow.resolve(next));
    llvm::append_range(worklist, flow.resolveReverse(next));
  }
  return related;
}

/// Whether `op` writes `buffer` while it is known by no other name: it is an
/// allocation, or a view of one, that no loop, branch or copy in `elided` has
/// been given yet.
static bool isWrittenBeforeShared(Operation *op, Value buffer,
                                  memref::CopyOp elided,
                                  const BufferViewFlowAnalysis &flow) {
  memref::AllocOp alloc;
  for (Value origin : flow.resolveReverse(buffer)) {
    if (auto found = origin.getDefiningOp<memref::AllocOp>()) {
      if (alloc && alloc != found)
        return false;
      alloc = found;
    } else if (!isa_and_present<ViewLikeOpInterface>(origin.getDefiningOp())) {
      return false;
    }
  }
  if (!alloc)
    return false;
  Block *block = alloc->getBlock();
  Operation *write = block->findAncestorOpInBlock(*op);
  if (!write)
    return false;
  SmallVector<Value> worklist = {alloc.getResult()};
  while (!worklist.empty()) {
    Value view = worklist.pop_back_val();
    for (Operation *user : view.getUsers()) {
      Operation *inBlock = block->findAncestorOpInBlock(*user);
      if (isa<ViewLikeOpInterface>(user)) {
        llvm::append_range(worklist, user->getResults());
        continue;
      }
      bool shares =
          user->hasTrait<OpTrait::IsTerminator>() ||
          user->getNumRegions() != 0 || user == elided ||
          llvm::any_of(user->getResultTypes(), llvm::IsaPred<BaseMemRefType>);
      // Structured operations on buffers have a region, but give none away.
      if (user->getNumResults() == 0 && isa<DestinationStyleOpInterface>(user))
        shares = false;
      if (shares && !write->isBeforeInBlock(inBlock))
        return false;
    }
  }
  return true;
}

/// Whether the target of `copy` may be its source all along.
static bool isReadOnly(memref::CopyOp copy, func::FuncOp function,
                       const BufferViewFlowAnalysis &flow) {
  llvm::DenseSet<Value> related = getRelated(copy.getSource(), flow);
  for (Value value : getRelated(copy.getTarget(), flow))
    related.insert(value);
  return !function
              .walk([&](Operation *op) {
                bool isWritten = false;
                forEachWrittenBuffer(op, [&](Value buffer) {
                  isWritten |= op != copy && related.contains(buffer) &&
                               !isWrittenBeforeShared(op, buffer, copy, flow);
                });
                return isWritten ? WalkResult::interrupt()
                                 : WalkResult::advance();
              })
              .wasInterrupted();
}

/// Whether a loop begins with `value` or carries it on.
static bool isCarried(Value value) {
  return llvm::any_of(value.getUsers(), [](Operation *user) {
    return CarryingLoop::isa(user) ||
           (user->hasTrait<OpTrait::IsTerminator>() &&
            CarryingLoop::isa(user->getParentOp()));
  });
}

static unsigned elideReadOnly(func::FuncOp function) {
  unsigned numElided = 0;
  for (bool changed = true; changed;) {
    changed = false;
    BufferViewFlowAnalysis flow(function);
    function.walk([&](memref::AllocOp alloc) {
      if (!isCarried(alloc.getResult()))
        return WalkResult::advance();
      memref::CopyOp copy = getFillingCopy(alloc);
      if (!copy || !isReadOnly(copy, function, flow))
        return WalkResult::advance();
      elide(copy);
      ++numElided;
      changed = true;
      return WalkResult::interrupt();
    });
  }
  return numElided;
}

//===----------------------------------------------------------------------===//
// Exchanges in `for` loops
//===----------------------------------------------------------------------===//

/// Lets positions that copy another one's buffer take it over: neither may be
/// written by the loop's body, since the buffer may have come from outside, and
/// each goes to one place.
static unsigned elideExchanges(scf::ForOp loop) {
  BufferViewFlowAnalysis flow(loop);
  llvm::DenseSet<Value> written;
  loop.getBody()->walk([&](Operation *op) {
    forEachWrittenBuffer(op, [&](Value buffer) { written.insert(buffer); });
  });
  // Not through what the iteration yields: that is another buffer.
  auto isWritten = [&](unsigned index) {
    auto views = getViews(loop.getRegionIterArg(index), flow, [&](Value value) {
      return llvm::is_contained(loop.getRegionIterArgs(), value) ||
             llvm::is_contained(loop.getResults(), value);
    });
    return llvm::any_of(views,
                        [&](Value value) { return written.contains(value); });
  };
  auto getNew = [&](unsigned index) -> memref::AllocOp {
    auto alloc =
        loop.getYieldedValues()[index].getDefiningOp<memref::AllocOp>();
    if (!alloc || alloc->getBlock() != loop.getBody() ||
        llvm::count(loop.getYieldedValues(), alloc.getResult()) != 1)
      return nullptr;
    return alloc;
  };
  SmallVector<memref::CopyOp> copies;
  llvm::SmallDenseSet<unsigned> taken;
  for (unsigned index = 0; index < loop.getNumRegionIterArgs(); ++index) {
    memref::AllocOp alloc = getNew(index);
    memref::CopyOp copy = alloc ? getFillingCopy(alloc) : nullptr;
    if (!copy || llvm::range_size(alloc->getUses()) != 2)
      continue;
    auto argument = dyn_cast<BlockArgument>(copy.getSource());
    if (!argument || argument.getOwner() != loop.getBody() ||
        argument.getArgNumber() == 0)
      continue;
    unsigned source = argument.getArgNumber() - loop.getNumInductionVars();
    if (source == index || taken.contains(source) || !getNew(source) ||
        isWritten(source) || isWritten(index))
      continue;
    copies.push_back(copy);
    taken.insert(source);
  }
  for (memref::CopyOp copy : copies)
    elide(copy);
  return copies.size();
}

//===----------------------------------------------------------------------===//
// `while` loops with buffers of their own
//===----------------------------------------------------------------------===//

namespace {
/// A buffer that a `while` loop carries and that only it refers to.
struct WhileCarry {
  /// The position among initial values, arguments before and yields.
  unsigned index;
  /// The position among what the condition forwards, and of the result.
  unsigned forwarded;
  /// The copy that is forwarded instead of the argument, if one is.
  memref::CopyOp copy;
};
} // namespace

/// `value` and what may be a view of it inside one region of `loop`.
static llvm::DenseSet<Value>
getViewsInRegion(Value value, scf::WhileOp loop,
                 const BufferViewFlowAnalysis &flow) {
  return getViews(value, flow, [&](Value view) {
    return view.getDefiningOp() == loop ||
           (isa<BlockArgument>(view) &&
            view.getParentBlock()->getParentOp() == loop);
  });
}

static std::optional<WhileCarry>
matchCarry(scf::WhileOp loop, unsigned index,
           const BufferViewFlowAnalysis &flow) {
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
      copy = getFillingCopy(alloc);
      if (!copy || copy.getSource() != argument)
        continue;
    }
    if (carry || value.getType() != init.getType())
      return std::nullopt;
    carry = WhileCarry{index, static_cast<unsigned>(number), copy};
  }
  if (!carry)
    return std::nullopt;
  // What is forwarded must be what was copied, and no view of it.
  llvm::DenseSet<Value> views = getViewsInRegion(argument, loop, flow);
  for (auto [number, value] : llvm::enumerate(condition.getArgs()))
    if (number != carry->forwarded && views.contains(value))
      return std::nullopt;
  // What is written before the copy is what is copied.
  bool isWritten = false;
  loop.getBefore().walk([&](Operation *op) {
    forEachWrittenBuffer(op, [&](Value buffer) {
      if (!views.contains(buffer) || !carry->copy || op == carry->copy)
        return;
      Operation *write = loop.getBeforeBody()->findAncestorOpInBlock(*op);
      isWritten |= !write->isBeforeInBlock(carry->copy);
    });
  });
  return isWritten ? std::nullopt : carry;
}

/// Whether what `carry` forwards is yielded once at most, as it is, to another
/// of `carries`, and what is yielded for it is one of theirs or new.
static bool staysInside(const WhileCarry &carry, ArrayRef<WhileCarry> carries,
                        scf::WhileOp loop, const BufferViewFlowAnalysis &flow) {
  OperandRange yielded = loop.getYieldOp().getResults();
  auto isYieldedOnce = [&](Value buffer) {
    llvm::DenseSet<Value> views = getViewsInRegion(buffer, loop, flow);
    unsigned count = 0;
    for (OpOperand &use : loop.getYieldOp().getResultsMutable()) {
      Value value = use.get();
      if (!views.contains(value))
        continue;
      bool isCarry = llvm::any_of(carries, [&](const WhileCarry &other) {
        return other.index == use.getOperandNumber();
      });
      if (value != buffer || !isCarry || ++count > 1)
        return false;
    }
    return true;
  };
  if (!isYieldedOnce(loop.getAfterArguments()[carry.forwarded]))
    return false;
  Value next = yielded[carry.index];
  if (llvm::any_of(carries, [&](const WhileCarry &other) {
        return loop.getAfterArguments()[other.forwarded] == next;
      }))
    return true;
  auto alloc = next.getDefiningOp<memref::AllocOp>();
  return alloc && alloc->getBlock() == loop.getAfterBody() &&
         isYieldedOnce(alloc);
}

static unsigned elideForwarded(scf::WhileOp loop) {
  BufferViewFlowAnalysis flow(loop);
  SmallVector<WhileCarry> carries;
  for (unsigned index = 0; index < loop.getInits().size(); ++index)
    if (std::optional<WhileCarry> carry = matchCarry(loop, index, flow))
      carries.push_back(*carry);
  // Assume all, and drop what the others do not allow until nothing is.
  for (bool changed = true; changed;) {
    const auto *odd = llvm::find_if(carries, [&](const WhileCarry &carry) {
      return !staysInside(carry, carries, loop, flow);
    });
    changed = odd != carries.end();
    if (changed)
      carries.erase(odd);
  }
  // All or nothing: where some buffers are the loop's and others are not, those
  // that are would be copied to tell who frees them.
  auto countBuffers = [](ValueRange values) {
    return static_cast<size_t>(llvm::count_if(values, [](Value value) {
      return isa<BaseMemRefType>(value.getType());
    }));
  };
  if (carries.size() != countBuffers(loop.getInits()) ||
      carries.size() != countBuffers(loop.getConditionOp().getArgs()))
    return 0;
  unsigned numElided = 0;
  for (const WhileCarry &carry : carries)
    if (carry.copy) {
      elide(carry.copy);
      ++numElided;
    }
  return numElided;
}

unsigned mlir::sym::elideLoopCopies(func::FuncOp function) {
  SmallVector<Operation *> loops;
  function.walk([&](Operation *op) {
    if (CarryingLoop::isa(op))
      loops.push_back(op);
  });
  unsigned numElided = 0;
  for (Operation *op : loops)
    if (auto loop = dyn_cast<scf::ForOp>(op))
      numElided += elideExchanges(loop);
    else
      numElided += elideForwarded(cast<scf::WhileOp>(op));
  return numElided + elideReadOnly(function);
}
