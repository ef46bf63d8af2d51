//===- SymStageOps.td - What stages leave for later ones ---*- tablegen -*-===//

#ifndef SYM_STAGE_OPS_TD
#define SYM_STAGE_OPS_TD

include "mlir/IR/CommonAttrConstraints.td"
include "mlir/IR/CommonAttrConstraints.td"
include "mlir/IR/SymbolInterfaces.td"
include "mlir/Interfaces/SideEffectInterfaces.td"
include "sym/Dialect/Sym/IR/SymAttrs.td"
include "sym/Dialect/Sym/IR/SymTypes.td"

def Sym_EntryOp : Sym_Op<"entry", [
    Symbol, HasParent<"::mlir::ModuleOp">,
    DeclareOpInterfaceMethods<SymbolUserOpInterface>]> {
  let summary = "Which argument and result of a pure function is which variable";
  let description = [{
    What a `sym.func` is after the stage `functionalize`: a table. `body` names
    a private `func.func` whose arguments are the arguments of the function and
    then the values read, in the order of `reads`, and whose results are the
    results of the function and then the new values, in the order of `updates`.

    After the stage `buffers` there is no body but two variants, `inplace` and
    `outofplace`: `func.func`s on buffers with the same arguments and no
    results. `inplace_slots` and `outofplace_slots` say for each result and each
    update what the variant left (C1). Inside that stage the variants still
    return their results and new values, and the slots are empty.

    Constraints:
    * `entry_c1`: reads and updates name distinct variables.
    * `entry_c2`: there is a body, or there are two variants with their slots;
      the named functions exist and have the types described here.
    * `entry_c3`: there are as many slots as results and updates; a result is
      `fresh`; `inplace` occurs in the in-place variant only, for a variable
      that is read; the source of `moved` is a read variable that is itself
      updated, not in place, and no two slots move one source.
    * `entry_c4`: arguments and results are storable ranked tensors, and their
      attributes are `sym.borrow` and `sym.mutable`.

    Example:

    ```mlir
    sym.shared @state : tensor<i64> = dense<0>
    sym.entry @accumulator : (tensor<i64>) -> tensor<i64>
        reads [@state] updates [@state] body @accumulator.body
    func.func private @accumulator.body(%inc: tensor<i64>, %s: tensor<i64>)
        -> (tensor<i64>, tensor<i64>) {
      %n = arith.addi %s, %inc : tensor<i64>
      return %s, %n : tensor<i64>, tensor<i64>
    }
    ```
  }];
  let arguments = (ins
    SymbolNameAttr:$sym_name,
    TypeAttrOf<FunctionType>:$function_type,
    OptionalAttr<DictArrayAttr>:$arg_attrs,
    OptionalAttr<DictArrayAttr>:$res_attrs,
    FlatSymbolRefArrayAttr:$reads,
    FlatSymbolRefArrayAttr:$updates,
    OptionalAttr<FlatSymbolRefAttr>:$body,
    OptionalAttr<FlatSymbolRefAttr>:$inplace,
    OptionalAttr<Sym_SlotArrayAttr>:$inplace_slots,
    OptionalAttr<FlatSymbolRefAttr>:$outofplace,
    OptionalAttr<Sym_SlotArrayAttr>:$outofplace_slots);
  let assemblyFormat = [{
    $sym_name `:` $function_type `reads` $reads `updates` $updates
    (`body` $body^)? (`inplace` $inplace^ $inplace_slots)?
    (`outofplace` $outofplace^ $outofplace_slots)? attr-dict
  }];
  let hasVerifier = 1;
}

def Sym_AllocResultOp : Sym_Op<"alloc_result", [
    MemoryEffects<[MemAlloc, MemWrite<DefaultResource>]>]> {
  let summary = "The buffer of a result or of an update";
  let description = [{
    Reserves the buffer of slot `slot` (results first, then updates) with these
    dynamic sizes. It can fail and therefore stands before the first write to a
    state buffer (T4); the caller's memory or a pooled buffer serves it.

    Constraints:
    * `alloc_result_c1`: one size operand per dynamic dimension, and a buffer of
      identity layout.
    * `alloc_result_c2`: the slot is not negative.

    Example: `%m = sym.alloc_result 0 (%n) : memref<?x10xf32>`
  }];
  let arguments = (ins I32Attr:$slot, Variadic<Index>:$dynamic_sizes);
  let results = (outs AnyMemRef:$result);
  let assemblyFormat = "$slot `(` $dynamic_sizes `)` attr-dict `:` type($result)";
  let hasVerifier = 1;
}

def Sym_SelectResultOp : Sym_Op<"select_result", [
    MemoryEffects<[MemWrite<DefaultResource>]>]> {
  let summary = "Says which source a slot of kind `selected` takes";
  let description = [{
    The buffer must be one of the function's source buffers.

    Constraint `select_result_c1`: the slot is not negative.

    Example: `sym.select_result 1 = %buffer : memref<4xf32>`
  }];
  let arguments = (ins I32Attr:$slot, AnyMemRef:$buffer);
  let assemblyFormat = "$slot `=` $buffer attr-dict `:` type($buffer)";
  let hasVerifier = 1;
}

def Sym_MoveResultOp : Sym_Op<"move_result", [
    MemoryEffects<[MemAlloc, MemWrite<DefaultResource>]>]> {
  let summary = "Makes a result the value of a source from before the call";
  let description = [{
    For a result of kind `moved`. The variable of the source gets another buffer
    in the same call, so its old one becomes the result without a copy; the
    runtime copies, and so may fail, where somebody else holds the buffer or the
    caller wants the result in memory of its own. `source` is the position in
    the entry's `reads`.

    Constraint `move_result_c1`: neither number is negative.

    Example: `sym.move_result 0 from 2`
  }];
  let arguments = (ins I32Attr:$slot, I32Attr:$source);
  let assemblyFormat = "$slot `from` $source attr-dict";
  let hasVerifier = 1;
}

def Sym_ArenaOp : Sym_Op<"arena", [
    MemoryEffects<[MemAlloc, MemWrite<DefaultResource>]>]> {
  let summary = "The scratch memory of one call";
  let description = [{
    One request per variant, before the first write to a state buffer (T4); the
    runtime takes it back when the call ends. 64-byte aligned. Temporaries are
    `memref.view`s of it.

    Constraint `arena_c1`: the buffer is a `memref<?xi8>`.

    Example: `%a = sym.arena %bytes : memref<?xi8>`
  }];
  let arguments = (ins Index:$bytes);
  let results = (outs MemRefOf<[I8]>:$result);
  let assemblyFormat = "$bytes attr-dict `:` type($result)";
  let hasVerifier = 1;
}

#endif // SYM_STAGE_OPS_TD
