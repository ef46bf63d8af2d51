//===- VerifyStage.cpp - What a stage of the pipeline may leave -------===//
//
// The pass `sym-verify-stage`: a table, one row per stage.
//
//===----------------------------------------------------------------------===//

#include "sym/Dialect/Sym/IR/Sym.h"
#include "sym/Dialect/Sym/Transforms/Passes.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "llvm/ADT/StringExtras.h"

namespace mlir::sym {
#define GEN_PASS_DEF_SYMVERIFYSTAGE
#include "sym/Dialect/Sym/Transforms/Passes.h.inc"
} // namespace mlir::sym

using namespace mlir;
using namespace mlir::sym;

namespace {
/// What values may be after a stage.
enum class Values { Tensors, Buffers };

struct StageRule {
  StringRef stage;
  /// What bodies may hold: dialects, or operations where there is a dot.
  ArrayRef<StringRef> body;
  /// What else host programs and the module itself may hold.
  ArrayRef<StringRef> host;
  Values values;
  /// Whether elementwise operations may work on tensors.
  bool elementwiseTensors;
};
} // namespace

// Affine index expressions come with upstream's tensor patterns.
static const StringRef kTensorBody[] = {
    "arith", "math",         "complex",    "linalg",     "tensor",
    "scf",   "affine.apply", "affine.min", "affine.max", "sym.check"};
static const StringRef kSymBody[] = {
    "arith",      "math",     "complex",      "linalg",
    "tensor",     "scf",      "affine.apply", "affine.min",
    "affine.max", "sym.read", "sym.check",    "sym.return"};
// Few forms: what the stages below know.
static const StringRef kLinalgBody[] = {"arith",
                                        "math",
                                        "complex",
                                        "scf",
                                        "linalg.generic",
                                        "linalg.yield",
                                        "linalg.index",
                                        "linalg.fill",
                                        "linalg.matmul",
                                        "linalg.batch_matmul",
                                        "linalg.matvec",
                                        "linalg.vecmat",
                                        "linalg.dot",
                                        "tensor.cast",
                                        "tensor.collapse_shape",
                                        "tensor.dim",
                                        "tensor.empty",
                                        "tensor.expand_shape",
                                        "tensor.extract",
                                        "tensor.extract_slice",
                                        "tensor.from_elements",
                                        "tensor.insert",
                                        "tensor.insert_slice",
                                        "tensor.parallel_insert_slice",
                                        "tensor.reshape",
                                        "sym.check"};
static const StringRef kBufferBody[] = {
    "arith",           "math",      "complex",          "linalg",
    "memref",          "scf",       "affine.apply",     "affine.min",
    "affine.max",      "sym.check", "sym.alloc_result", "sym.select_result",
    "sym.move_result", "sym.arena", "func.return"};
static const StringRef kResolveHost[] = {
    "builtin.module", "func",       "cf",        "sym.shared",
    "sym.func",       "sym.call",   "sym.print", "sym.get_value",
    "sym.set_value",  "sym.borrow", "sym.view",  "sym.release"};
static const StringRef kEntryHost[] = {
    "builtin.module", "func",       "cf",        "sym.shared",
    "sym.entry",      "sym.call",   "sym.print", "sym.get_value",
    "sym.set_value",  "sym.borrow", "sym.view",  "sym.release"};
static const StringRef kLLVM[] = {"llvm", "omp", "builtin.module"};

static const StageRule kRules[] = {
    {"resolve", kSymBody, kResolveHost, Values::Tensors, true},
    {"functionalize", kTensorBody, kEntryHost, Values::Tensors, true},
    {"checks", kTensorBody, kEntryHost, Values::Tensors, true},
    {"linalg", kLinalgBody, kEntryHost, Values::Tensors, false},
    {"buffers", kBufferBody, kEntryHost, Values::Buffers, false},
    {"host", kLLVM, kLLVM, Values::Buffers, false},
};

static bool lists(ArrayRef<StringRef> list, Operation *op) {
  StringRef name = op->getName().getStringRef();
  return llvm::any_of(list, [&](StringRef entry) {
    return entry.contains('.') ? entry == name
                               : entry == op->getName().getDialectNamespace();
  });
}

/// The functions that entries name: bodies and variants.
static llvm::SmallPtrSet<Operation *, 16> getBodies(ModuleOp module) {
  llvm::SmallPtrSet<Operation *, 16> bodies;
  SymbolTable symbols(module);
  for (auto entry : module.getOps<EntryOp>())
    for (FlatSymbolRefAttr name : {entry.getBodyAttr(), entry.getInplaceAttr(),
                                   entry.getOutofplaceAttr()})
      if (name)
        if (Operation *function = symbols.lookup(name.getAttr()))
          bodies.insert(function);
  return bodies;
}

/// Why a type may not occur after a stage; empty if it may.
static StringRef refuseType(Type type, const StageRule &rule) {
  if (isa<UnrankedTensorType, UnrankedMemRefType>(type))
    return "has a value of unknown rank";
  if (rule.values == Values::Buffers && isa<TensorType>(type))
    return "has a tensor value";
  if (rule.values == Values::Tensors && isa<BaseMemRefType>(type))
    return "has a buffer";
  // Conditions are those of scalars.
  if (rule.values == Values::Tensors &&
      (isa<VectorType>(type) || isa<VectorType>(getElementTypeOrSelf(type))))
    return "has a vector";
  return {};
}

/// The float that `op` would compute with although no target can: such values
/// are stored, moved, converted as bits and printed. Null if there is none.
static Type getStorageOnlyFloat(Operation *op) {
  StringRef dialect = op->getName().getDialectNamespace();
  bool computes = dialect == "arith" || dialect == "math" ||
                  dialect == "complex" || isa<CheckOp>(op);
  if (!computes ||
      isa<arith::ConstantOp, arith::BitcastOp, arith::SelectOp>(op))
    return {};
  for (TypeRange types :
       {TypeRange(op->getOperandTypes()), TypeRange(op->getResultTypes())})
    for (Type type : types) {
      Type element = getElementTypeOrSelf(type);
      if (isa<FloatType>(element) &&
          !isa<Float16Type, BFloat16Type, Float32Type, Float64Type, Float80Type,
               Float128Type>(element))
        return element;
    }
  return {};
}

/// The op around a check from which a failed one cannot end the call, if any.
static Operation *getObstacle(CheckOp check) {
  Operation *parent = check->getParentOp();
  for (; parent && !isa<FunctionOpInterface>(parent);
       parent = parent->getParentOp())
    if (!isa<scf::IfOp, scf::ForOp, scf::WhileOp, scf::IndexSwitchOp,
             scf::ExecuteRegionOp>(parent))
      return parent;
  return nullptr;
}

namespace {
struct VerifyStage : public sym::impl::SymVerifyStageBase<VerifyStage> {
  using SymVerifyStageBase::SymVerifyStageBase;

  void runOnOperation() override;
  LogicalResult verify(Operation *op, const StageRule &rule, bool inBody);
};
} // namespace

LogicalResult VerifyStage::verify(Operation *op, const StageRule &rule,
                                  bool inBody) {
  auto fail = [&](const Twine &why) -> InFlightDiagnostic {
    return op->emitOpError()
           << why << " after the stage '" << rule.stage << "'";
  };
  if (isa<ModuleOp>(op) && op->getParentOp())
    return op->emitOpError("stands in another module; a program is one module");
  if (!lists(rule.body, op) && (inBody || !lists(rule.host, op))) {
    bool misplaced = inBody && lists(rule.host, op) &&
                     op->getName().getDialectNamespace() != "sym";
    InFlightDiagnostic diagnostic =
        fail(misplaced ? "must not stand in a function over shared variables"
                       : "must not remain");
    diagnostic.attachNote(op->getLoc())
        << (inBody ? "bodies may hold " : "the module may hold ")
        << llvm::join(rule.body, ", ")
        << (inBody ? std::string() : ", " + llvm::join(rule.host, ", "));
    return diagnostic;
  }
  for (TypeRange types :
       {TypeRange(op->getOperandTypes()), TypeRange(op->getResultTypes())})
    for (Type type : types)
      if (StringRef why = refuseType(type, rule); !why.empty())
        return fail(why);
  for (Region &region : op->getRegions())
    for (Block &block : region)
      for (Type type : block.getArgumentTypes())
        if (StringRef why = refuseType(type, rule); !why.empty())
          return fail(why);
  if (Type element = getStorageOnlyFloat(op)) {
    // The body of a named operation has no place of its own; one of its
    // operations says it for all.
    Operation *parent = op->getParentOp();
    bool hasPlace = !isa<UnknownLoc>(op->getLoc()) ||
                    parent->getName().getDialectNamespace() != "linalg";
    if (!hasPlace && llvm::any_of(llvm::make_range(op->getBlock()->begin(),
                                                   op->getIterator()),
                                  [](Operation &before) {
                                    return getStorageOnlyFloat(&before) !=
                                           Type();
                                  }))
      return failure();
    return (hasPlace ? op : parent)->emitOpError("computes with ")
           << element << ", whose values can only be stored and moved";
  }
  // A number chooses between whole tensors without touching their elements.
  auto select = dyn_cast<arith::SelectOp>(op);
  bool choosesWhole = select && select.getCondition().getType().isInteger(1);
  if (!rule.elementwiseTensors && !choosesWhole &&
      OpTrait::hasElementwiseMappableTraits(op) &&
      llvm::any_of(op->getResultTypes(), llvm::IsaPred<TensorType>))
    return fail("must not work on tensors");
  // T4: a failed check ends the call.
  auto check = dyn_cast<CheckOp>(op);
  if (!check || rule.stage == "resolve" || rule.stage == "functionalize")
    return success();
  if (Operation *obstacle = getObstacle(check)) {
    InFlightDiagnostic diagnostic = fail("cannot end the call");
    diagnostic.attachNote(obstacle->getLoc())
        << "since it stands in '" << obstacle->getName() << "'";
    return diagnostic;
  }
  return success();
}

void VerifyStage::runOnOperation() {
  const StageRule *rule = llvm::find_if(
      kRules, [&](const StageRule &rule) { return rule.stage == stage; });
  if (rule == std::end(kRules)) {
    getOperation().emitError() << "unknown stage '" << stage.getValue() << "'";
    return signalPassFailure();
  }
  markAllAnalysesPreserved();

  // Enough to see what went wrong; a stage that did nothing leaves everything.
  constexpr unsigned kMaxErrors = 16;
  unsigned numErrors = 0;
  auto visit = [&](Operation *op, bool inBody) {
    if (failed(verify(op, *rule, inBody)))
      ++numErrors;
    return numErrors < kMaxErrors ? WalkResult::advance()
                                  : WalkResult::interrupt();
  };
  getOperation().walk<WalkOrder::PreOrder>([&](ModuleOp module) {
    llvm::SmallPtrSet<Operation *, 16> bodies = getBodies(module);
    if (visit(module, false).wasInterrupted())
      return WalkResult::interrupt();
    for (Operation &function : module.getOps()) {
      if (isa<ModuleOp>(function))
        continue;
      // What must not remain is one error, whatever it holds.
      unsigned before = numErrors;
      if (visit(&function, false).wasInterrupted())
        return WalkResult::interrupt();
      if (numErrors != before)
        continue;
      bool isBody = isa<FuncOp>(function) || bodies.contains(&function);
      for (Region &region : function.getRegions()) {
        WalkResult result = region.walk([&](Operation *op) {
          // How a body ends is its function's affair.
          if (isa<func::ReturnOp>(op) && op->getParentOp() == &function)
            return WalkResult::advance();
          return visit(op, isBody);
        });
        if (result.wasInterrupted())
          return WalkResult::interrupt();
      }
    }
    return WalkResult::advance();
  });
  if (numErrors)
    signalPassFailure();
}
