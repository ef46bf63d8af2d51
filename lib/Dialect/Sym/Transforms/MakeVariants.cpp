//===- MakeVariants.cpp - An in-place and an out-of-place variant -----===//
//
// An update can be done in place unless, at the call, somebody pins the
// variable's buffer. That is known only then, so an entry has two variants.
// One that may write nothing in place has one function under both names.
//
//===----------------------------------------------------------------------===//

#include "sym/Dialect/Sym/Transforms/Passes.h"

#include "sym/Dialect/Sym/IR/Sym.h"

#include "mlir/Dialect/Bufferization/IR/BufferizableOpInterface.h"
#include "mlir/Dialect/Bufferization/IR/Bufferization.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"

namespace mlir::sym {
#define GEN_PASS_DEF_SYMMAKEVARIANTS
#include "sym/Dialect/Sym/Transforms/Passes.h.inc"
} // namespace mlir::sym

using namespace mlir;
using namespace mlir::sym;

namespace {
struct MakeVariants : public sym::impl::SymMakeVariantsBase<MakeVariants> {
  using Base::Base;
  void runOnOperation() override;

private:
  LogicalResult makeVariants(EntryOp entry, SymbolTable &symbols);
  void dropNoOpUpdates(EntryOp entry, func::FuncOp body);
  void copyRelaxedControl(EntryOp entry, func::FuncOp body);
  func::FuncOp makeVariant(EntryOp entry, func::FuncOp body, StringRef suffix,
                           bool inPlace, SymbolTable &symbols,
                           Block::iterator where);
};
} // namespace

/// An update that stores the value that was read changes nothing.
void MakeVariants::dropNoOpUpdates(EntryOp entry, func::FuncOp body) {
  unsigned numArguments = entry.getFunctionType().getNumInputs();
  unsigned numResults = entry.getFunctionType().getNumResults();
  auto returnOp = cast<func::ReturnOp>(body.getBody().front().getTerminator());
  SmallVector<Attribute> updates;
  SmallVector<Value> values(returnOp.getOperands().take_front(numResults));
  for (auto [update, value] : llvm::zip(
           entry.getUpdates(), returnOp.getOperands().drop_front(numResults))) {
    auto argument = dyn_cast<BlockArgument>(value);
    if (argument && argument.getOwner() == &body.getBody().front() &&
        argument.getArgNumber() >= numArguments &&
        entry.getReads()[argument.getArgNumber() - numArguments] == update) {
      ++numDropped;
      continue;
    }
    updates.push_back(update);
    values.push_back(value);
  }
  if (updates.size() == entry.getUpdates().size())
    return;
  entry.setUpdatesAttr(ArrayAttr::get(&getContext(), updates));
  returnOp.getOperandsMutable().assign(values);
  body.setFunctionType(FunctionType::get(&getContext(), body.getArgumentTypes(),
                                         ValueRange(values).getTypes()));
}

/// Whether a change of `value` during the call could change an index, a shape,
/// a check or a branch. Says yes when in doubt.
static bool reachesControl(Value value) {
  SmallVector<Value> worklist = {value};
  llvm::DenseSet<Value> seen;
  while (!worklist.empty()) {
    Value next = worklist.pop_back_val();
    if (!seen.insert(next).second)
      continue;
    if (next.getType().isIndex())
      return true;
    for (Operation *user : next.getUsers()) {
      // The shape of a relaxed variable is fixed while calls run.
      if (isa<tensor::DimOp, func::ReturnOp>(user))
        continue;
      if (isa<CheckOp>(user))
        return true;
      bool isStructured = isa<linalg::LinalgOp>(user);
      if (user->getNumRegions() != 0 && !isStructured)
        return true;
      if (user->hasTrait<OpTrait::IsTerminator>()) {
        // The condition of a loop, or what goes on in an operation around it.
        if (!isa<RegionBranchTerminatorOpInterface>(user) ||
            !isa<TensorType>(next.getType()))
          return true;
        llvm::append_range(worklist, user->getParentOp()->getResults());
        continue;
      }
      if (isStructured &&
          user->walk([](Operation *nested) {
                return isa<scf::IfOp, tensor::ExtractOp>(nested) ||
                               (!isa<linalg::IndexOp>(nested) &&
                                llvm::is_contained(
                                    nested->getResultTypes(),
                                    IndexType::get(nested->getContext())))
                           ? WalkResult::interrupt()
                           : WalkResult::advance();
              })
              .wasInterrupted())
        return true;
      llvm::append_range(worklist, user->getResults());
    }
  }
  return false;
}

/// T7: other calls may write a relaxed variable during this one. Where its
/// value decides what the call does, the call works on a copy, so that what was
/// checked is what is used.
void MakeVariants::copyRelaxedControl(EntryOp entry, func::FuncOp body) {
  unsigned numArguments = entry.getFunctionType().getNumInputs();
  for (auto [index, name] : llvm::enumerate(entry.getReads())) {
    BlockArgument value = body.getArgument(numArguments + index);
    if (!isRelaxed(entry, name) || !reachesControl(value))
      continue;
    OpBuilder builder = OpBuilder::atBlockBegin(&body.getBody().front());
    auto copy = bufferization::AllocTensorOp::create(
        builder, value.getLoc(), cast<RankedTensorType>(value.getType()),
        ValueRange(), /*copy=*/value);
    value.replaceAllUsesExcept(copy, copy);
    ++numRelaxedCopies;
  }
}

/// Below this number of bytes a copy costs less than another buffer.
static constexpr int64_t kCheapCopy = 16384;

static bool isCheapToCopy(RankedTensorType type) {
  Type element = type.getElementType();
  if (!type.hasStaticShape() || !element.isIntOrFloat())
    return false;
  int64_t bytes = llvm::divideCeil(element.getIntOrFloatBitWidth(), 8);
  for (int64_t size : type.getShape())
    if (llvm::MulOverflow(bytes, size, bytes))
      return false;
  return bytes < kCheapCopy;
}

/// Whether `source` is returned whole as the value from before the call (T3),
/// and written in place would have to be copied for that at some cost.
static bool shouldMoveToResult(EntryOp entry, func::FuncOp body,
                               unsigned source) {
  unsigned numResults = entry.getFunctionType().getNumResults();
  Value value =
      body.getArgument(entry.getFunctionType().getNumInputs() + source);
  Operation *returnOp = body.getBody().front().getTerminator();
  return llvm::is_contained(returnOp->getOperands().take_front(numResults),
                            value) &&
         !isCheapToCopy(cast<RankedTensorType>(value.getType())) &&
         !isRelaxed(entry, entry.getReads()[source]);
}

func::FuncOp MakeVariants::makeVariant(EntryOp entry, func::FuncOp body,
                                       StringRef suffix, bool inPlace,
                                       SymbolTable &symbols,
                                       Block::iterator where) {
  Builder builder(&getContext());
  func::FuncOp variant = body.clone();
  variant.setSymName((entry.getSymName() + suffix).str());
  variant.setPrivate();
  unsigned numArguments = entry.getFunctionType().getNumInputs();
  for (unsigned index = 0; index < variant.getNumArguments(); ++index) {
    bool writable;
    if (index < numArguments) {
      // B4: an argument is never written unless it is mutable.
      auto attributes =
          entry.getArgAttrs()
              ? cast<DictionaryAttr>((*entry.getArgAttrs())[index])
              : DictionaryAttr();
      writable =
          attributes && attributes.contains(SymDialect::kMutableAttrName);
    } else {
      unsigned source = index - numArguments;
      writable =
          inPlace &&
          llvm::is_contained(entry.getUpdates(), entry.getReads()[source]) &&
          !shouldMoveToResult(entry, body, source);
    }
    variant.setArgAttr(index,
                       bufferization::BufferizationDialect::kWritableAttrName,
                       builder.getBoolAttr(writable));
  }
  symbols.insert(variant, where);
  return variant;
}

LogicalResult MakeVariants::makeVariants(EntryOp entry, SymbolTable &symbols) {
  auto body = symbols.lookup<func::FuncOp>(*entry.getBody());
  if (!body || !body.getBody().hasOneBlock() ||
      !isa<func::ReturnOp>(body.getBody().front().getTerminator())) {
    InFlightDiagnostic diagnostic = entry.emitOpError()
                                    << "needs its body, @" << *entry.getBody()
                                    << ", to be a func.func of one block";
    if (Operation *found = symbols.lookup(*entry.getBody()))
      diagnostic.attachNote(found->getLoc()) << "found this";
    return diagnostic;
  }
  // Entries may share a body, so what is changed is a copy of it.
  OwningOpRef<func::FuncOp> copy(body.clone());
  dropNoOpUpdates(entry, *copy);
  copyRelaxedControl(entry, *copy);

  bool canBeInPlace = !forceCopies;
  canBeInPlace &= llvm::any_of(entry.getUpdates(), [&](Attribute update) {
    return llvm::is_contained(entry.getReads(), update);
  });
  Block::iterator where(body);
  func::FuncOp outOfPlace = makeVariant(entry, *copy, ".outofplace",
                                        /*inPlace=*/false, symbols, where);
  func::FuncOp inPlace = canBeInPlace
                             ? makeVariant(entry, *copy, ".inplace",
                                           /*inPlace=*/true, symbols, where)
                             : outOfPlace;
  numVariants += canBeInPlace ? 2 : 1;

  auto empty = ArrayAttr::get(&getContext(), {});
  entry.removeBodyAttr();
  entry.setInplaceAttr(FlatSymbolRefAttr::get(inPlace));
  entry.setInplaceSlotsAttr(empty);
  entry.setOutofplaceAttr(FlatSymbolRefAttr::get(outOfPlace));
  entry.setOutofplaceSlotsAttr(empty);
  return success();
}

void MakeVariants::runOnOperation() {
  SymbolTable symbols(getOperation());
  llvm::SmallSetVector<Operation *, 8> bodies;
  for (auto entry : getOperation().getOps<EntryOp>()) {
    if (!entry.getBody())
      continue;
    Operation *body = symbols.lookup(*entry.getBody());
    if (failed(makeVariants(entry, symbols)))
      return signalPassFailure();
    bodies.insert(body);
  }
  for (Operation *body : bodies)
    if (SymbolTable::symbolKnownUseEmpty(body, getOperation()))
      symbols.erase(body);
}
