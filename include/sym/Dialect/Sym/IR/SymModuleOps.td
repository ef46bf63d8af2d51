//===- SymModuleOps.td - Variables, expressions, functions -*- tablegen -*-===//

#ifndef SYM_MODULE_OPS_TD
#define SYM_MODULE_OPS_TD

include "mlir/IR/CommonAttrConstraints.td"
include "mlir/IR/CommonAttrConstraints.td"
include "mlir/IR/OpAsmInterface.td"
include "mlir/IR/SymbolInterfaces.td"
include "mlir/Interfaces/CallInterfaces.td"
include "mlir/Interfaces/ControlFlowInterfaces.td"
include "mlir/Interfaces/FunctionInterfaces.td"
include "mlir/Interfaces/SideEffectInterfaces.td"
include "sym/Dialect/Sym/IR/SymAttrs.td"
include "sym/Dialect/Sym/IR/SymTypes.td"

def Sym_SharedOp : Sym_Op<"shared", [Symbol, HasParent<"::mlir::ModuleOp">]> {
  let summary = "Declares a shared variable";
  let description = [{
    State that lives across calls (S1). It has a name, a tensor type of static
    rank, an update policy, a memory space, and possibly an initial value;
    without one it is an error to read it before it is set (S4). The shape of
    its value may change from call to call within its type.

    Constraints:
    * `shared_c1`: the type is storable: its elements are integers, floats or
      complex numbers that the ABI has a code for, not `index`; it has no
      encoding; the size in bytes of its static dimensions fits into 63 bits.
    * `shared_c2`: an initial value is a tensor with the element type and the
      rank of the variable, and its sizes where they are static.
    * `shared_c3`: an initial value is dense, or a dense resource with as many
      bytes as its type has.

    Example:

    ```mlir
    sym.shared @counter : tensor<i64> = dense<0>
    sym.shared @weights policy(double_buffer) : tensor<784x10xf32> = dense<0.0>
    sym.shared @log : tensor<?xf32> = dense<[1.0, 2.0]> : tensor<2xf32>
    sym.shared @later in <cuda, 0> : tensor<?x3xf64>
    ```
  }];
  let arguments = (ins
    SymbolNameAttr:$sym_name,
    OptionalAttr<StrAttr>:$sym_visibility,
    TypeAttrOf<AnyRankedTensor>:$type,
    OptionalAttr<ElementsAttr>:$initial_value,
    DefaultValuedAttr<Sym_UpdatePolicy,
                      "::mlir::sym::UpdatePolicy::InPlace">:$policy,
    OptionalAttr<Sym_SpaceAttr>:$space);
  let assemblyFormat = [{
    custom<Visibility>($sym_visibility) $sym_name (`policy` `(` $policy^ `)`)?
    (`in` $space^)? attr-dict-with-keyword
    custom<TypeAndInitialValue>($type, $initial_value)
  }];
  let extraClassDeclaration = [{
    ::mlir::RankedTensorType getTensorType() {
      return ::llvm::cast<::mlir::RankedTensorType>(getType());
    }
  }];
  let hasVerifier = 1;
}

class Sym_Callable<string mnemonic, list<Trait> traits = []>
    : Sym_Op<mnemonic, !listconcat([
        FunctionOpInterface, IsolatedFromAbove, Symbol,
        HasParent<"::mlir::ModuleOp">], traits)> {
  let arguments = (ins
    SymbolNameAttr:$sym_name,
    OptionalAttr<StrAttr>:$sym_visibility,
    TypeAttrOf<FunctionType>:$function_type,
    OptionalAttr<DictArrayAttr>:$arg_attrs,
    OptionalAttr<DictArrayAttr>:$res_attrs);
  let regions = (region SizedRegion<1>:$body);
  let hasCustomAssemblyFormat = 1;
  let hasVerifier = 1;
  let skipDefaultBuilders = 1;
  let builders = [OpBuilder<(ins "::llvm::StringRef":$name,
                                 "::mlir::FunctionType":$type,
                                 CArg<"::llvm::ArrayRef<::mlir::NamedAttribute>",
                                      "{}">:$attrs)>];
  code callableDeclaration = [{
    ::mlir::Region *getCallableRegion() { return &getBody(); }
    ::llvm::ArrayRef<::mlir::Type> getArgumentTypes() {
      return getFunctionType().getInputs();
    }
    ::llvm::ArrayRef<::mlir::Type> getResultTypes() {
      return getFunctionType().getResults();
    }
    bool isDeclaration() { return false; }
  }];
}

def Sym_ExprOp : Sym_Callable<"expr"> {
  let summary = "An expression graph over arguments and shared variables";
  let description = [{
    A named, pure computation that `sym.eval` places in a function. It is not
    callable by itself. What it reads of shared variables can be replaced by
    the `givens` of the evaluation.

    Constraints:
    * `expr_c1`: arguments and results are storable ranked tensors.
    * `expr_c2`: expressions do not evaluate each other in a cycle.
    * `expr_c3`: the body ends in `sym.yield`.

    Example:

    ```mlir
    sym.shared @state : tensor<i64> = dense<0>
    sym.expr @twice_state(%inc: tensor<i64>) -> tensor<i64> {
      %s = sym.read @state : tensor<i64>
      %d = arith.addi %s, %s : tensor<i64>
      %r = arith.addi %d, %inc : tensor<i64>
      sym.yield %r : tensor<i64>
    }
    ```
  }];
  let extraClassDeclaration = callableDeclaration;
}

def Sym_FuncOp : Sym_Callable<"func"> {
  let summary = "A function over shared variables: one transaction per call";
  let description = [{
    Its body computes results and the new values of the variables that it
    updates, from its arguments and the variables' values before the call
    (T1–T3). The body is one block; control flow is structured (`scf`).

    An argument may carry `sym.borrow` (the caller's memory is used without a
    copy and not written, B4) and with it `sym.mutable` (it may be overwritten).
    A result may carry `sym.borrow` (it may be a pinned view of state, B2).

    Constraints:
    * `func_c1`: arguments and results are storable ranked tensors.
    * `func_c2`: a `sym.mutable` argument is `sym.borrow`.
    * `func_c3`: the body ends in `sym.return`.

    Example:

    ```mlir
    sym.shared @state : tensor<?xf32>
    sym.func @decay(%x: tensor<?xf32> {sym.borrow}) -> tensor<?xf32> {
      %s = sym.read @state : tensor<?xf32>
      %n = arith.addf %s, %x : tensor<?xf32>
      sym.return %s : tensor<?xf32> updates(@state = %n : tensor<?xf32>)
    }
    ```
  }];
  let extraClassDeclaration = callableDeclaration # [{
    /// The terminator. Valid on verified operations.
    ::mlir::sym::ReturnOp getReturn();
  }];
}

def Sym_ReturnOp : Sym_Op<"return", [
    Pure, Terminator, HasParent<"::mlir::sym::FuncOp">, ReturnLike,
    AttrSizedOperandSegments, DeclareOpInterfaceMethods<SymbolUserOpInterface>]> {
  let summary = "Ends a function: its results and its updates";
  let description = [{
    All updates are simultaneous: each value was computed from pre-call values
    (T2), and they are committed at one instant (T1).

    Constraints:
    * `return_c1`: the operands have the function's result types.
    * `return_c2`: every target of an update is a `sym.shared`.
    * `return_c3`: no variable is updated twice.
    * `return_c4`: a new value has exactly the variable's type; `tensor.cast`
      turns a static size into a dynamic one and back.
    * `return_c5`: no value is returned as two `sym.borrow` results, since
      results do not alias each other.

    Example:

    ```mlir
    sym.shared @a : tensor<4xf32>
    sym.shared @b : tensor<4xf32>
    sym.func @swap() {
      %a = sym.read @a : tensor<4xf32>
      %b = sym.read @b : tensor<4xf32>
      sym.return updates(@a = %b : tensor<4xf32>, @b = %a : tensor<4xf32>)
    }
    ```
  }];
  let arguments = (ins
    Variadic<AnyRankedTensor>:$outputs,
    FlatSymbolRefArrayAttr:$targets,
    Variadic<AnyRankedTensor>:$new_values);
  let assemblyFormat = [{
    ($outputs^ `:` type($outputs))?
    custom<Assignments>("\"updates\"", $targets, $new_values, type($new_values))
    attr-dict
  }];
  let hasVerifier = 1;
}

def Sym_YieldOp : Sym_Op<"yield", [
    Pure, Terminator, HasParent<"::mlir::sym::ExprOp">, ReturnLike]> {
  let summary = "Ends an expression";
  let description = [{
    Constraint `yield_c1`: the operands have the expression's result types.

    ```mlir
    sym.expr @identity(%x: tensor<f32>) -> tensor<f32> {
      sym.yield %x : tensor<f32>
    }
    ```
  }];
  let arguments = (ins Variadic<AnyRankedTensor>:$outputs);
  let assemblyFormat = "($outputs^ `:` type($outputs))? attr-dict";
  let hasVerifier = 1;
}

#endif // SYM_MODULE_OPS_TD
