//===- KernelBuilder.cpp - One kernel and its launch ----------------------===//

#include "KernelBuilder.h"

#include "../VectorPlan.h"
#include "sym/Dialect/Sym/IR/Placement.h"

#include "mlir/Dialect/Affine/IR/AffineOps.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"

using namespace mlir;
using namespace mlir::sym;

//===----------------------------------------------------------------------===//
// KernelBuilder
//===----------------------------------------------------------------------===//

/// The module of the program's kernels, made when there is none.
static gpu::GPUModuleOp getKernelModule(ModuleOp program) {
  for (auto module : program.getOps<gpu::GPUModuleOp>())
    return module;
  program->setAttr(gpu::GPUDialect::getContainerModuleAttrName(),
                   UnitAttr::get(program.getContext()));
  OpBuilder b = OpBuilder::atBlockBegin(program.getBody());
  auto module = gpu::GPUModuleOp::create(b, program.getLoc(), "kernels");
  // A function of the program may have this name.
  program.getBody()->getOperations().remove(module);
  SymbolTable(program).insert(module, program.getBody()->begin());
  return module;
}

/// `name` in the letters that PTX knows.
static std::string getKernelName(StringRef name) {
  std::string result;
  for (char c : name)
    result += llvm::isAlnum(c) ? c : '_';
  if (result.empty() || llvm::isDigit(result.front()))
    result.insert(0, "k");
  return result;
}

KernelBuilder::KernelBuilder(Operation *op)
    : host(op->getLoc(), op), b(op->getLoc(), op->getContext()) {
  module = getKernelModule(op->getParentOfType<ModuleOp>());
  auto function = op->getParentOfType<FunctionOpInterface>();
  auto end = module.getBody()->end();
  b.setInsertionPoint(module.getBody(), end);
  kernel = gpu::GPUFuncOp::create(b, getKernelName(function.getName()),
                                  b.getFunctionType({}, {}));
  kernel->remove();
  SymbolTable(module).insert(kernel, end);
  kernel->setAttr(gpu::GPUDialect::getKernelFuncAttrName(), b.getUnitAttr());
  b.setInsertionPointToStart(&kernel.getBody().front());
  gpu::ReturnOp::create(b);
  b.setInsertionPoint(kernel.getBody().front().getTerminator());
}

Value KernelBuilder::addParameter(Value value) {
  unsigned number = operands.size();
  operands.push_back(value);
  kernel.getBody().front().insertArgument(number, value.getType(),
                                          value.getLoc());
  kernel.setFunctionType(
      b.getFunctionType(TypeRange(ValueRange(operands)), {}));
  return kernel.getBody().front().getArgument(number);
}

Value KernelBuilder::captureBuffer(Value buffer) {
  auto type = cast<MemRefType>(buffer.getType());
  auto metadata = memref::ExtractStridedMetadataOp::create(host, buffer);
  // In a kernel all memory is the device's.
  Value pointer = metadata.getBaseBuffer();
  if (isOnDevice(pointer))
    pointer = memref::MemorySpaceCastOp::create(
        host, withSpace(cast<MemRefType>(pointer.getType()), Attribute()),
        pointer);
  Value base = addParameter(pointer);
  int64_t staticOffset;
  SmallVector<int64_t> staticStrides;
  // isKernelizable has asked before.
  (void)type.getStridesAndOffset(staticStrides, staticOffset);

  SmallVector<OpFoldResult> dims, strides(type.getRank());
  for (int64_t dim = 0; dim != type.getRank(); ++dim) {
    if (!type.isDynamicDim(dim)) {
      dims.push_back(b.getIndexAttr(type.getDimSize(dim)));
      continue;
    }
    dims.push_back(
        capture(memref::DimOp::create(host, buffer, dim).getResult()));
  }
  for (int64_t dim = type.getRank() - 1; dim >= 0; --dim) {
    if (ShapedType::isStatic(staticStrides[dim]))
      strides[dim] = b.getIndexAttr(staticStrides[dim]);
    else if (!type.getLayout().isIdentity())
      strides[dim] = addParameter(metadata.getStrides()[dim]);
    else
      strides[dim] =
          arith::MulIOp::create(
              b,
              getValueOrCreateConstantIndexOp(b, b.getLoc(), strides[dim + 1]),
              getValueOrCreateConstantIndexOp(b, b.getLoc(), dims[dim + 1]))
              .getResult();
  }
  OpFoldResult offset = b.getIndexAttr(staticOffset);
  if (ShapedType::isDynamic(staticOffset))
    offset = addParameter(metadata.getOffset());
  return memref::ReinterpretCastOp::create(b, withSpace(type, Attribute()),
                                           base, offset, dims, strides);
}

Value KernelBuilder::capture(Value value) {
  auto known = captured.find(value);
  if (known != captured.end())
    return known->second;
  OpBuilder::InsertionGuard guard(b);
  if (lastCapture)
    b.setInsertionPointAfter(lastCapture);
  else
    b.setInsertionPointToStart(&kernel.getBody().front());

  Operation *definition = value.getDefiningOp();
  Value inside;
  if (definition && definition->hasTrait<OpTrait::ConstantLike>()) {
    inside = b.clone(*definition)->getResult(0);
  } else if (isa<MemRefType>(value.getType())) {
    inside = captureBuffer(value);
  } else if (auto dim = dyn_cast_or_null<memref::DimOp>(definition);
             dim && dim.getConstantIndex()) {
    Value &size = sizes[{dim.getSource(), *dim.getConstantIndex()}];
    if (!size)
      size = addParameter(value);
    inside = size;
  } else {
    inside = addParameter(value);
  }
  if (Operation *last = inside.getDefiningOp())
    lastCapture = last;
  captured[value] = inside;
  return inside;
}

Value KernelBuilder::capture(OpFoldResult value) {
  if (auto dynamic = dyn_cast<Value>(value))
    return capture(dynamic);
  return index(*getConstantIntValue(value));
}

Value KernelBuilder::addShared(MemRefType type) {
  return kernel.addWorkgroupAttribution(
      MemRefType::get(type.getShape(), type.getElementType(), AffineMap(),
                      gpu::AddressSpaceAttr::get(b.getContext(),
                                                 gpu::AddressSpace::Workgroup)),
      b.getLoc());
}

Value KernelBuilder::threadId(gpu::Dimension dim) {
  return gpu::ThreadIdOp::create(b, dim);
}
Value KernelBuilder::blockId(gpu::Dimension dim) {
  return gpu::BlockIdOp::create(b, dim);
}
Value KernelBuilder::gridDim(gpu::Dimension dim) {
  return gpu::GridDimOp::create(b, dim);
}

gpu::LaunchFuncOp KernelBuilder::launch(OpFoldResult grid, int64_t blockX,
                                        int64_t blockY) {
  kernel.setKnownBlockSize(SmallVector<int32_t>{
      static_cast<int32_t>(blockX), static_cast<int32_t>(blockY), 1});
  auto size = [&](int64_t value) -> Value {
    return arith::ConstantIndexOp::create(host, value);
  };
  Value blocks = getValueOrCreateConstantIndexOp(host, host.getLoc(), grid);
  Value one = size(1);
  return gpu::LaunchFuncOp::create(
      host, kernel, gpu::KernelDim3{blocks, one, one},
      gpu::KernelDim3{size(blockX), size(blockY), one}, Value(), operands);
}

//===----------------------------------------------------------------------===//
// What can be computed
//===----------------------------------------------------------------------===//

bool mlir::sym::isDeviceNumber(Type type) {
  if (auto integer = dyn_cast<IntegerType>(type))
    return integer.getWidth() == 1 ||
           (integer.getWidth() >= 8 && integer.getWidth() <= 64 &&
            llvm::isPowerOf2_32(integer.getWidth()));
  return isa<IndexType, Float16Type, BFloat16Type, Float32Type, Float64Type>(
      type);
}

bool mlir::sym::isDeviceBuffer(Type type) {
  auto buffer = dyn_cast<MemRefType>(type);
  if (!buffer || (buffer.getMemorySpace() && !isOnDevice(buffer)) ||
      !isDeviceNumber(buffer.getElementType()))
    return false;
  SmallVector<int64_t> strides;
  int64_t offset;
  return succeeded(buffer.getStridesAndOffset(strides, offset));
}

bool mlir::sym::isKernelizable(linalg::GenericOp op) {
  if (!op.hasPureBufferSemantics())
    return false;
  // Where buffers have been placed, what uses the host's stays there.
  if (hasPlacedBuffers(op->getParentOfType<ModuleOp>()) &&
      op->walk([](Operation *nested) {
          return llvm::any_of(nested->getOperands(),
                              [](Value operand) {
                                return isa<MemRefType>(operand.getType()) &&
                                       !isOnDevice(operand);
                              })
                     ? WalkResult::interrupt()
                     : WalkResult::advance();
        }).wasInterrupted())
    return false;
  for (Value operand : op->getOperands())
    if (!isDeviceNumber(operand.getType()) &&
        !isDeviceBuffer(operand.getType()))
      return false;
  WalkResult result = op.getBody()->walk([&](Operation *nested) {
    if (!isa<memref::LoadOp, memref::DimOp, linalg::IndexOp, linalg::YieldOp>(
            nested) &&
        !isMemoryEffectFree(nested))
      return WalkResult::interrupt();
    for (Type type : nested->getResultTypes())
      if (!isDeviceNumber(type))
        return WalkResult::interrupt();
    for (Value operand : nested->getOperands())
      if (!isDeviceNumber(operand.getType()) &&
          !isDeviceBuffer(operand.getType()))
        return WalkResult::interrupt();
    return WalkResult::advance();
  });
  return !result.wasInterrupted();
}

bool mlir::sym::isElementwise(linalg::GenericOp op) {
  return op.getNumParallelLoops() == op.getNumLoops() &&
         llvm::all_of(op.getDpsInitsMutable(), [&](OpOperand &init) {
           return op.getMatchingIndexingMap(&init).isPermutation();
         });
}

//===----------------------------------------------------------------------===//
// Sizes
//===----------------------------------------------------------------------===//

SmallVector<OpFoldResult> mlir::sym::getLoopSizes(OpBuilder &b,
                                                  linalg::GenericOp op) {
  SmallVector<OpFoldResult> sizes;
  for (Range range : cast<linalg::LinalgOp>(op.getOperation())
                         .createLoopRanges(b, op.getLoc()))
    sizes.push_back(range.size);
  return sizes;
}

OpFoldResult mlir::sym::getProduct(OpBuilder &b, Location loc,
                                   ArrayRef<OpFoldResult> sizes) {
  OpFoldResult product = b.getIndexAttr(1);
  for (OpFoldResult size : sizes)
    product = affine::makeComposedFoldedAffineApply(
        b, loc, b.getAffineSymbolExpr(0) * b.getAffineSymbolExpr(1),
        {product, size});
  return product;
}

OpFoldResult mlir::sym::getGridSize(OpBuilder &b, Location loc,
                                    OpFoldResult work, int64_t perBlock,
                                    int64_t most) {
  if (std::optional<int64_t> known = getConstantIntValue(work))
    return b.getIndexAttr(
        std::clamp<int64_t>(llvm::divideCeilSigned(*known, perBlock), 1, most));
  auto index = [&](int64_t value) {
    return arith::ConstantIndexOp::create(b, loc, value);
  };
  Value blocks =
      arith::CeilDivUIOp::create(b, loc, cast<Value>(work), index(perBlock));
  blocks = arith::MinUIOp::create(b, loc, blocks, index(most));
  return arith::MaxUIOp::create(b, loc, blocks, index(1)).getResult();
}

SmallVector<Value> mlir::sym::delinearize(ImplicitLocOpBuilder &b, Value linear,
                                          ValueRange sizes) {
  SmallVector<Value> indices(sizes.size());
  for (int64_t dim = static_cast<int64_t>(sizes.size()) - 1; dim > 0; --dim) {
    indices[dim] = arith::RemUIOp::create(b, linear, sizes[dim]);
    linear = arith::DivUIOp::create(b, linear, sizes[dim]);
  }
  if (!indices.empty())
    indices[0] = linear;
  return indices;
}

//===----------------------------------------------------------------------===//
// BodyEmitter
//===----------------------------------------------------------------------===//

static unsigned getBytes(Type element) {
  return element.isIndex() ? 8 : (element.getIntOrFloatBitWidth() + 7) / 8;
}

BodyEmitter::BodyEmitter(KernelBuilder &kernel, linalg::GenericOp op)
    : BodyEmitter(kernel, op, op.getNumLoops() - 1,
                  [](OpOperand &) { return true; }) {}

BodyEmitter::BodyEmitter(KernelBuilder &kernel, linalg::GenericOp op,
                         unsigned innermost,
                         llvm::function_ref<bool(OpOperand &)> isAccessed)
    : kernel(kernel), b(kernel.b), op(op), innermost(innermost) {
  for (OpOperand &operand : op->getOpOperands())
    if (isAccessed(operand))
      captures.map(operand.get(), kernel.capture(operand.get()));
  op.getBody()->walk([&](Operation *nested) {
    for (Value operand : nested->getOperands())
      if (operand.getParentRegion()->isProperAncestor(&op.getRegion()))
        captures.map(operand, kernel.capture(operand));
  });

  // As many elements as the widest type has in one access.
  for (OpOperand &operand : op->getOpOperands())
    if (isWide(operand))
      widest = std::max(
          widest, getBytes(getElementTypeOrSelf(operand.get().getType())));
  if (widest)
    width = std::min<int64_t>(kAccessBytes / widest, 8);
}

/// Whether neighbours along the innermost loop are neighbours in memory, and
/// the first of `width` of them is aligned if its index is a multiple.
bool BodyEmitter::isWide(OpOperand &operand) {
  if (op.getNumLoops() == 0 || !captures.contains(operand.get()) ||
      getAccess(op, operand, innermost) != Access::Contiguous)
    return false;
  AffineMap map = op.getMatchingIndexingMap(&operand);
  if (!isa<AffineDimExpr>(map.getResults().back()))
    return false;
  SmallVector<int64_t> strides;
  int64_t offset;
  auto type = cast<MemRefType>(operand.get().getType());
  (void)type.getStridesAndOffset(strides, offset);
  int64_t elements = kAccessBytes / getBytes(type.getElementType());
  return type.getLayout().isIdentity() ||
         llvm::all_of(ArrayRef(strides).drop_back(), [&](int64_t stride) {
           return ShapedType::isDynamic(stride) || stride % elements == 0;
         });
}

Value BodyEmitter::emitIsAligned(ArrayRef<Value> sizes) {
  auto isMultiple = [&](Value value, int64_t of) -> Value {
    Value rest = arith::AndIOp::create(b, value, kernel.index(of - 1));
    return arith::CmpIOp::create(b, arith::CmpIPredicate::eq, rest,
                                 kernel.index(0));
  };
  Value aligned = arith::ConstantIntOp::create(b, 1, 1);
  auto require = [&](Value condition) {
    aligned = arith::AndIOp::create(b, aligned, condition);
  };
  DenseSet<Value> seen;
  for (OpOperand &operand : op->getOpOperands()) {
    if (!isWide(operand) || !seen.insert(operand.get()).second)
      continue;
    auto type = cast<MemRefType>(operand.get().getType());
    auto buffer = captures.lookup(operand.get())
                      .getDefiningOp<memref::ReinterpretCastOp>();
    Value address =
        memref::ExtractAlignedPointerAsIndexOp::create(b, buffer.getSource());
    int64_t bytes = getBytes(type.getElementType());
    Value offset = getValueOrCreateConstantIndexOp(
        b, b.getLoc(), buffer.getMixedOffsets().front());
    address = arith::AddIOp::create(
        b, address, arith::MulIOp::create(b, offset, kernel.index(bytes)));
    require(isMultiple(address, std::min(kAccessBytes, width * bytes)));
    // Otherwise rows follow each other, and their length is asked below.
    if (!type.getLayout().isIdentity())
      for (OpFoldResult stride : ArrayRef(buffer.getMixedStrides()).drop_back())
        if (auto dynamic = dyn_cast<Value>(stride))
          require(isMultiple(dynamic, width));
  }
  if (sizes.size() > 1)
    require(isMultiple(sizes[innermost], width));
  return aligned;
}

SmallVector<Value> BodyEmitter::getIndices(OpOperand &operand,
                                           ArrayRef<Value> ivs) {
  AffineMap map = op.getMatchingIndexingMap(&operand);
  SmallVector<OpFoldResult> dims(ivs.begin(), ivs.end());
  SmallVector<Value> indices;
  for (unsigned i = 0, e = map.getNumResults(); i != e; ++i)
    indices.push_back(getValueOrCreateConstantIndexOp(
        b, b.getLoc(),
        affine::makeComposedFoldedAffineApply(b, b.getLoc(), map.getSubMap({i}),
                                              dims)));
  return indices;
}

SmallVector<Value> BodyEmitter::getLane(ArrayRef<Value> ivs, int64_t lane) {
  SmallVector<Value> moved(ivs);
  if (lane)
    moved[innermost] =
        arith::AddIOp::create(b, moved[innermost], kernel.index(lane));
  return moved;
}

SmallVector<Value> BodyEmitter::load(OpOperand &operand, ArrayRef<Value> ivs,
                                     int64_t lanes, bool wide) {
  Value buffer = captures.lookup(operand.get());
  auto type = dyn_cast<MemRefType>(buffer.getType());
  if (!type)
    return SmallVector<Value>(lanes, buffer);
  if (ivs.empty() || getAccess(op, operand, innermost) == Access::Invariant)
    return SmallVector<Value>(
        lanes, memref::LoadOp::create(b, buffer, getIndices(operand, ivs)));
  SmallVector<Value> values;
  if (wide && isWide(operand)) {
    int64_t bytes = std::min<int64_t>(kAccessBytes,
                                      lanes * getBytes(type.getElementType()));
    Value vector = vector::LoadOp::create(
        b, VectorType::get({lanes}, type.getElementType()), buffer,
        getIndices(operand, ivs), /*nontemporal=*/false,
        llvm::MaybeAlign(bytes));
    for (int64_t lane = 0; lane != lanes; ++lane)
      values.push_back(vector::ExtractOp::create(b, vector, lane));
    return values;
  }
  for (int64_t lane = 0; lane != lanes; ++lane)
    values.push_back(memref::LoadOp::create(
        b, buffer, getIndices(operand, getLane(ivs, lane))));
  return values;
}

void BodyEmitter::store(OpOperand &operand, ArrayRef<Value> ivs,
                        ArrayRef<Value> values, bool wide) {
  Value buffer = captures.lookup(operand.get());
  auto type = cast<MemRefType>(buffer.getType());
  int64_t lanes = values.size();
  if (wide && isWide(operand)) {
    int64_t bytes = std::min<int64_t>(kAccessBytes,
                                      lanes * getBytes(type.getElementType()));
    Value vector = vector::FromElementsOp::create(
        b, VectorType::get({lanes}, type.getElementType()), values);
    vector::StoreOp::create(b, vector, buffer, getIndices(operand, ivs),
                            /*nontemporal=*/false, llvm::MaybeAlign(bytes));
    return;
  }
  for (auto [lane, value] : llvm::enumerate(values))
    memref::StoreOp::create(b, value, buffer,
                            getIndices(operand, getLane(ivs, lane)));
}

IRMapping BodyEmitter::emit(ArrayRef<Value> ivs, ArrayRef<Value> arguments,
                            ArrayRef<Operation *> skipped) {
  IRMapping mapping = captures;
  for (auto [argument, value] :
       llvm::zip_equal(op.getBody()->getArguments(), arguments))
    if (value)
      mapping.map(argument, value);
  for (Operation &nested : op.getBody()->without_terminator()) {
    if (llvm::is_contained(skipped, &nested))
      continue;
    if (auto position = dyn_cast<linalg::IndexOp>(nested)) {
      mapping.map(position.getResult(), ivs[position.getDim()]);
      continue;
    }
    Operation *copy = b.clone(nested, mapping);
    copy->walk([&](linalg::IndexOp position) {
      position.replaceAllUsesWith(ivs[position.getDim()]);
      position.erase();
    });
  }
  return mapping;
}

void BodyEmitter::emitIteration(
    ArrayRef<Value> ivs, int64_t lanes, bool wide,
    llvm::function_ref<Value(OpOperand &)> getElement) {
  // Everything is read before anything is written, which may be the same.
  SmallVector<SmallVector<Value>> elements;
  for (OpOperand &operand : op->getOpOperands()) {
    if (op.getMatchingBlockArgument(&operand).use_empty())
      elements.emplace_back(lanes);
    else if (Value element = getElement ? getElement(operand) : Value())
      elements.push_back({element});
    else
      elements.push_back(load(operand, ivs, lanes, wide));
  }
  auto yield = cast<linalg::YieldOp>(op.getBody()->getTerminator());
  SmallVector<SmallVector<Value>> results(yield.getNumOperands());
  for (int64_t lane = 0; lane != lanes; ++lane) {
    SmallVector<Value> arguments;
    for (auto &element : elements)
      arguments.push_back(element[lane]);
    IRMapping mapping = emit(getLane(ivs, lane), arguments);
    for (auto [i, value] : llvm::enumerate(yield.getOperands())) {
      Value inside = mapping.lookupOrDefault(value);
      results[i].push_back(inside);
    }
  }
  for (auto [operand, values] :
       llvm::zip_equal(op.getDpsInitsMutable(), results))
    store(operand, ivs, values, wide);
}
