//===- BorrowAnalysis.h - The borrow checker's analysis --------*- C++ -*-===//
//
// Proves rule B5 for the host programs of a module: a forward analysis over
// the states of BorrowState.h, to a fixed point over branches, structured
// control flow and loops. Each function gets a summary, and summaries a fixed
// point over calls. Once everything is stable, every operation is looked at
// once more and faults are reported.
//
//===----------------------------------------------------------------------===//

#ifndef SYM_DIALECT_SYM_ANALYSIS_BORROWANALYSIS_H
#define SYM_DIALECT_SYM_ANALYSIS_BORROWANALYSIS_H

#include "sym/Dialect/Sym/Analysis/BorrowState.h"

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/IR/BuiltinOps.h"

#include <string>
#include <vector>

namespace mlir::sym {

/// What a caller must know of a host program.
struct BorrowSummary {
  struct Use {
    Place updated, used;
  };
  struct Argument {
    /// Variables after whose update the argument may be used.
    std::map<VariableIndex, Use> usedAfter;
    /// Variables that are updated, or borrowed exclusively, while the argument
    /// may be held.
    PlaceMap touchedWhileHeld;
    /// Whether it may still be held on return, and where it may have been
    /// released.
    bool isHeld = false;
    std::optional<Place> released;
  };
  struct Result {
    /// The arguments that it may derive from.
    IndexSet arguments;
    /// The borrows of the callee that it may derive from.
    std::map<std::pair<VariableIndex, BorrowKind>, Place> borrows;
  };

  bool returns = false;
  PlaceMap updates;
  /// Variables that are borrowed exclusively.
  PlaceMap acquires;
  SmallVector<Argument> arguments;
  SmallVector<Result> results;

  /// Whether both say the same, at whatever places. Facts only grow, so a
  /// fixed point over them ends; places need not.
  bool hasSameFacts(const BorrowSummary &other) const;
};

/// What is wrong with a borrow, or what it costs.
enum class BorrowFault {
  UseAfterRelease,
  MaybeUseAfterRelease,
  UseAfterUpdate,
  ReleaseTwice,
  MaybeReleaseTwice,
  ExclusiveTwice,
  UpdateWhileExclusive,
  /// An operation updates a variable and takes a scoped borrow of it.
  UseByUpdate,
  /// A function releases a borrow that it gets twice.
  ReleaseOfAlias,
  /// A function returns one borrow as two results.
  ReturnTwice,
  /// What happens to the borrow cannot be known.
  Unknown,
  /// A host program is called where host operations must not stand (call_c3);
  /// `variable` names it.
  CallOutOfSequence,
  ExclusiveLeak,
  MaybeExclusiveLeak,
  /// Remarks: what is sound, but costs.
  PinnedLeak,
  UpdateWhilePinned,
};

struct BorrowReport {
  BorrowFault fault;
  /// "@state", or what else names the borrowed variable.
  std::string variable;
  BorrowKind kind;
  std::optional<Place> borrowed;
  /// The release or the update that ended it, if any.
  std::optional<Place> ended;
  Place used;
};

using BorrowReporter = llvm::function_ref<void(const BorrowReport &)>;

/// Analyses the host programs of one module.
class BorrowAnalysis {
public:
  explicit BorrowAnalysis(ModuleOp module);

  /// Calls `report` for each fault, in the order of the module, and at most
  /// once per fault, borrow and cause.
  void report(BorrowReporter report);

  /// The summary of a host program with a body, else null.
  const BorrowSummary *getSummary(func::FuncOp function) const;

  //===--------------------------------------------------------------------===//
  // For the analysis of one function
  //===--------------------------------------------------------------------===//

  /// The number of `variable`; none if it does not name a shared variable.
  std::optional<VariableIndex> getVariable(Operation *from,
                                           FlatSymbolRefAttr variable);
  unsigned getNumVariables() const { return names.size(); }
  /// "@state", or "argument #1".
  std::string getVariableName(VariableIndex index) const;
  /// The variables that the callee, a `sym.func` or `sym.entry`, updates.
  const IndexSet &getUpdates(CallOp call);
  /// The host program that is called; null if it has no body here.
  func::FuncOp getCallee(func::CallOp call);

private:
  void orderFunctions();
  void findAccesses();
  void reportCallsOutOfSequence(func::FuncOp function, BorrowReporter report);

  SymbolTableCollection symbols;
  llvm::DenseMap<Operation *, VariableIndex> variables;
  std::vector<std::string> names;
  llvm::DenseMap<Operation *, IndexSet> updates;
  /// In the order of the module.
  std::vector<func::FuncOp> functions;
  /// Callees before callers, where there is no recursion.
  std::vector<func::FuncOp> calleesFirst;
  llvm::DenseMap<Operation *, SmallVector<Operation *>> callers;
  llvm::DenseMap<Operation *, BorrowSummary> summaries;
  /// For each function that accesses state, itself or through others, where.
  llvm::DenseMap<Operation *, Operation *> accesses;
};

} // namespace mlir::sym

#endif // SYM_DIALECT_SYM_ANALYSIS_BORROWANALYSIS_H
