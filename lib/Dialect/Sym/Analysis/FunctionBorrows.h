//===- FunctionBorrows.h - The borrows of one host program -----*- C++ -*-===//

#ifndef SYM_LIB_DIALECT_SYM_ANALYSIS_FUNCTIONBORROWS_H
#define SYM_LIB_DIALECT_SYM_ANALYSIS_FUNCTIONBORROWS_H

#include "sym/Dialect/Sym/Analysis/BorrowAnalysis.h"

#include "mlir/Interfaces/ControlFlowInterfaces.h"
#include "llvm/ADT/PointerUnion.h"

#include <set>

namespace mlir::sym {

/// Runs the analysis over one function, given the summaries of those that it
/// calls.
class FunctionBorrows {
public:
  FunctionBorrows(BorrowAnalysis &module, func::FuncOp function);

  /// The summary at the fixed point.
  const BorrowSummary &run();
  /// Looks at every reachable operation again; `run` must have been called.
  void report(BorrowReporter reporter);

private:
  //===--------------------------------------------------------------------===//
  // The graph (FunctionBorrows.cpp)
  //
  // Its nodes are the starts of blocks and the points after operations with
  // regions, numbered in the order of the text.
  //===--------------------------------------------------------------------===//

  using Point = llvm::PointerUnion<Block *, Operation *>;

  void number();
  void number(Region &region);
  void joinSites();
  void visit(unsigned point);
  void flowInto(unsigned point, const BorrowState &state, ValueRange from,
                ValueRange to, ValueRange defined, const IndexSet &others);
  void flowToRegions(RegionBranchOpInterface branch, RegionBranchPoint from,
                     const BorrowState &state);
  void flowToBlocks(Operation *terminator, const BorrowState &state);

  //===--------------------------------------------------------------------===//
  // The effect of operations (BorrowTransfer.cpp)
  //===--------------------------------------------------------------------===//

  /// Whether control reaches the next operation.
  bool transfer(Operation *op, BorrowState &state);
  void transferBorrow(BorrowOp op, BorrowState &state);
  void transferRelease(ReleaseOp op, BorrowState &state);
  void transferReturn(func::ReturnOp op, BorrowState &state);
  bool transferCall(func::CallOp call, BorrowState &state);
  void transferOther(Operation *op, BorrowState &state);
  void enter(BorrowState &state);

  void use(Operation *op, ValueRange values, BorrowState &state);
  void useByUpdate(Operation *op, ValueRange values, const IndexSet &updated,
                   BorrowState &state);
  /// `isUnknown` says which variables are only those of arguments.
  void update(VariableIndex variable, const Place &place,
              const IndexSet &exempt, BorrowState &state);
  void acquire(VariableIndex variable, const Place &place,
               const IndexSet &exempt, BorrowState &state);
  unsigned create(Value site, BorrowKind kind, const TokenState &fresh,
                  BorrowState &state);
  void release(const IndexSet &tokens, const Place &place, bool mayStayHeld,
               BorrowState &state);
  IndexSet originsOf(ValueRange values, const BorrowState &state);

  void fault(BorrowFault fault, unsigned token, const TokenState &state,
             std::optional<Place> ended, const Place &used);

  Place placeOf(Operation *op) { return {orders.lookup(op), op, nullptr}; }
  Value siteOf(Value value);
  unsigned tokenOf(Value site, BorrowKind kind, bool isEarlier);
  VariableIndex argumentVariable(unsigned argument) {
    return module.getNumVariables() + argument;
  }
  bool isArgumentVariable(VariableIndex variable) {
    return variable >= module.getNumVariables();
  }

  BorrowAnalysis &module;
  func::FuncOp function;
  BorrowSummary summary;

  std::vector<Point> points;
  llvm::DenseMap<Block *, unsigned> starts;
  llvm::DenseMap<Operation *, unsigned> orders, afters;
  std::map<unsigned, BorrowState> states;
  std::set<unsigned> worklist;

  llvm::DenseMap<Value, Value> sites;
  std::vector<Token> tokens;
  std::map<std::tuple<const void *, BorrowKind, bool>, unsigned> tokenIndices;

  std::optional<BorrowReporter> reporter;
  std::set<std::tuple<BorrowFault, unsigned, Operation *>> reported;
};

/// Whether a value of `type` can refer to the memory of a borrow: what is not a
/// number.
bool canCarryBorrow(Type type);

} // namespace mlir::sym

#endif // SYM_LIB_DIALECT_SYM_ANALYSIS_FUNCTIONBORROWS_H
