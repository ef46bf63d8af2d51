//===- RotateLoopBuffers.cpp - Loops that compute out of place --------===//
//
// A loop that carries a tensor and computes the next one out of place
// bufferizes to an allocation in every iteration. Here a nest of loops gets its
// buffers of one size before it starts, and they go round in it.
//
// Each carried position has, beside the buffer that it carries now, one that it
// owns: the same, or an unused one while it still carries what came from
// outside, which is not the nest's to write. Positions that always carry the
// same buffer have one owner among them. The other buffers are spares, which
// allocations are replaced by. At the end of an iteration, what is yielded is
// owned where it goes, and the rest are the next spares. So as many buffers
// enter a block as leave it. A loop inside another takes over the buffers of
// what it begins with, and spares, and returns as many.
//
//===----------------------------------------------------------------------===//

#include "LoopBuffers.h"
#include "sym/Dialect/Sym/Transforms/Passes.h"

#include "mlir/IR/PatternMatch.h"

#include <map>

namespace mlir::sym {
#define GEN_PASS_DEF_SYMROTATELOOPBUFFERS
#include "sym/Dialect/Sym/Transforms/Passes.h.inc"
} // namespace mlir::sym

using namespace mlir;
using namespace mlir::sym;

namespace {
/// A buffer of the nest in one iteration, named by the first value that is it.
/// Null: not one of the nest's.
using Token = Value;

/// What enters a block of a loop at one position.
struct Position {
  /// It has the type and the sizes that this is about.
  bool isMember = false;
  /// It may carry a buffer of the nest.
  bool mayOwn = false;
  /// The position that owns what this one carries, if it is the nest's.
  unsigned owner = 0;
  /// It never carries what came from outside.
  bool isOwn = false;
};

struct LoopPlan {
  CarryingLoop loop;
  /// For each block.
  SmallVector<SmallVector<Position>, 2> entering;
  /// The buffers that go round in it.
  unsigned total = 0;
};

/// The buffers that a block has at some point, by what they are called there.
struct Hand {
  std::map<unsigned, Value> owned;
  SmallVector<Value> spares;

  Value take(unsigned id) {
    Value buffer = owned.at(id);
    owned.erase(id);
    return buffer;
  }
  Value takeSpare() { return spares.pop_back_val(); }
};

/// The buffers of one size in one nest of loops.
class Nest {
public:
  Nest(Operation *root, Value like, const BufferSizes &sizes)
      : root(root), like(like), type(like.getType()), sizes(sizes), flow(root) {
  }

  /// Whether there are allocations to take out, and all buffers can be
  /// followed.
  bool plan();
  /// Takes them out. Returns their number.
  unsigned rewrite();

private:
  void collect(Operation *loop);
  bool isMember(Value value) const;
  bool isBlockOfNest(Block *block) const {
    return block && plans.count(block->getParentOp());
  }
  Position *getPosition(Value value);
  Token getToken(Value value);
  bool mayOwn(Value value);
  bool isOwn(Value value);
  bool canFollow(Value value);
  bool findOwners();
  bool mayTakeOver(LoopPlan &plan);
  unsigned count(const LoopPlan &plan, unsigned block) const;
  unsigned countExtra(const LoopPlan &plan, unsigned block) const;
  unsigned countBuffers(LoopPlan &plan);

  unsigned getId(Token token) {
    return ids.insert({token, ids.size()}).first->second;
  }
  void nameTokens();
  void rewriteBlock(Block &block, Hand &hand);
  void rewriteLoop(LoopPlan &plan, Hand &hand);

  Operation *root;
  /// Erased while the nest is rewritten.
  Value like;
  Type type;
  const BufferSizes &sizes;
  BufferViewFlowAnalysis flow;
  /// Outer loops first.
  llvm::MapVector<Operation *, LoopPlan> plans;
  llvm::SetVector<Operation *> allocs;

  // Names that hold while operations are replaced.
  llvm::DenseMap<Token, unsigned> ids;
  llvm::DenseMap<Operation *, SmallVector<unsigned>> initIds, resultIds;
  llvm::DenseMap<Block *, SmallVector<unsigned>> enteringIds, leavingIds;
  llvm::DenseMap<Operation *, unsigned> allocIds;
};

struct RotateLoopBuffers
    : public sym::impl::SymRotateLoopBuffersBase<RotateLoopBuffers> {
  using Base::Base;
  void runOnOperation() override;

private:
  bool rotateOne(func::FuncOp function);
};
} // namespace

//===----------------------------------------------------------------------===//
// Following buffers
//===----------------------------------------------------------------------===//

bool Nest::isMember(Value value) const {
  return value.getType() == like.getType() && sizes.haveEqual(value, like);
}

void Nest::collect(Operation *op) {
  CarryingLoop loop(op);
  LoopPlan plan{loop, {}, 0};
  for (unsigned block = 0; block < loop.getNumBlocks(); ++block) {
    auto &positions = plan.entering.emplace_back();
    for (auto [index, value] : llvm::enumerate(loop.getEntering(block))) {
      Position &position = positions.emplace_back();
      position.isMember = isMember(value);
      position.owner = index;
      position.isOwn = true;
    }
  }
  plans.insert({op, plan});
  for (unsigned block = 0; block < loop.getNumBlocks(); ++block)
    for (Operation &nested : loop.getBlock(block))
      if (CarryingLoop::isa(&nested))
        collect(&nested);
}

/// The position of what enters a block or results from a loop of the nest.
Position *Nest::getPosition(Value value) {
  if (auto argument = dyn_cast<BlockArgument>(value)) {
    auto *plan = plans.find(argument.getOwner()->getParentOp());
    if (plan == plans.end())
      return nullptr;
    unsigned block = argument.getParentRegion()->getRegionNumber();
    auto entering = plan->second.loop.getEntering(block);
    if (!llvm::is_contained(entering, value))
      return nullptr;
    return &plan->second.entering[block][argument.getArgNumber() -
                                         entering.front().getArgNumber()];
  }
  auto *plan = plans.find(value.getDefiningOp());
  if (plan == plans.end())
    return nullptr;
  return &plan->second.entering[plan->second.loop.getResultBlock()]
                               [cast<OpResult>(value).getResultNumber()];
}

bool Nest::mayOwn(Value value) {
  if (allocs.contains(value.getDefiningOp()))
    return true;
  Position *position = getPosition(value);
  return position && position->mayOwn && value.getDefiningOp() != root;
}

Token Nest::getToken(Value value) {
  if (!mayOwn(value))
    return nullptr;
  Position *position = getPosition(value);
  if (!position)
    return value;
  if (auto argument = dyn_cast<BlockArgument>(value)) {
    auto loop = plans.find(argument.getOwner()->getParentOp())->second.loop;
    return loop.getEntering(
        argument.getParentRegion()->getRegionNumber())[position->owner];
  }
  return value.getDefiningOp()->getResult(position->owner);
}

/// Whether `value` is the buffer that its token names, rather than one from
/// outside.
bool Nest::isOwn(Value value) {
  if (allocs.contains(value.getDefiningOp()))
    return true;
  Position *position = getPosition(value);
  return position && position->mayOwn && position->isOwn &&
         getToken(value) == value;
}

/// Whether `value`, which may be the nest's, is handed on only by loops of the
/// nest, itself, to positions of its size, in its own block.
bool Nest::canFollow(Value value) {
  auto views = getViews(
      value, flow, [&](Value view) { return getPosition(view) != nullptr; });
  for (Value view : views)
    for (OpOperand &use : view.getUses()) {
      Operation *user = use.getOwner();
      bool isInit = plans.count(user);
      bool isEnd = user->hasTrait<OpTrait::IsTerminator>() &&
                   plans.count(user->getParentOp());
      if (!isInit && !isEnd)
        continue;
      if (view != value || user->getBlock() != value.getParentBlock())
        return false;
      LoopPlan &plan = plans.find(isInit ? user : user->getParentOp())->second;
      unsigned block = 0, first = 0;
      if (isInit) {
        first = plan.loop.getInits().getBeginOperandIndex();
      } else {
        block = user->getParentRegion()->getRegionNumber();
        first = plan.loop.getLeaving(block).begin()->getOperandNumber();
        block = plan.loop.getNextBlock(block);
      }
      if (!plan.entering[block][use.getOperandNumber() - first].isMember)
        return false;
    }
  return true;
}

/// Finds which positions may carry a buffer of the nest, and who owns it.
/// Fails where buffers cannot be followed.
bool Nest::findOwners() {
  auto forEachEdge = [&](function_ref<void(LoopPlan &, unsigned block,
                                           ValueRange from, bool isInit)>
                             callback) {
    for (auto &[op, plan] : plans) {
      callback(plan, 0, plan.loop.getInits(), true);
      for (unsigned block = 0; block < plan.loop.getNumBlocks(); ++block) {
        SmallVector<Value> from;
        for (OpOperand &operand : plan.loop.getLeaving(block))
          from.push_back(operand.get());
        callback(plan, plan.loop.getNextBlock(block), from, false);
      }
    }
  };
  bool changed, isSound = true;
  auto repeat =
      [&](function_ref<void(LoopPlan &, unsigned, ValueRange, bool)> callback) {
        for (changed = true; changed && isSound;) {
          changed = false;
          forEachEdge(callback);
        }
      };
  repeat([&](LoopPlan &plan, unsigned block, ValueRange from, bool) {
    for (auto [position, value] : llvm::zip(plan.entering[block], from))
      if (!position.mayOwn && mayOwn(value)) {
        position.mayOwn = changed = true;
        isSound &= position.isMember;
      }
  });
  // Positions that are given the same buffer have one owner, the first.
  repeat([&](LoopPlan &plan, unsigned block, ValueRange from, bool isInit) {
    SmallVector<Token> tokens;
    for (auto [index, value] : llvm::enumerate(from)) {
      Token token = getToken(value);
      tokens.push_back(token);
      Position &position = plan.entering[block][index];
      if (!token || isInit)
        continue;
      // More are the same from time to time, never fewer.
      unsigned owner = llvm::find(tokens, token) - tokens.begin();
      changed |= owner != position.owner;
      position.owner = owner;
    }
  });
  // A position is its own buffer's if all that enter are.
  repeat([&](LoopPlan &plan, unsigned block, ValueRange from, bool isInit) {
    for (auto [position, value] : llvm::zip(plan.entering[block], from)) {
      if (!position.isOwn || !position.mayOwn)
        continue;
      bool remains = plan.loop.getOperation() == root && isInit
                         ? belongsToLoop(value, root)
                         : isOwn(value);
      if (!remains) {
        position.isOwn = false;
        changed = true;
      }
    }
  });
  return isSound;
}

/// Whether the buffers that a loop of the nest begins with are only its own
/// from then on.
bool Nest::mayTakeOver(LoopPlan &plan) {
  Operation *loop = plan.loop.getOperation();
  Block *block = loop->getBlock();
  llvm::SmallDenseSet<Token> taken;
  for (auto [index, init] : llvm::enumerate(plan.loop.getInits())) {
    Token token = getToken(init);
    if (!token)
      continue;
    if (plan.entering[0][index].owner != index || !taken.insert(token).second)
      return false;
    // All names that the buffer has in this block.
    SmallVector<Value> names(block->getArguments());
    for (Operation &op : *block)
      if (allocs.contains(&op) || plans.count(&op))
        llvm::append_range(names, op.getResults());
    for (Value name : names) {
      if (getToken(name) != token)
        continue;
      for (Value view : getViews(name, flow, [&](Value other) {
             return getPosition(other) != nullptr;
           }))
        for (OpOperand &use : view.getUses()) {
          Operation *inBlock = block->findAncestorOpInBlock(*use.getOwner());
          bool isInit = use.getOwner() == loop && name == init;
          if (!isInit && !inBlock->isBeforeInBlock(loop))
            return false;
        }
    }
  }
  return true;
}

/// The owners among the positions of `block`.
unsigned Nest::count(const LoopPlan &plan, unsigned block) const {
  unsigned owners = 0;
  for (auto [index, position] : llvm::enumerate(plan.entering[block]))
    owners += position.mayOwn && position.owner == index;
  return owners;
}

/// What enters `block` besides what is carried: buffers of owners that carry
/// another one at times, and spares.
unsigned Nest::countExtra(const LoopPlan &plan, unsigned block) const {
  unsigned extra = plan.total;
  for (auto [index, position] : llvm::enumerate(plan.entering[block]))
    extra -= position.mayOwn && position.owner == index && position.isOwn;
  return extra;
}

/// How many buffers a loop needs: the most that one of its blocks uses.
unsigned Nest::countBuffers(LoopPlan &plan) {
  for (unsigned block = 0; block < plan.loop.getNumBlocks(); ++block) {
    unsigned used = count(plan, block);
    plan.total = std::max(plan.total, used);
    for (Operation &op : plan.loop.getBlock(block)) {
      used += allocs.contains(&op);
      if (auto *nested = plans.find(&op); nested != plans.end()) {
        LoopPlan &inner = nested->second;
        for (Value init : inner.loop.getInits())
          used -= getToken(init) != nullptr;
        plan.total = std::max(plan.total, used + countBuffers(inner));
        used += count(inner, inner.loop.getResultBlock());
      }
      plan.total = std::max(plan.total, used);
    }
  }
  return plan.total;
}

bool Nest::plan() {
  collect(root);
  root->walk([&](memref::AllocOp alloc) {
    if (isBlockOfNest(alloc->getBlock()) && isMember(alloc.getResult()) &&
        alloc.getType().getLayout().isIdentity() &&
        llvm::any_of(alloc->getUsers(), [&](Operation *user) {
          return plans.count(user) ||
                 (user->hasTrait<OpTrait::IsTerminator>() &&
                  plans.count(user->getParentOp()));
        }))
      allocs.insert(alloc);
  });
  if (allocs.empty() || !findOwners())
    return false;
  for (Operation *alloc : allocs)
    if (!canFollow(alloc->getResult(0)))
      return false;
  for (auto &[op, plan] : plans) {
    SmallVector<Value> values;
    for (unsigned block = 0; block < plan.loop.getNumBlocks(); ++block)
      llvm::append_range(values, plan.loop.getEntering(block));
    if (op != root)
      llvm::append_range(values, op->getResults());
    for (Value value : values)
      if (mayOwn(value) && !canFollow(value))
        return false;
    if (op != root && !mayTakeOver(plan))
      return false;
  }
  countBuffers(plans.front().second);
  return true;
}

//===----------------------------------------------------------------------===//
// Rewriting
//===----------------------------------------------------------------------===//

/// What has no buffer of the nest.
static constexpr unsigned kNone = ~0u;

void Nest::nameTokens() {
  auto name = [&](auto values) {
    SmallVector<unsigned> names;
    for (Value value : values) {
      Token token = getToken(value);
      names.push_back(token ? getId(token) : kNone);
    }
    return names;
  };
  for (Operation *alloc : allocs)
    allocIds[alloc] = getId(alloc->getResult(0));
  for (auto &[op, plan] : plans) {
    initIds[op] = name(plan.loop.getInits());
    if (op != root)
      resultIds[op] = name(op->getResults());
    for (unsigned block = 0; block < plan.loop.getNumBlocks(); ++block) {
      enteringIds[&plan.loop.getBlock(block)] =
          name(plan.loop.getEntering(block));
      leavingIds[&plan.loop.getBlock(block)] = name(
          llvm::map_range(plan.loop.getLeaving(block),
                          [](OpOperand &operand) { return operand.get(); }));
    }
  }
}

/// Replaces what `hand` has buffers for in `block`.
void Nest::rewriteBlock(Block &block, Hand &hand) {
  for (Operation &op : llvm::make_early_inc_range(block)) {
    if (auto id = allocIds.find(&op); id != allocIds.end()) {
      Value buffer = hand.takeSpare();
      hand.owned[id->second] = buffer;
      op.getResult(0).replaceAllUsesWith(buffer);
      op.erase();
    } else if (auto *plan = plans.find(&op); plan != plans.end()) {
      rewriteLoop(plan->second, hand);
    }
  }
}

/// Gives `plan`'s loop its buffers from `hand`, which gets them back.
void Nest::rewriteLoop(LoopPlan &plan, Hand &hand) {
  CarryingLoop loop = plan.loop;
  // The buffers that enter `block` besides what it carries: those of owners,
  // then spares.
  auto pass = [&](unsigned block, ArrayRef<unsigned> from, Hand &hand,
                  bool keepsRest) {
    SmallVector<Value> buffers;
    SmallVector<unsigned> missing;
    ArrayRef<Position> positions = plan.entering[block];
    for (auto [index, position] : llvm::enumerate(positions)) {
      if (!position.mayOwn || position.owner != index)
        continue;
      Value owned = from[index] == kNone ? Value() : hand.take(from[index]);
      if (position.isOwn)
        continue;
      if (!owned)
        missing.push_back(buffers.size());
      buffers.push_back(owned);
    }
    if (!keepsRest)
      for (auto &[id, buffer] : std::exchange(hand.owned, {}))
        hand.spares.push_back(buffer);
    for (unsigned index : missing)
      buffers[index] = hand.takeSpare();
    for (unsigned n = count(plan, block); n < plan.total; ++n)
      buffers.push_back(hand.takeSpare());
    return buffers;
  };
  // What `hand` has of the values at the end of `values`.
  auto receive = [&](unsigned block, ArrayRef<unsigned> ids, ValueRange values,
                     Hand &hand) {
    ArrayRef<Position> positions = plan.entering[block];
    ValueRange buffers = values.drop_front(positions.size());
    for (auto [index, position] : llvm::enumerate(positions)) {
      if (!position.mayOwn || position.owner != index)
        continue;
      Value buffer = values[index];
      if (!position.isOwn) {
        buffer = buffers.front();
        buffers = buffers.drop_front();
      }
      if (ids.empty())
        hand.spares.push_back(buffer);
      else
        hand.owned[ids[index]] = buffer;
    }
    llvm::append_range(hand.spares, buffers);
  };

  IRRewriter rewriter(loop.getOperation()->getContext());
  SmallVector<unsigned> inits = initIds.lookup(loop.getOperation());
  SmallVector<unsigned> results = resultIds.lookup(loop.getOperation());
  unsigned last = loop.getResultBlock();
  SmallVector<Type> extra(countExtra(plan, last), type);
  loop = loop.replaceWithMore(rewriter, pass(0, inits, hand, true), extra);
  for (unsigned block = 0; block < loop.getNumBlocks(); ++block) {
    Hand inner;
    Block &body = loop.getBlock(block);
    receive(block, enteringIds.lookup(&body),
            ValueRange(loop.getEntering(block)), inner);
    rewriteBlock(body, inner);
    loop.getLeaving(block).append(
        pass(loop.getNextBlock(block), leavingIds.lookup(&body), inner, false));
  }
  receive(last, results, loop.getOperation()->getResults(), hand);
}

unsigned Nest::rewrite() {
  nameTokens();
  LoopPlan &plan = plans.front().second;
  // What is the loop's own already is among the buffers.
  Hand hand;
  for (auto [index, init] : llvm::enumerate(plan.loop.getInits())) {
    const Position &position = plan.entering[0][index];
    if (!position.mayOwn || position.owner != index ||
        !belongsToLoop(init, root))
      continue;
    unsigned id = getId(init);
    initIds[root][index] = id;
    hand.owned[id] = init;
  }
  OpBuilder builder(root);
  auto first = cast<memref::AllocOp>(allocs.front());
  while (hand.owned.size() + hand.spares.size() < plan.total)
    hand.spares.push_back(sizes.allocateLike(builder, first.getLoc(), like,
                                             first.getAlignmentAttr()));
  // The first is taken first.
  std::reverse(hand.spares.begin(), hand.spares.end());
  rewriteLoop(plan, hand);
  return allocs.size();
}

//===----------------------------------------------------------------------===//
// The pass
//===----------------------------------------------------------------------===//

/// Takes the allocations of one size out of one nest of loops, the outermost
/// that allows it. False if there is none.
bool RotateLoopBuffers::rotateOne(func::FuncOp function) {
  BufferSizes sizes(function);
  bool isDone = false;
  function.walk<WalkOrder::PreOrder>([&](Operation *root) {
    if (!CarryingLoop::isa(root))
      return WalkResult::advance();
    CarryingLoop loop(root);
    SmallVector<Value> tried;
    root->walk([&](memref::AllocOp alloc) {
      Value like = alloc.getResult();
      auto type = alloc.getType();
      for (int64_t dim = 0; dim < type.getRank(); ++dim)
        if (type.isDynamicDim(dim) &&
            !loop.isOutside(sizes.get(like, dim).first))
          return WalkResult::advance();
      if (llvm::any_of(
              tried, [&](Value other) { return sizes.haveEqual(other, like); }))
        return WalkResult::advance();
      tried.push_back(like);
      Nest nest(root, like, sizes);
      if (!nest.plan())
        return WalkResult::advance();
      numRotated += nest.rewrite();
      isDone = true;
      return WalkResult::interrupt();
    });
    return isDone ? WalkResult::interrupt() : WalkResult::advance();
  });
  return isDone;
}

void RotateLoopBuffers::runOnOperation() {
  SmallVector<Variant> variants;
  if (failed(collectVariants(getOperation(), variants)))
    return signalPassFailure();
  for (Variant &variant : variants) {
    numMoved += elideLoopCopies(variant.function);
    while (rotateOne(variant.function))
      ;
  }
}
