//===- LowerToRuntime.cpp - Functions with the frame of the ABI -----------===//

#include "FunctionLowering.h"

#include "sym/Conversion/Passes.h"
#include "sym/Dialect/Sym/IR/Placement.h"
#include "sym/Runtime/abi.h"

#include "mlir/Analysis/CallGraph.h"
#include "mlir/Conversion/LLVMCommon/MemRefBuilder.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/ControlFlow/IR/ControlFlowOps.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "llvm/ADT/SCCIterator.h"

namespace mlir::sym {
#define GEN_PASS_DEF_SYMLOWERTORUNTIME
#include "sym/Conversion/Passes.h.inc"
} // namespace mlir::sym

using namespace mlir;
using namespace mlir::sym;

LLVM::LLVMStructType
mlir::sym::getBorrowStruct(const LLVMTypeConverter &converter,
                           BorrowType type) {
  RankedTensorType tensor = type.getTensor();
  Type descriptor = converter.convertType(
      MemRefType::get(tensor.getShape(), tensor.getElementType()));
  if (!descriptor)
    return {};
  return LLVM::LLVMStructType::getLiteral(
      type.getContext(),
      {LLVM::LLVMPointerType::get(type.getContext()), descriptor});
}

ProgramIndex::ProgramIndex(ModuleOp module) {
  int32_t numVariables = 0, numFunctions = 0;
  for (auto shared : module.getOps<SharedOp>())
    variables[shared.getSymNameAttr()] = numVariables++;
  for (auto entry : module.getOps<EntryOp>()) {
    functions[entry.getSymNameAttr()] = numFunctions++;
    if (getDevice(entry))
      onDevice.insert(entry.getSymNameAttr());
  }
  findDeepCalls(module);
  findKernels(module);
}

void ProgramIndex::findDeepCalls(ModuleOp module) {
  // So many calls may stand between two that ask.
  constexpr unsigned kMaxUnchecked = 16;
  CallGraph graph(module);
  SymbolTable symbols(module);
  llvm::DenseMap<Operation *, unsigned> unchecked;
  // Callees come first, and who calls each other together.
  for (auto scc = llvm::scc_begin(static_cast<const CallGraph *>(&graph));
       !scc.isAtEnd(); ++scc) {
    llvm::SmallPtrSet<Operation *, 4> together;
    for (CallGraphNode *node : *scc)
      if (!node->isExternal())
        together.insert(node->getCallableRegion()->getParentOp());
    unsigned depth = 0;
    for (Operation *function : together)
      function->walk([&](func::CallOp call) {
        auto callee = symbols.lookup<func::FuncOp>(call.getCallee());
        if (!callee || callee.isExternal())
          return;
        unsigned below = unchecked.lookup(callee) + 1;
        if (together.contains(callee) || below > kMaxUnchecked)
          deepCalls.insert(call);
        else
          depth = std::max(depth, below);
      });
    for (Operation *function : together)
      unchecked[function] = depth;
  }
}

//===----------------------------------------------------------------------===//
// Checks
//===----------------------------------------------------------------------===//

/// Whether `op` itself reads or writes memory of a device, or finds it.
static bool touchesDevice(Operation *op) {
  if (auto load = dyn_cast<memref::LoadOp>(op))
    return isOnDevice(load.getMemRef());
  if (auto store = dyn_cast<memref::StoreOp>(op))
    return isOnDevice(store.getMemRef());
  if (auto copy = dyn_cast<memref::CopyOp>(op))
    return isOnDevice(copy.getSource()) || isOnDevice(copy.getTarget());
  if (auto constant = dyn_cast<memref::GetGlobalOp>(op))
    return isOnDevice(constant.getResult());
  return false;
}

/// Whether `op` becomes a branch out of the function, or a call that only the
/// thread of the call may make.
static bool needsFunctionLevel(Operation *op) {
  if (auto call = dyn_cast<func::CallOp>(op)) {
    auto callee = SymbolTable::lookupNearestSymbolFrom<func::FuncOp>(
        op, call.getCalleeAttr());
    return callee && !callee.isExternal();
  }
  return isa<CheckOp, AllocResultOp, SelectResultOp, MoveResultOp, ArenaOp,
             memref::AllocOp, memref::DeallocOp, CallOp, GetValueOp, SetValueOp,
             BorrowOp, ViewOp, ReleaseOp, PrintOp, gpu::LaunchFuncOp>(op) ||
         touchesDevice(op);
}

LogicalResult FunctionLowering::check(EntryOp entry) {
  auto result = function.walk([&](Operation *op) -> WalkResult {
    if (op == function)
      return WalkResult::advance();
    if (isa<func::CallIndirectOp>(op))
      return op->emitOpError("calls a function that is not known before run "
                             "time; host programs call functions by name");
    if (isa<func::ConstantOp>(op))
      return op->emitOpError("takes the address of a function; host programs "
                             "call functions by name");
    if (!needsFunctionLevel(op))
      return WalkResult::advance();
    if (op->getParentOp() != function) {
      InFlightDiagnostic diag = op->emitOpError(
          "stands in a region from which a failing call cannot return (T4)");
      diag.attachNote(op->getParentOp()->getLoc())
          << "the region of this '" << op->getParentOp()->getName() << "'";
      return diag;
    }
    if (auto launch = dyn_cast<gpu::LaunchFuncOp>(op))
      return WalkResult(checkLaunch(launch, entry));
    if (auto alloc = dyn_cast<memref::AllocOp>(op))
      if (alloc.getAlignment().value_or(1) > SYM_BUFFER_ALIGNMENT)
        return op->emitOpError("asks for an alignment of ")
               << *alloc.getAlignment() << "; the runtime aligns to "
               << SYM_BUFFER_ALIGNMENT << " bytes";
    auto checkBuffer = [&](Type type, bool isHostValue) -> LogicalResult {
      if (isa<BorrowType>(type))
        return success();
      auto memref = dyn_cast<MemRefType>(type);
      if (!memref)
        return op->emitOpError("expects buffers, found ") << type;
      if (!memref.getLayout().isIdentity())
        return op->emitOpError("expects a buffer of identity layout, found ")
               << memref;
      if (!getElementBytes(memref.getElementType()))
        return op->emitOpError("expects elements of a known size, found ")
               << memref;
      if (isHostValue && !getElementCode(memref.getElementType()))
        return op->emitOpError("expects elements that a variable can hold, "
                               "found ")
               << memref;
      return success();
    };
    if (!isa<CheckOp, func::CallOp, memref::DeallocOp, memref::LoadOp,
             memref::StoreOp>(op)) {
      bool isHost =
          !isa<AllocResultOp, SelectResultOp, ArenaOp, memref::AllocOp,
               memref::CopyOp, memref::GetGlobalOp>(op);
      for (Value value : op->getOperands())
        if (!value.getType().isIntOrIndex() &&
            failed(checkBuffer(value.getType(), isHost)))
          return WalkResult::interrupt();
      for (Type type : op->getResultTypes())
        if (failed(checkBuffer(type, isHost)))
          return WalkResult::interrupt();
    }
    return WalkResult::advance();
  });
  return failure(result.wasInterrupted());
}

//===----------------------------------------------------------------------===//
// Small pieces
//===----------------------------------------------------------------------===//

Value FunctionLowering::constant(int64_t value) {
  return LLVM::ConstantOp::create(b, loc, abi.getI64(),
                                  b.getI64IntegerAttr(value));
}

Value FunctionLowering::constant32(int32_t value) {
  return LLVM::ConstantOp::create(b, loc, abi.getI32(),
                                  b.getI32IntegerAttr(value));
}

Value FunctionLowering::addressOf(StringRef symbol) {
  return LLVM::AddressOfOp::create(b, loc, abi.getPointerType(), symbol);
}

Value FunctionLowering::call(StringRef name, Type result,
                             ValueRange arguments) {
  LLVM::LLVMFuncOp callee =
      abi.getFunction(name, result, llvm::to_vector(arguments.getTypes()));
  auto op = LLVM::CallOp::create(b, loc, callee, arguments);
  return op.getNumResults() ? op.getResult() : Value();
}

Value FunctionLowering::asI64(Value index) {
  if (index.getType().isInteger(64))
    return index;
  return UnrealizedConversionCastOp::create(b, loc, abi.getI64(), index)
      .getResult(0);
}

Value FunctionLowering::getScratch(int64_t words) {
  if (!scratch) {
    OpBuilder::InsertionGuard guard(b);
    b.setInsertionPointToStart(&function.getBody().front());
    Value count = constant(0);
    scratch = LLVM::AllocaOp::create(b, loc, abi.getPointerType(), abi.getI64(),
                                     count, /*alignment=*/16);
  }
  scratchWords = std::max(scratchWords, words);
  return scratch;
}

Value FunctionLowering::getScratchAt(int64_t word) {
  Value base = getScratch(word);
  if (word == 0)
    return base;
  return LLVM::GEPOp::create(
      b, loc, abi.getPointerType(), abi.getI64(), base,
      ArrayRef<LLVM::GEPArg>{static_cast<int32_t>(word)});
}

static Value wordAddress(OpBuilder &b, Location loc, Value base, int64_t word) {
  if (word == 0)
    return base;
  return LLVM::GEPOp::create(
      b, loc, base.getType(), b.getI64Type(), base,
      ArrayRef<LLVM::GEPArg>{static_cast<int32_t>(word)});
}

void FunctionLowering::store(Value value, Value base, int64_t word) {
  LLVM::StoreOp::create(b, loc, value, wordAddress(b, loc, base, word));
}

Value FunctionLowering::load(Type type, Value base, int64_t word) {
  return LLVM::LoadOp::create(b, loc, type, wordAddress(b, loc, base, word));
}

SmallVector<Value> FunctionLowering::getSizes(MemRefType type,
                                              ValueRange dynamic) {
  SmallVector<Value> sizes;
  size_t next = 0;
  for (int64_t size : type.getShape())
    sizes.push_back(ShapedType::isDynamic(size) ? asI64(dynamic[next++])
                                                : constant(size));
  return sizes;
}

Value FunctionLowering::buildDescriptor(MemRefType type, Value pointer,
                                        ValueRange sizes) {
  Type descriptorType = converter.convertType(type);
  auto descriptor = MemRefDescriptor::poison(b, loc, descriptorType);
  descriptor.setAllocatedPtr(b, loc, pointer);
  descriptor.setAlignedPtr(b, loc, pointer);
  descriptor.setConstantOffset(b, loc, 0);
  // Row-major strides; those behind the last dynamic size are constants.
  Value stride;
  std::optional<int64_t> staticStride = 1;
  for (int64_t i = type.getRank() - 1; i >= 0; --i) {
    descriptor.setSize(b, loc, i, sizes[i]);
    if (staticStride)
      stride = constant(*staticStride);
    descriptor.setStride(b, loc, i, stride);
    if (staticStride && !type.isDynamicDim(i)) {
      staticStride = *staticStride * type.getDimSize(i);
      continue;
    }
    staticStride.reset();
    if (i > 0)
      stride = LLVM::MulOp::create(b, loc, stride, sizes[i]);
  }
  return descriptor;
}

Value FunctionLowering::buildMemRef(MemRefType type, Value pointer,
                                    ValueRange sizes) {
  Value descriptor = buildDescriptor(type, pointer, sizes);
  return UnrealizedConversionCastOp::create(b, loc, type, descriptor)
      .getResult(0);
}

Value FunctionLowering::getDescriptor(Value memref) {
  Type type = converter.convertType(memref.getType());
  return UnrealizedConversionCastOp::create(b, loc, type, memref).getResult(0);
}

Value FunctionLowering::getBytes(MemRefType type, ValueRange sizes) {
  int64_t known = getElementBytes(type.getElementType());
  bool overflows = false;
  SmallVector<Value> unknown;
  for (auto [size, value] : llvm::zip_equal(type.getShape(), sizes)) {
    if (ShapedType::isDynamic(size))
      unknown.push_back(value);
    else if (llvm::MulOverflow(known, size, known))
      overflows = true;
  }
  if (overflows)
    return constant(INT64_MAX);
  Value bytes = constant(known);
  if (unknown.empty())
    return bytes;
  // Unsigned, so that a negative size overflows too.
  Type pair = LLVM::LLVMStructType::getLiteral(b.getContext(),
                                               {abi.getI64(), b.getI1Type()});
  Value overflow;
  for (Value size : unknown) {
    Value product = LLVM::UMulWithOverflowOp::create(b, loc, pair, bytes, size);
    bytes = LLVM::ExtractValueOp::create(b, loc, product, int64_t{0});
    Value bit = LLVM::ExtractValueOp::create(b, loc, product, int64_t{1});
    overflow = overflow ? LLVM::OrOp::create(b, loc, overflow, bit) : bit;
  }
  Value negative = LLVM::ICmpOp::create(b, loc, LLVM::ICmpPredicate::slt, bytes,
                                        constant(0));
  overflow = LLVM::OrOp::create(b, loc, overflow, negative);
  return LLVM::SelectOp::create(b, loc, overflow, constant(INT64_MAX), bytes);
}

//===----------------------------------------------------------------------===//
// Control flow
//===----------------------------------------------------------------------===//

Block *FunctionLowering::getFailBlock() {
  if (failBlock)
    return failBlock;
  OpBuilder::InsertionGuard guard(b);
  failBlock = b.createBlock(&function.getBody(), function.getBody().end(),
                            {abi.getI32()}, {loc});
  SmallVector<Value> values = {failBlock->getArgument(0)};
  for (Type type : function.getResultTypes().drop_front()) {
    Type converted =
        isa<BorrowType>(type)
            ? Type(getBorrowStruct(converter, cast<BorrowType>(type)))
            : converter.convertType(type);
    Value poison = LLVM::PoisonOp::create(b, loc, converted);
    if (converted != type)
      poison =
          UnrealizedConversionCastOp::create(b, loc, type, poison).getResult(0);
    values.push_back(poison);
  }
  func::ReturnOp::create(b, loc, values);
  return failBlock;
}

void FunctionLowering::continueIf(Value ok, Value status) {
  Block *block = b.getInsertionBlock();
  Block *rest = block->splitBlock(b.getInsertionPoint());
  b.setInsertionPointToEnd(block);
  cf::CondBranchOp::create(b, loc, ok, rest, ValueRange(), getFailBlock(),
                           ValueRange(status),
                           b.getDenseI32ArrayAttr({2000, 1}));
  b.setInsertionPointToStart(rest);
}

void FunctionLowering::continueIfZero(Value status) {
  Value ok = LLVM::ICmpOp::create(b, loc, LLVM::ICmpPredicate::eq, status,
                                  constant32(0));
  continueIf(ok, status);
}

void FunctionLowering::continueIfNonNull(Value pointer) {
  Value null = LLVM::ZeroOp::create(b, loc, abi.getPointerType());
  Value ok =
      LLVM::ICmpOp::create(b, loc, LLVM::ICmpPredicate::ne, pointer, null);
  // The runtime has recorded what went wrong; any status but 0 ends the call.
  continueIf(ok, constant32(SYM_OUT_OF_MEMORY));
}

//===----------------------------------------------------------------------===//
// Operations
//===----------------------------------------------------------------------===//

void FunctionLowering::lowerCheck(CheckOp op) {
  ++numChecks;
  Block *block = op->getBlock();
  Block *rest = block->splitBlock(op->getNextNode());
  Block *cold = b.createBlock(rest);

  SmallVector<int32_t> types;
  for (auto [i, value] : llvm::enumerate(op.getValues())) {
    Type type = value.getType();
    Value word = value;
    std::optional<int32_t> code = getElementCode(type);
    if (auto integer = dyn_cast<IntegerType>(type)) {
      if (integer.getWidth() == 1)
        word = arith::ExtUIOp::create(b, loc, abi.getI64(), value);
      else if (integer.getWidth() < 64)
        word = arith::ExtSIOp::create(b, loc, abi.getI64(), value);
      types.push_back(code.value_or(SYM_ELEMENT_I64));
    } else if (isa<IndexType>(type)) {
      word = asI64(value);
      types.push_back(SYM_ELEMENT_I64);
    } else {
      // bf16 has a conversion to f32 only.
      if (type.isBF16())
        word = arith::ExtFOp::create(b, loc, b.getF32Type(), word);
      if (!type.isF64())
        word = arith::ExtFOp::create(b, loc, b.getF64Type(), word);
      types.push_back(code.value_or(SYM_ELEMENT_F64));
    }
    store(word, getScratch(op.getValues().size()), i);
  }
  Value values = op.getValues().empty()
                     ? Value(LLVM::ZeroOp::create(b, loc, abi.getPointerType()))
                     : Value(scratch);
  StringRef site = abi.getSite(static_cast<int32_t>(op.getKind()),
                               op.getMessage(), types, op.getLoc());
  Value status =
      call("sym_rt_fail", abi.getI32(), {frame, addressOf(site), values});
  cf::BranchOp::create(b, loc, getFailBlock(), ValueRange(status));

  b.setInsertionPointToEnd(block);
  cf::CondBranchOp::create(b, loc, op.getCondition(), rest, ValueRange(), cold,
                           ValueRange(), b.getDenseI32ArrayAttr({2000, 1}));
}

void FunctionLowering::lowerAllocResult(AllocResultOp op) {
  ++numAllocations;
  auto type = cast<MemRefType>(op.getType());
  SmallVector<Value> sizes = getSizes(type, op.getDynamicSizes());
  Value words = getScratch(std::max<int64_t>(sizes.size(), 1));
  for (auto [i, size] : llvm::enumerate(sizes))
    store(size, words, i);
  Value pointer = call("sym_rt_result", abi.getPointerType(),
                       {frame, constant32(op.getSlot()), words});
  continueIfNonNull(pointer);
  op.replaceAllUsesWith(buildMemRef(type, pointer, sizes));
}

void FunctionLowering::lowerSelectResult(SelectResultOp op) {
  auto type = cast<MemRefType>(op.getBuffer().getType());
  MemRefDescriptor descriptor(getDescriptor(op.getBuffer()));
  Value pointer = descriptor.bufferPtr(b, loc, converter, type);
  // frame->slots[slot].data
  Value slots = load(abi.getPointerType(), frame, 2);
  store(pointer, slots, 2 * static_cast<int64_t>(op.getSlot()));
}

void FunctionLowering::lowerMoveResult(MoveResultOp op) {
  ++numAllocations;
  Value status =
      call("sym_rt_result_from_source", abi.getI32(),
           {frame, constant32(op.getSlot()), constant32(op.getSource())});
  continueIfZero(status);
}

void FunctionLowering::lowerArena(ArenaOp op) {
  ++numAllocations;
  Value bytes = asI64(op.getBytes());
  Value pointer =
      call(isOnDevice(op.getResult()) ? "sym_rt_device_arena" : "sym_rt_arena",
           abi.getPointerType(), {frame, bytes});
  continueIfNonNull(pointer);
  auto type = cast<MemRefType>(op.getType());
  op.replaceAllUsesWith(buildMemRef(
      type, pointer,
      type.getRank() == 1 ? SmallVector<Value>{bytes} : SmallVector<Value>{}));
}

void FunctionLowering::lowerAlloc(memref::AllocOp op) {
  ++numAllocations;
  MemRefType type = op.getType();
  SmallVector<Value> sizes = getSizes(type, op.getDynamicSizes());
  Value pointer =
      call(isOnDevice(type) ? "sym_rt_device_alloc" : "sym_rt_alloc",
           abi.getPointerType(), {frame, getBytes(type, sizes)});
  continueIfNonNull(pointer);
  op.replaceAllUsesWith(buildMemRef(type, pointer, sizes));
}

void FunctionLowering::lowerDealloc(memref::DeallocOp op) {
  MemRefDescriptor descriptor(getDescriptor(op.getMemref()));
  call(isOnDevice(op.getMemref()) ? "sym_rt_device_free" : "sym_rt_free",
       LLVM::LLVMVoidType::get(b.getContext()),
       {frame, descriptor.allocatedPtr(b, loc)});
}

void FunctionLowering::lowerFuncCall(func::CallOp op) {
  if (index.deepCalls.contains(op)) {
    std::string message = ("the call of '" + getOriginalName(op.getCallee()) +
                           "' is nested too deeply for the stack of the thread")
                              .str();
    StringRef site =
        abi.getSite(SYM_NESTED_TOO_DEEPLY, message, {}, op.getLoc());
    continueIfZero(
        call("sym_rt_check_stack", abi.getI32(), {frame, addressOf(site)}));
    // As a jump, an endless recursion would never reach the end of the stack.
    function->setAttr("passthrough", b.getArrayAttr(b.getStrArrayAttr(
                                         {"disable-tail-calls", "true"})));
  }
  SmallVector<Value> operands = {frame};
  llvm::append_range(operands, op.getOperands());
  SmallVector<Type> results = {abi.getI32()};
  llvm::append_range(results, op.getResultTypes());
  auto newCall =
      func::CallOp::create(b, op.getLoc(), op.getCallee(), results, operands);
  continueIfZero(newCall.getResult(0));
  op.replaceAllUsesWith(newCall.getResults().drop_front());
}

void FunctionLowering::lowerReturn(func::ReturnOp op) {
  SmallVector<Value> values = {constant32(SYM_OK)};
  llvm::append_range(values, op.getOperands());
  func::ReturnOp::create(b, loc, values);
}

void FunctionLowering::changeSignature(EntryOp entry) {
  FunctionType type = function.getFunctionType();
  Block &block = function.getBody().front();
  SmallVector<Type> inputs = {abi.getPointerType()};
  SmallVector<DictionaryAttr> attributes = {DictionaryAttr()};
  frame = block.insertArgument(0u, abi.getPointerType(), loc);
  b.setInsertionPointToStart(&block);

  if (entry) {
    NamedAttribute noAlias(LLVM::LLVMDialect::getNoAliasAttrName(),
                           b.getUnitAttr());
    NamedAttribute relaxed(SymDialect::kRelaxedAttrName, b.getUnitAttr());
    size_t number = 0, numArgs = type.getNumInputs() - entry.getReads().size();
    for (unsigned i = 1; i < block.getNumArguments(); ++number) {
      BlockArgument argument = block.getArgument(i);
      auto memref = dyn_cast<MemRefType>(argument.getType());
      if (!memref) {
        inputs.push_back(argument.getType());
        attributes.push_back(DictionaryAttr());
        ++i;
        continue;
      }
      Value pointer = block.insertArgument(i + 1, abi.getPointerType(), loc);
      inputs.push_back(abi.getPointerType());
      // T7: told apart for the sanitizers.
      bool races = number >= numArgs &&
                   isRelaxed(entry, entry.getReads()[number - numArgs]);
      attributes.push_back(races ? b.getDictionaryAttr({noAlias, relaxed})
                                 : b.getDictionaryAttr(noAlias));
      SmallVector<Value> dynamic;
      for (unsigned d = 0, e = memref.getNumDynamicDims(); d != e; ++d) {
        dynamic.push_back(block.insertArgument(i + 2 + d, abi.getI64(), loc));
        inputs.push_back(abi.getI64());
        attributes.push_back(DictionaryAttr());
      }
      argument.replaceAllUsesWith(
          buildMemRef(memref, pointer, getSizes(memref, dynamic)));
      block.eraseArgument(i);
      i += 1 + dynamic.size();
    }
  } else {
    llvm::append_range(inputs, type.getInputs());
    attributes.resize(inputs.size());
  }

  SmallVector<Type> results = {abi.getI32()};
  llvm::append_range(results, type.getResults());
  function.setType(FunctionType::get(b.getContext(), inputs, results));
  function.removeResAttrsAttr();
  function.setAllArgAttrs(attributes);
}

void FunctionLowering::createWrapper(ArrayRef<Type> bufferTypes,
                                     size_t numSources) {
  StringAttr name = function.getSymNameAttr();
  // The entry keeps naming the variant, which is the wrapper from now on.
  abi.getSymbolTable().remove(function);
  function.setSymName((name.getValue() + ".impl").str());
  abi.getSymbolTable().insert(function);
  LLVM::LLVMFuncOp wrapper =
      abi.getFunction(name, abi.getI32(), ArrayRef<Type>(abi.getPointerType()));
  wrapper.setPrivate();

  OpBuilder::InsertionGuard guard(b);
  b.setInsertionPointToStart(wrapper.addEntryBlock(b));
  Value frame = wrapper.getArgument(0);
  SmallVector<Value> operands = {frame};
  size_t numArgs = bufferTypes.size() - numSources;
  Type ptr = abi.getPointerType();
  Value views;
  for (auto [i, bufferType] : llvm::enumerate(bufferTypes)) {
    auto type = cast<MemRefType>(bufferType);
    size_t position = i < numArgs ? i : i - numArgs;
    if (position == 0)
      views = load(ptr, frame, i < numArgs ? 0 : 1);
    operands.push_back(load(ptr, views, 2 * position));
    if (type.hasStaticShape())
      continue;
    Value sizes = load(ptr, views, 2 * position + 1);
    for (int64_t d = 0; d < type.getRank(); ++d)
      if (type.isDynamicDim(d))
        operands.push_back(load(abi.getI64(), sizes, d));
  }
  auto call = func::CallOp::create(b, loc, function, operands);
  LLVM::ReturnOp::create(b, loc, call.getResults());
}

void FunctionLowering::lower(Operation *op) {
  loc = op->getLoc();
  b.setInsertionPoint(op);
  llvm::TypeSwitch<Operation *>(op)
      .Case([&](CheckOp op) { lowerCheck(op); })
      .Case([&](AllocResultOp op) { lowerAllocResult(op); })
      .Case([&](SelectResultOp op) { lowerSelectResult(op); })
      .Case([&](MoveResultOp op) { lowerMoveResult(op); })
      .Case([&](ArenaOp op) { lowerArena(op); })
      .Case([&](memref::AllocOp op) { lowerAlloc(op); })
      .Case([&](memref::DeallocOp op) { lowerDealloc(op); })
      .Case([&](memref::LoadOp op) { lowerDeviceLoad(op); })
      .Case([&](memref::StoreOp op) { lowerDeviceStore(op); })
      .Case([&](memref::CopyOp op) { lowerDeviceCopy(op); })
      .Case([&](memref::GetGlobalOp op) { lowerDeviceConstant(op); })
      .Case([&](func::CallOp op) { lowerFuncCall(op); })
      .Case([&](func::ReturnOp op) { lowerReturn(op); })
      .Case([&](CallOp op) { lowerCall(op); })
      .Case([&](GetValueOp op) { lowerGetValue(op); })
      .Case([&](SetValueOp op) { lowerSetValue(op); })
      .Case([&](BorrowOp op) { lowerBorrow(op); })
      .Case([&](ViewOp op) { lowerView(op); })
      .Case([&](ReleaseOp op) { lowerRelease(op); })
      .Case([&](PrintOp op) { lowerPrint(op); })
      .Case([&](gpu::LaunchFuncOp op) { lowerLaunch(op); });
  op->erase();
}

void FunctionLowering::run(EntryOp entry) {
  SmallVector<Type> bufferTypes(function.getArgumentTypes());
  SmallVector<Operation *> ops;
  function.walk([&](Operation *op) {
    if (op != function && (needsFunctionLevel(op) || isa<func::ReturnOp>(op)))
      ops.push_back(op);
  });
  changeSignature(entry);
  for (Operation *op : ops)
    lower(op);
  if (scratch) {
    loc = function.getLoc();
    b.setInsertionPoint(scratch);
    scratch.getArraySizeMutable().assign(constant(scratchWords));
  }
  if (entry)
    createWrapper(bufferTypes, entry.getReads().size());
}

//===----------------------------------------------------------------------===//
// The pass
//===----------------------------------------------------------------------===//

namespace {
struct LowerToRuntimePass
    : public mlir::sym::impl::SymLowerToRuntimeBase<LowerToRuntimePass> {
  void runOnOperation() override {
    ModuleOp module = getOperation();
    llvm::DenseMap<StringAttr, EntryOp> variants;
    for (auto entry : module.getOps<EntryOp>()) {
      if (!entry.getInplaceAttr() || !entry.getOutofplaceAttr()) {
        entry.emitOpError("has no variants; the stage 'buffers' makes them");
        return signalPassFailure();
      }
      for (FlatSymbolRefAttr name :
           {entry.getInplaceAttr(), entry.getOutofplaceAttr()})
        variants[name.getAttr()] = entry;
    }

    LowerToLLVMOptions options(&getContext());
    LLVMTypeConverter converter(&getContext(), options);
    convertSpaces(converter);
    RuntimeABI abi(module);
    ProgramIndex index(module);
    SmallVector<FunctionLowering> lowerings;
    SmallVector<EntryOp> entries;
    for (auto function : module.getOps<func::FuncOp>()) {
      if (function.isExternal())
        continue;
      FunctionLowering lowering(function, abi, converter, index);
      EntryOp entry = variants.lookup(function.getSymNameAttr());
      if (failed(lowering.check(entry)))
        return signalPassFailure();
      entries.push_back(entry);
      lowerings.push_back(lowering);
    }
    for (auto [lowering, entry] : llvm::zip_equal(lowerings, entries)) {
      lowering.run(entry);
      numChecks += lowering.getNumChecks();
      numAllocations += lowering.getNumAllocations();
    }
  }
};
} // namespace
