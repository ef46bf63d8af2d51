//===- RuntimeABI.h - The structures of abi.h as LLVM constants -*- C++ -*-===//
//
// Builds declarations of the runtime's functions and read-only data in the
// layout of sym/Runtime/abi.h.
//
//===----------------------------------------------------------------------===//

#ifndef SYM_LIB_CONVERSION_RUNTIMEABI_H
#define SYM_LIB_CONVERSION_RUNTIMEABI_H

#include "sym/Conversion/Names.h"

#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/IR/Builders.h"
#include "mlir/IR/BuiltinOps.h"
#include "mlir/IR/SymbolTable.h"
#include "llvm/ADT/StringMap.h"

namespace mlir::sym {

/// Bytes of one element in a buffer, as LLVM lays it out.
int64_t getElementBytes(Type type);

/// "file:line:column" of the innermost file location within `loc`, or "" if it
/// holds none.
std::string getSourceLocation(Location loc);

/// One field of a constant structure.
struct ConstantField {
  enum Kind { Int32, Int64, Address, Null } kind;
  int64_t value = 0;
  /// Symbol of a global or of a function.
  StringRef symbol = {};
  static ConstantField i32(int64_t v) { return {Int32, v}; }
  static ConstantField i64(int64_t v) { return {Int64, v}; }
  /// The address of `symbol`, or null if that is empty.
  static ConstantField address(StringRef symbol) {
    return {symbol.empty() ? Null : Address, 0, symbol};
  }
};

/// Makes read-only data and declarations in one module, each once. The symbol
/// names that it returns live as long as the context.
class RuntimeABI {
public:
  explicit RuntimeABI(ModuleOp module);

  LLVM::LLVMPointerType getPointerType() const { return ptr; }
  IntegerType getI32() const { return i32; }
  IntegerType getI64() const { return i64; }
  /// `sym_view`.
  LLVM::LLVMStructType getViewType() const { return view; }

  /// The declaration of a function of the runtime.
  LLVM::LLVMFuncOp getFunction(StringRef name, Type result,
                               ArrayRef<Type> arguments);

  /// A zero-terminated string; equal ones are shared.
  StringRef getString(StringRef text);
  /// Bytes on a boundary of 64.
  StringRef getData(StringRef bytes);
  /// An array of int32 or int64; the empty symbol for an empty array.
  StringRef getArray(ArrayRef<int32_t> values);
  StringRef getArray(ArrayRef<int64_t> values);
  /// An array of structures of equal layout; the empty symbol if it is empty.
  StringRef getStructs(StringRef name,
                       ArrayRef<SmallVector<ConstantField>> structs);
  /// The external constant `name`.
  void exportStruct(StringRef name, ArrayRef<ConstantField> fields);

  /// A `sym_check_site`.
  StringRef getSite(int32_t status, StringRef message,
                    ArrayRef<int32_t> valueTypes, Location loc);

  OpBuilder &getBuilder() { return builder; }
  SymbolTable &getSymbolTable() { return symbols; }

private:
  LLVM::GlobalOp createGlobal(StringRef name, Type type, Attribute value,
                              uint64_t alignment);
  Value buildStruct(ArrayRef<ConstantField> fields, Type type);
  Type getStructType(ArrayRef<ConstantField> fields);

  SymbolTable symbols;
  OpBuilder builder;
  Location loc;
  LLVM::LLVMPointerType ptr;
  IntegerType i32, i64;
  LLVM::LLVMStructType view;
  llvm::StringMap<StringRef> strings;
};

} // namespace mlir::sym

#endif // SYM_LIB_CONVERSION_RUNTIMEABI_H
