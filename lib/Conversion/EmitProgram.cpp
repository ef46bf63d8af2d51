//===- EmitProgram.cpp - The descriptor of a program ----------------------===//

#include "RuntimeABI.h"

#include "sym/Conversion/Passes.h"
#include "sym/Dialect/Sym/IR/Placement.h"
#include "sym/Runtime/abi.h"

#include "mlir/Dialect/GPU/IR/GPUDialect.h"
#include "mlir/Dialect/LLVMIR/NVVMDialect.h"
#include "mlir/IR/DialectResourceBlobManager.h"

namespace mlir::sym {
#define GEN_PASS_DEF_SYMEMITPROGRAM
#include "sym/Conversion/Passes.h.inc"
} // namespace mlir::sym

using namespace mlir;
using namespace mlir::sym;

static void appendInteger(std::string &bytes, const APInt &value,
                          int64_t size) {
  APInt wide = value.zextOrTrunc(size * 8);
  for (int64_t i = 0; i < size; ++i)
    bytes.push_back(static_cast<char>(wide.extractBitsAsZExtValue(8, i * 8)));
}

/// The elements as buffers hold them; one element for a splat.
static FailureOr<std::string> getBytes(ElementsAttr value, SharedOp shared) {
  Type element = value.getElementType();
  int64_t size = getElementBytes(element);
  int64_t count = value.getNumElements();
  std::string bytes;

  if (auto resource = dyn_cast<DenseResourceElementsAttr>(value)) {
    AsmResourceBlob *blob = resource.getRawHandle().getBlob();
    if (!blob)
      return shared.emitOpError("has an initial value without data: resource "
                                "'")
             << resource.getRawHandle().getKey() << "' is not defined";
    ArrayRef<char> data = blob->getData();
    // Booleans may be packed; a byte each is what buffers hold.
    if (element.isInteger(1) &&
        static_cast<int64_t>(data.size()) == (count + 7) / 8 && count != 1) {
      for (int64_t i = 0; i < count; ++i)
        bytes.push_back((data[i / 8] >> (i % 8)) & 1);
      return bytes;
    }
    return std::string(data.begin(), data.end());
  }

  bool isSplat = value.isSplat();
  if (auto dense = dyn_cast<DenseElementsAttr>(value)) {
    ArrayRef<char> raw = dense.getRawData();
    int64_t expected = (isSplat ? 1 : count) * size;
    // What MLIR stores as buffers do, which is nearly everything.
    if (!element.isInteger(1) && static_cast<int64_t>(raw.size()) == expected)
      return std::string(raw.begin(), raw.end());
  }
  auto append = [&](auto &&range, auto &&toBits) {
    int64_t left = isSplat ? 1 : count;
    for (auto it = range.begin(); left > 0; ++it, --left)
      toBits(*it);
  };
  if (isa<FloatType>(element)) {
    append(value.getValues<APFloat>(), [&](const APFloat &v) {
      appendInteger(bytes, v.bitcastToAPInt(), size);
    });
    return bytes;
  }
  if (isa<IntegerType>(element)) {
    append(value.getValues<APInt>(),
           [&](const APInt &v) { appendInteger(bytes, v, size); });
    return bytes;
  }
  if (isa<ComplexType>(element)) {
    append(value.getValues<std::complex<APFloat>>(),
           [&](const std::complex<APFloat> &v) {
             appendInteger(bytes, v.real().bitcastToAPInt(), size / 2);
             appendInteger(bytes, v.imag().bitcastToAPInt(), size / 2);
           });
    return bytes;
  }
  return shared.emitOpError("has an initial value of an unsupported kind");
}

namespace {
class ProgramEmitter {
public:
  ProgramEmitter(ModuleOp module, RuntimeABI &abi) : module(module), abi(abi) {}

  LogicalResult emit(StringRef name, StringRef target);

private:
  FailureOr<SmallVector<ConstantField>> getType(RankedTensorType type,
                                                Operation *op);
  FailureOr<SmallVector<ConstantField>> getVariable(SharedOp shared);
  FailureOr<SmallVector<ConstantField>> getFunction(EntryOp entry);
  FailureOr<StringRef> getValues(ArrayRef<Type> types, ArrayAttr attributes,
                                 EntryOp entry,
                                 llvm::function_ref<bool(unsigned)> isOnHost);
  FailureOr<StringRef> getVariant(EntryOp entry, FlatSymbolRefAttr variant);
  LogicalResult addImages(gpu::BinaryOp binary);
  void addKernels(gpu::KernelTableAttr table);

  ModuleOp module;
  RuntimeABI &abi;
  llvm::DenseMap<StringAttr, int32_t> variables;
  SmallVector<SmallVector<ConstantField>> images, kernels;
  /// Whether something of the program is on a device.
  bool usesDevices = false;
};
} // namespace

FailureOr<SmallVector<ConstantField>>
ProgramEmitter::getType(RankedTensorType type, Operation *op) {
  std::optional<int32_t> code = getElementCode(type.getElementType());
  if (!code)
    return op->emitOpError("has elements that the runtime has no code for: ")
           << type;
  static_assert(ShapedType::kDynamic == SYM_DYNAMIC);
  return SmallVector<ConstantField>{
      ConstantField::i32(*code), ConstantField::i32(type.getRank()),
      ConstantField::address(abi.getArray(type.getShape()))};
}

FailureOr<SmallVector<ConstantField>>
ProgramEmitter::getVariable(SharedOp shared) {
  RankedTensorType type = shared.getTensorType();
  auto typeFields = getType(type, shared);
  if (failed(typeFields))
    return failure();
  SmallVector<ConstantField> fields = {ConstantField::address(
      abi.getString(getOriginalName(shared.getSymName())))};
  llvm::append_range(fields, *typeFields);
  fields.push_back(
      ConstantField::i32(static_cast<int32_t>(shared.getPolicy())));
  SpaceAttr space = shared.getSpaceAttr();
  usesDevices |= space && space.getKind() != SpaceKind::Host;
  fields.push_back(ConstantField::i32(
      space ? static_cast<int32_t>(space.getKind()) : SYM_SPACE_HOST));
  fields.push_back(ConstantField::i32(space ? space.getIndex() : 0));
  fields.push_back(ConstantField::i32(0));
  ElementsAttr initial = shared.getInitialValueAttr();
  if (!initial) {
    fields.append({ConstantField::address(""), ConstantField::address(""),
                   ConstantField::i64(0)});
    return fields;
  }
  FailureOr<std::string> bytes = getBytes(initial, shared);
  if (failed(bytes))
    return failure();
  // Null would mean "uninitialised", hence one byte for an empty array.
  if (bytes->empty())
    bytes->push_back('\0');
  fields.push_back(ConstantField::address(abi.getData(*bytes)));
  fields.push_back(
      ConstantField::address(abi.getArray(initial.getShapedType().getShape())));
  fields.push_back(ConstantField::i64(initial.isSplat()));
  return fields;
}

FailureOr<StringRef>
ProgramEmitter::getValues(ArrayRef<Type> types, ArrayAttr attributes,
                          EntryOp entry,
                          llvm::function_ref<bool(unsigned)> isOnHost) {
  SmallVector<SmallVector<ConstantField>> values;
  for (auto [i, type] : llvm::enumerate(types)) {
    auto typeFields = getType(cast<RankedTensorType>(type), entry);
    if (failed(typeFields))
      return failure();
    uint32_t flags = 0;
    if (attributes) {
      auto attrs = cast<DictionaryAttr>(attributes[i]);
      if (attrs.contains(SymDialect::kBorrowAttrName))
        flags |= SYM_FLAG_BORROW;
      if (attrs.contains(SymDialect::kMutableAttrName))
        flags |= SYM_FLAG_MUTABLE;
    }
    SmallVector<ConstantField> fields = {ConstantField::address("")};
    llvm::append_range(fields, *typeFields);
    fields.append(
        {ConstantField::i32(flags),
         ConstantField::i32(isOnHost(i) ? SYM_SPACE_HOST : SYM_SPACE_CUDA)});
    values.push_back(fields);
  }
  return abi.getStructs("sym.values", values);
}

FailureOr<StringRef> ProgramEmitter::getVariant(EntryOp entry,
                                                FlatSymbolRefAttr variant) {
  auto function =
      abi.getSymbolTable().lookup<LLVM::LLVMFuncOp>(variant.getAttr());
  if (!function)
    return entry.emitOpError("expects ")
           << variant << " to take a frame; 'sym-lower-to-runtime' makes it so";
  return function.getSymName();
}

FailureOr<SmallVector<ConstantField>>
ProgramEmitter::getFunction(EntryOp entry) {
  if (!entry.getInplaceAttr() || !entry.getOutofplaceAttr())
    return entry.emitOpError("has no variants; the stage 'buffers' makes them");
  FunctionType type = entry.getFunctionType();
  SpaceAttr device = getDevice(entry);
  FailureOr<StringRef> args = getValues(
      type.getInputs(), entry.getArgAttrsAttr(), entry,
      [&](unsigned i) { return !device || isHostArgument(entry, i); });
  FailureOr<StringRef> results =
      getValues(type.getResults(), entry.getResAttrsAttr(), entry,
                [&](unsigned) { return !device; });
  FailureOr<StringRef> inplace = getVariant(entry, entry.getInplaceAttr());
  FailureOr<StringRef> outofplace =
      getVariant(entry, entry.getOutofplaceAttr());
  if (failed(args) || failed(results) || failed(inplace) || failed(outofplace))
    return failure();

  // Reads in the order of the sources, then what is updated but not read.
  SmallVector<int32_t> used;
  llvm::DenseMap<StringAttr, int32_t> positions;
  auto use = [&](Attribute ref) {
    StringAttr name = cast<FlatSymbolRefAttr>(ref).getAttr();
    auto [it, isNew] = positions.try_emplace(name, used.size());
    if (isNew)
      used.push_back(variables.lookup(name));
    return it->second;
  };
  for (Attribute read : entry.getReads())
    use(read);
  size_t numReads = used.size();

  SmallVector<SmallVector<ConstantField>> updates;
  size_t numResults = type.getNumResults();
  for (auto [i, update] : llvm::enumerate(entry.getUpdates())) {
    size_t slot = numResults + i;
    auto first = cast<SlotAttr>((*entry.getInplaceSlots())[slot]);
    auto second = cast<SlotAttr>((*entry.getOutofplaceSlots())[slot]);
    updates.push_back({ConstantField::i32(use(update)),
                       ConstantField::i32(static_cast<int>(first.getKind())),
                       ConstantField::i32(first.getSource()),
                       ConstantField::i32(static_cast<int>(second.getKind())),
                       ConstantField::i32(second.getSource()),
                       ConstantField::i32(0)});
  }
  std::string location = getSourceLocation(entry.getLoc());
  return SmallVector<ConstantField>{
      ConstantField::address(
          abi.getString(getOriginalName(entry.getSymName()))),
      ConstantField::i32(type.getNumInputs()),
      ConstantField::i32(numResults),
      ConstantField::i32(used.size()),
      ConstantField::i32(numReads),
      ConstantField::i32(updates.size()),
      ConstantField::i32(device ? device.getIndex() + 1 : 0),
      ConstantField::address(*args),
      ConstantField::address(*results),
      ConstantField::address(abi.getArray(used)),
      ConstantField::address(abi.getStructs("sym.updates", updates)),
      ConstantField::address(*inplace),
      ConstantField::address(*outofplace),
      ConstantField::address(abi.getString(location))};
}

LogicalResult ProgramEmitter::addImages(gpu::BinaryOp binary) {
  for (auto object : binary.getObjects().getAsRange<gpu::ObjectAttr>()) {
    auto target = dyn_cast<NVVM::NVVMTargetAttr>(object.getTarget());
    int32_t arch = 0;
    if (!target || !target.getChip().starts_with("sm_") ||
        target.getChip().drop_front(3).getAsInteger(10, arch))
      return binary.emitOpError("expected objects for architectures such as "
                                "sm_90, found one for ")
             << object.getTarget();
    bool isText = object.getFormat() == gpu::CompilationTarget::Assembly;
    if (!isText && object.getFormat() != gpu::CompilationTarget::Binary)
      return binary.emitOpError("expected texts and binaries, found an object "
                                "in the format '")
             << gpu::stringifyEnum(object.getFormat()) << "'";
    bool isSimulated = object.getProperties() &&
                       object.getProperties().contains(kSimulatedAttrName);
    std::string bytes = object.getObject().str();
    if (isText)
      bytes.push_back('\0');
    images.push_back({ConstantField::i32(isText        ? SYM_IMAGE_PTX
                                         : isSimulated ? SYM_IMAGE_SIM
                                                       : SYM_IMAGE_CUBIN),
                      ConstantField::i32(arch),
                      ConstantField::address(abi.getData(bytes)),
                      ConstantField::i64(bytes.size())});
    if (gpu::KernelTableAttr table = object.getKernels())
      addKernels(table);
  }
  return success();
}

void ProgramEmitter::addKernels(gpu::KernelTableAttr table) {
  for (gpu::KernelMetadataAttr kernel : table) {
    SmallVector<int32_t> sizes;
    auto type = cast<LLVM::LLVMFunctionType>(kernel.getFunctionType());
    for (Type parameter : type.getParams())
      sizes.push_back(isa<LLVM::LLVMPointerType>(parameter)
                          ? 8
                          : getElementBytes(parameter));
    kernels.push_back({ConstantField::address(abi.getString(kernel.getName())),
                       ConstantField::i32(sizes.size()), ConstantField::i32(0),
                       ConstantField::address(abi.getArray(sizes))});
  }
}

LogicalResult ProgramEmitter::emit(StringRef name, StringRef target) {
  SmallVector<SmallVector<ConstantField>> variableFields, functionFields, hosts;
  for (auto shared : module.getOps<SharedOp>()) {
    FailureOr<SmallVector<ConstantField>> fields = getVariable(shared);
    if (failed(fields))
      return failure();
    variables[shared.getSymNameAttr()] = variableFields.size();
    variableFields.push_back(*fields);
  }
  Type ptr = abi.getPointerType();
  auto programType = LLVM::LLVMFunctionType::get(abi.getI32(), {ptr});
  for (auto function : module.getOps<LLVM::LLVMFuncOp>())
    if (SymbolTable::getSymbolVisibility(function) ==
            SymbolTable::Visibility::Public &&
        !function.isExternal() && function.getFunctionType() == programType)
      hosts.push_back({ConstantField::address(abi.getString(
                           getOriginalName(function.getSymName()))),
                       ConstantField::address(function.getSymName())});
  for (auto entry : module.getOps<EntryOp>()) {
    usesDevices |= static_cast<bool>(getDevice(entry));
    FailureOr<SmallVector<ConstantField>> fields = getFunction(entry);
    if (failed(fields))
      return failure();
    functionFields.push_back(*fields);
  }
  for (auto binary : module.getOps<gpu::BinaryOp>())
    if (failed(addImages(binary)))
      return failure();
  StringRef devices;
  if (usesDevices || !images.empty())
    devices = abi.getFunction("sym_rt_devices", abi.getPointerType(), {})
                  .getSymName();

  abi.exportStruct(
      "sym_program_" + escapeCName(name),
      {ConstantField::i32(SYM_ABI_VERSION),
       ConstantField::i32(sizeof(sym_program)),
       ConstantField::address(abi.getString(name)),
       ConstantField::address(abi.getString(target)),
       ConstantField::i32(variableFields.size()),
       ConstantField::i32(functionFields.size()),
       ConstantField::i32(hosts.size()), ConstantField::i32(images.size()),
       ConstantField::address(abi.getStructs("sym.variables", variableFields)),
       ConstantField::address(abi.getStructs("sym.functions", functionFields)),
       ConstantField::address(abi.getStructs("sym.hosts", hosts)),
       ConstantField::address(abi.getStructs("sym.images", images)),
       ConstantField::address(abi.getStructs("sym.kernels", kernels)),
       ConstantField::address(devices), ConstantField::i32(kernels.size()),
       ConstantField::i32(0)});
  return success();
}

namespace {
struct EmitProgramPass
    : public mlir::sym::impl::SymEmitProgramBase<EmitProgramPass> {
  using Base::Base;

  void runOnOperation() override {
    ModuleOp module = getOperation();
    RuntimeABI abi(module);
    StringRef programName = module.getSymName().value_or(name);
    if (failed(ProgramEmitter(module, abi).emit(programName, target)))
      return signalPassFailure();
    for (Operation &op : llvm::make_early_inc_range(*module.getBody())) {
      if (isa<EntryOp, SharedOp, gpu::BinaryOp>(op)) {
        op.erase();
        continue;
      }
      // The descriptor refers to all that is to be called from outside.
      auto function = dyn_cast<LLVM::LLVMFuncOp>(op);
      if (function && !function.isExternal())
        function.setLinkage(LLVM::Linkage::Internal);
    }
    module->removeAttr(gpu::GPUDialect::getContainerModuleAttrName());
  }
};
} // namespace
