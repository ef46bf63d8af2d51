//===- PlanMemory.cpp - One arena for the temporaries of a call (C2) --===//
//
// A temporary whose size is known when the call begins gets a place in the
// arena, which is one request to the runtime and one that it serves from the
// last call's. Temporaries that are never alive at the same time share a place:
// those of static size by packing, those of dynamic size if they have the same
// size. Small static ones go on the stack, where LLVM turns them into
// registers.
//
//===----------------------------------------------------------------------===//

#include "Slice.h"
#include "sym/Dialect/Sym/Transforms/Passes.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Interfaces/DataLayoutInterfaces.h"
#include "mlir/Interfaces/LoopLikeInterface.h"
#include "llvm/ADT/MapVector.h"
#include "llvm/Support/MathExtras.h"

namespace mlir::sym {
#define GEN_PASS_DEF_SYMPLANMEMORY
#include "sym/Dialect/Sym/Transforms/Passes.h.inc"
} // namespace mlir::sym

using namespace mlir;
using namespace mlir::sym;

/// Every place starts at a multiple of this.
static constexpr int64_t kAlignment = 64;
/// No buffer is larger: a sum of as many as a function can hold stays an
/// int64, and no machine maps more.
static constexpr int64_t kMaxBytes = int64_t(1) << 47;

namespace {
/// A buffer that can be placed.
struct Temporary {
  memref::AllocOp alloc;
  /// When it is alive: numbers of operations, the last one included.
  unsigned begin, end;
  /// What the static sizes and the element come to; all, if none is dynamic.
  int64_t staticBytes;
  int64_t offset = 0;

  bool isStatic() const { return alloc->getNumOperands() == 0; }
  bool overlaps(const Temporary &other) const {
    return begin <= other.end && other.begin <= end;
  }
};

/// When buffers are alive, in one function.
class Liveness {
public:
  explicit Liveness(func::FuncOp function) : flow(function) {
    unsigned next = 0;
    number(function, next);
  }

  /// Fills in when `temporary` is alive. False if it outlives an iteration of
  /// a loop that it is allocated in, or belongs to one of many iterations that
  /// run at a time.
  bool compute(Temporary &temporary) const;

private:
  void number(Operation *op, unsigned &next) {
    numbers[op].first = next++;
    for (Region &region : op->getRegions())
      for (Operation &nested : region.getOps())
        number(&nested, next);
    numbers[op].second = next - 1;
  }

  BufferViewFlowAnalysis flow;
  llvm::DenseMap<Operation *, std::pair<unsigned, unsigned>> numbers;
};

struct PlanMemory : public sym::impl::SymPlanMemoryBase<PlanMemory> {
  using Base::Base;
  void runOnOperation() override;

private:
  void runOnVariant(Variant &variant);
  void placeOnStack(Variant &variant, MutableArrayRef<Temporary> temporaries);
  void placeInArena(Variant &variant, MutableArrayRef<Temporary> temporaries);
  int64_t placeStatic(MutableArrayRef<Temporary *> temporaries);
};
} // namespace

bool Liveness::compute(Temporary &temporary) const {
  Operation *alloc = temporary.alloc;
  for (Operation *parent = alloc->getParentOp(); parent;
       parent = parent->getParentOp())
    if (parent->hasTrait<OpTrait::HasParallelRegion>())
      return false;
  Block *scope = alloc->getBlock();
  temporary.begin = temporary.end = numbers.lookup(alloc).first;
  for (Value alias : flow.resolve(temporary.alloc.getResult())) {
    for (Operation *user : alias.getUsers()) {
      // Behind the end of a loop's body, the next iteration allocates it anew.
      if (user->hasTrait<OpTrait::IsTerminator>() &&
          user->getParentOp()->isProperAncestor(alloc) &&
          isa<LoopLikeOpInterface>(user->getParentOp()))
        return false;
      Operation *ancestor = scope->findAncestorOpInBlock(*user);
      while (!ancestor) {
        // A branch yields it. Where it is used then, it is alive all along.
        Operation *parent = scope->getParentOp();
        if (!parent || isa<func::FuncOp>(parent) ||
            isa<LoopLikeOpInterface>(parent))
          return false;
        scope = parent->getBlock();
        ancestor = scope->findAncestorOpInBlock(*user);
      }
      temporary.end = std::max(temporary.end, numbers.lookup(ancestor).second);
    }
  }
  return true;
}

/// What can be said of the size of `alloc` without its dynamic sizes.
static std::optional<int64_t> getStaticBytes(memref::AllocOp alloc) {
  MemRefType type = alloc.getType();
  if (!type.getLayout().isIdentity() || type.getMemorySpace() ||
      !BaseMemRefType::isValidElementType(type.getElementType()))
    return std::nullopt;
  int64_t bytes = DataLayout::closest(alloc).getTypeSize(type.getElementType());
  for (int64_t size : type.getShape())
    if (!ShapedType::isDynamic(size) &&
        (llvm::MulOverflow(bytes, size, bytes) || bytes > kMaxBytes))
      return std::nullopt;
  return bytes;
}

void PlanMemory::placeOnStack(Variant &variant,
                              MutableArrayRef<Temporary> temporaries) {
  OpBuilder builder(&getContext());
  for (Temporary &temporary : temporaries) {
    // Anew each time: what stood first may be erased below.
    builder.setInsertionPointToStart(&variant.getBlock());
    auto place = memref::AllocaOp::create(
        builder, temporary.alloc.getLoc(), temporary.alloc.getType(),
        ValueRange(), temporary.alloc.getAlignmentAttr());
    temporary.alloc.replaceAllUsesWith(place.getResult());
    temporary.alloc.erase();
    ++numStack;
  }
}

/// Packs temporaries of static size, the largest first, each at the lowest
/// offset that is free while it is alive. Returns the bytes needed.
int64_t PlanMemory::placeStatic(MutableArrayRef<Temporary *> temporaries) {
  llvm::sort(temporaries, [](Temporary *lhs, Temporary *rhs) {
    return std::pair(rhs->staticBytes, lhs->begin) <
           std::pair(lhs->staticBytes, rhs->begin);
  });
  int64_t total = 0;
  SmallVector<Temporary *> placed;
  for (Temporary *temporary : temporaries) {
    SmallVector<Temporary *> conflicts;
    for (Temporary *other : placed)
      if (temporary->overlaps(*other))
        conflicts.push_back(other);
    llvm::sort(conflicts, [](Temporary *lhs, Temporary *rhs) {
      return std::pair(lhs->offset, lhs->begin) <
             std::pair(rhs->offset, rhs->begin);
    });
    for (Temporary *other : conflicts) {
      if (temporary->offset + temporary->staticBytes <= other->offset)
        break;
      temporary->offset = std::max<int64_t>(
          temporary->offset,
          llvm::alignTo(other->offset + other->staticBytes, kAlignment));
    }
    if (conflicts.size() < placed.size())
      ++numReused;
    placed.push_back(temporary);
    total = std::max<int64_t>(
        total,
        llvm::alignTo(temporary->offset + temporary->staticBytes, kAlignment));
  }
  return total;
}

namespace {
/// The arithmetic of sizes at the start of a variant. What overflows makes
/// `isValid` false.
class SizeBuilder {
public:
  SizeBuilder(OpBuilder &builder, Location loc) : builder(builder), loc(loc) {}

  Value constant(int64_t value) {
    return arith::ConstantIndexOp::create(builder, loc, value);
  }
  /// `staticBytes` times the sizes, rounded up to the alignment.
  Value createBytes(int64_t staticBytes, ValueRange sizes) {
    Value bytes = constant(staticBytes);
    for (Value size : sizes) {
      // A branch not taken may name a negative size.
      if (!size.getDefiningOp<memref::DimOp>())
        size = arith::MaxSIOp::create(builder, loc, size, constant(0));
      auto product = arith::MulUIExtendedOp::create(builder, loc, bytes, size);
      require(arith::CmpIOp::create(builder, loc, arith::CmpIPredicate::eq,
                                    product.getHigh(), constant(0)));
      bytes = product.getLow();
    }
    require(arith::CmpIOp::create(builder, loc, arith::CmpIPredicate::ule,
                                  bytes, constant(kMaxBytes)));
    Value sum = add(bytes, constant(kAlignment - 1));
    return arith::AndIOp::create(builder, loc, sum, constant(-kAlignment));
  }
  Value add(Value lhs, Value rhs) {
    return arith::AddIOp::create(builder, loc, lhs, rhs);
  }
  Value isValid;

private:
  void require(Value condition) {
    isValid = isValid ? arith::AndIOp::create(builder, loc, isValid, condition)
                            .getResult()
                      : condition;
  }

  OpBuilder &builder;
  Location loc;
};
} // namespace

void PlanMemory::placeInArena(Variant &variant,
                              MutableArrayRef<Temporary> temporaries) {
  Location loc = variant.function.getLoc();
  OpBuilder builder = OpBuilder::atBlockBegin(&variant.getBlock());
  Value zero = arith::ConstantIndexOp::create(builder, loc, 0);
  auto arena = ArenaOp::create(
      builder, loc,
      MemRefType::get({ShapedType::kDynamic}, builder.getI8Type()), zero);

  // What the sizes are computed from moves up; the rest stays an allocation.
  SourceAccess access(variant);
  Slice slice(variant, arena, access);
  SmallVector<Temporary *> statics;
  // By the sizes whose product is the size of the buffer.
  using Key = std::pair<int64_t, SmallVector<Value>>;
  SmallVector<std::pair<Key, SmallVector<Temporary *>>> dynamics;
  for (Temporary &temporary : temporaries) {
    if (temporary.isStatic()) {
      statics.push_back(&temporary);
      continue;
    }
    if (!llvm::all_of(temporary.alloc.getDynamicSizes(),
                      [&](Value size) { return slice.add(size); })) {
      ++numLeft;
      continue;
    }
    SmallVector<Value> sizes(temporary.alloc.getDynamicSizes());
    llvm::sort(sizes, [](Value lhs, Value rhs) {
      return lhs.getAsOpaquePointer() < rhs.getAsOpaquePointer();
    });
    Key key(temporary.staticBytes, sizes);
    auto *group = llvm::find_if(
        dynamics, [&](const auto &group) { return group.first == key; });
    if (group == dynamics.end())
      group = &dynamics.emplace_back(key, SmallVector<Temporary *>());
    group->second.push_back(&temporary);
  }
  slice.move();

  builder.setInsertionPoint(arena);
  SizeBuilder sizes(builder, loc);
  int64_t staticTotal = placeStatic(statics);
  arenaBytes += staticTotal;
  SmallVector<std::pair<Temporary *, Value>> places;
  for (Temporary *temporary : statics)
    places.push_back({temporary, sizes.constant(temporary->offset)});
  Value total = sizes.constant(staticTotal);
  for (auto &[key, group] : dynamics) {
    Value bytes =
        sizes.createBytes(key.first, group.front()->alloc.getDynamicSizes());
    // Places of this size, and until when each is taken.
    SmallVector<std::pair<Value, unsigned>> taken;
    for (Temporary *temporary : group) {
      auto *place = llvm::find_if(taken, [&](const auto &place) {
        return place.second < temporary->begin;
      });
      if (place == taken.end()) {
        place = &taken.emplace_back(total, 0);
        total = sizes.add(total, bytes);
      } else {
        ++numReused;
      }
      place->second = temporary->end;
      places.push_back({temporary, place->first});
    }
  }
  if (places.empty()) {
    arena.erase();
    return;
  }
  if (sizes.isValid)
    CheckOp::create(builder, loc, sizes.isValid, CheckKind::Overflow,
                    "the temporaries of the call are too large", ValueRange());
  arena.getBytesMutable().assign(total);

  Operation *last = arena;
  for (auto [temporary, offset] : places) {
    memref::AllocOp alloc = temporary->alloc;
    builder.setInsertionPointAfter(last);
    auto view = memref::ViewOp::create(builder, alloc.getLoc(), alloc.getType(),
                                       arena, offset, alloc.getDynamicSizes());
    alloc.replaceAllUsesWith(view.getResult());
    alloc.erase();
    last = view;
    ++numArena;
  }
}

void PlanMemory::runOnVariant(Variant &variant) {
  Liveness liveness(variant.function);
  SmallVector<Temporary> onStack, inArena;
  int64_t stackBytes = 0;
  variant.function.walk([&](memref::AllocOp alloc) {
    std::optional<int64_t> bytes = getStaticBytes(alloc);
    Temporary temporary{alloc, 0, 0, bytes.value_or(0)};
    if (!bytes || !alloc.getSymbolOperands().empty() ||
        !liveness.compute(temporary)) {
      ++numLeft;
      return;
    }
    if (temporary.isStatic() && *bytes <= stackLimit &&
        stackBytes + *bytes <= stackTotal) {
      stackBytes += *bytes;
      onStack.push_back(temporary);
      return;
    }
    inArena.push_back(temporary);
  });
  placeOnStack(variant, onStack);
  if (!inArena.empty())
    placeInArena(variant, inArena);
}

void PlanMemory::runOnOperation() {
  SmallVector<Variant> variants;
  if (failed(collectVariants(getOperation(), variants)))
    return signalPassFailure();
  for (Variant &variant : variants)
    runOnVariant(variant);
}
