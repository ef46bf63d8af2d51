//===- LoopBuffers.h - Buffers that loops carry ------------*- C++ -*-===//
//
// What `sym-rotate-loop-buffers` is made of: `for` and `while` loops seen
// alike, the sizes of what they carry, and the copies in them that nothing
// needs.
//
//===----------------------------------------------------------------------===//

#ifndef SYM_LIB_DIALECT_SYM_TRANSFORMS_LOOPBUFFERS_H
#define SYM_LIB_DIALECT_SYM_TRANSFORMS_LOOPBUFFERS_H

#include "Variants.h"

#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/SCF/IR/SCF.h"

namespace mlir::sym {

/// An `scf.for` or an `scf.while`. A `for` has one block, whose yield feeds it
/// again; a `while` has two, each of which feeds the other.
class CarryingLoop {
public:
  /// `op` is an `scf.for` or an `scf.while`.
  explicit CarryingLoop(Operation *op) : op(op) {}
  static bool isa(Operation *op) {
    return mlir::isa<scf::ForOp, scf::WhileOp>(op);
  }

  Operation *getOperation() const { return op; }
  unsigned getNumBlocks() const { return op->getNumRegions(); }
  Block &getBlock(unsigned block) const { return op->getRegion(block).front(); }
  /// The values that enter `block`, without a `for`'s counter.
  Block::BlockArgListType getEntering(unsigned block) const;
  /// The values that leave `block`, in the order in which they enter the next;
  /// from a `while`'s first block, also that of the results.
  MutableOperandRange getLeaving(unsigned block) const;
  unsigned getNextBlock(unsigned block) const {
    return (block + 1) % getNumBlocks();
  }
  /// The block that the results would enter if the loop went on: theirs are the
  /// values that enter it.
  unsigned getResultBlock() const { return getNumBlocks() - 1; }
  OperandRange getInits() const;
  bool isOutside(Value value) const {
    return !op->isAncestor(value.getParentRegion()->getParentOp());
  }

  /// A loop in the place of this one, which is erased, that carries `buffers`
  /// besides, and of whose results as many are more as `extraResults` has
  /// types. Nothing leaves its blocks for them yet. The results of this one are
  /// the first of it.
  CarryingLoop replaceWithMore(RewriterBase &rewriter, ValueRange buffers,
                               TypeRange extraResults);

private:
  Operation *op;
};

/// Sizes of buffers, by values that stand for them. A carried buffer whose size
/// no iteration changes has that of the initial one.
class BufferSizes {
public:
  /// A size of a buffer; or an index, and -1.
  using Size = std::pair<Value, int64_t>;

  /// Looks at all loops in `function`, and makes sizes of carried buffers that
  /// do not change independent of the loops.
  explicit BufferSizes(func::FuncOp function);

  Size get(Value buffer, int64_t dim) const;
  bool haveEqual(Value a, Value b) const;
  /// A buffer of the type and sizes of `like`, which stand before `builder`'s
  /// place.
  Value allocateLike(OpBuilder &builder, Location loc, Value like,
                     IntegerAttr alignment) const;

private:
  void addLoop(CarryingLoop loop);

  llvm::DenseMap<std::pair<Value, int64_t>, Size> known;
};

/// Whether `buffer` is allocated and filled in front of `loop`, in its block,
/// and then only the loop's.
bool belongsToLoop(Value buffer, Operation *loop);

/// `value` and what may be a view of it, but not what `isBarrier`.
llvm::DenseSet<Value> getViews(Value value, const BufferViewFlowAnalysis &flow,
                               function_ref<bool(Value)> isBarrier);

/// Lets loops in `function` carry buffers themselves where they carry copies
/// that nothing needs. Returns the number of copies dropped.
unsigned elideLoopCopies(func::FuncOp function);

} // namespace mlir::sym

#endif // SYM_LIB_DIALECT_SYM_TRANSFORMS_LOOPBUFFERS_H
