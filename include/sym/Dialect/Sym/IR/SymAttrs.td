//===- SymAttrs.td - Attributes of the sym dialect ---------*- tablegen -*-===//

#ifndef SYM_ATTRS_TD
#define SYM_ATTRS_TD

include "mlir/IR/AttrTypeBase.td"
include "mlir/IR/CommonAttrConstraints.td"
include "sym/Dialect/Sym/IR/SymDialect.td"
include "sym/Dialect/Sym/IR/SymEnums.td"

class Sym_Attr<string name, string attrMnemonic, list<Trait> traits = []>
    : AttrDef<Sym_Dialect, name, traits> {
  let mnemonic = attrMnemonic;
}

def Sym_SpaceAttr : Sym_Attr<"Space", "space"> {
  let summary = "a memory space: the host, or one CUDA device";
  let description = [{
    ```mlir
    sym.shared @w in <cuda, 1> : tensor<4xf32>
    ```
  }];
  let parameters = (ins EnumParameter<Sym_SpaceKind>:$kind,
                        DefaultValuedParameter<"unsigned", "0">:$index);
  let assemblyFormat = "`<` $kind (`,` $index^)? `>`";
}

def Sym_SlotAttr : Sym_Attr<"Slot", "slot"> {
  let summary = "the kind of one result or update of a compiled variant (C1)";
  let description = [{
    `fresh`: the variant filled a buffer that it obtained with
    `sym.alloc_result`. `inplace`: it wrote the buffer of the variable's own
    source. `moved`: it is the untouched buffer of source `source`.
    `selected`: the same, but which source is known only after the run.

    Example: `#sym.slot<inplace>`, `#sym.slot<moved, 1>`.
  }];
  let parameters = (ins EnumParameter<Sym_SlotKind>:$kind,
                        DefaultValuedParameter<"int32_t", "-1">:$source);
  let assemblyFormat = "`<` $kind (`,` $source^)? `>`";
}

def Sym_SlotArrayAttr : TypedArrayAttrBase<Sym_SlotAttr, "array of slot kinds">;

#endif // SYM_ATTRS_TD
