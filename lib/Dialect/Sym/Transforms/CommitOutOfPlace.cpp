//===- CommitOutOfPlace.cpp - Nothing is read behind a write (T4) ---------===//
//
// What the host reads from a device it waits for, which fails if the device
// does. In a variant that writes sources in place such a read may come too
// late; then the variant that writes new buffers, and commits them by
// exchanging pointers, serves in its place.
//
//===----------------------------------------------------------------------===//

#include "Variants.h"
#include "sym/Dialect/Sym/Transforms/Passes.h"

namespace mlir::sym {
#define GEN_PASS_DEF_SYMCOMMITOUTOFPLACE
#include "sym/Dialect/Sym/Transforms/Passes.h.inc"
} // namespace mlir::sym

using namespace mlir;
using namespace mlir::sym;

namespace {
struct CommitOutOfPlace
    : public sym::impl::SymCommitOutOfPlaceBase<CommitOutOfPlace> {
  using Base::Base;
  void runOnOperation() override;
};
} // namespace

/// T4
static bool mayFailBehindWrite(Variant &variant) {
  SourceAccess access(variant);
  return variant.function
      .walk([&](Operation *op) {
        bool isLate = isFallible(op) &&
                      llvm::any_of(access.getWrites(),
                                   [&](const SourceAccess::Write &write) {
                                     return mayRunAfter(write.op, op);
                                   });
        return isLate ? WalkResult::interrupt() : WalkResult::advance();
      })
      .wasInterrupted();
}

void CommitOutOfPlace::runOnOperation() {
  SmallVector<Variant> variants;
  if (failed(collectVariants(getOperation(), variants)))
    return signalPassFailure();
  for (Variant &variant : variants)
    if (variant.inPlace && mayFailBehindWrite(variant)) {
      replaceByOutOfPlace(variant);
      ++numOutOfPlace;
    }
}
