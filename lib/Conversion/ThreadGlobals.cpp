//===- ThreadGlobals.cpp - Globals of ml_program as values ----------------===//
//
// The memory of a function that runs alone is its globals, so sequential loads
// and stores turn into values as mem2reg turns stack slots into values. Control
// flow is structured, so no phi has to be placed: an operation whose regions
// store a global gets one more result for it, and a loop one more argument.
//
//===----------------------------------------------------------------------===//

#include "ThreadGlobals.h"

#include "sym/Dialect/Sym/IR/Sym.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/MLProgram/IR/MLProgram.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"

using namespace mlir;
using namespace mlir::sym;

//===----------------------------------------------------------------------===//
// Stored types
//===----------------------------------------------------------------------===//

RankedTensorType mlir::sym::getStoredType(Type type) {
  auto tensor = dyn_cast<RankedTensorType>(type);
  if (!tensor && !type.isIntOrIndexOrFloat() && !isa<ComplexType>(type))
    return {};
  if (tensor && tensor.getEncoding())
    return {};
  Type element = tensor ? tensor.getElementType() : type;
  if (element.isIndex())
    element = IntegerType::get(type.getContext(), 64);
  if (!getElementCode(element))
    return {};
  return tensor ? tensor.clone(element) : RankedTensorType::get({}, element);
}

Value mlir::sym::createStored(OpBuilder &builder, Location location,
                              Value value) {
  RankedTensorType stored = getStoredType(value.getType());
  if (value.getType() == stored)
    return value;
  Type element = stored.getElementType();
  if (isa<RankedTensorType>(value.getType()))
    return arith::IndexCastOp::create(builder, location, stored, value);
  if (value.getType().isIndex())
    value = arith::IndexCastOp::create(builder, location, element, value);
  return tensor::FromElementsOp::create(builder, location, stored, value);
}

Value mlir::sym::createLoaded(OpBuilder &builder, Location location,
                              Value stored, Type type) {
  if (stored.getType() == type)
    return stored;
  if (!isa<RankedTensorType>(type)) {
    stored = tensor::ExtractOp::create(builder, location, stored, ValueRange());
    if (stored.getType() == type)
      return stored;
  }
  return arith::IndexCastOp::create(builder, location, type, stored);
}

//===----------------------------------------------------------------------===//
// Accesses
//===----------------------------------------------------------------------===//

/// The symbol and the value's type of an access; a null symbol if `op` is none.
static std::pair<SymbolRefAttr, Type> getAccess(Operation *op) {
  return TypeSwitch<Operation *, std::pair<SymbolRefAttr, Type>>(op)
      .Case<ml_program::GlobalLoadOp, ml_program::GlobalLoadConstOp,
            ml_program::GlobalLoadGraphOp>([](auto load) {
        return std::pair(load.getGlobal(), load.getResult().getType());
      })
      .Case<ml_program::GlobalStoreOp, ml_program::GlobalStoreGraphOp>(
          [](auto store) {
            return std::pair(store.getGlobal(), store.getValue().getType());
          })
      .Default(std::pair(SymbolRefAttr(), Type()));
}

static bool isStore(Operation *op) {
  return isa<ml_program::GlobalStoreOp, ml_program::GlobalStoreGraphOp>(op);
}

StringAttr mlir::sym::getGlobalAccessed(Operation *op,
                                        const GlobalTypes &globals) {
  auto [symbol, type] = getAccess(op);
  auto *entry = isa<FlatSymbolRefAttr>(symbol)
                    ? globals.find(symbol.getRootReference())
                    : globals.end();
  if (entry == globals.end()) {
    op->emitOpError() << "names " << symbol
                      << ", which is no global of this module";
    return {};
  }
  if (entry->second != type) {
    op->emitOpError() << "has type " << type << ", but " << symbol
                      << " has type " << entry->second;
    return {};
  }
  return entry->first;
}

//===----------------------------------------------------------------------===//
// Threading
//===----------------------------------------------------------------------===//

namespace {
using Values = llvm::DenseMap<StringAttr, Value>;

class Threader {
public:
  Threader(Block &entry, const GlobalTypes &globals)
      : entry(entry), globals(globals) {}

  /// Replaces the accesses in `block`, before which the globals have the values
  /// `current`; leaves there what they have after it.
  LogicalResult thread(Block &block, Values &current);

  /// The value that `global` has before the function; null if nothing reads it.
  Value getRead(StringAttr global) const { return reads.lookup(global); }

private:
  LogicalResult threadRegions(Operation *op, Values &current);
  LogicalResult threadControlFlow(Operation *op, ArrayRef<StringAttr> stored,
                                  Values &current);
  Value getValue(StringAttr global, const Values &current);

  Block &entry;
  const GlobalTypes &globals;
  Values reads;
  Operation *lastRead = nullptr;
};
} // namespace

Value Threader::getValue(StringAttr global, const Values &current) {
  if (Value value = current.lookup(global))
    return value;
  Value &read = reads[global];
  if (read)
    return read;
  OpBuilder builder(entry.getParentOp()->getContext());
  if (lastRead)
    builder.setInsertionPointAfter(lastRead);
  else
    builder.setInsertionPointToStart(&entry);
  Type type = globals.lookup(global);
  Location location = entry.getParentOp()->getLoc();
  Value stored = ReadOp::create(builder, location, getStoredType(type), global);
  read = createLoaded(builder, location, stored, type);
  lastRead = read.getDefiningOp();
  return read;
}

LogicalResult Threader::thread(Block &block, Values &current) {
  for (Operation &op : llvm::make_early_inc_range(block)) {
    if (!getAccess(&op).first) {
      if (op.getNumRegions() && failed(threadRegions(&op, current)))
        return failure();
      continue;
    }
    StringAttr global = getGlobalAccessed(&op, globals);
    if (!global)
      return failure();
    if (isStore(&op))
      current[global] = op.getOperand(0);
    else
      op.getResult(0).replaceAllUsesWith(getValue(global, current));
    if (!op.use_empty())
      return op.emitOpError("has a token that is used by an operation other "
                            "than an access of a global");
    op.erase();
  }
  return success();
}

LogicalResult Threader::threadRegions(Operation *op, Values &current) {
  llvm::SetVector<StringAttr> stored;
  Operation *access = nullptr, *store = nullptr;
  WalkResult result = op->walk([&](Operation *inner) {
    if (!getAccess(inner).first)
      return WalkResult::advance();
    access = inner;
    if (isStore(inner)) {
      store = inner;
      StringAttr global = getGlobalAccessed(inner, globals);
      if (!global)
        return WalkResult::interrupt();
      stored.insert(global);
    }
    return WalkResult::advance();
  });
  if (result.wasInterrupted())
    return failure();
  if (!access)
    return success();
  if (op->hasTrait<OpTrait::IsIsolatedFromAbove>()) {
    InFlightDiagnostic diagnostic =
        access->emitOpError() << "accesses a global inside '" << op->getName()
                              << "', which no value can enter";
    diagnostic.attachNote(op->getLoc()) << "inside this operation";
    return diagnostic;
  }
  if (!stored.empty()) {
    bool structured = isa<scf::IfOp, scf::IndexSwitchOp, scf::ForOp,
                          scf::WhileOp, scf::ExecuteRegionOp>(op);
    bool singleBlocks = llvm::all_of(op->getRegions(), [](Region &region) {
      return region.empty() || region.hasOneBlock();
    });
    if (structured && singleBlocks)
      return threadControlFlow(op, stored.getArrayRef(), current);
    InFlightDiagnostic diagnostic =
        store->emitOpError()
        << "stores a global inside '" << op->getName()
        << "', which does not run its regions one after the other";
    diagnostic.attachNote(op->getLoc()) << "inside this operation";
    return diagnostic;
  }
  // Nothing below changes, so that every block sees the values from before.
  for (Region &region : op->getRegions())
    for (Block &block : region) {
      Values inner = current;
      if (failed(thread(block, inner)))
        return failure();
    }
  return success();
}

LogicalResult Threader::threadControlFlow(Operation *op,
                                          ArrayRef<StringAttr> stored,
                                          Values &current) {
  bool isLoop = isa<scf::ForOp, scf::WhileOp>(op);
  SmallVector<Type> types;
  SmallVector<Value> before;
  for (StringAttr global : stored) {
    types.push_back(globals.lookup(global));
    // What a branch does not store keeps its value, and so does a loop that
    // does not run.
    before.push_back(getValue(global, current));
  }

  OperationState state(op->getLoc(), op->getName());
  state.addOperands(op->getOperands());
  if (isLoop)
    state.addOperands(before);
  state.addTypes(op->getResultTypes());
  state.addTypes(types);
  state.addAttributes(llvm::to_vector(op->getAttrDictionary().getValue()));
  for (Region &region : op->getRegions())
    state.addRegion()->takeBody(region);
  OpBuilder builder(op);
  Operation *threaded = builder.create(state);

  for (Region &region : threaded->getRegions()) {
    if (region.empty()) { // an `scf.if` without an else
      builder.createBlock(&region);
      scf::YieldOp::create(builder, op->getLoc());
    }
    Block &block = region.front();
    Values inner = current;
    for (auto [global, type] : llvm::zip_equal(stored, types))
      if (isLoop)
        inner[global] = block.addArgument(type, op->getLoc());
    if (failed(thread(block, inner)))
      return failure();
    Operation *terminator = block.getTerminator();
    for (StringAttr global : stored)
      terminator->insertOperands(terminator->getNumOperands(),
                                 getValue(global, inner));
  }

  unsigned numResults = op->getNumResults();
  op->replaceAllUsesWith(threaded->getResults().take_front(numResults));
  for (auto [global, result] :
       llvm::zip_equal(stored, threaded->getResults().drop_front(numResults)))
    current[global] = result;
  op->erase();
  return success();
}

LogicalResult
mlir::sym::threadGlobals(Region &body, const GlobalTypes &globals,
                         llvm::MapVector<StringAttr, Value> &updates) {
  // Tokens order accesses that could stand in any order otherwise; here they
  // stand in a block, one after the other.
  body.walk([](Operation *op) {
    if (auto load = dyn_cast<ml_program::GlobalLoadGraphOp>(op))
      load.getConsumeTokensMutable().clear();
    else if (auto store = dyn_cast<ml_program::GlobalStoreGraphOp>(op))
      store.getConsumeTokensMutable().clear();
  });
  body.walk([](ml_program::TokenOp token) {
    if (token.use_empty())
      token.erase();
  });

  Threader threader(body.front(), globals);
  Values current;
  if (failed(threader.thread(body.front(), current)))
    return failure();
  OpBuilder builder(body.front().getTerminator());
  for (auto [global, type] : globals) {
    Value value = current.lookup(global);
    // What is stored back as it was is no update.
    if (value && value != threader.getRead(global))
      updates[global] =
          createStored(builder, body.front().getTerminator()->getLoc(), value);
  }
  return success();
}
