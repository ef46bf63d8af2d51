//===- SymHostOps.td - Operations of host programs ---------*- tablegen -*-===//

#ifndef SYM_HOST_OPS_TD
#define SYM_HOST_OPS_TD

include "mlir/IR/CommonAttrConstraints.td"
include "mlir/IR/SymbolInterfaces.td"
include "mlir/Interfaces/SideEffectInterfaces.td"
include "sym/Dialect/Sym/IR/SymAttrs.td"
include "sym/Dialect/Sym/IR/SymTypes.td"

// A host program is a func.func: a sequence of calls and accesses, each of
// which is a transaction of its own. It ends with the status of the first that
// fails (T10).

/// What `sym.print` writes.
def Sym_PrintResource : Resource<"::mlir::sym::PrintResource">;

def Sym_CallOp : Sym_Op<"call", [
    DeclareOpInterfaceMethods<MemoryEffectsOpInterface>,
    DeclareOpInterfaceMethods<SymbolUserOpInterface>]> {
  let summary = "Calls a function from a host program";
  let description = [{
    Its effects are conservative: which variables a function reads and updates
    is known to module passes, not to the op alone. After bufferization its
    results are buffers that the program owns.

    Constraints:
    * `call_c1`: the callee is a `sym.func`, or the `sym.entry` that it became.
    * `call_c2`: arguments and results have its types.
    * `call_c3`: the op stands in a `func.func`, under no operation other than
      sequential structured control flow (`scf.if`, `scf.for`, …; not
      `scf.parallel`).

    Example:

    ```mlir
    %old = sym.call @accumulator(%one) : (tensor<i64>) -> tensor<i64>
    ```
  }];
  let arguments = (ins FlatSymbolRefAttr:$callee,
                       Variadic<Sym_HostValue>:$arguments);
  let results = (outs Variadic<Sym_HostValue>:$outputs);
  let assemblyFormat = [{
    $callee `(` $arguments `)` attr-dict
    `:` functional-type($arguments, $outputs)
  }];
}

def Sym_GetValueOp : Sym_Op<"get_value", [
    DeclareOpInterfaceMethods<MemoryEffectsOpInterface>,
    DeclareOpInterfaceMethods<SymbolUserOpInterface>]> {
  let summary = "A copy of the current value of a shared variable";
  let description = [{
    Constraints:
    * `get_value_c1`: the symbol is a `sym.shared` of exactly the result type.
    * `get_value_c2`: the op stands in a `func.func`, as `call_c3` says.

    After bufferization the result is a buffer that the program owns.

    Example: `%now = sym.get_value @state : tensor<i64>`
  }];
  let arguments = (ins FlatSymbolRefAttr:$variable);
  let results = (outs Sym_HostValue:$result);
  let assemblyFormat = "$variable attr-dict `:` type($result)";
}

def Sym_SetValueOp : Sym_Op<"set_value", [
    MemoryEffects<[MemRead, MemWrite]>,
    DeclareOpInterfaceMethods<SymbolUserOpInterface>]> {
  let summary = "Stores a copy of a value in a shared variable";
  let description = [{
    Constraints:
    * `set_value_c1`: the symbol is a `sym.shared` of exactly the value's type.
    * `set_value_c2`: the op stands in a `func.func`, as `call_c3` says.

    Example: `sym.set_value @state = %zero : tensor<i64>`
  }];
  let arguments = (ins FlatSymbolRefAttr:$variable, Sym_HostValue:$value);
  let assemblyFormat = "$variable `=` $value attr-dict `:` type($value)";
}

def Sym_BorrowOp : Sym_Op<"borrow", [
    MemoryEffects<[MemRead, MemWrite]>,
    DeclareOpInterfaceMethods<SymbolUserOpInterface>]> {
  let summary = "Borrows the value of a shared variable";
  let description = [{
    The borrow checker (`--sym-check-borrows`) verifies its use, see B5.

    Constraints:
    * `borrow_c1`: the symbol is a `sym.shared` of exactly the borrowed type.
    * `borrow_c2`: the op stands in a `func.func`, as `call_c3` says.

    Example:

    ```mlir
    %b = sym.borrow @state : !sym.borrow<tensor<4xf32>, pinned>
    %v = sym.view %b : !sym.borrow<tensor<4xf32>, pinned>
    sym.print %v : tensor<4xf32>
    sym.release %b : !sym.borrow<tensor<4xf32>, pinned>
    ```
  }];
  let arguments = (ins FlatSymbolRefAttr:$variable);
  let results = (outs Sym_BorrowType:$borrow);
  let assemblyFormat = "$variable attr-dict `:` type($borrow)";
}

def Sym_ViewOp : Sym_Op<"view", [MemoryEffects<[MemRead]>]> {
  let summary = "The borrowed value as a tensor, without a copy";
  let description = [{
    Whatever derives from the result carries the borrow. The view of an
    exclusive borrow shows the value from before.

    Constraints:
    * `view_c1`: the result is the borrowed tensor type, or a buffer of its
      shape after bufferization.
    * `view_c2`: the op stands in a `func.func`, as `call_c3` says.

    Example: `%v = sym.view %b : !sym.borrow<tensor<4xf32>, scoped>`
  }];
  let arguments = (ins Sym_BorrowType:$borrow);
  let results = (outs Sym_HostValue:$result);
  let assemblyFormat = "$borrow attr-dict `:` custom<ViewTypes>(type($borrow), type($result))";
  let hasVerifier = 1;
}

def Sym_ReleaseOp : Sym_Op<"release", [MemoryEffects<[MemRead, MemWrite]>]> {
  let summary = "Ends a borrow";
  let description = [{
    An exclusive borrow with a value commits it (B3); without, it rolls back.

    Constraints:
    * `release_c1`: only an exclusive borrow takes a value, of the borrowed
      type.
    * `release_c2`: the op stands in a `func.func`, as `call_c3` says.

    Example:

    ```mlir
    sym.release %b = %new : !sym.borrow<tensor<4xf32>, exclusive>, tensor<4xf32>
    sym.release %p : !sym.borrow<tensor<4xf32>, pinned>
    ```
  }];
  let arguments = (ins Sym_BorrowType:$borrow, Optional<Sym_HostValue>:$value);
  let assemblyFormat = [{
    $borrow (`=` $value^)? attr-dict `:` type($borrow) (`,` type($value)^)?
  }];
  let hasVerifier = 1;
}

def Sym_PrintOp : Sym_Op<"print", [
    MemoryEffects<[MemRead, MemWrite<Sym_PrintResource>]>]> {
  let summary = "Prints a value as NumPy would";
  let description = [{
    Constraint `print_c1`: the op stands in a `func.func`, as `call_c3` says.

    Example:

    ```mlir
    sym.print %now : tensor<i64>
    sym.print "loss: " %loss : tensor<f32>
    ```
  }];
  let arguments = (ins OptionalAttr<StrAttr>:$label, Sym_HostValue:$value);
  let assemblyFormat = "($label^)? $value attr-dict `:` type($value)";
  let hasVerifier = 1;
}

#endif // SYM_HOST_OPS_TD
