//===- SymTypes.td - Types of the sym dialect --------------*- tablegen -*-===//

#ifndef SYM_TYPES_TD
#define SYM_TYPES_TD

include "mlir/IR/AttrTypeBase.td"
include "mlir/IR/CommonTypeConstraints.td"
include "sym/Dialect/Sym/IR/SymDialect.td"
include "sym/Dialect/Sym/IR/SymEnums.td"

def Sym_BorrowType : TypeDef<Sym_Dialect, "Borrow"> {
  let mnemonic = "borrow";
  let summary = "a borrow of the value of a shared variable";
  let description = [{
    A value of this type is a right to see (`pinned`, `scoped`) or to replace
    (`exclusive`) the value of one shared variable, from `sym.borrow` to
    `sym.release`.

    * `pinned` (B2): one version is held at run time; its bytes never change.
      An update meanwhile is legal and writes elsewhere.
    * `scoped` (B5): no run-time cost. The borrow checker proves that it is not
      used after its release or after an update of its variable.
    * `exclusive` (B3): a private copy; whoever would change the variable
      meanwhile gets the status `BORROWED`.

    Constraint `borrow_type_c1`: the tensor type is storable, as `shared_c1`
    says.

    Example: `!sym.borrow<tensor<4xf32>, pinned>`
  }];
  let parameters = (ins "::mlir::RankedTensorType":$tensor,
                        EnumParameter<Sym_BorrowKind>:$kind);
  let assemblyFormat = "`<` $tensor `,` $kind `>`";
  let genVerifyDecl = 1;
}

/// A value of a host program: a tensor, and a buffer after bufferization.
def Sym_HostValue : AnyTypeOf<[AnyRankedTensor, AnyStridedMemRef]>;

#endif // SYM_TYPES_TD
