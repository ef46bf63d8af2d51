// RUN: sym-opt %s --sym-plan-memory --canonicalize --cse --split-input-file | FileCheck %s

// C2: two temporaries of one dynamic size that are alive together get two
// places; the third takes the place of the first.
sym.entry @dynamic : (tensor<?xf32>) -> () reads [] updates [] inplace @d [] outofplace @d []
// CHECK-LABEL: func.func private @d(
// CHECK-SAME: %[[X:.*]]: memref<?xf32>)
// CHECK-DAG: %[[N:.*]] = memref.dim %[[X]]
// CHECK-DAG: %[[C0:.*]] = arith.constant 0 : index
// CHECK: %[[BYTES:.*]], %[[HIGH:.*]] = arith.mului_extended %[[N]], %{{.*}} : index
// CHECK: %[[SUM:.*]] = arith.addi %[[BYTES]], %{{.*}}
// CHECK: %[[ALIGNED:.*]] = arith.andi %[[SUM]]
// CHECK: %[[TOTAL:.*]] = arith.addi %[[ALIGNED]], %[[ALIGNED]]
// CHECK: sym.check %{{.*}}, kind(overflow) "the temporaries of the call are too large"
// CHECK: %[[ARENA:.*]] = sym.arena %[[TOTAL]]
// CHECK: %[[T0:.*]] = memref.view %[[ARENA]][%[[C0]]][%[[N]]]
// CHECK: %[[T1:.*]] = memref.view %[[ARENA]][%[[ALIGNED]]][%[[N]]]
// CHECK: memref.copy %[[X]], %[[T0]]
// CHECK: memref.copy %[[T0]], %[[T1]]
// CHECK: memref.copy %[[T1]], %[[T0]]
func.func private @d(%x: memref<?xf32>) {
  %c0 = arith.constant 0 : index
  %n = memref.dim %x, %c0 : memref<?xf32>
  %a = memref.alloc(%n) : memref<?xf32>
  memref.copy %x, %a : memref<?xf32> to memref<?xf32>
  %b = memref.alloc(%n) : memref<?xf32>
  memref.copy %a, %b : memref<?xf32> to memref<?xf32>
  %c = memref.alloc(%n) : memref<?xf32>
  memref.copy %b, %c : memref<?xf32> to memref<?xf32>
  return
}

// -----

// A loop's temporary is placed once; what is used in the loop but made before
// it is alive in all of it.
sym.entry @loop : (tensor<100xf32>) -> () reads [] updates [] inplace @l [] outofplace @l []
// CHECK-LABEL: func.func private @l(
// CHECK: sym.arena %c896
// CHECK: memref.view
// CHECK: memref.view
// CHECK: scf.for
// CHECK-NOT: memref.alloc
func.func private @l(%x: memref<100xf32>) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c9 = arith.constant 9 : index
  %a = memref.alloc() : memref<100xf32>
  memref.copy %x, %a : memref<100xf32> to memref<100xf32>
  scf.for %i = %c0 to %c9 step %c1 {
    %b = memref.alloc() : memref<100xf32>
    memref.copy %a, %b : memref<100xf32> to memref<100xf32>
    memref.copy %b, %x : memref<100xf32> to memref<100xf32>
  }
  return
}

// -----

// Small ones go on the stack, at the top of the function.
sym.entry @small : (tensor<f32>) -> () reads [] updates [] inplace @s [] outofplace @s []
// CHECK-LABEL: func.func private @s(
// CHECK: %[[A:.*]] = memref.alloca() {alignment = 64 : i64} : memref<f32>
// CHECK: scf.for
func.func private @s(%x: memref<f32>) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c9 = arith.constant 9 : index
  scf.for %i = %c0 to %c9 step %c1 {
    %a = memref.alloc() {alignment = 64 : i64} : memref<f32>
    memref.copy %x, %a : memref<f32> to memref<f32>
    memref.copy %a, %x : memref<f32> to memref<f32>
  }
  return
}

// -----

// What a loop hands to its next iteration, and what has a size that only the
// run tells, stays allocated.
sym.entry @left : (tensor<4096xf32>) -> () reads [] updates [] inplace @k [] outofplace @k []
// CHECK-LABEL: func.func private @k(
// CHECK-NOT: sym.arena
// CHECK: scf.for
// CHECK: memref.alloc() : memref<4096xf32>
// CHECK: memref.alloc(%{{.*}}) : memref<?xf32>
func.func private @k(%x: memref<4096xf32>) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c9 = arith.constant 9 : index
  %r = scf.for %i = %c0 to %c9 step %c1 iter_args(%y = %x) -> (memref<4096xf32>) {
    %a = memref.alloc() : memref<4096xf32>
    memref.copy %y, %a : memref<4096xf32> to memref<4096xf32>
    %b = memref.alloc(%i) : memref<?xf32>
    %v = memref.subview %a[0] [%i] [1] : memref<4096xf32> to memref<?xf32, strided<[1]>>
    memref.copy %b, %v : memref<?xf32> to memref<?xf32, strided<[1]>>
    scf.yield %a : memref<4096xf32>
  }
  memref.copy %r, %x : memref<4096xf32> to memref<4096xf32>
  return
}
