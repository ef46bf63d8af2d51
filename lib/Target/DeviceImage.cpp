//===- DeviceImage.cpp - Kernels as code for the simulated driver ---------===//
//
// The IR that NVPTX compiles, with what is the device's own replaced: where a
// thread stands, barriers and shuffles are services of the driver, addresses
// are translated, and shared memory is found by offset. The interface is
// sym/Runtime/sim_abi.h.
//
//===----------------------------------------------------------------------===//

#include "sym/Runtime/sim_abi.h"
#include "sym/Target/Device.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/StringSwitch.h"
#include "llvm/Analysis/ValueTracking.h"
#include "llvm/IR/IRBuilder.h"
#include "llvm/IR/InlineAsm.h"
#include "llvm/IR/InstIterator.h"
#include "llvm/IR/IntrinsicInst.h"
#include "llvm/IR/IntrinsicsNVPTX.h"
#include "llvm/IR/ReplaceConstant.h"
#include "llvm/IR/Verifier.h"
#include "llvm/Transforms/Utils/ModuleUtils.h"

#include <cmath>

using namespace llvm;

namespace {
class ImageBuilder {
public:
  ImageBuilder(Module &module, unsigned arch, bool instrument)
      : module(module), context(module.getContext()), arch(arch),
        instrument(instrument), i32(Type::getInt32Ty(context)),
        i64(Type::getInt64Ty(context)), ptr(PointerType::getUnqual(context)) {}
  Error run();

private:
  /// A field of the services, at `offset`.
  Value *loadService(IRBuilder<> &b, Type *type, size_t offset);
  CallInst *callService(IRBuilder<> &b, size_t offset, Type *result,
                        ArrayRef<Value *> arguments);
  Value *getThreadField(IRBuilder<> &b, size_t offset);
  void placeSharedMemory();
  Error replaceIntrinsics(Function &function);
  Value *replaceIntrinsic(IRBuilder<> &b, IntrinsicInst &call);
  Value *replaceAssembly(IRBuilder<> &b, CallInst &call);
  void addBFloatRounding();
  Value *replaceShuffle(IRBuilder<> &b, CallInst &call, StringRef name);
  void translateAccesses(Function &function);
  Value *translate(IRBuilder<> &b, Value *pointer, Type *type, Align align,
                   unsigned flags);
  Constant *addKernel(Function &function);
  void addImage(ArrayRef<Constant *> kernels);

  Module &module;
  LLVMContext &context;
  unsigned arch;
  bool instrument;
  Type *i32, *i64;
  PointerType *ptr;
  GlobalVariable *slot = nullptr;
  uint64_t sharedBytes = 0;
};
} // namespace

Value *ImageBuilder::loadService(IRBuilder<> &b, Type *type, size_t offset) {
  Value *services = b.CreateLoad(ptr, slot);
  return b.CreateLoad(
      type, b.CreateConstInBoundsGEP1_64(b.getInt8Ty(), services, offset));
}

CallInst *ImageBuilder::callService(IRBuilder<> &b, size_t offset, Type *result,
                                    ArrayRef<Value *> arguments) {
  SmallVector<Type *> types;
  for (Value *argument : arguments)
    types.push_back(argument->getType());
  CallInst *call = b.CreateCall(FunctionType::get(result, types, false),
                                loadService(b, ptr, offset), arguments);
  call->addFnAttr(Attribute::Convergent);
  call->addFnAttr(Attribute::NoUnwind);
  return call;
}

Value *ImageBuilder::getThreadField(IRBuilder<> &b, size_t offset) {
  Value *thread = callService(b, offsetof(sym_sim_services, current), ptr, {});
  return b.CreateLoad(
      i32, b.CreateConstInBoundsGEP1_64(b.getInt8Ty(), thread, offset));
}

/// Shared variables become offsets from the block's shared memory. One that
/// has no size is what the launch adds behind the others.
void ImageBuilder::placeSharedMemory() {
  const DataLayout &layout = module.getDataLayout();
  SmallVector<GlobalVariable *> variables, dynamic;
  for (GlobalVariable &variable : module.globals())
    if (variable.getAddressSpace() == 3)
      (layout.getTypeAllocSize(variable.getValueType()) == 0 ? dynamic
                                                             : variables)
          .push_back(&variable);
  for (bool last : {false, true}) {
    if (last)
      sharedBytes = alignTo(sharedBytes, 16);
    for (GlobalVariable *variable : last ? dynamic : variables) {
      Align align =
          variable->getAlign().value_or(layout.getPreferredAlign(variable));
      uint64_t offset = last ? sharedBytes : alignTo(sharedBytes, align);
      if (!last)
        sharedBytes =
            offset + layout.getTypeAllocSize(variable->getValueType());
      convertUsersOfConstantsToInstructions({variable});
      for (Use &use : make_early_inc_range(variable->uses())) {
        auto *user = cast<Instruction>(use.getUser());
        Instruction *before = user;
        if (auto *phi = dyn_cast<PHINode>(user))
          before = phi->getIncomingBlock(use)->getTerminator();
        IRBuilder<> b(before);
        Value *place =
            instrument
                ? b.CreateIntToPtr(b.getInt64(offset), variable->getType())
                : b.CreateAddrSpaceCast(
                      b.CreateConstInBoundsGEP1_64(
                          b.getInt8Ty(),
                          callService(b, offsetof(sym_sim_services, shared),
                                      ptr, {}),
                          offset),
                      variable->getType());
        use.set(place);
      }
    }
  }
  for (GlobalVariable *variable : concat<GlobalVariable *>(variables, dynamic))
    variable->eraseFromParent();
}

/// The sum of two f32, rounded towards zero: the nearest one, or its neighbour
/// where that lies beyond the exact sum. What it lacks of the exact one is a
/// number of its own (Knuth's two-sum).
static Value *addTowardsZero(IRBuilder<> &b, Value *x, Value *y) {
  Value *sum = b.CreateFAdd(x, y);
  Value *second = b.CreateFSub(sum, x);
  Value *lack = b.CreateFAdd(b.CreateFSub(x, b.CreateFSub(sum, second)),
                             b.CreateFSub(y, second));
  Value *zero = ConstantFP::get(x->getType(), 0.0);
  // An infinite or undefined sum lacks NaN, which is on neither side.
  Value *beyond = b.CreateOr(
      b.CreateAnd(b.CreateFCmpOGT(sum, zero), b.CreateFCmpOLT(lack, zero)),
      b.CreateAnd(b.CreateFCmpOLT(sum, zero), b.CreateFCmpOGT(lack, zero)));
  Value *bits = b.CreateBitCast(sum, b.getInt32Ty());
  Value *neighbour =
      b.CreateBitCast(b.CreateSub(bits, b.getInt32(1)), x->getType());
  return b.CreateSelect(beyond, neighbour, sum);
}

/// `llvm.nvvm.shfl.sync.<mode>.<type>`, with `p` behind it {value, valid}.
Value *ImageBuilder::replaceShuffle(IRBuilder<> &b, CallInst &call,
                                    StringRef name) {
  int mode = StringSwitch<int>(name.split('.').first)
                 .Case("up", SYM_SIM_SHUFFLE_UP)
                 .Case("down", SYM_SIM_SHUFFLE_DOWN)
                 .Case("bfly", SYM_SIM_SHUFFLE_BUTTERFLY)
                 .Case("idx", SYM_SIM_SHUFFLE_INDEX)
                 .Default(-1);
  if (mode < 0)
    return nullptr;
  bool pair = call.getType()->isStructTy();
  Type *type = pair ? call.getType()->getStructElementType(0) : call.getType();
  Value *valid = ConstantPointerNull::get(ptr);
  if (pair)
    valid = IRBuilder<>(&*call.getFunction()->getEntryBlock().begin())
                .CreateAlloca(i32);
  Value *result =
      callService(b, offsetof(sym_sim_services, shuffle), i32,
                  {b.getInt32(mode), call.getArgOperand(0),
                   b.CreateBitCast(call.getArgOperand(1), i32),
                   call.getArgOperand(2), call.getArgOperand(3), valid});
  result = b.CreateBitCast(result, type);
  if (!pair)
    return result;
  Value *both =
      b.CreateInsertValue(PoisonValue::get(call.getType()), result, 0);
  return b.CreateInsertValue(both, b.CreateIsNotNull(b.CreateLoad(i32, valid)),
                             1);
}

/// What computes `call` on the host; null if nothing is known to.
Value *ImageBuilder::replaceIntrinsic(IRBuilder<> &b, IntrinsicInst &call) {
  StringRef name = call.getCalledFunction()->getName();
  if (!name.consume_front("llvm.nvvm."))
    return nullptr;
  auto argument = [&](unsigned i) { return call.getArgOperand(i); };
  StringRef place = name;
  if (place.consume_front("read.ptx.sreg.")) {
    if (place == "warpsize")
      return b.getInt32(SYM_SIM_WARP);
    if (place == "laneid")
      return getThreadField(b, offsetof(sym_sim_thread, lane));
    auto [kind, axis] = place.split('.');
    int64_t offset = StringSwitch<int64_t>(kind)
                         .Case("tid", offsetof(sym_sim_thread, thread_id))
                         .Case("ctaid", offsetof(sym_sim_thread, block_id))
                         .Case("ntid", offsetof(sym_sim_thread, block_dim))
                         .Case("nctaid", offsetof(sym_sim_thread, grid_dim))
                         .Default(-1);
    if (offset < 0 || axis.size() != 1 || axis[0] < 'x' || axis[0] > 'z')
      return nullptr;
    return getThreadField(b, offset + 4 * (axis[0] - 'x'));
  }
  if (name == "barrier0" || name.starts_with("barrier.cta.sync.aligned.all"))
    return callService(b, offsetof(sym_sim_services, barrier), b.getVoidTy(),
                       {});
  if (name == "bar.warp.sync")
    return callService(b, offsetof(sym_sim_services, sync_warp), b.getVoidTy(),
                       {argument(0)});
  if (name.consume_front("shfl.sync."))
    return replaceShuffle(b, call, name);

  // What the hardware approximates is computed as well as the host can: a
  // difference within the tolerance of either. So is what the library rounds
  // in one direction, where it picks an integer nearby and either will do.
  auto unary = [&](Intrinsic::ID id) {
    return b.CreateUnaryIntrinsic(id, argument(0));
  };
  auto binary = [&](Intrinsic::ID id) {
    return b.CreateBinaryIntrinsic(id, argument(0), argument(1));
  };
  auto one = [&] { return ConstantFP::get(call.getType(), 1.0); };
  StringRef function = name.split('.').first;
  if (function == "ex2")
    return unary(Intrinsic::exp2);
  if (function == "lg2")
    return unary(Intrinsic::log2);
  if (function == "sin")
    return unary(Intrinsic::sin);
  if (function == "cos")
    return unary(Intrinsic::cos);
  if (function == "sqrt")
    return unary(Intrinsic::sqrt);
  if (function == "rsqrt")
    return b.CreateFDiv(one(), unary(Intrinsic::sqrt));
  if (function == "rcp")
    return b.CreateFDiv(one(), argument(0));
  if (function == "div")
    return b.CreateFDiv(argument(0), argument(1));
  if (function == "fma")
    return b.CreateIntrinsic(Intrinsic::fma, {call.getType()},
                             {argument(0), argument(1), argument(2)});
  if (function == "add" && name.starts_with("add.rn"))
    return b.CreateFAdd(argument(0), argument(1));
  if (name == "add.rz.f")
    return addTowardsZero(b, argument(0), argument(1));
  if (function == "mul" && name.starts_with("mul.rn"))
    return b.CreateFMul(argument(0), argument(1));
  if (function == "saturate") {
    // NaN becomes zero.
    Value *least = b.CreateBinaryIntrinsic(
        Intrinsic::maxnum, argument(0), ConstantFP::get(call.getType(), 0.0));
    return b.CreateBinaryIntrinsic(Intrinsic::minnum, least, one());
  }
  if (function == "fabs")
    return unary(Intrinsic::fabs);
  if (function == "floor")
    return unary(Intrinsic::floor);
  if (function == "ceil")
    return unary(Intrinsic::ceil);
  if (function == "trunc")
    return unary(Intrinsic::trunc);
  if (function == "round")
    return unary(Intrinsic::rint);
  if (function == "fmax")
    return binary(name.contains(".nan") ? Intrinsic::maximum
                                        : Intrinsic::maxnum);
  if (function == "fmin")
    return binary(name.contains(".nan") ? Intrinsic::minimum
                                        : Intrinsic::minnum);
  if (function == "mulhi") {
    bool isSigned = !name.contains(".u");
    unsigned bits = call.getType()->getIntegerBitWidth();
    Type *wide = b.getIntNTy(2 * bits);
    Value *product = b.CreateMul(b.CreateIntCast(argument(0), wide, isSigned),
                                 b.CreateIntCast(argument(1), wide, isSigned));
    return b.CreateTrunc(b.CreateLShr(product, bits), call.getType());
  }
  if (function == "d2f")
    return b.CreateFPTrunc(argument(0), call.getType());
  if (name == "d2i.hi")
    return b.CreateTrunc(b.CreateLShr(b.CreateBitCast(argument(0), i64), 32),
                         i32);
  if (name == "d2i.lo")
    return b.CreateTrunc(b.CreateBitCast(argument(0), i64), i32);
  if (name == "lohi.i2d")
    return b.CreateBitCast(
        b.CreateOr(b.CreateZExt(argument(0), i64),
                   b.CreateShl(b.CreateZExt(argument(1), i64), 32)),
        call.getType());
  if (name.starts_with("bitcast."))
    return b.CreateBitCast(argument(0), call.getType());
  // <from>2<to>.<rounding>: to the nearest even, or down to an integer.
  if (name.contains("2i.") || name.contains("2ll.") || name.contains("2ui.") ||
      name.contains("2ull.")) {
    Intrinsic::ID rounding = name.contains(".rn")   ? Intrinsic::roundeven
                             : name.contains(".rm") ? Intrinsic::floor
                             : name.contains(".rp") ? Intrinsic::ceil
                                                    : Intrinsic::trunc;
    Value *rounded = unary(rounding);
    // The device saturates.
    return b.CreateIntrinsic(name.contains("2u") ? Intrinsic::fptoui_sat
                                                 : Intrinsic::fptosi_sat,
                             {call.getType(), rounded->getType()}, {rounded});
  }
  if (name.contains("i2") || name.contains("ll2"))
    return name.starts_with("u") ? b.CreateUIToFP(argument(0), call.getType())
                                 : b.CreateSIToFP(argument(0), call.getType());
  return nullptr;
}

/// The same for the assembly that the toolkit's library contains.
Value *ImageBuilder::replaceAssembly(IRBuilder<> &b, CallInst &call) {
  StringRef text = cast<InlineAsm>(call.getCalledOperand())->getAsmString();
  auto argument = [&](unsigned i) { return call.getArgOperand(i); };
  auto one = [&] { return ConstantFP::get(call.getType(), 1.0); };
  if (text.starts_with("rcp.approx."))
    return b.CreateFDiv(one(), argument(0));
  if (text.starts_with("rsqrt.approx."))
    return b.CreateFDiv(one(),
                        b.CreateUnaryIntrinsic(Intrinsic::sqrt, argument(0)));
  if (text.starts_with("sub.rn."))
    return b.CreateFSub(argument(0), argument(1));
  if (text.contains("setp.equ.f64 __$$temp3, $1, $2;") &&
      text.contains("selp.f64 $0, $3, $4, __$$temp3;"))
    return b.CreateSelect(b.CreateFCmpUEQ(argument(0), argument(1)),
                          argument(2), argument(3));
  if (text.starts_with("bfind.shiftamt.u32"))
    return b.CreateSelect(
        b.CreateICmpEQ(argument(0), b.getInt32(0)), b.getInt32(~0u),
        b.CreateBinaryIntrinsic(Intrinsic::ctlz, argument(0), b.getFalse()));
  // Two words of a result: of a product and a word, or of 64 bits each.
  bool words = text.contains("mad.lo.cc.u32   $0, $2, $3, $4;") &&
               text.contains("madc.hi.u32     $1, $2, $3,  0;");
  bool product = words || text.contains("alo, ahi, blo, bhi");
  bool sum = text.contains("addc.cc.u32     r2, a2, b2;");
  if (!product && !sum && !text.contains("subc.cc.u32     r2, a2, b2;"))
    return nullptr;
  auto *word = cast<IntegerType>(argument(0)->getType());
  unsigned bits = word->getBitWidth();
  Type *both = b.getIntNTy(2 * bits);
  auto widen = [&](unsigned i) { return b.CreateZExt(argument(i), both); };
  Value *result;
  if (product) {
    result = b.CreateMul(widen(0), widen(1));
    if (call.arg_size() == 3)
      result = b.CreateAdd(result, widen(2));
  } else {
    auto pair = [&](unsigned i) {
      return b.CreateOr(widen(i), b.CreateShl(widen(i + 1), bits));
    };
    result =
        sum ? b.CreateAdd(pair(0), pair(2)) : b.CreateSub(pair(0), pair(2));
  }
  Value *low = b.CreateInsertValue(PoisonValue::get(call.getType()),
                                   b.CreateTrunc(result, word), 0);
  return b.CreateInsertValue(
      low, b.CreateTrunc(b.CreateLShr(result, bits), word), 1);
}

Error ImageBuilder::replaceIntrinsics(Function &function) {
  for (Instruction &instruction :
       make_early_inc_range(instructions(function))) {
    auto *call = dyn_cast<CallInst>(&instruction);
    if (!call)
      continue;
    auto *assembly = dyn_cast<InlineAsm>(call->getCalledOperand());
    auto *intrinsic = dyn_cast<IntrinsicInst>(call);
    if (!assembly &&
        !(intrinsic &&
          intrinsic->getCalledFunction()->getName().starts_with("llvm.nvvm.")))
      continue;
    IRBuilder<> b(call);
    Value *value =
        assembly ? replaceAssembly(b, *call) : replaceIntrinsic(b, *intrinsic);
    if (!value)
      return createStringError(
          "the simulated device does not know '" +
          (assembly ? assembly->getAsmString()
                    : intrinsic->getCalledFunction()->getName()) +
          "'");
    if (!call->getType()->isVoidTy())
      call->replaceAllUsesWith(value);
    call->eraseFromParent();
  }
  return Error::success();
}

/// Where the host finds what `pointer` points at. What is aligned to less than
/// its size is several accesses on a device too, and asked for in such pieces.
Value *ImageBuilder::translate(IRBuilder<> &b, Value *pointer, Type *type,
                               Align align, unsigned flags) {
  const Value *object = getUnderlyingObject(pointer, /*MaxLookup=*/0);
  bool shared = pointer->getType()->getPointerAddressSpace() == 3 ||
                object->getType()->getPointerAddressSpace() == 3;
  if (isa<AllocaInst>(object) || isa<GlobalVariable>(object))
    return nullptr;
  flags |= (shared ? SYM_SIM_SPACE_SHARED : SYM_SIM_SPACE_GLOBAL)
           << SYM_SIM_SPACE_SHIFT;
  uint64_t bytes = module.getDataLayout().getTypeStoreSize(type);
  uint64_t unit = std::min(align.value(), bytes);
  Value *address = b.CreatePtrToInt(pointer, i64);
  Value *first = nullptr;
  for (uint64_t at = 0; at < bytes; at += unit) {
    Value *place = callService(b, offsetof(sym_sim_services, access), ptr,
                               {b.CreateAdd(address, b.getInt64(at)),
                                b.getInt64(std::min(unit, bytes - at)),
                                b.getInt32(flags), b.getInt32(0)});
    if (!first)
      first = place;
  }
  return first;
}

/// Every access asks the driver where the byte is.
void ImageBuilder::translateAccesses(Function &function) {
  for (Instruction &instruction :
       make_early_inc_range(instructions(function))) {
    IRBuilder<> b(&instruction);
    auto replace = [&](unsigned operand, Type *type, Align align,
                       unsigned flags) {
      if (Value *place =
              translate(b, instruction.getOperand(operand), type, align, flags))
        instruction.setOperand(
            operand, b.CreateAddrSpaceCast(
                         place, instruction.getOperand(operand)->getType()));
    };
    if (auto *load = dyn_cast<LoadInst>(&instruction))
      replace(0, load->getType(), load->getAlign(), SYM_SIM_ACCESS_READ);
    else if (auto *store = dyn_cast<StoreInst>(&instruction))
      replace(1, store->getValueOperand()->getType(), store->getAlign(),
              SYM_SIM_ACCESS_WRITE);
    else if (auto *update = dyn_cast<AtomicRMWInst>(&instruction))
      replace(0, update->getType(), update->getAlign(), SYM_SIM_ACCESS_ATOMIC);
    else if (auto *exchange = dyn_cast<AtomicCmpXchgInst>(&instruction))
      replace(0, exchange->getCompareOperand()->getType(), exchange->getAlign(),
              SYM_SIM_ACCESS_ATOMIC);
  }
}

/// The function that runs one thread, and its sym_sim_kernel.
Constant *ImageBuilder::addKernel(Function &function) {
  std::string name = function.getName().str();
  auto *entry = Function::Create(
      FunctionType::get(Type::getVoidTy(context), {ptr}, false),
      Function::InternalLinkage, "entry." + name, module);
  IRBuilder<> b(BasicBlock::Create(context, "", entry));
  SmallVector<Value *> arguments;
  SmallVector<Constant *> sizes;
  const DataLayout &layout = module.getDataLayout();
  Value *delta = loadService(b, i64, offsetof(sym_sim_services, delta));
  for (Argument &argument : function.args()) {
    Type *type = argument.getType();
    Value *at = b.CreateLoad(ptr, b.CreateConstInBoundsGEP1_64(
                                      ptr, entry->getArg(0), arguments.size()));
    Value *value = b.CreateLoad(type, at);
    // Zero stays: it points nowhere on either side.
    if (!instrument && type->isPointerTy())
      value = b.CreateSelect(b.CreateIsNull(value), value,
                             b.CreateGEP(b.getInt8Ty(), value, delta));
    arguments.push_back(value);
    sizes.push_back(ConstantInt::get(i32, layout.getTypeAllocSize(type)));
  }
  b.CreateCall(function.getFunctionType(), &function, arguments);
  b.CreateRetVoid();
  entry->addFnAttr(Attribute::Convergent);

  auto *sizesType = ArrayType::get(i32, sizes.size());
  auto *sizesGlobal =
      new GlobalVariable(module, sizesType, true, GlobalValue::InternalLinkage,
                         ConstantArray::get(sizesType, sizes), "sizes." + name);
  unsigned maxThreads = 0;
  if (Attribute threads = function.getFnAttribute("nvvm.reqntid");
      threads.isValid()) {
    maxThreads = 1;
    SmallVector<StringRef> parts;
    threads.getValueAsString().split(parts, ',');
    for (StringRef part : parts) {
      unsigned size = 1;
      (void)part.trim().getAsInteger(10, size);
      maxThreads *= size;
    }
  }
  auto *text = ConstantDataArray::getString(context, name);
  auto *textGlobal =
      new GlobalVariable(module, text->getType(), true,
                         GlobalValue::InternalLinkage, text, "name." + name);
  return ConstantStruct::getAnon(
      {textGlobal, entry, ConstantInt::get(i32, sizes.size()),
       ConstantInt::get(i32, sharedBytes), sizesGlobal,
       ConstantInt::get(i32, maxThreads), ConstantInt::get(i32, 0)});
}

void ImageBuilder::addImage(ArrayRef<Constant *> kernels) {
  Type *type = kernels.empty() ? i32 : kernels.front()->getType();
  auto *list = ArrayType::get(type, kernels.size());
  auto *listGlobal =
      new GlobalVariable(module, list, true, GlobalValue::InternalLinkage,
                         ConstantArray::get(list, kernels), "kernels");
  auto number = [&](uint64_t value) { return ConstantInt::get(i32, value); };
  Constant *image = ConstantStruct::getAnon(
      {number(SYM_SIM_VERSION), number(instrument ? SYM_SIM_INSTRUMENTED : 0),
       number(arch), number(kernels.size()), listGlobal, slot});
  new GlobalVariable(module, image->getType(), true,
                     GlobalValue::ExternalLinkage, image, SYM_SIM_IMAGE_SYMBOL);
}

/// The host's code generator calls functions to round to bf16, which the
/// compiler's library of this machine may lack: the image brings its own.
void ImageBuilder::addBFloatRounding() {
  auto *type = Type::getBFloatTy(context);
  bool used = any_of(module, [&](Function &function) {
    return any_of(instructions(function), [&](Instruction &instruction) {
      return instruction.getType()->getScalarType() == type;
    });
  });
  if (!used)
    return;
  auto *function = Function::Create(
      FunctionType::get(type, {Type::getFloatTy(context)}, false),
      Function::ExternalLinkage, "__truncsfbf2", module);
  function->setVisibility(GlobalValue::HiddenVisibility);
  IRBuilder<> b(BasicBlock::Create(context, "", function));
  Value *bits = b.CreateBitCast(function->getArg(0), i32);
  // To the nearest, ties to even; a NaN stays one.
  Value *high = b.CreateLShr(bits, 16);
  Value *odd = b.CreateAnd(high, b.getInt32(1));
  Value *rounded =
      b.CreateLShr(b.CreateAdd(bits, b.CreateAdd(odd, b.getInt32(0x7fff))), 16);
  Value *quiet = b.CreateOr(high, b.getInt32(0x40));
  Value *result =
      b.CreateSelect(b.CreateFCmpUNO(function->getArg(0), function->getArg(0)),
                     quiet, rounded);
  b.CreateRet(b.CreateBitCast(b.CreateTrunc(result, b.getInt16Ty()), type));

  // From f64 by way of f32, rounded to odd there, so that the second rounding
  // decides as if it saw all of the bits.
  auto *fromDouble = Function::Create(
      FunctionType::get(type, {Type::getDoubleTy(context)}, false),
      Function::ExternalLinkage, "__truncdfbf2", module);
  fromDouble->setVisibility(GlobalValue::HiddenVisibility);
  b.SetInsertPoint(BasicBlock::Create(context, "", fromDouble));
  Value *whole = fromDouble->getArg(0);
  Value *nearest = b.CreateFPTrunc(whole, b.getFloatTy());
  Value *again = b.CreateFPExt(nearest, b.getDoubleTy());
  Value *beyond =
      b.CreateFCmpOGT(b.CreateUnaryIntrinsic(Intrinsic::fabs, again),
                      b.CreateUnaryIntrinsic(Intrinsic::fabs, whole));
  bits = b.CreateBitCast(nearest, i32);
  Value *toOdd =
      b.CreateOr(b.CreateSub(bits, b.CreateZExt(beyond, i32)), b.getInt32(1));
  // What is exact, infinite or undefined stays.
  Value *inexact = b.CreateFCmpONE(again, whole);
  b.CreateRet(b.CreateCall(
      function,
      {b.CreateBitCast(b.CreateSelect(inexact, toOdd, bits), b.getFloatTy())}));
  appendToCompilerUsed(module, {function, fromDouble});
}

Error ImageBuilder::run() {
  slot = new GlobalVariable(module, ptr, false, GlobalValue::InternalLinkage,
                            ConstantPointerNull::get(ptr), "services");
  placeSharedMemory();
  SmallVector<Function *> kernels;
  for (Function &function : module) {
    if (function.isDeclaration())
      continue;
    // First: what stands for intrinsics reads the host's memory.
    if (instrument)
      translateAccesses(function);
    if (Error error = replaceIntrinsics(function))
      return error;
    if (function.getCallingConv() == CallingConv::PTX_Kernel)
      kernels.push_back(&function);
  }
  SmallVector<Constant *> entries;
  for (Function *function : kernels) {
    entries.push_back(addKernel(*function));
    function->setName(function->getName() + ".kernel");
  }
  for (Function &function : module) {
    if (function.isDeclaration())
      continue;
    // What was said of the device is not true of the host.
    function.setCallingConv(CallingConv::C);
    function.setAttributes(AttributeList());
    function.addFnAttr(Attribute::Convergent);
    function.addFnAttr(Attribute::NoUnwind);
    for (User *user : function.users())
      if (auto *call = dyn_cast<CallBase>(user))
        call->setCallingConv(CallingConv::C);
    function.setLinkage(GlobalValue::InternalLinkage);
  }
  for (NamedMDNode &node : make_early_inc_range(module.named_metadata()))
    if (node.getName().starts_with("nvvm"))
      node.eraseFromParent();
  addImage(entries);
  addBFloatRounding();
  std::string problem;
  raw_string_ostream os(problem);
  if (verifyModule(module, &os))
    return createStringError("the simulated image is invalid: " + problem);
  return Error::success();
}

Error mlir::sym::makeSimulatedImage(Module &module, unsigned arch,
                                    bool instrument) {
  return ImageBuilder(module, arch, instrument).run();
}
