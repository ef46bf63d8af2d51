//===- Variants.cpp - The compiled variants of an entry ---------------===//

#include "Variants.h"

#include "sym/Dialect/Sym/IR/Placement.h"

#include "mlir/Dialect/Bufferization/IR/Bufferization.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Interfaces/LoopLikeInterface.h"
#include "mlir/Interfaces/SideEffectInterfaces.h"

using namespace mlir;
using namespace mlir::sym;

//===----------------------------------------------------------------------===//
// Variant
//===----------------------------------------------------------------------===//

std::optional<unsigned> Variant::getSourceIndex(Value value) const {
  auto argument = dyn_cast<BlockArgument>(value);
  if (!argument || argument.getOwner() != &getBlock() ||
      argument.getArgNumber() < getNumArguments())
    return std::nullopt;
  return argument.getArgNumber() - getNumArguments();
}

static std::optional<unsigned> find(ArrayAttr array, Attribute attribute) {
  for (auto [index, element] : llvm::enumerate(array))
    if (element == attribute)
      return index;
  return std::nullopt;
}

std::optional<unsigned> Variant::getSourceOfUpdate(unsigned update) const {
  return find(entry.getReads(), entry.getUpdates()[update]);
}

std::optional<unsigned> Variant::getUpdateOfSource(unsigned source) const {
  return find(entry.getUpdates(), entry.getReads()[source]);
}

bool Variant::isWritable(unsigned source) const {
  auto writable = function.getArgAttrOfType<BoolAttr>(
      getNumArguments() + source,
      bufferization::BufferizationDialect::kWritableAttrName);
  return !writable || writable.getValue();
}

void Variant::setSlots(ArrayRef<Attribute> slots) {
  auto array = ArrayAttr::get(entry.getContext(), slots);
  if (entry.getInplace() == function.getSymName())
    entry.setInplaceSlotsAttr(array);
  if (entry.getOutofplace() == function.getSymName())
    entry.setOutofplaceSlotsAttr(array);
}

static LogicalResult collect(EntryOp entry, const SymbolTable &symbols,
                             SmallVectorImpl<Variant> &variants) {
  if (!entry.getInplace())
    return entry.emitOpError() << "has a body where variants are expected; "
                                  "run sym-make-variants first";
  auto add = [&](StringRef name, bool inPlace) -> LogicalResult {
    auto function = symbols.lookup<func::FuncOp>(name);
    if (!function || !function.getBody().hasOneBlock()) {
      InFlightDiagnostic diagnostic = entry.emitOpError()
                                      << "needs @" << name
                                      << " to be a func.func of one block";
      if (Operation *found = symbols.lookup(name))
        diagnostic.attachNote(found->getLoc()) << "found this";
      return diagnostic;
    }
    variants.push_back({entry, function, inPlace});
    return success();
  };
  bool isSame = *entry.getInplace() == *entry.getOutofplace();
  if (failed(add(*entry.getOutofplace(), false)) ||
      (!isSame && failed(add(*entry.getInplace(), true))))
    return failure();
  return success();
}

LogicalResult mlir::sym::collectVariants(ModuleOp module,
                                         SmallVectorImpl<Variant> &variants) {
  SymbolTable symbols(module);
  for (auto entry : module.getOps<EntryOp>())
    if (failed(collect(entry, symbols, variants)))
      return failure();
  return success();
}

LogicalResult mlir::sym::collectVariants(EntryOp entry,
                                         SmallVectorImpl<Variant> &variants) {
  return collect(entry, SymbolTable(entry->getParentOfType<ModuleOp>()),
                 variants);
}

void mlir::sym::replaceByOutOfPlace(Variant &variant) {
  EntryOp entry = variant.entry;
  entry.setInplaceAttr(entry.getOutofplaceAttr());
  entry.setInplaceSlotsAttr(entry.getOutofplaceSlotsAttr());
  variant.function.erase();
  variant.function = nullptr;
}

//===----------------------------------------------------------------------===//
// Writes and failures
//===----------------------------------------------------------------------===//

void mlir::sym::forEachWrittenBuffer(Operation *op,
                                     function_ref<void(Value)> callback) {
  // A choice of a buffer leaves it as it is.
  if (isa<SelectResultOp>(op))
    return;
  if (op->hasTrait<OpTrait::IsTerminator>() || isa<func::FuncOp>(op))
    return;
  auto callForOperands = [&] {
    for (Value operand : op->getOperands())
      if (isa<BaseMemRefType>(operand.getType()))
        callback(operand);
  };
  auto interface = dyn_cast<MemoryEffectOpInterface>(op);
  if (!interface) {
    // What an operation contains is visited on its own.
    if (!op->hasTrait<OpTrait::HasRecursiveMemoryEffects>())
      callForOperands();
    return;
  }
  SmallVector<MemoryEffects::EffectInstance> effects;
  interface.getEffects(effects);
  for (const MemoryEffects::EffectInstance &effect : effects) {
    if (!isa<MemoryEffects::Write>(effect.getEffect()))
      continue;
    if (Value value = effect.getValue())
      callback(value);
    else if (effect.getResource() == SideEffects::DefaultResource::get())
      callForOperands();
  }
}

bool mlir::sym::isFallible(Operation *op) {
  return isa<CheckOp, AllocResultOp, MoveResultOp, ArenaOp, memref::AllocOp,
             memref::ReallocOp, CallOpInterface>(op) ||
         readsDevice(op);
}

bool mlir::sym::mayRunAfter(Operation *first, Operation *second) {
  // Regions from the function down to `second`.
  SmallVector<Region *> regions;
  for (Region *region = second->getParentRegion(); region;
       region = region->getParentRegion())
    regions.push_back(region);
  Region *common = first->getParentRegion();
  while (common && !llvm::is_contained(regions, common))
    common = common->getParentRegion();
  if (!common)
    return false;
  for (Operation *op = common->getParentOp(); op && !isa<func::FuncOp>(op);
       op = op->getParentOp())
    if (isa<LoopLikeOpInterface>(op))
      return true;
  Operation *before = common->findAncestorOpInRegion(*first);
  Operation *after = common->findAncestorOpInRegion(*second);
  if (before == after)
    // Two regions of one operation: of a loop's, each may follow the other.
    return before != first && before != second &&
           isa<LoopLikeOpInterface>(before);
  return before->getBlock() != after->getBlock() ||
         before->isBeforeInBlock(after);
}

//===----------------------------------------------------------------------===//
// SourceAccess
//===----------------------------------------------------------------------===//

SourceAccess::SourceAccess(const Variant &variant) {
  BufferViewFlowAnalysis flow(variant.function);
  for (BlockArgument argument : variant.function.getArguments())
    aliases.push_back(flow.resolve(argument));
  unsigned numArguments = variant.getNumArguments();
  variant.function->walk<WalkOrder::PreOrder>([&](Operation *op) {
    forEachWrittenBuffer(op, [&](Value buffer) {
      for (auto [index, set] : llvm::enumerate(aliases)) {
        if (!set.contains(buffer))
          continue;
        writtenArguments.insert(variant.function.getArgument(index));
        if (index >= numArguments)
          writes.push_back({op, static_cast<unsigned>(index) - numArguments});
      }
    });
  });
  aliases.erase(aliases.begin(), aliases.begin() + numArguments);
}

bool SourceAccess::isWritten(unsigned source) const {
  return llvm::any_of(
      writes, [&](const Write &write) { return write.source == source; });
}

bool SourceAccess::mayAliasSource(Value value) const {
  return llvm::any_of(aliases,
                      [&](const auto &set) { return set.contains(value); });
}
