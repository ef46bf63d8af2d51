//===- RuntimeABI.cpp - The structures of abi.h as LLVM constants ---------===//

#include "RuntimeABI.h"

#include "sym/Runtime/abi.h"

#include "mlir/IR/BuiltinTypes.h"
#include "mlir/Interfaces/DataLayoutInterfaces.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/MathExtras.h"

using namespace mlir;
using namespace mlir::sym;

int64_t mlir::sym::getElementBytes(Type type) {
  if (auto complex = dyn_cast<ComplexType>(type))
    return 2 * getElementBytes(complex.getElementType());
  if (auto vector = dyn_cast<VectorType>(type))
    return llvm::PowerOf2Ceil(
        llvm::divideCeil(vector.getNumElements() *
                             vector.getElementType().getIntOrFloatBitWidth(),
                         8));
  if (isa<IndexType>(type))
    return 8;
  if (!type.isIntOrFloat())
    return 0;
  // Every width occupies a power of two of bytes; f80 does so as well, in 16.
  return llvm::PowerOf2Ceil(llvm::divideCeil(type.getIntOrFloatBitWidth(), 8));
}

std::string mlir::sym::getSourceLocation(Location loc) {
  std::string text;
  loc->walk([&](Location inner) {
    auto file = dyn_cast<FileLineColLoc>(inner);
    if (!file)
      return WalkResult::advance();
    text = (file.getFilename().getValue() + ":" + Twine(file.getLine()) + ":" +
            Twine(file.getColumn()))
               .str();
    return WalkResult::interrupt();
  });
  return text;
}

std::string mlir::sym::escapeCName(StringRef name) {
  std::string escaped;
  for (unsigned char c : name) {
    if (llvm::isAlnum(c)) {
      escaped += c;
      continue;
    }
    escaped += '_';
    escaped += llvm::hexdigit(c >> 4);
    escaped += llvm::hexdigit(c & 15);
  }
  return escaped;
}

RuntimeABI::RuntimeABI(ModuleOp module)
    : symbols(module), builder(module.getBodyRegion()), loc(module.getLoc()),
      ptr(LLVM::LLVMPointerType::get(module.getContext())),
      i32(builder.getI32Type()), i64(builder.getI64Type()),
      view(LLVM::LLVMStructType::getLiteral(module.getContext(), {ptr, ptr})) {
  builder.setInsertionPointToEnd(module.getBody());
}

LLVM::LLVMFuncOp RuntimeABI::getFunction(StringRef name, Type result,
                                         ArrayRef<Type> arguments) {
  if (auto function = symbols.lookup<LLVM::LLVMFuncOp>(name))
    return function;
  auto type = LLVM::LLVMFunctionType::get(result, arguments);
  auto function = LLVM::LLVMFuncOp::create(builder, loc, name, type);
  // Not for sym_rt_result: what a function stores through a pointer that a call
  // returns as noalias is dead when the function ends, and a small result may
  // lie in the caller's memory, on any boundary.
  if (isa<LLVM::LLVMPointerType>(result) && name != "sym_rt_result") {
    function.setResultAttr(0, LLVM::LLVMDialect::getNoAliasAttrName(),
                           builder.getUnitAttr());
    function.setResultAttr(0, LLVM::LLVMDialect::getAlignAttrName(),
                           builder.getI64IntegerAttr(SYM_BUFFER_ALIGNMENT));
  }
  symbols.insert(function);
  return function;
}

LLVM::GlobalOp RuntimeABI::createGlobal(StringRef name, Type type,
                                        Attribute value, uint64_t alignment) {
  auto global =
      LLVM::GlobalOp::create(builder, loc, type, /*isConstant=*/true,
                             LLVM::Linkage::Internal, name, value, alignment);
  global.setUnnamedAddr(LLVM::UnnamedAddr::Global);
  // The table renames it if the name is taken.
  symbols.insert(global);
  return global;
}

StringRef RuntimeABI::getString(StringRef text) {
  auto [it, isNew] = strings.try_emplace(text);
  if (!isNew)
    return it->second;
  std::string bytes = text.str();
  bytes.push_back('\0');
  auto type = LLVM::LLVMArrayType::get(builder.getI8Type(), bytes.size());
  it->second = createGlobal("sym.text", type, builder.getStringAttr(bytes),
                            /*alignment=*/1)
                   .getSymName();
  return it->second;
}

StringRef RuntimeABI::getData(StringRef bytes) {
  auto type = LLVM::LLVMArrayType::get(builder.getI8Type(), bytes.size());
  return createGlobal("sym.data", type, builder.getStringAttr(bytes),
                      SYM_BUFFER_ALIGNMENT)
      .getSymName();
}

StringRef RuntimeABI::getArray(ArrayRef<int32_t> values) {
  if (values.empty())
    return {};
  auto type = LLVM::LLVMArrayType::get(i32, values.size());
  return createGlobal("sym.table", type, builder.getI32TensorAttr(values), 4)
      .getSymName();
}

StringRef RuntimeABI::getArray(ArrayRef<int64_t> values) {
  if (values.empty())
    return {};
  auto type = LLVM::LLVMArrayType::get(i64, values.size());
  return createGlobal("sym.table", type, builder.getI64TensorAttr(values), 8)
      .getSymName();
}

Type RuntimeABI::getStructType(ArrayRef<ConstantField> fields) {
  SmallVector<Type> types;
  for (const ConstantField &field : fields)
    types.push_back(field.kind == ConstantField::Int32   ? Type(i32)
                    : field.kind == ConstantField::Int64 ? Type(i64)
                                                         : Type(ptr));
  return LLVM::LLVMStructType::getLiteral(builder.getContext(), types);
}

Value RuntimeABI::buildStruct(ArrayRef<ConstantField> fields, Type type) {
  Value result = LLVM::UndefOp::create(builder, loc, type);
  for (auto [i, field] : llvm::enumerate(fields)) {
    Value value;
    switch (field.kind) {
    case ConstantField::Int32:
      value = LLVM::ConstantOp::create(builder, loc, i32,
                                       builder.getI32IntegerAttr(field.value));
      break;
    case ConstantField::Int64:
      value = LLVM::ConstantOp::create(builder, loc, i64,
                                       builder.getI64IntegerAttr(field.value));
      break;
    case ConstantField::Address:
      value = LLVM::AddressOfOp::create(builder, loc, ptr, field.symbol);
      break;
    case ConstantField::Null:
      value = LLVM::ZeroOp::create(builder, loc, ptr);
      break;
    }
    result = LLVM::InsertValueOp::create(builder, loc, result, value, i);
  }
  return result;
}

StringRef RuntimeABI::getStructs(StringRef name,
                                 ArrayRef<SmallVector<ConstantField>> structs) {
  if (structs.empty())
    return {};
  Type element = getStructType(structs.front());
  auto type = LLVM::LLVMArrayType::get(element, structs.size());
  LLVM::GlobalOp global = createGlobal(name, type, Attribute(), 8);
  OpBuilder::InsertionGuard guard(builder);
  builder.createBlock(&global.getInitializerRegion());
  Value array = LLVM::UndefOp::create(builder, loc, type);
  for (auto [i, fields] : llvm::enumerate(structs))
    array = LLVM::InsertValueOp::create(builder, loc, array,
                                        buildStruct(fields, element), i);
  LLVM::ReturnOp::create(builder, loc, array);
  return global.getSymName();
}

void RuntimeABI::exportStruct(StringRef name, ArrayRef<ConstantField> fields) {
  Type type = getStructType(fields);
  LLVM::GlobalOp global = createGlobal(name, type, Attribute(), 8);
  global.setLinkage(LLVM::Linkage::External);
  global.setUnnamedAddr(std::nullopt);
  OpBuilder::InsertionGuard guard(builder);
  builder.createBlock(&global.getInitializerRegion());
  LLVM::ReturnOp::create(builder, loc, buildStruct(fields, type));
}

StringRef RuntimeABI::getSite(int32_t status, StringRef message,
                              ArrayRef<int32_t> valueTypes, Location site) {
  SmallVector<ConstantField> fields = {
      ConstantField::i32(status), ConstantField::i32(valueTypes.size()),
      ConstantField::address(getArray(valueTypes)),
      ConstantField::address(getString(message)),
      ConstantField::address(getString(getSourceLocation(site)))};
  return getStructs("sym.site", fields);
}
