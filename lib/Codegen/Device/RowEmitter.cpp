//===- RowEmitter.cpp - The kernel of a group -----------------------------===//
//
// A thread has the same elements of a row in all that is computed of it. Short
// rows are kept in registers; longer ones are walked once for each reduction
// that must be complete before the next, and what is needed again is computed
// again. The elements of a thread, and the trees that combine threads, follow
// from sizes alone (T9).
//
//===----------------------------------------------------------------------===//

#include "RowEmitter.h"

#include "../VectorPlan.h"
#include "mlir/Dialect/Affine/IR/AffineOps.h"
#include "mlir/Dialect/SCF/IR/SCF.h"

using namespace mlir;
using namespace mlir::sym;

/// Rows up to this length are a warp's, longer ones and those whose length is
/// not known a block's.
static constexpr int64_t kWarpRow = 512;
/// Elements of a row that a thread may keep of each operand, and of all.
static constexpr int64_t kKept = 16;
static constexpr int64_t kKeptOfAll = 96;
/// Rows that are neighbours in memory and a block computes at a time: a sector
/// of 32 bytes of f32.
static constexpr int64_t kNeighbourRows = 8;

//===----------------------------------------------------------------------===//
// The plan
//===----------------------------------------------------------------------===//

/// Whether a thread without elements may compute along with the others.
static bool isHarmless(const RowGroup &group) {
  for (const RowMember &member : group.getMembers())
    for (Operation &nested : member.op.getBody()->without_terminator())
      if (!member.late && !isPure(&nested) && !isa<linalg::IndexOp>(nested))
        return false;
  return true;
}

/// Decides who computes a row; needs the bodies.
void RowEmitter::planThreads() {
  unsigned widest = 0, kept = 0;
  for (auto [i, member] : llvm::enumerate(group.getMembers())) {
    if (member.late || member.over != Extent::Element)
      continue;
    widest = std::max(widest, bodies[i]->getWidestElement());
    kept += !member.reduces() * member.op.getNumDpsInits();
    for (OpOperand &operand : member.op->getOpOperands())
      kept += isa<MemRefType>(operand.get().getType()) &&
              !group.isRowInvariant(member, operand) &&
              !member.op.isDpsInit(&operand) &&
              !member.sources[operand.getOperandNumber()];
  }
  threads = kBlockSize;
  numChunks = 0;
  width = widest && group.getLayout() != RowLayout::Columns
              ? std::min<int64_t>(kAccessBytes / widest, 8)
              : 1;
  if (group.getLayout() == RowLayout::Columns) {
    threads = kBlockSize / kNeighbourRows;
  } else if (group.getLayout() == RowLayout::Rows) {
    int64_t length = 1;
    for (OpFoldResult size :
         ArrayRef(hostSizes).drop_front(group.getNumRowLoops())) {
      std::optional<int64_t> known = getConstantIntValue(size);
      length = known && length >= 0 && length <= kKept * kBlockSize
                   ? length * *known
                   : -1;
    }
    if (length > 0 && length <= kWarpRow)
      threads = kWarpSize;
    std::optional<int64_t> inner = getConstantIntValue(hostSizes.back());
    int64_t vector = inner && *inner % width == 0 ? width : 1;
    if (length > 0 && isHarmless(group) &&
        (length <= kWarpRow || length <= kKept * kBlockSize)) {
      int64_t count = length / vector;
      int64_t mine = threads == kWarpSize
                         ? std::min<int64_t>(llvm::PowerOf2Ceil(count), threads)
                         : threads;
      int64_t each = llvm::divideCeil(count, mine);
      if (each * vector <= kKept && each * vector * kept <= kKeptOfAll) {
        threads = mine;
        width = vector;
        numChunks = each;
      }
    }
  }
  for (auto &body : bodies)
    if (body)
      body->setVectorWidth(width);
}

void RowEmitter::begin(KernelBuilder &newKernel, bool late) {
  kernel = &newKernel;
  bodies.clear();
  sizes.clear();
  rowValues.clear();
  rowLoads.clear();
  chunks.clear();
  for (const RowMember &member : group.getMembers()) {
    // Sums over all rows end in the late part, everything else before it.
    bool plainScalar = member.over == Extent::Scalar && !member.late;
    if (late ? !(member.late || member.reducesAll() || plainScalar)
             : member.late) {
      bodies.push_back(nullptr);
      continue;
    }
    const auto *at = llvm::find(member.loops, group.getNumLoops() - 1);
    unsigned innermost =
        at == member.loops.end() ? ~0u : at - member.loops.begin();
    bodies.push_back(std::make_unique<BodyEmitter>(
        newKernel, member.op, innermost, [&](OpOperand &operand) {
          bool isSum =
              member.reducesAll() && isa<MemRefType>(operand.get().getType());
          if (isSum && member.op.isDpsInit(&operand) != late)
            return false;
          return group.isAccessed(member, operand);
        }));
  }
  for (OpFoldResult size : hostSizes)
    sizes.push_back(newKernel.capture(size));
}

/// Ends a region that passes `values` on; one without any has its end.
static void emitYield(ImplicitLocOpBuilder &b, ValueRange values) {
  if (!values.empty())
    scf::YieldOp::create(b, values);
}

//===----------------------------------------------------------------------===//
// Values of a row
//===----------------------------------------------------------------------===//

RowEmitter::Values RowEmitter::getIndices(unsigned member,
                                          ArrayRef<Value> ivs) {
  Values indices;
  for (unsigned loop : group.getMembers()[member].loops)
    indices.push_back(ivs[loop]);
  return indices;
}

/// Reads `lanes` neighbours, or zeros where they do not exist.
RowEmitter::Values RowEmitter::emitAccess(unsigned member, OpOperand &operand,
                                          ArrayRef<Value> ivs, int64_t lanes,
                                          Value exists) {
  ImplicitLocOpBuilder &b = kernel->b;
  BodyEmitter &body = *bodies[member];
  Values indices = getIndices(member, ivs);
  Type element = getElementTypeOrSelf(operand.get().getType());
  if (!isa<MemRefType>(operand.get().getType()))
    return body.load(operand, indices, lanes, false);
  SmallVector<Type> types(lanes, element);
  auto emitChoice = [&](Value condition, auto emitThen, auto emitElse) {
    auto choice = scf::IfOp::create(b, types, condition, true);
    OpBuilder::InsertionGuard guard(b);
    b.setInsertionPointToStart(choice.thenBlock());
    scf::YieldOp::create(b, emitThen());
    b.setInsertionPointToStart(choice.elseBlock());
    scf::YieldOp::create(b, emitElse());
    return Values(choice.getResults());
  };
  auto emitLoad = [&](bool wide) {
    return body.load(operand, indices, lanes, wide);
  };
  auto emitAny = [&]() -> Values {
    if (lanes == 1 || !aligned || !body.isWide(operand))
      return emitLoad(false);
    return emitChoice(
        aligned, [&] { return emitLoad(true); },
        [&] { return emitLoad(false); });
  };
  if (!exists)
    return emitAny();
  return emitChoice(exists, emitAny, [&] {
    return Values(lanes, arith::ConstantOp::create(b, b.getZeroAttr(element)));
  });
}

Value RowEmitter::getRowLoad(const RowMember &member, OpOperand &operand) {
  AffineMap map = group.getMap(member, operand);
  Value &loaded = rowLoads[{operand.get(), map}];
  if (!loaded) {
    Values ivs = rowIvs;
    ivs.resize(group.getNumLoops(), kernel->index(0));
    Value value = emitAccess(&member - group.getMembers().begin(), operand, ivs,
                             1, rowExists)
                      .front();
    loaded = value;
    return value;
  }
  return loaded;
}

/// An argument that is the same for all elements of the row.
Value RowEmitter::getFirstArgument(unsigned number, OpOperand &operand) {
  const RowMember &member = group.getMembers()[number];
  if (auto source = member.sources[operand.getOperandNumber()])
    return getRowValue(*source);
  return getRowLoad(member, operand);
}

Value RowEmitter::getRowValue(Definition definition) {
  auto key = std::pair(definition.member, definition.result);
  auto known = rowValues.find(key);
  if (known != rowValues.end())
    return known->second;
  const RowMember &member = group.getMembers()[definition.member];
  linalg::GenericOp op = member.op;
  if (member.reduces()) {
    // The threads' part is complete; what was there before comes first.
    OpOperand &init = op.getDpsInitsMutable()[definition.result];
    Value value =
        combine(*kernel, member.combiners[definition.result],
                getFirstArgument(definition.member, init), totals.lookup(key));
    rowValues[key] = value;
    return value;
  }
  Values arguments;
  for (OpOperand &operand : op->getOpOperands())
    arguments.push_back(op.getMatchingBlockArgument(&operand).use_empty()
                            ? Value()
                            : getFirstArgument(definition.member, operand));
  Values ivs = rowIvs;
  ivs.resize(group.getNumLoops());
  IRMapping mapping = bodies[definition.member]->emit(
      getIndices(definition.member, ivs), arguments);
  for (auto [result, value] :
       llvm::enumerate(op.getBody()->getTerminator()->getOperands()))
    rowValues[{definition.member, static_cast<unsigned>(result)}] =
        mapping.lookupOrDefault(value);
  return rowValues.lookup(key);
}

//===----------------------------------------------------------------------===//
// Elements
//===----------------------------------------------------------------------===//

RowEmitter::Chunk RowEmitter::makeChunk(Value column, int64_t lanes,
                                        Value exists) {
  Chunk chunk;
  chunk.ivs = rowIvs;
  unsigned numRows = group.getNumRowLoops();
  llvm::append_range(chunk.ivs,
                     delinearize(kernel->b, column,
                                 ArrayRef<Value>(sizes).drop_front(numRows)));
  chunk.lanes = lanes;
  chunk.exists = exists;
  return chunk;
}

/// Whether a stored element is read back: it was computed at another time, by
/// the same thread.
bool RowEmitter::isReloaded(Definition definition) const {
  const RowMember &member = group.getMembers()[definition.member];
  return numChunks == 0 && member.stored[definition.result] &&
         member.level < currentLevel;
}

RowEmitter::Values RowEmitter::getLoads(unsigned number, OpOperand &operand,
                                        Chunk &chunk) {
  const RowMember &member = group.getMembers()[number];
  std::pair<Value, AffineMap> key(operand.get(), group.getMap(member, operand));
  auto known = chunk.loads.find(key);
  if (known != chunk.loads.end())
    return known->second;
  Values values =
      emitAccess(number, operand, chunk.ivs, chunk.lanes, chunk.exists);
  chunk.loads[key] = values;
  return values;
}

SmallVector<RowEmitter::Values> RowEmitter::getArguments(unsigned number,
                                                         Chunk &chunk) {
  const RowMember &member = group.getMembers()[number];
  linalg::GenericOp op = member.op;
  SmallVector<Values> lanes(chunk.lanes);
  for (OpOperand &operand : op->getOpOperands()) {
    Values values(chunk.lanes);
    auto source = member.sources[operand.getOperandNumber()];
    bool isAccumulated = member.reduces() && op.isDpsInit(&operand);
    if (!isAccumulated && !op.getMatchingBlockArgument(&operand).use_empty()) {
      if (source && group.getMembers()[source->member].of == Extent::Element)
        values = getElements(*source, chunk);
      else if (group.isRowInvariant(member, operand))
        values.assign(chunk.lanes, getFirstArgument(number, operand));
      else
        values = getLoads(number, operand, chunk);
    }
    for (auto [lane, value] : llvm::zip_equal(lanes, values))
      lane.push_back(value);
  }
  return lanes;
}

RowEmitter::Values RowEmitter::getElements(Definition definition,
                                           Chunk &chunk) {
  auto known = chunk.results.find({definition.member, definition.result});
  if (known != chunk.results.end())
    return known->second;
  const RowMember &member = group.getMembers()[definition.member];
  linalg::GenericOp op = member.op;
  if (isReloaded(definition))
    return getLoads(definition.member,
                    op.getDpsInitsMutable()[definition.result], chunk);
  SmallVector<Values> arguments = getArguments(definition.member, chunk);
  Values indices = getIndices(definition.member, chunk.ivs);
  BodyEmitter &body = *bodies[definition.member];
  SmallVector<Values> results(op.getNumDpsInits());
  for (auto [lane, values] : llvm::enumerate(arguments)) {
    IRMapping mapping =
        body.emit(lane == 0 ? indices : body.getLane(indices, lane), values);
    for (auto [result, value] :
         llvm::zip_equal(results, op.getBody()->getTerminator()->getOperands()))
      result.push_back(mapping.lookupOrDefault(value));
  }
  for (auto [result, values] : llvm::enumerate(results))
    chunk.results[{definition.member, static_cast<unsigned>(result)}] = values;
  return results[definition.result];
}

void RowEmitter::emitStore(unsigned member, OpOperand &init, Chunk &chunk,
                           ArrayRef<Value> values) {
  ImplicitLocOpBuilder &b = kernel->b;
  BodyEmitter &body = *bodies[member];
  OpBuilder::InsertionGuard guard(b);
  if (chunk.exists) {
    auto branch = scf::IfOp::create(b, chunk.exists, /*withElseRegion=*/false);
    b.setInsertionPointToStart(branch.thenBlock());
  }
  Values indices = getIndices(member, chunk.ivs);
  if (values.size() == 1 || !aligned || !body.isWide(init)) {
    body.store(init, indices, values, false);
    return;
  }
  auto choice = scf::IfOp::create(b, aligned, /*withElseRegion=*/true);
  b.setInsertionPointToStart(choice.thenBlock());
  body.store(init, indices, values, true);
  b.setInsertionPointToStart(choice.elseBlock());
  body.store(init, indices, values, false);
}

//===----------------------------------------------------------------------===//
// Levels
//===----------------------------------------------------------------------===//

/// Emits what `member` needs at `level` before any chunk, or, given a chunk,
/// what it loads of it.
void RowEmitter::visitInputs(unsigned number, unsigned level, Chunk *chunk,
                             DenseSet<unsigned> &visited) {
  if (!visited.insert(number).second)
    return;
  const RowMember &member = group.getMembers()[number];
  linalg::GenericOp op = member.op;
  for (OpOperand &operand : op->getOpOperands()) {
    bool isAccumulated = member.reduces() && op.isDpsInit(&operand);
    if (isAccumulated || op.getMatchingBlockArgument(&operand).use_empty())
      continue;
    auto source = member.sources[operand.getOperandNumber()];
    if (source && group.getMembers()[source->member].of == Extent::Element) {
      if (chunk && chunk->results.count({source->member, source->result}))
        continue;
      if (!isReloaded(*source))
        visitInputs(source->member, level, chunk, visited);
    } else if (group.isRowInvariant(member, operand)) {
      if (!chunk)
        getFirstArgument(number, operand);
    } else if (chunk) {
      getLoads(number, operand, *chunk);
    }
  }
}

/// The value that one iteration of a reduction adds.
Value RowEmitter::emitContribution(unsigned number, unsigned result,
                                   ArrayRef<Value> indices,
                                   ArrayRef<Value> arguments) {
  const RowMember &member = group.getMembers()[number];
  linalg::GenericOp op = member.op;
  IRMapping mapping =
      bodies[number]->emit(indices, arguments, member.combiners);
  Operation *combiner = member.combiners[result];
  bool first = combiner->getOperand(0) == op.getRegionOutputArgs()[result];
  return mapping.lookupOrDefault(combiner->getOperand(first ? 1 : 0));
}

void RowEmitter::emitChunk(unsigned level, Chunk &chunk,
                           MutableArrayRef<Accumulator> accumulators) {
  ImplicitLocOpBuilder &b = kernel->b;
  for (auto [i, member] : llvm::enumerate(group.getMembers())) {
    if (member.over != Extent::Element || member.level != level)
      continue;
    if (!member.reduces()) {
      for (auto [result, stored] : llvm::enumerate(member.stored))
        if (stored)
          emitStore(i, member.op.getDpsInitsMutable()[result], chunk,
                    getElements({static_cast<unsigned>(i),
                                 static_cast<unsigned>(result)},
                                chunk));
      continue;
    }
    SmallVector<Values> arguments = getArguments(i, chunk);
    Values indices = getIndices(i, chunk.ivs);
    for (auto [lane, values] : llvm::enumerate(arguments))
      for (Accumulator &accumulator : accumulators) {
        if (accumulator.member != i)
          continue;
        Value value = emitContribution(
            i, accumulator.result,
            lane == 0 ? indices : bodies[i]->getLane(indices, lane), values);
        Value next =
            combine(*kernel, accumulator.combiner, accumulator.value, value);
        if (chunk.exists)
          next =
              arith::SelectOp::create(b, chunk.exists, next, accumulator.value);
        accumulator.value = next;
      }
  }
}

/// Walks the chunks numbered `from`, `from + step`, … below `to`.
void RowEmitter::emitLoop(unsigned level, Value from, Value to, int64_t lanes) {
  ImplicitLocOpBuilder &b = kernel->b;
  Values start;
  for (Accumulator &accumulator : all)
    start.push_back(accumulator.value);
  auto loop = scf::ForOp::create(b, from, to, step, start);
  {
    OpBuilder::InsertionGuard guard(b);
    b.setInsertionPointToStart(loop.getBody());
    for (auto [accumulator, value] :
         llvm::zip_equal(all, loop.getRegionIterArgs()))
      accumulator.value = value;
    Value column = lanes == 1 ? loop.getInductionVar()
                              : arith::MulIOp::create(b, loop.getInductionVar(),
                                                      kernel->index(lanes))
                                    .getResult();
    Chunk chunk = makeChunk(column, lanes, Value());
    DenseSet<unsigned> visited;
    for (auto [i, member] : llvm::enumerate(group.getMembers()))
      if (member.over == Extent::Element && member.level == level &&
          (member.reduces() || llvm::is_contained(member.stored, true)))
        visitInputs(i, level, &chunk, visited);
    emitChunk(level, chunk, all);
    Values next;
    for (Accumulator &accumulator : all)
      next.push_back(accumulator.value);
    emitYield(b, next);
  }
  for (auto [accumulator, value] : llvm::zip_equal(all, loop.getResults()))
    accumulator.value = value;
}

/// Combines the threads of a row.
void RowEmitter::reduceRow(MutableArrayRef<Accumulator> accumulators) {
  ImplicitLocOpBuilder &b = kernel->b;
  SmallVector<Operation *> combiners;
  Values values;
  for (Accumulator &accumulator : accumulators) {
    combiners.push_back(accumulator.combiner);
    values.push_back(accumulator.value);
  }
  if (group.getLayout() == RowLayout::Columns) {
    // Four threads of a warp share a row, and so do the warps.
    values =
        reduceWarp(*kernel, combiners, values, kWarpSize / 2, kNeighbourRows);
    constexpr int64_t warps = kBlockSize / kWarpSize;
    Values buffers =
        addCombinerBuffers(*kernel, combiners, warps * kNeighbourRows);
    Value thread = kernel->threadId();
    Value x = arith::RemUIOp::create(b, thread, kernel->index(kNeighbourRows));
    Value warp = arith::DivUIOp::create(b, thread, kernel->index(kWarpSize));
    Value place = arith::AddIOp::create(
        b, arith::MulIOp::create(b, warp, kernel->index(kNeighbourRows)), x);
    {
      OpBuilder::InsertionGuard guard(b);
      Value row = arith::DivUIOp::create(
          b, arith::RemUIOp::create(b, thread, kernel->index(kWarpSize)),
          kernel->index(kNeighbourRows));
      onlyIfZero(*kernel, row);
      for (auto [value, buffer] : llvm::zip_equal(values, buffers))
        memref::StoreOp::create(b, value, buffer, place);
    }
    gpu::BarrierOp::create(b);
    for (auto [i, value] : llvm::enumerate(values)) {
      Values parts;
      for (int64_t other = 0; other != warps; ++other)
        parts.push_back(memref::LoadOp::create(
            b, buffers[i],
            ValueRange{arith::AddIOp::create(
                b, x, kernel->index(other * kNeighbourRows))}));
      value = combineTree(*kernel, combiners[i], parts);
    }
    gpu::BarrierOp::create(b);
  } else if (threads == kBlockSize) {
    values = reduceBlock(*kernel, combiners, values,
                         addCombinerBuffers(*kernel, combiners));
  } else {
    values = reduceWarp(*kernel, combiners, values, threads / 2);
  }
  for (auto [accumulator, value] : llvm::zip_equal(accumulators, values))
    totals[{accumulator.member, accumulator.result}] = value;
}

void RowEmitter::emitLevel(unsigned level) {
  ImplicitLocOpBuilder &b = kernel->b;
  currentLevel = level;
  bool isEmpty = true;
  DenseSet<unsigned> visited;
  size_t numAll = all.size();
  for (auto [i, member] : llvm::enumerate(group.getMembers())) {
    if (member.late || member.level != level)
      continue;
    if (member.over == Extent::Row) {
      if (member.shared)
        for (unsigned result = 0; result != member.stored.size(); ++result)
          getRowValue({static_cast<unsigned>(i), result});
      continue;
    }
    if (member.over != Extent::Element ||
        (!member.reduces() && !llvm::is_contained(member.stored, true)))
      continue;
    isEmpty = false;
    visitInputs(i, level, nullptr, visited);
    if (!member.reducesRow())
      continue;
    Values neutral = getNeutralElements(*kernel, member.combiners);
    for (auto [result, value] : llvm::enumerate(neutral))
      all.push_back({static_cast<unsigned>(i), static_cast<unsigned>(result),
                     member.combiners[result], value});
  }
  if (isEmpty)
    return;
  if (numChunks) {
    for (Chunk &chunk : chunks) {
      DenseSet<unsigned> loaded;
      for (auto [i, member] : llvm::enumerate(group.getMembers()))
        if (member.over == Extent::Element && member.level == level &&
            (member.reduces() || llvm::is_contained(member.stored, true)))
          visitInputs(i, level, &chunk, loaded);
    }
    for (Chunk &chunk : chunks)
      emitChunk(level, chunk, all);
  } else {
    Value end = columns;
    if (rowExists)
      end = arith::SelectOp::create(b, rowExists, columns, kernel->index(0));
    Value from = within;
    if (width > 1) {
      // Vectors cross no end of the innermost loop.
      Value vectors = arith::DivUIOp::create(b, end, kernel->index(width));
      if (group.getNumLoops() - group.getNumRowLoops() > 1)
        vectors = arith::SelectOp::create(
            b,
            arith::CmpIOp::create(
                b, arith::CmpIPredicate::eq,
                arith::RemUIOp::create(b, sizes.back(), kernel->index(width)),
                kernel->index(0)),
            vectors, kernel->index(0));
      emitLoop(level, within, vectors, width);
      from = arith::AddIOp::create(
          b, arith::MulIOp::create(b, vectors, kernel->index(width)), within);
    }
    emitLoop(level, from, end, 1);
  }
  if (all.size() > numAll) {
    reduceRow(MutableArrayRef(all).drop_front(numAll));
    all.truncate(numAll);
  }
  for (auto [i, member] : llvm::enumerate(group.getMembers()))
    if (member.reducesRow() && member.level == level && member.shared)
      for (unsigned result = 0; result != member.stored.size(); ++result)
        getRowValue({static_cast<unsigned>(i), result});
}

/// What the first thread of a row alone does, when the row is done.
void RowEmitter::emitFirst() {
  ImplicitLocOpBuilder &b = kernel->b;
  SmallVector<unsigned> mine;
  for (auto [i, member] : llvm::enumerate(group.getMembers()))
    if (!member.late && ((member.of == Extent::Row &&
                          llvm::is_contained(member.stored, true)) ||
                         (member.over == Extent::Row && member.reducesAll())))
      mine.push_back(i);
  if (mine.empty())
    return;
  Value isFirst = arith::CmpIOp::create(b, arith::CmpIPredicate::eq, within,
                                        kernel->index(0));
  if (rowExists)
    isFirst = arith::AndIOp::create(b, isFirst, rowExists);
  Values before;
  for (Accumulator &accumulator : all)
    before.push_back(accumulator.value);
  auto branch = scf::IfOp::create(b, TypeRange(ValueRange(before)), isFirst,
                                  /*withElseRegion=*/true);
  {
    OpBuilder::InsertionGuard guard(b);
    b.setInsertionPointToStart(branch.elseBlock());
    emitYield(b, before);
    b.setInsertionPointToStart(branch.thenBlock());
    // This row exists.
    Value condition = std::exchange(rowExists, Value());
    Values ivs = rowIvs;
    ivs.resize(group.getNumLoops());
    for (unsigned i : mine) {
      const RowMember &member = group.getMembers()[i];
      linalg::GenericOp op = member.op;
      Values indices = getIndices(i, ivs);
      if (!member.reducesAll()) {
        for (auto [result, stored] : llvm::enumerate(member.stored))
          if (stored)
            bodies[i]->store(op.getDpsInitsMutable()[result], indices,
                             getRowValue({i, static_cast<unsigned>(result)}),
                             false);
        continue;
      }
      Values arguments;
      for (OpOperand &operand : op->getOpOperands())
        arguments.push_back(
            op.isDpsInit(&operand) ||
                    op.getMatchingBlockArgument(&operand).use_empty()
                ? Value()
                : getFirstArgument(i, operand));
      for (Accumulator &accumulator : all)
        if (accumulator.member == i)
          accumulator.value = combine(
              *kernel, accumulator.combiner, accumulator.value,
              emitContribution(i, accumulator.result, indices, arguments));
    }
    Values after;
    for (Accumulator &accumulator : all)
      after.push_back(accumulator.value);
    emitYield(b, after);
    rowExists = condition;
  }
  for (auto [accumulator, value] : llvm::zip_equal(all, branch.getResults()))
    accumulator.value = value;
}

void RowEmitter::emitRow() {
  ImplicitLocOpBuilder &b = kernel->b;
  rowValues.clear();
  rowLoads.clear();
  totals.clear();
  chunks.clear();
  for (int64_t i = 0; i != numChunks; ++i) {
    Value number = arith::AddIOp::create(b, within, kernel->index(i * threads));
    Value exists = rowExists;
    std::optional<int64_t> length = getConstantIntValue(
        getProduct(kernel->host, b.getLoc(),
                   ArrayRef(hostSizes).drop_front(group.getNumRowLoops())));
    if ((i + 1) * threads * width > *length) {
      Value inside = arith::CmpIOp::create(b, arith::CmpIPredicate::ult, number,
                                           kernel->index(*length / width));
      exists = exists ? arith::AndIOp::create(b, exists, inside).getResult()
                      : inside;
    }
    chunks.push_back(makeChunk(
        arith::MulIOp::create(b, number, kernel->index(width)), width, exists));
  }
  for (unsigned level = 0, e = group.getNumLevels(); level != e; ++level)
    emitLevel(level);
  emitFirst();
}

//===----------------------------------------------------------------------===//
// Kernels
//===----------------------------------------------------------------------===//

/// The main kernel: rows, and a value of each block for each of `all`.
void RowEmitter::emitRows(OpFoldResult blocks, ArrayRef<Value> partials) {
  ImplicitLocOpBuilder &b = kernel->b;
  unsigned numRows = group.getNumRowLoops();
  auto getSize = [&](ArrayRef<Value> factors) {
    Value size = kernel->index(1);
    for (Value factor : factors)
      size = arith::MulIOp::create(b, size, factor);
    return size;
  };
  rows = getSize(ArrayRef<Value>(sizes).take_front(numRows));
  columns = getSize(ArrayRef<Value>(sizes).drop_front(numRows));
  if (width > 1) {
    for (auto [i, member] : llvm::enumerate(group.getMembers())) {
      if (!bodies[i] || member.over != Extent::Element)
        continue;
      Value mine =
          bodies[i]->emitIsAligned(getIndices(i, ArrayRef<Value>(sizes)));
      aligned =
          aligned ? arith::AndIOp::create(b, aligned, mine).getResult() : mine;
    }
  }
  SmallVector<Operation *> combiners;
  for (auto [i, member] : llvm::enumerate(group.getMembers())) {
    if (!member.reducesAll())
      continue;
    Values neutral = getNeutralElements(*kernel, member.combiners);
    for (auto [result, value] : llvm::enumerate(neutral)) {
      all.push_back({static_cast<unsigned>(i), static_cast<unsigned>(result),
                     member.combiners[result], value});
      combiners.push_back(member.combiners[result]);
    }
  }
  Value thread = kernel->threadId(), block = kernel->blockId();
  Value grid = kernel->gridDim();
  if (group.getLayout() == RowLayout::Grid) {
    within = arith::AddIOp::create(
        b, arith::MulIOp::create(b, block, kernel->index(kBlockSize)), thread);
    step = arith::MulIOp::create(b, grid, kernel->index(kBlockSize));
    emitRow();
  } else {
    int64_t perBlock = kBlockSize / threads;
    // Threads of a row are neighbours, or rows are.
    Value mine;
    if (group.getLayout() == RowLayout::Columns) {
      mine = arith::RemUIOp::create(b, thread, kernel->index(perBlock));
      within = arith::DivUIOp::create(b, thread, kernel->index(perBlock));
    } else {
      mine = arith::DivUIOp::create(b, thread, kernel->index(threads));
      within = arith::RemUIOp::create(b, thread, kernel->index(threads));
    }
    step = kernel->index(threads);
    // Those who meet, at barriers or in shuffles, do as many rows.
    bool together =
        group.getLayout() == RowLayout::Columns || threads < kWarpSize;
    Value first = arith::MulIOp::create(b, block, kernel->index(perBlock));
    if (!together)
      first = arith::AddIOp::create(b, first, mine);
    Values start;
    for (Accumulator &accumulator : all)
      start.push_back(accumulator.value);
    auto loop = scf::ForOp::create(
        b, first, rows, arith::MulIOp::create(b, grid, kernel->index(perBlock)),
        start);
    {
      OpBuilder::InsertionGuard guard(b);
      b.setInsertionPointToStart(loop.getBody());
      for (auto [accumulator, value] :
           llvm::zip_equal(all, loop.getRegionIterArgs()))
        accumulator.value = value;
      Value row = loop.getInductionVar();
      rowExists = Value();
      if (together) {
        row = arith::AddIOp::create(b, row, mine);
        rowExists =
            arith::CmpIOp::create(b, arith::CmpIPredicate::ult, row, rows);
      }
      rowIvs = delinearize(b, row, ArrayRef<Value>(sizes).take_front(numRows));
      emitRow();
      Values next;
      for (Accumulator &accumulator : all)
        next.push_back(accumulator.value);
      emitYield(b, next);
    }
    for (auto [accumulator, value] : llvm::zip_equal(all, loop.getResults()))
      accumulator.value = value;
  }
  if (all.empty())
    return;
  Values values;
  for (Accumulator &accumulator : all)
    values.push_back(accumulator.value);
  values = reduceBlock(*kernel, combiners, values,
                       addCombinerBuffers(*kernel, combiners));
  Values inside;
  for (Value partial : partials)
    inside.push_back(kernel->capture(partial));
  OpBuilder::InsertionGuard guard(b);
  onlyIfZero(*kernel, thread);
  for (auto [value, partial] : llvm::zip_equal(values, inside))
    memref::StoreOp::create(b, value, partial, block);
}

/// The second kernel: what follows from sums over all rows.
void RowEmitter::emitLate(OpFoldResult blocks, ArrayRef<Value> partials) {
  SmallVector<Operation *> combiners;
  for (Accumulator &accumulator : all)
    combiners.push_back(accumulator.combiner);
  Values values = reducePartials(*kernel, combiners, partials, blocks);
  rowIvs.clear();
  rowExists = Value();
  for (auto [accumulator, value] : llvm::zip_equal(all, values))
    totals[{accumulator.member, accumulator.result}] = value;
  OpBuilder::InsertionGuard guard(kernel->b);
  onlyIfZero(*kernel, kernel->threadId());
  for (auto [i, member] : llvm::enumerate(group.getMembers())) {
    if (!member.late && !member.reducesAll())
      continue;
    for (auto [result, stored] : llvm::enumerate(member.stored)) {
      Value value = getRowValue(
          {static_cast<unsigned>(i), static_cast<unsigned>(result)});
      if (stored)
        bodies[i]->store(member.op.getDpsInitsMutable()[result], {}, value,
                         false);
    }
  }
}

unsigned RowEmitter::emit() {
  Operation *last = group.getLast();
  SmallVector<Operation *> combiners;
  for (const RowMember &member : group.getMembers())
    if (member.reducesAll())
      llvm::append_range(combiners, member.combiners);

  OpBuilder host(last);
  const RowMember &seed = group.getSeed();
  hostSizes.resize(group.getNumLoops());
  for (auto [loop, size] :
       llvm::zip_equal(seed.loops, getLoopSizes(host, seed.op)))
    hostSizes[loop] = size;
  Values partials = addPartials(last, combiners);
  OpFoldResult blocks;
  {
    KernelBuilder main(last);
    begin(main, /*late=*/false);
    planThreads();
    SmallVector<OpFoldResult> hostRows(
        ArrayRef(hostSizes).take_front(group.getNumRowLoops()));
    int64_t most =
        combiners.empty() ? mostBlocks : std::min(mostBlocks, kMostPartials);
    blocks = group.getLayout() == RowLayout::Grid
                 ? getGridSize(main.host, last->getLoc(),
                               getProduct(main.host, last->getLoc(), hostSizes),
                               kPartialWork, most)
                 : getGridSize(main.host, last->getLoc(),
                               getProduct(main.host, last->getLoc(), hostRows),
                               kBlockSize / threads, most);
    emitRows(blocks, partials);
    main.launch(blocks, kBlockSize);
  }
  if (combiners.empty())
    return 1;
  KernelBuilder late(last);
  begin(late, /*late=*/true);
  aligned = Value();
  emitLate(blocks, partials);
  late.launch(host.getIndexAttr(1), kBlockSize);
  return 2;
}
