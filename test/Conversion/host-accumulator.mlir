// Lowers two variants and a host program to the ABI and emits the descriptor.
// RUN: sym-opt %s --sym-stage-host | FileCheck %s
sym.shared @state : tensor<i64> = dense<0>
sym.entry @accumulator : (tensor<i64>) -> tensor<i64> reads [@state] updates [@state]
    inplace @accumulator.inplace [#sym.slot<fresh>, #sym.slot<inplace>]
    outofplace @accumulator.outofplace [#sym.slot<fresh>, #sym.slot<fresh>]
func.func private @accumulator.inplace(%inc: memref<i64>, %s: memref<i64>) {
  %old = sym.alloc_result 0() : memref<i64>
  memref.copy %s, %old : memref<i64> to memref<i64>
  %a = memref.load %s[] : memref<i64>
  %b = memref.load %inc[] : memref<i64>
  %c = arith.addi %a, %b : i64
  memref.store %c, %s[] : memref<i64>
  return
}
func.func private @accumulator.outofplace(%inc: memref<i64>, %s: memref<i64>) {
  %old = sym.alloc_result 0() : memref<i64>
  %new = sym.alloc_result 1() : memref<i64>
  memref.copy %s, %old : memref<i64> to memref<i64>
  %a = memref.load %s[] : memref<i64>
  %b = memref.load %inc[] : memref<i64>
  %c = arith.addi %a, %b : i64
  memref.store %c, %new[] : memref<i64>
  return
}
func.func @main() {
  %one = memref.alloc() : memref<i64>
  %c1 = arith.constant 1 : i64
  memref.store %c1, %one[] : memref<i64>
  %old = sym.call @accumulator(%one) : (memref<i64>) -> memref<i64>
  sym.print %old : memref<i64>
  %now = sym.get_value @state : memref<i64>
  sym.print "now " %now : memref<i64>
  memref.dealloc %old : memref<i64>
  memref.dealloc %now : memref<i64>
  memref.dealloc %one : memref<i64>
  return
}

// The variant takes its buffers as pointers that do not overlap.
// CHECK-LABEL: llvm.func internal @accumulator.inplace.sym.impl(
// CHECK-SAME: %[[FRAME:.*]]: !llvm.ptr, %[[INC:.*]]: !llvm.ptr {llvm.noalias}, %[[S:.*]]: !llvm.ptr {llvm.noalias}) -> i32
// CHECK: %[[OLD:.*]] = llvm.call @sym_rt_result(%[[FRAME]], %{{.*}}, %{{.*}})
// CHECK: llvm.cond_br %{{.*}} weights([2000, 1]), ^bb1, ^bb2
// CHECK: "llvm.intr.memcpy"(%[[OLD]], %[[S]]
// CHECK: llvm.store %{{.*}}, %[[S]] {{.*}}: i64, !llvm.ptr
// CHECK: llvm.return

// A failing call ends the host program with its status (T10).
// CHECK-LABEL: llvm.func internal @main.sym(
// CHECK-SAME: %[[FRAME:.*]]: !llvm.ptr) -> i32
// CHECK: llvm.call @sym_rt_alloc(%[[FRAME]]
// CHECK: %[[STATUS:.*]] = llvm.call @sym_rt_call(%[[FRAME]]
// CHECK: llvm.cond_br %{{.*}}, ^bb2, ^[[FAIL:.*]](%[[STATUS]] : i32)
// CHECK: ^[[FAIL]](%[[ENDS:.*]]: i32):
// CHECK: llvm.return %[[ENDS]] : i32

// CHECK: llvm.mlir.global external constant @sym_program_main()
