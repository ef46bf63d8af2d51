//===- RowGroup.cpp - Operations that one kernel computes -----------------===//

#include "RowGroup.h"

#include "../VectorPlan.h"
#include "KernelBuilder.h"
#include "sym/Dialect/Sym/IR/Sym.h"

#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Interfaces/ViewLikeInterface.h"
#include "llvm/ADT/SetVector.h"

using namespace mlir;
using namespace mlir::sym;

/// More members than this are not worth the search.
static constexpr unsigned kMostMembers = 32;

//===----------------------------------------------------------------------===//
// Buffers
//===----------------------------------------------------------------------===//

/// `value` without casts, which only state its sizes.
static Value getBuffer(Value value) {
  while (auto cast = value.getDefiningOp<memref::CastOp>())
    value = cast.getSource();
  return value;
}

/// What `value` is a view of; a place in an arena is its own root.
static Value getRoot(Value value) {
  while (auto view = value.getDefiningOp<ViewLikeOpInterface>()) {
    if (auto place = value.getDefiningOp<memref::ViewOp>();
        place && place.getSource().getDefiningOp<ArenaOp>())
      return value;
    value = view.getViewSource();
  }
  return value;
}

static bool isFresh(Value root) {
  return isa_and_nonnull<memref::AllocOp, memref::AllocaOp, AllocResultOp,
                         memref::ViewOp>(root.getDefiningOp());
}

/// Whether two places of one arena may overlap: the planner gives places the
/// same offset or different ranges, and knows the ranges of static ones.
static bool mayPlacesOverlap(memref::ViewOp lhs, memref::ViewOp rhs) {
  auto lhsOffset = getConstantIntValue(lhs.getByteShift());
  auto rhsOffset = getConstantIntValue(rhs.getByteShift());
  if (!lhsOffset || !rhsOffset)
    return lhs.getByteShift() == rhs.getByteShift();
  if (*lhsOffset > *rhsOffset) {
    std::swap(lhs, rhs);
    std::swap(lhsOffset, rhsOffset);
  }
  MemRefType first = lhs.getType();
  if (!first.hasStaticShape())
    return true;
  Type element = first.getElementType();
  int64_t bytes = element.isIndex()
                      ? 8
                      : llvm::divideCeil(element.getIntOrFloatBitWidth(), 8);
  return *lhsOffset + first.getNumElements() * bytes > *rhsOffset;
}

bool BufferFacts::mayOverlap(Value lhs, Value rhs) const {
  Value lhsRoot = getRoot(lhs), rhsRoot = getRoot(rhs);
  if (lhsRoot == rhsRoot)
    return true;
  bool lhsFresh = isFresh(lhsRoot), rhsFresh = isFresh(rhsRoot);
  auto isArgument = [](Value root) {
    auto argument = dyn_cast<BlockArgument>(root);
    return argument &&
           isa<FunctionOpInterface>(argument.getOwner()->getParentOp());
  };
  auto lhsPlace = lhsRoot.getDefiningOp<memref::ViewOp>();
  auto rhsPlace = rhsRoot.getDefiningOp<memref::ViewOp>();
  if (lhsPlace && rhsPlace)
    return mayPlacesOverlap(lhsPlace, rhsPlace);
  if (lhsFresh && rhsFresh)
    return false;
  // What comes out of a loop or a branch may be anything but constants.
  if ((lhsFresh || isArgument(lhsRoot)) && (rhsFresh || isArgument(rhsRoot)))
    return !lhsFresh && !rhsFresh && !distinctArguments;
  return !lhsRoot.getDefiningOp<memref::GetGlobalOp>() &&
         !rhsRoot.getDefiningOp<memref::GetGlobalOp>();
}

//===----------------------------------------------------------------------===//
// Loops
//===----------------------------------------------------------------------===//

/// What a loop's size is known by: a number, or the dimension of a value or the
/// value that states it.
using SizeKey = std::pair<int64_t, Value>;

static SizeKey getDimKey(Value buffer, int64_t dim) {
  while (true) {
    auto type = cast<MemRefType>(buffer.getType());
    if (!type.isDynamicDim(dim))
      return {type.getDimSize(dim), Value()};
    Operation *definition = buffer.getDefiningOp();
    unsigned dynamic = type.getDynamicDimIndex(dim);
    Value size;
    if (auto view = dyn_cast_or_null<memref::ViewOp>(definition)) {
      size = view.getSizes()[dynamic];
    } else if (auto alloc = dyn_cast_or_null<memref::AllocOp>(definition)) {
      size = alloc.getDynamicSizes()[dynamic];
    } else if (auto alloc = dyn_cast_or_null<memref::AllocaOp>(definition)) {
      size = alloc.getDynamicSizes()[dynamic];
    } else if (auto result = dyn_cast_or_null<AllocResultOp>(definition)) {
      size = result.getDynamicSizes()[dynamic];
    } else if (auto slice = dyn_cast_or_null<memref::SubViewOp>(definition);
               slice &&
               slice.getType().getRank() == slice.getSourceType().getRank()) {
      OpFoldResult stated = slice.getMixedSizes()[dim];
      if (auto number = getConstantIntValue(stated))
        return {*number, Value()};
      size = cast<Value>(stated);
    } else if (auto cast = dyn_cast_or_null<memref::CastOp>(definition)) {
      buffer = cast.getSource();
      continue;
    } else {
      return {dim, buffer};
    }
    auto asked = size.getDefiningOp<memref::DimOp>();
    if (!asked || !asked.getConstantIndex())
      return {-1, size};
    buffer = asked.getSource();
    dim = *asked.getConstantIndex();
  }
}

/// Calls `visit` for what the size of loop `loop` of `op` is known by, until it
/// returns true, which is the result.
static bool visitSizes(linalg::GenericOp op, unsigned loop,
                       llvm::function_ref<bool(SizeKey)> visit) {
  for (OpOperand &operand : op->getOpOperands()) {
    if (!isa<MemRefType>(operand.get().getType()))
      continue;
    AffineMap map = op.getMatchingIndexingMap(&operand);
    for (auto [dim, expr] : llvm::enumerate(map.getResults()))
      if (auto plain = dyn_cast<AffineDimExpr>(expr);
          plain && plain.getPosition() == loop &&
          visit(getDimKey(operand.get(), dim)))
        return true;
  }
  return false;
}

AffineMap RowGroup::getMap(const RowMember &member, OpOperand &operand) const {
  AffineMap map = member.op.getMatchingIndexingMap(&operand);
  SmallVector<AffineExpr> dims;
  for (unsigned loop : member.loops)
    dims.push_back(getAffineDimExpr(loop, map.getContext()));
  return map.replaceDimsAndSymbols(dims, {}, getNumLoops(), 0);
}

bool RowGroup::isRowInvariant(const RowMember &member,
                              OpOperand &operand) const {
  AffineMap map = getMap(member, operand);
  for (unsigned loop = numRows; loop != getNumLoops(); ++loop)
    if (map.isFunctionOfDim(loop))
      return false;
  return true;
}

/// Finds the group's loop for each loop of `member`: through buffers that both
/// index, else by sizes.
bool RowGroup::matchLoops(RowMember &member) {
  linalg::GenericOp op = member.op;
  constexpr unsigned kNone = ~0u;
  SmallVector<unsigned> loops(op.getNumLoops(), kNone);
  llvm::SmallDenseSet<unsigned> used;
  bool isConnected = false;
  for (OpOperand &operand : op->getOpOperands()) {
    if (!isa<MemRefType>(operand.get().getType()))
      continue;
    AffineMap map = op.getMatchingIndexingMap(&operand);
    for (const RowMember &other : members) {
      for (OpOperand &known : other.op->getOpOperands()) {
        if (getBuffer(known.get()) != getBuffer(operand.get()))
          continue;
        AffineMap theirs = getMap(other, known);
        if (!map.isProjectedPermutation() || !theirs.isProjectedPermutation())
          continue;
        isConnected = true;
        for (auto [mine, group] :
             llvm::zip_equal(map.getResults(), theirs.getResults())) {
          unsigned loop = cast<AffineDimExpr>(mine).getPosition();
          unsigned position = cast<AffineDimExpr>(group).getPosition();
          if (loops[loop] == position)
            continue;
          if (loops[loop] != kNone || !used.insert(position).second)
            return false;
          loops[loop] = position;
        }
      }
    }
  }
  if (!isConnected)
    return false;
  for (auto [loop, position] : llvm::enumerate(loops)) {
    if (position != kNone)
      continue;
    SmallVector<SizeKey> keys;
    visitSizes(op, loop, [&](SizeKey key) {
      keys.push_back(key);
      return false;
    });
    for (unsigned candidate = 0; candidate != getNumLoops(); ++candidate) {
      if (used.contains(candidate))
        continue;
      bool isSame = llvm::any_of(members, [&](const RowMember &other) {
        const auto *at = llvm::find(other.loops, candidate);
        return at != other.loops.end() &&
               visitSizes(other.op, at - other.loops.begin(), [&](SizeKey key) {
                 return llvm::is_contained(keys, key);
               });
      });
      if (!isSame)
        continue;
      position = candidate;
      used.insert(candidate);
      break;
    }
    if (position == kNone)
      return false;
  }
  member.loops = loops;
  return true;
}

/// What `map` indexes, if it does so by different loops alone.
static std::optional<Extent> getExtent(AffineMap map, unsigned rows,
                                       unsigned all) {
  if (map.getNumResults() == 0)
    return Extent::Scalar;
  if (!map.isProjectedPermutation())
    return std::nullopt;
  if (map.getNumResults() == all)
    return Extent::Element;
  if (map.getNumResults() != rows)
    return std::nullopt;
  for (unsigned loop = 0; loop != rows; ++loop)
    if (!map.isFunctionOfDim(loop))
      return std::nullopt;
  return Extent::Row;
}

/// Decides what `member` runs over, and whether its iterations can be dealt out
/// to threads.
bool RowGroup::classify(RowMember &member) {
  linalg::GenericOp op = member.op;
  if (member.loops.empty())
    member.over = Extent::Scalar;
  else if (member.loops.size() == getNumLoops())
    member.over = Extent::Element;
  else if (member.loops.size() == numRows &&
           llvm::all_of(member.loops,
                        [&](unsigned loop) { return loop < numRows; }))
    member.over = Extent::Row;
  else
    return false;

  for (auto [i, init] : llvm::enumerate(op.getDpsInitsMutable())) {
    auto extent = getExtent(getMap(member, init), numRows, getNumLoops());
    if (!extent || (i != 0 && *extent != member.of))
      return false;
    member.of = *extent;
    for (unsigned other = 0; other != i; ++other)
      if (facts->mayOverlap(op.getDpsInits()[other], init.get()))
        return false;
  }
  // Results' loops are parallel, all others reductions.
  for (auto [loop, type] : llvm::enumerate(op.getIteratorTypesArray())) {
    bool isOfResult =
        member.of == Extent::Element ||
        (member.of == Extent::Row && member.loops[loop] < numRows);
    if (isOfResult != (type == utils::IteratorType::parallel))
      return false;
  }
  if (!member.reduces())
    return true;
  for (unsigned i = 0; i != op.getNumDpsInits(); ++i) {
    member.combiners.push_back(getCombiner(op, i));
    if (!member.combiners.back())
      return false;
  }
  return true;
}

//===----------------------------------------------------------------------===//
// What members pass to each other
//===----------------------------------------------------------------------===//

/// Calls `visit` for the buffers that the body reads at indices of its own.
static void forEachGathered(linalg::GenericOp op,
                            llvm::function_ref<void(Value)> visit) {
  op.getBody()->walk([&](Operation *nested) {
    for (Value operand : nested->getOperands())
      if (isa<MemRefType>(operand.getType()))
        visit(operand);
  });
}

static bool isRead(linalg::GenericOp op, OpOperand &operand) {
  return !op.getMatchingBlockArgument(&operand).use_empty();
}

namespace {
/// A buffer at an index.
struct Place {
  Value buffer;
  AffineMap map;
  unsigned member;
};
} // namespace

/// Fills in sources and levels, in the order of the members.
bool RowGroup::connect() {
  llvm::SmallDenseMap<Value, Definition> latest;
  SmallVector<Place> writes;
  // What each member's value is computed from in memory, through others.
  SmallVector<SmallVector<Place>> leaves(members.size());
  for (auto [i, member] : llvm::enumerate(members)) {
    linalg::GenericOp op = member.op;
    member.level = 0;
    member.late = false;
    member.sources.assign(op->getNumOperands(), std::nullopt);
    for (OpOperand &operand : op->getOpOperands()) {
      Value buffer = getBuffer(operand.get());
      if (!isa<MemRefType>(buffer.getType()) || !isRead(op, operand))
        continue;
      AffineMap map = getMap(member, operand);
      auto known = latest.find(buffer);
      if (known == latest.end()) {
        for (Place &write : writes)
          if (facts->mayOverlap(write.buffer, buffer))
            return false;
        leaves[i].push_back({buffer, map, static_cast<unsigned>(i)});
        continue;
      }
      Definition source = known->second;
      RowMember &from = members[source.member];
      if (map != getMap(from, from.op.getDpsInitsMutable()[source.result]))
        return false;
      member.sources[operand.getOperandNumber()] = source;
      if (from.late || from.reducesAll())
        member.late = true;
      else
        member.level =
            std::max(member.level, from.level + (from.reduces() ? 1 : 0));
      if (from.reduces())
        continue;
      // It may be computed again, from what must still be there.
      for (Place &leaf : leaves[source.member]) {
        for (Place &write : writes)
          if (write.member > source.member &&
              facts->mayOverlap(write.buffer, leaf.buffer))
            return false;
        leaves[i].push_back({leaf.buffer, leaf.map, static_cast<unsigned>(i)});
      }
      leaves[i].push_back({buffer, map, static_cast<unsigned>(i)});
    }
    if (member.late && member.over != Extent::Scalar)
      return false;
    for (auto [result, init] : llvm::enumerate(op.getDpsInitsMutable())) {
      Value buffer = getBuffer(init.get());
      AffineMap map = getMap(member, init);
      for (auto &read : ArrayRef(leaves).take_front(i + 1))
        for (const Place &leaf : read) {
          if (!facts->mayOverlap(leaf.buffer, buffer))
            continue;
          if (leaf.buffer != buffer || leaf.map != map)
            return false;
          if (!members[leaf.member].late)
            member.level = std::max(member.level, members[leaf.member].level);
        }
      for (Place &write : writes)
        if (facts->mayOverlap(write.buffer, buffer) &&
            (write.buffer != buffer || write.map != map))
          return false;
    }
    for (auto [result, init] : llvm::enumerate(op.getDpsInitsMutable())) {
      Value buffer = getBuffer(init.get());
      writes.push_back(
          {buffer, getMap(member, init), static_cast<unsigned>(i)});
      latest[buffer] = {static_cast<unsigned>(i),
                        static_cast<unsigned>(result)};
    }
  }
  bool gathersResult = false;
  for (RowMember &member : members)
    forEachGathered(member.op, [&](Value buffer) {
      for (Place &write : writes)
        gathersResult |= facts->mayOverlap(write.buffer, buffer);
    });
  return !gathersResult;
}

/// Whether only members touch the memory of `buffer`.
static bool isOwn(Value buffer, const RowGroup &group) {
  if (!isFresh(buffer) || buffer.getDefiningOp<AllocResultOp>())
    return false;
  llvm::SetVector<Value> aliases;
  aliases.insert(buffer);
  for (unsigned i = 0; i != aliases.size(); ++i) {
    for (Operation *user : aliases[i].getUsers()) {
      if (group.contains(user) || isa<memref::DimOp, memref::DeallocOp>(user))
        continue;
      auto cast = dyn_cast<memref::CastOp>(user);
      if (!cast)
        return false;
      aliases.insert(cast.getResult());
    }
  }
  return true;
}

void RowGroup::decideStores() {
  llvm::SmallDenseMap<Value, Definition> last;
  llvm::SmallDenseSet<Value> loaded;
  for (auto [i, member] : llvm::enumerate(members)) {
    for (OpOperand &operand : member.op->getOpOperands())
      if (isRead(member.op, operand) &&
          !member.sources[operand.getOperandNumber()])
        loaded.insert(getBuffer(operand.get()));
    for (auto [result, init] : llvm::enumerate(member.op.getDpsInitsMutable()))
      last[getBuffer(init.get())] = {static_cast<unsigned>(i),
                                     static_cast<unsigned>(result)};
  }
  for (auto [i, member] : llvm::enumerate(members)) {
    member.stored.clear();
    for (auto [result, init] :
         llvm::enumerate(member.op.getDpsInitsMutable())) {
      Value buffer = getBuffer(init.get());
      Definition mine{static_cast<unsigned>(i), static_cast<unsigned>(result)};
      // What an iteration of a loop reads, the one before may have left.
      member.stored.push_back(
          last[buffer] == mine &&
          (loaded.contains(buffer) || !isOwn(buffer, *this)));
    }
  }
}

bool RowGroup::isAccessed(const RowMember &member, OpOperand &operand) const {
  if (!isa<MemRefType>(operand.get().getType()))
    return true;
  bool reads =
      isRead(member.op, operand) && !member.sources[operand.getOperandNumber()];
  if (!member.op.isDpsInit(&operand))
    return reads;
  return reads ||
         member
             .stored[operand.getOperandNumber() - member.op.getNumDpsInputs()];
}

/// Whether values by row can be computed by whoever needs them.
bool RowGroup::canShareRows() {
  for (RowMember &member : members)
    member.shared = false;
  // Users come behind what they use.
  for (RowMember &member : llvm::reverse(members)) {
    for (OpOperand &operand : member.op->getOpOperands()) {
      auto source = member.sources[operand.getOperandNumber()];
      if (!source || members[source->member].of != Extent::Row)
        continue;
      bool isInit = member.reduces() && member.op.isDpsInit(&operand);
      bool byAll = member.over == Extent::Element &&
                   (!isInit || (member.reducesRow() && member.shared));
      byAll |= member.over == Extent::Row && !member.reduces() && member.shared;
      members[source->member].shared |= byAll;
    }
  }
  for (RowMember &member : members) {
    bool isPlainScalar = member.over == Extent::Scalar && !member.late;
    // Every thread computes it, and none is the one to store it.
    if (isPlainScalar && llvm::is_contained(member.stored, true))
      return false;
    // A thread without a row computes along with the others.
    if (member.of == Extent::Row && member.shared && !member.reduces())
      for (Operation &nested : *member.op.getBody())
        if (!isa<linalg::YieldOp>(nested) && !isPure(&nested))
          return false;
  }
  // The first thread of a row stores while others may still load.
  for (RowMember &writer : members) {
    if (writer.of != Extent::Row)
      continue;
    for (auto [result, init] :
         llvm::enumerate(writer.op.getDpsInitsMutable())) {
      if (!writer.stored[result])
        continue;
      for (RowMember &reader : members)
        for (OpOperand &operand : reader.op->getOpOperands()) {
          if (getBuffer(operand.get()) != getBuffer(init.get()) ||
              !isRead(reader.op, operand) ||
              reader.sources[operand.getOperandNumber()])
            continue;
          bool isInit = reader.reducesRow() && reader.op.isDpsInit(&operand);
          bool byFirst =
              (reader.over == Extent::Row || isInit) && !reader.shared;
          if (!byFirst)
            return false;
        }
    }
  }
  return true;
}

//===----------------------------------------------------------------------===//
// Order
//===----------------------------------------------------------------------===//

/// Whether `op`, which stays, and a member that moves behind it touch the same
/// memory.
static bool conflicts(Operation *op, linalg::GenericOp member,
                      const BufferFacts &facts) {
  if (isMemoryEffectFree(op) ||
      isa<CheckOp, ArenaOp, AllocResultOp, memref::AllocOp, memref::AllocaOp>(
          op))
    return false;
  auto effects = getEffectsRecursively(op);
  if (!effects)
    return true;
  for (MemoryEffects::EffectInstance &effect : *effects) {
    if (isa<MemoryEffects::Allocate>(effect.getEffect()))
      continue;
    Value value = effect.getValue();
    if (!value)
      return true;
    if (!isa<MemRefType>(value.getType()))
      continue;
    bool reads = isa<MemoryEffects::Read>(effect.getEffect());
    for (OpOperand &operand : member->getOpOperands())
      if (isa<MemRefType>(operand.get().getType()) &&
          (!reads || member.isDpsInit(&operand)) &&
          facts.mayOverlap(value, operand.get()))
        return true;
    bool isGathered = false;
    forEachGathered(member, [&](Value buffer) {
      isGathered |= !reads && facts.mayOverlap(value, buffer);
    });
    if (isGathered)
      return true;
  }
  return false;
}

/// Whether all members can move to the place of the last one.
bool RowGroup::canGather() {
  Operation *last = getLast();
  unsigned before = 0;
  for (Operation *op = members.front().op; op != last; op = op->getNextNode()) {
    if (contains(op)) {
      ++before;
      continue;
    }
    for (RowMember &member : MutableArrayRef(members).take_front(before))
      if (conflicts(op, member.op, *facts))
        return false;
  }
  return true;
}

void RowGroup::gather() {
  for (RowMember &member : members)
    if (member.op != getLast())
      member.op->moveBefore(getLast());
}

//===----------------------------------------------------------------------===//
// Groups
//===----------------------------------------------------------------------===//

bool RowGroup::contains(Operation *op) const {
  return llvm::any_of(members,
                      [&](const RowMember &member) { return member.op == op; });
}

unsigned RowGroup::getNumLevels() const {
  unsigned levels = 0;
  for (const RowMember &member : members)
    if (!member.late)
      levels = std::max(levels, member.level + 1);
  return levels;
}

const RowMember &RowGroup::getSeed() const {
  return *llvm::find_if(
      members, [&](const RowMember &member) { return member.op == seed; });
}

bool RowGroup::plan() {
  if (!connect())
    return false;
  decideStores();
  return canShareRows() && canGather();
}

std::optional<RowGroup> RowGroup::create(linalg::GenericOp seed,
                                         const BufferFacts &facts) {
  RowGroup group(facts);
  group.seed = seed;
  SmallVector<unsigned> rows, columns;
  for (auto [loop, type] : llvm::enumerate(seed.getIteratorTypesArray()))
    (type == utils::IteratorType::parallel ? rows : columns).push_back(loop);
  if (columns.empty())
    return std::nullopt;
  // The innermost loop of each kind is the one whose steps are the nearest.
  auto countContiguous = [&](unsigned loop) {
    return llvm::count_if(seed->getOpOperands(), [&](OpOperand &operand) {
      return getAccess(seed, operand, loop) == Access::Contiguous &&
             !seed.isDpsInit(&operand);
    });
  };
  auto byContiguous = [&](unsigned lhs, unsigned rhs) {
    return std::pair(countContiguous(lhs), lhs) <
           std::pair(countContiguous(rhs), rhs);
  };
  llvm::sort(rows, byContiguous);
  llvm::sort(columns, byContiguous);
  group.numRows = rows.size();
  group.numColumns = columns.size();
  if (rows.empty())
    group.layout = RowLayout::Grid;
  else if (countContiguous(rows.back()) > countContiguous(columns.back()))
    group.layout = RowLayout::Columns;

  RowMember member;
  member.op = seed;
  member.loops.resize(seed.getNumLoops());
  for (auto [position, loop] : llvm::enumerate(rows))
    member.loops[loop] = position;
  for (auto [position, loop] : llvm::enumerate(columns))
    member.loops[loop] = rows.size() + position;
  if (!group.classify(member))
    return std::nullopt;
  group.members.push_back(member);
  if (!group.plan())
    return std::nullopt;
  return group;
}

bool RowGroup::add(linalg::GenericOp op) {
  if (members.size() == kMostMembers || contains(op) ||
      op->getBlock() != seed->getBlock())
    return false;
  RowMember member;
  member.op = op;
  if (!matchLoops(member) || !classify(member))
    return false;
  // One row has no values by row: a reduction of it is one of everything, which
  // is complete when the kernel ends.
  SmallVector<RowMember, 0> before = members;
  auto *place = llvm::find_if(members, [&](const RowMember &other) {
    return op->isBeforeInBlock(other.op);
  });
  members.insert(place, member);
  if (plan())
    return true;
  members = before;
  return false;
}
