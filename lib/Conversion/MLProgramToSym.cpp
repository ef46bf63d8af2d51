//===- MLProgramToSym.cpp - Globals become shared variables ---------------===//
//
// Gives modules with ml_program.global the semantics of sym. A function that
// can be called becomes a transaction (sym.func): what it calls is inlined, so
// that its accesses are one sequence, and the sequence becomes values (see
// ThreadGlobals.h). A function that stands in a host program's place, since it
// already holds operations of sym, accesses variables one by one.
//
//===----------------------------------------------------------------------===//

#include "ThreadGlobals.h"
#include "sym/Conversion/Passes.h"
#include "sym/Dialect/Sym/IR/Sym.h"

#include "mlir/Analysis/TopologicalSortUtils.h"
#include "mlir/Conversion/ControlFlowToSCF/ControlFlowToSCF.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/ControlFlow/IR/ControlFlowOps.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/MLProgram/IR/MLProgram.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/Dialect/UB/IR/UBOps.h"
#include "mlir/IR/Dominance.h"
#include "mlir/IR/IRMapping.h"
#include "mlir/Transforms/CFGToSCF.h"

namespace mlir::sym {
#define GEN_PASS_DEF_CONVERTMLPROGRAMTOSYM
#include "sym/Conversion/Passes.h.inc"
} // namespace mlir::sym

using namespace mlir;
using namespace mlir::sym;

//===----------------------------------------------------------------------===//
// ml_program.func and ml_program.subgraph
//===----------------------------------------------------------------------===//

/// Replaces a function of ml_program by a func.func with its body.
static LogicalResult replaceWithFunc(FunctionOpInterface function) {
  Region &body = function.getFunctionBody();
  if (isa<ml_program::SubgraphOp>(function) && !body.empty() &&
      !sortTopologically(&body.front()))
    return function.emitOpError(
        "has operations that depend on each other in a cycle");
  OpBuilder builder(function);
  auto type = cast<FunctionType>(function.getFunctionType());
  auto result = func::FuncOp::create(builder, function.getLoc(),
                                     function.getName(), type);
  SymbolTable::setSymbolVisibility(result,
                                   SymbolTable::getSymbolVisibility(function));
  result.getBody().takeBody(body);
  for (Block &block : result.getBody()) {
    Operation *terminator = block.empty() ? nullptr : &block.back();
    if (!isa_and_nonnull<ml_program::ReturnOp, ml_program::OutputOp>(
            terminator))
      continue;
    builder.setInsertionPoint(terminator);
    func::ReturnOp::create(builder, terminator->getLoc(),
                           terminator->getOperands());
    terminator->erase();
  }
  function.erase();
  return success();
}

//===----------------------------------------------------------------------===//
// Globals
//===----------------------------------------------------------------------===//

/// The initial value in the type in which it is stored; null if there is none.
static FailureOr<ElementsAttr> convertInitialValue(ml_program::GlobalOp global,
                                                   RankedTensorType stored) {
  Attribute value = global.getValueAttr();
  // The value of an extern global is set before the first call, or the call
  // fails (S4).
  if (!value || isa<ml_program::ExternAttr>(value))
    return ElementsAttr();
  if (isa<IntegerAttr, FloatAttr>(value) && stored.getRank() == 0) {
    if (auto integer = dyn_cast<IntegerAttr>(value);
        integer && integer.getType().isIndex())
      value = IntegerAttr::get(stored.getElementType(), integer.getValue());
    if (cast<TypedAttr>(value).getType() == stored.getElementType())
      return ElementsAttr(DenseElementsAttr::get(stored, value));
  }
  auto elements = dyn_cast<ElementsAttr>(value);
  if (auto dense = dyn_cast_or_null<DenseElementsAttr>(elements);
      dense && dense.getElementType().isIndex())
    elements = DenseElementsAttr::getFromRawBuffer(
        dense.getType().clone(stored.getElementType()), dense.getRawData());
  auto type = elements ? dyn_cast<RankedTensorType>(elements.getType())
                       : RankedTensorType();
  if (!type || type.getElementType() != stored.getElementType() ||
      type.getRank() != stored.getRank() ||
      failed(verifyCompatibleShape(type.getShape(), stored.getShape())) ||
      !isa<DenseElementsAttr, DenseResourceElementsAttr>(elements))
    return global.emitOpError() << "has an initial value that a variable of "
                                << stored << " cannot take: " << value;
  return elements;
}

//===----------------------------------------------------------------------===//
// Bodies
//===----------------------------------------------------------------------===//

/// A value for what is never used: branches that do not define it.
static Value createAnyValue(OpBuilder &builder, ub::PoisonOp poison) {
  Type type = poison.getType();
  Location location = poison.getLoc();
  auto tensor = dyn_cast<RankedTensorType>(type);
  if (tensor && !tensor.hasStaticShape()) {
    Value zero = arith::ConstantIndexOp::create(builder, location, 0);
    SmallVector<Value> sizes(tensor.getNumDynamicDims(), zero);
    return tensor::EmptyOp::create(builder, location, tensor, sizes);
  }
  TypedAttr attribute = builder.getZeroAttr(type);
  if (!attribute)
    return {};
  return arith::ConstantOp::create(builder, location, attribute);
}

/// Turns branches into structured control flow.
static LogicalResult liftBranches(func::FuncOp function) {
  if (function.getBody().hasOneBlock())
    return success();
  ControlFlowToSCFTransformation transformation;
  DominanceInfo dominance(function);
  if (failed(transformCFGToSCF(function.getBody(), transformation, dominance)))
    return failure();
  if (!function.getBody().hasOneBlock())
    return function.emitOpError("has branches that cannot be structured");
  function.walk([](ub::PoisonOp poison) {
    OpBuilder builder(poison);
    if (Value value = createAnyValue(builder, poison)) {
      poison.replaceAllUsesWith(value);
      poison.erase();
    }
  });
  return success();
}

/// Puts the body of `callee`, which is one block, in the place of `call`.
static void inlineCall(func::CallOp call, func::FuncOp callee) {
  OpBuilder builder(call);
  IRMapping mapping;
  mapping.map(callee.getArguments(), call.getOperands());
  Block &body = callee.getBody().front();
  for (Operation &op : body.without_terminator()) {
    Operation *copy = builder.clone(op, mapping);
    copy->walk([&](Operation *inner) {
      inner->setLoc(CallSiteLoc::get(inner->getLoc(), call.getLoc()));
    });
  }
  for (auto [result, value] :
       llvm::zip_equal(call.getResults(), body.getTerminator()->getOperands()))
    result.replaceAllUsesWith(mapping.lookupOrDefault(value));
  call.erase();
}

/// An assertion fails the call (T4). Braces in a check's message refer to
/// values, of which an assertion has none.
static void replaceAssertions(Operation *op) {
  op->walk([](cf::AssertOp assertion) {
    std::string message = assertion.getMsg().str();
    std::replace(message.begin(), message.end(), '{', '(');
    std::replace(message.begin(), message.end(), '}', ')');
    OpBuilder builder(assertion);
    CheckOp::create(builder, assertion.getLoc(), assertion.getArg(),
                    CheckKind::Assertion, message, ValueRange());
    assertion.erase();
  });
}

//===----------------------------------------------------------------------===//
// The pass
//===----------------------------------------------------------------------===//

namespace {
class ConvertMLProgramToSym
    : public sym::impl::ConvertMLProgramToSymBase<ConvertMLProgramToSym> {
public:
  void runOnOperation() override;

private:
  LogicalResult collectGlobals();
  void classify();
  LogicalResult prepare(func::FuncOp function);
  LogicalResult convertFunction(func::FuncOp function);
  LogicalResult convertRemaining(func::FuncOp function);
  LogicalResult convertGlobals();
  LogicalResult verifyConverted();

  /// What `call` calls; null unless it is a function of this module.
  func::FuncOp getCallee(func::CallOp call) const {
    return functions.lookup(call.getCalleeAttr().getAttr());
  }
  bool accessesGlobals(func::FuncOp function,
                       llvm::SmallPtrSetImpl<Operation *> &visited) const;
  bool accessesGlobals(func::FuncOp function) const {
    llvm::SmallPtrSet<Operation *, 8> visited;
    return accessesGlobals(function, visited);
  }

  GlobalTypes globals;
  llvm::MapVector<StringAttr, func::FuncOp> functions;
  /// The functions that become transactions.
  llvm::SetVector<Operation *> converted;
  /// Functions with all calls inlined, and those whose calls are being inlined.
  llvm::SmallPtrSet<Operation *, 16> prepared;
  SmallVector<func::CallOp> callStack;
};
} // namespace

/// Whether the function is a host program: it holds operations of sym.
static bool isHostProgram(func::FuncOp function) {
  return function
      .walk([](Operation *op) {
        return isa_and_nonnull<SymDialect>(op->getDialect())
                   ? WalkResult::interrupt()
                   : WalkResult::advance();
      })
      .wasInterrupted();
}

static bool hasStorableSignature(func::FuncOp function) {
  return llvm::all_of(function.getArgumentTypes(), getStoredType) &&
         llvm::all_of(function.getResultTypes(), getStoredType);
}

bool ConvertMLProgramToSym::accessesGlobals(
    func::FuncOp function, llvm::SmallPtrSetImpl<Operation *> &visited) const {
  if (!visited.insert(function).second)
    return false;
  return function
      .walk([&](Operation *op) {
        auto call = dyn_cast<func::CallOp>(op);
        func::FuncOp callee = call ? getCallee(call) : func::FuncOp();
        bool found = callee ? accessesGlobals(callee, visited)
                            : isa_and_nonnull<ml_program::MLProgramDialect>(
                                  op->getDialect());
        return found ? WalkResult::interrupt() : WalkResult::advance();
      })
      .wasInterrupted();
}

LogicalResult ConvertMLProgramToSym::collectGlobals() {
  for (auto global : getOperation().getOps<ml_program::GlobalOp>()) {
    if (!getStoredType(global.getType()))
      return global.emitOpError()
             << "has type " << global.getType()
             << ", but a variable holds a number or a ranked tensor of "
                "storable elements";
    globals[global.getSymNameAttr()] = global.getType();
  }
  return success();
}

/// Decides which functions become transactions: those that a caller can reach,
/// from outside or from a host program.
void ConvertMLProgramToSym::classify() {
  for (auto function : getOperation().getOps<func::FuncOp>())
    functions[function.getSymNameAttr()] = function;
  llvm::SmallPtrSet<Operation *, 8> calledByHost;
  for (auto [name, function] : functions)
    if (isHostProgram(function))
      function.walk([&](func::CallOp call) {
        if (func::FuncOp callee = getCallee(call))
          calledByHost.insert(callee);
      });
  for (auto [name, function] : functions) {
    if (function.isDeclaration() || isHostProgram(function))
      continue;
    bool accesses = accessesGlobals(function);
    bool reachable =
        function.isPublic() || (calledByHost.contains(function) && accesses);
    if (reachable && (accesses || hasStorableSignature(function)))
      converted.insert(function);
  }
}

/// Structures the branches of `function` and inlines what it calls.
LogicalResult ConvertMLProgramToSym::prepare(func::FuncOp function) {
  if (!prepared.insert(function).second)
    return success();
  if (failed(liftBranches(function)))
    return failure();
  WalkResult result = function.walk([&](Operation *op) {
    auto call = dyn_cast<func::CallOp>(op);
    if (!call) {
      if (!isa<CallOpInterface>(op))
        return WalkResult::advance();
      op->emitOpError("in a function over globals: only direct calls of "
                      "functions can be inlined");
      return WalkResult::interrupt();
    }
    func::FuncOp callee = getCallee(call);
    auto fail = [&](StringRef why) {
      InFlightDiagnostic diagnostic =
          call.emitOpError()
          << "cannot be inlined: " << call.getCalleeAttr() << why;
      if (callee)
        diagnostic.attachNote(callee.getLoc()) << "the function is here";
      return WalkResult::interrupt();
    };
    if (!callee)
      return fail(" is not a function of this module");
    if (callee.isDeclaration())
      return fail(" has no body");
    if (isHostProgram(callee))
      return fail(" is a host program");
    bool recursive =
        callee == function || llvm::any_of(callStack, [&](func::CallOp outer) {
          return outer->getParentOfType<func::FuncOp>() == callee;
        });
    if (recursive)
      return fail(" calls itself");
    callStack.push_back(call);
    LogicalResult inlinable = prepare(callee);
    callStack.pop_back();
    if (failed(inlinable))
      return WalkResult::interrupt();
    inlineCall(call, callee);
    ++numInlined;
    return WalkResult::skip();
  });
  return failure(result.wasInterrupted());
}

LogicalResult ConvertMLProgramToSym::convertFunction(func::FuncOp function) {
  auto convertTypes = [&](TypeRange types, StringRef what,
                          SmallVectorImpl<Type> &stored) -> LogicalResult {
    for (auto [index, type] : llvm::enumerate(types)) {
      stored.push_back(getStoredType(type));
      if (!stored.back())
        return function.emitOpError()
               << "accesses globals, but " << what << " #" << index
               << " has type " << type
               << ", which is neither a number nor a ranked tensor of storable "
                  "elements";
    }
    return success();
  };
  SmallVector<Type> arguments, results;
  if (failed(
          convertTypes(function.getArgumentTypes(), "argument", arguments)) ||
      failed(convertTypes(function.getResultTypes(), "result", results)))
    return failure();

  OpBuilder builder(function);
  auto transaction = sym::FuncOp::create(
      builder, function.getLoc(), function.getName(),
      builder.getFunctionType(arguments, results), ArrayRef<NamedAttribute>());
  if (!function.isPublic())
    transaction.setSymVisibilityAttr(function.getSymVisibilityAttr());
  transaction.getBody().takeBody(function.getBody());
  Block &body = transaction.getBody().front();

  builder.setInsertionPointToStart(&body);
  for (auto [argument, type] :
       llvm::zip_equal(body.getArguments(), arguments)) {
    Type before = argument.getType();
    if (before == type)
      continue;
    argument.setType(type);
    SmallVector<OpOperand *> uses = llvm::map_to_vector(
        argument.getUses(), [](OpOperand &use) { return &use; });
    Value loaded = createLoaded(builder, argument.getLoc(), argument, before);
    for (OpOperand *use : uses)
      use->set(loaded);
  }

  replaceAssertions(transaction);
  llvm::MapVector<StringAttr, Value> updates;
  if (failed(threadGlobals(transaction.getBody(), globals, updates)))
    return failure();

  Operation *terminator = body.getTerminator();
  builder.setInsertionPoint(terminator);
  SmallVector<Value> outputs, newValues;
  SmallVector<Attribute> targets;
  for (Value value : terminator->getOperands())
    outputs.push_back(createStored(builder, terminator->getLoc(), value));
  for (auto [global, value] : updates) {
    targets.push_back(FlatSymbolRefAttr::get(global));
    newValues.push_back(value);
  }
  ReturnOp::create(builder, terminator->getLoc(), outputs,
                   builder.getArrayAttr(targets), newValues);
  terminator->erase();
  functions.erase(function.getSymNameAttr());
  function.erase();
  ++numFunctions;
  return success();
}

/// In a function that stays, accesses become those of host programs, and calls
/// of transactions sym.call.
LogicalResult ConvertMLProgramToSym::convertRemaining(func::FuncOp function) {
  SymbolTable symbols(getOperation());
  WalkResult result = function.walk([&](Operation *op) {
    OpBuilder builder(op);
    Location location = op->getLoc();
    if (isa<ml_program::GlobalLoadOp, ml_program::GlobalLoadConstOp>(op)) {
      StringAttr global = getGlobalAccessed(op, globals);
      if (!global)
        return WalkResult::interrupt();
      Type type = op->getResult(0).getType();
      Value stored = GetValueOp::create(builder, location, getStoredType(type),
                                        FlatSymbolRefAttr::get(global));
      op->getResult(0).replaceAllUsesWith(
          createLoaded(builder, location, stored, type));
      op->erase();
      return WalkResult::skip();
    }
    if (isa<ml_program::GlobalStoreOp>(op)) {
      StringAttr global = getGlobalAccessed(op, globals);
      if (!global)
        return WalkResult::interrupt();
      SetValueOp::create(builder, location, FlatSymbolRefAttr::get(global),
                         createStored(builder, location, op->getOperand(0)));
      op->erase();
      return WalkResult::skip();
    }
    auto call = dyn_cast<func::CallOp>(op);
    auto callee =
        call ? symbols.lookup<sym::FuncOp>(call.getCallee()) : sym::FuncOp();
    if (!callee)
      return WalkResult::advance();
    SmallVector<Value> arguments;
    for (Value operand : call.getOperands())
      arguments.push_back(createStored(builder, location, operand));
    auto transaction = sym::CallOp::create(
        builder, location, callee.getResultTypes(),
        FlatSymbolRefAttr::get(callee.getSymNameAttr()), arguments);
    for (auto [before, after] :
         llvm::zip_equal(call.getResults(), transaction.getOutputs()))
      before.replaceAllUsesWith(
          createLoaded(builder, location, after, before.getType()));
    call.erase();
    return WalkResult::skip();
  });
  return failure(result.wasInterrupted());
}

LogicalResult ConvertMLProgramToSym::convertGlobals() {
  for (auto global : llvm::make_early_inc_range(
           getOperation().getOps<ml_program::GlobalOp>())) {
    RankedTensorType stored = getStoredType(global.getType());
    FailureOr<ElementsAttr> value = convertInitialValue(global, stored);
    if (failed(value))
      return failure();
    OpBuilder builder(global);
    SharedOp::create(
        builder, global.getLoc(), global.getSymNameAttr(),
        global.getSymVisibilityAttr(), TypeAttr::get(stored), *value,
        UpdatePolicyAttr::get(&getContext(), UpdatePolicy::InPlace),
        SpaceAttr());
    global.erase();
    ++numGlobals;
  }
  return success();
}

LogicalResult ConvertMLProgramToSym::verifyConverted() {
  WalkResult result = getOperation()->walk([](Operation *op) {
    if (!isa_and_nonnull<ml_program::MLProgramDialect>(op->getDialect()))
      return WalkResult::advance();
    op->emitOpError("stands where it cannot be converted to sym");
    return WalkResult::interrupt();
  });
  return failure(result.wasInterrupted());
}

void ConvertMLProgramToSym::runOnOperation() {
  globals.clear();
  functions.clear();
  converted.clear();
  prepared.clear();

  for (auto function :
       llvm::make_early_inc_range(getOperation().getOps<FunctionOpInterface>()))
    if (isa<ml_program::FuncOp, ml_program::SubgraphOp>(function) &&
        failed(replaceWithFunc(function)))
      return signalPassFailure();
  if (failed(collectGlobals()))
    return signalPassFailure();
  classify();

  for (Operation *function : converted)
    if (failed(prepare(cast<func::FuncOp>(function))))
      return signalPassFailure();
  for (Operation *function : converted)
    if (failed(convertFunction(cast<func::FuncOp>(function))))
      return signalPassFailure();

  // What was inlined everywhere, or is never called, and accesses globals.
  bool changed = true;
  while (changed) {
    changed = false;
    for (func::FuncOp function :
         llvm::make_early_inc_range(getOperation().getOps<func::FuncOp>()))
      if (function.isPrivate() && !function.isDeclaration() &&
          (prepared.contains(function) || accessesGlobals(function)) &&
          SymbolTable::symbolKnownUseEmpty(function, getOperation())) {
        functions.erase(function.getSymNameAttr());
        function.erase();
        changed = true;
      }
  }

  for (auto function :
       llvm::make_early_inc_range(getOperation().getOps<func::FuncOp>()))
    if (failed(convertRemaining(function)))
      return signalPassFailure();
  if (failed(convertGlobals()) || failed(verifyConverted()))
    return signalPassFailure();
}
