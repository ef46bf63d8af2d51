//===- BufferizableOpInterfaceImpl.cpp - Buffers of host programs -----===//

#include "sym/Dialect/Sym/Transforms/BufferizableOpInterfaceImpl.h"

#include "sym/Dialect/Sym/IR/Sym.h"

#include "mlir/Dialect/Bufferization/IR/BufferizableOpInterface.h"
#include "mlir/Dialect/Bufferization/IR/Bufferization.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"

using namespace mlir;
using namespace mlir::bufferization;
using namespace mlir::sym;

/// The buffer of `value`, dense and row-major as the ABI wants it: one of
/// another layout is copied.
static FailureOr<Value> getDenseBuffer(RewriterBase &rewriter, Value value,
                                       const BufferizationOptions &options,
                                       const BufferizationState &state) {
  FailureOr<Value> buffer = getBuffer(rewriter, value, options, state);
  if (failed(buffer))
    return failure();
  auto type = cast<MemRefType>(buffer->getType());
  if (type.getLayout().isIdentity())
    return buffer;
  Location loc = value.getLoc();
  SmallVector<Value> sizes;
  for (int64_t dim = 0; dim < type.getRank(); ++dim)
    if (type.isDynamicDim(dim))
      sizes.push_back(memref::DimOp::create(rewriter, loc, *buffer, dim));
  FailureOr<Value> copy = options.createAlloc(
      rewriter, loc, MemRefType::get(type.getShape(), type.getElementType()),
      sizes);
  if (failed(copy) ||
      failed(options.createMemCpy(rewriter, loc, *buffer, *copy)))
    return failure();
  return copy;
}

static MemRefType getDenseType(Type type) {
  auto tensor = cast<RankedTensorType>(type);
  return MemRefType::get(tensor.getShape(), tensor.getElementType());
}

/// The entry or function that a call names, if it resolves.
static ArrayAttr getArgAttrs(CallOp call) {
  Operation *callee =
      SymbolTable::lookupNearestSymbolFrom(call, call.getCalleeAttr());
  if (auto entry = dyn_cast_if_present<EntryOp>(callee))
    return entry.getArgAttrsAttr();
  if (auto function = dyn_cast_if_present<FuncOp>(callee))
    return function.getArgAttrsAttr();
  return {};
}

namespace {
/// What the operations have in common: operands are read, results are new
/// buffers, and nothing aliases.
template <typename ConcreteModel, typename OpTy>
struct HostOpModel
    : public BufferizableOpInterface::ExternalModel<ConcreteModel, OpTy> {
  bool bufferizesToMemoryRead(Operation *, OpOperand &,
                              const AnalysisState &) const {
    return true;
  }
  bool bufferizesToMemoryWrite(Operation *, OpOperand &,
                               const AnalysisState &) const {
    return false;
  }
  AliasingValueList getAliasingValues(Operation *, OpOperand &,
                                      const AnalysisState &) const {
    return {};
  }
  FailureOr<BufferLikeType> getBufferType(Operation *, Value value,
                                          const BufferizationOptions &,
                                          const BufferizationState &,
                                          SmallVector<Value> &) const {
    return cast<BufferLikeType>(getDenseType(value.getType()));
  }

  /// Clones the operation onto buffers.
  LogicalResult bufferize(Operation *op, RewriterBase &rewriter,
                          const BufferizationOptions &options,
                          BufferizationState &state) const {
    SmallVector<Value> operands;
    for (Value operand : op->getOperands()) {
      if (!isa<TensorType>(operand.getType())) {
        operands.push_back(operand);
        continue;
      }
      FailureOr<Value> buffer =
          getDenseBuffer(rewriter, operand, options, state);
      if (failed(buffer))
        return failure();
      operands.push_back(*buffer);
    }
    SmallVector<Type> types;
    for (Type type : op->getResultTypes())
      types.push_back(isa<TensorType>(type) ? Type(getDenseType(type)) : type);
    OperationState newState(op->getLoc(), op->getName(), operands, types,
                            op->getAttrs());
    newState.propertiesAttr = op->getPropertiesAsAttribute();
    Operation *newOp = rewriter.create(newState);
    replaceOpWithBufferizedValues(rewriter, op, newOp->getResults());
    return success();
  }
};

struct CallModel : public HostOpModel<CallModel, CallOp> {
  bool bufferizesToAllocation(Operation *, Value) const { return true; }
  /// A mutable argument is overwritten (B4).
  bool bufferizesToMemoryWrite(Operation *op, OpOperand &operand,
                               const AnalysisState &) const {
    ArrayAttr attributes = getArgAttrs(cast<CallOp>(op));
    unsigned index = operand.getOperandNumber();
    return attributes && index < attributes.size() &&
           cast<DictionaryAttr>(attributes[index])
               .contains(SymDialect::kMutableAttrName);
  }
};

struct GetValueModel : public HostOpModel<GetValueModel, GetValueOp> {
  bool bufferizesToAllocation(Operation *, Value) const { return true; }
};

/// Borrowed memory belongs to the variable: it is never written (B2, B3).
struct ViewModel : public HostOpModel<ViewModel, ViewOp> {
  bool isWritable(Operation *, Value, const AnalysisState &) const {
    return false;
  }
};

struct SetValueModel : public HostOpModel<SetValueModel, SetValueOp> {};
struct ReleaseModel : public HostOpModel<ReleaseModel, ReleaseOp> {};
struct PrintModel : public HostOpModel<PrintModel, PrintOp> {};
} // namespace

void mlir::sym::registerBufferizableOpInterfaceExternalModels(
    DialectRegistry &registry) {
  registry.addExtension(+[](MLIRContext *context, SymDialect *) {
    CallOp::attachInterface<CallModel>(*context);
    GetValueOp::attachInterface<GetValueModel>(*context);
    SetValueOp::attachInterface<SetValueModel>(*context);
    ViewOp::attachInterface<ViewModel>(*context);
    ReleaseOp::attachInterface<ReleaseModel>(*context);
    PrintOp::attachInterface<PrintModel>(*context);
  });
}
