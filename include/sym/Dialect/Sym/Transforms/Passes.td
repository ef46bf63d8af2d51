//===- Passes.td - Passes of sym/Dialect/Sym/Transforms ---*- tablegen -*-===//

#ifndef SYM_DIALECT_SYM_TRANSFORMS_PASSES_TD
#define SYM_DIALECT_SYM_TRANSFORMS_PASSES_TD

include "mlir/Pass/PassBase.td"
include "sym/Dialect/Sym/Transforms/BufferPasses.td"

//===----------------------------------------------------------------------===//
// resolve
//===----------------------------------------------------------------------===//

def SymCheckBorrows : Pass<"sym-check-borrows", "::mlir::ModuleOp"> {
  let summary = "Proves that borrows in host programs are used safely (B5)";
  let description = [{
    Follows every borrow of every host program (`func.func`), and whatever
    derives from its view, through branches, structured control flow, loops and
    calls of other host programs. The module is not changed. Errors:

    * a use of a borrow after its release, also if the release is on one of
      several paths, and a second release;
    * a use of a *scoped* borrow after an update of its variable (`sym.call` of
      a function that updates it, `sym.set_value`, the commit of an exclusive
      borrow), or by the operation that updates it;
    * an update, or a second exclusive borrow, of a variable that may be
      borrowed exclusively: at run time it would get the status `BORROWED`;
    * an exclusive borrow that is not released on every path;
    * a borrow given to an operation that the checker knows nothing of;
    * a call of a host program that accesses state from a parallel loop, or from
      whatever else is not a sequence (`call_c3`).

    Remarks: an update while a *pinned* borrow is held, which will copy; a
    pinned borrow that is not released.

    ```mlir
    sym.shared @state : tensor<4xf32> = dense<0.0>
    sym.func @step() {
      %s = sym.read @state : tensor<4xf32>
      %n = arith.addf %s, %s : tensor<4xf32>
      sym.return updates(@state = %n : tensor<4xf32>)
    }
    func.func @main() {
      %b = sym.borrow @state : !sym.borrow<tensor<4xf32>, scoped>
      %v = sym.view %b : !sym.borrow<tensor<4xf32>, scoped>
      sym.print %v : tensor<4xf32>
      sym.call @step() : () -> ()
      return
    }
    ```

    is accepted and stays as it is. With the print behind the call:

    ```
    error: uses a scoped borrow of @state after an update of @state
    note: borrowed here
    note: invalidated here
    note: used here
    ```
  }];
  let statistics = [
    Statistic<"numPrograms", "programs", "Host programs checked">,
    Statistic<"numScoped", "scoped-borrows", "Scoped borrows proven">,
    Statistic<"numRemarks", "remarks", "Borrows that cost a copy">
  ];
}

def SymResolveEvals : Pass<"sym-resolve-evals", "::mlir::ModuleOp"> {
  let summary = "Places expressions where they are evaluated";
  let description = [{
    Replaces every `sym.eval` by the body of its expression and erases the
    expressions and `sym.stop_gradient`. A given replaces the reads of its
    variable in the expression and, transitively, in the expressions that this
    one evaluates; a given of an inner `sym.eval` for the same variable wins,
    and its value is computed in the scope where that `sym.eval` stands.

    ```mlir
    sym.shared @state : tensor<i64> = dense<0>
    sym.expr @plus(%inc: tensor<i64>) -> tensor<i64> {
      %s = sym.read @state : tensor<i64>
      %r = arith.addi %s, %inc : tensor<i64>
      sym.yield %r : tensor<i64>
    }
    sym.func @skip(%inc: tensor<i64>, %foo: tensor<i64>) -> tensor<i64> {
      %r = sym.eval @plus(%inc) givens(@state = %foo : tensor<i64>)
          : (tensor<i64>) -> tensor<i64>
      sym.return %r : tensor<i64>
    }
    ```

    becomes

    ```mlir
    sym.shared @state : tensor<i64> = dense<0>
    sym.func @skip(%inc: tensor<i64>, %foo: tensor<i64>) -> tensor<i64> {
      %r = arith.addi %foo, %inc : tensor<i64>
      sym.return %r : tensor<i64>
    }
    ```
  }];
  let options = [
    Option<"maxOperations", "max-operations", "int64_t", /*default=*/"1000000",
           "The number of operations that the evaluations of a module may add">
  ];
  let statistics = [
    Statistic<"numEvals", "evals-resolved", "Evaluations replaced">,
    Statistic<"numGivens", "reads-given", "Reads replaced by a given value">
  ];
}

def SymDropFlags : Pass<"sym-drop-flags"> {
  let summary = "Drops flags that make values undefined";
  let description = [{
    `nsw`, `nuw`, `exact` and fast-math flags make a value undefined, or its
    bits depend on how code is vectorized (T9). Without them integers wrap
    around and floats follow IEEE 754.

    ```mlir
    %r = arith.addi %a, %b overflow<nsw> : i32
    %s = arith.addf %x, %y fastmath<nnan,reassoc> : f32
    ```

    becomes

    ```mlir
    %r = arith.addi %a, %b : i32
    %s = arith.addf %x, %y : f32
    ```
  }];
  let statistics = [
    Statistic<"numOps", "ops", "Operations that had flags">
  ];
}

//===----------------------------------------------------------------------===//
// functionalize
//===----------------------------------------------------------------------===//

def SymFunctionalize : Pass<"sym-functionalize", "::mlir::ModuleOp"> {
  let summary = "Turns functions over state into pure functions and a table";
  let description = [{
    Each `sym.func @f` becomes a private pure function `@f.body` (another name
    if that one is taken) and the table `sym.entry @f`, which says which
    argument and which result of it is which variable. Reads become arguments
    and updates become results, both in the order in which the module declares
    the variables; a variable that is not read has no argument.

    ```mlir
    sym.shared @state : tensor<i64> = dense<0>
    sym.func @accumulator(%inc: tensor<i64>) -> tensor<i64> {
      %s = sym.read @state : tensor<i64>
      %n = arith.addi %s, %inc : tensor<i64>
      sym.return %s : tensor<i64> updates(@state = %n : tensor<i64>)
    }
    ```

    becomes

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
  let dependentDialects = ["::mlir::func::FuncDialect"];
  let statistics = [
    Statistic<"numFunctions", "functions", "Functions turned into entries">,
    Statistic<"numMergedReads", "reads-merged",
              "Reads of a variable that another read covers">
  ];
}

//===----------------------------------------------------------------------===//
// checks
//===----------------------------------------------------------------------===//

def SymInsertChecks : Pass<"sym-insert-checks", "::mlir::func::FuncOp"> {
  let summary = "Guards what is undefined for some values with a sym.check";
  let description = [{
    Adds a `sym.check` before every operation that is undefined for some values
    of its operands: sizes, indices, slices, reshapes, divisions, shifts,
    conversions from float to integer, steps of loops. The check carries the
    values, and the location of the operation. What is known to hold, by
    constants, static shapes, equal sizes or an earlier check, gets none.

    A check stands where a failed one can end the call. What stands in a
    `linalg` operation, `tensor.generate` or `scf.forall`, or works on the
    elements of tensors, is checked by a loop nest before it, over the same
    index space. Where a condition depends on what the operation accumulates,
    and in `scf.parallel`, the loop nest replaces the operation.

    Where folding may find out that a check fails, the operation stands in a
    branch on the same conditions: folded, it might not verify.

    ```mlir
    func.func @f(%a: tensor<?xi32>, %b: tensor<?xi32>) -> tensor<?xi32> {
      %r = arith.divui %a, %b : tensor<?xi32>
      return %r : tensor<?xi32>
    }
    ```

    becomes

    ```mlir
    func.func @f(%a: tensor<?xi32>, %b: tensor<?xi32>) -> tensor<?xi32> {
      %c0 = arith.constant 0 : index
      %c1 = arith.constant 1 : index
      %zero = arith.constant 0 : i32
      %m = tensor.dim %a, %c0 : tensor<?xi32>
      %n = tensor.dim %b, %c0 : tensor<?xi32>
      %same = arith.cmpi eq, %m, %n : index
      sym.check %same, kind(shape) "arith.divui: dimension 0 of operand 1 has size {1}, but operand 0 has {0}" (%m, %n : index, index)
      scf.for %i = %c0 to %m step %c1 {
        %x = tensor.extract %a[%i] : tensor<?xi32>
        %y = tensor.extract %b[%i] : tensor<?xi32>
        %ok = arith.cmpi ne, %y, %zero : i32
        sym.check %ok, kind(division) "arith.divui: {0} is divided by zero at index {1}" (%x, %i : i32, index)
      }
      %r = arith.divui %a, %b : tensor<?xi32>
      return %r : tensor<?xi32>
    }
    ```
  }];
  let dependentDialects = ["::mlir::arith::ArithDialect",
                           "::mlir::scf::SCFDialect",
                           "::mlir::sym::SymDialect",
                           "::mlir::tensor::TensorDialect"];
  let statistics = [
    Statistic<"numChecks", "checks", "Checks added">,
    Statistic<"numGuards", "guards", "Loop nests that check a parallel region">,
    Statistic<"numSequentialized", "sequentialized",
              "Operations replaced by loops, since they check what they "
              "accumulate">
  ];
}

def SymHoistChecks : Pass<"sym-hoist-checks", "::mlir::func::FuncOp"> {
  let summary = "Moves checks out of loops and branches";
  let description = [{
    A check whose condition does not change in a loop moves before the loop,
    where it holds also if the loop does not run; likewise out of a branch. Host
    programs keep the order of what happens in them (T10).

    ```mlir
    scf.for %i = %lb to %ub step %c1 {
      %ok = arith.cmpi eq, %m, %n : index
      sym.check %ok, kind(shape) "sizes differ"
    }
    ```

    becomes

    ```mlir
    %true = arith.constant true
    %ok = arith.cmpi eq, %m, %n : index
    %runs = arith.cmpi slt, %lb, %ub : index
    %skipped = arith.xori %runs, %true : i1
    %holds = arith.ori %ok, %skipped : i1
    sym.check %holds, kind(shape) "sizes differ"
    scf.for %i = %lb to %ub step %c1 {
    }
    ```
  }];
  let dependentDialects = ["::mlir::arith::ArithDialect"];
  let statistics = [
    Statistic<"numHoisted", "checks-hoisted", "Checks moved out">
  ];
}

def SymMergeChecks : Pass<"sym-merge-checks", "::mlir::func::FuncOp"> {
  let summary = "Erases checks that other checks cover";
  let description = [{
    Erases a check if one with the same condition is always passed before it,
    or if its condition holds by the ranges that integers can have. Run CSE
    first, so that equal conditions are one value.

    ```mlir
    sym.check %c, "a"
    sym.check %c, "b"
    ```

    becomes

    ```mlir
    sym.check %c, "a"
    ```
  }];
  let statistics = [
    Statistic<"numMerged", "checks-merged", "Checks that another one covers">,
    Statistic<"numDecided", "checks-decided", "Checks that ranges decide">
  ];
}

//===----------------------------------------------------------------------===//
// Between stages
//===----------------------------------------------------------------------===//

def SymVerifyStage : Pass<"sym-verify-stage", "::mlir::ModuleOp"> {
  let summary = "Verifies what a stage of the pipeline may leave";
  let description = [{
    Each stage ends with this pass. An operation that must not remain is an
    error that names the stage; `docs/pipelines.md` says what each leaves. In
    short, by what bodies of functions may hold:

    * `resolve`, `functionalize`: `arith`, `math`, `complex`, `linalg`,
      `tensor`, `scf`, and the affine index expressions; no expressions and
      evaluations, and then no `sym.func`, either.
    * `checks`: as before; a `sym.check` stands where it can end the call.
    * `linalg`: as before; no elementwise operation on tensors outside `linalg`.
    * `buffers`: no tensor values.
    * `host`: the LLVM dialect.

    Host programs (functions that are no bodies) may also hold `func` and `cf`.

    ```mlir
    // --sym-verify-stage=stage=resolve
    sym.expr @e() -> tensor<i64> {   // error: 'sym.expr' op must not remain after the stage 'resolve'
      %z = arith.constant dense<0> : tensor<i64>
      sym.yield %z : tensor<i64>
    }
    ```
  }];
  let options = [
    Option<"stage", "stage", "std::string", /*default=*/"\"resolve\"",
           "The stage that has run: resolve, functionalize, checks, linalg, "
           "buffers or host">
  ];
}

def SymInlineDeallocations
    : Pass<"sym-inline-deallocations", "::mlir::ModuleOp"> {
  let summary = "Puts upstream's deallocation helper where it is called";
  let description = [{
    A body calls nothing. Upstream's lowering of `bufferization.dealloc` calls
    a helper where buffers may be the same.

    Before:

    ```mlir
    func.call @dealloc_helper(%buffers, %retained, %conditions, %free, %owned)
        : (memref<?xindex>, memref<?xindex>, memref<?xi1>, memref<?xi1>, memref<?xi1>) -> ()
    ```

    After: the loops of the helper.
  }];
  let statistics = [
    Statistic<"numInlined", "inlined", "Calls that were inlined">];
}

#endif // SYM_DIALECT_SYM_TRANSFORMS_PASSES_TD
