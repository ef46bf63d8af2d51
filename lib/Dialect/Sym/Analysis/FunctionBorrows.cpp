//===- FunctionBorrows.cpp - The borrows of one host program ----------===//
//
// The graph and the fixed point; BorrowTransfer.cpp has what operations do.
//
//===----------------------------------------------------------------------===//

#include "FunctionBorrows.h"

using namespace mlir;
using namespace mlir::sym;

bool mlir::sym::canCarryBorrow(Type type) {
  // A vector is in registers, and a token only orders.
  return !type.isIntOrIndexOrFloat() &&
         !isa<ComplexType, VectorType, NoneType>(type);
}

FunctionBorrows::FunctionBorrows(BorrowAnalysis &module, func::FuncOp function)
    : module(module), function(function) {
  summary.arguments.resize(function.getNumArguments());
  summary.results.resize(function.getNumResults());
  number();
  joinSites();
}

//===----------------------------------------------------------------------===//
// Numbering
//===----------------------------------------------------------------------===//

void FunctionBorrows::number() { number(function.getBody()); }

void FunctionBorrows::number(Region &region) {
  for (Block &block : region) {
    starts[&block] = points.size();
    points.push_back(&block);
    for (Operation &op : block) {
      orders[&op] = points.size();
      points.push_back(&op);
      if (!isSequential(&op))
        continue;
      for (Region &inner : op.getRegions())
        number(inner);
      afters[&op] = points.size();
      points.push_back(&op);
    }
  }
}

//===----------------------------------------------------------------------===//
// Sites
//===----------------------------------------------------------------------===//

Value FunctionBorrows::siteOf(Value value) {
  auto entry = sites.find(value);
  if (entry == sites.end())
    return value;
  // Halves the path, as union-find does.
  while (entry->second != entry->first) {
    auto next = sites.find(entry->second);
    entry->second = next->second;
    entry = next;
  }
  return entry->first;
}

/// Borrows that meet in a block argument or a region result are one token, so
/// that a release behind the meeting ends whichever it was.
void FunctionBorrows::joinSites() {
  auto joinAll = [&](ValueRange from, ValueRange to) {
    for (auto [source, target] : llvm::zip(from, to)) {
      if (!isa<BorrowType>(source.getType()) || !source || !target)
        continue;
      sites.try_emplace(source, source);
      sites.try_emplace(target, target);
      Value first = siteOf(source), second = siteOf(target);
      sites[second] = first;
    }
  };
  for (Point point : points) {
    auto *op = dyn_cast<Operation *>(point);
    if (!op)
      continue;
    if (auto branch = dyn_cast<BranchOpInterface>(op)) {
      for (unsigned index = 0, end = op->getNumSuccessors(); index != end;
           ++index) {
        SuccessorOperands operands = branch.getSuccessorOperands(index);
        joinAll(operands.getForwardedOperands(),
                op->getSuccessor(index)->getArguments().drop_front(
                    operands.getProducedOperandCount()));
      }
    }
    if (!isSequential(op))
      continue;
    auto branch = cast<RegionBranchOpInterface>(op);
    for (RegionBranchPoint from : branch.getAllRegionBranchPoints()) {
      SmallVector<RegionSuccessor> successors;
      branch.getSuccessorRegions(from, successors);
      for (RegionSuccessor successor : successors)
        joinAll(branch.getSuccessorOperands(from, successor),
                successor.getSuccessorInputs());
    }
  }
}

unsigned FunctionBorrows::tokenOf(Value site, BorrowKind kind, bool isEarlier) {
  Value representative = siteOf(site);
  auto [entry, isNew] = tokenIndices.try_emplace(
      {representative.getAsOpaquePointer(), kind, isEarlier}, tokens.size());
  if (isNew)
    tokens.push_back({representative, kind, isEarlier});
  return entry->second;
}

//===----------------------------------------------------------------------===//
// The fixed point
//===----------------------------------------------------------------------===//

const BorrowSummary &FunctionBorrows::run() {
  BorrowState entry;
  enter(entry);
  unsigned start = starts.lookup(&function.getBody().front());
  states.try_emplace(start, std::move(entry));
  worklist.insert(start);
  while (!worklist.empty()) {
    unsigned point = *worklist.begin();
    worklist.erase(worklist.begin());
    visit(point);
  }
  return summary;
}

void FunctionBorrows::report(BorrowReporter report) {
  reporter = report;
  for (const auto &entry : states)
    visit(entry.first);
  reporter.reset();
}

void FunctionBorrows::visit(unsigned point) {
  BorrowState state = states[point];
  Block *block = dyn_cast<Block *>(points[point]);
  Block::iterator next;
  if (block) {
    next = block->begin();
  } else {
    auto *op = cast<Operation *>(points[point]);
    block = op->getBlock();
    next = std::next(op->getIterator());
  }
  for (; next != block->end(); ++next) {
    Operation *op = &*next;
    if (afters.contains(op))
      return flowToRegions(cast<RegionBranchOpInterface>(op),
                           RegionBranchPoint::parent(), state);
    if (auto result = dyn_cast<func::ReturnOp>(op))
      return transferReturn(result, state);
    auto terminator = dyn_cast<RegionBranchTerminatorOpInterface>(op);
    if (terminator && afters.contains(op->getParentOp()))
      return flowToRegions(cast<RegionBranchOpInterface>(op->getParentOp()),
                           RegionBranchPoint(terminator), state);
    if (op->getNumSuccessors() != 0)
      return flowToBlocks(op, state);
    if (!transfer(op, state))
      return;
  }
}

/// Flows into a node: `to` take the origins of `from`; what else of `defined`
/// begins to exist there takes `others`.
void FunctionBorrows::flowInto(unsigned point, const BorrowState &state,
                               ValueRange from, ValueRange to,
                               ValueRange defined, const IndexSet &others) {
  if (reporter)
    return;
  BorrowState next = state;
  for (Value value : defined)
    next.setOrigins(value,
                    canCarryBorrow(value.getType()) ? others : IndexSet());
  // All are read before any is written: a loop may exchange its values.
  for (auto [source, target] : llvm::zip(from, to))
    next.setOrigins(target, state.getOrigins(source));
  auto [entry, isNew] = states.try_emplace(point, next);
  if (isNew || entry->second.join(next))
    worklist.insert(point);
}

void FunctionBorrows::flowToRegions(RegionBranchOpInterface branch,
                                    RegionBranchPoint from,
                                    const BorrowState &state) {
  IndexSet others = originsOf(branch->getOperands(), state);
  SmallVector<RegionSuccessor> successors;
  branch.getSuccessorRegions(from, successors);
  for (RegionSuccessor successor : successors) {
    OperandRange operands = branch.getSuccessorOperands(from, successor);
    ValueRange inputs = successor.getSuccessorInputs();
    if (successor.isParent()) {
      flowInto(afters.lookup(branch), state, operands, inputs,
               branch->getResults(), others);
      continue;
    }
    Region *region = successor.getSuccessor();
    if (!region->empty())
      flowInto(starts.lookup(&region->front()), state, operands, inputs,
               region->getArguments(), others);
  }
}

void FunctionBorrows::flowToBlocks(Operation *terminator,
                                   const BorrowState &state) {
  IndexSet others = originsOf(terminator->getOperands(), state);
  auto branch = dyn_cast<BranchOpInterface>(terminator);
  for (unsigned index = 0, end = terminator->getNumSuccessors(); index != end;
       ++index) {
    Block *block = terminator->getSuccessor(index);
    if (!branch) {
      flowInto(starts.lookup(block), state, {}, {}, block->getArguments(),
               others);
      continue;
    }
    SuccessorOperands operands = branch.getSuccessorOperands(index);
    flowInto(
        starts.lookup(block), state, operands.getForwardedOperands(),
        block->getArguments().drop_front(operands.getProducedOperandCount()),
        block->getArguments(), others);
  }
}
