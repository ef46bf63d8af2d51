// RUN: sym-opt %s --sym-to-llvm=until-after=buffers --split-input-file | FileCheck %s
// RUN: sym-opt %s --sym-to-llvm="until-after=buffers force-copies" --split-input-file \
// RUN:   | FileCheck %s --check-prefix=COPIES

// T3: the old value is copied first, the update is done in place.
sym.shared @state : tensor<i64> = dense<0>
// CHECK: sym.entry @accumulator {{.*}} inplace @accumulator.inplace [#sym.slot<fresh>, #sym.slot<inplace>] outofplace @accumulator.outofplace [#sym.slot<moved, 0>, #sym.slot<fresh>]
// CHECK: func.func private @accumulator.inplace(%[[INC:.*]]: memref<i64>, %[[S:.*]]: memref<i64>) {
// CHECK:   %[[OLD:.*]] = sym.alloc_result 0() : memref<i64>
// CHECK:   memref.copy %[[S]], %[[OLD]]
// CHECK:   linalg.generic {{.*}} ins(%[[INC]], %[[S]] : {{.*}}) outs(%[[S]] : memref<i64>)
// COPIES: inplace @accumulator.outofplace [#sym.slot<moved, 0>, #sym.slot<fresh>] outofplace @accumulator.outofplace
sym.func @accumulator(%inc: tensor<i64>) -> tensor<i64> {
  %s = sym.read @state : tensor<i64>
  %next = arith.addi %inc, %s : tensor<i64>
  sym.return %s : tensor<i64> updates(@state = %next : tensor<i64>)
}

// -----

// T2, C1: a swap and a rotation exchange pointers.
sym.shared @a : tensor<?xf32>
sym.shared @b : tensor<?xf32>
sym.shared @c : tensor<?xf32>
// CHECK: sym.entry @swap {{.*}} inplace @swap.outofplace [#sym.slot<moved, 1>, #sym.slot<moved, 0>]
// CHECK: func.func private @swap.outofplace(%{{.*}}: memref<?xf32>, %{{.*}}: memref<?xf32>) {
// CHECK-NEXT: return
sym.func @swap() {
  %a = sym.read @a : tensor<?xf32>
  %b = sym.read @b : tensor<?xf32>
  sym.return updates(@a = %b : tensor<?xf32>, @b = %a : tensor<?xf32>)
}
// CHECK: sym.entry @rotate {{.*}} inplace @rotate.outofplace [#sym.slot<moved, 1>, #sym.slot<moved, 2>, #sym.slot<moved, 0>]
sym.func @rotate() {
  %a = sym.read @a : tensor<?xf32>
  %b = sym.read @b : tensor<?xf32>
  %c = sym.read @c : tensor<?xf32>
  sym.return updates(@a = %b : tensor<?xf32>, @b = %c : tensor<?xf32>, @c = %a : tensor<?xf32>)
}

// The first keeps its buffer, so the second gets a copy; the third moves.
// CHECK: sym.entry @shift {{.*}} updates [@b, @c] inplace @shift.outofplace [#sym.slot<fresh>, #sym.slot<moved, 1>]
// CHECK: func.func private @shift.outofplace(%[[A:.*]]: memref<?xf32>, %{{.*}}: memref<?xf32>) {
// CHECK: %[[R:.*]] = sym.alloc_result 0(%{{.*}}) : memref<?xf32>
// CHECK-NEXT: memref.copy %[[A]], %[[R]]
// CHECK-NEXT: return
sym.func @shift() {
  %a = sym.read @a : tensor<?xf32>
  %b = sym.read @b : tensor<?xf32>
  sym.return updates(@c = %b : tensor<?xf32>, @b = %a : tensor<?xf32>)
}

// A no-op update disappears: nothing is written, nothing is locked for it.
// CHECK: sym.entry @noop : () -> () reads [@a] updates [] inplace @noop.outofplace [] outofplace @noop.outofplace []
sym.func @noop() {
  %a = sym.read @a : tensor<?xf32>
  sym.return updates(@a = %a : tensor<?xf32>)
}

// -----

// Host programs own what they get, and free it.
sym.shared @state : tensor<i64> = dense<0>
sym.func @get() -> tensor<i64> {
  %s = sym.read @state : tensor<i64>
  sym.return %s : tensor<i64>
}
// CHECK-LABEL: func.func @main
// CHECK: %[[OLD:.*]] = sym.call @get() : () -> memref<i64>
// CHECK: %[[NOW:.*]] = sym.get_value @state : memref<i64>
// CHECK: %[[SUM:.*]] = memref.alloc()
// CHECK: sym.set_value @state = %[[SUM]]
// CHECK-DAG: memref.dealloc %[[OLD]]
// CHECK-DAG: memref.dealloc %[[NOW]]
// CHECK-DAG: memref.dealloc %[[SUM]]
func.func @main() {
  %old = sym.call @get() : () -> tensor<i64>
  %now = sym.get_value @state : tensor<i64>
  %sum = arith.addi %now, %old : tensor<i64>
  sym.set_value @state = %sum : tensor<i64>
  return
}
