//===- PlaceBuffers.cpp - Which buffers are on a device -------------------===//
//
// A function that uses variables on a device runs there: structured operations
// will be kernels, and their buffers the device's. What is computed from host
// scalars alone stays on the host. Where memory of the host meets memory of the
// device there is a memref.copy, or a scalar that a kernel takes by value.
//
//===----------------------------------------------------------------------===//

#include "BufferClasses.h"
#include "Variants.h"
#include "sym/Dialect/Sym/IR/Placement.h"
#include "sym/Dialect/Sym/Transforms/Passes.h"

#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/SCF/Transforms/Transforms.h"
#include "mlir/IR/ImplicitLocOpBuilder.h"

namespace mlir::sym {
#define GEN_PASS_DEF_SYMPLACEBUFFERS
#include "sym/Dialect/Sym/Transforms/Passes.h.inc"
} // namespace mlir::sym

using namespace mlir;
using namespace mlir::sym;

namespace {
struct PlaceBuffers : public sym::impl::SymPlaceBuffersBase<PlaceBuffers> {
  using Base::Base;
  void runOnOperation() override;

private:
  FailureOr<SpaceAttr> findDevice(EntryOp entry);
  LogicalResult placeVariants(EntryOp entry, SpaceAttr space);
};

/// Places the buffers of one variant.
class Placement {
public:
  Placement(Variant &variant, SpaceAttr device)
      : variant(variant), device(device), classes(variant.function) {}

  /// Decides, and changes nothing. False if a source of the host would be
  /// written by a kernel.
  bool decide();
  /// Gives the buffers their spaces; returns how many are on the device.
  int64_t apply();

private:
  bool isPlaced(Value buffer) const {
    return onDevice.contains(classes[buffer]);
  }
  void place(Value buffer) {
    changed |= onDevice.insert(classes[buffer]).second;
  }
  bool isOfHost(Value buffer) const;
  void placeSeeds();
  void placeAt(Operation *op);

  void copyIn(BlockArgument argument);
  void copyOut(AllocResultOp result);
  void passScalars(linalg::LinalgOp op);

  Variant &variant;
  SpaceAttr device;
  BufferClasses classes;
  llvm::DenseSet<unsigned> onDevice;
  bool changed = false;
};
} // namespace

//===----------------------------------------------------------------------===//
// Which functions
//===----------------------------------------------------------------------===//

static SharedOp getVariable(EntryOp entry, Attribute name) {
  return SymbolTable::lookupNearestSymbolFrom<SharedOp>(
      entry, cast<FlatSymbolRefAttr>(name));
}

/// Whether there is anything in `function` but scalars.
static bool hasArrays(func::FuncOp function) {
  auto isArray = [](Type type) {
    auto buffer = dyn_cast<MemRefType>(type);
    return buffer && buffer.getRank() != 0;
  };
  if (llvm::any_of(function.getArgumentTypes(), isArray))
    return true;
  return function
      .walk([&](Operation *op) {
        return llvm::any_of(op->getResultTypes(), isArray)
                   ? WalkResult::interrupt()
                   : WalkResult::advance();
      })
      .wasInterrupted();
}

FailureOr<SpaceAttr> PlaceBuffers::findDevice(EntryOp entry) {
  SharedOp first;
  SpaceAttr space;
  bool hasVariables = false;
  for (ArrayAttr names : {entry.getReads(), entry.getUpdates()})
    for (Attribute name : names) {
      hasVariables = true;
      SharedOp variable = getVariable(entry, name);
      SpaceAttr found = mlir::sym::getDevice(variable);
      if (!found)
        continue;
      if (!space) {
        space = found;
        first = variable;
      } else if (space != found) {
        InFlightDiagnostic diagnostic =
            entry.emitError()
            << "expected the variables of @" << entry.getSymName()
            << " on one device, found @" << first.getSymName() << " on "
            << space.getIndex() << " and @" << variable.getSymName() << " on "
            << found.getIndex();
        for (SharedOp place : {first, variable})
          diagnostic.attachNote(place.getLoc())
              << "@" << place.getSymName() << " is declared here";
        return failure();
      }
    }
  if (space || hasVariables)
    return space;
  auto function = SymbolTable::lookupNearestSymbolFrom<func::FuncOp>(
      entry, entry.getOutofplaceAttr());
  return hasArrays(function)
             ? SpaceAttr::get(&getContext(), SpaceKind::Cuda, device)
             : SpaceAttr();
}

//===----------------------------------------------------------------------===//
// Which buffers
//===----------------------------------------------------------------------===//

/// Whether the caller, or a variable, has this buffer on the host.
bool Placement::isOfHost(Value buffer) const {
  if (auto argument = dyn_cast<BlockArgument>(buffer)) {
    if (argument.getOwner() != &variant.getBlock())
      return false;
    if (std::optional<unsigned> source = variant.getSourceIndex(argument))
      return !mlir::sym::getDevice(
          getVariable(variant.entry, variant.entry.getReads()[*source]));
    return isHostArgument(variant.entry, argument.getArgNumber());
  }
  auto result = buffer.getDefiningOp<AllocResultOp>();
  if (!result || result.getSlot() < variant.getNumResults())
    return false;
  unsigned update = result.getSlot() - variant.getNumResults();
  return !mlir::sym::getDevice(
      getVariable(variant.entry, variant.entry.getUpdates()[update]));
}

void Placement::placeSeeds() {
  for (Value buffer : classes.getBuffers()) {
    auto argument = dyn_cast<BlockArgument>(buffer);
    bool isGiven = (argument && argument.getOwner() == &variant.getBlock()) ||
                   buffer.getDefiningOp<AllocResultOp>();
    bool isArray = cast<MemRefType>(buffer.getType()).getRank() != 0;
    if (buffer.getDefiningOp<ArenaOp>() ||
        (isGiven && (isArray || !isOfHost(buffer))))
      place(buffer);
  }
}

/// The buffers that `op` uses, also in its body.
static SmallVector<Value> getUsedBuffers(linalg::LinalgOp op) {
  llvm::SetVector<Value> used;
  op->walk([&](Operation *nested) {
    for (Value operand : nested->getOperands())
      if (isa<MemRefType>(operand.getType()))
        used.insert(operand);
  });
  return used.takeVector();
}

void Placement::placeAt(Operation *op) {
  if (auto structured = dyn_cast<linalg::LinalgOp>(op)) {
    SmallVector<Value> used = getUsedBuffers(structured);
    bool loops = structured.getNumLoops() != 0;
    if (!loops && llvm::none_of(used, [&](Value v) { return isPlaced(v); }))
      return;
    for (Value init : structured.getDpsInits())
      place(init);
    for (Value value : used)
      if (cast<MemRefType>(value.getType()).getRank() != 0)
        place(value);
    return;
  }
  if (auto copy = dyn_cast<memref::CopyOp>(op)) {
    Value from = copy.getSource(), to = copy.getTarget();
    auto isDense = [](Value v) {
      return cast<MemRefType>(v.getType()).getLayout().isIdentity();
    };
    if (isPlaced(from))
      place(to);
    else if (isPlaced(to) && (!isDense(from) || !isDense(to)))
      place(from);
  }
}

//===----------------------------------------------------------------------===//
// Rewriting
//===----------------------------------------------------------------------===//

/// A buffer in `space` of the sizes of `like`.
static Value createLike(ImplicitLocOpBuilder &b, Value like, Attribute space) {
  auto type = cast<MemRefType>(like.getType());
  SmallVector<Value> sizes;
  for (int64_t dim = 0; dim < type.getRank(); ++dim)
    if (type.isDynamicDim(dim))
      sizes.push_back(memref::DimOp::create(b, like, dim));
  auto made = MemRefType::get(type.getShape(), type.getElementType(),
                              AffineMap(), space);
  return memref::AllocOp::create(b, made, sizes);
}

/// An argument that the host has, and kernels use.
void Placement::copyIn(BlockArgument argument) {
  ImplicitLocOpBuilder b(argument.getLoc(), argument.getContext());
  b.setInsertionPointToStart(&variant.getBlock());
  SmallVector<OpOperand *> uses;
  for (OpOperand &use : argument.getUses())
    if (!isa<memref::DimOp>(use.getOwner()))
      uses.push_back(&use);
  if (uses.empty())
    return;
  Value copy = createLike(b, argument, device);
  memref::CopyOp::create(b, argument, copy);
  for (OpOperand *use : uses)
    use->set(copy);
}

/// A new value of a variable of the host, which kernels compute.
void Placement::copyOut(AllocResultOp result) {
  ImplicitLocOpBuilder b(result.getLoc(), result);
  b.setInsertionPointAfter(result);
  SmallVector<Value> sizes(result.getDynamicSizes());
  Value computed = memref::AllocOp::create(
      b, withSpace(cast<MemRefType>(result.getType()), device), sizes);
  result.replaceAllUsesWith(computed);
  b.setInsertionPoint(variant.getBlock().getTerminator());
  memref::CopyOp::create(b, computed, result);
}

/// Scalars of the host reach kernels by value.
void Placement::passScalars(linalg::LinalgOp op) {
  if (llvm::none_of(op.getDpsInits(), [](Value v) { return isOnDevice(v); }))
    return;
  auto isHostScalar = [](Value value) {
    auto type = dyn_cast<MemRefType>(value.getType());
    return type && type.getRank() == 0 && !isOnDevice(value);
  };
  OpBuilder b(op);
  for (OpOperand *input : op.getDpsInputOperands())
    if (isHostScalar(input->get()))
      input->set(memref::LoadOp::create(b, op.getLoc(), input->get()));
  SmallVector<memref::LoadOp> loads;
  op->walk([&](memref::LoadOp load) {
    if (isHostScalar(load.getMemRef()))
      loads.push_back(load);
  });
  for (memref::LoadOp load : loads)
    load->moveBefore(op);
}

/// A constant that kernels read is a global in the space of the device.
static void moveToDevice(memref::GetGlobalOp op, SpaceAttr device) {
  auto global = SymbolTable::lookupNearestSymbolFrom<memref::GlobalOp>(
      op, op.getNameAttr());
  std::string name = (op.getName() + ".cuda" + Twine(device.getIndex())).str();
  auto module = op->getParentOfType<ModuleOp>();
  auto type = withSpace(global.getType(), device);
  auto onDevice = module.lookupSymbol<memref::GlobalOp>(name);
  if (!onDevice) {
    OpBuilder b(global);
    onDevice = cast<memref::GlobalOp>(b.clone(*global));
    onDevice.setSymName(name);
    onDevice.setType(type);
  }
  op.setName(name);
  op.getResult().setType(type);
}

int64_t Placement::apply() {
  int64_t count = 0;
  SmallVector<BlockArgument> inputs;
  SmallVector<AllocResultOp> outputs;
  SmallVector<memref::GetGlobalOp> constants;
  SmallVector<memref::AllocaOp> onStack;
  for (Value buffer : classes.getBuffers()) {
    if (!isPlaced(buffer))
      continue;
    if (isOfHost(buffer)) {
      if (auto argument = dyn_cast<BlockArgument>(buffer))
        inputs.push_back(argument);
      else
        outputs.push_back(buffer.getDefiningOp<AllocResultOp>());
      continue;
    }
    if (auto constant = buffer.getDefiningOp<memref::GetGlobalOp>())
      constants.push_back(constant);
    else if (auto alloca = buffer.getDefiningOp<memref::AllocaOp>())
      onStack.push_back(alloca);
    buffer.setType(withSpace(cast<MemRefType>(buffer.getType()), device));
    ++count;
  }
  for (memref::GetGlobalOp constant : constants) {
    moveToDevice(constant, device);
    // It can fail at the first call (T4).
    constant->moveBefore(&variant.getBlock(), variant.getBlock().begin());
  }
  for (memref::AllocaOp alloca : onStack) {
    OpBuilder b(alloca);
    alloca.replaceAllUsesWith(memref::AllocOp::create(b, alloca.getLoc(),
                                                      alloca.getType(),
                                                      alloca.getDynamicSizes())
                                  .getResult());
    alloca.erase();
  }
  for (BlockArgument argument : inputs)
    copyIn(argument);
  for (AllocResultOp result : outputs)
    copyOut(result);
  SmallVector<linalg::LinalgOp> structured;
  variant.function.walk([&](linalg::LinalgOp op) { structured.push_back(op); });
  for (linalg::LinalgOp op : structured)
    passScalars(op);
  FunctionType type = variant.function.getFunctionType();
  variant.function.setType(FunctionType::get(
      type.getContext(), variant.getBlock().getArgumentTypes(),
      type.getResults()));
  return count;
}

bool Placement::decide() {
  placeSeeds();
  do {
    changed = false;
    variant.function.walk([&](Operation *op) { placeAt(op); });
  } while (changed);
  SourceAccess access(variant);
  for (unsigned source = 0; source < variant.getNumSources(); ++source) {
    BlockArgument buffer = variant.getSource(source);
    if (isPlaced(buffer) && isOfHost(buffer) && access.isWritten(source))
      return false;
  }
  return true;
}

//===----------------------------------------------------------------------===//
// Before that
//===----------------------------------------------------------------------===//

/// Constants that the host reads, too, are read from its own.
static void separateConstants(func::FuncOp function) {
  SmallVector<memref::GetGlobalOp> constants;
  function.walk([&](memref::GetGlobalOp op) { constants.push_back(op); });
  for (memref::GetGlobalOp op : constants)
    for (OpOperand &use : llvm::make_early_inc_range(op->getUses())) {
      Operation *user = use.getOwner();
      bool isHosts =
          (isa<memref::LoadOp>(user) &&
           !user->getParentOfType<linalg::LinalgOp>()) ||
          (isa<memref::ReshapeOp>(user) && use.getOperandNumber() == 1);
      if (!isHosts)
        continue;
      OpBuilder b(user);
      use.set(b.clone(*op)->getResult(0));
    }
}

/// Launches are made one after the other.
static LogicalResult makeSequential(func::FuncOp function) {
  IRRewriter rewriter(function.getContext());
  auto result = function.walk([&](Operation *op) {
    rewriter.setInsertionPoint(op);
    bool failed = false;
    if (auto forall = dyn_cast<scf::ForallOp>(op))
      failed = mlir::failed(scf::forallToForLoop(rewriter, forall));
    else if (auto parallel = dyn_cast<scf::ParallelOp>(op))
      failed = mlir::failed(scf::parallelForToNestedFors(rewriter, parallel));
    if (!failed)
      return WalkResult::advance();
    op->emitError() << "expected a loop that can run in order on the host of a "
                       "device";
    return WalkResult::interrupt();
  });
  return failure(result.wasInterrupted());
}

/// Slots that take the buffer of a source in another memory space are copies.
static void copyBetweenSpaces(Variant &variant) {
  auto getSpace = [&](ArrayAttr names, unsigned index) {
    return getDevice(getVariable(variant.entry, names[index]));
  };
  ArrayAttr reads = variant.entry.getReads();
  unsigned numResults = variant.getNumResults();
  SpaceAttr device = getDevice(variant.entry);
  bool isMixed = llvm::any_of(reads, [&](Attribute name) {
    return !getDevice(getVariable(variant.entry, name));
  });
  if (!isMixed)
    return;
  SmallVector<Attribute> slots(variant.getSlots().getValue());
  auto copy = [&](unsigned slot, Value from, ImplicitLocOpBuilder &b) {
    auto type = cast<MemRefType>(from.getType());
    SmallVector<Value> sizes;
    for (int64_t dim = 0; dim < type.getRank(); ++dim)
      if (type.isDynamicDim(dim))
        sizes.push_back(memref::DimOp::create(b, from, dim));
    Value to = AllocResultOp::create(b, type, slot, sizes);
    memref::CopyOp::create(b, from, to);
    slots[slot] = SlotAttr::get(b.getContext(), SlotKind::Fresh, -1);
  };
  SmallVector<SelectResultOp> selects(
      variant.getBlock().getOps<SelectResultOp>());
  for (SelectResultOp select : selects) {
    ImplicitLocOpBuilder b(select.getLoc(), select);
    copy(select.getSlot(), select.getBuffer(), b);
    select.erase();
  }
  SmallVector<MoveResultOp> moves(variant.getBlock().getOps<MoveResultOp>());
  for (MoveResultOp move : moves)
    if (getSpace(reads, move.getSource()) != device) {
      ImplicitLocOpBuilder b(move.getLoc(), move);
      copy(move.getSlot(), variant.getSource(move.getSource()), b);
      move.erase();
    }
  for (unsigned slot = numResults; slot < slots.size(); ++slot) {
    auto kind = cast<SlotAttr>(slots[slot]);
    if (kind.getKind() != SlotKind::Moved ||
        getSpace(reads, kind.getSource()) ==
            getSpace(variant.entry.getUpdates(), slot - numResults))
      continue;
    BlockArgument source = variant.getSource(kind.getSource());
    ImplicitLocOpBuilder b(source.getLoc(), source.getContext());
    b.setInsertionPointToStart(&variant.getBlock());
    copy(slot, source, b);
  }
  variant.setSlots(slots);
}

//===----------------------------------------------------------------------===//
// The pass
//===----------------------------------------------------------------------===//

LogicalResult PlaceBuffers::placeVariants(EntryOp entry, SpaceAttr space) {
  SmallVector<Variant> variants;
  if (failed(collectVariants(entry, variants)))
    return failure();
  setDevice(entry, space);
  ++numFunctions;
  for (Variant &variant : variants) {
    if (failed(makeSequential(variant.function)))
      return failure();
    copyBetweenSpaces(variant);
    separateConstants(variant.function);
    Placement placement(variant, space);
    if (!placement.decide()) {
      replaceByOutOfPlace(variant);
      continue;
    }
    numOnDevice += placement.apply();
  }
  return success();
}

void PlaceBuffers::runOnOperation() {
  ModuleOp module = getOperation();
  setPlacedBuffers(module);
  auto space = SpaceAttr::get(&getContext(), SpaceKind::Cuda, device);
  for (auto variable : module.getOps<SharedOp>())
    if (!variable.getSpaceAttr())
      variable.setSpaceAttr(space);
  for (auto entry : module.getOps<EntryOp>()) {
    if (!entry.getInplace()) {
      entry.emitOpError() << "has a body where variants are expected; run "
                             "sym-make-variants first";
      return signalPassFailure();
    }
    FailureOr<SpaceAttr> found = findDevice(entry);
    if (failed(found) || (*found && failed(placeVariants(entry, *found))))
      return signalPassFailure();
  }
}
