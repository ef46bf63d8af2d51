// Parallel loops become OpenMP constructs, whose bodies may branch.

// RUN: sym-opt %s --sym-parallel-to-openmp | FileCheck %s

// CHECK-LABEL: func.func @f
// CHECK: omp.parallel
// CHECK: omp.wsloop
// CHECK: omp.loop_nest
// CHECK-NOT: alloca_scope
// CHECK: memref.store
func.func @f(%a: memref<?xf32>, %n: index, %x: f32) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  scf.parallel (%i) = (%c0) to (%n) step (%c1) {
    memref.store %x, %a[%i] : memref<?xf32>
    scf.reduce
  }
  return
}
