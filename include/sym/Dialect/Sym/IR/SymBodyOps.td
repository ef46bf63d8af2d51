//===- SymBodyOps.td - Operations in bodies ----------------*- tablegen -*-===//

#ifndef SYM_BODY_OPS_TD
#define SYM_BODY_OPS_TD

include "mlir/IR/CommonAttrConstraints.td"
include "mlir/IR/SymbolInterfaces.td"
include "mlir/Interfaces/SideEffectInterfaces.td"
include "mlir/Interfaces/InferTypeOpInterface.td"
include "sym/Dialect/Sym/IR/SymAttrs.td"
include "sym/Dialect/Sym/IR/SymTypes.td"

/// What `sym.check` writes: whether the call goes on. Checks are therefore
/// neither removed nor reordered among themselves, and touch no memory.
def Sym_CheckResource : Resource<"::mlir::sym::CheckResource">;

def Sym_ReadOp : Sym_Op<"read", [
    Pure, DeclareOpInterfaceMethods<SymbolUserOpInterface>]> {
  let summary = "The value of a shared variable before the call";
  let description = [{
    Pure, since a call sees every variable at one instant (T1): two reads of one
    variable in one body give the same value.

    Constraints:
    * `read_c1`: the symbol is a `sym.shared` of exactly the result type.
    * `read_c2`: the op stands in a `sym.func` or `sym.expr`; a host program
      uses `sym.get_value` or `sym.borrow`.

    Example: `%s = sym.read @state : tensor<i64>`
  }];
  let arguments = (ins FlatSymbolRefAttr:$variable);
  let results = (outs AnyRankedTensor:$result);
  let assemblyFormat = "$variable attr-dict `:` type($result)";
}

def Sym_EvalOp : Sym_Op<"eval", [
    Pure, AttrSizedOperandSegments,
    DeclareOpInterfaceMethods<SymbolUserOpInterface>]> {
  let summary = "Places an expression here, with givens";
  let description = [{
    The results are those of the expression on these arguments, where every read
    of a given variable, in the expression and in expressions that it evaluates,
    is replaced by the given value.

    Constraints:
    * `eval_c1`: the callee is a `sym.expr`.
    * `eval_c2`: arguments and results have the expression's types.
    * `eval_c3`: a given names a `sym.shared` and has exactly its type.
    * `eval_c4`: a given variable is read by the expression, itself or through
      the expressions that it evaluates.
    * `eval_c5`: no variable is given twice.

    Example:

    ```mlir
    %r = sym.eval @twice_state(%inc) givens(@state = %foo : tensor<i64>)
        : (tensor<i64>) -> tensor<i64>
    ```
  }];
  let arguments = (ins
    FlatSymbolRefAttr:$callee,
    Variadic<AnyRankedTensor>:$arguments,
    FlatSymbolRefArrayAttr:$targets,
    Variadic<AnyRankedTensor>:$given_values);
  let results = (outs Variadic<AnyRankedTensor>:$outputs);
  let assemblyFormat = [{
    $callee `(` $arguments `)`
    custom<Assignments>("\"givens\"", $targets, $given_values, type($given_values))
    attr-dict `:` functional-type($arguments, $outputs)
  }];
}

def Sym_StopGradientOp : Sym_Op<"stop_gradient", [Pure, SameOperandsAndResultType]> {
  let summary = "The same value, which gradients regard as constant";
  let description = [{
    Example: `%c = sym.stop_gradient %x : tensor<4xf32>`
  }];
  let arguments = (ins AnyRankedTensor:$input);
  let results = (outs AnyRankedTensor:$result);
  let assemblyFormat = "$input attr-dict `:` type($input)";
  let hasFolder = 1;
}

def Sym_CheckOp : Sym_Op<"check", [MemoryEffects<[MemWrite<Sym_CheckResource>]>]> {
  let summary = "Fails the call unless a condition holds";
  let description = [{
    A call that fails changes no state (T4). The message may show the values as
    `{0}`, `{1}`, …; the kind decides the status that the caller gets.

    Constraints:
    * `check_c1`: every `{n}` in the message names a value.
    * `check_c2`: values are integers of at most 64 bits, `index`, or floats of
      at most 64 bits.

    Example:

    ```mlir
    sym.check %inside, kind(index) "index {0} is out of range for size {1}"
        (%i, %n : index, index)
    sym.check %positive, "the learning rate is not positive"
    ```
  }];
  let arguments = (ins
    I1:$condition,
    DefaultValuedAttr<Sym_CheckKind,
                      "::mlir::sym::CheckKind::Assertion">:$kind,
    StrAttr:$message,
    Variadic<AnyTypeOf<[AnySignlessInteger, Index, AnyFloat]>>:$values);
  let assemblyFormat = [{
    $condition `,` (`kind` `(` $kind^ `)`)? $message
    (`(` $values^ `:` type($values) `)`)? attr-dict
  }];
  let hasVerifier = 1;
  let hasCanonicalizeMethod = 1;
}

#endif // SYM_BODY_OPS_TD
