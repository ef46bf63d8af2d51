//===- CheckBorrows.cpp - Proves that borrows are used safely ---------===//
//
// The words of rule B5; the proof is in sym/Dialect/Sym/Analysis.
//
//===----------------------------------------------------------------------===//

#include "sym/Dialect/Sym/Analysis/BorrowAnalysis.h"
#include "sym/Dialect/Sym/Transforms/Passes.h"

#include "llvm/Support/FormatVariadic.h"

namespace mlir::sym {
#define GEN_PASS_DEF_SYMCHECKBORROWS
#include "sym/Dialect/Sym/Transforms/Passes.h.inc"
} // namespace mlir::sym

using namespace mlir;
using namespace mlir::sym;

namespace {
/// How a fault reads: its sentence, with {0} for the kind of the borrow and {1}
/// for its variable, and the notes at its places.
struct Wording {
  const char *message;
  const char *ended;
  const char *used;
  bool isRemark;
};
} // namespace

static Wording getWording(BorrowFault fault) {
  switch (fault) {
  case BorrowFault::UseAfterRelease:
    return {"uses {0} borrow of {1} after its release", "released here",
            "used here", false};
  case BorrowFault::MaybeUseAfterRelease:
    return {"uses {0} borrow of {1} that may have been released",
            "released here", "used here", false};
  case BorrowFault::UseAfterUpdate:
    return {"uses {0} borrow of {1} after an update of its variable",
            "invalidated here", "used here", false};
  case BorrowFault::ReleaseTwice:
    return {"releases {0} borrow of {1} twice", "released here",
            "released again here", false};
  case BorrowFault::MaybeReleaseTwice:
    return {"releases {0} borrow of {1} that may have been released",
            "released here", "released again here", false};
  case BorrowFault::ExclusiveTwice:
    return {"borrows {1} exclusively while it is borrowed exclusively", nullptr,
            "borrowed again here", false};
  case BorrowFault::UpdateWhileExclusive:
    return {"updates {1} while it is borrowed exclusively", nullptr,
            "updated here", false};
  case BorrowFault::UseByUpdate:
    return {"takes {0} borrow of {1}, which it updates", "invalidated here",
            "used here", false};
  case BorrowFault::ReleaseOfAlias:
    return {"passes {0} borrow of {1} twice to a function that releases it",
            "released here", "used here", false};
  case BorrowFault::ReturnTwice:
    return {"returns {0} borrow of {1} twice", nullptr, "used here", false};
  case BorrowFault::Unknown:
    return {"passes {0} borrow of {1} to what cannot be checked", nullptr,
            "used here", false};
  case BorrowFault::CallOutOfSequence:
    return {
        "calls {1}, which accesses state, where it is not one of a sequence "
        "of calls",
        "accessed here", "called here", false};
  case BorrowFault::ExclusiveLeak:
    return {"{0} borrow of {1} is not released", nullptr,
            "the program returns here", false};
  case BorrowFault::MaybeExclusiveLeak:
    return {"{0} borrow of {1} may not be released", "released on some paths",
            "the program returns here", false};
  case BorrowFault::PinnedLeak:
    return {"{0} borrow of {1} is not released and keeps its version until the "
            "program ends",
            "released on some paths", "the program returns here", true};
  case BorrowFault::UpdateWhilePinned:
    return {"the update of {1} copies, since a pinned borrow of it is held",
            nullptr, "updated here", true};
  }
  llvm_unreachable("a fault without words");
}

/// `article` goes before the kind: "a scoped", but "an exclusive".
static std::string getKind(BorrowKind kind, bool article) {
  StringRef name = stringifyBorrowKind(kind);
  if (!article)
    return name.str();
  return ((kind == BorrowKind::Exclusive ? "an " : "a ") + name).str();
}

static void emitReport(const BorrowReport &report) {
  Wording wording = getWording(report.fault);
  bool isLeak = report.fault == BorrowFault::ExclusiveLeak ||
                report.fault == BorrowFault::MaybeExclusiveLeak ||
                report.fault == BorrowFault::PinnedLeak;
  // The sentence stands where the reader can act: at the use in this program,
  // or at the borrow that lacks a release.
  const Place &at = isLeak ? *report.borrowed : report.used;
  Operation *where = at.via ? at.via : at.op;
  std::string text =
      llvm::formatv(wording.message, getKind(report.kind, /*article=*/!isLeak),
                    report.variable)
          .str();
  InFlightDiagnostic diagnostic = wording.isRemark
                                      ? mlir::emitRemark(where->getLoc(), text)
                                      : mlir::emitError(where->getLoc(), text);
  if (report.borrowed)
    diagnostic.attachNote(report.borrowed->op->getLoc()) << "borrowed here";
  if (report.ended && wording.ended)
    diagnostic.attachNote(report.ended->op->getLoc()) << wording.ended;
  diagnostic.attachNote(report.used.op->getLoc()) << wording.used;
}

namespace {
class SymCheckBorrows
    : public mlir::sym::impl::SymCheckBorrowsBase<SymCheckBorrows> {
public:
  using SymCheckBorrowsBase::SymCheckBorrowsBase;

  void runOnOperation() override {
    BorrowAnalysis analysis(getOperation());
    bool failed = false;
    analysis.report([&](const BorrowReport &report) {
      bool isRemark = getWording(report.fault).isRemark;
      numRemarks += isRemark;
      failed |= !isRemark;
      emitReport(report);
    });
    if (failed)
      return signalPassFailure();
    getOperation().walk([&](Operation *op) {
      auto function = dyn_cast<func::FuncOp>(op);
      numPrograms += function && !function.isExternal();
      auto borrow = dyn_cast<BorrowOp>(op);
      numScoped += borrow &&
                   borrow.getBorrow().getType().getKind() == BorrowKind::Scoped;
    });
    markAllAnalysesPreserved();
  }
};
} // namespace
