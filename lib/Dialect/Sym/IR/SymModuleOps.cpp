//===- SymModuleOps.cpp - Variables, expressions, functions -----------===//

#include "SymbolUse.h"

#include "mlir/IR/Builders.h"
#include "mlir/IR/DialectResourceBlobManager.h"
#include "mlir/Interfaces/FunctionImplementation.h"
#include "llvm/ADT/SetVector.h"
#include "llvm/ADT/SmallPtrSet.h"
#include "llvm/Support/MathExtras.h"

using namespace mlir;
using namespace mlir::sym;

//===----------------------------------------------------------------------===//
// SharedOp
//===----------------------------------------------------------------------===//

/// The bytes of a dense resource: whole bytes per element.
static uint64_t getDenseSize(RankedTensorType type) {
  Type element = type.getElementType();
  uint64_t parts = 1;
  if (auto complex = dyn_cast<ComplexType>(element)) {
    element = complex.getElementType();
    parts = 2;
  }
  return type.getNumElements() * parts *
         llvm::divideCeil(element.getIntOrFloatBitWidth(), 8);
}

LogicalResult SharedOp::verify() {
  RankedTensorType type = getTensorType();
  // shared_c1
  if (!getElementCode(type.getElementType()))
    return emitOpError() << "element type " << type.getElementType()
                         << " is not storable";
  if (type.getEncoding())
    return emitOpError() << "tensor type " << type << " must have no encoding";
  if (!isStorable(type))
    return emitOpError() << "tensor type " << type
                         << " has more bytes than 63 bits count";
  // shared_c2
  std::optional<ElementsAttr> initial = getInitialValue();
  if (!initial)
    return success();
  ShapedType value = initial->getShapedType();
  if (!isa<RankedTensorType>(value) ||
      value.getElementType() != type.getElementType() ||
      failed(verifyCompatibleShape(value.getShape(), type.getShape())) ||
      value.getRank() != type.getRank())
    return emitOpError() << "initial value has type " << value
                         << ", which does not fit " << type;
  // shared_c3
  if (!isStorable(cast<RankedTensorType>(value)))
    return emitOpError() << "initial value has type " << value
                         << ", which is not storable";
  if (auto resource = dyn_cast<DenseResourceElementsAttr>(*initial)) {
    // Without its data, as in a module printed with elided resources, the
    // variable can be read about, but not compiled.
    AsmResourceBlob *blob = resource.getRawHandle().getBlob();
    if (!blob)
      return success();
    uint64_t expected = getDenseSize(cast<RankedTensorType>(value));
    if (blob->getData().size() != expected)
      return emitOpError() << "initial value has type " << value
                           << " and needs " << expected
                           << " bytes, but its resource has "
                           << blob->getData().size();
    return success();
  }
  if (!isa<DenseElementsAttr>(*initial))
    return emitOpError() << "initial value must be dense or a dense resource";
  return success();
}

//===----------------------------------------------------------------------===//
// What functions and expressions share
//===----------------------------------------------------------------------===//

template <typename OpT>
static ParseResult parseCallable(OpAsmParser &parser, OperationState &result) {
  auto buildType =
      [](Builder &builder, ArrayRef<Type> arguments, ArrayRef<Type> results,
         function_interface_impl::VariadicFlag, std::string &) -> Type {
    return builder.getFunctionType(arguments, results);
  };
  return function_interface_impl::parseFunctionOp(
      parser, result, /*allowVariadic=*/false,
      OpT::getFunctionTypeAttrName(result.name), buildType,
      OpT::getArgAttrsAttrName(result.name),
      OpT::getResAttrsAttrName(result.name));
}

template <typename OpT>
static void printCallable(OpAsmPrinter &printer, OpT op) {
  function_interface_impl::printFunctionOp(
      printer, op, /*isVariadic=*/false, op.getFunctionTypeAttrName(),
      op.getArgAttrsAttrName(), op.getResAttrsAttrName());
}

template <typename OpT>
static void buildCallable(OpBuilder &builder, OperationState &state,
                          StringRef name, FunctionType type,
                          ArrayRef<NamedAttribute> attributes) {
  state.addAttribute(OpT::getSymNameAttrName(state.name),
                     builder.getStringAttr(name));
  state.addAttribute(OpT::getFunctionTypeAttrName(state.name),
                     TypeAttr::get(type));
  state.attributes.append(attributes.begin(), attributes.end());
  Block &block = state.addRegion()->emplaceBlock();
  for (Type argument : type.getInputs())
    block.addArgument(argument, state.location);
}

/// expr_c1, func_c1
static LogicalResult verifySignature(FunctionOpInterface op) {
  auto check = [&](Type type, StringRef what, unsigned index) -> LogicalResult {
    auto tensor = dyn_cast<RankedTensorType>(type);
    if (!tensor || !isStorable(tensor))
      return op.emitOpError() << what << " #" << index << " has type " << type
                              << ", but must be a storable ranked tensor";
    return success();
  };
  for (auto [index, type] : llvm::enumerate(op.getArgumentTypes()))
    if (failed(check(type, "argument", index)))
      return failure();
  for (auto [index, type] : llvm::enumerate(op.getResultTypes()))
    if (failed(check(type, "result", index)))
      return failure();
  return success();
}

/// return_c1, yield_c1
static LogicalResult verifyResults(Operation *op, OperandRange operands) {
  auto function = cast<FunctionOpInterface>(op->getParentOp());
  ArrayRef<Type> results = function.getResultTypes();
  if (operands.size() != results.size())
    return op->emitOpError()
           << "has " << operands.size() << " operands, but @"
           << function.getName() << " has " << results.size() << " results";
  for (auto [index, operand, type] : llvm::enumerate(operands, results))
    if (operand.getType() != type)
      return op->emitOpError()
             << "operand #" << index << " has type " << operand.getType()
             << ", but result #" << index << " of @" << function.getName()
             << " has type " << type;
  return success();
}

//===----------------------------------------------------------------------===//
// ExprOp
//===----------------------------------------------------------------------===//

ParseResult ExprOp::parse(OpAsmParser &parser, OperationState &result) {
  return parseCallable<ExprOp>(parser, result);
}

void ExprOp::print(OpAsmPrinter &printer) { printCallable(printer, *this); }

void ExprOp::build(OpBuilder &builder, OperationState &state, StringRef name,
                   FunctionType type, ArrayRef<NamedAttribute> attributes) {
  buildCallable<ExprOp>(builder, state, name, type, attributes);
}

LogicalResult ExprOp::verify() {
  if (failed(verifySignature(*this)))
    return failure();
  // expr_c3
  if (getBody().front().empty() || !isa<YieldOp>(getBody().front().back()))
    return emitOpError() << "body must end in sym.yield";
  return success();
}

SmallVector<FlatSymbolRefAttr>
mlir::sym::getVariablesRead(ExprOp expr, SymbolTableCollection &symbols) {
  // Callees first, each once, and without recursion: expressions may evaluate
  // each other along many paths and long ones.
  llvm::DenseMap<Operation *, SmallVector<FlatSymbolRefAttr>> reads;
  SmallVector<std::pair<ExprOp, bool>> stack = {{expr, false}};
  llvm::SmallPtrSet<Operation *, 8> seen;
  auto getCallee = [&](EvalOp eval) {
    return symbols.lookupNearestSymbolFrom<ExprOp>(eval, eval.getCalleeAttr());
  };
  while (!stack.empty()) {
    auto [current, isExpanded] = stack.pop_back_val();
    if (!isExpanded) {
      if (!seen.insert(current).second)
        continue;
      stack.push_back({current, true});
      current.walk([&](EvalOp eval) {
        if (ExprOp callee = getCallee(eval))
          stack.push_back({callee, false});
      });
      continue;
    }
    llvm::SmallSetVector<Attribute, 8> found;
    current.walk([&](Operation *op) {
      if (auto read = dyn_cast<ReadOp>(op))
        found.insert(read.getVariableAttr());
      auto eval = dyn_cast<EvalOp>(op);
      ExprOp callee = eval ? getCallee(eval) : ExprOp();
      if (!callee)
        return;
      // In a cycle, which expr_c2 rejects, a callee may not be known yet.
      for (FlatSymbolRefAttr variable : reads.lookup(callee))
        if (!llvm::is_contained(eval.getTargets(), Attribute(variable)))
          found.insert(variable);
    });
    for (Attribute variable : found)
      reads[current].push_back(cast<FlatSymbolRefAttr>(variable));
  }
  return reads.lookup(expr);
}

//===----------------------------------------------------------------------===//
// FuncOp
//===----------------------------------------------------------------------===//

ParseResult FuncOp::parse(OpAsmParser &parser, OperationState &result) {
  return parseCallable<FuncOp>(parser, result);
}

void FuncOp::print(OpAsmPrinter &printer) { printCallable(printer, *this); }

void FuncOp::build(OpBuilder &builder, OperationState &state, StringRef name,
                   FunctionType type, ArrayRef<NamedAttribute> attributes) {
  buildCallable<FuncOp>(builder, state, name, type, attributes);
}

LogicalResult FuncOp::verify() {
  if (failed(verifySignature(*this)))
    return failure();
  // func_c2
  for (unsigned index = 0, end = getNumArguments(); index != end; ++index)
    if (getArgAttr(index, SymDialect::kMutableAttrName) &&
        !getArgAttr(index, SymDialect::kBorrowAttrName))
      return emitOpError() << "argument #" << index
                           << " is sym.mutable but not sym.borrow: a copy is "
                              "never overwritten";
  // func_c3
  if (getBody().front().empty() || !isa<ReturnOp>(getBody().front().back()))
    return emitOpError() << "body must end in sym.return";
  return success();
}

ReturnOp FuncOp::getReturn() {
  return cast<ReturnOp>(getBody().front().getTerminator());
}

//===----------------------------------------------------------------------===//
// ReturnOp and YieldOp
//===----------------------------------------------------------------------===//

LogicalResult ReturnOp::verify() {
  if (failed(verifyResults(*this, getOutputs())))
    return failure();
  if (getTargets().size() != getNewValues().size())
    return emitOpError() << "has " << getTargets().size()
                         << " targets of updates, but " << getNewValues().size()
                         << " new values";
  // return_c3
  if (failed(verifyDistinct(*this, getTargets(), "updates")))
    return failure();
  // return_c5
  auto function = cast<FuncOp>((*this)->getParentOp());
  llvm::SmallDenseMap<Value, unsigned> borrowed;
  for (auto [index, operand] : llvm::enumerate(getOutputs())) {
    if (!function.getResultAttr(index, SymDialect::kBorrowAttrName))
      continue;
    auto [first, isNew] = borrowed.try_emplace(operand, index);
    if (!isNew)
      return emitOpError() << "returns one value as sym.borrow results #"
                           << first->second << " and #" << index
                           << ", but results must not alias each other";
  }
  return success();
}

LogicalResult ReturnOp::verifySymbolUses(SymbolTableCollection &symbols) {
  // return_c2, return_c4
  for (auto [target, value] : llvm::zip_equal(getTargets(), getNewValues()))
    if (failed(verifyVariableUse(*this, cast<FlatSymbolRefAttr>(target),
                                 value.getType(), "the new value", symbols)))
      return failure();
  return success();
}

LogicalResult YieldOp::verify() { return verifyResults(*this, getOutputs()); }
