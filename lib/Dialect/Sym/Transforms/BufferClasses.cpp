//===- BufferClasses.cpp - Which values are the same buffer ---------------===//

#include "BufferClasses.h"

#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Interfaces/ControlFlowInterfaces.h"

using namespace mlir;
using namespace mlir::sym;

void BufferClasses::add(Value value) {
  if (!isa<MemRefType>(value.getType()))
    return;
  numbers[value] = buffers.size();
  buffers.push_back(value);
}

void BufferClasses::join(Value lhs, Value rhs) {
  if (isa<MemRefType>(lhs.getType()) && isa<MemRefType>(rhs.getType()))
    classes.join(numbers.lookup(lhs), numbers.lookup(rhs));
}

void BufferClasses::joinAt(Operation *op) {
  if (auto branch = dyn_cast<RegionBranchOpInterface>(op)) {
    RegionBranchSuccessorMapping mapping;
    branch.getSuccessorOperandInputMapping(mapping);
    for (auto &[operand, inputs] : mapping)
      for (Value input : inputs)
        join(operand->get(), input);
    return;
  }
  if (auto branch = dyn_cast<BranchOpInterface>(op)) {
    for (unsigned i = 0, e = op->getNumSuccessors(); i != e; ++i) {
      SuccessorOperands operands = branch.getSuccessorOperands(i);
      Block *successor = op->getSuccessor(i);
      for (unsigned k = operands.getProducedOperandCount(); k < operands.size();
           ++k)
        join(operands[k], successor->getArgument(k));
    }
    return;
  }
  // Calls give buffers of their own; the shape of a reshape is read.
  if (isa<CallOp, CallOpInterface>(op))
    return;
  if (auto reshape = dyn_cast<memref::ReshapeOp>(op))
    return join(reshape.getSource(), reshape.getResult());
  for (Value result : op->getResults())
    for (Value operand : op->getOperands())
      join(operand, result);
}

BufferClasses::BufferClasses(func::FuncOp function) {
  function.walk<WalkOrder::PreOrder>([&](Operation *op) {
    for (Value result : op->getResults())
      add(result);
    for (Region &region : op->getRegions())
      for (Block &block : region)
        for (Value argument : block.getArguments())
          add(argument);
  });
  classes.grow(buffers.size());
  function.walk([&](Operation *op) { joinAt(op); });
}
