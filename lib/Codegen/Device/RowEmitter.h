//===- RowEmitter.h - The kernel of a group -----------------*- C++ -*-===//

#ifndef SYM_LIB_CODEGEN_DEVICE_ROWEMITTER_H
#define SYM_LIB_CODEGEN_DEVICE_ROWEMITTER_H

#include "Combine.h"
#include "RowGroup.h"

#include <memory>

namespace mlir::sym {

/// Emits the kernels of a group whose members stand together.
class RowEmitter {
public:
  RowEmitter(const RowGroup &group, int64_t mostBlocks)
      : group(group), mostBlocks(mostBlocks) {}

  /// Returns how many kernels there are. The members remain.
  unsigned emit();

private:
  using Values = SmallVector<Value>;

  /// Neighbours of a row that a thread computes together.
  struct Chunk {
    /// Of the first one, by the group's loops.
    Values ivs;
    int64_t lanes;
    /// i1: whether they exist; null if they do.
    Value exists;
    DenseMap<std::pair<unsigned, unsigned>, Values> results;
    DenseMap<std::pair<Value, AffineMap>, Values> loads;
  };
  /// What a result is accumulated in.
  struct Accumulator {
    unsigned member, result;
    Operation *combiner;
    Value value;
  };

  // The kernel.
  void begin(KernelBuilder &kernel, bool late);
  void planThreads();
  void emitRows(OpFoldResult blocks, ArrayRef<Value> partials);
  void emitRow();
  void emitLevel(unsigned level);
  void emitLoop(unsigned level, Value from, Value to, int64_t lanes);
  void emitChunk(unsigned level, Chunk &chunk,
                 MutableArrayRef<Accumulator> accumulators);
  void emitFirst();
  void reduceRow(MutableArrayRef<Accumulator> accumulators);
  void emitLate(OpFoldResult blocks, ArrayRef<Value> partials);

  // Values.
  Value getRowValue(Definition definition);
  Value getRowLoad(const RowMember &member, OpOperand &operand);
  Values getElements(Definition definition, Chunk &chunk);
  Values getLoads(unsigned member, OpOperand &operand, Chunk &chunk);
  Values emitAccess(unsigned member, OpOperand &operand, ArrayRef<Value> ivs,
                    int64_t lanes, Value exists);
  void emitStore(unsigned member, OpOperand &init, Chunk &chunk,
                 ArrayRef<Value> values);
  void visitInputs(unsigned member, unsigned level, Chunk *chunk,
                   DenseSet<unsigned> &visited);
  /// The arguments of each lane's body; null for what is accumulated.
  SmallVector<Values> getArguments(unsigned member, Chunk &chunk);
  Values getIndices(unsigned member, ArrayRef<Value> ivs);
  Chunk makeChunk(Value column, int64_t lanes, Value exists);
  Value emitContribution(unsigned member, unsigned result, ArrayRef<Value> ivs,
                         ArrayRef<Value> arguments);
  Value getFirstArgument(unsigned member, OpOperand &operand);
  bool isReloaded(Definition definition) const;

  const RowGroup &group;
  int64_t mostBlocks;
  KernelBuilder *kernel = nullptr;
  SmallVector<OpFoldResult> hostSizes;
  SmallVector<std::unique_ptr<BodyEmitter>> bodies;
  Values sizes;
  Value rows, columns;
  /// Threads that share a row (in a grid: of a block), and how many neighbours
  /// each has at a time.
  int64_t threads = kBlockSize, width = 1;
  /// How many chunks of a row a thread keeps in registers; 0 if it walks the
  /// row once for each level.
  int64_t numChunks = 0;

  // The row, as the kernel computes it.
  Values rowIvs;
  /// i1: whether there is a row for this thread; null if there is.
  Value rowExists;
  /// The number of this thread among those of its row, and their number.
  Value within, step;
  /// i1, for a row of several chunks: whether wide accesses are aligned.
  Value aligned;
  unsigned currentLevel = 0;
  DenseMap<std::pair<unsigned, unsigned>, Value> rowValues, totals;
  DenseMap<std::pair<Value, AffineMap>, Value> rowLoads;
  SmallVector<Chunk, 0> chunks;
  /// Of results over all rows.
  SmallVector<Accumulator> all;
};

} // namespace mlir::sym

#endif // SYM_LIB_CODEGEN_DEVICE_ROWEMITTER_H
