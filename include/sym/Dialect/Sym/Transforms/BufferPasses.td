//===- BufferPasses.td - Passes of the stage buffers -------*- tablegen -*-===//

#ifndef SYM_DIALECT_SYM_TRANSFORMS_BUFFERPASSES_TD
#define SYM_DIALECT_SYM_TRANSFORMS_BUFFERPASSES_TD

include "mlir/Pass/PassBase.td"

def SymHoistLoopChecks
    : Pass<"sym-hoist-loop-checks", "::mlir::func::FuncOp"> {
  let summary = "Check all iterations of a loop before it computes (T4)";
  let description = [{
    Where the checks in an `scf.for` that carries tensors do not depend on what
    it carries, a loop of the checks alone is put before it. The loop itself can
    then update state in place.

    ```mlir
    %r = scf.for %i = %c0 to %n step %c1 iter_args(%t = %s) -> tensor<?xf32> {
      %k = tensor.extract %indices[%i] : tensor<?xindex>
      %ok = arith.cmpi ult, %k, %size : index
      sym.check %ok, kind(index) "out of range"
      %u = tensor.insert %x into %t[%k] : tensor<?xf32>
      scf.yield %u : tensor<?xf32>
    }
    ```

    becomes

    ```mlir
    scf.for %i = %c0 to %n step %c1 {
      %k = tensor.extract %indices[%i] : tensor<?xindex>
      %ok = arith.cmpi ult, %k, %size : index
      sym.check %ok, kind(index) "out of range"
    }
    %r = scf.for %i = %c0 to %n step %c1 iter_args(%t = %s) -> tensor<?xf32> {
      %k = tensor.extract %indices[%i] : tensor<?xindex>
      %u = tensor.insert %x into %t[%k] : tensor<?xf32>
      scf.yield %u : tensor<?xf32>
    }
    ```
  }];
  let dependentDialects = ["::mlir::scf::SCFDialect"];
  let statistics = [
    Statistic<"numHoisted", "hoisted", "Checks taken out of loops">
  ];
}

def SymMakeVariants : Pass<"sym-make-variants", "::mlir::ModuleOp"> {
  let summary = "Give each entry an in-place and an out-of-place variant";
  let description = [{
    In the in-place variant, the arguments of variables that are read and
    updated may be written; in the out-of-place one none may, nor the function's
    own arguments unless they are `sym.mutable` (B4). A variable whose old value
    is returned whole is not written in either, if it is large or of unknown
    size: with a new buffer for the new value the old one need not be copied. The variants still compute
    on tensors and return their values; the slots are empty. An entry that
    cannot update in place has one function under both names. An update that
    stores the value that was read is dropped. A `relaxed` variable whose value
    decides an index, a shape, a check or a branch is copied first (T7).

    ```mlir
    sym.shared @s : tensor<4xf32>
    sym.entry @f : (tensor<4xf32>) -> () reads [@s] updates [@s] body @f.body
    func.func private @f.body(%x: tensor<4xf32>, %s: tensor<4xf32>) -> tensor<4xf32> {…}
    ```

    becomes

    ```mlir
    sym.shared @s : tensor<4xf32>
    sym.entry @f : (tensor<4xf32>) -> () reads [@s] updates [@s]
        inplace @f.inplace [] outofplace @f.outofplace []
    func.func private @f.inplace(
        %x: tensor<4xf32> {bufferization.writable = false},
        %s: tensor<4xf32> {bufferization.writable = true}) -> tensor<4xf32> {…}
    func.func private @f.outofplace(
        %x: tensor<4xf32> {bufferization.writable = false},
        %s: tensor<4xf32> {bufferization.writable = false}) -> tensor<4xf32> {…}
    ```
  }];
  let options = [
    Option<"forceCopies", "force-copies", "bool", "false",
           "Make no in-place variants (for testing)">
  ];
  let dependentDialects = ["::mlir::bufferization::BufferizationDialect",
                           "::mlir::func::FuncDialect"];
  let statistics = [
    Statistic<"numVariants", "variants", "Functions made">,
    Statistic<"numDropped", "updates-dropped", "Updates that change nothing">,
    Statistic<"numRelaxedCopies", "relaxed-copies",
              "Relaxed variables copied since they decide something">
  ];
}

def SymChooseDestinations
    : Pass<"sym-choose-destinations", "::mlir::ModuleOp"> {
  let summary = "Name the tensors that updates and results are computed into";
  let description = [{
    One-Shot Bufferize decides whether the destination that an operation names
    can be written in place, not whether another would do. In the in-place
    variant, an update whose destination is a fresh tensor gets the variable's
    own as its destination, through `scf.if`, `scf.for` and chains of insertions;
    in both variants, a value that a loop carries is computed into the carried
    tensor. The shapes must be the same for every run. Where the old value is
    still needed, the analysis restores the fresh tensor.

    A result that is the old value of a variable that may be written in place is
    copied first (T3).

    ```mlir
    func.func private @f.inplace(%x: tensor<4xf32>, %s: tensor<4xf32>)
        -> (tensor<4xf32>, tensor<4xf32>) {
      %e = tensor.empty() : tensor<4xf32>
      %n = linalg.add ins(%x, %s : tensor<4xf32>, tensor<4xf32>)
                      outs(%e : tensor<4xf32>) -> tensor<4xf32>
      return %s, %n : tensor<4xf32>, tensor<4xf32>
    }
    ```

    becomes

    ```mlir
    func.func private @f.inplace(%x: tensor<4xf32>, %s: tensor<4xf32>)
        -> (tensor<4xf32>, tensor<4xf32>) {
      %old = bufferization.alloc_tensor() copy(%s) : tensor<4xf32>
      %n = linalg.add ins(%x, %s : tensor<4xf32>, tensor<4xf32>)
                      outs(%s : tensor<4xf32>) -> tensor<4xf32>
      return %old, %n : tensor<4xf32>, tensor<4xf32>
    }
    ```
  }];
  let dependentDialects = ["::mlir::bufferization::BufferizationDialect"];
  let statistics = [
    Statistic<"numDestinations", "destinations", "Destinations named">,
    Statistic<"numResultCopies", "result-copies",
              "Results copied to set their variable free">
  ];
}

def SymAssignSlots : Pass<"sym-assign-slots", "::mlir::ModuleOp"> {
  let summary = "Say what each result and update of a variant is (C1)";
  let description = [{
    A returned buffer that is the variable's own is `inplace`; one that is an
    untouched source of a variable which gets another buffer is `moved`, be it
    to another variable or, as the old value, to a result; where
    branches decide between such sources, and no path takes one twice, it is
    `selected`; an allocation of the function's own becomes the slot's `sym.alloc_result` and
    is `fresh`. Everything else is copied into a `sym.alloc_result`. The
    functions return nothing afterwards. Where nothing is in place after all, the
    out-of-place variant serves for both.

    ```mlir
    sym.entry @f : (tensor<4xf32>) -> tensor<4xf32> reads [@s] updates [@s]
        inplace @f.inplace [] outofplace @f.outofplace []
    func.func private @f.inplace(%x: memref<4xf32>, %s: memref<4xf32>)
        -> (memref<4xf32>, memref<4xf32>) {
      %old = memref.alloc() : memref<4xf32>
      memref.copy %s, %old : memref<4xf32> to memref<4xf32>
      linalg.add ins(%x, %s : memref<4xf32>, memref<4xf32>) outs(%s : memref<4xf32>)
      return %old, %s : memref<4xf32>, memref<4xf32>
    }
    ```

    becomes

    ```mlir
    sym.entry @f : (tensor<4xf32>) -> tensor<4xf32> reads [@s] updates [@s]
        inplace @f.inplace [#sym.slot<fresh>, #sym.slot<inplace>]
        outofplace @f.outofplace [#sym.slot<fresh>, #sym.slot<fresh>]
    func.func private @f.inplace(%x: memref<4xf32>, %s: memref<4xf32>) {
      %old = sym.alloc_result 0() : memref<4xf32>
      memref.copy %s, %old : memref<4xf32> to memref<4xf32>
      linalg.add ins(%x, %s : memref<4xf32>, memref<4xf32>) outs(%s : memref<4xf32>)
      return
    }
    ```
  }];
  let dependentDialects = ["::mlir::memref::MemRefDialect"];
  let statistics = [
    Statistic<"numInPlace", "inplace", "Slots in place">,
    Statistic<"numMoved", "moved", "Slots moved">,
    Statistic<"numMovedResults", "moved-results", "Old values returned as they are">,
    Statistic<"numMerged", "merged", "In-place variants that were none">,
    Statistic<"numSelected", "selected", "Slots selected at run time">,
    Statistic<"numFresh", "fresh", "Slots with a buffer of their own">,
    Statistic<"numCopies", "copies", "Copies made for a slot or a source">
  ];
}

def SymRotateLoopBuffers
    : Pass<"sym-rotate-loop-buffers", "::mlir::ModuleOp"> {
  let summary = "Let loops take turns with buffers made before them (C2)";
  let description = [{
    An `scf.for` that yields an allocation of its body allocates in every
    iteration. If the size does not depend on the iteration, the buffers are
    allocated once, before the loop, and take turns; a copy that only moves a
    carried buffer to another position is dropped.

    ```mlir
    %r = scf.for %i = %c0 to %n step %c1 iter_args(%x = %s) -> (memref<8xf32>) {
      %y = memref.alloc() : memref<8xf32>
      linalg.generic … ins(%x) outs(%y) …
      scf.yield %y : memref<8xf32>
    }
    ```

    becomes

    ```mlir
    %a = memref.alloc() : memref<8xf32>
    %b = memref.alloc() : memref<8xf32>
    %r:3 = scf.for %i = %c0 to %n step %c1
        iter_args(%x = %s, %owned = %a, %spare = %b)
        -> (memref<8xf32>, memref<8xf32>, memref<8xf32>) {
      linalg.generic … ins(%x) outs(%spare) …
      scf.yield %spare, %spare, %owned
          : memref<8xf32>, memref<8xf32>, memref<8xf32>
    }
    ```

    A loop inside takes over the buffers of the one around it and returns as
    many; so does an `scf.while`, whichever of its regions computes.

    A copy of what a loop begins with, forwards or yields is dropped where nobody
    writes either buffer once it is handed on, or where the buffer goes to one
    place only.
  }];
  let dependentDialects = ["::mlir::memref::MemRefDialect"];
  let statistics = [
    Statistic<"numRotated", "rotated", "Allocations taken out of loops">,
    Statistic<"numMoved", "moved", "Copies in loops that became moves">
  ];
}

def SymPlanMemory : Pass<"sym-plan-memory", "::mlir::ModuleOp"> {
  let summary = "Place the temporaries of a variant in one arena (C2)";
  let description = [{
    Allocations whose size can be computed when the call begins become
    `memref.view`s of one `sym.arena`, those of small static size
    `memref.alloca`s. Temporaries that are not alive at the same time share
    memory. What remains allocated has a size that is not known at entry, or
    outlives the iteration of a loop that allocates it.

    ```mlir
    func.func private @f.inplace(%x: memref<?xf32>, %s: memref<f32>) {
      %c0 = arith.constant 0 : index
      %n = memref.dim %x, %c0 : memref<?xf32>
      %t = memref.alloc(%n) : memref<?xf32>
      …
    ```

    becomes

    ```mlir
    func.func private @f.inplace(%x: memref<?xf32>, %s: memref<f32>) {
      %c0 = arith.constant 0 : index
      %n = memref.dim %x, %c0 : memref<?xf32>
      %bytes = …
      sym.check %fits, kind(overflow) "the temporaries of the call are too large"
      %arena = sym.arena %bytes : memref<?xi8>
      %t = memref.view %arena[%c0][%n] : memref<?xi8> to memref<?xf32>
      …
    ```
  }];
  let options = [
    Option<"stackLimit", "stack-limit", "int64_t", "256",
           "Bytes up to which a temporary goes on the stack">,
    Option<"stackTotal", "stack-total", "int64_t", "4096",
           "Bytes that the temporaries of one variant take of the stack">
  ];
  let dependentDialects = ["::mlir::arith::ArithDialect",
                           "::mlir::memref::MemRefDialect"];
  let statistics = [
    Statistic<"numStack", "stack", "Temporaries on the stack">,
    Statistic<"numArena", "arena", "Temporaries in an arena">,
    Statistic<"numReused", "reused", "Temporaries that share memory">,
    Statistic<"numLeft", "left", "Allocations that remain">,
    Statistic<"arenaBytes", "arena-bytes",
              "Bytes that temporaries of static size take of arenas">
  ];
}

def SymScheduleCommit : Pass<"sym-schedule-commit", "::mlir::ModuleOp"> {
  let summary = "Let nothing fail after the first write to state (T4)";
  let description = [{
    Moves checks and allocations before the first write to a source. A variable
    that may still be written before something fails (a check in a loop that
    also writes it, say) is computed in a buffer of its own: its slot becomes
    `fresh`, and starts as a copy of the source.

    ```mlir
    linalg.fill ins(%c : f32) outs(%s : memref<4xf32>)
    sym.check %ok, "not ok"
    %r = sym.alloc_result 0() : memref<4xf32>
    ```

    becomes

    ```mlir
    sym.check %ok, "not ok"
    %r = sym.alloc_result 0() : memref<4xf32>
    linalg.fill ins(%c : f32) outs(%s : memref<4xf32>)
    ```
  }];
  let dependentDialects = ["::mlir::memref::MemRefDialect"];
  let statistics = [
    Statistic<"numMovedUp", "moved-up", "Operations moved before a write">,
    Statistic<"numOutOfPlace", "out-of-place",
              "In-place updates given up since something fails after them">
  ];
}

def SymVerifyCommit : Pass<"sym-verify-commit", "::mlir::ModuleOp"> {
  let summary = "Verify what the stage buffers leaves";
  let description = [{
    * Variants take buffers of identity layout, return nothing and hold no
      tensors.
    * T4: no check and no allocation can run after a write to a source, through
      views and around loops.
    * C1, S1: every slot has a kind; a fresh one has one buffer of its own,
      allocated on every path, and others have none.
    * B2: a source is written only where its update is in place.

    Changes nothing.
  }];
}

def SymReportBuffers : Pass<"sym-report-buffers", "::mlir::ModuleOp"> {
  let summary = "Say what becomes of each update, and what is copied";
  let description = [{
    Emits a remark for each variant of each function: how many of its updates
    are written in place, take the buffer of another variable (moved, or selected
    at run time) or have a new buffer (C1); how many copies of buffers are left;
    and how many allocations a call makes besides its results and its one arena
    of temporaries (C2).

    ```mlir
    // remark: in place: updates: 1 in place, 0 moved, 0 selected, 0 fresh; copies: 1; allocations: 0
    // remark: out of place: updates: 0 in place, 0 moved, 0 selected, 1 fresh; copies: 1; allocations: 0
    sym.entry @accumulate : (tensor<i64>) -> tensor<i64> reads [@n] updates [@n]
        inplace @accumulate.inplace [#sym.slot<fresh>, #sym.slot<inplace>]
        outofplace @accumulate.outofplace [#sym.slot<fresh>, #sym.slot<fresh>]
    ```

    Changes nothing. The pipeline runs it behind the stage `buffers` if its
    option `report-buffers` is set.
  }];
}

def SymDeallocateBuffers : Pass<"sym-deallocate-buffers", "::mlir::ModuleOp"> {
  let summary = "Free what host programs own and what loops allocate";
  let description = [{
    Runs upstream's ownership-based deallocation on host programs, which own
    what `sym.call` and `sym.get_value` give them, and on the variants in which
    allocations remain: the runtime frees these at the end of the call, which is
    late for those of a loop.

    ```mlir
    func.func @main() {
      %v = sym.get_value @s : memref<4xf32>
      sym.print %v : memref<4xf32>
      return
    }
    ```

    becomes, after the usual simplification,

    ```mlir
    func.func @main() {
      %v = sym.get_value @s : memref<4xf32>
      sym.print %v : memref<4xf32>
      memref.dealloc %v : memref<4xf32>
      return
    }
    ```
  }];
  let dependentDialects = ["::mlir::bufferization::BufferizationDialect",
                           "::mlir::memref::MemRefDialect",
                           "::mlir::arith::ArithDialect",
                           "::mlir::scf::SCFDialect"];
}

def SymPlaceBuffers : Pass<"sym-place-buffers", "::mlir::ModuleOp"> {
  let summary = "Say which buffers are on a device";
  let description = [{
    Variables that name no memory space are on device `device`. A function runs
    on the device of its variables; one without variables on device `device`,
    unless it has scalars only; one whose variables are all on the host there.
    Variables on two devices are an error.

    In the variants of a function on a device, what structured operations with
    loops use is in the memory space `#sym.space<cuda, N>`, and so are results,
    the arena, arguments but for scalars, and what is computed from any of
    these. Values that are the same buffer, through views, choices and loops,
    are in one space. Scalars that are computed from scalars of the host stay
    there, and reach structured operations on the device by value. Values of
    variables on the host are copied.

    Before:

    ```mlir
    sym.entry @f : (tensor<f32>) -> () reads [@s] updates [@s] …
    func.func private @f.inplace(%lr: memref<f32>, %s: memref<?xf32>) {
      linalg.generic … ins(%lr : memref<f32>) outs(%s : memref<?xf32>) { … }
      return
    }
    ```

    After:

    ```mlir
    sym.entry @f : (tensor<f32>) -> () reads [@s] updates [@s] …
        {sym.device = #sym.space<cuda>}
    func.func private @f.inplace(%lr: memref<f32>, %s: memref<?xf32, #sym.space<cuda>>) {
      %v = memref.load %lr[] : memref<f32>
      linalg.generic … ins(%v : f32) outs(%s : memref<?xf32, #sym.space<cuda>>) { … }
      return
    }
    ```
  }];
  let options = [
    Option<"device", "device", "int64_t", "0",
           "The device of variables that name no space">
  ];
  let dependentDialects = ["::mlir::arith::ArithDialect",
                           "::mlir::memref::MemRefDialect",
                           "::mlir::scf::SCFDialect"];
  let statistics = [
    Statistic<"numFunctions", "functions", "Functions on a device">,
    Statistic<"numOnDevice", "on-device", "Buffers placed on a device">
  ];
}

def SymCommitOutOfPlace : Pass<"sym-commit-out-of-place", "::mlir::ModuleOp"> {
  let summary = "Let nothing be read from a device behind a write to state (T4)";
  let description = [{
    A read from a device waits for it, and fails if the device does. An in-place
    variant in which one may follow a write to a source is replaced by the
    out-of-place variant, which serves in both cases.

    Before:

    ```mlir
    sym.entry @f … inplace @f.inplace [#sym.slot<inplace>]
        outofplace @f.outofplace [#sym.slot<fresh>]
    func.func private @f.inplace(%s: memref<4xf32, #sym.space<cuda>>) {
      linalg.fill ins(%c : f32) outs(%s : memref<4xf32, #sym.space<cuda>>)
      %v = memref.load %s[%i] : memref<4xf32, #sym.space<cuda>>
      …
    ```

    After:

    ```mlir
    sym.entry @f … inplace @f.outofplace [#sym.slot<fresh>]
        outofplace @f.outofplace [#sym.slot<fresh>]
    ```
  }];
  let statistics = [
    Statistic<"numOutOfPlace", "out-of-place", "In-place variants given up">
  ];
}

#endif // SYM_DIALECT_SYM_TRANSFORMS_BUFFERPASSES_TD
