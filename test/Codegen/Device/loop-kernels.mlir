// Loops over single elements become kernels.
// RUN: sym-opt %s --sym-loop-kernels --canonicalize | FileCheck %s

// A scatter of rows: a thread has a column, and all rows in their order.
// CHECK-LABEL: gpu.func @scatter(
// CHECK-SAME: known_block_size = array<i32: 256, 1, 1>
// CHECK-DAG: %[[B:.*]] = gpu.block_id x
// CHECK-DAG: %[[T:.*]] = gpu.thread_id x
// CHECK-DAG: %[[G:.*]] = gpu.grid_dim x
// CHECK-DAG: %[[FIRST:.*]] = arith.addi
// CHECK-DAG: %[[ALL:.*]] = arith.muli %[[G]], %c256
// CHECK: scf.for %{{.*}} = %c0 to %{{.*}} step %c1
// CHECK: scf.for %{{.*}} = %[[FIRST]] to %{{.*}} step %[[ALL]]

// Of elements: one thread, since an element may come twice.
// CHECK-LABEL: gpu.func @elements(
// CHECK-SAME: known_block_size = array<i32: 1, 1, 1>
// The row before is read: the rows wait for each other, the columns do not.
// CHECK-LABEL: gpu.func @recurrence(
// CHECK-SAME: known_block_size = array<i32: 256, 1, 1>
// CHECK: scf.for %{{.*}} = %c1 to
// CHECK: scf.for %{{[^ ]*}} = %{{[^c]}}
// Arguments that may overlap.
// CHECK-LABEL: gpu.func @overlap(
// CHECK-SAME: known_block_size = array<i32: 1, 1, 1>

// CHECK-LABEL: func.func @scatter
// CHECK: gpu.launch_func @kernels::@scatter
// What ends the call, or computes a value, is the host's.
// CHECK-LABEL: func.func @check
// CHECK-NOT: gpu.launch_func
// CHECK-LABEL: func.func @value
// CHECK-NOT: gpu.launch_func
func.func @scatter(%width: index) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %n = arith.constant 9 : index
  %ids = memref.alloc() : memref<9xi64>
  %g = memref.alloc(%width) : memref<9x?xf32>
  %table = memref.alloc(%width) : memref<5x?xf32>
  scf.for %i = %c0 to %n step %c1 {
    %id = memref.load %ids[%i] : memref<9xi64>
    %row = arith.index_cast %id : i64 to index
    scf.for %j = %c0 to %width step %c1 {
      %old = memref.load %table[%row, %j] : memref<5x?xf32>
      %d = memref.load %g[%i, %j] : memref<9x?xf32>
      %new = arith.addf %old, %d : f32
      memref.store %new, %table[%row, %j] : memref<5x?xf32>
    }
  }
  return
}
func.func @elements(%n: index) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %ids = memref.alloc(%n) : memref<?xi64>
  %counts = memref.alloc(%n) : memref<?xi64>
  %one = arith.constant 1 : i64
  scf.for %i = %c0 to %n step %c1 {
    %id = memref.load %ids[%i] : memref<?xi64>
    %at = arith.index_cast %id : i64 to index
    %old = memref.load %counts[%at] : memref<?xi64>
    %new = arith.addi %old, %one : i64
    memref.store %new, %counts[%at] : memref<?xi64>
  }
  return
}
func.func @recurrence(%n: index) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %a = memref.alloc(%n, %n) : memref<?x?xf32>
  scf.for %i = %c1 to %n step %c1 {
    %before = arith.subi %i, %c1 : index
    scf.for %j = %c0 to %n step %c1 {
      %x = memref.load %a[%before, %j] : memref<?x?xf32>
      %y = memref.load %a[%i, %j] : memref<?x?xf32>
      %s = arith.addf %x, %y : f32
      memref.store %s, %a[%i, %j] : memref<?x?xf32>
    }
  }
  return
}
func.func @overlap(%a: memref<?xf32>, %b: memref<?xf32>, %n: index) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  scf.for %i = %c0 to %n step %c1 {
    %x = memref.load %a[%i] : memref<?xf32>
    memref.store %x, %b[%i] : memref<?xf32>
  }
  return
}
func.func @check(%a: memref<?xf32>, %n: index) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %f = arith.constant 0.0 : f32
  scf.for %i = %c0 to %n step %c1 {
    %x = memref.load %a[%i] : memref<?xf32>
    %ok = arith.cmpf oge, %x, %f : f32
    sym.check %ok, "negative"
    memref.store %f, %a[%i] : memref<?xf32>
  }
  return
}
func.func @value(%a: memref<?xf32>, %n: index) -> f32 {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %f = arith.constant 0.0 : f32
  %s = scf.for %i = %c0 to %n step %c1 iter_args(%s = %f) -> (f32) {
    %x = memref.load %a[%i] : memref<?xf32>
    memref.store %f, %a[%i] : memref<?xf32>
    %t = arith.addf %s, %x : f32
    scf.yield %t : f32
  }
  return %s : f32
}
