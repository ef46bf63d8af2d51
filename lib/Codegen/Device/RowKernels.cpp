//===- RowKernels.cpp - Dependent operations become one kernel ------------===//

#include "RowEmitter.h"
#include "sym/Codegen/Device/Passes.h"
#include "sym/Dialect/Sym/IR/Sym.h"

#include "mlir/Dialect/Affine/IR/AffineOps.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"
#include "llvm/ADT/StringSet.h"

namespace mlir::sym {
#define GEN_PASS_DEF_SYMROWKERNELS
#include "sym/Codegen/Device/Passes.h.inc"
} // namespace mlir::sym

using namespace mlir;
using namespace mlir::sym;

/// Operations before and behind a group that are asked to join it.
static constexpr unsigned kWindow = 64;

namespace {
struct RowKernels : public mlir::sym::impl::SymRowKernelsBase<RowKernels> {
  using SymRowKernelsBase::SymRowKernelsBase;
  void runOnOperation() override;

private:
  void runOnBlock(ArrayRef<linalg::GenericOp> ops, const BufferFacts &facts,
                  SmallVectorImpl<RowGroup> &groups);
};
} // namespace

/// A loop over all elements of buffers that were collapsed becomes loops over
/// the buffers, so that it can follow what computes them.
static void expandLoop(linalg::GenericOp op) {
  if (op.getNumLoops() != 1 || op.hasIndexSemantics())
    return;
  MemRefType shape;
  SmallVector<Value> operands;
  for (OpOperand &operand : op->getOpOperands()) {
    AffineMap map = op.getMatchingIndexingMap(&operand);
    operands.push_back(operand.get());
    if (map.getNumResults() == 0)
      continue;
    auto collapse = operand.get().getDefiningOp<memref::CollapseShapeOp>();
    if (!map.isIdentity() || !collapse)
      return;
    MemRefType type = collapse.getSrcType();
    if (!type.getLayout().isIdentity() ||
        (shape && shape.getShape() != type.getShape()))
      return;
    shape = type;
    operands.back() = collapse.getSrc();
  }
  if (!shape || shape.getRank() < 2)
    return;
  OpBuilder b(op);
  int64_t rank = shape.getRank();
  SmallVector<AffineMap> maps;
  for (AffineMap map : op.getIndexingMapsArray())
    maps.push_back(map.getNumResults() == 0
                       ? AffineMap::get(rank, 0, b.getContext())
                       : b.getMultiDimIdentityMap(rank));
  SmallVector<utils::IteratorType> iterators(rank,
                                             op.getIteratorTypesArray()[0]);
  auto expanded = linalg::GenericOp::create(
      b, op.getLoc(), TypeRange(),
      ArrayRef(operands).take_front(op.getNumDpsInputs()),
      ArrayRef(operands).drop_front(op.getNumDpsInputs()), maps, iterators);
  expanded.getRegion().takeBody(op.getRegion());
  op.erase();
}

void RowKernels::runOnBlock(ArrayRef<linalg::GenericOp> ops,
                            const BufferFacts &facts,
                            SmallVectorImpl<RowGroup> &groups) {
  DenseSet<Operation *> taken;
  // Reductions of rows first: those of everything join them.
  for (bool ofRows : {true, false}) {
    for (size_t position = 0; position != ops.size(); ++position) {
      linalg::GenericOp seed = ops[position];
      if (taken.contains(seed) || isMatrixProduct(seed) ||
          (seed.getNumParallelLoops() != 0) != ofRows)
        continue;
      std::optional<RowGroup> group = RowGroup::create(seed, facts);
      if (!group)
        continue;
      size_t first = position > kWindow ? position - kWindow : 0;
      size_t end = std::min(ops.size(), position + kWindow);
      auto tryToAdd = [&](linalg::GenericOp op) {
        return !taken.contains(op) && !isMatrixProduct(op) && group->add(op);
      };
      for (bool changed = true; changed;) {
        changed = false;
        for (size_t i = position; i-- > first;)
          changed |= tryToAdd(ops[i]);
        for (size_t i = position + 1; i < end; ++i)
          changed |= tryToAdd(ops[i]);
      }
      if (group->getMembers().size() < 2)
        continue;
      group->gather();
      for (const RowMember &member : group->getMembers())
        taken.insert(member.op);
      groups.push_back(*group);
    }
  }
}

void RowKernels::runOnOperation() {
  ModuleOp module = getOperation();
  llvm::StringSet<> variants;
  for (auto entry : module.getOps<EntryOp>())
    for (auto name : {entry.getInplace(), entry.getOutofplace()})
      if (name)
        variants.insert(*name);
  for (auto function : module.getOps<func::FuncOp>()) {
    // What a call hands to its function does not overlap where it is written.
    BufferFacts facts(variants.contains(function.getName()));
    function.walk([](linalg::GenericOp op) { expandLoop(op); });
    SmallVector<RowGroup> groups;
    function.walk([&](Block *block) {
      SmallVector<linalg::GenericOp> ops;
      for (auto op : block->getOps<linalg::GenericOp>())
        if (isKernelizable(op))
          ops.push_back(op);
      runOnBlock(ops, facts, groups);
    });
    for (RowGroup &group : groups) {
      numKernels += RowEmitter(group, blocks).emit();
      ++numGroups;
      numFused += group.getMembers().size();
      for (const RowMember &member : group.getMembers())
        member.op.erase();
    }
  }
}
