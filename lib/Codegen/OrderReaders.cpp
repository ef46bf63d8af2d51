//===- OrderReaders.cpp - Old values are read before they are replaced ===//
//
// Bufferization takes statements in the order in which they stand: whoever
// reads a tensor after the operation that would replace it in place costs a
// copy. Checks go first, since none may follow the first write (T4).
//
//===----------------------------------------------------------------------===//

#include "sym/Codegen/Passes.h"
#include "sym/Dialect/Sym/IR/Sym.h"

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/Interfaces/SideEffectInterfaces.h"
#include "llvm/ADT/SetVector.h"

#include <set>

namespace mlir::sym {
#define GEN_PASS_DEF_SYMORDERREADERS
#include "sym/Codegen/Passes.h.inc"
} // namespace mlir::sym

using namespace mlir;

namespace {
/// A tensor that is given and the one that replaces it.
struct Replacement {
  Value oldValue, newValue;
};

/// Puts the operations of one block into a new order.
class Scheduler {
public:
  Scheduler(Block &block, ArrayRef<Replacement> replacements);
  bool run();

private:
  Operation *findWriter(Value value);
  void addReaders(Value value, Operation *writer);
  bool isAttachment(Operation *op);
  void emit(Operation *op);
  void emitWithSlice(Operation *op);

  Block &block;
  SmallVector<Operation *> original, order;
  DenseMap<Operation *, unsigned> number;
  DenseSet<Operation *> emitted, writers;
  /// The operations in this block whose results an operation, with all that is
  /// in its regions, uses.
  DenseMap<Operation *, SetVector<Operation *>> producers;
  /// What should precede an operation, although it does not depend on it.
  DenseMap<Operation *, SetVector<Operation *>> readers;
};
} // namespace

Scheduler::Scheduler(Block &block, ArrayRef<Replacement> replacements)
    : block(block) {
  for (Operation &op : block.without_terminator()) {
    number[&op] = original.size();
    original.push_back(&op);
    SetVector<Operation *> &set = producers[&op];
    op.walk([&](Operation *inner) {
      for (Value operand : inner->getOperands())
        if (Operation *def = operand.getDefiningOp())
          if (def->getBlock() == &block && def != &op)
            set.insert(def);
    });
  }
  for (const Replacement &replacement : replacements) {
    Operation *writer = findWriter(replacement.newValue);
    if (!writer)
      continue;
    writers.insert(writer);
    addReaders(replacement.oldValue, writer);
  }
}

/// The first operation of this block that writes the buffer which `value` ends
/// up in; null if that is not computed here.
Operation *Scheduler::findWriter(Value value) {
  auto result = dyn_cast<OpResult>(value);
  if (!result || result.getOwner()->getBlock() != &block)
    return nullptr;
  Operation *op = result.getOwner();
  Value destination;
  if (auto structured = dyn_cast<DestinationStyleOpInterface>(op)) {
    destination = structured.getDpsInitOperand(result.getResultNumber())->get();
    // A fill goes where the operation goes that it is for.
    if (destination.getDefiningOp<linalg::FillOp>())
      return op;
  } else if (auto loop = dyn_cast<scf::ForOp>(op)) {
    destination = loop.getInitArgs()[result.getResultNumber()];
  } else if (isa<tensor::CollapseShapeOp, tensor::ExpandShapeOp,
                 tensor::CastOp>(op)) {
    return findWriter(op->getOperand(0));
  } else if (isa<tensor::EmptyOp>(op)) {
    return nullptr;
  }
  Operation *first = destination ? findWriter(destination) : nullptr;
  return first ? first : op;
}

/// Every operation that reads `value` or a view of it should precede `writer`.
void Scheduler::addReaders(Value value, Operation *writer) {
  for (Operation *user : value.getUsers()) {
    Operation *reader = block.findAncestorOpInBlock(*user);
    // The size of a tensor is known without reading it.
    if (!reader || reader == writer || !number.count(reader) ||
        isa<tensor::DimOp>(user))
      continue;
    readers[writer].insert(reader);
    if (user == reader && isa<tensor::ExtractSliceOp, tensor::CollapseShapeOp,
                              tensor::ExpandShapeOp, tensor::CastOp>(user))
      addReaders(user->getResult(0), writer);
  }
}

/// Whether an operation is nothing but a part of those that use it, and so
/// stands directly before the first of them.
bool Scheduler::isAttachment(Operation *op) {
  return !writers.contains(op) &&
         (isa<tensor::EmptyOp, linalg::FillOp, tensor::DimOp>(op) ||
          op->hasTrait<OpTrait::ConstantLike>());
}

void Scheduler::emit(Operation *op) {
  if (!emitted.insert(op).second)
    return;
  SmallVector<Operation *> attached(producers[op].getArrayRef());
  llvm::sort(attached,
             [&](Operation *a, Operation *b) { return number[a] < number[b]; });
  for (Operation *producer : attached)
    emit(producer);
  order.push_back(op);
}

/// Emits an operation after all that it depends on, in the original order.
void Scheduler::emitWithSlice(Operation *op) {
  SetVector<Operation *> slice;
  slice.insert(op);
  for (unsigned i = 0; i != slice.size(); ++i)
    for (Operation *producer : producers[slice[i]])
      if (!emitted.contains(producer))
        slice.insert(producer);
  SmallVector<Operation *> sorted(slice.getArrayRef());
  llvm::sort(sorted,
             [&](Operation *a, Operation *b) { return number[a] < number[b]; });
  for (Operation *inner : sorted)
    if (inner == op || !isAttachment(inner))
      emit(inner);
}

/// Returns whether the order changed.
bool Scheduler::run() {
  // Checks, in their order, each with what it depends on. What stood behind a
  // check, and may be undefined where it fails, stays behind it: an operation
  // of which a later check is the first to depend is emitted after it.
  for (Operation *op : original)
    if (!isMemoryEffectFree(op))
      emitWithSlice(op);

  // The rest. An operation that replaces a tensor goes as early as its readers
  // allow, while its operands are in the cache and their memory is in use.
  auto countWaiting = [&](ArrayRef<Operation *> ops) {
    return llvm::count_if(ops, [&](Operation *op) {
      return !emitted.contains(op) && !isAttachment(op);
    });
  };
  // What an attachment needs, the operation it is attached to needs.
  DenseMap<Operation *, SetVector<Operation *>> needed;
  for (Operation *op : original) {
    SetVector<Operation *> &set = needed[op];
    for (Operation *producer : producers[op]) {
      set.insert(producer);
      if (isAttachment(producer))
        set.insert(needed[producer].begin(), needed[producer].end());
    }
  }
  DenseMap<Operation *, unsigned> waitingFor, waitingForReaders;
  DenseMap<Operation *, SmallVector<Operation *>> users, replacers;
  // By priority: writers, then the original order.
  std::set<std::pair<unsigned, Operation *>> readyWriters, ready, blocked;
  auto classify = [&](Operation *op) {
    if (waitingFor[op] != 0)
      return;
    std::pair<unsigned, Operation *> entry{number[op], op};
    if (waitingForReaders[op] != 0)
      blocked.insert(entry);
    else
      (writers.contains(op) ? readyWriters : ready).insert(entry);
  };
  SmallVector<Operation *> rest;
  for (Operation *op : original)
    if (!emitted.contains(op) && !isAttachment(op))
      rest.push_back(op);
  for (Operation *op : rest) {
    waitingFor[op] = countWaiting(needed[op].getArrayRef());
    waitingForReaders[op] = countWaiting(readers[op].getArrayRef());
    for (Operation *producer : needed[op])
      users[producer].push_back(op);
    for (Operation *reader : readers[op])
      replacers[reader].push_back(op);
  }
  for (Operation *op : rest)
    classify(op);
  for (size_t count = rest.size(); count != 0; --count) {
    // If nothing else is left, some reader will need a copy.
    auto &queue = !readyWriters.empty() ? readyWriters
                  : !ready.empty()      ? ready
                                        : blocked;
    if (queue.empty())
      return false;
    Operation *op = queue.begin()->second;
    queue.erase(queue.begin());
    emit(op);
    for (Operation *user : users[op])
      if (--waitingFor[user] == 0)
        classify(user);
    for (Operation *replacer : replacers[op])
      if (--waitingForReaders[replacer] == 0 && waitingFor[replacer] == 0 &&
          !emitted.contains(replacer)) {
        blocked.erase({number[replacer], replacer});
        classify(replacer);
      }
  }
  for (Operation *op : original)
    emit(op);

  if (order == original)
    return false;
  for (Operation *op : order)
    op->moveBefore(block.getTerminator());
  return true;
}

namespace {
struct SymOrderReaders
    : public sym::impl::SymOrderReadersBase<SymOrderReaders> {
  void runOnOperation() override;
};
} // namespace

void SymOrderReaders::runOnOperation() {
  ModuleOp module = getOperation();
  for (auto entry : module.getOps<sym::EntryOp>()) {
    auto name = entry.getBodyAttr();
    auto body = name ? module.lookupSymbol<func::FuncOp>(name) : nullptr;
    if (!body || !body.getBody().hasOneBlock())
      continue;

    // What a loop carries is replaced in each iteration.
    SmallVector<scf::ForOp> loops;
    body.walk([&](scf::ForOp loop) { loops.push_back(loop); });
    for (scf::ForOp loop : loops) {
      SmallVector<Replacement> replacements;
      for (auto [carried, yielded] :
           llvm::zip(loop.getRegionIterArgs(), loop.getYieldedValues()))
        if (isa<TensorType>(carried.getType()))
          replacements.push_back({carried, yielded});
      numReordered += Scheduler(*loop.getBody(), replacements).run();
    }

    // Arguments and then what is read; results and then what is updated.
    Block &block = body.getBody().front();
    unsigned numArguments = entry.getFunctionType().getNumInputs();
    unsigned numResults = entry.getFunctionType().getNumResults();
    ArrayRef<Attribute> reads = entry.getReads().getValue();
    Operation *terminator = block.getTerminator();
    SmallVector<Replacement> replacements;
    for (auto [index, update] : llvm::enumerate(entry.getUpdates())) {
      const auto *it = llvm::find(reads, update);
      if (it != reads.end())
        replacements.push_back(
            {block.getArgument(numArguments + (it - reads.begin())),
             terminator->getOperand(numResults + index)});
    }
    numReordered += Scheduler(block, replacements).run();
  }
}
