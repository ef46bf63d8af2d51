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

def SymMangleSymbols : Pass<"sym-mangle-symbols", "::mlir::ModuleOp"> {
  let summary = "Keep the program's names apart from those of C functions";
  let description = [{
    Lowering calls functions of C libraries by their names, such as `exp`, which
    a variable, a function or a host program may have as well. Every symbol that
    is not a declaration gets the suffix `.sym`; `sym-emit-program` takes it off
    again where it records names.

    Before:

    ```mlir
    sym.shared @exp : tensor<f64> = dense<0.0>
    func.func @main() {
      %v = sym.get_value @exp : tensor<f64>
      return
    }
    ```

    After:

    ```mlir
    sym.shared @exp.sym : tensor<f64> = dense<0.0>
    func.func @main.sym() {
      %v = sym.get_value @exp.sym : tensor<f64>
      return
    }
    ```
  }];
}

def SymLowerToRuntime : Pass<"sym-lower-to-runtime", "::mlir::ModuleOp"> {
  let summary = "Give functions the frame of the ABI, and their operations the runtime's services";
  let description = [{
    Every `func.func` with a body gets the frame of the running call as its
    first argument and a status as its first result; a call of such a function
    passes the frame on and ends the caller with the status if it is not zero
    (T10). In a variant of a `sym.entry` each buffer becomes a `noalias` pointer
    and its dynamic sizes, of which the descriptor is rebuilt inside, so that
    LLVM knows what does not overlap.

    What can fail becomes a call of the runtime and an early return: `sym.check`
    (`sym_rt_fail` in a cold block), `sym.alloc_result`, `sym.arena`,
    `memref.alloc`, and the operations of host programs. Such an operation must
    stand where a branch out of the function is possible, and not in a parallel
    region; otherwise the pass fails.

    Before:

    ```mlir
    func.func private @f.inplace(%x: memref<?xf32>) {
      %c = arith.constant 0 : index
      %n = memref.dim %x, %c : memref<?xf32>
      %ok = arith.cmpi sgt, %n, %c : index
      sym.check %ok, "nothing to do for size {0}" (%n : index)
      return
    }
    ```

    After:

    ```mlir
    func.func private @f.inplace(%frame: !llvm.ptr, %p: !llvm.ptr {llvm.noalias}, %n: i64) -> i32 {
      %x = … // the descriptor of %p and %n
      …
      cf.cond_br %ok weights([2000, 1]), ^bb1, ^bb2
    ^bb1:
      return %c0_i32 : i32
    ^bb2:
      llvm.store %n, %scratch : i64, !llvm.ptr
      %status = llvm.call @sym_rt_fail(%frame, %site, %scratch) : (!llvm.ptr, !llvm.ptr, !llvm.ptr) -> i32
      cf.br ^bb3(%status : i32)
    ^bb3(%s: i32):
      return %s : i32
    }
    ```
  }];
  let dependentDialects = ["::mlir::LLVM::LLVMDialect",
                           "::mlir::cf::ControlFlowDialect",
                           "::mlir::arith::ArithDialect",
                           "::mlir::memref::MemRefDialect"];
  let statistics = [
    Statistic<"numChecks", "num-checks", "Checks lowered">,
    Statistic<"numAllocations", "num-allocations",
              "Requests for memory lowered (results, arenas, temporaries)">];
}

def SymEmitProgram : Pass<"sym-emit-program", "::mlir::ModuleOp"> {
  let summary = "Emit the descriptor of the program and drop what it describes";
  let description = [{
    Turns `sym.shared` and `sym.entry` into the constant
    `sym_program_<escaped name of the module>` of `sym/Runtime/abi.h`, with
    everything that it refers to: names, types, initial values, tables of
    arguments, results, variables and updates, and for each variant a wrapper
    `i32 (sym_frame *)` that takes the frame apart. Public host programs without
    arguments and results are listed too. All of it is read-only (S2).

    The name of the module is its symbol name, else the option `name`.

    Before:

    ```mlir
    sym.shared @state : tensor<i64> = dense<0>
    sym.entry @get : () -> tensor<i64> reads [@state] updates []
        inplace @get.inplace [#sym.slot<fresh>] outofplace @get.inplace [#sym.slot<fresh>]
    func.func private @get.inplace(%frame: !llvm.ptr, %s: !llvm.ptr) -> i32 { … }
    ```

    After:

    ```mlir
    func.func @get.inplace.entry(%frame: !llvm.ptr) -> i32 { … }
    llvm.mlir.global constant @sym_program_main() : !llvm.struct<…> { … }
    ```
  }];
  let dependentDialects = ["::mlir::LLVM::LLVMDialect"];
  let options = [
    Option<"name", "name", "std::string", "\"main\"",
           "Name of a module that has no symbol name">,
    Option<"target", "target", "std::string", "\"\"",
           "Triple and CPU, recorded in the descriptor">];
}

def SymOutlineVariants : Pass<"sym-outline-variants", "::mlir::ModuleOp"> {
  let summary = "Give each variant a module of its own";
  let description = [{
    Moves every variant of a function into a nested module, named after it, with
    what it refers to and the row of the table that it belongs to. A declaration
    of the function that the variant will be, `i32 (sym_frame *)`, stays. What is
    left is the table and the host programs.

    A program that is compiled just in time lowers the nested modules one at a
    time, each when its variant is first called.

    Before:

    ```mlir
    sym.shared @state : tensor<i64> = dense<0>
    sym.entry @get : () -> tensor<i64> reads [@state] updates []
        inplace @get.inplace [#sym.slot<fresh>] outofplace @get.inplace [#sym.slot<fresh>]
    func.func private @get.inplace(%s: memref<i64>) { … }
    ```

    After:

    ```mlir
    sym.shared @state : tensor<i64> = dense<0>
    sym.entry @get : () -> tensor<i64> reads [@state] updates []
        inplace @get.inplace [#sym.slot<fresh>] outofplace @get.inplace [#sym.slot<fresh>]
    module @get.inplace.unit {
      sym.entry @get : () -> tensor<i64> …
      func.func private @get.inplace(%s: memref<i64>) { … }
      sym.shared @state : tensor<i64> = dense<0>
    }
    llvm.func @get.inplace(!llvm.ptr) -> i32
    ```
  }];
  let dependentDialects = ["::mlir::LLVM::LLVMDialect"];
  let statistics = [
    Statistic<"numVariants", "variants", "Variants moved to modules">];
}

def SymExportVariants : Pass<"sym-export-variants", "::mlir::ModuleOp"> {
  let summary = "Drop the table of a lowered unit and export its variants";
  let description = [{
    For a module that `sym-outline-variants` made, in the place of
    `sym-emit-program`: `sym.shared` and `sym.entry` go, the variants that are
    defined here become external, and every other function internal.
  }];
  let dependentDialects = ["::mlir::LLVM::LLVMDialect"];
}

def SymConvertToLLVM : Pass<"sym-convert-to-llvm", "::mlir::ModuleOp"> {
  let summary = "Convert the rest to the LLVM dialect";
  let description = [{
    Converts `func`, `cf`, `arith`, `math`, `memref`, `vector`, `complex`,
    `index`, `ub` and `omp` to the LLVM dialect in one conversion. Functions
    become internal, so that the descriptor is all that a program exports.

    Before:

    ```mlir
    func.func private @f(%x: i32) -> i32 {
      %r = arith.addi %x, %x : i32
      return %r : i32
    }
    ```

    After:

    ```mlir
    llvm.func internal @f(%x: i32) -> i32 {
      %r = llvm.add %x, %x : i32
      llvm.return %r : i32
    }
    ```
  }];
  let dependentDialects = ["::mlir::LLVM::LLVMDialect"];
}

def SymAnnotateAliasing : Pass<"sym-annotate-aliasing", "::mlir::LLVM::LLVMFuncOp"> {
  let summary = "Tell LLVM which buffers do not overlap";
  let description = [{
    Buffers of a variant never overlap: what the runtime hands out, its sources,
    and its arguments. LLVM sees that of `noalias` arguments, but not of results,
    and of nothing at all once a parallel loop has been outlined and finds its
    pointers in memory. The pass gives each buffer a scope and marks the accesses
    whose buffer it finds.

    Before:

    ```mlir
    llvm.func @f(%frame: !llvm.ptr, %s: !llvm.ptr {llvm.noalias}) {
      %0 = llvm.mlir.constant(0 : i32) : i32
      %r = llvm.call @sym_rt_result(%frame, %0, %frame) : (!llvm.ptr, i32, !llvm.ptr) -> !llvm.ptr
      %x = llvm.load %s : !llvm.ptr -> f32
      llvm.store %x, %r : f32, !llvm.ptr
      llvm.return
    }
    ```

    After:

    ```mlir
      %x = llvm.load %s {alias_scopes = [#scope_s], noalias_scopes = [#scope_r]} : !llvm.ptr -> f32
      llvm.store %x, %r {alias_scopes = [#scope_r], noalias_scopes = [#scope_s]} : f32, !llvm.ptr
    ```
  }];
  let dependentDialects = ["::mlir::LLVM::LLVMDialect"];
  let statistics = [
    Statistic<"numAccesses", "num-accesses", "Accesses marked">];
}

#endif // SYM_CONVERSION_PASSES_TD
