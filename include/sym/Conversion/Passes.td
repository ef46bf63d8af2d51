//===- Passes.td - Passes of sym/Conversion ---*- tablegen -*-===//

#ifndef SYM_CONVERSION_PASSES_TD
#define SYM_CONVERSION_PASSES_TD

include "mlir/Pass/PassBase.td"

def ConvertMLProgramToSym
    : Pass<"convert-ml-program-to-sym", "::mlir::ModuleOp"> {
  let summary = "Turns globals of ml_program into shared variables";
  let description = [{
    A global becomes a `sym.shared`; without a value, or extern, it is an error
    to read it before it is set (S4). A public function becomes a `sym.func`, one
    transaction: every global that it loads is read at entry, and what it stores
    is an update at the end. In between, loads and stores have their sequential
    meaning: a load sees the last store before it. Stores under `scf.if`,
    `scf.index_switch`, `scf.for` and `scf.while` become results of these;
    branches are structured first. Called functions are inlined. Assertions
    become checks.

    Numbers (integers, floats, `index` as i64) cross calls, and are stored, as
    tensors of rank 0.

    A function that already holds operations of sym is a host program: its
    accesses become `sym.get_value` and `sym.set_value`, and its calls of
    functions over globals `sym.call`.

    Not converted, with a diagnostic: recursion, calls of functions without a
    body, stores in parallel loops, unranked tensors.

    Before:

    ```mlir
    ml_program.global private mutable @s(dense<0> : tensor<i64>) : tensor<i64>
    func.func @accumulate(%x: tensor<i64>) -> tensor<i64> {
      %old = ml_program.global_load @s : tensor<i64>
      %new = arith.addi %old, %x : tensor<i64>
      ml_program.global_store @s = %new : tensor<i64>
      return %old : tensor<i64>
    }
    ```

    After:

    ```mlir
    sym.shared private @s : tensor<i64> = dense<0>
    sym.func @accumulate(%x: tensor<i64>) -> tensor<i64> {
      %old = sym.read @s : tensor<i64>
      %new = arith.addi %old, %x : tensor<i64>
      sym.return %old : tensor<i64> updates(@s = %new : tensor<i64>)
    }
    ```
  }];
  let statistics = [
    Statistic<"numGlobals", "globals", "Globals that became shared variables">,
    Statistic<"numFunctions", "functions", "Functions that became transactions">,
    Statistic<"numInlined", "inlined", "Calls that were inlined">];
  let dependentDialects = [
    "::mlir::arith::ArithDialect", "::mlir::cf::ControlFlowDialect",
    "::mlir::func::FuncDialect", "::mlir::scf::SCFDialect",
    "::mlir::sym::SymDialect", "::mlir::tensor::TensorDialect",
    "::mlir::ub::UBDialect"];
}

#endif // SYM_CONVERSION_PASSES_TD
