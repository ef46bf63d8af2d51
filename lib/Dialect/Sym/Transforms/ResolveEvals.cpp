//===- ResolveEvals.cpp - Places expressions where they are evaluated -===//
//
// The pass `sym-resolve-evals`. A given is passed on by making it a given of
// the inner evaluations, so that it stays an operand, which the rewrites keep
// up to date, and scopes are those of SSA.
//
//===----------------------------------------------------------------------===//

#include "sym/Dialect/Sym/IR/Sym.h"
#include "sym/Dialect/Sym/Transforms/Passes.h"

#include "mlir/IR/Builders.h"
#include "mlir/IR/IRMapping.h"
#include "mlir/IR/SymbolTable.h"

namespace mlir::sym {
#define GEN_PASS_DEF_SYMRESOLVEEVALS
#include "sym/Dialect/Sym/Transforms/Passes.h.inc"
} // namespace mlir::sym

using namespace mlir;
using namespace mlir::sym;

namespace {
struct ResolveEvals : public sym::impl::SymResolveEvalsBase<ResolveEvals> {
  using SymResolveEvalsBase::SymResolveEvalsBase;

  void runOnOperation() override;

  /// Replaces `eval`; appends to `worklist` the evaluations that its
  /// expression brings.
  LogicalResult resolve(EvalOp eval, SymbolTableCollection &symbols,
                        SmallVectorImpl<EvalOp> &worklist);

  int64_t numAdded = 0;
};
} // namespace

/// Adds to `inner` those of the givens that it does not give itself.
static EvalOp passGivens(EvalOp inner,
                         ArrayRef<std::pair<Attribute, Value>> givens) {
  SmallVector<Attribute> targets(inner.getTargets().getValue());
  SmallVector<Value> values(inner.getGivenValues());
  for (auto [target, value] : givens)
    if (!llvm::is_contained(inner.getTargets(), target)) {
      targets.push_back(target);
      values.push_back(value);
    }
  OpBuilder builder(inner);
  auto passed =
      EvalOp::create(builder, inner.getLoc(), inner.getOutputs().getTypes(),
                     inner.getCalleeAttr(), inner.getArguments(),
                     builder.getArrayAttr(targets), values);
  inner->replaceAllUsesWith(passed.getOutputs());
  inner.erase();
  return passed;
}

LogicalResult ResolveEvals::resolve(EvalOp eval, SymbolTableCollection &symbols,
                                    SmallVectorImpl<EvalOp> &worklist) {
  auto callee =
      symbols.lookupNearestSymbolFrom<ExprOp>(eval, eval.getCalleeAttr());
  SmallVector<std::pair<Attribute, Value>> givens;
  for (auto [target, value] :
       llvm::zip_equal(eval.getTargets(), eval.getGivenValues()))
    givens.emplace_back(target, value);

  OpBuilder builder(eval);
  IRMapping mapping;
  Block &body = callee.getBody().front();
  mapping.map(body.getArguments(), eval.getArguments());
  SmallVector<ReadOp> reads;
  SmallVector<EvalOp> inner;
  for (Operation &op : body.without_terminator())
    builder.clone(op, mapping)->walk([&](Operation *clone) {
      ++numAdded;
      clone->setLoc(CallSiteLoc::get(clone->getLoc(), eval.getLoc()));
      if (auto read = dyn_cast<ReadOp>(clone))
        reads.push_back(read);
      if (auto innerEval = dyn_cast<EvalOp>(clone))
        inner.push_back(innerEval);
    });
  // Expressions that each evaluate another one twice double at every step.
  if (numAdded > maxOperations) {
    InFlightDiagnostic diagnostic = eval.emitOpError()
                                    << "makes evaluations add more than "
                                    << maxOperations.getValue()
                                    << " operations to the module";
    diagnostic.attachNote(callee.getLoc()) << "expression declared here";
    return diagnostic;
  }
  SmallVector<Value> outputs;
  for (Value output : body.getTerminator()->getOperands())
    outputs.push_back(mapping.lookupOrDefault(output));
  eval->replaceAllUsesWith(outputs);
  eval.erase();
  ++numEvals;

  for (EvalOp innerEval : inner)
    worklist.push_back(givens.empty() ? innerEval
                                      : passGivens(innerEval, givens));
  for (ReadOp read : reads) {
    auto *given = llvm::find_if(givens, [&](const auto &given) {
      return given.first == read.getVariableAttr();
    });
    if (given != givens.end()) {
      read.getResult().replaceAllUsesWith(given->second);
      read.erase();
      ++numGivens;
    } else if (!read->getParentOfType<FuncOp>()) {
      InFlightDiagnostic diagnostic = read.emitOpError()
                                      << "of " << read.getVariableAttr()
                                      << " needs a given outside a sym.func";
      diagnostic.attachNote(callee.getLoc()) << "in this expression";
      return diagnostic;
    }
  }
  return success();
}

void ResolveEvals::runOnOperation() {
  ModuleOp module = getOperation();
  numAdded = 0;
  SymbolTableCollection symbols;
  SmallVector<EvalOp> worklist;
  SmallVector<ExprOp> expressions;
  module.walk<WalkOrder::PreOrder>([&](Operation *op) {
    if (auto expression = dyn_cast<ExprOp>(op)) {
      expressions.push_back(expression);
      return WalkResult::skip();
    }
    if (auto eval = dyn_cast<EvalOp>(op))
      worklist.push_back(eval);
    return WalkResult::advance();
  });
  while (!worklist.empty())
    if (failed(resolve(worklist.pop_back_val(), symbols, worklist)))
      return signalPassFailure();

  for (ExprOp expression : expressions)
    expression.erase();
  module.walk([](StopGradientOp stop) {
    stop.getResult().replaceAllUsesWith(stop.getInput());
    stop.erase();
  });
}
