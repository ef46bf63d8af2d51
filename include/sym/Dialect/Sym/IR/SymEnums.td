//===- SymEnums.td - Enumerations of the sym dialect -------*- tablegen -*-===//

#ifndef SYM_ENUMS_TD
#define SYM_ENUMS_TD

include "mlir/IR/EnumAttr.td"

// The numeric values are those of `sym/Runtime/abi.h`.

def Sym_UpdatePolicy : I32EnumAttr<"UpdatePolicy",
    "how a shared variable is updated (T5, T7, T8)", [
      I32EnumAttrCase<"InPlace", 0, "inplace">,
      I32EnumAttrCase<"DoubleBuffer", 1, "double_buffer">,
      I32EnumAttrCase<"Relaxed", 2, "relaxed">]> {
  let cppNamespace = "::mlir::sym";
}

def Sym_BorrowKind : I32EnumAttr<"BorrowKind",
    "what a borrow promises (B2, B3, B5)", [
      I32EnumAttrCase<"Pinned", 0, "pinned">,
      I32EnumAttrCase<"Scoped", 1, "scoped">,
      I32EnumAttrCase<"Exclusive", 2, "exclusive">]> {
  let cppNamespace = "::mlir::sym";
}

def Sym_SpaceKind : I32EnumAttr<"SpaceKind", "where a value lives", [
      I32EnumAttrCase<"Host", 0, "host">,
      I32EnumAttrCase<"Cuda", 1, "cuda">]> {
  let cppNamespace = "::mlir::sym";
}

def Sym_CheckKind : I32EnumAttr<"CheckKind",
    "which status a failed check gives the call", [
      I32EnumAttrCase<"Shape", 4, "shape">,
      I32EnumAttrCase<"Index", 5, "index">,
      I32EnumAttrCase<"Division", 6, "division">,
      I32EnumAttrCase<"Assertion", 7, "assertion">,
      I32EnumAttrCase<"Overflow", 16, "overflow">]> {
  let cppNamespace = "::mlir::sym";
}

def Sym_SlotKind : I32EnumAttr<"SlotKind",
    "what a result or an update holds after a variant has run (C1)", [
      I32EnumAttrCase<"Fresh", 0, "fresh">,
      I32EnumAttrCase<"InPlace", 1, "inplace">,
      I32EnumAttrCase<"Moved", 2, "moved">,
      I32EnumAttrCase<"Selected", 3, "selected">]> {
  let cppNamespace = "::mlir::sym";
}

#endif // SYM_ENUMS_TD
