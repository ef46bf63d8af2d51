//===- DropFlags.cpp - Drops flags that make values undefined ---------===//
//
// The pass `sym-drop-flags`. To check what a flag promises would cost more than
// what the promise gains.
//
//===----------------------------------------------------------------------===//

#include "sym/Dialect/Sym/Transforms/Passes.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "llvm/ADT/TypeSwitch.h"

namespace mlir::sym {
#define GEN_PASS_DEF_SYMDROPFLAGS
#include "sym/Dialect/Sym/Transforms/Passes.h.inc"
} // namespace mlir::sym

using namespace mlir;

/// Drops the flags of `op`; whether it had any.
static bool dropFlags(Operation *op) {
  bool changed = false;
  if (auto floating = dyn_cast<arith::ArithFastMathInterface>(op)) {
    arith::FastMathFlagsAttr flags = floating.getFastMathFlagsAttr();
    if (flags && flags.getValue() != arith::FastMathFlags::none) {
      op->setAttr(floating.getFastMathAttrName(),
                  arith::FastMathFlagsAttr::get(op->getContext(),
                                                arith::FastMathFlags::none));
      changed = true;
    }
  }
  if (auto integer = dyn_cast<arith::ArithIntegerOverflowFlagsInterface>(op)) {
    arith::IntegerOverflowFlagsAttr flags = integer.getOverflowAttr();
    if (flags && flags.getValue() != arith::IntegerOverflowFlags::none) {
      op->setAttr(integer.getIntegerOverflowAttrName(),
                  arith::IntegerOverflowFlagsAttr::get(
                      op->getContext(), arith::IntegerOverflowFlags::none));
      changed = true;
    }
  }
  llvm::TypeSwitch<Operation *>(op)
      .Case<arith::DivUIOp, arith::DivSIOp, arith::ShRUIOp, arith::ShRSIOp>(
          [&](auto exact) {
            changed |= exact.getIsExact();
            exact.setIsExact(false);
          })
      .Case([&](tensor::GatherOp gather) {
        changed |= gather.getUnique();
        gather.setUnique(false);
      });
  return changed;
}

namespace {
struct DropFlags : public sym::impl::SymDropFlagsBase<DropFlags> {
  void runOnOperation() override {
    bool changed = false;
    getOperation()->walk([&](Operation *op) {
      if (!dropFlags(op))
        return;
      ++numOps;
      changed = true;
    });
    if (!changed)
      markAllAnalysesPreserved();
  }
};
} // namespace
