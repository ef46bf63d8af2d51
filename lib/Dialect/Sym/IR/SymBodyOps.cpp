//===- SymBodyOps.cpp - Operations in bodies --------------------------===//

#include "SymbolUse.h"

#include "mlir/IR/Matchers.h"
#include "mlir/IR/PatternMatch.h"
#include "llvm/ADT/SmallPtrSet.h"
#include "llvm/ADT/StringExtras.h"

using namespace mlir;
using namespace mlir::sym;

//===----------------------------------------------------------------------===//
// ReadOp
//===----------------------------------------------------------------------===//

LogicalResult ReadOp::verifySymbolUses(SymbolTableCollection &symbols) {
  // read_c2
  auto function = (*this)->getParentOfType<FunctionOpInterface>();
  if (!function || !isa<FuncOp, ExprOp>(function))
    return emitOpError() << "belongs in a sym.func or sym.expr; a host program "
                            "uses sym.get_value or sym.borrow";
  // read_c1
  return verifyVariableUse(*this, getVariableAttr(), getType(), "the result",
                           symbols);
}

//===----------------------------------------------------------------------===//
// EvalOp
//===----------------------------------------------------------------------===//

/// Whether evaluating `from` evaluates `target`, directly or through others.
static bool evaluates(ExprOp from, ExprOp target,
                      SymbolTableCollection &symbols) {
  llvm::SmallPtrSet<Operation *, 8> seen;
  SmallVector<ExprOp> stack = {from};
  while (!stack.empty()) {
    ExprOp current = stack.pop_back_val();
    if (current == target)
      return true;
    if (!seen.insert(current).second)
      continue;
    current.walk([&](EvalOp eval) {
      if (auto callee = symbols.lookupNearestSymbolFrom<ExprOp>(
              eval, eval.getCalleeAttr()))
        stack.push_back(callee);
    });
  }
  return false;
}

LogicalResult EvalOp::verifySymbolUses(SymbolTableCollection &symbols) {
  // eval_c1
  Operation *symbol = symbols.lookupNearestSymbolFrom(*this, getCalleeAttr());
  if (!symbol)
    return emitOpError() << "evaluates unknown expression " << getCalleeAttr();
  auto callee = dyn_cast<ExprOp>(symbol);
  if (!callee) {
    InFlightDiagnostic diagnostic = emitOpError() << "needs a sym.expr, but "
                                                  << getCalleeAttr() << " is a "
                                                  << symbol->getName();
    diagnostic.attachNote(symbol->getLoc()) << "declared here";
    return diagnostic;
  }
  // eval_c2
  FunctionType expected = callee.getFunctionType();
  auto found = FunctionType::get(getContext(), getArguments().getTypes(),
                                 getOutputs().getTypes());
  if (expected != found)
    return emitOpError() << "has type " << found << ", but " << getCalleeAttr()
                         << " has type " << expected;
  // expr_c2
  auto parent = (*this)->getParentOfType<ExprOp>();
  if (parent && evaluates(callee, parent, symbols))
    return emitOpError() << "makes @" << parent.getSymName()
                         << " evaluate itself";
  if (getTargets().size() != getGivenValues().size())
    return emitOpError() << "has " << getTargets().size() << " givens, but "
                         << getGivenValues().size() << " given values";
  // eval_c5
  if (failed(verifyDistinct(*this, getTargets(), "gives")))
    return failure();
  if (getTargets().empty())
    return success();
  SmallVector<FlatSymbolRefAttr> reads = getVariablesRead(callee, symbols);
  for (auto [target, value] : llvm::zip_equal(getTargets(), getGivenValues())) {
    auto variable = cast<FlatSymbolRefAttr>(target);
    // eval_c3
    if (failed(verifyVariableUse(*this, variable, value.getType(),
                                 "the given value", symbols)))
      return failure();
    // eval_c4
    if (!llvm::is_contained(reads, variable))
      return emitOpError() << "gives " << variable << ", which "
                           << getCalleeAttr() << " does not read";
  }
  return success();
}

//===----------------------------------------------------------------------===//
// StopGradientOp
//===----------------------------------------------------------------------===//

OpFoldResult StopGradientOp::fold(FoldAdaptor) {
  // Stopping twice is stopping once; the op itself stays until gradients have
  // been expanded.
  if (auto inner = getInput().getDefiningOp<StopGradientOp>())
    return inner.getResult();
  return {};
}

//===----------------------------------------------------------------------===//
// CheckOp
//===----------------------------------------------------------------------===//

LogicalResult CheckOp::verify() {
  // check_c1
  StringRef rest = getMessage();
  while (!rest.empty()) {
    size_t open = rest.find('{');
    if (open == StringRef::npos)
      break;
    rest = rest.drop_front(open + 1);
    StringRef digits = rest.take_while(llvm::isDigit);
    if (digits.empty() || !rest.drop_front(digits.size()).starts_with("}"))
      continue;
    unsigned index;
    if (digits.getAsInteger(10, index) || index >= getValues().size())
      return emitOpError() << "message names value {" << digits
                           << "}, but there are " << getValues().size();
  }
  // check_c2
  for (Value value : getValues())
    if (!value.getType().isIndex() &&
        value.getType().getIntOrFloatBitWidth() > 64)
      return emitOpError() << "value of type " << value.getType()
                           << " is wider than 64 bits";
  return success();
}

LogicalResult CheckOp::canonicalize(CheckOp op, PatternRewriter &rewriter) {
  if (!matchPattern(op.getCondition(), m_One()))
    return failure();
  rewriter.eraseOp(op);
  return success();
}
